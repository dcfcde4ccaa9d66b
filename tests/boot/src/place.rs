//! A machine without a card or a stick: it says that a vault has no place, and offers nothing that needs one.

use crate::{
    find::Page,
    guest::Guest,
    images::Images,
    kills::{KIOSK, another, confined},
    letters::BUTTONS,
    say,
    screens::{START, explained, see, settled, touch},
};
use cloison_tests::Result;
use std::path::Path;

/// What it says, in both languages, and how the other one is chosen.
const FRENCH: &str = "Aucun emplacement pour un coffre";
const ENGLISH: &str = "No place for a vault";
const OTHER: &str = "English";
const CHECK: &str = "Check a card";
const CANCEL: &str = "Cancel";
/// What it offers, and what it does not.
const OFFERED: [&str; 3] = ["Faire une répétition", "Vérifier une carte", "Essayer les codes"];
const WITHHELD: [&str; 2] = ["Créer un coffre", "Restaurer"];

/// Memory stands in the place for data, as closed as a partition, and keeps what was chosen on the screen until the
/// machine is switched off.
pub(crate) fn missing(images: &Images) -> Result<()> {
    let mut parts = images.with_hand(Path::new(""))?;
    parts.disks.clear();
    let mut guest = Guest::start(&parts)?;
    explained(&mut guest, &images.out, |guest| {
        see(guest, FRENCH, START)?;
        let picture = settled(guest)?;
        let page = Page::of(&picture);
        for (label, is_wanted) in OFFERED.map(|label| (label, true)).into_iter().chain(WITHHELD.map(|label| (label, false))) {
            if page.find(label, &BUTTONS)?.is_some() != is_wanted {
                return Err(format!(
                    "without a place for a vault “{label}” is {}",
                    if is_wanted { "missing" } else { "offered" }
                ));
            }
        }
        let mut hand = guest.hand()?;
        confined(&mut hand, "tmpfs")?;
        touch(guest, OTHER, ENGLISH)?;
        // Another page: what is seen next is the next kiosk's.
        touch(guest, CHECK, CANCEL)?;
        let killed = hand.kill(KIOSK)?;
        another(&mut hand, KIOSK, &killed)?;
        see(guest, ENGLISH, START)?;
        say("without a card it says that a vault has no place, and a new kiosk speaks as was chosen before");
        Ok(())
    })
}
