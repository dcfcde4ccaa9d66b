//! The bytes between a keeper and its client. Both sides check every length and every number.
//!
//! ```text
//! request   kind u8 (1 start, 2 is running, 3 end, 4 beat) · child u32 · length u8 · role
//! answer    kind u8 · child u32 · value i32, and with a started child its two pipes
//! ```
//!
//! Numbers are little-endian. Only a start has a role, and no child number; a beat has neither.

use rustix::io::retry_on_intr;
use rustix::net::{
    RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, ReturnFlags, SendAncillaryBuffer, SendAncillaryMessage, SendFlags,
    recvmsg, sendmsg,
};
use std::io::{self, IoSlice, IoSliceMut, Read};
use std::mem::MaybeUninit;
use std::os::fd::{BorrowedFd, OwnedFd};
use std::os::unix::net::UnixStream;

/// The bytes of a request before its role.
const HEAD: usize = 6;

/// The bytes of every answer.
const ANSWER: usize = 9;

/// The two pipes of a child: what it reads, and what it writes.
pub(super) const PIPES: usize = 2;

/// The longest role.
pub(super) const MAX_ROLE: usize = u8::MAX as usize;

/// What a client asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Request {
    Start(Vec<u8>),
    IsRunning(u32),
    End(u32),
    /// The client is alive.
    Beat,
}

/// What a keeper answers; the pipes of a started child come beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    Started(u32),
    Running(bool),
    /// The status as the kernel gives it, where it is known.
    Ended(Option<i32>),
    /// The role is not on the list.
    Unknown,
    /// There are as many children as there may be.
    Full,
    /// The system's error number.
    Failed(i32),
    /// The beat was heard.
    Heard,
}

/// Makes a request's bytes, where its role is not too long.
pub(super) fn request(request: &Request) -> Option<Vec<u8>> {
    let (kind, child, role) = match request {
        Request::Start(role) => (1, 0, role.as_slice()),
        Request::IsRunning(child) => (2, *child, &[][..]),
        Request::End(child) => (3, *child, &[][..]),
        Request::Beat => (4, 0, &[][..]),
    };
    let length = u8::try_from(role.len()).ok()?;
    Some([&[kind], &u32::to_le_bytes(child)[..], &[length], role].concat())
}

/// Reads a request; `None` at the end of the input.
pub(super) fn read_request(input: &mut impl Read) -> io::Result<Option<Request>> {
    let mut head = Vec::with_capacity(HEAD);
    input.by_ref().take(HEAD as u64).read_to_end(&mut head)?;
    let [kind, a, b, c, d, length] = match <[u8; HEAD]>::try_from(head.as_slice()) {
        Ok(head) => head,
        Err(_) if head.is_empty() => return Ok(None),
        Err(_) => return Err(io::ErrorKind::UnexpectedEof.into()),
    };
    match (kind, u32::from_le_bytes([a, b, c, d]), length) {
        (1, 0, 1..) => {
            let mut role = vec![0; usize::from(length)];
            input.read_exact(&mut role)?;
            Ok(Some(Request::Start(role)))
        }
        (2, child, 0) => Ok(Some(Request::IsRunning(child))),
        (3, child, 0) => Ok(Some(Request::End(child))),
        (4, 0, 0) => Ok(Some(Request::Beat)),
        _ => Err(io::ErrorKind::InvalidData.into()),
    }
}

/// Makes an answer's bytes.
fn bytes(answer: Answer) -> [u8; ANSWER] {
    let (kind, child, value) = match answer {
        Answer::Started(child) => (1, child, 0),
        Answer::Running(running) => (2, u32::from(running), 0),
        Answer::Ended(Some(status)) => (3, 1, status),
        Answer::Ended(None) => (3, 0, 0),
        Answer::Unknown => (4, 0, 0),
        Answer::Full => (5, 0, 0),
        Answer::Failed(error) => (6, 0, error),
        Answer::Heard => (7, 0, 0),
    };
    let ([a, b, c, d], [e, f, g, h]) = (child.to_le_bytes(), i32::to_le_bytes(value));
    [kind, a, b, c, d, e, f, g, h]
}

/// Takes an answer apart; `None` for one that no keeper gives.
fn answer([kind, a, b, c, d, e, f, g, h]: [u8; ANSWER]) -> Option<Answer> {
    match (kind, u32::from_le_bytes([a, b, c, d]), i32::from_le_bytes([e, f, g, h])) {
        (1, child, 0) => Some(Answer::Started(child)),
        (2, running @ 0..=1, 0) => Some(Answer::Running(running == 1)),
        (3, 1, status) => Some(Answer::Ended(Some(status))),
        (3, 0, 0) => Some(Answer::Ended(None)),
        (4, 0, 0) => Some(Answer::Unknown),
        (5, 0, 0) => Some(Answer::Full),
        (6, 0, error) => Some(Answer::Failed(error)),
        (7, 0, 0) => Some(Answer::Heard),
        _ => None,
    }
}

