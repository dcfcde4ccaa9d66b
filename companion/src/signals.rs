//! Signals that end the program, held back while something would be left behind.

use std::io;

/// Holds back SIGINT, SIGTERM and SIGHUP; dropped, it lets a signal that came meanwhile take effect.
///
/// Whoever holds it looks at [`Held::arrived`] often, tidies up, and drops it last.
pub(crate) struct Held(());

impl Held {
    /// Begins to hold signals back.
    ///
    /// # Errors
    /// The system refuses.
    pub(crate) fn new() -> io::Result<Self> {
        hold::begin()?;
        Ok(Self(()))
    }

    /// Tells whether a signal waits.
    pub(crate) fn arrived(&self) -> bool {
        hold::arrived()
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        hold::end();
    }
}

#[cfg(unix)]
mod hold {
    use signal_hook::{
        consts::{SIGHUP, SIGINT, SIGTERM},
        flag,
        low_level::raise,
    };
    use std::{
        io,
        sync::{
            Arc, LazyLock,
            atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst},
        },
    };

    /// Handlers last as long as the process, and so do their flags.
    static STATE: LazyLock<State> = LazyLock::new(State::default);

    #[derive(Default)]
    struct State {
        registered: AtomicBool,
        holders: AtomicUsize,
        /// Whether a signal ends the program as if nobody had asked for it.
        open: Arc<AtomicBool>,
        /// The number of the signal that came while it was held back, or 0.
        arrived: Arc<AtomicUsize>,
    }

    pub(super) fn begin() -> io::Result<()> {
        STATE.holders.fetch_add(1, SeqCst);
        STATE.open.store(false, SeqCst);
        if STATE.registered.swap(true, SeqCst) {
            return Ok(());
        }
        for signal in [SIGINT, SIGTERM, SIGHUP] {
            let number = usize::try_from(signal).unwrap_or_default();
            flag::register_conditional_default(signal, Arc::clone(&STATE.open))?;
            flag::register_usize(signal, Arc::clone(&STATE.arrived), number)?;
        }
        Ok(())
    }

    pub(super) fn arrived() -> bool {
        STATE.arrived.load(SeqCst) != 0
    }

    pub(super) fn end() {
        if STATE.holders.fetch_sub(1, SeqCst) > 1 {
            return;
        }
        STATE.open.store(true, SeqCst);
        if let Ok(signal @ 1..) = i32::try_from(STATE.arrived.swap(0, SeqCst)) {
            // Where even that fails, the program ends by its error instead.
            let _ = raise(signal);
        }
    }
}

/// Other systems end a program without asking it.
#[cfg(not(unix))]
mod hold {
    pub(super) fn begin() -> std::io::Result<()> {
        Ok(())
    }

    pub(super) fn arrived() -> bool {
        false
    }

    pub(super) fn end() {}
}
