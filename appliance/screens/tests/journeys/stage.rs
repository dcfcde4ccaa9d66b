//! The kiosk behind its touch screen, and what a person does before it: look, touch, hold, type.
//!
//! Every event of the ceremony that is made here comes from a finger on an element that was found by
//! its label, or from what is read in a picture.

use crate::machine::{Machine, Room};
use cloison_appliance::{Kiosk, words::Words};
use cloison_ceremony::{Button, Ended, Event, Field, Screen};
use cloison_optics::Luma;
use cloison_screens::{Kind, Language, Size, Snapshot, Touch, Ui};
use i_slint_backend_testing::{
    AccessibleRole, ElementHandle, ElementQuery, TestingBackend, TestingBackendOptions, mock_elapsed_time,
};
use slint::ComponentHandle;
use std::{cell::RefCell, collections::BTreeSet, rc::Rc, time::Duration};

/// How long a finger rests on what is only touched, and on what is to be held.
const TOUCH: Duration = Duration::from_millis(100);
const HOLD: Duration = Duration::from_millis(1700);

/// What only a person before the screen knows of it: which words mean what is meant.
pub(crate) struct Stage {
    pub(crate) size: Size,
    pub(crate) language: Language,
    pub(crate) room: Rc<Room>,
    /// The names of the screens that were met.
    pub(crate) seen: BTreeSet<&'static str>,
    /// How often a button waited for a text to be read.
    pub(crate) waited: usize,
    pub(crate) ui: Ui,
    heard: Rc<RefCell<Vec<Event>>>,
    kiosk: Option<Kiosk<Machine>>,
}

/// Makes this thread draw in memory, with a time that is moved by hand; once.
fn backend() {
    thread_local! {
        static SET: std::cell::OnceCell<()> = const { std::cell::OnceCell::new() };
    }
    SET.with(|set| {
        set.get_or_init(|| {
            let options = TestingBackendOptions { mock_time: true, threading: false, renderer_name: Some("software".into()) };
            slint::platform::set_platform(Box::new(TestingBackend::new(options))).unwrap();
        });
    });
}

impl Stage {
    /// Starts a kiosk that holds nothing.
    pub(crate) fn blank(size: Size, language: Language) -> Self {
        Self::in_room(size, language, Room::new())
    }

    pub(crate) fn in_room(size: Size, language: Language, room: Rc<Room>) -> Self {
        backend();
        let (ui, heard) = front(size, language);
        let mut stage = Self { size, language, room, seen: BTreeSet::new(), waited: 0, ui, heard, kiosk: None };
        stage.start();
        stage
    }

    /// Starts the program, as a device does when it is switched on.
    pub(crate) fn start(&mut self) {
        self.kiosk = None;
        (self.ui, self.heard) = front(self.size, self.language);
        self.kiosk = Some(Kiosk::start(Machine::new(&self.room)).unwrap());
        self.present();
    }

    /// Expects that the program ended, and starts it again.
    pub(crate) fn restart_after(&mut self, ended: Ended) {
        self.is_on("ended");
        assert_eq!(self.kiosk().ended(), Some(ended));
        self.start();
    }

    fn kiosk(&self) -> &Kiosk<Machine> {
        self.kiosk.as_ref().unwrap()
    }

    pub(crate) fn screen(&self) -> Screen {
        self.kiosk().screen()
    }

    /// Expects a screen by its name.
    pub(crate) fn is_on(&self, name: &str) {
        let screen = self.screen();
        assert_eq!(screen.view.name(), name, "{:?}", screen.notice);
    }

    /// Lets the kiosk look at its clock and its machine.
    pub(crate) fn tick(&mut self) {
        self.kiosk.as_mut().unwrap().tick();
        self.present();
    }

    pub(crate) fn handle(&mut self, event: Event) {
        self.kiosk.as_mut().unwrap().handle(event);
        self.present();
    }

    fn present(&mut self) {
        let snapshot = Snapshot::of(self.kiosk(), self.language);
        self.seen.insert(snapshot.screen().view.name());
        self.ui.show(&snapshot).unwrap();
    }

    /// Hands over what was touched: one event at most.
    fn hear(&mut self) -> Option<Event> {
        let mut heard = self.heard.take();
        assert!(heard.len() <= 1, "a finger did {} things", heard.len());
        heard.pop()
    }

