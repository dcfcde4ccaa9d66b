//! What a symbol carries comes back from its pixels, byte for byte.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use cloison_optics::draw::Canvas;
use cloison_optics::{Density, Level, Luma, MAX_SYMBOLS, Reading, Symbol, examine, read};

/// Makes bytes that look random and are the same in every run.
fn bytes(len: usize, seed: u32) -> Vec<u8> {
    let mut state = seed.wrapping_mul(2_654_435_761) | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        (state >> 11) as u8
    };
    (0..len).map(|_| next()).collect()
}

fn symbol(data: &[u8], version: u8, level: Level) -> Symbol {
    Symbol::encode(data, Density::new(version, level).unwrap()).unwrap()
}

#[test]
fn every_version_is_read_back_full_at_l_and_m() {
    for level in [Level::L, Level::M] {
        for version in 1..=40 {
            let capacity = Density::new(version, level).unwrap().capacity();
            let data = bytes(capacity, u32::from(version));
            let picture = symbol(&data, version, level).picture(3);
            assert_eq!(read(&picture), [data], "version {version} {level:?}");
        }
    }
}

#[test]
fn every_byte_value_is_read_back() {
    let all: [Vec<u8>; 1] = [(0..=255).collect()];
    for level in [Level::L, Level::M, Level::Q, Level::H] {
        let density = Density::smallest_for(all[0].len(), level).unwrap();
        let picture = Symbol::encode(&all[0], density).unwrap().picture(4);
        assert_eq!(read(&picture), all, "{level:?}");
    }
}

#[test]
fn uniform_and_short_contents_are_read_back_under_the_one_mask() {
    for version in [1, 7, 15, 25, 40] {
        let capacity = Density::new(version, Level::L).unwrap().capacity();
        for (byte, len) in [(0, 1), (0, capacity), (255, capacity), (0x55, capacity), (0xec, 3)] {
            let data = vec![byte; len];
            let picture = symbol(&data, version, Level::L).picture(3);
            assert_eq!(read(&picture), [data], "version {version}, {len} times {byte}");
        }
    }
}

#[test]
fn several_symbols_in_one_picture_are_all_read() {
    let contents: Vec<Vec<u8>> = (0..6).map(|n| bytes(200 + n, n as u32)).collect();
    let mut canvas = Canvas::white(900, 600).unwrap();
    for (n, content) in contents.iter().enumerate() {
        let (x, y) = (n as i32 % 3 * 300, n as i32 / 3 * 300);
        canvas.symbol(&symbol(content, 10, Level::L), x, y, 4);
    }
    let mut found = read(&canvas.into_picture());
    found.sort_by_key(Vec::len);
    assert_eq!(found, contents);
}

#[test]
fn two_dense_symbols_fill_a_kiosk_screen_and_are_both_read() {
    let contents = [bytes(1465, 1), bytes(1464, 2)];
    let mut canvas = Canvas::white(800, 480).unwrap();
    for (content, x) in contents.iter().zip([0, 399]) {
        canvas.symbol(&symbol(content, 27, Level::L), x, 40, 3);
    }
    let mut found = read(&canvas.into_picture());
    found.sort_by_key(|content| std::cmp::Reverse(content.len()));
    assert_eq!(found, contents);
}

#[test]
fn the_same_content_twice_is_given_once() {
    let mut canvas = Canvas::white(400, 200).unwrap();
    canvas.symbol(&symbol(b"once", 3, Level::M), 0, 0, 5);
    canvas.symbol(&symbol(b"once", 3, Level::M), 200, 0, 5);
    assert_eq!(read(&canvas.into_picture()), [b"once"]);
}

#[test]
fn white_on_black_is_read() {
    let picture = symbol(b"inverted", 4, Level::L).picture(5);
    let dark = picture.pixels().iter().map(|grey| 255 - grey).collect();
    let dark = Luma::new(picture.width(), picture.height(), dark).unwrap();
    assert_eq!(read(&dark), [b"inverted"]);
}

#[test]
fn a_small_symbol_in_a_large_picture_is_read() {
    let mut canvas = Canvas::white(4000, 3000).unwrap();
    canvas.symbol(&symbol(b"far away", 2, Level::M), 2900, 1700, 3);
    assert_eq!(read(&canvas.into_picture()), [b"far away"]);
}

#[test]
fn modules_of_two_pixels_are_read() {
    let data = bytes(500, 9);
    assert_eq!(read(&symbol(&data, 15, Level::L).picture(2)), [data]);
}

/// Makes codes of one size in rows, and their contents.
fn crowd(count: usize, columns: usize, version: u8, scale: u32) -> (Luma, Vec<Vec<u8>>) {
    let contents: Vec<Vec<u8>> = (0..count).map(|n| format!("code {n:>4}").into_bytes()).collect();
    let side = (17 + 4 * u32::from(version) + 8) * scale;
    let rows = count.div_ceil(columns);
    let mut canvas = Canvas::white(side * columns as u32, side * rows as u32).unwrap();
    for (n, content) in contents.iter().enumerate() {
        let at = |place: usize| (place as u32 * side) as i32;
        canvas.symbol(&symbol(content, version, Level::L), at(n % columns), at(n / columns), scale);
    }
    (canvas.into_picture(), contents)
}

#[test]
fn a_hundred_codes_give_as_many_as_the_limit_and_say_so() {
    for (columns, version, scale) in [(10, 2, 4), (10, 10, 3), (100, 2, 4), (1, 2, 4)] {
        let (picture, contents) = crowd(100, columns, version, scale);
        let reading = examine(&picture);
        assert_eq!(reading.symbols.len(), MAX_SYMBOLS, "{columns} columns of version {version}");
        assert!(reading.crowded && reading.symbols.iter().all(|symbol| contents.contains(symbol)));
        assert_eq!(read(&picture), reading.symbols);
    }
}

#[test]
fn as_many_codes_as_the_limit_are_all_read_and_one_more_is_said() {
    let (picture, contents) = crowd(MAX_SYMBOLS, 8, 2, 4);
    let mut reading = examine(&picture);
    reading.symbols.sort();
    assert_eq!(reading, Reading { symbols: contents, ..Reading::default() });
    let reading = examine(&crowd(MAX_SYMBOLS + 1, 8, 2, 4).0);
    assert!(reading.symbols.len() == MAX_SYMBOLS && reading.crowded);
}

/// Pins a stated limit: beside a clear code nothing says that there is another, white on black.
#[test]
fn a_clear_code_hides_an_inverted_one_beside_it() {
    let upper = symbol(b"clear", 3, Level::L).picture(5);
    let lower = symbol(b"inverted", 3, Level::L).picture(5);
    let pixels = upper.pixels().iter().copied().chain(lower.pixels().iter().map(|grey| 255 - grey));
    let both = Luma::new(upper.width(), 2 * upper.height(), pixels.collect()).unwrap();
    assert_eq!(examine(&both), Reading { symbols: vec![b"clear".to_vec()], ..Reading::default() });
}
