//! Frames, and transfers put together from them.

use crate::case::Case;
use cloison_protocol::{Assembly, Fate, Frame, Transfer, TransferId};

pub(crate) fn check(case: &Case) {
    match case.text("check") {
        "frame" => {
            let (bytes, frame) = (case.bytes("bytes"), fields(case));
            assert_eq!(Frame::decode(&bytes), Ok(frame.clone()), "{}", case.name());
            assert_eq!(frame.encode(), bytes);
            assert_eq!(frame.source_symbols(), case.number::<usize>("source_symbols"));
        }
        "malformed" => {
            let error = Frame::decode(&case.bytes("bytes")).unwrap_err();
            assert_eq!(format!("{error:?}"), case.text("error"), "{}", case.name());
        }
        "transfer" => transfer(case),
        "refused" => {
            let error = Transfer::new(&case.bytes("payload"), case.number("symbol_size")).err().unwrap();
            assert_eq!(format!("{error:?}"), case.text("error"), "{}", case.name());
        }
        "assembly" => assembly(case),
        other => panic!("{}: no check {other}", case.name()),
    }
}

fn fields(case: &Case) -> Frame {
    Frame {
        transfer: TransferId(case.array("transfer")),
        length: case.number("length"),
        symbol_id: case.number("symbol_id"),
        symbol: case.bytes("symbol"),
    }
}

fn transfer(case: &Case) {
    let payload = case.bytes("payload");
    let transfer = Transfer::new(&payload, case.number("symbol_size")).unwrap();
    assert_eq!(transfer.id(), TransferId(case.array("transfer")));
    assert_eq!(transfer.least_frames(), case.number::<u32>("source_symbols"));
    let mut assembly = Assembly::new();
    let mut complete = false;
    for frame in case.list("frames") {
        let bytes = frame.bytes("bytes");
        assert_eq!(transfer.frame(frame.number("number")), bytes, "{}", frame.name());
        if let Fate::Complete(found) = assembly.take(&bytes).unwrap() {
            assert_eq!(found, payload);
            complete = true;
        }
    }
    assert!(complete, "{}: the frames do not suffice", case.name());
}

fn assembly(case: &Case) {
    let mut assembly = Assembly::new();
    let fates: Vec<String> = case.list_of_bytes("codes").iter().map(|code| fate(assembly.take(code).unwrap(), case)).collect();
    assert_eq!(fates, case.list_of_text("fates"), "{}", case.name());
}

fn fate(fate: Fate, case: &Case) -> String {
    match fate {
        Fate::Complete(payload) => {
            assert_eq!(payload, case.bytes("payload"));
            "Complete".to_owned()
        }
        other => format!("{other:?}"),
    }
}
