//! A USB device on the other end of QEMU's `usb-redir` line: the protocol of usbredir 0.7, as far as
//! a camera needs it.

use cloison_tests::Result;
use std::{
    io::{Read, Write},
    net::Shutdown,
    os::unix::net::UnixStream,
    sync::{Arc, Mutex, PoisonError},
};

const HELLO: u32 = 0;
const DEVICE_CONNECT: u32 = 1;
const RESET: u32 = 3;
const INTERFACE_INFO: u32 = 4;
const EP_INFO: u32 = 5;
const SET_CONFIGURATION: u32 = 6;
const GET_CONFIGURATION: u32 = 7;
const CONFIGURATION_STATUS: u32 = 8;
const SET_ALT_SETTING: u32 = 9;
const GET_ALT_SETTING: u32 = 10;
const ALT_SETTING_STATUS: u32 = 11;
const CANCEL_DATA_PACKET: u32 = 21;
const CONTROL_PACKET: u32 = 100;
const BULK_PACKET: u32 = 101;

/// What both ends can do: the version at the connection, the size of an endpoint's packets, numbers
/// of eight bytes, long packets.
const ABLE: u32 = 1 << 1 | 1 << 4 | 1 << 5 | 1 << 6;

const DONE: u8 = 0;
const CANCELLED: u8 = 1;
const STALLED: u8 = 4;

const HIGH_SPEED: u8 = 2;
const BULK: u8 = 2;
const NONE: u8 = 255;

/// The most that a message may be.
const MOST: usize = 1 << 20;

/// What is asked of a device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Asked {
    Control {
        id: u64,
        setup: Setup,
        data: Vec<u8>,
    },
    /// So many bytes of a stream.
    Bulk {
        id: u64,
        endpoint: u8,
        length: usize,
    },
    /// What was asked under this number is not wanted any more.
    Cancel {
        id: u64,
    },
    /// The device is as it was when it was plugged in.
    Reset,
}

/// A control request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Setup {
    pub(crate) kind: u8,
    pub(crate) request: u8,
    pub(crate) value: u16,
    pub(crate) index: u16,
    pub(crate) length: u16,
}

/// What a device says of itself when it is plugged in.
#[derive(Debug, Clone)]
pub(crate) struct Identity {
    pub(crate) class: [u8; 3],
    pub(crate) vendor: u16,
    pub(crate) product: u16,
    /// The class of each interface.
    pub(crate) interfaces: Vec<[u8; 3]>,
    /// The interface of the one endpoint that streams towards the guest, its number and packets.
    pub(crate) stream: (u8, u8, u16),
}

/// The half of the line that one thread waits at.
pub(crate) struct Listening(UnixStream);

/// The other half, at which several answer, one message at a time.
#[derive(Clone)]
pub(crate) struct Answering(Arc<Mutex<UnixStream>>);

/// Plugs a device in.
pub(crate) fn plug(line: UnixStream, device: &Identity) -> Result<(Listening, Answering)> {
    let mut listening = Listening(line.try_clone().map_err(|error| error.to_string())?);
    let answering = Answering(Arc::new(Mutex::new(line)));
    let mut hello = b"cloison boot test".to_vec();
    hello.resize(64, 0);
    hello.extend(ABLE.to_le_bytes());
    answering.hello(&hello)?;
    let (kind, body) = listening.first()?;
    let theirs = body.get(64..68).and_then(|bytes| bytes.try_into().ok()).map(u32::from_le_bytes);
    if kind != HELLO || theirs.is_none_or(|able| able & ABLE != ABLE) {
        return Err("this QEMU speaks an older usbredir".to_owned());
    }
    answering.send(INTERFACE_INFO, 0, &interfaces(device))?;
    answering.send(EP_INFO, 0, &endpoints(device))?;
    let mut connect = vec![HIGH_SPEED];
    connect.extend(device.class);
    for number in [device.vendor, device.product, 0x0100] {
        connect.extend(number.to_le_bytes());
    }
    answering.send(DEVICE_CONNECT, 0, &connect)?;
    Ok((listening, answering))
}

fn interfaces(device: &Identity) -> Vec<u8> {
    let count = u32::try_from(device.interfaces.len()).unwrap_or(0);
    let mut body = count.to_le_bytes().to_vec();
    let row = |value: &dyn Fn(usize) -> u8| (0..32).map(value).collect::<Vec<u8>>();
    body.extend(row(&|at| u8::try_from(at).unwrap_or(0)));
    for part in 0..3 {
        body.extend(row(&|at| device.interfaces.get(at).map_or(0, |class| class[part])));
    }
    body
}

