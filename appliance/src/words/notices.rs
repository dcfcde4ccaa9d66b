//! What there is to say of the last event.

use super::{
    figures::{capital, count, date, sentences},
    labels::field,
};
use cloison_ceremony::{Notice, Purposes};
use cloison_custody::{
    CardRefusal, OpenError, PassphraseError,
    entropy::{DiceError, Pattern},
    passphrase::{Judgement, Reason, Verdict},
};

/// Says in words what there is to say of the last event.
#[must_use]
pub fn notice(notice: &Notice) -> String {
    let said =
        of_cards(notice).or_else(|| of_a_ceremony(notice)).or_else(|| of_messages(notice)).or_else(|| of_the_vault(notice));
    said.unwrap_or_else(|| {
        "Something happened that this program has no words for. Look at the screen before you go on.".to_owned()
    })
}

fn of_cards(notice: &Notice) -> Option<String> {
    Some(match notice {
        Notice::Passphrase(error) => passphrase(error),
        Notice::Card { index: Some(index), refusal: refusal @ CardRefusal::Unreadable(_) } => {
            format!("The card that says it is number {index}: {refusal}.")
        }
        Notice::Card { index: Some(index), refusal } => format!("Card {index}: {refusal}."),
        Notice::Card { index: None, refusal } => format!("A card that cannot be named: {refusal}."),
        Notice::Words(error) => sentences(error),
        Notice::Accepted(index) => format!("Card {index} is accepted."),
        Notice::Proven(index) => format!("Card {index} opens, and its share is the vault’s own."),
        Notice::Printed => "The card is printed. Read it back: only that proves what is on paper.".to_owned(),
        Notice::NotPrinted => {
            "The printer did not take the card. Destroy what came out, look after the printer, and print again.".to_owned()
        }
        Notice::BrokenQuorum => "The cards were accepted and do not give this vault’s root. Do not use this store.".to_owned(),
        _ => return None,
    })
}

fn of_a_ceremony(notice: &Notice) -> Option<String> {
    Some(match notice {
        Notice::Birth(error) => sentences(error),
        Notice::Plan(fault) => sentences(fault),
        Notice::Absent(name) => {
            format!("{name} is to hold a card and is not here. Wait, or cancel and hold the ceremony by another plan.")
        }
        Notice::SelfTest(error) => sentences(error),
        Notice::NotADate => "This is no date and time. Type it in UTC, such as 2026-11-21 14:30.".to_owned(),
        Notice::DateBefore(last) => format!(
            "The last entry of the log is of {}, so it cannot be earlier now. Set the date right; if it is right, do not trust \
             this store.",
            date(*last)
        ),
        Notice::NotANumber(asked) => format!("“{}” takes a whole number. Type one, such as 3.", field(*asked).1),
        Notice::Dice(DiceError::Patterned(found)) => {
            format!("{} {}", capital(&pattern(found)), sentences(DiceError::Patterned(*found)))
        }
        Notice::Dice(error) => sentences(error),
        Notice::Rolled(name, rolls) if name.is_empty() => format!("{} added.", count(*rolls, "roll")),
        Notice::Rolled(name, rolls) => format!("{} of {name} added.", count(*rolls, "roll")),
        Notice::Entropy(error) => sentences(error),
        Notice::NoEntropy => "The operating system gave no random bytes. Do not make keys on this machine.".to_owned(),
        Notice::Drill(error) => sentences(error),
        Notice::Restore(error) => sentences(error),
        _ => return None,
    })
}

fn of_messages(notice: &Notice) -> Option<String> {
    Some(match notice {
        Notice::Frame(error) => sentences(error),
        Notice::Stranger { reading, this } => format!("Still reading {reading}; this code is of {this}. Show one at a time."),
        Notice::Corrupt => "The pieces do not fit together, so something altered them. Reading starts again.".to_owned(),
        Notice::Message(error) => sentences(error),
        Notice::Unanswerable(error) => sentences(error),
        Notice::TooLate => "The request expired, or was answered, before it was approved. Make a new one.".to_owned(),
        Notice::Unread(pages) => format!("{} unread. Read them all, then approve.", count(*pages, "page")),
        Notice::Perform(error) => sentences(error),
        Notice::NoEmergency(reason) => format!("The emergency path is closed to this request: {}", sentences(reason)),
        _ => return None,
    })
}

