//! Bytes that are no message, and bodies that no message can be made of.

use crate::{case::Case, messages::point};
use cloison_protocol::{
    Backup, Descriptor, Enrolment, EnrolmentBody, Kind, Message, MessageError, Plan, Point, PublicKeys, Reply, Request, Sign,
    SignError, Signature, Succession,
    bounded::{Line, List},
};

pub(crate) fn check(case: &Case) {
    match case.text("check") {
        "malformed" => malformed(case),
        "kind" => {
            let message = Message::decode(&case.bytes("bytes")).unwrap();
            assert_eq!(format!("{:?}", message.kind()), case.text("kind"));
            assert_eq!(matches!(message, Message::Card(_)), message.kind() == Kind::Card);
        }
        "not-signed" => {
            let signed = Enrolment::sign(EnrolmentBody { name: Line::new("x").unwrap(), key: point(case, "key") }, &mut Broken);
            assert_eq!(format!("{:?}", signed.unwrap_err()), case.text("error"));
        }
        "no-operations" => {
            let mut body = Request::decode(&case.bytes("request")).unwrap().body().clone();
            body.operations = List::new(Vec::new()).unwrap();
            assert_eq!(format!("{:?}", Request::sign(body, &mut Broken).unwrap_err()), case.text("error"));
        }
        other => panic!("{}: no check {other}", case.name()),
    }
}

/// Gives the named decoder bytes that it must refuse with the named error.
pub(crate) fn malformed(case: &Case) {
    let bytes = case.bytes("bytes");
    let result: Result<(), MessageError> = match case.text("read_as") {
        "message" => Message::decode(&bytes).map(drop),
        "request" => Request::decode(&bytes).map(drop),
        "reply" => Reply::decode(&bytes).map(drop),
        "public-keys" => PublicKeys::decode(&bytes).map(drop),
        "enrolment" => Enrolment::decode(&bytes).map(drop),
        "descriptor" => Descriptor::decode(&bytes).map(drop),
        "plan" => Plan::decode(&bytes).map(drop),
        "backup" => Backup::decode(&bytes).map(drop),
        "succession" => Succession::decode(&bytes).map(drop),
        other => panic!("{}: no decoder {other}", case.name()),
    };
    match result {
        Ok(()) => panic!("{} is not refused", case.name()),
        Err(error) => assert_eq!(format!("{error:?}"), case.text("error"), "{}", case.name()),
    }
}

/// A signer that fails.
struct Broken;

impl Sign for Broken {
    fn public(&self) -> Point {
        unreachable!("nobody asks")
    }

    fn sign(&mut self, _: &[u8]) -> Result<Signature, SignError> {
        Err(SignError)
    }
}
