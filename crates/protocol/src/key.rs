//! The names of a vault's keys: what each is for, its algorithm and its number.

use core::fmt;
use serde::{Deserialize, Serialize};

/// Says whether a vault and all that it makes are real, or a rehearsal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Mode {
    /// The keys of a vault in service.
    Real,
    /// Keys made to practise with; everything they make is marked.
    Rehearsal,
}

/// Says the one thing that a key is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Usage {
    /// Signs texts that were shown whole.
    Text,
    /// Signs digests of files that cannot be shown.
    Digest,
    /// Unwraps the file keys of age files.
    Age,
    /// Signs what the vault says of itself: replies, public keys, descriptors.
    Identity,
    /// Authenticates the store at rest.
    Store,
}

/// Names an algorithm as it stands in derivation labels and messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Algorithm {
    /// ECDSA or ECDH over NIST P-384 (FIPS 186-5, SP 800-186).
    P384,
    /// The hybrid KEM MLKEM1024-P384, HPKE KEM id 0x0051 (draft-ietf-hpke-pq).
    MlKem1024P384,
    /// HMAC-SHA-384 (RFC 2104, FIPS 180-4).
    HmacSha384,
    /// XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha).
    XChaCha20Poly1305,
}

/// Names one key of a vault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct KeyRef {
    /// What it is for.
    pub usage: Usage,
    /// Its algorithm.
    pub algorithm: Algorithm,
    /// Counts the keys of one usage and algorithm, from 0.
    pub number: u16,
}

impl fmt::Display for KeyRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}", self.usage.label(), self.algorithm.label(), self.number)
    }
}

macro_rules! numbered {
    ($type:ident, $what:literal, $($variant:ident = $number:literal $label:literal),+) => {
        impl $type {
            /// Gives the word that stands for it, in labels and plans.
            #[must_use]
            pub fn label(self) -> &'static str {
                match self { $(Self::$variant => $label),+ }
            }

            /// Finds the value that a word names.
            #[must_use]
            pub fn named(label: &str) -> Option<Self> {
                match label { $($label => Some(Self::$variant),)+ _ => None }
            }
        }

        impl serde::Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_u8(match self { $(Self::$variant => $number),+ })
            }
        }

        impl<'de> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                match <u8 as serde::Deserialize>::deserialize(deserializer)? {
                    $($number => Ok(Self::$variant),)+
                    other => Err(serde::de::Error::invalid_value(serde::de::Unexpected::Unsigned(other.into()), &$what)),
                }
            }
        }
    };
}
pub(crate) use numbered;

numbered!(Mode, "a mode", Real = 0 "real", Rehearsal = 1 "rehearsal");
// The gaps belong to the usages that docs/formats.md reserves.
numbered!(Usage, "a key usage", Text = 1 "text", Digest = 2 "digest", Age = 9 "age", Identity = 10 "identity", Store = 11 "store");
numbered!(
    Algorithm, "an algorithm",
    P384 = 1 "p384", MlKem1024P384 = 2 "mlkem1024p384", HmacSha384 = 3 "hmac-sha384",
    XChaCha20Poly1305 = 4 "xchacha20poly1305"
);