/// Endpoints are listed by number, the 16 towards the device first.
fn endpoints(device: &Identity) -> Vec<u8> {
    let (interface, endpoint, packet) = device.stream;
    let at = 16 + usize::from(endpoint & 15);
    let is = |number: usize, yes: u8, no: u8| if number == at { yes } else { no };
    let kind = |number: usize| if number.is_multiple_of(16) { 0 } else { is(number, BULK, NONE) };
    let mut body: Vec<u8> = (0..32).map(kind).collect();
    body.extend([0; 32]);
    body.extend((0..32).map(|number| is(number, interface, 0)));
    body.extend((0..32).flat_map(|number| if number == at { packet } else { 64 }.to_le_bytes()));
    body
}

impl Listening {
    fn exactly(&mut self, size: usize) -> Result<Vec<u8>> {
        if size > MOST {
            return Err(format!("QEMU sends {size} bytes at once"));
        }
        let mut bytes = vec![0; size];
        self.0.read_exact(&mut bytes).map_err(|error| format!("the camera's line is gone: {error}"))?;
        Ok(bytes)
    }

    /// Reads the first message, whose number is short.
    fn first(&mut self) -> Result<(u32, Vec<u8>)> {
        let head = self.exactly(12)?;
        let size = number(&head, 4, 4)?;
        Ok((u32::try_from(number(&head, 0, 4)?).unwrap_or(u32::MAX), self.exactly(size.try_into().unwrap_or(usize::MAX))?))
    }

    /// Waits for what is asked next; what the bus itself asks is answered here.
    pub(crate) fn next(&mut self, answering: &Answering) -> Result<Asked> {
        loop {
            let head = self.exactly(16)?;
            let (kind, size, id) = (number(&head, 0, 4)?, number(&head, 4, 4)?, number(&head, 8, 8)?);
            let body = self.exactly(size.try_into().unwrap_or(usize::MAX))?;
            let byte = |at: usize| body.get(at).copied().unwrap_or(0);
            match u32::try_from(kind).unwrap_or(u32::MAX) {
                RESET => return Ok(Asked::Reset),
                CANCEL_DATA_PACKET => return Ok(Asked::Cancel { id }),
                SET_CONFIGURATION => answering.send(CONFIGURATION_STATUS, id, &[DONE, byte(0)])?,
                GET_CONFIGURATION => answering.send(CONFIGURATION_STATUS, id, &[DONE, 1])?,
                SET_ALT_SETTING => answering.send(ALT_SETTING_STATUS, id, &[DONE, byte(0), byte(1)])?,
                GET_ALT_SETTING => answering.send(ALT_SETTING_STATUS, id, &[DONE, byte(0), 0])?,
                CONTROL_PACKET => return control(id, &body),
                BULK_PACKET => return bulk(id, &body),
                _ => {}
            }
        }
    }
}

/// Endpoint, request, kind, status; then value, index and length.
fn control(id: u64, body: &[u8]) -> Result<Asked> {
    let short = |at: usize| number(body, at, 2).map(|number| u16::try_from(number).unwrap_or(0));
    let byte = |at: usize| body.get(at).copied().unwrap_or(0);
    let setup = Setup { request: byte(1), kind: byte(2), value: short(4)?, index: short(6)?, length: short(8)? };
    Ok(Asked::Control { id, setup, data: body.get(10..).unwrap_or_default().to_vec() })
}

/// Endpoint, status, the length's low half, the stream, the length's high half.
fn bulk(id: u64, body: &[u8]) -> Result<Asked> {
    let length = number(body, 2, 2)? | number(body, 8, 2)? << 16;
    let endpoint = body.first().copied().unwrap_or(0);
    Ok(Asked::Bulk { id, endpoint, length: usize::try_from(length).unwrap_or(0).min(MOST) })
}

/// Reads a number, its low byte first.
fn number(bytes: &[u8], at: usize, size: usize) -> Result<u64> {
    let bytes = bytes.get(at..at + size).ok_or("a message of QEMU is too short")?;
    Ok(bytes.iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte)))
}

impl Answering {
    /// Pulls the plug.
    pub(crate) fn unplug(&self) {
        let line = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let _ = line.shutdown(Shutdown::Both);
    }

    fn write(&self, bytes: &[u8]) -> Result<()> {
        let mut line = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        line.write_all(bytes).map_err(|error| format!("the camera's line is gone: {error}"))
    }

    /// Sends the first message, whose number is short.
    fn hello(&self, body: &[u8]) -> Result<()> {
        let size = u32::try_from(body.len()).unwrap_or(u32::MAX);
        self.write(&[&HELLO.to_le_bytes()[..], &size.to_le_bytes(), &[0; 4], body].concat())
    }

    fn send(&self, kind: u32, id: u64, body: &[u8]) -> Result<()> {
        let size = u32::try_from(body.len()).unwrap_or(u32::MAX);
        let mut bytes = [kind.to_le_bytes(), size.to_le_bytes()].concat();
        bytes.extend(id.to_le_bytes());
        bytes.extend(body);
        self.write(&bytes)
    }

