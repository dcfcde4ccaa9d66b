//! Makes the data partition: the file system first, and the sector that names it last, each on the
//! disk before the next. A power cut in between leaves a disk on which nothing was made.

use super::mbr::{Extent, SECTOR, Sector};
use super::template::{BLOCK, BLOCKS, Template, TemplateError};
use std::io::{self, Read};
use thiserror::Error;

/// How many blocks are written at once.
const BLOCKS_AT_ONCE: u32 = 256;

/// A disk as far as it is written here.
pub(super) trait Medium {
    /// Writes at a place, in bytes.
    fn write(&mut self, at: u64, bytes: &[u8]) -> io::Result<()>;
    /// Returns when all that was written is on the disk.
    fn sync(&mut self) -> io::Result<()>;
}

/// Says why a data partition was not made.
#[derive(Debug, Error)]
#[non_exhaustive]
pub(super) enum MakeError {
    #[error(transparent)]
    Template(#[from] TemplateError),
    #[error("the data partition cannot be written ({0}). Use another card, or see whether it is locked")]
    Disk(#[from] io::Error),
}

/// Where a file system says what it is, from its beginning: its mark, and the name that the template has.
pub(super) const SUPERBLOCK: u64 = 1024;
const MARK: (std::ops::Range<usize>, [u8; 2]) = (56..58, [0x53, 0xef]);
const NAME: (std::ops::Range<usize>, [u8; 16]) = (104..120, [0xc1, 0x01, 0x50, 0, 0, 0, 0x40, 0, 0x80, 0, 0, 0, 0, 0, 0, 1]);

/// The sector of the disk in which mark and name stand: one that is there is there wholly.
const MARKED: std::ops::Range<usize> = SUPERBLOCK as usize..SUPERBLOCK as usize + SECTOR as usize;

/// Where it counts its free blocks.
const FREE: std::ops::Range<usize> = 12..16;

/// Counts the blocks from the first that a new file system uses, of its first block. What is free comes
/// behind them: the tool that makes the template sees to it.
fn used(first: &[u8]) -> Result<u32, TemplateError> {
    let superblock = first.get(SUPERBLOCK as usize..).unwrap_or_default();
    let free = superblock.get(FREE).and_then(|bytes| bytes.try_into().ok()).map(u32::from_le_bytes);
    let used = free.filter(|_| superblock.get(MARK.0) == Some(&MARK.1[..])).and_then(|free| BLOCKS.checked_sub(free));
    used.filter(|used| *used > 0).ok_or(TemplateError::Damaged)
}

/// Tells whether what stands where a superblock would is that of a file system which was made here, and
/// so is whole: the sector in which this stands is written last.
pub(super) fn is_made(superblock: &[u8; 1024]) -> bool {
    superblock.get(MARK.0) == Some(&MARK.1[..]) && superblock.get(NAME.0) == Some(&NAME.1[..])
}

/// Names a data partition that is on the disk already in the disk's first sector, and writes nothing else.
pub(super) fn name(disk: &mut impl Medium, first: &Sector) -> Result<(), MakeError> {
    disk.write(0, first)?;
    Ok(disk.sync()?)
}

/// Writes the file system to its place, the one sector that says what it is last, and then the disk's first
/// sector. What is free in it is not written: a card takes long.
pub(super) fn make(
    disk: &mut impl Medium,
    mut template: Template<impl Read>,
    place: Extent,
    first: &Sector,
) -> Result<(), MakeError> {
    let first_block = template.next()?.filter(|(index, _)| *index == 0).ok_or(TemplateError::Damaged)?;
    let used = used(&first_block.1)?;
    let mut coming = Some(first_block);
    let at = |begin: u32| place.start * SECTOR + u64::from(begin) * BLOCK as u64;
    let mut mark = Vec::new();
    for begin in (0..used).step_by(BLOCKS_AT_ONCE as usize) {
        let mut bytes = vec![0; BLOCKS_AT_ONCE as usize * BLOCK];
        while let Some((index, block)) = coming.take_if(|(index, _)| *index < begin + BLOCKS_AT_ONCE) {
            let at = (index - begin) as usize * BLOCK;
            if let Some(place) = bytes.get_mut(at..at + BLOCK) {
                place.copy_from_slice(&block);
            }
            coming = template.next()?;
        }
        if begin == 0 {
            // What was there before is no file system from now on.
            disk.write(at(0) + SUPERBLOCK, &[0; SECTOR as usize])?;
            disk.sync()?;
            let sector = bytes.get_mut(MARKED).unwrap_or_default();
            mark = sector.to_vec();
            sector.fill(0);
        }
        disk.write(at(begin), &bytes)?;
    }
    if coming.is_some() {
        return Err(TemplateError::Damaged.into());
    }
    disk.sync()?;
    disk.write(at(0) + SUPERBLOCK, &mark)?;
    disk.sync()?;
    name(disk, first)
}

#[cfg(test)]
mod tests {
    use super::super::{
        mbr::tests::sector,
        place::{Choice, Disk, choose},
        template::tests::template,
    };
    use super::*;

    const MEBIBYTES: usize = 45 + 64 + 1;

    /// A mebibyte of a disk, of which most are all zeros.
    #[derive(Clone)]
    enum Chunk {
        Zeros,
        Bytes(Vec<u8>),
    }

    impl Chunk {
        fn of(bytes: &[u8]) -> Self {
            if bytes == ZEROS.as_slice() { Self::Zeros } else { Self::Bytes(bytes.to_vec()) }
        }

        fn bytes(&self) -> &[u8] {
            match self {
                Self::Zeros => ZEROS.as_slice(),
                Self::Bytes(bytes) => bytes,
            }
        }
    }

    const CHUNK: usize = 1 << 20;
    static ZEROS: [u8; CHUNK] = [0; CHUNK];

    /// What a power cut leaves of what was not synced.
    #[derive(Debug, Clone, Copy)]
    enum Left {
        /// Every second write, from this one.
        Writes(usize),
        /// Of each write every second sector, from this one.
        Sectors(usize),
    }

    const LEFT: [Left; 4] = [Left::Writes(0), Left::Writes(1), Left::Sectors(0), Left::Sectors(1)];

    /// A disk whose power goes after so many writes; what was not synced may be there or not.
    struct Fake {
        chunks: Vec<Chunk>,
        left: usize,
        unsynced: Vec<(u64, Vec<u8>)>,
    }

    impl Medium for Fake {
        fn write(&mut self, at: u64, bytes: &[u8]) -> io::Result<()> {
            self.left = self.left.checked_sub(1).ok_or(io::ErrorKind::Other)?;
            self.unsynced.push((at, bytes.to_vec()));
            Ok(())
        }

        fn sync(&mut self) -> io::Result<()> {
            self.left = self.left.checked_sub(1).ok_or(io::ErrorKind::Other)?;
            for (at, bytes) in std::mem::take(&mut self.unsynced) {
                self.apply(at, &bytes, |_| true);
            }
            Ok(())
        }
    }

    impl Fake {
        fn of(chunks: Vec<Chunk>, left: usize) -> Self {
            Self { chunks, left, unsynced: Vec::new() }
        }

        /// Puts those sectors of a write onto the disk that are chosen.
        fn apply(&mut self, at: u64, bytes: &[u8], is_chosen: impl Fn(usize) -> bool) {
            let (number, within) = (usize::try_from(at).unwrap() / CHUNK, usize::try_from(at).unwrap() % CHUNK);
            let mut chunk = self.chunks[number].bytes().to_vec();
            for (sector, bytes) in bytes.chunks(512).enumerate().filter(|(sector, _)| is_chosen(*sector)) {
                chunk[within + sector * 512..][..bytes.len()].copy_from_slice(bytes);
            }
            self.chunks[number] = Chunk::of(&chunk);
        }

        /// Cuts the power.
        fn cut(&mut self, left: Left) {
            for (order, (at, bytes)) in std::mem::take(&mut self.unsynced).into_iter().enumerate() {
                match left {
                    Left::Writes(first) if order % 2 == first => self.apply(at, &bytes, |_| true),
                    Left::Writes(_) => {}
                    Left::Sectors(first) => self.apply(at, &bytes, |sector| sector % 2 == first),
                }
            }
        }

        fn disks(&self, is_usb: bool) -> [Disk; 1] {
            let first = *self.chunks[0].bytes().first_chunk().unwrap();
            let is_blank = matches!(Chunk::of(self.chunks[0].bytes()), Chunk::Zeros);
            [Disk { name: "sda".into(), sectors: (MEBIBYTES * 2048) as u64, is_usb, is_blank, first }]
        }

        /// Tells whether what stands at a place is taken for a file system that was made here.
        fn is_made_at(&self, place: Extent) -> bool {
            let chunk = self.chunks[usize::try_from(place.start * SECTOR).unwrap() / CHUNK].bytes();
            is_made(chunk[1024..].first_chunk().unwrap())
        }
    }

    const BLOCKS_OF_IT: [(u32, u8); 5] = [(0, 7), (255, 8), (256, 9), (1500, 10), (2064, 11)];
    /// Those and the zeros between them are used.
    const USED: u32 = 2065;
    /// Mebibytes of them, a part of one whole.
    const WRITTEN: usize = 9;
    /// Those, the marked sector taken away before and written after, and the disk's first; four syncs.
    const OPERATIONS: usize = WRITTEN + 3 + 4;

    fn beginning(used: u32) -> Vec<u8> {
        let mut block = vec![7; BLOCK];
        block[1024..][FREE].copy_from_slice(&(BLOCKS - used).to_le_bytes());
        block[1024..][MARK.0].copy_from_slice(&MARK.1);
        block[1024..][NAME.0].copy_from_slice(&NAME.1);
        block
    }

    fn file_system(blocks: &[(u32, u8)], used: u32) -> Vec<u8> {
        let mut bytes = template(blocks);
        bytes[28..][..BLOCK].copy_from_slice(&beginning(used));
        bytes
    }

    fn is_whole(disk: &Fake, place: Extent) -> bool {
        let start = usize::try_from(place.start * SECTOR).unwrap() / CHUNK;
        (0..WRITTEN).all(|number| {
            let mut expected = ZEROS.to_vec();
            for (index, fill) in BLOCKS_OF_IT.iter().filter(|(index, _)| *index as usize / 256 == number) {
                expected[*index as usize % 256 * BLOCK..][..BLOCK].fill(*fill);
            }
            if number == 0 {
                expected[..BLOCK].copy_from_slice(&beginning(USED));
            }
            disk.chunks[start + number].bytes() == expected
        })
    }

    #[test]
    fn a_power_cut_at_any_write_leaves_it_unmade_or_whole_and_the_next_start_makes_it_whole() {
        let bytes = file_system(&BLOCKS_OF_IT, USED);
        // Whatever was on the card before is there where nothing was written.
        let mut flashed = vec![Chunk::Bytes(vec![0xee; CHUNK]); MEBIBYTES];
        flashed[0] = Chunk::Bytes([&sector(0xC101_5017, &[(0x0c, 2048, 90_000)])[..], &[0xee; CHUNK - 512]].concat());
        for (before, is_usb) in [(flashed, false), (vec![Chunk::Zeros; MEBIBYTES], true)] {
            for (writes, left) in (0..=OPERATIONS).flat_map(|writes| LEFT.map(|left| (writes, left))) {
                let mut disk = Fake::of(before.clone(), writes);
                let Choice::Make(partition, first) = choose(&disk.disks(is_usb)) else { panic!("nothing to make") };
                let made = make(&mut disk, Template::new(bytes.as_slice()).unwrap(), partition.extent, &first);
                assert_eq!(made.is_ok(), writes >= OPERATIONS);
                disk.cut(left);
                // What is taken for whole, be it by a card that is flashed again, is whole.
                assert!(!disk.is_made_at(partition.extent) || is_whole(&disk, partition.extent), "{writes} {left:?}");
                if let Choice::Make(again, first) = choose(&disk.disks(is_usb)) {
                    assert_eq!(again, partition);
                    disk.left = usize::MAX;
                    make(&mut disk, Template::new(bytes.as_slice()).unwrap(), again.extent, &first).unwrap();
                }
                assert_eq!(choose(&disk.disks(is_usb)), Choice::Use(partition.clone()));
                assert!(is_whole(&disk, partition.extent), "{writes} {left:?}");
                let start = usize::try_from(partition.extent.start * SECTOR).unwrap() / CHUNK;
                let others = (1..start).chain(start + WRITTEN..MEBIBYTES);
                assert!(others.into_iter().all(|number| disk.chunks[number].bytes() == before[number].bytes()), "{writes}");
                assert_eq!(disk.chunks[0].bytes()[512..], before[0].bytes()[512..], "{writes}");
            }
        }
    }

    #[test]
    fn it_is_taken_for_made_only_once_all_the_rest_is_there() {
        let bytes = file_system(&BLOCKS_OF_IT, USED);
        let place = Extent { start: 2048, sectors: 131_072 };
        for (writes, left) in (0..OPERATIONS).flat_map(|writes| LEFT.map(|left| (writes, left))) {
            // One that was made before stands there.
            let mut old = vec![Chunk::Bytes(vec![7; CHUNK]); MEBIBYTES];
            old[1] = Chunk::Bytes([beginning(9), vec![7; CHUNK - BLOCK]].concat());
            let mut disk = Fake::of(old, writes);
            let _ = make(&mut disk, Template::new(bytes.as_slice()).unwrap(), place, &[1; 512]);
            let synced = disk.is_made_at(place);
            disk.cut(left);
            assert!(writes < 2 || synced == (writes >= OPERATIONS - 2), "{writes}");
            assert!(writes < 2 || !disk.is_made_at(place) || is_whole(&disk, place), "{writes} {left:?}");
        }
    }

    #[test]
    fn a_file_system_that_was_made_here_is_known_by_its_mark_and_its_name() {
        let mut superblock = [0; 1024];
        assert!(!is_made(&superblock));
        superblock[MARK.0].copy_from_slice(&MARK.1);
        assert!(!is_made(&superblock), "somebody else's");
        superblock[NAME.0].copy_from_slice(&NAME.1);
        assert!(is_made(&superblock));
        superblock[MARK.0.start] ^= 1;
        assert!(!is_made(&superblock));
    }

    #[test]
    fn a_damaged_template_leaves_the_first_sector_and_the_beginning_alone() {
        let place = Extent { start: 2048, sectors: 131_072 };
        for (blocks, used) in [
            (&[(0, 1), (300, 2), (299, 3)][..], USED),
            (&[(0, 1), (2304, 2)], USED),
            (&[(0, 1)], 0),
            (&[(1, 1)], USED),
            (&[(1, 1), (2, 1)], USED),
        ] {
            let mut disk = Fake::of(vec![Chunk::Zeros; MEBIBYTES], usize::MAX);
            let bytes = file_system(blocks, used);
            let made = make(&mut disk, Template::new(bytes.as_slice()).unwrap(), place, &[1; 512]);
            assert!(matches!(made, Err(MakeError::Template(_))), "{blocks:?}");
            disk.cut(Left::Writes(0));
            disk.cut(Left::Writes(1));
            assert!(!disk.is_made_at(place) && matches!(disk.chunks[0], Chunk::Zeros), "{blocks:?}");
        }
        let mut other = file_system(&[(0, 1)], USED);
        other[28 + 1024 + MARK.0.start] ^= 1;
        assert!(used(&other[28..]).is_err() && used(&[0; 1030]).is_err() && used(&[]).is_err());
        assert!(matches!(used(&beginning(BLOCKS)), Ok(BLOCKS)));
    }
}
