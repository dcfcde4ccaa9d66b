//! How long the screen's thread is held up while the session's works: the longest time between two
//! beats of a heart that beats each two milliseconds on it, drawing included.
//!
//! `cargo bench -p cloison-device` prints each beside an idle kiosk's in the same run. What a hand
//! notices begins at about 100 ms; ours is to stay below 50. A benchmark tells; it never fails.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

#[path = "../tests/machine/mod.rs"]
mod machine;
#[path = "../../../crates/ceremony/tests/support/mod.rs"]
mod support;

use cloison_appliance::Kiosk;
use cloison_ceremony::{Button, Event, Field, Typed};
use cloison_device::inside::{Asks, connect};
use cloison_optics::{Density, Level, Luma, Symbol, examine};
use cloison_protocol::{Transfer, Usage};
use cloison_screens::{Courier, Fate, Language, Sighted, Size, Ui};
use i_slint_backend_testing::{TestingBackend, TestingBackendOptions};
use machine::Machine;
use std::{
    sync::atomic::{AtomicU64, Ordering::Relaxed},
    thread::sleep,
    time::{Duration, Instant},
};
use support::{Made, Workstation, header, make, passphrase, unwrap_op};
use zeroize::Zeroizing;

/// The longest time between two beats since it was taken last, in microseconds.
static LONGEST: AtomicU64 = AtomicU64::new(0);
/// When the heart beat last, in microseconds since the start.
static LAST: AtomicU64 = AtomicU64::new(0);

fn main() {
    let made = make(2, 2);
    let (kiosk, workstation) = made.in_service(2);
    let options = TestingBackendOptions { mock_time: false, threading: true, renderer_name: Some("software".into()) };
    slint::platform::set_platform(Box::new(TestingBackend::new(options))).unwrap();
    let ui = Ui::new(Size::Small, Language::English).unwrap();
    let began = Instant::now();
    ui.every(|_| Duration::from_millis(2), move |_| beat(began));
    // A screen is drawn at most so often, whatever changes on it.
    ui.every(|_| Duration::from_millis(33), |ui| drop(ui.render().unwrap()));
    let machine = Machine(kiosk.disk.clone());
    let folder = tempfile::tempdir().unwrap();
    let asks = connect(&ui, Kiosk::start(machine).unwrap(), folder.path().to_owned()).unwrap();
    let courier = ui.courier();
    let driver = std::thread::spawn(move || drive(&Hand { asks, courier: courier.clone() }, &made, workstation, &courier));
    ui.run().unwrap();
    driver.join().unwrap();
}

fn beat(began: Instant) {
    let now = u64::try_from(began.elapsed().as_micros()).unwrap();
    LONGEST.fetch_max(now - LAST.swap(now, Relaxed), Relaxed);
}

/// Whoever touches the screen.
struct Hand {
    asks: Asks,
    courier: Courier,
}

impl Hand {
    /// Touches something, and waits until the session has done what comes of it.
    fn touch(&self, event: Event) {
        let (told, done) = std::sync::mpsc::channel();
        self.courier.bring(move |ui| {
            cloison_screens::inside::hear(ui, event);
            told.send(()).unwrap();
        });
        done.recv().unwrap();
        self.asks.seen(Vec::new());
        // Until the screen has taken what it is to show, a touch is for another screen.
        sleep(Duration::from_millis(20));
    }

    fn press(&self, button: Button) {
        self.touch(Event::Press(button));
    }

    fn present(&self, made: &Made, index: u8) {
        self.asks.seen(made.cards[usize::from(index) - 1].clone());
        self.touch(Event::Type(Field::Passphrase, Typed(Zeroizing::new(passphrase(index)))));
        self.press(Button::Present);
    }
}

fn drive(hand: &Hand, made: &Made, mut workstation: Workstation, courier: &Courier) {
    sleep(Duration::from_millis(500));
    println!("\n{:<52} {:>9} {:>14} {:>8}", "the screen's thread, while", "took", "held up most", "ratio");
    let idle = row("nothing happens", None, || sleep(Duration::from_secs(2)));
    hand.press(Button::OpenVault);
    hand.press(Button::Continue);
    row("two cards are opened (Argon2id, 64 MiB each)", Some(idle), || (1..=2).for_each(|index| hand.present(made, index)));
    let records = header(&made.public, support::AGE.algorithm, [7; 16]);
    let request = workstation.request(&made.public, Usage::Age, vec![unwrap_op(&records); 5]);
    hand.press(Button::ReadRequest);
    row("a request is read from its frames", Some(idle), || {
        let transfer = Transfer::new(request.as_bytes(), 800).unwrap();
        (0..transfer.least_frames() + 3).for_each(|number| hand.asks.seen(transfer.frame(number)));
    });
    (0..9).for_each(|_| hand.press(Button::Next));
    row("a quorum is gathered and five hybrid keys unwrapped", Some(idle), || {
        hand.press(Button::PresentCards);
        (1..=2).for_each(|index| hand.present(made, index));
        (0..9).for_each(|_| hand.press(Button::Next));
        hand.press(Button::Approve);
    });
    // What was measured has happened: there is a reply, in several frames.
    courier.bring(|ui| assert!(ui.is_moving()));
    row("the reply's frames are shown", Some(idle), || sleep(Duration::from_secs(3)));
    row("720p frames are decoded and their previews shown", Some(idle), || decode(courier));
    courier.end();
}

/// Measures what happens meanwhile; gives the longest time between two beats.
fn row(what: &str, idle: Option<Duration>, act: impl FnOnce()) -> Duration {
    LONGEST.store(0, Relaxed);
    let began = Instant::now();
    act();
    let took = began.elapsed();
    let longest = Duration::from_micros(LONGEST.load(Relaxed));
    let ratio = idle.map_or(1.0, |idle| longest.as_secs_f64() / idle.as_secs_f64());
    println!("{what:<52} {:>6.2} s {:>11.1} ms {ratio:>8.2}", took.as_secs_f64(), longest.as_secs_f64() * 1e3);
    longest
}

/// Decodes camera frames as fast as they can be, beside the screen's thread, for three seconds.
fn decode(courier: &Courier) {
    let code = Symbol::encode(&[9; 800], Density::new(20, Level::L).unwrap()).unwrap().picture(6);
    let (width, height) = (1280_usize, 720_usize);
    let mut pixels = vec![150; width * height];
    for (row, line) in code.pixels().chunks(code.width() as usize).enumerate() {
        let start = (row + 40) * width + 300;
        pixels[start..start + line.len()].copy_from_slice(line);
    }
    let frame = Luma::new(1280, 720, pixels).unwrap();
    let began = Instant::now();
    while began.elapsed() < Duration::from_secs(3) {
        assert_eq!(examine(&frame).symbols.len(), 1);
        let preview = Luma::new(320, 180, vec![150; 320 * 180]).unwrap();
        courier.bring(move |ui| ui.sight(&Sighted { preview: Some(&preview), fates: &[Fate::New; 24], ..Sighted::default() }));
        sleep(Duration::from_millis(20));
    }
}
