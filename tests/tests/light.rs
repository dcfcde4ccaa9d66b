//! The synthetic light does what it says, so that what the bench measures with it means something.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use cloison_optics::{Density, Level, Luma, Symbol, read};
use cloison_tests::light::corpus::{self, Defect};
use cloison_tests::light::film::Film;
use cloison_tests::light::{Camera, Dice, Screen, Shot};

fn symbol(version: u8, byte: u8) -> (Symbol, Vec<u8>) {
    let density = Density::new(version, Level::M).unwrap();
    let content = vec![byte; density.capacity()];
    (Symbol::encode(&content, density).unwrap(), content)
}

fn difference(one: &Luma, other: &Luma) -> f64 {
    assert_eq!((one.width(), one.height()), (other.width(), other.height()));
    let sum: u64 = one.pixels().iter().zip(other.pixels()).map(|(a, b)| u64::from(a.abs_diff(*b))).sum();
    sum as f64 / one.pixels().len() as f64
}

#[test]
fn the_same_seed_gives_the_same_pixels_and_another_does_not() {
    for number in 0..Defect::ALL.len() as u64 {
        let sample = corpus::sample(7, number).unwrap();
        assert_eq!(sample, corpus::sample(7, number).unwrap());
        assert!(sample != corpus::sample(8, number).unwrap());
        let picture = sample.picture().unwrap();
        assert_eq!(picture, corpus::sample(7, number).unwrap().picture().unwrap());
        assert_eq!((picture.width() as usize, picture.height() as usize), sample.shot.camera.size());
    }
}

#[test]
fn a_clean_shot_of_two_symbols_is_read_by_both_cameras() {
    let ((left, one), (right, two)) = (symbol(20, 1), symbol(20, 2));
    let plate = Screen::PANEL.plate(&[left, right]).unwrap();
    for camera in [Camera::P720, Camera::P1080] {
        let mut found = read(&Shot::clean(camera, 480, 3).picture(&plate).unwrap());
        found.sort();
        assert_eq!(found, [one.clone(), two.clone()]);
    }
}

#[test]
fn almost_every_clean_shot_of_a_corpus_is_read_and_none_wrongly() {
    let clean: Vec<_> = (0..240).step_by(Defect::ALL.len()).map(|number| corpus::sample(11, number).unwrap()).collect();
    assert!(clean.iter().all(|sample| sample.defect == Defect::Clean));
    let found = clean.iter().map(|sample| (read(&sample.picture().unwrap()), sample));
    let right = found.filter(|(found, sample)| {
        assert!(found.iter().all(|content| sample.contents.contains(content)), "{sample:?}");
        !found.is_empty()
    });
    assert!(right.count() >= 18, "of {}", clean.len());
}

#[test]
fn a_tear_shows_two_frames_one_above_the_other() {
    let (black, white) = (Screen::PANEL.blank(0).unwrap(), Screen::PANEL.blank(255).unwrap());
    let shot = Shot { noise: 0.0, vignette: 0.0, ..Shot::clean(Camera::P720, 480, 1) };
    let torn = shot.take([&shot.focus(&black), &shot.focus(&white)], &|y| [f32::from(u8::from(y >= 360)), 0.0]).unwrap();
    let at = |y: usize| torn.pixels()[y * 1280 + 640];
    assert_eq!((at(100), at(359)), (30, 30));
    assert!(at(360) >= 214 && at(600) >= 214, "{} {}", at(360), at(600));
}

#[test]
fn a_film_gives_whole_torn_and_lost_pictures_at_its_rates() {
    let (black, white) = (Screen::PANEL.blank(0).unwrap(), Screen::PANEL.blank(255).unwrap());
    let shot = Shot { noise: 0.0, vignette: 0.0, ..Shot::clean(Camera::P720, 480, 1) };
    let film = Film { phase: 0.004, ..Film::steady(shot, 15.0, 0.0) };
    let mut asked = Vec::new();
    let mut reel = film.roll(|frame| {
        asked.push(frame);
        Ok(if frame % 2 == 0 { black.clone() } else { white.clone() })
    });
    let pictures: Vec<_> = (0..6).map(|_| reel.picture().unwrap()).collect();
    assert!(pictures.windows(2).all(|pair| (pair[1].time - pair[0].time - 1.0 / film.camera_rate).abs() < 1e-9));
    let at = |picture: &Luma, y: usize| picture.pixels()[y * 1280 + 640];
    // The first is over before the screen changes at 67 ms; the third begins at 71.
    for (number, grey) in [(0, 30), (1, 30), (2, 215), (3, 215), (4, 30)] {
        let picture = &pictures[number].picture;
        assert!(at(picture, 100).abs_diff(grey) < 5 && at(picture, 600).abs_diff(grey) < 5, "picture {number}");
    }
    assert_eq!(asked, [0, 1, 2, 3]);
    let late = Film { phase: 0.05, ..film };
    let torn = late.roll(|frame| Ok(if frame == 0 { black.clone() } else { white.clone() })).picture().unwrap().picture;
    assert!(at(&torn, 100) == 30 && (60..190).contains(&at(&torn, 480)) && at(&torn, 680) > 190, "torn");
    let lossy = Film { loss: 0.3, ..film };
    let lost = (0..1000).filter(|frame| lossy.loses(*frame)).count();
    assert_eq!(lost, 300);
    assert!((0..20).any(|frame| lossy.loses(frame) != lossy.loses(frame + 20)), "always the same ones");
}

