//! The longest messages, and those that are one byte or one item longer.

use crate::bodies::{Signer, backup, request};
use cloison_protocol::{
    Backup, Kind, MAX_BACKUP, MAX_MESSAGE, MAX_OPERATIONS, MAX_VIEWED, Message, MessageError, Operation, Request,
    bounded::{BoundError, Bytes, List, Prose},
};

fn view(header: usize, payload: usize) -> Operation {
    Operation::View { header: Bytes::new(vec![b'h'; header]).unwrap(), payload: Bytes::new(vec![b'p'; payload]).unwrap() }
}

fn resigned(unsigned: Vec<u8>) -> Vec<u8> {
    Signer::new(1).signed("cloison/v1/request", unsigned)
}

#[test]
fn the_largest_record_can_be_viewed_and_one_byte_more_is_refused() {
    let body = request(vec![view(16_384, MAX_VIEWED)]);
    let asked = Request::sign(body.clone(), &mut Signer::new(1)).unwrap();
    assert_eq!(Message::decode(asked.as_bytes()), Ok(Message::Request(asked.clone())));
    assert_eq!(asked.body(), &body);
    let limit = MAX_VIEWED;
    assert_eq!(Bytes::<MAX_VIEWED>::new(vec![0; limit + 1]), Err(BoundError::TooLong { found: limit + 1, limit }));

    let unsigned = &asked.as_bytes()[..asked.as_bytes().len() - 96];
    let payload = unsigned.len() - MAX_VIEWED;
    assert_eq!(&unsigned[payload - 3..payload], &[0x80, 0x80, 0x40], "the payload's length is before it");
    let payload_longer = [&unsigned[..payload - 3], &[0x81, 0x80, 0x40], &unsigned[payload..], b"p"].concat();
    assert_eq!(Request::decode(&resigned(payload_longer)), Err(MessageError::Malformed(Kind::Request)));

    let header = payload - 3 - 16_384;
    assert_eq!(&unsigned[header - 3..header], &[0x80, 0x80, 0x01], "the header's length is before it");
    let header_longer = [&unsigned[..header - 3], &[0x81, 0x80, 0x01, b'h'], &unsigned[header..]].concat();
    assert_eq!(Request::decode(&resigned(header_longer)), Err(MessageError::Malformed(Kind::Request)));
}

#[test]
fn the_longest_message_is_read_and_one_byte_more_is_neither_written_nor_read() {
    let around = Request::sign(request(vec![view(0, MAX_VIEWED), view(0, 20_000)]), &mut Signer::new(1)).unwrap();
    let room = MAX_MESSAGE - around.as_bytes().len();
    let longest = Request::sign(request(vec![view(0, MAX_VIEWED), view(0, 20_000 + room)]), &mut Signer::new(1)).unwrap();
    assert_eq!(longest.as_bytes().len(), MAX_MESSAGE);
    assert_eq!(Request::decode(longest.as_bytes()), Ok(longest.clone()));

    let limit = MAX_MESSAGE;
    let error = MessageError::TooLong { found: limit + 1, limit };
    assert_eq!(Request::sign(request(vec![view(0, MAX_VIEWED), view(0, 20_001 + room)]), &mut Signer::new(1)), Err(error));
    assert_eq!(Request::decode(&[longest.as_bytes(), &[0]].concat()), Err(error));
    assert_eq!(Message::decode(&vec![0; MAX_MESSAGE + 1]), Err(error));
}

#[test]
fn a_hundred_operations_are_asked_at_once_and_one_more_is_refused() {
    let texts = |count| vec![Operation::SignText(Prose::new("x").unwrap()); count];
    let most = Request::sign(request(texts(MAX_OPERATIONS)), &mut Signer::new(1)).unwrap();
    assert_eq!(Request::decode(most.as_bytes()), Ok(most.clone()));
    let limit = MAX_OPERATIONS;
    assert_eq!(List::<_, MAX_OPERATIONS>::new(texts(limit + 1)), Err(BoundError::TooLong { found: limit + 1, limit }));

    let unsigned = &most.as_bytes()[..most.as_bytes().len() - 96];
    let count = unsigned.len() - MAX_OPERATIONS * 3 - 1;
    assert_eq!(unsigned[count], 100);
    let more = [&unsigned[..count], &[101], &unsigned[count + 1..], &[1, 1, b'x']].concat();
    assert_eq!(Request::decode(&resigned(more)), Err(MessageError::Malformed(Kind::Request)));
    let none = [&unsigned[..count], &[0]].concat();
    assert_eq!(Request::decode(&resigned(none)), Err(MessageError::Malformed(Kind::Request)));
}

#[test]
fn an_operation_that_nobody_defined_is_refused() {
    let asked = Request::sign(request(vec![view(1, 1)]), &mut Signer::new(1)).unwrap();
    let unsigned = &asked.as_bytes()[..asked.as_bytes().len() - 96];
    let operation = unsigned.len() - 5;
    assert_eq!(&unsigned[operation..], &[3, 1, b'h', 1, b'p']);
    let mut unknown = unsigned.to_vec();
    unknown[operation] = 4;
    assert_eq!(Request::decode(&resigned(unknown)), Err(MessageError::Malformed(Kind::Request)));
}

#[test]
fn the_largest_backup_is_read_and_one_byte_more_is_refused() {
    let largest = Backup::new(backup(MAX_BACKUP)).unwrap();
    assert!(largest.as_bytes().len() <= MAX_MESSAGE);
    assert_eq!(Backup::decode(largest.as_bytes()), Ok(largest.clone()));
    let limit = MAX_BACKUP;
    assert_eq!(Bytes::<MAX_BACKUP>::new(vec![0; limit + 1]), Err(BoundError::TooLong { found: limit + 1, limit }));

    let bytes = largest.as_bytes();
    let store = bytes.len() - MAX_BACKUP;
    assert_eq!(&bytes[store - 3..store], &[0x80, 0xf8, 0x43], "the store's length is before it");
    let longer = [&bytes[..store - 3], &[0x81, 0xf8, 0x43], &bytes[store..], &[2]].concat();
    assert_eq!(Backup::decode(&longer), Err(MessageError::Malformed(Kind::Backup)));
}
