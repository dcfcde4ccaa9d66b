//! Starts real processes and lets a test end whichever runs, as a crash would.

use cloison_eye::spawn::{Child, Running, Spawn};
use std::io;
use std::process::ExitStatus;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

pub(crate) struct Watched {
    inner: Box<dyn Spawn>,
    last: Mutex<Option<Shared>>,
    starts: AtomicUsize,
}

/// A child that both the test and its user can end.
#[derive(Clone)]
struct Shared(Arc<Mutex<Box<dyn Child>>>);

impl Child for Shared {
    fn is_running(&mut self) -> bool {
        self.0.lock().unwrap().is_running()
    }
    fn end(&mut self) -> Option<ExitStatus> {
        self.0.lock().unwrap().end()
    }
}

impl Watched {
    pub(crate) fn new(inner: impl Spawn + 'static) -> Arc<Self> {
        Arc::new(Self { inner: Box::new(inner), last: Mutex::default(), starts: AtomicUsize::new(0) })
    }

    /// Kills the child with SIGKILL; false where none has been started since the last time.
    pub(crate) fn kill(&self) -> bool {
        let last = self.last.lock().unwrap().take();
        last.is_some_and(|mut child| child.end().is_some())
    }

    pub(crate) fn starts(&self) -> usize {
        self.starts.load(Ordering::SeqCst)
    }
}

impl Spawn for Watched {
    fn spawn(&self, role: &str) -> io::Result<Running> {
        let Running { stdin, stdout, child } = self.inner.spawn(role)?;
        let child = Shared(Arc::new(Mutex::new(child)));
        // The one before ends with the test's last handle of it, where its user has let go of its own.
        *self.last.lock().unwrap() = Some(child.clone());
        self.starts.fetch_add(1, Ordering::SeqCst);
        Ok(Running { stdin, stdout, child: Box::new(child) })
    }
}
