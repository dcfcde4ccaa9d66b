//! The panel itself: turned, lit, and dark when nobody is there.

use super::{Case, Heard, Stage, named};
use cloison_appliance::Booted;
use cloison_ceremony::Button;
use cloison_screens::{Language, Size, Touch};
use i_slint_backend_testing::{AccessibleRole, mock_elapsed_time};
use slint::ComponentHandle;
use std::{cell::RefCell, rc::Rc, time::Duration};

impl Stage {
    /// Finds a button's middle, in parts of the screen.
    fn middle(&self, label: &str) -> (f32, f32) {
        let element = self.find(AccessibleRole::Button, label).unwrap();
        let (at, size, all) = (element.absolute_position(), element.size(), self.ui.window().window().size());
        #[allow(clippy::cast_precision_loss, reason = "a screen has fewer pixels than a float has steps")]
        ((at.x + size.width / 2.0) / all.width as f32, (at.y + size.height / 2.0) / all.height as f32)
    }
}

#[test]
fn the_picture_is_turned_and_the_panel_lit_on_the_first_screen_where_they_can_be() {
    let stage = Stage::new(Size::Small, Language::English);
    let case = named("home-sealed");
    stage.show(&case);
    assert!(!stage.press("Turn the picture") && !stage.press("Light 60 %"), "no machine listens");
    let told = Rc::new(RefCell::new(Vec::new()));
    let (turned, lit) = (told.clone(), told.clone());
    stage.ui.listen_for_turn(move || turned.borrow_mut().push("turned"));
    stage.ui.listen_for_light(move || lit.borrow_mut().push("lit"));
    stage.show(&Case { booted: Booted::Reading, ..case });
    assert!(stage.press("Turn the picture") && stage.press("Light 60 %"));
    assert_eq!(*told.borrow(), ["turned", "lit"]);
    assert_eq!(stage.taken(), []);
}

#[test]
fn a_dark_panel_wakes_with_a_touch_that_presses_nothing_and_with_another_screen() {
    let stage = Stage::new(Size::Small, Language::English);
    let case = named("home-sealed");
    stage.show(&case);
    assert!(stage.ui.may_rest());
    let lit = stage.ui.render().unwrap();
    stage.ui.darken();
    assert!(stage.ui.render().unwrap().rgb.iter().all(|byte| *byte == 0), "nothing is lit");
    let open = stage.middle("Open the vault");
    for touch in [Touch::Down(open.0, open.1), Touch::Move(open.0, open.1), Touch::Up(open.0, open.1)] {
        stage.ui.touch(touch);
    }
    assert!(!stage.ui.is_dark() && stage.taken().is_empty(), "the touch that wakes presses nothing");
    mock_elapsed_time(Duration::from_millis(50));
    assert_eq!(stage.ui.render().unwrap(), lit);
    for touch in [Touch::Down(open.0, open.1), Touch::Up(open.0, open.1)] {
        stage.ui.touch(touch);
    }
    assert_eq!(stage.taken(), [Heard::Press(Button::OpenVault)]);
    stage.ui.darken();
    stage.show(&case);
    assert!(stage.ui.is_dark(), "the same screen, shown anew each second, leaves it dark");
    stage.show(&named("alarm"));
    assert!(!stage.ui.is_dark(), "an alarm is seen");
}

#[test]
fn a_panel_stays_lit_where_it_is_looked_at_without_being_touched() {
    let stage = Stage::new(Size::Small, Language::English);
    let rests = |name: &str| {
        stage.show(&named(name));
        stage.ui.may_rest()
    };
    for name in ["home-blank", "home-sealed", "home-rehearsal"] {
        assert!(rests(name), "{name}");
    }
    for name in ["alarm", "ended-alarm", "home-broken", "reply", "card", "pattern", "scan", "desk"] {
        assert!(!rests(name), "{name}");
    }
    stage.show(&named("home-sealed"));
    stage.ui.busy(Some(Duration::from_secs(1)));
    assert!(!stage.ui.may_rest(), "at work");
}

#[test]
fn the_machine_is_switched_off_on_the_first_screen_by_holding() {
    let stage = Stage::new(Size::Small, Language::English);
    let case = named("home-sealed");
    stage.show(&case);
    assert!(!stage.press("Switch off"), "no machine listens");
    let off = Rc::new(RefCell::new(0));
    let told = off.clone();
    stage.ui.listen_for_off(move || *told.borrow_mut() += 1);
    stage.show(&case);
    assert!(stage.press("Switch off") && *off.borrow() == 0, "a touch is not enough");
    stage.hold("Switch off", Duration::from_millis(1700));
    assert_eq!((*off.borrow(), stage.taken().len()), (1, 0));
}
