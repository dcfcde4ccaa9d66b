//! An empty file system as a template: its blocks that are not all zero.
//!
//! The device makes its data partition of it, instead of carrying a program that makes file systems. It
//! writes the blocks that the file system uses, and not those behind them, which therefore must be free.

use thiserror::Error;

const MAGIC: &[u8; 16] = b"CLOISON-EXT4\0\0\0\x01";
const BLOCK: usize = 4096;
const HEADER: usize = 24;
/// Where an ext4 file system describes itself; its first group is described in the next block.
const SUPERBLOCK: usize = 1024;
/// 1 GiB; ours has 64 MiB.
const MOST_BLOCKS: u32 = 1 << 18;

/// What can be wrong with a template.
#[derive(Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum TemplateError {
    /// Says that an image has no whole number of blocks, none at all, or too many.
    #[error("the image's size is {0} bytes. It must be a whole number of blocks of {BLOCK} bytes, of at most {MOST_BLOCKS}")]
    Size(usize),
    /// Says that the device would not write all that a file system uses.
    #[error("the image is no ext4 file system of one group whose used blocks all come before the free ones. Make it anew, empty")]
    Layout,
    /// Says that bytes are no template.
    #[error("this is no template of a file system. Make it again")]
    Malformed,
}

/// Makes a template of a file system's image.
///
/// # Errors
/// [`TemplateError::Size`] when the image is no whole number of blocks, [`TemplateError::Layout`] when what is
/// free in it does not come last.
pub fn of(image: &[u8]) -> Result<Vec<u8>, TemplateError> {
    let size = TemplateError::Size(image.len());
    let blocks = u32::try_from(image.len() / BLOCK).ok().filter(|blocks| (1..=MOST_BLOCKS).contains(blocks));
    let Some(blocks) = blocks.filter(|_| image.len().is_multiple_of(BLOCK)) else { return Err(size) };
    is_used_first(image, blocks).filter(|is| *is).ok_or(TemplateError::Layout)?;
    let mut template = MAGIC.to_vec();
    template.extend((BLOCK as u32).to_le_bytes());
    template.extend(blocks.to_le_bytes());
    for (index, block) in (0_u32..).zip(image.chunks_exact(BLOCK)) {
        if block.iter().any(|byte| *byte != 0) {
            template.extend(index.to_le_bytes());
            template.extend(block);
        }
    }
    Ok(template)
}

/// Tells whether a file system's bitmap of blocks agrees with its count of free ones: first those that are
/// used, then those that are free. Nothing for what has no such bitmap.
fn is_used_first(image: &[u8], blocks: u32) -> Option<bool> {
    let number = |at: usize| image.get(at..)?.first_chunk().map(|bytes| u32::from_le_bytes(*bytes));
    let (marked, free) = (image.get(SUPERBLOCK + 56..SUPERBLOCK + 58)? == [0x53, 0xef], number(SUPERBLOCK + 12)?);
    let used = blocks.checked_sub(free)?;
    let bitmap = usize::try_from(number(BLOCK)?).ok()?.checked_mul(BLOCK)?;
    let bitmap = image.get(bitmap..)?.first_chunk::<BLOCK>()?;
    let is_used = |block: u32| bitmap.get(block as usize / 8).is_some_and(|byte| byte >> (block % 8) & 1 == 1);
    Some(marked && used > 0 && (0..blocks).all(|block| is_used(block) == (block < used)))
}

/// Makes the file system's image of its template again.
///
/// # Errors
/// [`TemplateError::Malformed`] for anything that [`of`] does not make.
pub fn image(template: &[u8]) -> Result<Vec<u8>, TemplateError> {
    let (header, mut rest) = template.split_at_checked(HEADER).ok_or(TemplateError::Malformed)?;
    let number = |bytes: &[u8]| bytes.first_chunk().map(|bytes| u32::from_le_bytes(*bytes)).ok_or(TemplateError::Malformed);
    let (magic, sizes) = header.split_at(MAGIC.len());
    let (block, blocks) = (number(sizes)?, number(&sizes[4..])?);
    if magic != MAGIC || block as usize != BLOCK || !(1..=MOST_BLOCKS).contains(&blocks) {
        return Err(TemplateError::Malformed);
    }
    let mut image = vec![0; blocks as usize * BLOCK];
    let mut next = 0;
    while !rest.is_empty() {
        let (one, others) = rest.split_at_checked(4 + BLOCK).ok_or(TemplateError::Malformed)?;
        let index = number(one)?;
        if index < next || index >= blocks || one[4..].iter().all(|byte| *byte == 0) {
            return Err(TemplateError::Malformed);
        }
        image[index as usize * BLOCK..][..BLOCK].copy_from_slice(&one[4..]);
        (next, rest) = (index + 1, others);
    }
    Ok(image)
}
