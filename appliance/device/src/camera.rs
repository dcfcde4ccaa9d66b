//! Looks through the camera while the screen does, in a thread of its own: codes go to the session's
//! thread, and what was seen to the screen's.

use crate::{
    vital,
    worker::{Ask, Outcome},
};
use cloison_eye::{
    camera::{Camera, CameraError, Look, Zoom},
    spawn::Spawn,
};
use cloison_optics::Luma;
use cloison_protocol::Progress;
use cloison_screens::{Courier, Fate, Hint, Looking, Sighted};
use std::{
    collections::VecDeque,
    io,
    sync::{
        Arc, Condvar, Mutex, PoisonError,
        mpsc::{Sender, channel},
    },
    time::{Duration, Instant},
};
use zeroize::Zeroizing;

/// What reading one frame may take.
const BUDGET: Duration = Duration::from_millis(400);
/// How long it waits for a frame before it looks whether anybody still wants one.
const TIMEOUT: Duration = Duration::from_millis(700);
/// How many frames' fates are kept.
const FATES: usize = 24;
/// How many codes are remembered, and after how many looks without any they are forgotten.
const KNOWN: usize = 4;
const OUT_OF_VIEW: u32 = 5;
/// After so many looks without a code it is said what would help.
const FRUITLESS: u32 = 10;
/// More of a thousand pixels that are too bright to tell anything are too many.
const CLIPPED: u16 = 350;
/// On average, 0 black and 255 white.
const DARK: u8 = 28;
/// Below this a picture has no edges: variances of the Laplacian of pictures in focus are far above.
const BLURRED: u32 = 30;

/// Tells the camera's thread whether to look, and how.
#[derive(Clone, Default)]
pub(crate) struct Looker(Arc<(Mutex<Wish>, Condvar)>);

#[derive(Default, Clone, Copy)]
struct Wish {
    looks: bool,
    looking: Looking,
}

impl Looker {
    pub(crate) fn look(&self, looks: bool) {
        let mut wish = self.0.0.lock().unwrap_or_else(PoisonError::into_inner);
        wish.looks = looks;
        self.0.1.notify_one();
    }

    pub(crate) fn change(&self, looking: Looking) {
        self.0.0.lock().unwrap_or_else(PoisonError::into_inner).looking = looking;
    }

    /// Waits until somebody wants to look, and tells how.
    fn wanted(&self) -> Looking {
        let mut wish = self.0.0.lock().unwrap_or_else(PoisonError::into_inner);
        while !wish.looks {
            wish = self.0.1.wait(wish).unwrap_or_else(PoisonError::into_inner);
        }
        wish.looking
    }

    /// Tells how somebody wants to look, while somebody does.
    fn still(&self) -> Option<Looking> {
        let wish = *self.0.0.lock().unwrap_or_else(PoisonError::into_inner);
        wish.looks.then_some(wish.looking)
    }
}

/// Starts the camera's thread; it looks when it is told.
pub(crate) fn start(spawner: Arc<dyn Spawn>, role: String, asks: Sender<Ask>, courier: Courier) -> io::Result<Looker> {
    let looker = Looker::default();
    let told = looker.clone();
    vital::spawn("camera", move || {
        loop {
            told.wanted();
            // A process for as long as a screen looks: nothing of one is there for the next.
            let mut camera = Camera::new(spawner.clone(), &role, BUDGET);
            let mut seen = Seen::default();
            while let Some(looking) = told.still() {
                camera.zoom(zoom(looking));
                camera.expose((looking.exposure != 0).then_some(looking.exposure));
                let look = camera.look(TIMEOUT);
                if !seen.take(look, &asks, &courier) {
                    return;
                }
            }
        }
    })?;
    Ok(looker)
}

fn zoom(looking: Looking) -> Zoom {
    match looking.zoom {
        0 => Zoom::One,
        1 => Zoom::OneAndHalf,
        _ => Zoom::Two,
    }
}

/// What came of the looks at one screen.
#[derive(Default)]
struct Seen {
    /// The codes that are in view, or were until a moment ago: each is handed over once.
    known: Vec<Zeroizing<Vec<u8>>>,
    fates: VecDeque<Fate>,
    fruitless: u32,
    begun: Option<(Instant, usize)>,
    left: Option<u32>,
}

impl Seen {
    /// Hands on what one look gave; false where nobody takes it any more.
    fn take(&mut self, look: Result<Look, CameraError>, asks: &Sender<Ask>, courier: &Courier) -> bool {
        match look {
            Ok(look) => self.looked(look, asks, courier),
            // Nothing new, and nothing wrong.
            Err(CameraError::Waiting) => true,
            Err(CameraError::Overrun { .. } | CameraError::Died | CameraError::Garbled | CameraError::Damaged) => {
                self.note(Fate::Wrong);
                true
            }
            Err(_) => {
                courier.bring(|ui| ui.sight(&Sighted { hint: Some(Hint::Unplugged), ..Sighted::default() }));
                // What is missing is tried again each second by the camera itself.
                std::thread::sleep(Duration::from_millis(50));
                true
            }
        }
    }

