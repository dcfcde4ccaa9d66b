//! Frames lost, repeated, reordered, mixed with strangers and forged.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use cloison_protocol::{Assembly, FRAME_OVERHEAD, Fate, Frame, FrameError, MAX_MESSAGE, Transfer, TransferError};
use proptest::prelude::*;

fn payload(length: usize, seed: u8) -> Vec<u8> {
    (0..length).map(|i| (i as u32).wrapping_mul(2_654_435_761).to_be_bytes()[0] ^ seed).collect()
}

fn received(frames: impl IntoIterator<Item = Vec<u8>>) -> Option<(Vec<u8>, usize)> {
    let mut assembly = Assembly::new();
    for (count, frame) in frames.into_iter().enumerate() {
        if let Fate::Complete(payload) = assembly.take(&frame).unwrap() {
            return Some((payload, count + 1));
        }
    }
    None
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_frames_in_any_order_from_any_start_carry_the_payload(
        length in 1usize..20_000, symbol in 20usize..1200, start in 0u32..5_000_000, stride in 1u32..50,
    ) {
        let payload = payload(length, 7);
        let transfer = Transfer::new(&payload, symbol).unwrap();
        let frames = (0..transfer.least_frames() + 8).rev().map(|i| transfer.frame(start + i * stride));
        let (found, count) = received(frames).unwrap();
        prop_assert_eq!(found, payload);
        prop_assert!(count <= transfer.least_frames() as usize + 8);
    }

    #[test]
    fn random_bytes_are_never_a_payload_and_never_panic(codes in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..200), 0..40)) {
        let mut assembly = Assembly::new();
        for code in codes {
            prop_assert!(assembly.take(&code).is_err());
        }
    }

    #[test]
    fn a_mutated_frame_is_refused_or_told_apart(length in 1usize..3000, at: proptest::sample::Index, change in 1u8..) {
        let transfer = Transfer::new(&payload(length, 1), 200).unwrap();
        let mut frame = transfer.frame(3);
        let at = at.index(frame.len());
        frame[at] ^= change;
        prop_assert!(Frame::decode(&frame).is_err());
    }

    /// A forger can make checksums right; the digest still keeps the payload out.
    #[test]
    fn forged_headers_with_right_checksums_never_panic_and_never_complete(
        transfer: [u8; 4], pieces in 1u32..30, ids in proptest::collection::vec(0u32..0x0100_0000, 30..60), size in 2usize..400,
    ) {
        // Few enough pieces that the code's solver runs on them, again and again.
        let length = pieces * size as u32;
        let mut assembly = Assembly::new();
        for symbol_id in ids {
            let forged = Frame { transfer: cloison_protocol::TransferId(transfer), length, symbol_id, symbol: vec![0x5a; size] };
            if let Ok(fate) = assembly.take(&forged.encode()) {
                prop_assert!(!matches!(fate, Fate::Complete(_)));
            }
        }
    }
}

#[test]
fn the_longest_message_crosses_and_one_byte_more_is_refused() {
    let payload = payload(MAX_MESSAGE, 3);
    let transfer = Transfer::new(&payload, 1260).unwrap();
    let lost_every_third = (100..).filter(|number| number % 3 != 0).map(|number| transfer.frame(number)).take(1000);
    let (found, count) = received(lost_every_third).unwrap();
    assert_eq!(found, payload);
    assert!(count <= transfer.least_frames() as usize + 3, "{count} frames for {}", transfer.least_frames());
    assert!(matches!(Transfer::new(&vec![0; MAX_MESSAGE + 1], 1260), Err(TransferError::TooLong { .. })));
}

#[test]
fn what_cannot_be_shown_is_refused_with_a_reason() {
    assert!(matches!(Transfer::new(b"", 100), Err(TransferError::Empty)));
    assert!(matches!(Transfer::new(b"x", 0), Err(TransferError::SymbolSize(0))));
    assert!(matches!(Transfer::new(&[0; 100_000], 2), Err(TransferError::SymbolSize(2))));
}

#[test]
fn a_small_payload_is_one_frame_no_larger_than_it_needs() {
    let transfer = Transfer::new(b"one", 1260).unwrap();
    assert_eq!(transfer.least_frames(), 1);
    assert_eq!(transfer.frame(0).len(), FRAME_OVERHEAD + 3 + 32);
    assert_eq!(received([transfer.frame(9)]).unwrap().0, b"one", "a repair frame alone will do");
}

#[test]
fn a_stranger_is_told_apart_and_does_not_disturb() {
    let (one, two) = (Transfer::new(&payload(4000, 1), 100).unwrap(), Transfer::new(&payload(4000, 2), 100).unwrap());
    let mut assembly = Assembly::new();
    assert_eq!(assembly.take(&one.frame(0)), Ok(Fate::New));
    for number in 1..=one.least_frames() + 8 {
        assert_eq!(assembly.take(&two.frame(number)), Ok(Fate::Stranger { reading: one.id(), this: two.id() }));
        match assembly.take(&one.frame(number)).unwrap() {
            Fate::Complete(found) => {
                assert_eq!(found, payload(4000, 1));
                assert_eq!(assembly.take(&one.frame(0)), Ok(Fate::Repeated), "the rest of it is not a new transfer");
                return;
            }
            fate => assert_eq!(fate, Fate::New),
        }
    }
    panic!("the transfer never completed");
}

