//! The first sector of a disk: what is on it by its partitions, and the one entry that is ever added.
//!
//! A disk is a stranger's. What is not one of the two forms that this program makes, in every field,
//! is another's disk, and stays as it is.

use std::ops::Range;

/// The bytes of a sector, and of the disk's unit of addresses.
pub(super) const SECTOR: u64 = 512;
/// A sector's bytes.
pub(super) type Sector = [u8; 512];

/// The sectors of a mebibyte, at which partitions begin.
const MEBIBYTE: u64 = 2048;
/// The sectors of the data partition.
pub(super) const DATA: u64 = 64 * MEBIBYTE;
/// The identifier of a card that was flashed, and of a stick that was made for data.
const CARD: u32 = 0xC101_5017;
const STICK: u32 = 0xC101_5018;
/// FAT32 with long addresses, a Linux file system, and no file system: the sealed root of the production
/// layer's card.
const FAT: u8 = 0x0c;
const LINUX: u8 = 0x83;
const SEALED: u8 = 0xda;

const IDENTIFIER: Range<usize> = 440..444;
const ENTRIES: usize = 446;
const ENTRY: usize = 16;
const SIGNATURE: [u8; 2] = [0x55, 0xaa];

/// Where a partition lies, in sectors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Extent {
    pub(super) start: u64,
    pub(super) sectors: u64,
}

impl Extent {
    fn end(self) -> u64 {
        self.start + self.sectors
    }
}

/// What a disk is by its first sector.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// A card that this program's image was written to, with the data partition where it has one.
    Card { boot: Extent, data: Option<Extent> },
    /// A stick with nothing but a data partition.
    Stick { data: Extent },
    /// Anything else.
    Other,
}

/// One entry of the table, as it stands there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Entry {
    kind: u8,
    extent: Extent,
}

/// Tells what a disk of so many sectors is.
pub(super) fn form(sector: &Sector, disk: u64) -> Form {
    if sector.get(510..) != Some(&SIGNATURE[..]) {
        return Form::Other;
    }
    let Some(entries) = entries(sector, disk) else { return Form::Other };
    let data = |entry: Entry| Some(entry.extent).filter(|extent| entry.kind == LINUX && extent.sectors >= DATA);
    match (identifier(sector), entries) {
        (CARD, [Some(boot), None, None, None]) if is_boot(boot) => Form::Card { boot: boot.extent, data: None },
        (CARD, [Some(boot), Some(second), third, None]) if is_boot(boot) && is_sealed(third) => match data(second) {
            Some(extent) => Form::Card { boot: boot.extent, data: Some(extent) },
            None => Form::Other,
        },
        (STICK, [Some(first), None, None, None]) => data(first).map_or(Form::Other, |data| Form::Stick { data }),
        _ => Form::Other,
    }
}

fn is_boot(entry: Entry) -> bool {
    entry.kind == FAT && entry.extent.start == MEBIBYTE
}

/// Tells whether a third partition is a sealed root, where there is one.
fn is_sealed(third: Option<Entry>) -> bool {
    third.is_none_or(|entry| entry.kind == SEALED)
}

fn identifier(sector: &Sector) -> u32 {
    sector.get(IDENTIFIER).and_then(|bytes| bytes.try_into().ok()).map_or(0, u32::from_le_bytes)
}

/// Takes the table apart; nothing where an entry is odd, reaches beyond the disk or into another.
fn entries(sector: &Sector, disk: u64) -> Option<[Option<Entry>; 4]> {
    let mut found = [None; 4];
    for (number, place) in found.iter_mut().enumerate() {
        let at = ENTRIES + number * ENTRY;
        *place = entry(sector.get(at..at + ENTRY)?, disk)?;
    }
    let extents: Vec<Extent> = found.iter().flatten().map(|entry| entry.extent).collect();
    let apart = |one: Extent, other: Extent| one.end() <= other.start || other.end() <= one.start;
    let all_apart = extents.iter().enumerate().all(|(at, one)| extents.iter().skip(at + 1).all(|other| apart(*one, *other)));
    all_apart.then_some(found)
}

/// Reads an entry; `Some(None)` for one that is empty, `None` for one that is wrong.
fn entry(bytes: &[u8], disk: u64) -> Option<Option<Entry>> {
    if bytes.iter().all(|byte| *byte == 0) {
        return Some(None);
    }
    let number = |at: usize| Some(u64::from(u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?)));
    let (status, kind) = (*bytes.first()?, *bytes.get(4)?);
    let extent = Extent { start: number(8)?, sectors: number(12)? };
    let is_sound = matches!(status, 0 | 0x80) && kind != 0 && extent.start > 0 && extent.sectors > 0 && extent.end() <= disk;
    is_sound.then_some(Some(Entry { kind, extent }))
}

