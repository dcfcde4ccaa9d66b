//! A screen in memory: time stands still, and every picture of one state is the same.

use super::UiError;
use core::time::Duration;
use slint::{
    PlatformError,
    platform::{
        Platform, WindowAdapter,
        software_renderer::{MinimalSoftwareWindow, RepaintBufferType},
    },
};
use std::{cell::Cell, rc::Rc};

struct Offscreen;

impl Platform for Offscreen {
    fn create_window_adapter(&self) -> Result<Rc<dyn WindowAdapter>, PlatformError> {
        Ok(MinimalSoftwareWindow::new(RepaintBufferType::NewBuffer))
    }

    fn duration_since_start(&self) -> Duration {
        Duration::ZERO
    }
}

thread_local! {
    static INSTALLED: Cell<bool> = const { Cell::new(false) };
}

/// Makes this thread draw in memory, once.
pub(super) fn install() -> Result<(), UiError> {
    if !INSTALLED.get() {
        slint::platform::set_platform(Box::new(Offscreen)).map_err(|_| UiError::Taken)?;
        INSTALLED.set(true);
    }
    Ok(())
}
