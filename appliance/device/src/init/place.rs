//! Which of the disks that there are holds the data, or is to: decided here, and done elsewhere.

use super::mbr::{self, Extent, Form, Sector};
use std::fmt;

/// What is known of a disk.
#[derive(Debug, Clone)]
pub(super) struct Disk {
    /// Its name in `/dev` and `/sys/block`, such as `mmcblk0`.
    pub(super) name: String,
    pub(super) sectors: u64,
    /// Whether it is plugged into USB.
    pub(super) is_usb: bool,
    /// Whether its first mebibyte is all zeros.
    pub(super) is_blank: bool,
    pub(super) first: Sector,
}

/// Why there is no place for the data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reason {
    /// Several disks could be it.
    Two,
    /// What there is has not enough room.
    Small,
    /// It could not be written, read or mounted.
    Failed,
    /// There is no disk for it.
    Missing,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Two => "two",
            Self::Small => "small",
            Self::Failed => "failed",
            Self::Missing => "missing",
        })
    }
}

/// A partition by its disk, its number and where it must lie.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Partition {
    pub(super) disk: String,
    pub(super) number: u8,
    pub(super) extent: Extent,
}

impl Partition {
    /// Gives its name in `/dev`.
    pub(super) fn name(&self) -> String {
        let between = if self.disk.ends_with(|last: char| last.is_ascii_digit()) { "p" } else { "" };
        format!("{}{between}{}", self.disk, self.number)
    }
}

/// What is to be done for a place for the data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Choice {
    /// It is there.
    Use(Partition),
    /// It is to be made: first the file system, and at last this first sector.
    Make(Partition, Box<Sector>),
    None(Reason),
}

/// Chooses: data that is there, else a blank stick, else the room on the card. Where two would do
/// equally well, nobody can know which is meant, so that none is.
pub(super) fn choose(disks: &[Disk]) -> Choice {
    let there: Vec<Partition> = disks.iter().filter_map(data).collect();
    let blank: Vec<&Disk> = disks.iter().filter(|disk| disk.is_usb && disk.is_blank).collect();
    let cards: Vec<(&Disk, Extent)> = disks.iter().filter_map(|disk| Some((disk, boot(disk)?))).collect();
    match (there.as_slice(), blank.as_slice(), cards.as_slice()) {
        ([data], _, _) => Choice::Use(data.clone()),
        ([], [stick], _) => match mbr::whole(stick.sectors) {
            Some(data) => make(stick, 1, data, mbr::stick(data)),
            None => on_card(&cards).unwrap_or(Choice::None(Reason::Small)),
        },
        ([], [], _) => on_card(&cards).unwrap_or(Choice::None(Reason::Missing)),
        _ => Choice::None(Reason::Two),
    }
}

/// Uses the room on the card; nothing where there is no card.
fn on_card(cards: &[(&Disk, Extent)]) -> Option<Choice> {
    match cards {
        [] => None,
        [(card, boot)] => Some(match mbr::room(*boot, card.sectors) {
            Some(data) => make(card, 2, data, mbr::with_data(&card.first, data)),
            None => Choice::None(Reason::Small),
        }),
        _ => Some(Choice::None(Reason::Two)),
    }
}

fn make(disk: &Disk, number: u8, extent: Extent, sector: Sector) -> Choice {
    Choice::Make(Partition { disk: disk.name.clone(), number, extent }, Box::new(sector))
}

fn data(disk: &Disk) -> Option<Partition> {
    let (number, extent) = match mbr::form(&disk.first, disk.sectors) {
        Form::Card { data, .. } => (2, data?),
        Form::Stick { data } => (1, data),
        Form::Other => return None,
    };
    Some(Partition { disk: disk.name.clone(), number, extent })
}

fn boot(disk: &Disk) -> Option<Extent> {
    match mbr::form(&disk.first, disk.sectors) {
        Form::Card { boot, .. } => Some(boot),
        _ => None,
    }
}

/// Finds the partition that the machine was booted from, as far as that can be known.
pub(super) fn booted(disks: &[Disk]) -> Result<Partition, Reason> {
    let mut cards = disks.iter().filter_map(|disk| Some((disk, boot(disk)?)));
    match (cards.next(), cards.next()) {
        (Some((disk, extent)), None) => Ok(Partition { disk: disk.name.clone(), number: 1, extent }),
        (None, _) => Err(Reason::Missing),
        _ => Err(Reason::Two),
    }
}

#[cfg(test)]
mod tests {
    use super::super::mbr::tests::{DISK, sector};
    use super::*;

    const BOOT: (u8, u32, u32) = (0x0c, 2048, 90_000);
    const DATA: (u8, u32, u32) = (0x83, 100_352, 131_072);

