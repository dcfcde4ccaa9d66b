//! The program as people run it: real processes, real files, and a small vault that answers.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod codes;
mod conversation;
mod identity_and_keys;
mod interrupted;
mod messages;
mod outputs;
mod patterns;
mod plan;
mod policies;
mod records;
mod records_html;
mod records_log;
mod records_made;
mod records_transcript;
mod replies;
mod signatures;
mod successions;
mod vault;
mod view;
mod workstation;
