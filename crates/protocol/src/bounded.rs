//! Bytes, text and lists whose size is limited before anything is allocated.
//!
//! The limit is part of the type, so that a message's definition is also the list of its limits.
//! A value longer than its limit cannot be made, neither by decoding nor by the programs' own code.

use core::{fmt, marker::PhantomData};
use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{self, SeqAccess, Visitor},
};
use thiserror::Error;

/// Says why a value does not fit its bounded type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum BoundError {
    /// The value is longer than its limit.
    #[error("this value has {found} bytes or items, more than the {limit} allowed. Shorten it")]
    TooLong {
        /// What came.
        found: usize,
        /// What is allowed.
        limit: usize,
    },
    /// A character cannot be shown truthfully on a screen.
    #[error("the text holds the character U+{0:04X}, which a screen cannot show truthfully. Remove it")]
    Unshowable(u32),
}

/// Holds at most `MAX` bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bytes<const MAX: usize>(Vec<u8>);

impl<const MAX: usize> Bytes<MAX> {
    /// Takes bytes within the limit.
    ///
    /// # Errors
    /// [`BoundError::TooLong`].
    pub fn new(bytes: Vec<u8>) -> Result<Self, BoundError> {
        within(bytes.len(), MAX)?;
        Ok(Self(bytes))
    }

    /// Lends the bytes.
    #[must_use]
    pub fn as_slice(&self) -> &[u8] {
        &self.0
    }
}

impl<const MAX: usize> Serialize for Bytes<MAX> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(&self.0)
    }
}

impl<'de, const MAX: usize> Deserialize<'de> for Bytes<MAX> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let borrowed = deserializer.deserialize_bytes(Borrowed)?;
        within(borrowed.len(), MAX).map_err(de::Error::custom)?;
        Ok(Self(borrowed.to_vec()))
    }
}

/// Holds exactly `N` public bytes; encoded with their length, so that a wrong one is an error.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fixed<const N: usize>(pub [u8; N]);

impl<const N: usize> fmt::Debug for Fixed<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl<const N: usize> Serialize for Fixed<N> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(&self.0)
    }
}

impl<'de, const N: usize> Deserialize<'de> for Fixed<N> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let borrowed = deserializer.deserialize_bytes(Borrowed)?;
        borrowed.try_into().map(Self).map_err(|_| de::Error::invalid_length(borrowed.len(), &"a fixed size"))
    }
}

/// Lends the input's own bytes; nothing is copied before the limit was checked.
struct Borrowed;

impl<'de> Visitor<'de> for Borrowed {
    type Value = &'de [u8];
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("bytes")
    }
    fn visit_borrowed_bytes<E: de::Error>(self, bytes: &'de [u8]) -> Result<Self::Value, E> {
        Ok(bytes)
    }
}

/// Holds one line of at most `MAX` bytes of text, every character of which a screen can show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line<const MAX: usize>(String);

/// Holds at most `MAX` bytes of text of any number of lines, every character of which can be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prose<const MAX: usize>(String);

macro_rules! text {
    ($name:ident, $allowed:expr) => {
        impl<const MAX: usize> $name<MAX> {
            /// Takes text within the limit, all of whose characters can be shown.
            ///
            /// # Errors
            /// [`BoundError`].
            pub fn new(text: &str) -> Result<Self, BoundError> {
                within(text.len(), MAX)?;
                let allowed: fn(char) -> bool = $allowed;
                match text.chars().find(|c| !allowed(*c) && unshowable(*c)) {
                    Some(c) => Err(BoundError::Unshowable(c.into())),
                    None => Ok(Self(text.to_owned())),
                }
            }

            /// Lends the text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl<const MAX: usize> Serialize for $name<MAX> {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_bytes(self.0.as_bytes())
            }
        }

        impl<'de, const MAX: usize> Deserialize<'de> for $name<MAX> {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let borrowed = deserializer.deserialize_bytes(Borrowed)?;
                within(borrowed.len(), MAX).map_err(de::Error::custom)?;
                let text = core::str::from_utf8(borrowed).map_err(de::Error::custom)?;
                Self::new(text).map_err(de::Error::custom)
            }
        }
    };
}

impl<const MAX: usize> Line<MAX> {
    /// Takes what can be shown of a name that somebody else gave: `?` stands for what cannot be, and
    /// what is beyond the limit is left out.
    #[must_use]
    pub fn lent(name: &str) -> Self {
        let mut line = String::new();
        for letter in name.chars().map(|letter| if unshowable(letter) { '?' } else { letter }) {
            if line.len() + letter.len_utf8() > MAX {
                break;
            }
            line.push(letter);
        }
        Self(line)
    }
}

