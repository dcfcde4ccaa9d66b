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
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::retry_on_intr;
use std::collections::BTreeMap;
use std::fs::File;
use std::io;
use std::ops::ControlFlow;
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::Path;
use std::process::{Child, Command};
use std::time::{Duration, Instant};

/// The most children at a time: a reader, a viewer, a camera, and those that were replaced.
pub const MAX_CHILDREN: usize = 16;

/// How often a keeper looks up from its socket.
const PULSE: Duration = Duration::from_secs(1);

/// The longest that the rest of a request may take, once its first byte has come.
const LONGEST_REQUEST: Duration = Duration::from_secs(5);

/// Says which program a keeper starts, in which roles, and as whom.
#[derive(Clone, Copy, Debug)]
pub struct Rules<'a> {
    /// The program.
    pub program: &'a Path,
    /// The only arguments that it is ever started with.
    pub roles: &'a [&'a str],
    /// The user, and the group of the same number, that it runs as, with no other group; the keeper's
    /// own without one. Only root can name another.
    pub user: Option<u32>,
}

/// Starts and ends children as the client asks, until its socket closes.
///
/// `roles` are the only arguments that the program is ever started with. It is called by the
/// keeper's main thread, since its children end with the thread that started them.
///
/// # Errors
/// The socket breaks, or what comes is no request. All children have been killed by then.
pub fn serve(socket: &UnixStream, program: &Path, roles: &[&str]) -> io::Result<()> {
    serve_while(socket, &Rules { program, roles, user: None }, |_| ControlFlow::Continue(()))
}

/// Does as [`serve`], and asks at least each second whether to go on.
///
/// `goes_on` is told how long ago the client last said that it is alive ([`super::Keeper::beat`]),
/// nothing where it never did. A client that says half a request and no more is given up.
///
/// # Errors
/// The socket breaks, or what comes is no request. All children have been killed by then, as they
/// have when `goes_on` ends it.
pub fn serve_while(
    socket: &UnixStream,
    rules: &Rules<'_>,
    mut goes_on: impl FnMut(Option<Duration>) -> ControlFlow<()>,
) -> io::Result<()> {
    socket.set_read_timeout(Some(LONGEST_REQUEST))?;
    let mut keeper = Keeping { rules: *rules, children: BTreeMap::new(), dying: Vec::new(), next: 0, beat: None };
    let mut asked = Instant::now();
    loop {
        if asked.elapsed() >= PULSE {
            asked = Instant::now();
            if goes_on(keeper.beat.map(|beat| beat.elapsed())).is_break() {
                return Ok(());
            }
        }
        if !has_something(socket, PULSE.saturating_sub(asked.elapsed()))? {
            continue;
        }
        match wire::read_request(&mut &*socket)? {
            Some(request) => keeper.obey(socket, request)?,
            None => return Ok(()),
        }
    }
}

/// Waits until a socket can be read, and tells whether it can.
fn has_something(socket: &UnixStream, longest: Duration) -> io::Result<bool> {
    let longest = Timespec::try_from(longest).map_err(|_| io::ErrorKind::InvalidInput)?;
    let mut all = [PollFd::new(socket, PollFlags::IN)];
    Ok(retry_on_intr(|| poll(&mut all, Some(&longest)))? != 0)
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
    rules: Rules<'a>,
    children: BTreeMap<u32, Child>,
    /// Killed children that the kernel had not let go of a second later.
    dying: Vec<Child>,
    next: u32,
    /// When the client last said that it is alive.
    beat: Option<Instant>,
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
            Request::Beat => {
                self.beat = Some(Instant::now());
                Answer::Heard
            }
        };
        wire::send(socket, answer, &[])
    }

    /// Starts a child where its role is on the list.
    fn start(&mut self, role: &[u8]) -> Result<(u32, File, File), Answer> {
        let role = self.rules.roles.iter().find(|known| known.as_bytes() == role).ok_or(Answer::Unknown)?;
        self.dying.retain_mut(|child| matches!(child.try_wait(), Ok(None)));
        if self.children.len() + self.dying.len() >= MAX_CHILDREN {
            return Err(Answer::Full);
        }
        let failed = |error: io::Error| Answer::Failed(error.raw_os_error().unwrap_or_default());
        let (stdin, stdout, child) = started(self.command().arg(role)).map_err(failed)?;
        // Its number is not the process's: nothing that this process did not start can be named.
        let number = self.next;
        self.next = self.next.wrapping_add(1);
        self.children.insert(number, child);
        Ok((number, stdin, stdout))
    }

    /// Makes a command of the program, as its user. Root's other groups go with root.
    fn command(&self) -> Command {
        let mut command = Command::new(self.rules.program);
        if let Some(user) = self.rules.user {
            command.uid(user).gid(user);
        }
        command
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
