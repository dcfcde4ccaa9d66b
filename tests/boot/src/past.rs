//! What a person did last, for whoever looks at why a journey ended.

use crate::picture::Picture;
use std::{collections::VecDeque, path::Path, time::Instant};

/// So much is remembered.
const MOST: usize = 12;

/// The last things that were done, and what the screen was before each of them.
pub(crate) struct Past {
    begun: Instant,
    done: VecDeque<(String, Option<Picture>)>,
}

impl Past {
    pub(crate) fn new() -> Self {
        Self { begun: Instant::now(), done: VecDeque::new() }
    }

    /// Remembers something that is done now, without what was typed.
    pub(crate) fn note(&mut self, what: &str, before: Option<Picture>) {
        if self.done.len() == MOST {
            self.done.pop_front();
        }
        self.done.push_back((format!("{:.1} s  {what}", self.begun.elapsed().as_secs_f32()), before));
    }

    /// Tells it, and leaves the pictures in a folder.
    pub(crate) fn told(&self, folder: &Path) -> String {
        let mut all = String::new();
        for (number, (what, before)) in self.done.iter().enumerate() {
            let file = folder.join(format!("before-{number:02}.png"));
            let shown = before.as_ref().is_some_and(|picture| picture.write(&file).is_ok());
            let place = if shown { format!("  ({})", file.display()) } else { String::new() };
            all.push_str(&format!("\n  {what}{place}"));
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_things_are_told_in_their_order() {
        let folder = tempfile::tempdir().unwrap();
        let mut past = Past::new();
        for number in 0..MOST + 3 {
            past.note(&format!("thing {number}."), Some(Picture { width: 1, height: 1, rgb: vec![0; 3] }));
        }
        let told = past.told(folder.path());
        assert!(!told.contains("thing 2.") && told.contains("thing 3.") && told.ends_with("before-11.png)"));
        assert!(folder.path().join("before-00.png").exists());
    }
}
