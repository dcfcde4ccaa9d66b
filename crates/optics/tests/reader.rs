//! A reader that follows pictures: where it looks first, what it must not lose, when it must end.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use cloison_optics::draw::Canvas;
use cloison_optics::{Density, Level, Luma, MAX_PIXELS, Reader, Symbol, examine};
use proptest::prelude::*;

fn symbol(content: &[u8], version: u8) -> Symbol {
    Symbol::encode(content, Density::new(version, Level::M).unwrap()).unwrap()
}

/// Draws codes at their places on a table of 1280×720.
fn table(codes: &[(&[u8], i32, i32)]) -> Luma {
    let mut canvas = Canvas::white(1280, 720).unwrap();
    for (content, x, y) in codes {
        canvas.symbol(&symbol(content, 6), *x, *y, 4);
    }
    canvas.into_picture()
}

/// Changes the greys of one part of a picture.
fn changed(picture: &Luma, columns: std::ops::Range<usize>, change: impl Fn(usize, u8) -> u8) -> Luma {
    let width = picture.width() as usize;
    let mut pixels = picture.pixels().to_vec();
    for (at, grey) in pixels.iter_mut().enumerate().filter(|(at, _)| columns.contains(&(at % width))) {
        *grey = change(at, *grey);
    }
    Luma::new(picture.width(), picture.height(), pixels).unwrap()
}

/// Gives noise that is the same in every run.
fn noise(at: usize, most: i32) -> i32 {
    let mixed = (at as u32 ^ 0x9e37).wrapping_mul(0x85eb_ca6b);
    let mixed = (mixed ^ mixed >> 13).wrapping_mul(0xc2b2_ae35);
    ((mixed ^ mixed >> 16) >> 8) as i32 % (2 * most + 1) - most
}

fn noisy(picture: &Luma, columns: std::ops::Range<usize>, most: i32) -> Luma {
    changed(picture, columns, |at, grey| (60 + i32::from(grey) / 2 + noise(at, most)).clamp(0, 255) as u8)
}

/// Sorts, since the order in which codes are found says nothing.
fn sorted(mut symbols: Vec<Vec<u8>>) -> Vec<Vec<u8>> {
    symbols.sort();
    symbols
}

fn read(reader: &mut Reader, picture: &Luma) -> Vec<Vec<u8>> {
    let reading = reader.read(picture, &mut || true);
    assert!(!reading.crowded && !reading.unfinished);
    sorted(reading.symbols)
}

#[test]
fn two_codes_side_by_side_are_read_picture_after_picture() {
    let mut reader = Reader::new();
    for number in 0..30_u8 {
        let (left, right) = ([number; 40], [number + 100; 40]);
        let shift = i32::from(number) * 3;
        let picture = table(&[(&left, 100 + shift, 150), (&right, 600 + shift, 160)]);
        assert_eq!(read(&mut reader, &picture), [left, right]);
    }
}

#[test]
fn a_region_asks_for_less_than_a_whole_picture() {
    let asked = |reader: &mut Reader, picture: &Luma| {
        let mut count = 0;
        reader.read(picture, &mut || {
            count += 1;
            true
        });
        count
    };
    let mut reader = Reader::new();
    let picture = table(&[(b"small", 100, 150)]);
    let whole = asked(&mut reader, &picture);
    let region = asked(&mut reader, &picture);
    assert!(region < whole, "{region} of {whole}");
}

#[test]
fn a_second_code_that_appears_is_found_within_eight_pictures() {
    let mut reader = Reader::new();
    let alone = table(&[(b"first", 100, 150)]);
    let both = table(&[(b"first", 100, 150), (b"second", 800, 300)]);
    (0..5).for_each(|_| assert_eq!(read(&mut reader, &alone), [b"first"]));
    let needed = (1..=8).find(|_| read(&mut reader, &both).len() == 2);
    assert!(needed.is_some());
    assert_eq!(read(&mut reader, &both).len(), 2, "and its region is known now");
}

#[test]
fn a_code_that_turns_noisy_or_dark_beside_a_clear_one_is_read_where_it_was() {
    let both = table(&[(b"clear", 100, 150), (b"troubled", 800, 150)]);
    let dark = changed(&both, 780..1280, |_, grey| 255 - grey);
    let noisy = noisy(&both, 780..1280, 85);
    for troubled in [dark, noisy] {
        let mut reader = Reader::new();
        assert_eq!(read(&mut reader, &both).len(), 2);
        // The first such picture could be a torn one.
        read(&mut reader, &troubled);
        (0..3).for_each(|_| assert_eq!(read(&mut reader, &troubled), [&b"clear"[..], b"troubled"]));
    }
}

#[test]
fn three_patterns_that_give_nothing_at_first_are_read_in_another_way_beside_a_clear_code() {
    // So weak that smoothing and thresholds leave the patterns and little else.
    let both = table(&[(b"clear", 100, 150), (b"troubled", 800, 150)]);
    for most in [40, 55, 70, 85] {
        let picture = noisy(&both, 780..1280, most);
        assert_eq!(sorted(examine(&picture).symbols).len(), 2, "{most}");
    }
}

#[test]
fn a_code_white_on_black_alone_is_read_and_then_followed() {
    let dark = changed(&table(&[(b"inverted", 100, 150)]), 0..1280, |_, grey| 255 - grey);
    let mut reader = Reader::new();
    (0..10).for_each(|_| assert_eq!(read(&mut reader, &dark), [b"inverted"]));
}