text!(Line, |_| false);
text!(Prose, |c| matches!(c, '\n' | '\t'));

/// Tells whether a character is invisible or reorders its neighbours, so that what is read on a
/// screen would not be what is signed (Unicode TR36, TR39; the "Trojan source" class). Scripts
/// written from right to left reorder (UAX #9) and are refused whole, until a screen shows them well.
fn unshowable(c: char) -> bool {
    c.is_control()
        || u32::from(c) & 0xFFFE == 0xFFFE
        || matches!(u32::from(c),
            0xAD | 0x34F | 0x590..=0x8FF | 0x115F..=0x1160 | 0x17B4..=0x17B5 | 0x180B..=0x180F
            | 0x200B..=0x200F | 0x2028..=0x202E | 0x2060..=0x206F | 0x2800 | 0x3164
            | 0xFB1D..=0xFDFF | 0xFE00..=0xFE0F | 0xFE70..=0xFEFF | 0xFFA0 | 0xFFF0..=0xFFFB | 0x10800..=0x10FFF | 0x13430..=0x1345F | 0x1BCA0..=0x1BCA3
            | 0x1D173..=0x1D17A | 0x1E800..=0x1EFFF | 0xE000..=0xF8FF | 0xE0000..=0xE0FFF | 0xF0000..=0x10FFFF)
}

/// Holds at most `MAX` items.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct List<T, const MAX: usize>(Vec<T>);

impl<T, const MAX: usize> Default for List<T, MAX> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T, const MAX: usize> List<T, MAX> {
    /// Takes items within the limit.
    ///
    /// # Errors
    /// [`BoundError::TooLong`].
    pub fn new(items: Vec<T>) -> Result<Self, BoundError> {
        within(items.len(), MAX)?;
        Ok(Self(items))
    }

    /// Lends the items.
    #[must_use]
    pub fn as_slice(&self) -> &[T] {
        &self.0
    }
}

impl<'de, T: Deserialize<'de>, const MAX: usize> Deserialize<'de> for List<T, MAX> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(Items::<T, MAX>(PhantomData)).map(Self)
    }
}

struct Items<T, const MAX: usize>(PhantomData<T>);

impl<'de, T: Deserialize<'de>, const MAX: usize> Visitor<'de> for Items<T, MAX> {
    type Value = Vec<T>;
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "at most {MAX} items")
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        within(items.size_hint().unwrap_or(0), MAX).map_err(de::Error::custom)?;
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
            within(list.len(), MAX).map_err(de::Error::custom)?;
        }
        Ok(list)
    }
}

fn within(found: usize, limit: usize) -> Result<(), BoundError> {
    if found > limit { Err(BoundError::TooLong { found, limit }) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_list_announcing_four_billion_items_is_refused_at_its_length() {
        let announced = [0xff, 0xff, 0xff, 0xff, 0x0f, 1, 2, 3];
        assert!(postcard::from_bytes::<List<u8, 16>>(&announced).is_err());
        assert!(postcard::from_bytes::<Bytes<16>>(&announced).is_err());
    }

    #[test]
    fn text_that_would_not_be_read_as_it_is_signed_is_refused() {
        for hidden in
            ["pay \u{202E}001", "a\u{200B}b", "a\u{7}", "\u{E0041}", "10 \u{5D0} 000", "\u{2800}", "\u{1FFFF}", "one\nline"]
        {
            assert!(matches!(Line::<64>::new(hidden), Err(BoundError::Unshowable(_))), "{hidden:?}");
        }
        assert!(Prose::<64>::new("two\nlines\tand a tab, l’été à Nîmes").is_ok());
        assert!(Prose::<64>::new("carriage\rreturn").is_err());
    }

    proptest! {
        #[test]
        fn limits_hold_and_encoding_is_its_own_inverse(bytes: Vec<u8>) {
            match Bytes::<32>::new(bytes.clone()) {
                Err(error) => prop_assert_eq!(error, BoundError::TooLong { found: bytes.len(), limit: 32 }),
                Ok(value) => {
                    let encoded = postcard::to_allocvec(&value).unwrap();
                    prop_assert_eq!(postcard::from_bytes::<Bytes<32>>(&encoded).unwrap(), value);
                }
            }
        }
    }
}
