//! The lines of the input, read beside the desk, so that it can look around between two of them.

use crate::desk::DeskError;
use std::{
    io::{self, BufRead, Read},
    sync::mpsc::{Receiver, RecvTimeoutError, sync_channel},
    time::Duration,
};
use zeroize::Zeroizing;

/// The longest line that is read.
const MAX_LINE: u64 = 1 << 20;

/// What comes next.
pub(crate) enum Next {
    Line(Zeroizing<Vec<u8>>),
    /// None came in time.
    Nothing,
    End,
}

/// The lines of an input, in their order; a thread of its own waits for them.
pub(crate) struct Lines(Receiver<Result<Zeroizing<Vec<u8>>, DeskError>>);

impl Lines {
    pub(crate) fn of(mut input: impl BufRead + Send + 'static) -> Result<Self, DeskError> {
        // One line ahead and no more: what is not obeyed yet stays with whoever wrote it.
        let (lines, read) = sync_channel(0);
        let reading = move || {
            while let Some(line) = line(&mut input).transpose() {
                let ended = line.is_err();
                if lines.send(line).is_err() || ended {
                    return;
                }
            }
        };
        std::thread::Builder::new().spawn(reading).map_err(DeskError::Pipe)?;
        Ok(Self(read))
    }

    /// Waits for the next line, no longer than `patience` where there is one.
    pub(crate) fn next(&self, patience: Option<Duration>) -> Result<Next, DeskError> {
        let line = match patience {
            Some(patience) => self.0.recv_timeout(patience),
            None => self.0.recv().map_err(|_| RecvTimeoutError::Disconnected),
        };
        match line {
            Ok(line) => line.map(Next::Line),
            Err(RecvTimeoutError::Timeout) => Ok(Next::Nothing),
            Err(RecvTimeoutError::Disconnected) => Ok(Next::End),
        }
    }
}

fn line(input: &mut impl BufRead) -> Result<Option<Zeroizing<Vec<u8>>>, DeskError> {
    let mut line = Zeroizing::new(Vec::new());
    let read = read(input, &mut line).map_err(DeskError::Pipe)?;
    if read as u64 == MAX_LINE && line.last() != Some(&b'\n') {
        return Err(DeskError::LongLine);
    }
    Ok((read > 0).then_some(line))
}

fn read(input: &mut impl BufRead, line: &mut Vec<u8>) -> io::Result<usize> {
    input.take(MAX_LINE).read_until(b'\n', line)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn next(lines: &Lines) -> Option<Vec<u8>> {
        match lines.next(Some(Duration::from_secs(5))).ok()? {
            Next::Line(line) => Some(line.to_vec()),
            Next::Nothing | Next::End => None,
        }
    }

    #[test]
    fn lines_come_in_their_order_and_then_the_end() {
        let lines = Lines::of(&b"one\ntwo\nthree"[..]).ok().unwrap();
        assert_eq!(
            [(); 4].map(|()| next(&lines)),
            [Some(&b"one\n"[..]), Some(b"two\n"), Some(b"three"), None].map(|line| line.map(<[u8]>::to_vec))
        );
        assert!(matches!(lines.next(None), Ok(Next::End)));
    }

    #[test]
    fn who_waits_for_a_line_that_does_not_come_goes_on() {
        let (read, _write) = io::pipe().unwrap();
        let lines = Lines::of(io::BufReader::new(read)).ok().unwrap();
        assert!(matches!(lines.next(Some(Duration::from_millis(20))), Ok(Next::Nothing)));
    }

    #[test]
    fn a_line_without_end_is_refused_at_its_limit() {
        let lines = Lines::of(io::BufReader::new(io::repeat(b'x'))).ok().unwrap();
        assert!(matches!(lines.next(None), Err(DeskError::LongLine)));
    }
}
