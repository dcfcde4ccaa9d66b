//! What opening a picture costs in memory; alone in its file, since a process has one peak.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
// The crate touches no file; its peak in memory is told by one.
#![allow(clippy::disallowed_methods)]

use cloison_optics::picture;
use image::{ExtendedColorType, ImageEncoder};

/// Reads a number of this process, in megabytes.
fn status_mb(name: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with(name)).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() / 1024
}

#[test]
fn transparency_costs_no_second_copy_of_the_colours() {
    for (colour, bytes_a_pixel) in [(ExtendedColorType::La8, 2), (ExtendedColorType::La16, 4), (ExtendedColorType::Rgba8, 4)] {
        for (width, height) in [(16_384, 1024), (4096, 4096)] {
            let mut png = Vec::new();
            let encoder = image::codecs::png::PngEncoder::new(&mut png);
            encoder.write_image(&vec![200; bytes_a_pixel << 24], width, height, colour).unwrap();
            // Sets the peak back to what is in use (proc(5)).
            std::fs::write("/proc/self/clear_refs", "5").unwrap();
            let before = status_mb("VmRSS:");
            assert_eq!(picture::decode(&png).unwrap().len(), 1);
            let cost = status_mb("VmHWM:").saturating_sub(before);
            assert!(cost <= 100, "{colour:?} of {width}×{height}: {cost} MB");
        }
    }
}
