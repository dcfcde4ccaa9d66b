//! The only place that knows Slint: [`Ui::present`] writes properties, [`Ui::listen`] reads callbacks.

mod convert;
mod generated;
mod listen;
mod offscreen;
mod panel;
mod present;
mod state;

use crate::{
    Language, Lent, Looking, Pace, Sighted, Snapshot, Spoken,
    code::CodeError,
    keys::{Board, Layout},
};
use cloison_ceremony::{Event, Field, Screen};
use core::{ops::ControlFlow, time::Duration};
use slint::{ComponentHandle, Global, PlatformError};
use state::State;
use std::{cell::RefCell, rc::Rc};
use thiserror::Error;

/// A size that the screens are made for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Size {
    /// 800×480 pixels.
    Small,
    /// 1280×720 pixels.
    Large,
}

impl Size {
    /// Gives width and height in pixels.
    #[must_use]
    pub fn pixels(self) -> (u32, u32) {
        match self {
            Self::Small => (800, 480),
            Self::Large => (1280, 720),
        }
    }

    /// Finds a size by its name, such as `800x480`.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        [Self::Small, Self::Large].into_iter().find(|size| {
            let (width, height) = size.pixels();
            format!("{width}x{height}") == name
        })
    }
}

/// Where a touch screen is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Display {
    /// The screen of a device, by the kernel's own interface (DRM, or a frame buffer).
    Device,
    /// A window of a desktop.
    Window,
}

/// What a machine does while it starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Starting {
    /// It loads its drivers and looks for its data.
    Drivers,
    /// It makes the data partition.
    Data,
}

/// What a finger does.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Touch {
    /// It comes down here: how far from the left and from the top, each from 0 to 1.
    Down(f32, f32),
    /// It moves here.
    Move(f32, f32),
    /// It leaves the screen here.
    Up(f32, f32),
}

/// A picture of the whole screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pixels {
    /// The width.
    pub width: u32,
    /// The height.
    pub height: u32,
    /// Red, green and blue of each pixel, row by row.
    pub rgb: Vec<u8>,
}

/// The touch screen.
///
/// # Invariants
/// What is typed, and what is private, is held here and wiped; Slint has what is private only while
/// it is held or uncovered, and of what is typed in secret never more than how long it is.
pub struct Ui {
    window: generated::Kiosk,
    state: Rc<RefCell<State>>,
}

thread_local! {
    /// The screen that couriers come to.
    static HERE: RefCell<Option<Ui>> = const { RefCell::new(None) };
}

/// Takes work to the touch screen from other threads.
#[derive(Debug, Clone)]
pub struct Courier(());

impl Courier {
    /// Has `work` done by the thread that draws, after what it was given before; says whether there
    /// is one yet.
    pub fn bring(&self, work: impl FnOnce(&Ui) + Send + 'static) -> bool {
        let there = move || {
            // Nothing is borrowed while it works, since work may listen and present.
            if let Some(ui) = HERE.with(|here| here.borrow().clone()) {
                work(&ui);
            }
        };
        slint::invoke_from_event_loop(there).is_ok()
    }

    /// Ends the thread's drawing, and with it [`Ui::run`].
    pub fn end(&self) {
        let _ = slint::quit_event_loop();
    }
}

impl Clone for Ui {
    fn clone(&self) -> Self {
        Self { window: self.window.clone_strong(), state: self.state.clone() }
    }
}

impl Ui {
    /// Makes the touch screen on a display of this machine.
    ///
    /// # Errors
    /// There is no such display, or the language is not there.
    pub fn on(display: Display, size: Size, language: Language) -> Result<Self, UiError> {
        let backend = match display {
            Display::Device => "linuxkms",
            Display::Window => "winit",
        };
        let backend = slint::BackendSelector::new().backend_name(backend.to_owned()).renderer_name("software".to_owned());
        backend.select()?;
        let ui = Self::new(size, language)?;
        ui.window.show()?;
        Ok(ui)
    }