/// Sends an answer and, where it has some, descriptors with it.
pub(super) fn send(socket: &UnixStream, answer: Answer, pipes: &[BorrowedFd<'_>]) -> io::Result<()> {
    let bytes = bytes(answer);
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(PIPES))];
    let mut beside = SendAncillaryBuffer::new(&mut space);
    if !pipes.is_empty() && !beside.push(SendAncillaryMessage::ScmRights(pipes)) {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    let sent = retry_on_intr(|| sendmsg(socket, &[IoSlice::new(&bytes)], &mut beside, SendFlags::NOSIGNAL))?;
    // A local socket takes so few bytes at once or not at all.
    if sent == ANSWER { Ok(()) } else { Err(io::ErrorKind::WriteZero.into()) }
}

/// Receives an answer and what came with it: two pipes with a started child, else nothing.
///
/// # Errors
/// `InvalidData` for what no keeper sends, otherwise what the socket says.
pub(super) fn receive(socket: &UnixStream) -> io::Result<(Answer, Option<[OwnedFd; PIPES]>)> {
    let mut bytes = [0; ANSWER];
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(PIPES))];
    let mut beside = RecvAncillaryBuffer::new(&mut space);
    let got = retry_on_intr(|| recvmsg(socket, &mut [IoSliceMut::new(&mut bytes)], &mut beside, RecvFlags::CMSG_CLOEXEC))?;
    let came = beside.drain().filter_map(|message| match message {
        RecvAncillaryMessage::ScmRights(descriptors) => Some(descriptors),
        _ => None,
    });
    let descriptors: Vec<OwnedFd> = came.flatten().collect();
    if got.bytes == 0 {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    if got.bytes != ANSWER || got.flags.contains(ReturnFlags::CTRUNC) {
        return Err(io::ErrorKind::InvalidData.into());
    }
    match (answer(bytes), descriptors.len()) {
        (Some(started @ Answer::Started(_)), PIPES) => Ok((started, descriptors.try_into().ok())),
        (Some(Answer::Started(_)), _) | (None, _) => Err(io::ErrorKind::InvalidData.into()),
        (Some(answer), 0) => Ok((answer, None)),
        (Some(_), _) => Err(io::ErrorKind::InvalidData.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn requests_come_through_and_nothing_else_is_one() {
        for asked in [Request::Start(b"eye".to_vec()), Request::IsRunning(7), Request::End(u32::MAX), Request::Beat] {
            let bytes = request(&asked).unwrap();
            assert_eq!(read_request(&mut bytes.as_slice()).unwrap(), Some(asked));
            for end in 1..bytes.len() {
                assert!(read_request(&mut &bytes[..end]).is_err());
            }
        }
        assert_eq!(request(&Request::Start(vec![b'a'; MAX_ROLE + 1])), None);
        assert_eq!(read_request(&mut &b""[..]).unwrap(), None);
        let wrong = [
            [0, 0, 0, 0, 0, 0],
            [1, 0, 0, 0, 0, 0],
            [1, 1, 0, 0, 0, 1],
            [2, 0, 0, 0, 0, 1],
            [4, 1, 0, 0, 0, 0],
            [5, 0, 0, 0, 0, 0],
        ];
        for bytes in wrong {
            assert!(read_request(&mut &bytes[..]).is_err(), "{bytes:?}");
        }
    }

    #[test]
    fn answers_come_through_with_their_pipes_and_with_no_others() {
        let (one, other) = UnixStream::pair().unwrap();
        let (reader, writer) = io::pipe().unwrap();
        let (reader, writer) = (OwnedFd::from(reader), OwnedFd::from(writer));
        let pipes = [std::os::fd::AsFd::as_fd(&reader), std::os::fd::AsFd::as_fd(&writer)];
        send(&one, Answer::Started(3), &pipes).unwrap();
        let (answer, came) = receive(&other).unwrap();
        assert_eq!((answer, came.is_some()), (Answer::Started(3), true));
        let plain = [
            Answer::Running(true),
            Answer::Ended(Some(9)),
            Answer::Ended(None),
            Answer::Unknown,
            Answer::Full,
            Answer::Failed(2),
            Answer::Heard,
        ];
        for answer in plain {
            send(&one, answer, &[]).unwrap();
            assert!(matches!(receive(&other), Ok((came, None)) if came == answer));
            send(&one, answer, &pipes).unwrap();
            assert!(receive(&other).is_err(), "{answer:?} with pipes");
        }
        for pipes in [&[][..], &pipes[..1]] {
            send(&one, Answer::Started(3), pipes).unwrap();
            assert!(receive(&other).is_err(), "{} pipes", pipes.len());
        }
    }

    proptest! {
        #[test]
        fn no_bytes_panic_and_what_is_an_answer_is_so_in_one_way(given: [u8; ANSWER]) {
            if let Some(understood) = answer(given) {
                prop_assert_eq!(bytes(understood), given);
            }
        }

        #[test]
        fn no_bytes_panic_and_what_is_a_request_is_so_in_one_way(given: Vec<u8>) {
            if let Ok(Some(understood)) = read_request(&mut given.as_slice()) {
                let again = request(&understood).unwrap();
                prop_assert_eq!(&again, &given[..again.len()]);
            }
        }
    }
}
