//! What a symbol carries and what it costs to make.

use crate::clock::median;
use crate::table::{Goal, Table};
use cloison_optics::{Density, Level, Press};
use cloison_protocol::{FRAME_OVERHEAD, Transfer};
use cloison_tests::light::{Dice, Screen};
use serde_json::json;

const PAYLOAD: usize = 1_000_000;

/// Counts the bytes of a symbol before anything is written into it: its data codewords.
fn raw(density: Density) -> usize {
    // A mode indicator of 4 bits and a count of 8 or 16 come first, and the last codeword is padded.
    density.capacity() + if density.version() < 10 { 2 } else { 3 }
}

pub(crate) fn payload(table: &mut Table, _: u64) {
    let mut worst = (2.0, 0);
    for version in 10..=40 {
        let density = Density::new(version, Level::L).unwrap();
        let transfer = Transfer::new(&vec![7; PAYLOAD], density.capacity() - FRAME_OVERHEAD).unwrap();
        // The last frame is padded, which belongs to the payload's length and not to the frame.
        let share = PAYLOAD as f64 / (f64::from(transfer.least_frames()) * raw(density) as f64);
        table.point("payload", json!({ "version": version, "share": share }));
        if version >= 20 && share < worst.0 {
            worst = (share, version);
        }
    }
    let remark = format!("1 MB at level L; the least is at v{}", worst.1);
    table.goal("payload", "payload ÷ raw symbol capacity, v20 to v40", worst.0, Goal::AtLeast(0.98), &remark);
}

pub(crate) fn render(table: &mut Table, seed: u64) {
    let density = Density::new(27, Level::L).unwrap();
    let mut dice = Dice::new(seed);
    let data: Vec<u8> = (0..density.capacity()).map(|_| dice.roll() as u8).collect();
    let press = Press::new(density).unwrap();
    let ours = median(400, || press.symbol(&data).unwrap());
    let fast = |mask: Option<fast_qr::Mask>| {
        let mut builder = fast_qr::QRBuilder::new(data.clone());
        builder.version(fast_qr::Version::V27).ecl(fast_qr::ECL::L);
        mask.map(|mask| builder.mask(mask));
        builder.build().unwrap()
    };
    let theirs = median(200, || fast(None));
    let fixed = median(100, || fast(Some(fast_qr::Mask::DiagonalLines)));
    let qrcode = median(10, || qrcode::QrCode::with_version(&data, qrcode::Version::Normal(27), qrcode::EcLevel::L).unwrap());
    let remark = format!("{:.0} µs beside {:.0} µs, which tries eight masks", ours * 1e3, theirs * 1e3);
    table.goal("render", "rendering a v27-L frame ÷ fast_qr", ours / theirs, Goal::AtMost(0.15), &remark);
    let remark = format!("{:.0} µs", fixed * 1e3);
    table.tell("render-fixed", "rendering a v27-L frame ÷ fast_qr told to use our mask", ours / fixed, &remark);
    let remark = format!("{:.2} ms, which tries eight masks", qrcode);
    table.tell("render-qrcode", "rendering a v27-L frame ÷ qrcode", ours / qrcode, &remark);
    let symbol = || press.symbol(&data).unwrap();
    let plate = median(60, || Screen::PANEL.plate(&[symbol(), symbol()]).unwrap());
    table.tell("render-plate", "a plate of two v27-L on 800×480, made and drawn, ms", plate, "what the screen pays a frame");
}