#[test]
fn pictures_of_other_sizes_and_empty_ones_between_are_no_trouble() {
    let mut reader = Reader::new();
    let large = table(&[(b"large", 900, 400)]);
    let small = symbol(b"small", 2).picture(3);
    let single = Luma::white(1, 1).unwrap();
    for _ in 0..12 {
        let mut read_soon = |picture: &Luma| (0..2).map(|_| read(&mut reader, picture)).find(|found| !found.is_empty()).unwrap();
        assert_eq!(read_soon(&large), [b"large"]);
        assert_eq!(read_soon(&small), [b"small"]);
        assert!(read(&mut reader, &single).is_empty());
    }
}

#[test]
fn a_no_at_any_question_ends_the_reading_with_a_part_of_what_there_is() {
    let both = table(&[(b"first", 100, 150), (b"second", 800, 150)]);
    let pictures = [both.clone(), noisy(&both, 780..1280, 80), noisy(&both, 0..1280, 127), Luma::white(1280, 720).unwrap()];
    for picture in &pictures {
        let whole = examine(picture).symbols;
        for seen_before in [false, true] {
            for no in 0.. {
                let mut reader = Reader::new();
                if seen_before {
                    reader.read(&both, &mut || true);
                }
                let mut asked = 0;
                let reading = reader.read(picture, &mut || {
                    asked += 1;
                    asked <= no
                });
                assert!(asked <= no + 1, "a no is final");
                assert_eq!(reading.unfinished, asked == no + 1);
                assert!(reading.symbols.iter().all(|symbol| whole.contains(symbol) || seen_before));
                assert!(reading.symbols.iter().all(|symbol| *symbol == b"first" || *symbol == b"second"));
                if !reading.unfinished {
                    assert!(reading.symbols.len() >= whole.len());
                    break;
                }
                assert_eq!(sorted(reader.read(&both, &mut || true).symbols).len(), 2, "the reader is ready again");
            }
        }
    }
}

/// Fills a picture with finder patterns; with `noise` between them.
fn fakes(width: u32, height: u32, pitch: u32, module: u32, between: bool) -> Luma {
    let grey = |at: u32| {
        let (x, y) = (at % width % pitch / module, at / width % pitch / module);
        if x < 7 && y < 7 {
            return if x.abs_diff(3).max(y.abs_diff(3)) == 2 { 255 } else { 0 };
        }
        if between && (x > 7 || y > 7) { (128 + noise(at as usize, 127)) as u8 } else { 255 }
    };
    Luma::new(width, height, (0..width * height).map(grey).collect()).unwrap()
}

/// Counts the questions of a reading: a stand-in for its time that no other program disturbs.
fn questions(picture: &Luma) -> usize {
    let mut asked = 0;
    let reading = Reader::new().read(picture, &mut || {
        asked += 1;
        true
    });
    assert!(reading.symbols.is_empty() && !reading.unfinished);
    asked
}

#[test]
fn fake_patterns_at_any_pitch_end_by_limits_of_the_reader_s_own() {
    for pitch in 7..=40 {
        for (module, between) in [(pitch / 8, true), (pitch / 7, false), (pitch / 12, true)] {
            if module > 0 {
                let asked = questions(&fakes(1920, 1080, pitch, module, between));
                assert!(asked < 4000, "{asked} questions at pitch {pitch}, module {module}");
            }
        }
    }
}

#[test]
fn fake_patterns_in_the_largest_picture_end_too() {
    let side = MAX_PIXELS.isqrt();
    for (pitch, module) in [(8, 1), (18, 2), (40, 5), (300, 15)] {
        let asked = questions(&fakes(side, side, pitch, module, true));
        assert!(asked < 6000, "{asked} questions at pitch {pitch}");
    }
}

#[test]
fn a_real_code_among_some_fake_patterns_is_read() {
    let fakes = fakes(1280, 720, 120, 5, false);
    let real = table(&[(b"real", 420, 250)]);
    let side = (symbol(b"real", 6).picture(4).width()) as usize;
    let covered = |at: usize| (412..420 + side).contains(&(at % 1280)) && (242..250 + side).contains(&(at / 1280));
    let picture = changed(&fakes, 0..1280, |at, grey| if covered(at) { real.pixels()[at] } else { grey });
    assert_eq!(examine(&picture).symbols, [b"real"]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn a_reader_that_follows_loses_nothing_that_a_new_one_finds(
        places in prop::collection::vec((0_i32..380, 0_i32..440, 0_i32..160, any::<bool>()), 2..14),
        two in any::<bool>(),
    ) {
        let mut reader = Reader::new();
        for (number, (x, y, apart, blurred)) in places.into_iter().enumerate() {
            let (first, second) = ([number as u8; 20], [200 - number as u8; 20]);
            let mut codes: Vec<(&[u8], i32, i32)> = vec![(&first, x, y)];
            if two {
                codes.push((&second, x + 420 + apart, y / 2));
            }
            let mut picture = table(&codes);
            if blurred {
                picture = noisy(&picture, 0..1280, 40);
            }
            let fresh = sorted(examine(&picture).symbols);
            // One of two codes may be lost in noise, for either reader.
            prop_assert!(fresh.len() == codes.len() || (blurred && !fresh.is_empty()), "{} of {}", fresh.len(), codes.len());
            // The first picture that gives less could be a torn one; the next is searched whole.
            let first_look = read(&mut reader, &picture);
            let followed = if first_look.len() < fresh.len() { read(&mut reader, &picture) } else { first_look };
            for symbol in &fresh {
                prop_assert!(followed.contains(symbol), "{} {} {}", x, y, apart);
            }
            prop_assert!(followed.iter().all(|symbol| *symbol == first || *symbol == second));
        }
    }
}