fn of_the_vault(notice: &Notice) -> Option<String> {
    Some(match notice {
        Notice::NotSaved => {
            "The disk did not take the change, so nothing was done. Check its free space, and try again.".to_owned()
        }
        Notice::Open(error @ OpenError::Earlier { last }) => format!("{} It was on {}.", sentences(error), date(*last)),
        Notice::Open(error) => sentences(error),
        Notice::Enrolment(error) => sentences(error),
        Notice::Enrolled(name) => format!("“{name}” is enrolled."),
        Notice::Change(error) => sentences(error),
        Notice::Changed(purpose) => changed(*purpose).to_owned(),
        Notice::NoTranscript => {
            "This vault has no transcript here, since it was restored without a backup. Ask who keeps the copies.".to_owned()
        }
        Notice::Stale(error) => sentences(error),
        _ => return None,
    })
}

fn changed(purpose: Purposes) -> &'static str {
    match purpose {
        Purposes::Opening => "The vault is open.",
        Purposes::Request => "The request is answered.",
        Purposes::Emergency => "The request is answered, and waits for its review.",
        Purposes::Enrolment => "The workstation is enrolled.",
        Purposes::Revocation => "The workstation is revoked. It can ask for nothing any more.",
        Purposes::Renewal => "The quotas are renewed.",
        Purposes::Confirmation => "The keys are confirmed, and serve as before.",
        Purposes::Rotation => "A new key took its place. Show the public keys to the workstations.",
        Purposes::Succession => "The vault that follows is named.",
        Purposes::Following => "The vault before is acknowledged. Show the public keys to the workstations.",
        Purposes::Reshare => "The new cards are given up, and the old ones stay. Destroy the new ones before the witness.",
        Purposes::Drill => "The cards are drilled.",
        Purposes::Restore => "The vault is restored.",
    }
}

fn passphrase(error: &PassphraseError) -> String {
    match error {
        PassphraseError::Guessable { why, .. } => format!("{} {}", sentences(error), reason(*why)),
        error => sentences(error),
    }
}

/// Says how hard a passphrase is to guess, and what makes it easier.
#[must_use]
pub fn judgement(judgement: &Judgement) -> Vec<String> {
    let verdict = match judgement.verdict {
        Verdict::Weak => "This is too easy to guess for a card. Choose other words: six drawn by chance are best.",
        Verdict::Fair => "This is hard enough to guess. A longer one is better.",
        Verdict::Strong => "This is very hard to guess.",
    };
    let reasons = judgement.reasons.iter().map(|why| reason(*why));
    core::iter::once(verdict).chain(reasons).map(str::to_owned).collect()
}

fn reason(why: Reason) -> &'static str {
    match why {
        Reason::Known => "A word, a name or a password in it is one that many people use.",
        Reason::Disguised => "A common word in it is only disguised, backwards or with digits for letters.",
        Reason::Keyboard => "Some of its keys lie side by side.",
        Reason::Repetition => "The same comes in it again and again.",
        Reason::Sequence => "Letters or digits in it come in their order.",
        Reason::Date => "There is a date or a year in it.",
        Reason::Short => "It has too few characters.",
        _ => "A part of it is one that guessers try.",
    }
}

fn pattern(pattern: &Pattern) -> String {
    match pattern {
        Pattern::Run { length } => format!("one number comes {length} times in a row."),
        Pattern::Steps { by: 0, every } => format!("too many rolls are the same as {} before.", count(*every, "roll")),
        Pattern::Steps { by, every } => {
            format!("too many rolls are {by} more than {} before.", count(*every, "roll"))
        }
        Pattern::Copied => "a row of rolls is there twice.".to_owned(),
        Pattern::Mirrored => "a row of rolls is there once more, backwards.".to_owned(),
        Pattern::Uneven => "some numbers come far more often than others.".to_owned(),
        Pattern::Missing => "one number never comes.".to_owned(),
        Pattern::FewPairs => "the same few pairs of numbers come again and again.".to_owned(),
        Pattern::NeverTwice => "hardly any number comes twice in a row, as it does with dice.".to_owned(),
        _ => "there is a pattern.".to_owned(),
    }
}