#[test]
fn a_row_that_sees_the_change_is_a_blend() {
    let (black, white) = (Screen::PANEL.blank(0).unwrap(), Screen::PANEL.blank(255).unwrap());
    let shot = Shot { noise: 0.0, vignette: 0.0, ..Shot::clean(Camera::P720, 480, 1) };
    // The whole picture begins 10 ms before the change and sees the screen for 20 ms.
    let film =
        Film { read_out: 0.0, shutter: 0.02, settling: 0.0, phase: 0.09, shown_rate: 10.0, ..Film::steady(shot, 10.0, 0.0) };
    let exposure = film.roll(|frame| Ok(if frame == 0 { black.clone() } else { white.clone() })).picture().unwrap();
    let grey = i32::from(exposure.picture.pixels()[360 * 1280 + 640]);
    assert!((grey - 122).abs() <= 2, "{grey}");
}

#[test]
fn the_loss_of_a_jpeg_is_that_of_a_real_one() {
    let (symbol, _) = symbol(25, 9);
    let plate = Screen::PANEL.plate(&[symbol]).unwrap();
    let shot = Shot { noise: 6.0, ..Shot::clean(Camera::P720, 480, 4) };
    let raw = shot.picture(&plate).unwrap();
    for quality in [10, 40, 85] {
        let ours = Shot { jpeg: Some(quality), ..shot }.picture(&plate).unwrap();
        let mut file = Vec::new();
        image::codecs::jpeg::JpegEncoder::new_with_quality(&mut file, quality)
            .encode(raw.pixels(), raw.width(), raw.height(), image::ExtendedColorType::L8)
            .unwrap();
        let theirs = image::load_from_memory(&file).unwrap().into_luma8();
        let theirs = Luma::new(theirs.width(), theirs.height(), theirs.into_raw()).unwrap();
        let (lost, apart) = (difference(&raw, &theirs), difference(&ours, &theirs));
        assert!(apart < 0.35 * lost + 0.3, "quality {quality}: {apart} apart, {lost} lost");
    }
}

#[test]
fn the_grid_makes_a_moire_that_the_lens_can_take_away() {
    let white = Screen::PANEL.blank(255).unwrap();
    let spread = |shot: Shot| {
        let picture = shot.picture(&white).unwrap();
        let part = &picture.pixels()[540 * 1920 + 500..540 * 1920 + 1400];
        part.iter().max().unwrap() - part.iter().min().unwrap()
    };
    let shot = Shot { noise: 0.0, vignette: 0.0, defocus: 0.2, ..Shot::clean(Camera::P1080, 480, 1) };
    assert!(spread(shot) <= 1);
    assert!(spread(Shot { grid: 0.9, ..shot }) >= 30);
    assert!(spread(Shot { grid: 0.9, defocus: 1.5, ..shot }) <= 4);
}

#[test]
fn dice_of_one_seed_fall_alike_and_evenly() {
    let mut dice = Dice::new(5);
    let drawn: Vec<f32> = (0..4000).map(|_| dice.between(2.0, 4.0)).collect();
    let mean = drawn.iter().sum::<f32>() / 4000.0;
    assert!(drawn.iter().all(|number| (2.0..=4.0).contains(number)) && (mean - 3.0).abs() < 0.05, "{mean}");
    let normal: Vec<f32> = (0..4000).map(|_| dice.normal()).collect();
    let variance = normal.iter().map(|number| number * number).sum::<f32>() / 4000.0;
    assert!((variance - 1.0).abs() < 0.1, "{variance}");
}