    fn disk(name: &str, first: Sector) -> Disk {
        Disk { name: name.into(), sectors: DISK, is_usb: name.starts_with("sd"), is_blank: first == [0; 512], first }
    }

    fn card(name: &str) -> Disk {
        disk(name, sector(0xC101_5017, &[BOOT]))
    }

    fn used_card(name: &str) -> Disk {
        disk(name, sector(0xC101_5017, &[BOOT, DATA]))
    }

    fn used_stick(name: &str) -> Disk {
        disk(name, sector(0xC101_5018, &[(0x83, 2048, 131_072)]))
    }

    fn blank(name: &str) -> Disk {
        disk(name, [0; 512])
    }

    fn name(choice: Choice) -> String {
        match choice {
            Choice::Use(partition) => format!("use {}", partition.name()),
            Choice::Make(partition, _) => format!("make {}", partition.name()),
            Choice::None(reason) => reason.to_string(),
        }
    }

    #[test]
    fn data_that_is_there_comes_before_a_blank_stick_and_that_before_room_on_the_card() {
        for (disks, expected) in [
            (vec![used_card("mmcblk0"), blank("sda")], "use mmcblk0p2"),
            (vec![card("mmcblk0"), used_stick("sda"), blank("sdb")], "use sda1"),
            (vec![card("mmcblk0"), blank("sda")], "make sda1"),
            (vec![card("mmcblk0")], "make mmcblk0p2"),
            (vec![card("vda")], "make vda2"),
            (vec![used_stick("sda")], "use sda1"),
            (vec![], "missing"),
        ] {
            assert_eq!(name(choose(&disks)), expected, "{disks:?}");
        }
    }

    #[test]
    fn of_two_that_would_do_none_is_taken() {
        assert_eq!(name(choose(&[used_card("mmcblk0"), used_stick("sda")])), "two");
        assert_eq!(name(choose(&[card("mmcblk0"), blank("sda"), blank("sdb")])), "two");
        assert_eq!(name(choose(&[card("mmcblk0"), card("sda")])), "two");
        assert_eq!(name(choose(&[used_card("mmcblk0"), used_card("sda"), blank("sdb")])), "two");
    }

    #[test]
    fn a_stick_with_anything_on_it_and_a_blank_disk_that_is_no_stick_are_never_written() {
        let written = disk("sda", sector(0, &[(0x0c, 2048, 90_000)]));
        let table_of_guids = disk("sdb", sector(0xC101_5018, &[(0xee, 1, u32::MAX)]));
        // A file system without partitions, or zeros but for one byte in the first mebibyte.
        let bare = Disk { is_blank: false, ..blank("sdc") };
        let inner = blank("nvme0n1");
        let others = [written, table_of_guids, bare, inner];
        assert_eq!(choose(&others), Choice::None(Reason::Missing));
        for other in others {
            assert_eq!(name(choose(&[card("mmcblk0"), other])), "make mmcblk0p2");
        }
    }

    #[test]
    fn what_is_too_small_is_said_and_something_larger_is_taken_in_its_place() {
        let small = Disk { sectors: 100_000, ..card("mmcblk0") };
        let tiny = Disk { sectors: 65 * 2048 - 1, ..blank("sda") };
        assert_eq!(name(choose(std::slice::from_ref(&small))), "small");
        assert_eq!(name(choose(std::slice::from_ref(&tiny))), "small");
        assert_eq!(name(choose(&[small.clone(), tiny.clone()])), "small");
        assert_eq!(name(choose(&[small, blank("sdb")])), "make sdb1");
        assert_eq!(name(choose(&[card("mmcblk0"), tiny])), "make mmcblk0p2");
    }

    #[test]
    fn what_is_made_is_found_by_the_next_start() {
        for disks in [vec![card("mmcblk0")], vec![card("mmcblk0"), blank("sda")]] {
            let Choice::Make(partition, first) = choose(&disks) else { panic!("nothing made") };
            let made = |disk: &Disk| Disk { first: *first, is_blank: false, ..disk.clone() };
            let after: Vec<Disk> =
                disks.iter().map(|disk| if disk.name == partition.disk { made(disk) } else { disk.clone() }).collect();
            assert_eq!(choose(&after), Choice::Use(partition));
        }
    }

    #[test]
    fn the_machine_was_booted_from_the_one_card() {
        assert_eq!(booted(&[used_card("mmcblk0"), blank("sda")]).unwrap().name(), "mmcblk0p1");
        assert_eq!(booted(&[used_stick("sda")]), Err(Reason::Missing));
        assert_eq!(booted(&[card("mmcblk0"), used_card("sda")]), Err(Reason::Two));
    }
}