    /// Presses a button as one who reads first: turns the text through where the button waits for
    /// it, finds the page of a menu, and holds what is only done by holding.
    pub(crate) fn press(&mut self, button: Button) {
        let screen = self.screen();
        let name = screen.view.name();
        assert!(screen.buttons.contains(&button), "{button:?} is not on {name}: {:?}", screen.notice);
        self.fits();
        let label = Words::new(self.language).label(&screen, button);
        self.turn_to(&label);
        self.read_until(&label);
        let element = self.find(AccessibleRole::Button, &label).unwrap_or_else(|| panic!("{name}: no “{label}”"));
        let held = matches!(button, Button::Approve | Button::Erase | Button::GiveUpNewCards) || {
            button == Button::Cancel && matches!(Kind::of(&screen.view), Kind::Passphrase | Kind::Card | Kind::ReadBack)
        };
        assert_eq!(element.accessible_description().is_some_and(|said| !said.is_empty()), held, "{name}: “{label}”");
        if held {
            self.touch(&label, TOUCH);
            assert!(self.hear().is_none(), "{name}: a touch is not enough for “{label}”");
            self.touch(&label, HOLD);
        } else {
            self.touch(&label, TOUCH);
        }
        if button == Button::Done && Kind::of(&screen.view) == Kind::Show {
            assert!(self.hear().is_none(), "{name}: leaving asks");
            self.touch(&label, TOUCH);
        }
        let event = self.hear().unwrap_or_else(|| panic!("{name}: “{label}” does nothing"));
        assert!(matches!(event, Event::Press(heard) if heard == button), "{name}: “{label}” is another button");
        self.handle(event);
    }

    /// Expects that every text has the room that it needs.
    fn fits(&self) {
        let is_cut = |element: &ElementHandle| element.accessible_description().is_some_and(|said| said == "cut");
        let cut: Vec<_> = self.elements().into_iter().filter(is_cut).filter_map(|element| element.accessible_label()).collect();
        assert!(cut.is_empty(), "{}: {cut:?} is cut", self.screen().view.name());
    }

    /// Turns the pages of a menu until a button is there.
    fn turn_to(&mut self, label: &str) {
        let more = self.called("More");
        for _ in 0..10 {
            if self.find(AccessibleRole::Button, label).is_some() {
                return;
            }
            let labels = self.elements().into_iter().filter_map(|element| element.accessible_label());
            match labels.into_iter().find(|label| label.starts_with(more)) {
                Some(more) => self.touch(&more, TOUCH),
                None => break,
            }
        }
        panic!("{}: no button “{label}” among {:?}", self.screen().view.name(), self.texts());
    }

    /// Turns the text through where a button waits for that; not even holding it helps before.
    fn read_until(&mut self, label: &str) {
        let on = self.called("Read on");
        for part in 0..100 {
            if self.find(AccessibleRole::Button, label).unwrap().accessible_enabled() == Some(true) {
                self.waited += usize::from(part > 0);
                return;
            }
            self.touch(label, HOLD);
            assert!(self.hear().is_none(), "{}: “{label}” does not wait", self.screen().view.name());
            assert!(self.is_there(on), "{}: “{label}” waits for nothing", self.screen().view.name());
            self.touch(on, TOUCH);
        }
        panic!("{}: the text has no end", self.screen().view.name());
    }

    /// Expects that a button is there and waits, so that touching it does nothing.
    pub(crate) fn waits(&mut self, button: Button) {
        let label = Words::new(self.language).label(&self.screen(), button);
        self.touch(&label, HOLD);
        assert!(self.hear().is_none(), "{}: “{label}” does not wait", self.screen().view.name());
    }

    /// Touches what the screens themselves offer, which the ceremony hears nothing of.
    pub(crate) fn touch_own(&mut self, english: &'static str) {
        let label = self.called(english);
        self.touch(label, TOUCH);
        assert!(self.hear().is_none(), "the ceremony heard of “{label}”");
    }

    /// Opens the keyboard for a field.
    pub(crate) fn touch_field(&mut self, field: Field) {
        let (_, label) = Words::new(self.language).field(field);
        let element = self.find(AccessibleRole::TextInput, &label);
        let element = element.unwrap_or_else(|| panic!("{}: no field “{label}”", self.screen().view.name()));
        self.rest_on(&element, TOUCH);
        assert!(self.hear().is_none() && self.is_there("OK"), "“{label}” has no keyboard");
    }

    /// Touches a key, and gives the text that the field holds then, if it changed.
    pub(crate) fn key(&mut self, label: &str) -> Option<String> {
        self.touch(label, Duration::ZERO);
        let event = self.hear()?;
        let Event::Type(_, typed) = &event else { panic!("the key “{label}” presses a button") };
        let text = typed.0.to_string();
        self.handle(event);
        Some(text)
    }