    fn looked(&mut self, mut look: Look, asks: &Sender<Ask>, courier: &Courier) -> bool {
        let symbols = std::mem::take(&mut look.symbols);
        self.fruitless = if symbols.is_empty() { self.fruitless.saturating_add(1) } else { 0 };
        if symbols.is_empty() {
            self.note(Fate::Nothing);
        }
        if self.fruitless >= OUT_OF_VIEW {
            self.known.clear();
        }
        for symbol in symbols {
            if !self.is_new(&symbol) {
                self.note(Fate::Again);
                continue;
            }
            let (answer, answered) = channel();
            if asks.send(Ask::Seen(symbol, answer)).is_err() {
                return false;
            }
            // The session may be at work on it, such as on a card.
            let Ok(outcome) = answered.recv() else { return false };
            self.came(outcome, Instant::now());
        }
        self.tell(&look, courier);
        true
    }

    /// Tells whether a code was not in view just before, and keeps it. One that stays before the camera
    /// would otherwise take away what was said of it.
    fn is_new(&mut self, symbol: &[u8]) -> bool {
        if self.known.iter().any(|known| known.as_slice() == symbol) {
            return false;
        }
        if self.known.len() == KNOWN {
            self.known.remove(0);
        }
        self.known.push(Zeroizing::new(symbol.to_vec()));
        true
    }

    fn note(&mut self, fate: Fate) {
        self.fates.push_back(fate);
        if self.fates.len() > FATES {
            self.fates.pop_front();
        }
    }

    fn came(&mut self, outcome: Outcome, now: Instant) {
        self.note(outcome.fate);
        self.left = outcome.progress.and_then(|progress| self.estimate(progress, now));
    }

    /// Estimates the seconds that are left from how fast pieces came so far.
    fn estimate(&mut self, progress: Progress, now: Instant) -> Option<u32> {
        let (begun, before) = *self.begun.get_or_insert((now, progress.read));
        let (came, needed) = (progress.read.checked_sub(before)?, progress.needed.saturating_sub(progress.read));
        let (came, needed) = (u32::try_from(came).ok()?, u32::try_from(needed).ok()?);
        let each = now.duration_since(begun).checked_div(came)?;
        let seconds = each.checked_mul(needed)?.as_secs();
        u32::try_from(seconds.max(1)).ok().filter(|_| came >= 3)
    }

    fn tell(&self, look: &Look, courier: &Courier) {
        let (width, height) = (look.preview.width().into(), look.preview.height().into());
        let preview = Luma::new(width, height, look.preview.pixels().to_vec()).ok();
        let (fates, left) = (self.fates.iter().copied().collect::<Vec<_>>(), self.left);
        let hint = (self.fruitless >= FRUITLESS).then(|| hint(look.clipped, look.brightness, look.sharpness));
        let exposes = look.exposure.is_some();
        courier.bring(move |ui| ui.sight(&Sighted { preview: preview.as_ref(), fates: &fates, hint, left, exposes }));
    }
}

/// Tells what would help a camera that finds no code.
fn hint(clipped: u16, brightness: u8, sharpness: u32) -> Hint {
    match () {
        () if clipped > CLIPPED => Hint::TooBright,
        () if brightness < DARK => Hint::TooDark,
        () if sharpness < BLURRED => Hint::Steadier,
        () => Hint::Closer,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_help_is_told_by_what_is_seen() {
        assert_eq!(hint(900, 250, 5000), Hint::TooBright);
        assert_eq!(hint(0, 3, 5000), Hint::TooDark);
        assert_eq!(hint(0, 120, 2), Hint::Steadier);
        assert_eq!(hint(0, 120, 5000), Hint::Closer);
    }

    #[test]
    fn the_rest_is_estimated_from_what_came() {
        let mut seen = Seen::default();
        let begun = Instant::now();
        let at = |seconds: u64| begun + Duration::from_secs(seconds);
        let progress = |read| Progress { read, needed: 60 };
        assert_eq!(seen.estimate(progress(1), at(0)), None, "one piece tells nothing");
        assert_eq!(seen.estimate(progress(2), at(1)), None);
        assert_eq!(seen.estimate(progress(11), at(5)), Some(24), "ten pieces in five seconds, 49 to go");
        assert_eq!(seen.estimate(progress(60), at(30)), Some(1));
        assert_eq!(seen.estimate(progress(0), at(31)), None, "another transfer");
    }

    #[test]
    fn a_code_that_stays_in_view_is_handed_over_once() {
        let mut seen = Seen::default();
        assert!(seen.is_new(b"card") && !seen.is_new(b"card"));
        assert!(seen.is_new(b"1") && seen.is_new(b"2") && seen.is_new(b"3"));
        assert!(!seen.is_new(b"card"));
        assert!(seen.is_new(b"4") && seen.is_new(b"card"), "the frames of a transfer go round");
    }

    #[test]
    fn the_last_fates_are_kept() {
        let mut seen = Seen::default();
        (0..100).for_each(|_| seen.note(Fate::Nothing));
        seen.note(Fate::New);
        assert_eq!((seen.fates.len(), seen.fates.back()), (FATES, Some(&Fate::New)));
    }

    #[test]
    fn looking_stops_when_it_is_told() {
        let looker = Looker::default();
        assert_eq!(looker.still(), None);
        looker.look(true);
        looker.change(Looking { zoom: 1, exposure: 2 });
        assert_eq!(looker.wanted(), Looking { zoom: 1, exposure: 2 });
        assert!(zoom(looker.still().unwrap()) == Zoom::OneAndHalf);
        looker.look(false);
        assert_eq!(looker.still(), None);
    }
}