    /// Makes the touch screen on whatever screen this process draws to.
    ///
    /// # Errors
    /// There is nothing to draw to, or the language is not there.
    pub fn new(size: Size, language: Language) -> Result<Self, UiError> {
        let window = generated::Kiosk::new()?;
        let (width, height) = size.pixels();
        window.window().set_size(slint::PhysicalSize::new(width, height));
        generated::Theme::get(&window).set_large(size == Size::Large);
        let state = Rc::new(RefCell::new(State::new(size, language)));
        listen::connect(&window, &state);
        let ui = Self { window, state };
        ui.speak(language)?;
        Ok(ui)
    }

    /// Makes a touch screen that is drawn in memory alone, for pictures of it.
    ///
    /// # Errors
    /// This thread draws to something else already.
    pub fn offscreen(size: Size, language: Language) -> Result<Self, UiError> {
        offscreen::install()?;
        let ui = Self::new(size, language)?;
        ui.window.show()?;
        Ok(ui)
    }

    /// Changes the language of what the screens themselves say, and of the keyboard.
    ///
    /// # Errors
    /// The language is not there.
    pub fn speak(&self, language: Language) -> Result<(), UiError> {
        self.state.borrow_mut().language = language;
        slint::select_bundled_translation(language.label()).map_err(|_| UiError::NoLanguage(language))
    }

    /// Shows a screen, in words, with what is lent while it is shown.
    ///
    /// # Errors
    /// Its code cannot be drawn.
    pub fn present(&self, screen: &Screen, spoken: &Spoken, lent: &Lent<'_>) -> Result<(), UiError> {
        let is_other = self.state.borrow().screen.as_ref().is_none_or(|last| last.view != screen.view);
        if is_other {
            self.wake();
        }
        generated::Start::get(&self.window).set_active(false);
        present::present(&self.window, &mut self.state.borrow_mut(), screen, spoken, lent)
    }

    /// Hands every touch that means something to the ceremony to `sink`, which may present.
    pub fn listen(&self, sink: impl Fn(Event) + 'static) {
        self.state.borrow_mut().sink = Some(Rc::new(sink));
    }

    /// Tells `tongue` when another language is chosen on the first screen; it is to present anew.
    pub fn listen_for_language(&self, tongue: impl Fn(Language) + 'static) {
        self.state.borrow_mut().tongue = Some(Rc::new(tongue));
    }

    /// Shows what a kiosk showed when the snapshot was taken.
    ///
    /// # Errors
    /// Its code cannot be drawn.
    pub fn show(&self, snapshot: &Snapshot) -> Result<(), UiError> {
        self.present(snapshot.screen(), snapshot.spoken(), &snapshot.lent())
    }

    /// Follows the screen's size where it is another than was asked for; tells whether it was.
    pub fn fit(&self) -> bool {
        let actual = self.window.window().size();
        let mut state = self.state.borrow_mut();
        if actual.width == 0 || state.pixels == (actual.width, actual.height) {
            return false;
        }
        state.pixels = (actual.width, actual.height);
        let (width, height) = Size::Large.pixels();
        state.size = if actual.width >= width && actual.height >= height { Size::Large } else { Size::Small };
        generated::Theme::get(&self.window).set_large(state.size == Size::Large);
        // A code that does not fit stays as it was.
        let _ = present::redraw(&self.window, &mut state);
        true
    }

    /// Does `work` again and again, as long as this screen is served.
    pub fn every(&self, interval: impl Fn(&Self) -> Duration + 'static, work: impl Fn(&Self) + 'static) {
        let ui = self.clone();
        slint::Timer::single_shot(interval(self), move || {
            work(&ui);
            ui.every(interval, work);
        });
    }

    /// Does `work` again and again until it has enough.
    pub fn until(&self, interval: Duration, work: impl Fn(&Self) -> ControlFlow<()> + 'static) {
        let ui = self.clone();
        slint::Timer::single_shot(interval, move || {
            if work(&ui).is_continue() {
                ui.until(interval, work);
            }
        });
    }

