//! Boots an image in QEMU, looks at its screen, touches it, plays codes into its camera, and holds
//! the journeys of people before it.

mod film;
mod find;
mod guest;
mod letters;
mod picture;
mod qmp;
mod redir;
mod webcam;

fn main() {}
