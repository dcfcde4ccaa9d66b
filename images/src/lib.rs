//! What makes and checks the bootable images: `images/build` calls it, step by step.
//!
//! It writes the kernel's first archive, chooses kernel modules, makes the data partition's
//! template, computes the words of the boot files, and holds a finished image against the list of
//! what may be in it. It fetches nothing, and never runs on the device.

pub mod allowed;
pub mod boot;
pub mod cpio;
pub mod elf;
pub mod list;
pub mod manifest;
pub mod modules;
pub mod sbom;
pub mod template;
