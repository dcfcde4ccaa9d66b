//! A larger panel: the first screen on it, turned, and dark when nobody is there.

use crate::{
    guest::Guest,
    images::Images,
    picture::Picture,
    say,
    screens::{START, explained},
    steps::{Figures, seconds},
};
use cloison_tests::Result;
use std::time::{Duration, Instant};

const SIZE: (usize, usize) = (1280, 720);
/// The kept pictures of the first screen that knows its image's words, which are others here, and whose panel
/// has a light, which this one has not: left, top, right, bottom of both.
const FRENCH: &str = "1280x720/fr/home-image";
const ENGLISH: &str = "1280x720/en/home-image";
const OTHERWISE: [[usize; 4]; 2] = [[0, 240, 680, 335], [286, 542, 484, 616]];
/// Where the buttons are that turn the picture and that change the language.
const TURN: (usize, usize) = (150, 579);
const LANGUAGE: (usize, usize) = (120, 659);

/// How soon another picture is there.
const SOON: Duration = Duration::from_secs(30);
/// A panel goes dark when nobody touched it for so long, and a little later on a machine that is computed.
const ALONE: Duration = Duration::from_secs(300);
const LATER: Duration = Duration::from_secs(20);

/// Looks at it all on one guest.
pub(crate) fn run(images: &Images, figures: &mut Figures) -> Result<()> {
    let mut parts = images.released(&images.fresh_card("panel.img")?)?;
    parts.screen = SIZE;
    let mut guest = Guest::start(&parts)?;
    explained(&mut guest, &images.out, |guest| {
        let (french, english) = (Picture::golden(FRENCH)?, Picture::golden(ENGLISH)?);
        drawn(guest, &french, false, START)?;
        guest.tap(TURN)?;
        drawn(guest, &french, true, SOON)?;
        guest.tap(turned(LANGUAGE))?;
        drawn(guest, &english, true, SOON)?;
        say("at 1280×720 the first screen is the kept one, also upside down, where it is touched as it looks");
        let begun = Instant::now();
        let (_, dark) = guest.look_until("a dark panel", ALONE + LATER, |picture| Ok(is_dark(picture)))?;
        figures.limited("a panel that nobody touches is dark", seconds(dark - begun), dark - begun >= ALONE - LATER);
        guest.tap(turned(LANGUAGE))?;
        drawn(guest, &english, true, SOON)
    })?;
    // The first kiosk of a start cannot know how the picture is turned, and leaves it to the next.
    drop(guest);
    let mut guest = Guest::start(&parts)?;
    explained(&mut guest, &images.out, |guest| {
        drawn(guest, &Picture::golden(ENGLISH)?, true, START)?;
        say("started anew it is upside down again, and speaks as was chosen");
        Ok(())
    })
}

/// Waits until the screen is as the kept picture, upright or upside down.
fn drawn(guest: &mut Guest, kept: &Picture, is_turned: bool, longest: Duration) -> Result<()> {
    let seen = guest.look_until("the kept picture of the first screen", longest, |picture| {
        let points = match is_turned {
            true => picture.upside_down().differing_outside(kept, &OTHERWISE),
            false => picture.differing_outside(kept, &OTHERWISE),
        };
        Ok(points == 0)
    });
    seen.map(drop)
}

fn is_dark(picture: &Picture) -> bool {
    picture.rgb.iter().all(|byte| *byte == 0)
}

fn turned((x, y): (usize, usize)) -> (usize, usize) {
    (SIZE.0 - 1 - x, SIZE.1 - 1 - y)
}
