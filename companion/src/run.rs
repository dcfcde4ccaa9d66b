//! Sends each command to the module that does it.

use crate::{
    args::{Arguments, Command, Identity, Keys, Plan, Qr},
    decrypt, encrypt,
    error::Error,
    home::Home,
    identity, keys, plan, qr, records, sign, verify, view,
};

/// Does what was typed.
///
/// # Errors
/// Whatever the command's module says.
pub(crate) fn run(arguments: Arguments) -> Result<(), Error> {
    // The eye is started without an environment and has no home to look for.
    if let Command::Eye { role } = &arguments.command {
        return qr::eye(role);
    }
    let home = Home::resolve(arguments.home);
    // Codes and plans need no home; where there is one, its files are not written over.
    let command = match arguments.command {
        Command::Qr(command) => return codes(home.as_ref().ok(), command),
        Command::Plan(command) => return ceremony(home.as_ref().ok(), command),
        other => other,
    };
    let home = home?;
    match command {
        Command::Identity(Identity::New { name, output, force }) => identity::new(&home, &name, &output, force),
        Command::Identity(Identity::Show { output, force }) => identity::show(&home, output.as_deref(), force),
        Command::Keys(Keys::Import(arguments)) => keys::import(&home, &arguments),
        Command::Keys(Keys::List { json }) => keys::list(&home, json),
        Command::Keys(Keys::Show { vault, pem, json }) => keys::show(&home, vault.as_deref(), pem, json),
        Command::Encrypt(arguments) => encrypt::run(&home, &arguments),
        Command::Decrypt(arguments) => decrypt::run(&home, &arguments),
        Command::View(arguments) => view::run(&home, &arguments),
        Command::Sign(arguments) => sign::run(&home, &arguments),
        Command::Verify(arguments) => verify::run(&home, &arguments),
        Command::Plan(command) => ceremony(Some(&home), command),
        Command::Transcript(command) => records::transcript(&home, &command),
        Command::Log(command) => records::log(&home, &command),
        Command::Qr(command) => codes(Some(&home), command),
        Command::Eye { role } => qr::eye(&role),
    }
}

fn codes(home: Option<&Home>, command: Qr) -> Result<(), Error> {
    match command {
        Qr::Show(arguments) => qr::show(home, &arguments),
        Qr::Scan { camera: Some(place), output, force, .. } => qr::watch(home, place.as_deref(), &output, force),
        Qr::Scan { pictures, output, force, .. } => qr::scan(home, &pictures, &output, force),
        Qr::Read { pictures, json } => qr::read(&pictures, json),
        Qr::Test(arguments) => qr::trial(&arguments),
    }
}

fn ceremony(home: Option<&Home>, command: Plan) -> Result<(), Error> {
    match command {
        Plan::New(arguments) => plan::new(home, &arguments),
        Plan::Lint { file, json } => plan::lint(&file, json),
        Plan::Show(arguments) => plan::show(home, &arguments),
    }
}
