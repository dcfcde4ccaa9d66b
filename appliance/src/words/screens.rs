//! What every screen says: which flow it belongs to, and the screens that belong to none.

use super::{Said, ceremony, figures::sentences, life, presenting, reviews, vault};
use cloison_ceremony::{Button, Screen, Seen, Unshown, View};
use cloison_protocol::{Entry, Fingerprint, Happening, Kind, Progress};

/// A title, and texts in reading order.
pub(super) type Words = (String, Vec<String>);

/// Puts a screen into words.
#[must_use]
pub fn said(screen: &Screen) -> Said {
    let known = ceremony::said(screen).or_else(|| presenting::said(&screen.view)).or_else(|| vault::said(&screen.view));
    let (title, texts) = known.or_else(|| messages(screen)).unwrap_or_else(|| unknown(&screen.view));
    let title = if screen.rehearsal { format!("REHEARSAL: {title}") } else { title };
    Said { title, texts }
}

pub(super) fn says<const N: usize>(title: impl Into<String>, texts: [impl Into<String>; N]) -> Words {
    (title.into(), texts.map(Into::into).to_vec())
}

/// What is said where this program is older than the ceremony it runs.
fn unknown(view: &View) -> Words {
    says(
        format!("The screen “{}”", view.name()),
        ["This program has no words for it. Cancel or seal, and use a newer appliance."],
    )
}

/// The screens of messages: read, reviewed, shown.
fn messages(screen: &Screen) -> Option<Words> {
    Some(match &screen.view {
        View::Scan { expected, progress } => scan(screen, *expected, progress.as_ref()),
        View::Review { page, number, of } => {
            let mut texts = reviews::page(page);
            if screen.buttons.contains(&Button::Emergency) {
                texts.push(EMERGENCY.to_owned());
            }
            (format!("Page {number} of {of}"), texts)
        }
        View::Refused(reason) => {
            let mut texts = vec![sentences(reason)];
            if screen.buttons.contains(&Button::Emergency) {
                texts.push(EMERGENCY.to_owned());
            }
            ("This request is refused".to_owned(), texts)
        }
        View::Reply => says("The reply", ["Show this code to the workstation’s camera."]),
        View::Record { record, of, seen } => self::record(*record, *of, *seen),
        View::Emergencies { entries, number, of } => emergencies(entries, *number, *of),
        View::Export { kind, words } => export(*kind, words.as_ref()),
        View::Saving => says("Saving", ["One moment."]),
        View::Ended => says("The end", ["Nothing of the vault is in memory. The kiosk starts anew."]),
        _ => return None,
    })
}

const EMERGENCY: &str = "If it cannot wait, the key’s policy has an emergency path: as many cards as open the vault suffice, \
                         and what was done is reviewed when the vault is opened next.";

fn scan(screen: &Screen, expected: Kind, progress: Option<&Progress>) -> Words {
    let mut texts = vec![match progress {
        Some(progress) => format!("{} of at least {} pieces read.", progress.read, progress.needed),
        None => "Nothing read yet.".to_owned(),
    }];
    if screen.buttons.contains(&Button::Without) {
        texts.push(without(expected).to_owned());
    }
    (format!("Show the {expected} to the camera"), texts)
}

/// Says what is lost where something is not at hand for a restore.
fn without(expected: Kind) -> &'static str {
    match expected {
        Kind::Descriptor => {
            "It was shown at the drill. If nobody kept it, go on without it: the keys then only open records until the \
             custodians confirm them."
        }
        Kind::Backup => {
            "Show the newest one. If there is none, go on without it: workstations are then enrolled anew, and a new log begins."
        }
        _ => "If nobody has it, go on without it.",
    }
}

fn record(record: usize, of: usize, seen: Seen) -> Words {
    let title = format!("Record {record} of {of}");
    match seen {
        Seen::Decoding => says(title, ["It is made ready to be shown. One moment."]),
        Seen::Page(number, pages) => says(
            title,
            [
                "Look around you: it is shown here and nowhere else. Photograph nothing.".to_owned(),
                format!("Page {number} of {pages}."),
            ],
        ),
        Seen::Refused(reason) => says(title, ["This record did not open.".to_owned(), sentences(reason)]),
        Seen::Not(why) => says(title, ["This record opened, and is not shown.", unshown(why)]),
    }
}

fn unshown(why: Unshown) -> &'static str {
    match why {
        Unshown::Unsupported => "This kiosk shows text, JSON, PNG and JPEG, and could not show this as any of them.",
        Unshown::TooLarge => {
            "It is larger than what this kiosk shows. Ask whoever encrypted it for a smaller one, or for its parts."
        }
        Unshown::Damaged => "It is damaged, or made to do harm. Ask whoever encrypted it for another copy.",
        Unshown::TooHard => "Reading it took too long or too much memory. Ask whoever encrypted it for a simpler one.",
        _ => "Why, this program has no words for. Ask whoever encrypted it for a simpler one.",
    }
}

fn emergencies(entries: &[Entry<Happening>], number: usize, of: usize) -> Words {
    let ask = "This was granted in emergencies since the last review. Read all of it together, and ask those who approved it.";
    let mut texts = vec![ask.to_owned()];
    texts.extend(entries.iter().map(life::entry));
    (format!("Emergencies, page {number} of {of}"), texts)
}

fn export(kind: Kind, fingerprint: Option<&Fingerprint>) -> Words {
    let (title, use_it) = match kind {
        Kind::PublicKeys => ("The public keys", "Show this code to every workstation that uses the vault."),
        Kind::Descriptor => {
            ("The descriptor", "It describes the vault and holds no secret. Have several copies of it kept for a restore.")
        }
        Kind::Backup => {
            ("The backup", "It is encrypted, and only the vault’s cards open it. Have it kept far from this appliance.")
        }
        Kind::Transcript => ("The transcript", "Have a workstation verify it and print it, and sign the print by hand."),
        Kind::Log => ("The log", "Have a workstation verify it and keep it with the logs before."),
        Kind::Succession => ("The succession", "Show it to the kiosk of the vault that follows, and to the workstations."),
        _ => ("A message of the vault", "Show this code to the workstation’s camera."),
    };
    let mut texts = vec![use_it.to_owned()];
    if let Some(words) = fingerprint {
        texts.extend(["Compare these words on the workstation:".to_owned(), words.to_string()]);
    }
    (title.to_owned(), texts)
}
