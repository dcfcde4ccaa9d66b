//! The keeper: a process that does nothing but start one program in a few roles, and end it.
//!
//! The kiosk confines itself so that it can start nothing any more, and yet its reader, its viewer
//! and its camera must be replaced when they die. So before that, a second process is made that
//! stays free to start programs, and is reached over a socket that only the kiosk has. It runs one
//! fixed program with one of the roles given to it at its own start, and hands the two pipes back.
//! A kiosk that was taken over can have these few processes started, and no others.
//!
//! What it deliberately does not do: nothing that comes over the socket gets into a path, an
//! argument or an environment. A role is compared with the list, and the list's own is used.
//!
//! When its socket closes or something else than a request comes, it ends all its children and
//! returns. Where it is killed itself, the kernel ends those of its children that asked for it,
//! which all of [`crate::roles`] do.

use super::wire::{self, Answer, Request};
use super::{ended, started};
use std::collections::BTreeMap;
use std::fs::File;
use std::io;
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Child, Command};

/// The most children at a time: a reader, a viewer, a camera, and those that were replaced.
pub const MAX_CHILDREN: usize = 16;

/// Starts and ends children as the client asks, until its socket closes.
///
/// `roles` are the only arguments that the program is ever started with. It is called by the
/// keeper's main thread, since its children end with the thread that started them.
///
/// # Errors
/// The socket breaks, or what comes is no request. All children have been killed by then.
pub fn serve(socket: &UnixStream, program: &Path, roles: &[&str]) -> io::Result<()> {
    let mut keeper = Keeping { program, roles, children: BTreeMap::new(), dying: Vec::new(), next: 0 };
    let mut input = socket;
    while let Some(request) = wire::read_request(&mut input)? {
        keeper.obey(socket, request)?;
    }
    Ok(())
}

/// Takes the socket that this process was started with as its standard input.
///
/// # Errors
/// The standard input is closed.
pub fn inherited() -> io::Result<UnixStream> {
    Ok(io::stdin().as_fd().try_clone_to_owned()?.into())
}

/// Holds the children, which end when it is dropped.
struct Keeping<'a> {
    program: &'a Path,
    roles: &'a [&'a str],
    children: BTreeMap<u32, Child>,
    /// Killed children that the kernel had not let go of a second later.
    dying: Vec<Child>,
    next: u32,
}

impl Keeping<'_> {
    /// Does what is asked and answers.
    fn obey(&mut self, socket: &UnixStream, request: Request) -> io::Result<()> {
        let answer = match request {
            Request::Start(role) => match self.start(&role) {
                Ok((number, stdin, stdout)) => {
                    return wire::send(socket, Answer::Started(number), &[stdin.as_fd(), stdout.as_fd()]);
                }
                Err(answer) => answer,
            },
            Request::IsRunning(number) => Answer::Running(self.is_running(number)),
            Request::End(number) => Answer::Ended(self.end(number)),
        };
        wire::send(socket, answer, &[])
    }

    /// Starts a child where its role is on the list.
    fn start(&mut self, role: &[u8]) -> Result<(u32, File, File), Answer> {
        let role = self.roles.iter().find(|known| known.as_bytes() == role).ok_or(Answer::Unknown)?;
        self.dying.retain_mut(|child| matches!(child.try_wait(), Ok(None)));
        if self.children.len() + self.dying.len() >= MAX_CHILDREN {
            return Err(Answer::Full);
        }
        let failed = |error: io::Error| Answer::Failed(error.raw_os_error().unwrap_or_default());
        let (stdin, stdout, child) = started(Command::new(self.program).arg(role)).map_err(failed)?;
        // Its number is not the process's: nothing that this process did not start can be named.
        let number = self.next;
        self.next = self.next.wrapping_add(1);
        self.children.insert(number, child);
        Ok((number, stdin, stdout))
    }

    fn is_running(&mut self, number: u32) -> bool {
        self.children.get_mut(&number).is_some_and(|child| matches!(child.try_wait(), Ok(None)))
    }

    /// Ends a child; one that the kernel still holds counts until it has gone.
    fn end(&mut self, number: u32) -> Option<i32> {
        let mut child = self.children.remove(&number)?;
        let status = ended(&mut child);
        if status.is_none() {
            self.dying.push(child);
        }
        status.map(ExitStatusExt::into_raw)
    }
}

impl Drop for Keeping<'_> {
    fn drop(&mut self) {
        // First the kills, which are at once, so that no child outlives the wait for another.
        for child in self.children.values_mut() {
            let _ = child.kill();
        }
        for child in self.children.values_mut() {
            ended(child);
        }
    }
}
