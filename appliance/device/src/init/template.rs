//! The file system that the data partition begins with: its blocks that are not zero, made by the tool
//! that made the image. So nothing here formats, and what is written is the same everywhere.
//!
//! ```text
//! magic, 16 bytes · block size u32 · blocks u32 · then, to the end: index u32, block
//! ```
//!
//! Numbers are little-endian; indices rise.

use std::io::{self, Read};
use thiserror::Error;

/// What such a file begins with.
const MAGIC: [u8; 16] = *b"CLOISON-EXT4\0\0\0\x01";
/// The bytes of a block.
pub(super) const BLOCK: usize = 4096;
/// The blocks of the file system: 64 MiB, as large as its partition.
pub(super) const BLOCKS: u32 = 16_384;

/// Reads a template, block by block.
pub(super) struct Template<R> {
    input: R,
    /// The least index that may come.
    next: u32,
}

/// Says what is wrong with a template.
#[derive(Debug, Error)]
#[non_exhaustive]
pub(super) enum TemplateError {
    #[error("the template of the data partition cannot be read ({0}). Keep this card, and write the image to another")]
    Unreadable(#[from] io::Error),
    #[error(
        "the template of the data partition is not whole or not one of this version. Keep this card, and write the image to another"
    )]
    Damaged,
}

impl<R: Read> Template<R> {
    /// Reads a template's head.
    pub(super) fn new(mut input: R) -> Result<Self, TemplateError> {
        let mut magic = [0; MAGIC.len()];
        whole(&mut input, &mut magic)?;
        let (size, blocks) = (number(&mut input)?, number(&mut input)?);
        if magic != MAGIC || usize::try_from(size) != Ok(BLOCK) || blocks != BLOCKS {
            return Err(TemplateError::Damaged);
        }
        Ok(Self { input, next: 0 })
    }

    /// Gives the next block that is not zero, and its index; nothing at the end.
    pub(super) fn next(&mut self) -> Result<Option<(u32, Vec<u8>)>, TemplateError> {
        let mut index = Vec::with_capacity(4);
        self.input.by_ref().take(4).read_to_end(&mut index)?;
        if index.is_empty() {
            return Ok(None);
        }
        let index = u32::from_le_bytes(index.as_slice().try_into().map_err(|_| TemplateError::Damaged)?);
        if index < self.next || index >= BLOCKS {
            return Err(TemplateError::Damaged);
        }
        let mut block = vec![0; BLOCK];
        whole(&mut self.input, &mut block)?;
        self.next = index + 1;
        Ok(Some((index, block)))
    }
}

fn number(input: &mut impl Read) -> Result<u32, TemplateError> {
    let mut bytes = [0; 4];
    whole(input, &mut bytes)?;
    Ok(u32::from_le_bytes(bytes))
}

fn whole(input: &mut impl Read, into: &mut [u8]) -> Result<(), TemplateError> {
    input.read_exact(into).map_err(|error| match error.kind() {
        io::ErrorKind::UnexpectedEof => TemplateError::Damaged,
        _ => TemplateError::Unreadable(error),
    })
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Writes a template of these blocks, each filled with one byte.
    pub(in crate::init) fn template(blocks: &[(u32, u8)]) -> Vec<u8> {
        let mut bytes = MAGIC.to_vec();
        bytes.extend(4096_u32.to_le_bytes());
        bytes.extend(BLOCKS.to_le_bytes());
        for (index, fill) in blocks {
            bytes.extend(index.to_le_bytes());
            bytes.extend([*fill; BLOCK]);
        }
        bytes
    }

    fn read(bytes: &[u8]) -> Result<Vec<(u32, u8)>, TemplateError> {
        let mut template = Template::new(bytes)?;
        let mut all = Vec::new();
        while let Some((index, block)) = template.next()? {
            assert!(block.iter().all(|byte| *byte == block[0]));
            all.push((index, block[0]));
        }
        Ok(all)
    }

    #[test]
    fn blocks_come_in_their_order() {
        let blocks = [(0, 1), (1, 2), (700, 3), (BLOCKS - 1, 4)];
        assert_eq!(read(&template(&blocks)).unwrap(), blocks);
        assert_eq!(read(&template(&[])).unwrap(), []);
    }

    #[test]
    fn one_that_is_cut_short_anywhere_is_refused() {
        let whole = template(&[(3, 1), (9, 2)]);
        for length in (0..24).chain(25..24 + 4100).step_by(7).chain([24 + 4100 + 1, whole.len() - 1]) {
            assert!(matches!(read(&whole[..length]), Err(TemplateError::Damaged)), "{length}");
        }
    }

    #[test]
    fn indices_that_do_not_rise_or_lie_beyond_the_end_are_refused() {
        for blocks in [&[(5, 1), (5, 2)][..], &[(5, 1), (4, 2)], &[(BLOCKS, 1)], &[(u32::MAX, 1)]] {
            assert!(matches!(read(&template(blocks)), Err(TemplateError::Damaged)), "{blocks:?}");
        }
    }

    #[test]
    fn another_magic_version_or_size_is_refused() {
        for at in 0..24 {
            let mut bytes = template(&[(1, 1)]);
            bytes[at] ^= 1;
            assert!(matches!(read(&bytes), Err(TemplateError::Damaged)), "{at}");
        }
    }

    proptest! {
        #[test]
        fn no_bytes_panic(tail: Vec<u8>) {
            let _ = read(&[template(&[]), tail].concat());
        }
    }
}
