//! What a picture costs the reader in memory: its peak, beside what it has after a small picture.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use cloison_optics::picture::{gif, png};
use cloison_optics::{Luma, MAX_PIXELS, MAX_SIDE};
use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::{ExtendedColorType, ImageEncoder};
use std::io::{Read, Write};
use std::process::{Child, Command, Stdio};

/// The first two bytes of a reply about a picture that is too large.
const TOO_LARGE: [u8; 2] = [1, 3];

/// Starts a reader whose pipes the test holds itself, so that the process can be looked at.
fn reader() -> Child {
    Command::new(env!("CARGO_BIN_EXE_cloison-eye")).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap()
}

/// Sends one picture file and gives the beginning of the reply.
fn ask(reader: &mut Child, bytes: &[u8]) -> [u8; 2] {
    let head = [&[1][..], &20_000_u32.to_le_bytes(), &(bytes.len() as u32).to_le_bytes()].concat();
    let stdin = reader.stdin.as_mut().unwrap();
    stdin.write_all(&head).and_then(|()| stdin.write_all(bytes)).unwrap();
    let mut reply = [0; 2];
    let stdout = reader.stdout.as_mut().unwrap();
    stdout.read_exact(&mut reply).unwrap();
    // What was seen in the one frame, until the end; of these pictures no symbol.
    if reply[0] == 0 {
        let mut rest = [0; 9];
        stdout.read_exact(&mut rest).unwrap();
        assert_eq!(rest[8], 2);
    }
    reply
}

/// Tells the most memory that a process ever had, in megabytes.
fn peak_mb(reader: &Child) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", reader.id())).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() / 1024
}

/// Tells what one picture adds to an idle reader, in megabytes, and how the reply begins.
fn cost_mb(bytes: &[u8]) -> (u64, [u8; 2]) {
    let mut reader = reader();
    assert_eq!(ask(&mut reader, b"no picture")[0], 1);
    let before = peak_mb(&reader);
    let reply = ask(&mut reader, bytes);
    let after = peak_mb(&reader);
    reader.kill().and_then(|()| reader.wait()).unwrap();
    (after - before, reply)
}

fn bands(width: u32, height: u32) -> Luma {
    let pixels = (0..width * height).map(|at| if at / 3 % 2 == 0 { 0 } else { 255 });
    Luma::new(width, height, pixels.collect()).unwrap()
}

#[test]
fn no_shape_of_picture_costs_more_than_a_hundred_megabytes() {
    let thin = MAX_PIXELS / MAX_SIDE;
    for (width, height) in [(MAX_SIDE, thin), (thin, MAX_SIDE), (MAX_SIDE, 1), (1, MAX_SIDE), (4096, 4096)] {
        let (cost, reply) = cost_mb(&png(&bands(width, height)).unwrap());
        assert!(cost <= 100 && reply[0] == 0, "{width}×{height}: {cost} MB");
    }
    for (width, height) in [(MAX_SIDE, thin / 2), (thin / 2, MAX_SIDE), (2896, 2896)] {
        let (cost, reply) = cost_mb(&gif(&[bands(width, height)], 100).unwrap());
        assert!(cost <= 100 && reply[0] == 0, "GIF of {width}×{height}: {cost} MB");
    }
}

#[test]
fn a_side_above_the_limit_costs_nothing() {
    let mut bytes = png(&bands(8, 8)).unwrap();
    for (width, height) in [(MAX_PIXELS, 1), (1, MAX_PIXELS), (i32::MAX as u32, 1), (MAX_SIDE + 1, 1), (1, MAX_SIDE + 1)] {
        bytes[16..20].copy_from_slice(&width.to_be_bytes());
        bytes[20..24].copy_from_slice(&height.to_be_bytes());
        let (cost, reply) = cost_mb(&bytes);
        assert!(cost <= 5 && reply == TOO_LARGE, "{width}×{height}: {cost} MB, {reply:?}");
    }
}

/// The reader is confined to 512 MiB. What comes nearest to it is a picture that is largest both as a
/// file and as pixels: noise in colours, which no compression makes smaller.
#[test]
fn the_largest_picture_in_the_largest_file_fits_into_the_readers_memory() {
    let mut seed = 1_u32;
    let noise = || {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (seed >> 24) as u8
    };
    let pixels: Vec<u8> = std::iter::repeat_with(noise).take(3 * MAX_PIXELS as usize).collect();
    let mut bytes = Vec::new();
    let encoder = PngEncoder::new_with_quality(&mut bytes, CompressionType::Fast, FilterType::NoFilter);
    encoder.write_image(&pixels, 4096, 4096, ExtendedColorType::Rgb8).unwrap();
    // What follows the picture's end is part of the file and looked at by nobody.
    bytes.resize(cloison_eye::MAX_PICTURE_BYTES, 0);
    let (cost, reply) = cost_mb(&bytes);
    assert_eq!(reply[0], 0, "{cost} MB, {reply:?}");
    println!("{cost} MB");
}
