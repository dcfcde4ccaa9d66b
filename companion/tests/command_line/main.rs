//! The program as people run it: real processes, real files, and a small vault that answers.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod codes;
mod conversation;
mod identity_and_keys;
mod interrupted;
mod outputs;
mod records;
mod replies;
mod signatures;
mod vault;
mod workstation;
