//! Each attempt is made by a process of its own: this program again, which hardens itself first
//! thing, as a kiosk does, and then tries. It has a `main` of its own for that: the usual one runs
//! tests beside a thread of its own, and a kiosk has none yet.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

#[cfg(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")))]
#[path = "harden/attempts.rs"]
mod attempts;

#[cfg(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")))]
fn main() {
    attempts::main();
}

#[cfg(not(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64"))))]
fn main() {}