    fn touch(&mut self, label: &str, time: Duration) {
        let element = self.find(AccessibleRole::Button, label);
        let element = element.unwrap_or_else(|| panic!("{}: no button “{label}”", self.screen().view.name()));
        self.rest_on(&element, time);
    }

    fn rest_on(&mut self, element: &ElementHandle, time: Duration) {
        let (x, y) = self.place(element);
        self.ui.touch(Touch::Down(x, y));
        // A device ticks each second, and shows how long there is yet, whatever a finger does.
        self.tick();
        for step in 1..=time.as_millis() / 50 {
            mock_elapsed_time(Duration::from_millis(50));
            if step % 20 == 0 {
                self.tick();
            }
        }
        self.ui.touch(Touch::Up(x, y));
    }

    /// Tells where the middle of an element is, which must be on the screen.
    fn place(&self, element: &ElementHandle) -> (f32, f32) {
        let (width, height) = self.size.pixels();
        let (at, area) = (element.absolute_position(), element.size());
        #[allow(clippy::cast_precision_loss, reason = "a screen has few pixels")]
        let (x, y) = ((at.x + area.width / 2.0) / width as f32, (at.y + area.height / 2.0) / height as f32);
        let label = element.accessible_label().unwrap_or_default();
        assert!((0.0..1.0).contains(&x) && (0.0..1.0).contains(&y), "“{label}” is outside the screen: {x} {y}");
        (x, y)
    }

    /// Holds what is private, looks, and lets go; it is there only meanwhile.
    pub(crate) fn while_held<T>(&mut self, look: impl FnOnce(&mut Self) -> T) -> T {
        let element = self.find(AccessibleRole::Button, self.called("Hold to show")).expect("something to hold");
        let (x, y) = self.place(&element);
        self.ui.touch(Touch::Down(x, y));
        self.tick();
        let looked = look(self);
        self.ui.touch(Touch::Up(x, y));
        assert!(self.hear().is_none());
        looked
    }

    /// Takes the picture of the screen, as another camera would.
    pub(crate) fn picture(&self) -> Luma {
        let picture = self.ui.render().unwrap();
        let grey = |pixel: &[u8]| pixel.iter().max().copied().unwrap_or_default();
        Luma::new(picture.width, picture.height, picture.rgb.chunks_exact(3).map(grey).collect()).unwrap()
    }

    /// Lists all that is written on the screen, on buttons as well.
    pub(crate) fn texts(&self) -> BTreeSet<String> {
        let labels = self.elements().into_iter().filter_map(|element| element.accessible_label());
        labels.map(|label| label.to_string()).collect()
    }

    pub(crate) fn says(&self, part: &str) -> bool {
        self.texts().iter().any(|text| text.contains(part))
    }

    pub(crate) fn is_there(&self, label: &str) -> bool {
        self.find(AccessibleRole::Button, label).is_some()
    }

    fn find(&self, role: AccessibleRole, label: &str) -> Option<ElementHandle> {
        self.elements().into_iter().find(|element| {
            element.accessible_role() == Some(role) && element.accessible_label().is_some_and(|known| known == label)
        })
    }

    fn elements(&self) -> Vec<ElementHandle> {
        ElementQuery::from_root(self.ui.window()).match_descendants().find_all()
    }

    /// Gives what the screens themselves call something.
    pub(crate) fn called(&self, english: &'static str) -> &'static str {
        if self.language == Language::English {
            return english;
        }
        match english {
            "Read on" => "Lire la suite",
            "More" => "Suite",
            "Hold to show" => "Maintenir pour afficher",
            "Show it here" => "Afficher ici",
            "Cover it" => "Masquer",
            "Capitals" => "Majuscules",
            "Erase" => "Effacer",
            "Space" => "Espace",
            "Digits and signs" => "Chiffres et signes",
            "Letters" => "Lettres",
            "Next line" => "Ligne suivante",
            other => panic!("“{other}” has no French here"),
        }
    }
}

/// Makes a touch screen, and what hears it.
fn front(size: Size, language: Language) -> (Ui, Rc<RefCell<Vec<Event>>>) {
    let ui = Ui::new(size, language).unwrap();
    let heard = Rc::new(RefCell::new(Vec::new()));
    let ears = heard.clone();
    ui.listen(move |event| {
        if !matches!(event, Event::Touched) {
            ears.borrow_mut().push(event);
        }
    });
    ui.window().show().unwrap();
    (ui, heard)
}