/// Finds the place for the data on a card: the first mebibyte after what it boots from. Nothing where
/// the card is too small.
pub(super) fn room(boot: Extent, disk: u64) -> Option<Extent> {
    let data = Extent { start: boot.end().next_multiple_of(MEBIBYTE), sectors: DATA };
    (data.end() <= disk && u32::try_from(data.end()).is_ok()).then_some(data)
}

/// Finds the place for the data on a stick that has nothing else.
pub(super) fn whole(disk: u64) -> Option<Extent> {
    let data = Extent { start: MEBIBYTE, sectors: DATA };
    (data.end() <= disk).then_some(data)
}

/// Gives a card's first sector with its data partition named; all else in it stays as it is.
pub(super) fn with_data(card: &Sector, data: Extent) -> Sector {
    let mut sector = *card;
    set(&mut sector, 1, data);
    sector
}

/// Makes the first sector of a stick for data.
pub(super) fn stick(data: Extent) -> Sector {
    let mut sector = [0; 512];
    if let Some(place) = sector.get_mut(IDENTIFIER) {
        place.copy_from_slice(&STICK.to_le_bytes());
    }
    set(&mut sector, 0, data);
    if let Some(place) = sector.get_mut(510..) {
        place.copy_from_slice(&SIGNATURE);
    }
    sector
}