    /// Shows that the machine starts, and what it does, until the first screen is shown.
    pub fn starts(&self, starting: Starting) {
        let page = generated::Start::get(&self.window);
        page.set_active(true);
        page.set_makes_data(starting == Starting::Data);
    }

    /// Hands a finger's touch over, where the screen's driver does not.
    pub fn touch(&self, touch: Touch) {
        use slint::platform::{PointerEventButton::Left as button, WindowEvent};
        if self.wakes(touch) {
            return;
        }
        let size = self.window.window().size().to_logical(self.window.window().scale_factor());
        let at = |x: f32, y: f32| slint::LogicalPosition::new(x * size.width, y * size.height);
        let window = self.window.window();
        match touch {
            Touch::Down(x, y) => window.dispatch_event(WindowEvent::PointerPressed { position: at(x, y), button }),
            Touch::Move(x, y) => window.dispatch_event(WindowEvent::PointerMoved { position: at(x, y) }),
            Touch::Up(x, y) => {
                window.dispatch_event(WindowEvent::PointerReleased { position: at(x, y), button });
                // A finger that is gone points nowhere.
                window.dispatch_event(WindowEvent::PointerExited);
            }
        }
    }

    /// Gives the number of the frame that is drawn of the code shown, from 1; 0 where there is none.
    #[must_use]
    pub fn frame(&self) -> u32 {
        self.state.borrow().showing.as_ref().map_or(0, crate::code::Showing::number)
    }

    /// Tells whether a code of several frames is shown, which are to follow each other.
    #[must_use]
    pub fn is_moving(&self) -> bool {
        let state = self.state.borrow();
        state.screen.as_ref().is_some_and(|screen| crate::Kind::of(&screen.view) == crate::Kind::Show)
            && state.showing.as_ref().is_some_and(crate::code::Showing::is_moving)
    }

    /// Shows what the camera sees, for as long as this screen looks through it.
    pub fn sight(&self, sighted: &Sighted<'_>) {
        // What was seen for a screen that is gone is of no other.
        if self.state.borrow().screen.as_ref().is_some_and(|screen| screen.camera) {
            present::sight(&self.window, sighted);
        }
    }

    /// Shows that the kiosk has been at work for so long, in place of everything but sealing; or
    /// that it is not any more.
    pub fn busy(&self, since: Option<Duration>) {
        if since.is_some() {
            // Whatever was held or uncovered is not under a finger any more.
            self.hold(false);
        }
        let busy = generated::Busy::get(&self.window);
        busy.set_active(since.is_some());
        busy.set_seconds(since.map_or(0, |since| i32::try_from(since.as_secs()).unwrap_or(i32::MAX)));
    }

    /// Shows codes, and looks, as was chosen before.
    pub fn adjust(&self, pace: Pace, looking: Looking) {
        let mut state = self.state.borrow_mut();
        let other_codes = state.pace.profile != pace.profile;
        (state.pace, state.looking) = (pace, looking);
        present::pace(&self.window, &state);
        present::looking(&self.window, &state);
        if other_codes && state.showing.is_some() {
            // A code that does not fit stays as it was.
            let _ = present::redraw(&self.window, &mut state);
        }
    }

    /// Tells `changed` when speed, density, brightness, zoom or exposure is changed on the screen.
    pub fn listen_for_changes(&self, changed: impl Fn(Pace, Looking) + 'static) {
        self.state.borrow_mut().changed = Some(Rc::new(changed));
    }

    /// Offers on the first screen to switch the machine off, and tells `off` when it is asked.
    pub fn listen_for_off(&self, off: impl Fn() + 'static) {
        self.state.borrow_mut().off = Some(Rc::new(off));
        generated::HomeScreen::get(&self.window).set_switches_off(true);
    }

    /// Gives what takes work to this screen from other threads.
    #[must_use]
    pub fn courier(&self) -> Courier {
        HERE.with(|here| *here.borrow_mut() = Some(self.clone()));
        Courier(())
    }

