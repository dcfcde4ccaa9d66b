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
    let home = Home::resolve(arguments.home);
    // Codes need no home; where there is one, its files are not written over.
    if let Command::Qr(command) = arguments.command {
        return codes(home.as_ref().ok(), command);
    }
    let home = home?;
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
        Command::Qr(command) => codes(Some(&home), command),
        Command::Eye => qr::eye(),
    }
}

fn codes(home: Option<&Home>, command: Qr) -> Result<(), Error> {
    match command {
        Qr::Show(arguments) => qr::show(home, &arguments),
        Qr::Scan { pictures, output, force } => qr::scan(home, &pictures, &output, force),
        Qr::Read { pictures, json } => qr::read(&pictures, json),
    }
}
