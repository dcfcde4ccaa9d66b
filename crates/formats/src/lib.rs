//! The standard artefacts that a vault works on: age stanzas and headers, detached signatures.
//!
//! Parsing, building and verifying are here. Private operations are not: they are injected
//! through [`age::Decapsulate`], so that this crate serves the workstation, which has no vault
//! key, and the appliance, which has no network.

pub mod age;
pub mod hpke;
pub mod signature;