    /// Draws the next frame of a code that has several; gives its number, from 1.
    ///
    /// # Errors
    /// No such code is shown.
    pub fn next_frame(&self) -> Result<u32, UiError> {
        present::next_frame(&self.window, &mut self.state.borrow_mut())
    }

    /// Tells how long a frame stays, as chosen on the screen.
    #[must_use]
    pub fn frame_interval(&self) -> Duration {
        let state = self.state.borrow();
        state.showing.as_ref().map_or(Duration::from_millis(100), |showing| showing.interval(state.pace))
    }

    /// Holds, or lets go, what is private on the screen, as a finger would; a record is uncovered.
    pub fn hold(&self, held: bool) {
        let mut state = self.state.borrow_mut();
        present::hold(&self.window, &mut state, held);
        present::uncover(&self.window, &mut state, held);
    }

    /// Brings up the keyboard for a field of this screen, or takes it away, as a touch would.
    pub fn edit(&self, field: Option<Field>) {
        let mut state = self.state.borrow_mut();
        let layout = Layout::from(state.language);
        state.editing = field.map(|field| (field, Board::new(layout, field)));
        present::edit(&self.window, &mut state);
    }

    /// Takes the picture that is on the screen.
    ///
    /// # Errors
    /// What is drawn to gives no pictures.
    pub fn render(&self) -> Result<Pixels, UiError> {
        let picture = self.window.window().take_snapshot()?;
        let rgb = picture.as_slice().iter().flat_map(|pixel| [pixel.r, pixel.g, pixel.b]).collect();
        Ok(Pixels { width: picture.width(), height: picture.height(), rgb })
    }

    /// Shows the window and serves it until it is closed.
    ///
    /// # Errors
    /// The window system fails.
    pub fn run(&self) -> Result<(), UiError> {
        Ok(self.window.run()?)
    }

    /// Lends the window, for tests that look for elements in it.
    #[doc(hidden)]
    #[must_use]
    pub fn window(&self) -> &(impl ComponentHandle + 'static) {
        &self.window
    }
}

/// A pair of colours that text is written in.
#[doc(hidden)]
#[derive(Debug, Clone)]
pub struct Pair {
    pub name: String,
    pub ink: [u8; 3],
    pub ground: [u8; 3],
}

/// Hands an event over as if it had been touched.
#[doc(hidden)]
pub fn hear(ui: &Ui, event: Event) {
    let sink = ui.state.borrow().sink.clone();
    if let Some(sink) = sink {
        sink(event);
    }
}

/// Presses the button that is in this place of the screen's.
#[doc(hidden)]
pub fn press(ui: &Ui, at: i32) {
    generated::Front::get(&ui.window).invoke_press(at);
}

/// Lists the pairs of colours of the theme.
#[doc(hidden)]
#[must_use]
pub fn pairs(ui: &Ui) -> Vec<Pair> {
    let rgb = |color: slint::Color| [color.red(), color.green(), color.blue()];
    let pairs = generated::Theme::get(&ui.window).get_pairs();
    let pair = |pair: generated::Pair| Pair { name: pair.name.to_string(), ink: rgb(pair.ink), ground: rgb(pair.ground) };
    slint::Model::iter(&pairs).map(pair).collect()
}

/// Says why a touch screen does not show something.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum UiError {
    /// There is nothing to draw to, or it fails.
    #[error("the screen cannot be drawn to: {0}. Check the display and its driver")]
    Platform(#[from] PlatformError),
    /// This thread draws to something else.
    #[error("this thread draws to another screen already. Use a thread, or a process, of its own")]
    Taken,
    /// The screens do not speak this language.
    #[error("the screens do not speak {0:?}. Choose English or French")]
    NoLanguage(Language),
    /// A code cannot be drawn.
    #[error("the code cannot be shown: {0}")]
    Code(String),
}

impl From<CodeError> for UiError {
    fn from(error: CodeError) -> Self {
        Self::Code(error.to_string())
    }
}
