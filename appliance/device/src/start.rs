//! The kiosk's start: until init has made the machine ready it shows that it starts, and does nothing else.

use crate::{
    kiosk::DeviceError,
    told::{self, Start},
};
use cloison_screens::{Starting, Ui};
use std::{
    cell::{Cell, RefCell},
    ops::ControlFlow,
    rc::Rc,
    thread::sleep,
    time::Duration,
};

/// How often it looks how far init is, once it draws and before.
const EVERY: Duration = Duration::from_millis(20);
const STEP: Duration = Duration::from_millis(5);

/// What a kiosk does once the machine is ready.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Going {
    /// It goes on.
    On,
    /// It leaves what came meanwhile to another.
    Another,
}

/// What came of going on, by now.
#[derive(Clone)]
pub(crate) struct End(Rc<RefCell<Result<Going, DeviceError>>>);

impl End {
    pub(crate) fn goes_on(&self) -> bool {
        matches!(*self.0.borrow(), Ok(Going::On))
    }

    pub(crate) fn take(&self) -> Result<Going, DeviceError> {
        self.0.replace(Ok(Going::On))
    }
}

/// Waits until there is something to draw on, or nothing is to be waited for.
pub(crate) fn await_display() {
    while told::start() == Start::Drivers {
        sleep(STEP);
    }
}

/// Has `go` done as soon as `far` says that the machine is ready: at once, or while `ui` is served, which
/// then ends where it does not go on.
pub(crate) fn when_ready(
    ui: &Ui,
    far: impl Fn() -> Start + 'static,
    go: impl FnOnce(&Ui) -> Result<Going, DeviceError> + 'static,
) -> End {
    let end = End(Rc::new(RefCell::new(Ok(Going::On))));
    if shown(ui, far()) == Start::Done {
        *end.0.borrow_mut() = go(ui);
        return end;
    }
    let (go, then, courier) = (Cell::new(Some(go)), end.clone(), ui.courier());
    ui.until(EVERY, move |ui| {
        if shown(ui, far()) != Start::Done {
            return ControlFlow::Continue(());
        }
        if let Some(go) = go.take() {
            *then.0.borrow_mut() = go(ui);
            if !then.goes_on() {
                courier.end();
            }
        }
        ControlFlow::Break(())
    });
    end
}

/// Shows how far the machine's start is.
fn shown(ui: &Ui, start: Start) -> Start {
    match start {
        Start::Drivers | Start::Coming => ui.starts(Starting::Drivers),
        Start::Making => ui.starts(Starting::Data),
        Start::Done => return start,
    }
    ui.fit();
    start
}

#[cfg(test)]
mod tests {
    use super::*;
    use cloison_screens::{Language, Size};
    use i_slint_backend_testing::{TestingBackend, TestingBackendOptions, mock_elapsed_time};

    fn screen() -> Ui {
        let options = TestingBackendOptions { mock_time: true, threading: false, renderer_name: Some("software".into()) };
        slint::platform::set_platform(Box::new(TestingBackend::new(options))).unwrap();
        Ui::new(Size::Small, Language::English).unwrap()
    }

    /// Counts how often it is gone on, with something that comes of it.
    fn counting(
        gone: &Rc<Cell<u32>>,
        end: Result<Going, DeviceError>,
    ) -> impl FnOnce(&Ui) -> Result<Going, DeviceError> + 'static {
        let gone = gone.clone();
        move |_| {
            gone.set(gone.get() + 1);
            end
        }
    }

    #[test]
    fn a_machine_that_is_ready_is_not_waited_for() {
        let gone = Rc::new(Cell::new(0));
        let ui = screen();
        assert!(when_ready(&ui, || Start::Done, counting(&gone, Ok(Going::On))).goes_on());
        assert_eq!(gone.get(), 1);
        let end = when_ready(&ui, || Start::Done, counting(&gone, Ok(Going::Another)));
        assert!(!end.goes_on() && end.take().unwrap() == Going::Another);
    }

    #[test]
    fn it_goes_on_once_and_not_before_the_machine_is_ready() {
        let (gone, far) = (Rc::new(Cell::new(0)), Rc::new(Cell::new(Start::Coming)));
        let (ui, told) = (screen(), far.clone());
        let failed = Err(DeviceError::Failing);
        let end = when_ready(&ui, move || told.get(), counting(&gone, failed));
        for start in [Start::Coming, Start::Making, Start::Drivers] {
            far.set(start);
            mock_elapsed_time(3 * EVERY);
            assert!(gone.get() == 0 && end.goes_on(), "{start:?}");
        }
        far.set(Start::Done);
        for _ in 0..3 {
            mock_elapsed_time(EVERY);
        }
        assert_eq!(gone.get(), 1);
        assert!(!end.goes_on() && matches!(end.take(), Err(DeviceError::Failing)));
    }
}
