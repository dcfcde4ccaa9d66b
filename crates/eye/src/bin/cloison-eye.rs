//! The reader process on its own: plays the role that its argument names (`eye` without one), or is
//! a keeper (`keeper`, and then the roles that it may start itself in).

use std::io;

fn main() -> io::Result<()> {
    let arguments: Option<Vec<String>> = std::env::args_os().skip(1).map(|argument| argument.into_string().ok()).collect();
    let arguments = arguments.ok_or(io::ErrorKind::InvalidInput)?;
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        ["keeper", roles @ ..] => keep(roles),
        [role, ..] => cloison_eye::roles::serve(role, io::stdin().lock(), io::stdout().lock()),
        [] => cloison_eye::roles::serve("eye", io::stdin().lock(), io::stdout().lock()),
    }
}

#[cfg(target_os = "linux")]
fn keep(roles: &[&str]) -> io::Result<()> {
    use cloison_eye::spawn::keeper;
    keeper::serve(&keeper::inherited()?, &std::env::current_exe()?, roles)
}

#[cfg(not(target_os = "linux"))]
fn keep(_: &[&str]) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}
