//! What the airlock's steps cost, each beside a peer measured in the same run.
//!
//! `cargo bench` prints the median of several runs of both, and their ratio: below 1, ours is
//! cheaper. A benchmark tells; it never fails.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

#[path = "../../crates/ceremony/tests/support/mod.rs"]
mod support;

use ::hpke::{Deserializable, Serializable};
use cloison_ceremony::{Button, Event};
use cloison_custody::{Passphrase, vectors::open_with};
use cloison_formats::{
    age::{Decapsulate, Header, StanzaKind},
    hpke::{self, Hybrid, Kem},
};
use cloison_optics::{Density, Level, Symbol};
use cloison_protocol::{Algorithm, Card, FRAME_OVERHEAD, KeyRef, Request, Transfer, Usage};
use ring::signature::{ECDSA_P384_SHA384_FIXED, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair, KeyPair, UnparsedPublicKey};
use std::{
    hint::black_box,
    io::Read,
    time::{Duration, Instant},
};
use support::{header, make, passphrase, text_op, unwrap_op};
use zeroize::Zeroizing;

fn main() {
    println!("\n{:<44} {:>11}   {:<36} {:>11}   {:>6}", "ours", "median", "peer, in the same run", "median", "ratio");
    message();
    transfer();
    render();
    read();
    unwrap();
    sign();
    card();
}

fn median<T>(runs: usize, mut act: impl FnMut() -> T) -> Duration {
    black_box(act());
    let mut times: Vec<Duration> = (0..runs)
        .map(|_| {
            let started = Instant::now();
            black_box(act());
            started.elapsed()
        })
        .collect();
    times.sort_unstable();
    times[runs / 2]
}

fn row(ours: &str, time: Duration, peer: &str, other: Duration) {
    let ratio = time.as_secs_f64() / other.as_secs_f64();
    println!("{ours:<44} {:>8.3} ms   {peer:<36} {:>8.3} ms   {ratio:>6.2}", time.as_secs_f64() * 1e3, other.as_secs_f64() * 1e3);
}

fn ring_key() -> (EcdsaKeyPair, ring::rand::SystemRandom) {
    let random = ring::rand::SystemRandom::new();
    let pkcs8 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P384_SHA384_FIXED_SIGNING, &random).unwrap();
    (EcdsaKeyPair::from_pkcs8(&ECDSA_P384_SHA384_FIXED_SIGNING, pkcs8.as_ref(), &random).unwrap(), random)
}

fn message() {
    let made = make(2, 2);
    let mut desk = support::Workstation::new("bench", 1);
    let header = header(&made.public, Algorithm::MlKem1024P384, [5; 16]);
    let request = desk.request(&made.public, Usage::Age, vec![unwrap_op(&header)]);
    let (body, bytes) = (request.body().clone(), request.as_bytes().to_vec());
    let encode = median(40, || Request::sign(body.clone(), &mut desk).unwrap());
    let decode = median(40, || Request::decode(&bytes).unwrap());
    let (key, random) = ring_key();
    let sign = median(40, || key.sign(&random, &bytes).unwrap());
    let signature = key.sign(&random, &bytes).unwrap();
    let public = UnparsedPublicKey::new(&ECDSA_P384_SHA384_FIXED, key.public_key().as_ref().to_vec());
    let verify = median(40, || public.verify(&bytes, signature.as_ref()).unwrap());
    row(&format!("request encode + sign, {} bytes", bytes.len()), encode, "ring: ECDSA P-384 sign alone", sign);
    row("request decode + verify", decode, "ring: ECDSA P-384 verify alone", verify);
}

fn transfer() {
    let payload: Vec<u8> = (0..100_000u32).map(|i| ((i * 31) >> 3) as u8).collect();
    let size = Density::new(25, Level::L).unwrap().capacity() - FRAME_OVERHEAD;
    let ours = median(10, || Transfer::new(&payload, size).unwrap().frame(200));
    let peer = median(10, || raptorq::Encoder::with_defaults(&payload, 1260).get_encoded_packets(1));
    row("transfer of 100 kB made, one repair frame", ours, "raptorq: its own encoder, all packets", peer);
}

fn data(density: Density) -> Vec<u8> {
    (0..density.capacity()).map(|i| (i * 7 + 200) as u8).collect()
}

fn render() {
    let density = Density::new(25, Level::L).unwrap();
    let data = data(density);
    let ours = median(60, || Symbol::encode(&data, density).unwrap());
    let qrcode = median(10, || qrcode::QrCode::with_version(&data, qrcode::Version::Normal(25), qrcode::EcLevel::L).unwrap());
    let fast = median(60, || {
        let builder = &mut fast_qr::QRBuilder::new(data.clone());
        builder.version(fast_qr::Version::V25).ecl(fast_qr::ECL::L).build().unwrap()
    });
    row("QR render v25-L", ours, "qrcode, trying all masks", qrcode);
    row("QR render v25-L", ours, "fast_qr", fast);
}