fn set(sector: &mut Sector, number: usize, data: Extent) {
    let short = |value: u64| u32::try_from(value).unwrap_or(u32::MAX).to_le_bytes();
    let ([a, b, c, d], [e, f, g, h]) = (short(data.start), short(data.sectors));
    // The addresses in cylinders say that they are not to be used.
    let entry = [0, 0xfe, 0xff, 0xff, LINUX, 0xfe, 0xff, 0xff, a, b, c, d, e, f, g, h];
    let at = ENTRIES + number * ENTRY;
    if let Some(place) = sector.get_mut(at..at + ENTRY) {
        place.copy_from_slice(&entry);
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Writes a first sector with these entries.
    pub(in crate::init) fn sector(identifier: u32, entries: &[(u8, u32, u32)]) -> Sector {
        let mut sector = [0; 512];
        sector[440..444].copy_from_slice(&identifier.to_le_bytes());
        for (number, (kind, start, sectors)) in entries.iter().enumerate() {
            let at = 446 + number * 16;
            sector[at + 4] = *kind;
            sector[at + 8..at + 12].copy_from_slice(&start.to_le_bytes());
            sector[at + 12..at + 16].copy_from_slice(&sectors.to_le_bytes());
        }
        sector[510..].copy_from_slice(&[0x55, 0xaa]);
        sector
    }

    /// A card of 4 GiB, and the sectors of its boot files.
    pub(in crate::init) const DISK: u64 = 8 << 20;
    const BOOT: (u8, u32, u32) = (0x0c, 2048, 90_000);
    const ROOM: u32 = 64 * 2048;

    #[test]
    fn a_card_just_flashed_has_room_after_what_it_boots_from_and_then_it_has_data() {
        let flashed = sector(CARD, &[BOOT]);
        let Form::Card { boot, data: None } = form(&flashed, DISK) else { panic!("no card") };
        let room = room(boot, DISK).unwrap();
        assert_eq!(room, Extent { start: 45 * 2048, sectors: 64 * 2048 });
        let made = with_data(&flashed, room);
        assert_eq!(form(&made, DISK), Form::Card { boot, data: Some(room) });
        assert_eq!((&made[..462], &made[478..]), (&flashed[..462], &flashed[478..]), "nothing else is changed");
    }

    #[test]
    fn a_card_without_room_has_none() {
        let boot = Extent { start: 2048, sectors: 90_000 };
        let least = (45 + 64) * 2048;
        assert!(room(boot, least).is_some());
        assert_eq!(room(boot, least - 1), None);
        // Beyond two tebibytes its addresses are too long.
        assert_eq!(room(Extent { start: 2048, sectors: u64::from(u32::MAX) - 4096 }, 1 << 40), None);
    }

    #[test]
    fn a_card_of_the_production_layer_has_its_data_and_a_sealed_root_behind_it() {
        let all = [BOOT, (0x83, 100_352, ROOM), (0xda, 400_000, 90_000)];
        let Form::Card { data: Some(data), .. } = form(&sector(CARD, &all), DISK) else { panic!("no data") };
        assert_eq!(data, Extent { start: 100_352, sectors: DATA });
        for (why, third) in [
            ("over the data", (0xda, 100_353, 9)),
            ("beyond the disk", (0xda, 8 << 20, 9)),
            ("a file system", (0x83, 400_000, 9)),
        ] {
            assert_eq!(form(&sector(CARD, &[all[0], all[1], third]), DISK), Form::Other, "{why}");
        }
        let four = [all[0], all[1], all[2], (0xda, 600_000, 9)];
        assert_eq!(form(&sector(CARD, &four), DISK), Form::Other, "a fourth");
        assert_eq!(form(&sector(CARD, &[BOOT, (0xda, 400_000, 90_000)]), DISK), Form::Other, "no data");
    }

    #[test]
    fn a_stick_is_made_with_data_alone() {
        let data = whole(DISK).unwrap();
        assert_eq!(form(&stick(data), DISK), Form::Stick { data });
        assert_eq!(whole(65 * 2048 - 1), None);
        assert!(whole(65 * 2048).is_some());
    }

    #[test]
    fn what_is_odd_in_any_field_is_anothers_disk() {
        let whole = sector(CARD, &[BOOT, (0x83, 100_352, ROOM)]);
        assert!(matches!(form(&whole, DISK), Form::Card { data: Some(_), .. }));
        let others: [(&str, Sector); 13] = [
            ("no signature", {
                let mut none = whole;
                none[511] = 0;
                none
            }),
            ("another identifier", sector(0xC101_5019, &[BOOT])),
            ("a table of GUIDs", sector(CARD, &[(0xee, 1, u32::MAX)])),
            ("a table of GUIDs beside", sector(CARD, &[BOOT, (0xee, 100_352, ROOM)])),
            ("data in what it boots from", sector(CARD, &[BOOT, (0x83, 4096, ROOM)])),
            ("data beyond the disk", sector(CARD, &[BOOT, (0x83, (8 << 20) - ROOM + 1, ROOM)])),
            ("data of no size", sector(CARD, &[BOOT, (0x83, 100_352, 0)])),
            ("data that is small", sector(CARD, &[BOOT, (0x83, 100_352, ROOM - 1)])),
            ("data over the table", sector(STICK, &[(0x83, 0, ROOM)])),
            ("a size that wraps", sector(CARD, &[BOOT, (0x83, u32::MAX, u32::MAX)])),
            ("a third partition", sector(CARD, &[BOOT, (0x83, 100_352, ROOM), (0x83, 400_000, ROOM)])),
            ("a stick with more on it", sector(STICK, &[(0x83, 2048, ROOM), (0x0c, 400_000, 2048)])),
            ("an entry that is active in no known way", {
                let mut odd = whole;
                odd[446] = 1;
                odd
            }),
        ];
        for (why, sector) in others {
            assert_eq!(form(&sector, DISK), Form::Other, "{why}");
        }
        assert_eq!(form(&sector(CARD, &[(0x0b, 2048, 90_000)]), DISK), Form::Other, "another kind of FAT");
        assert_eq!(form(&sector(CARD, &[(0x0c, 4096, 90_000)]), DISK), Form::Other, "begins elsewhere");
        assert_eq!(form(&sector(CARD, &[]), DISK), Form::Other, "nothing on it");
        assert_eq!(form(&sector(CARD, &[BOOT]), 90_000), Form::Other, "an image cut short");
    }

    proptest! {
        #[test]
        fn whatever_is_read_what_is_found_lies_on_the_disk_and_apart(
            bytes in prop::array::uniform32(any::<u8>()),
            card: bool,
            disk in 0_u64..1 << 33,
        ) {
            let mut sector = [0; 512];
            sector[446..478].copy_from_slice(&bytes);
            sector[440..444].copy_from_slice(&(if card { CARD } else { STICK }).to_le_bytes());
            sector[510..].copy_from_slice(&[0x55, 0xaa]);
            match form(&sector, disk) {
                Form::Card { boot, data: Some(data) } => {
                    prop_assert!(boot.end() <= disk && data.end() <= disk && data.sectors >= DATA);
                    prop_assert!(boot.end() <= data.start || data.end() <= boot.start);
                }
                Form::Stick { data } => prop_assert!(data.start > 0 && data.end() <= disk),
                _ => {}
            }
        }
    }
}