    /// Answers a control request, or refuses it.
    pub(crate) fn control(&self, id: u64, setup: Setup, answer: Option<&[u8]>) -> Result<()> {
        let sent = setup.kind & 0x80 == 0;
        let (status, data) = answer.map_or((STALLED, &[][..]), |data| (DONE, data));
        let data = &data[..data.len().min(setup.length.into())];
        let length = if sent && status == DONE { setup.length } else { u16::try_from(data.len()).unwrap_or(0) };
        let mut body = vec![setup.kind & 0x80, setup.request, setup.kind, status];
        for number in [setup.value, setup.index, length] {
            body.extend(number.to_le_bytes());
        }
        body.extend(data);
        self.send(CONTROL_PACKET, id, &body)
    }

    /// Gives a piece of the stream.
    pub(crate) fn bulk(&self, id: u64, endpoint: u8, data: &[u8]) -> Result<()> {
        self.piece(id, endpoint, DONE, data)
    }

    /// Acknowledges that a piece is not wanted any more.
    pub(crate) fn cancelled(&self, id: u64, endpoint: u8) -> Result<()> {
        self.piece(id, endpoint, CANCELLED, &[])
    }

    fn piece(&self, id: u64, endpoint: u8, status: u8, data: &[u8]) -> Result<()> {
        let length = u32::try_from(data.len()).unwrap_or(0).to_le_bytes();
        let mut body = vec![endpoint, status, length[0], length[1], 0, 0, 0, 0, length[2], length[3]];
        body.extend(data);
        self.send(BULK_PACKET, id, &body)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn camera() -> Identity {
        Identity { class: [0xef, 2, 1], vendor: 1, product: 2, interfaces: vec![[14, 1, 0], [14, 2, 0]], stream: (1, 0x81, 512) }
    }

    /// Plays QEMU's part.
    fn plugged() -> (Listening, Answering, UnixStream) {
        let (ours, mut theirs) = UnixStream::pair().unwrap();
        let mut hello = vec![0; 12 + 68];
        hello[4] = 68;
        hello[76..80].copy_from_slice(&0xff_u32.to_le_bytes());
        theirs.write_all(&hello).unwrap();
        let (listening, answering) = plug(ours, &camera()).unwrap();
        let mut said = vec![0; 12 + 68 + 16 + 132 + 16 + 160 + 16 + 10];
        theirs.read_exact(&mut said).unwrap();
        assert_eq!(said[said.len() - 10..], [2, 0xef, 2, 1, 1, 0, 2, 0, 0, 1]);
        let endpoints = &said[12 + 68 + 16 + 132 + 16..];
        assert_eq!((endpoints[16], endpoints[17], endpoints[18], endpoints[64 + 17]), (0, BULK, NONE, 1));
        assert_eq!(endpoints[96 + 34..96 + 36], [0, 2]);
        (listening, answering, theirs)
    }

    #[test]
    fn a_piece_of_the_stream_is_asked_for_and_given() {
        let (mut listening, answering, mut qemu) = plugged();
        let ask = [&[101, 0, 0, 0, 10, 0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0][..], &[0x81, 0, 0, 64, 0, 0, 0, 0, 1, 0]].concat();
        qemu.write_all(&ask).unwrap();
        let asked = listening.next(&answering).unwrap();
        assert_eq!(asked, Asked::Bulk { id: 7, endpoint: 0x81, length: 0x14000 });
        answering.bulk(7, 0x81, b"abc").unwrap();
        let mut given = vec![0; 29];
        qemu.read_exact(&mut given).unwrap();
        assert_eq!(
            given,
            [&[101, 0, 0, 0, 13, 0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0, 0x81, 0, 3, 0, 0, 0, 0, 0, 0, 0][..], b"abc"].concat()
        );
    }

    #[test]
    fn the_bus_is_answered_and_a_request_refused() {
        let (mut listening, answering, mut qemu) = plugged();
        qemu.write_all(&[6, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1]).unwrap();
        let body = [0, 6, 0x80, 0, 0, 1, 0, 0, 18, 0];
        qemu.write_all(&[&[100, 0, 0, 0, 10, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0][..], &body].concat()).unwrap();
        let Asked::Control { id: 2, setup, .. } = listening.next(&answering).unwrap() else { panic!("no control request") };
        assert_eq!(setup, Setup { kind: 0x80, request: 6, value: 0x100, index: 0, length: 18 });
        answering.control(2, setup, None).unwrap();
        let mut given = vec![0; 18 + 26];
        qemu.read_exact(&mut given).unwrap();
        assert_eq!((given[16], given[17], given[18 + 16 + 3]), (DONE, 1, STALLED));
    }

    #[test]
    fn a_message_that_is_too_long_is_not_read() {
        let (mut listening, answering, mut qemu) = plugged();
        qemu.write_all(&[100, 0, 0, 0, 255, 255, 255, 255, 2, 0, 0, 0, 0, 0, 0, 0]).unwrap();
        assert!(listening.next(&answering).is_err());
    }
}
