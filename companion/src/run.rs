//! Sends each command to the module that does it.

use crate::{
    args::{Arguments, Command, Identity, Keys, Qr},
    decrypt, encrypt,
    error::Error,
    home::Home,
    identity, keys, qr, sign, verify,
};

/// Does what was typed.
///
/// # Errors
/// Whatever the command's module says.
pub(crate) fn run(arguments: Arguments) -> Result<(), Error> {
    // The eye is started without an environment and has no home to look for.
    if let Command::Eye = arguments.command {
        return qr::eye();
    }
    let home = Home::resolve(arguments.home)?;
    match arguments.command {
        Command::Identity(Identity::New { name, output, force }) => identity::new(&home, &name, &output, force),
        Command::Identity(Identity::Show { output, force }) => identity::show(&home, output.as_deref(), force),
        Command::Keys(Keys::Import { file, words }) => keys::import(&home, &file, words.as_deref()),
        Command::Keys(Keys::List { json }) => keys::list(&home, json),
        Command::Keys(Keys::Show { vault, pem }) => keys::show(&home, vault.as_deref(), pem),
        Command::Encrypt(arguments) => encrypt::run(&home, &arguments),
        Command::Decrypt(arguments) => decrypt::run(&home, &arguments),
        Command::Sign(arguments) => sign::run(&home, &arguments),
        Command::Verify(arguments) => verify::run(&home, &arguments),
        Command::Qr(Qr::Show(arguments)) => qr::show(&arguments),
        Command::Qr(Qr::Scan { pictures, output, force }) => qr::scan(&pictures, &output, force),
        Command::Qr(Qr::Read { pictures, json }) => qr::read(&pictures, json),
        Command::Eye => qr::eye(),
    }
}