fn read() {
    let density = Density::new(25, Level::L).unwrap();
    let picture = Symbol::encode(&data(density), density).unwrap().picture(5);
    let (width, height) = (picture.width() as usize, picture.height() as usize);
    let ours = median(30, || assert_eq!(black_box(cloison_optics::read(&picture)).len(), 1));
    let rqrr = median(10, || {
        let mut prepared = rqrr::PreparedImage::prepare_from_greyscale(width, height, |x, y| picture.pixels()[y * width + x]);
        assert!(prepared.detect_grids()[0].decode_to(std::io::sink()).is_ok());
    });
    row(&format!("QR read v25-L, {width}×{height}, clean"), ours, "rqrr", rqrr);
}

struct HybridKey(<Hybrid as Kem>::PrivateKey);

impl Decapsulate for HybridKey {
    fn kind(&self) -> StanzaKind {
        StanzaKind::Hybrid
    }
    fn point(&self) -> [u8; 97] {
        *Hybrid::sk_to_pk(&self.0).to_bytes().last_chunk().unwrap()
    }
    fn open(&self, enc: &[u8], info: &[u8], ciphertext: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        hpke::open::<Hybrid>(&self.0, enc, info, ciphertext)
    }
}

fn unwrap() {
    use cloison_protocol::{
        PublicKey, PublicKeys,
        bounded::{Bytes, List},
    };
    let made = make(2, 2);
    let key = HybridKey(<Hybrid as Kem>::PrivateKey::from_bytes(&[6; 32]).unwrap());
    let public = Hybrid::sk_to_pk(&key.0).to_bytes().to_vec();
    let mut body = made.public.body().clone();
    let name = KeyRef { usage: Usage::Age, algorithm: Algorithm::MlKem1024P384, number: 0 };
    body.keys = List::new(vec![PublicKey {
        key: name,
        retired: false,
        batch: 5,
        view_only: false,
        declared_only: false,
        bytes: Bytes::new(public).unwrap(),
    }])
    .unwrap();
    let mut signer = support::Workstation::new("bench", 1);
    body.identity = cloison_protocol::Sign::public(&signer);
    let bytes = header(&PublicKeys::sign(body, &mut signer).unwrap(), Algorithm::MlKem1024P384, [5; 16]);
    let ours = median(40, || {
        let header = Header::parse_whole(&bytes).unwrap();
        assert!(black_box(header.unwrap_with(&key)).is_ok());
    });
    let identity = age::x25519::Identity::generate();
    let recipient = identity.to_public();
    let file = age::encrypt(&recipient, b"").unwrap();
    let peer = median(40, || {
        let decryptor = age::Decryptor::new_buffered(&file[..]).unwrap();
        let mut nothing = Vec::new();
        decryptor.decrypt(std::iter::once(&identity as &dyn age::Identity)).unwrap().read_to_end(&mut nothing).unwrap();
    });
    row("unwrap, header parse to MAC, MLKEM1024-P384", ours, "age: X25519, the same", peer);
}

fn sign() {
    let made = make(2, 2);
    let (mut kiosk, mut desk) = made.in_service(2);
    let mut times = Vec::new();
    for _ in 0..15 {
        let request = desk.request(&made.public, Usage::Text, vec![text_op("Le coffre est en service.\n")]);
        kiosk.press(Button::ReadRequest);
        kiosk.show(request.as_bytes());
        kiosk.press(Button::Next);
        let started = Instant::now();
        kiosk.send(Event::Press(Button::Approve));
        times.push(started.elapsed());
        assert_eq!(kiosk.screen().view.name(), "reply");
        kiosk.press(Button::Done);
    }
    times.sort_unstable();
    let (key, random) = ring_key();
    let peer = median(40, || {
        let text = key.sign(&random, b"Le coffre est en service.\n").unwrap();
        (text, key.sign(&random, b"the reply").unwrap())
    });
    row("sign: approval to sealed, signed reply", times[times.len() / 2], "ring: two P-384 signatures", peer);
}

fn card() {
    let made = make(2, 2);
    let card = Card::decode(&made.cards[0]).unwrap();
    let typed = Passphrase::typed(&passphrase(1)).unwrap();
    let ours = median(5, || assert!(black_box(open_with(&card, &typed)).is_some()));
    let config = argon2_peer::Config {
        variant: argon2_peer::Variant::Argon2id,
        mem_cost: 64 * 1024,
        time_cost: 3,
        lanes: 4,
        hash_length: 56,
        ..argon2_peer::Config::original()
    };
    let peer = median(5, || argon2_peer::hash_raw(passphrase(1).as_bytes(), &card.header.salt.0, &config).unwrap());
    row("card opening, Argon2id 64 MiB t=3 p=4", ours, "rust-argon2: the derivation alone", peer);
}