#[test]
fn when_the_screen_has_changed_the_new_transfer_is_read() {
    let (one, two) = (Transfer::new(&payload(4000, 1), 100).unwrap(), Transfer::new(&payload(4000, 2), 100).unwrap());
    let mut assembly = Assembly::new();
    assembly.take(&one.frame(0)).unwrap();
    let rest = (0..60).find_map(|number| match assembly.take(&two.frame(number)).unwrap() {
        Fate::Complete(found) => Some(found),
        _ => None,
    });
    assert_eq!(rest, Some(payload(4000, 2)));
}

#[test]
fn poisoned_symbols_are_noticed_by_the_digest_and_reading_starts_again() {
    let transfer = Transfer::new(&payload(4000, 1), 100).unwrap();
    let mut poisoned = Frame::decode(&transfer.frame(0)).unwrap();
    poisoned.symbol[0] ^= 1;
    let mut assembly = Assembly::new();
    assembly.take(&poisoned.encode()).unwrap();
    let mut fates = (1..200).map(|number| assembly.take(&transfer.frame(number)).unwrap());
    assert!(fates.any(|fate| fate == Fate::Corrupt));
    assert!(fates.any(|fate| fate == Fate::Complete(payload(4000, 1))), "the good transfer still arrives");
}

#[test]
fn a_later_version_and_an_announced_gigabyte_are_named() {
    let frame = Transfer::new(b"x", 100).unwrap().frame(0);
    let mut later = frame.clone();
    later[0] = 0xC2;
    assert_eq!(Frame::decode(&later), Err(FrameError::Version { found: 2, known: 1 }));
    let huge = Frame { transfer: cloison_protocol::TransferId([0; 4]), length: 0x00ff_ffff, symbol_id: 0, symbol: vec![0; 1000] };
    assert!(matches!(Frame::decode(&huge.encode()), Err(FrameError::TooLong { length: 0x00ff_ffff, .. })));
    let dust = Frame { transfer: cloison_protocol::TransferId([0; 4]), length: 1 << 20, symbol_id: 0, symbol: vec![0; 1] };
    assert!(matches!(Frame::decode(&dust.encode()), Err(FrameError::TooLong { .. })), "too many symbols");
    assert_eq!(Frame::decode(b""), Err(FrameError::NotAFrame));
    assert_eq!(Frame::decode(&[0xC1; 13]), Err(FrameError::Damaged));
}

/// A sender that nobody answers changes the size of its frames.
#[test]
fn frames_of_another_size_are_the_same_transfer_and_disturb_nothing() {
    let sizes = [1200, 400, 150];
    let transfers = sizes.map(|size| Transfer::new(&payload(9000, 1), size).unwrap());
    let mut assembly = Assembly::new();
    // One frame of each size after the other, so that none is ahead for long.
    let mut numbers = (0..).flat_map(|number| transfers.iter().map(move |transfer| transfer.frame(number)));
    let (mut before, mut frames) = (0.0, 0);
    loop {
        frames += 1;
        match assembly.take(&numbers.next().unwrap()).unwrap() {
            Fate::Complete(found) => break assert_eq!(found, payload(9000, 1)),
            fate => assert_eq!(fate, Fate::New),
        }
        let progress = assembly.progress().unwrap();
        let part = progress.read as f64 / progress.needed as f64;
        assert!(part >= before, "progress never falls");
        before = part;
    }
    assert!(frames <= 3 * (9032_usize.div_ceil(1200) + 2), "{frames}");
    assert_eq!(assembly.take(&transfers[2].frame(90)), Ok(Fate::Repeated));
}

#[test]
fn wrong_pieces_of_one_size_do_not_spoil_another() {
    let (good, small) = (Transfer::new(&payload(9000, 1), 1000).unwrap(), Transfer::new(&payload(9000, 1), 100).unwrap());
    let mut assembly = Assembly::new();
    let mut corrupt = 0;
    for number in 0..200 {
        let mut forged = Frame::decode(&small.frame(number)).unwrap();
        forged.symbol[3] ^= 1;
        corrupt += usize::from(assembly.take(&forged.encode()) == Ok(Fate::Corrupt));
        if number % 20 == 0 && matches!(assembly.take(&good.frame(number)), Ok(Fate::Complete(_))) {
            assert!(corrupt > 0);
            return;
        }
    }
    panic!("the good transfer did not arrive beside {corrupt} forged ones");
}

#[test]
fn a_flood_of_sizes_is_kept_to_a_few_and_the_good_one_arrives() {
    let good = Transfer::new(&payload(9000, 1), 1000).unwrap();
    let length = 9032;
    let mut assembly = Assembly::new();
    for number in 0..20 {
        for size in [37, 41, 43] {
            let symbol = vec![number as u8; size + number as usize];
            let forged = Frame { transfer: good.id(), length, symbol_id: number, symbol };
            assembly.take(&forged.encode()).unwrap();
        }
        if let Fate::Complete(found) = assembly.take(&good.frame(number)).unwrap() {
            return assert_eq!(found, payload(9000, 1));
        }
    }
    panic!("the good transfer did not arrive");
}
