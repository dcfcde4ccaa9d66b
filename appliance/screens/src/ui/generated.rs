//! What Slint makes of the `.slint` files.

#![allow(missing_docs, unsafe_code, unreachable_pub, unused_qualifications)]
#![allow(clippy::all, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::todo, clippy::unimplemented)]

slint::include_modules!();
