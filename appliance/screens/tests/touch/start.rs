//! The machine starts: what it does is said in both languages, and nothing can be touched.

use super::{Stage, named};
use cloison_screens::{Language, Size, Starting};
use i_slint_backend_testing::{AccessibleRole, mock_elapsed_time};
use slint::LogicalPosition;
use std::{cell::Cell, ops::ControlFlow, rc::Rc, time::Duration};

impl Stage {
    fn says(&self, text: &str) -> bool {
        self.find(AccessibleRole::Text, text).is_some()
    }
}

#[test]
fn a_machine_that_starts_says_so_in_both_languages_and_offers_nothing_until_the_first_screen() {
    let stage = Stage::new(Size::Small, Language::English);
    stage.show(&named("home-sealed"));
    let open = stage.find(AccessibleRole::Button, "Open the vault").unwrap().absolute_position();
    stage.ui.starts(Starting::Drivers);
    let begun = stage.ui.render().unwrap();
    assert!(stage.says("La machine démarre.") && stage.says("The machine is starting."));
    assert!(stage.elements().iter().all(|element| element.accessible_role() != Some(AccessibleRole::Button)));
    stage.touch(LogicalPosition::new(open.x + 5.0, open.y + 5.0), Duration::from_millis(100));
    assert_eq!(stage.taken(), [], "a touch is for nothing that was there before");
    mock_elapsed_time(Duration::from_millis(401));
    assert_ne!(stage.ui.render().unwrap(), begun, "another dot is lit");
    stage.ui.starts(Starting::Data);
    stage.ui.render().unwrap();
    assert!(stage.says("The data partition is being made. Do not switch off."));
    assert!(stage.says("La partition de données est préparée. N’éteignez pas.") && !stage.says("The machine is starting."));
    stage.show(&named("home-sealed"));
    assert!(!stage.says("Cloison") && stage.press("Open the vault"));
    assert_eq!(stage.taken().len(), 1);
}

#[test]
fn what_is_waited_for_is_looked_for_until_there_is_enough() {
    let stage = Stage::new(Size::Small, Language::English);
    let looks = Rc::new(Cell::new(0));
    let counted = looks.clone();
    stage.ui.until(Duration::from_millis(20), move |_| {
        counted.set(counted.get() + 1);
        if counted.get() == 3 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    for _ in 0..20 {
        mock_elapsed_time(Duration::from_millis(20));
    }
    assert_eq!(looks.get(), 3);
}
