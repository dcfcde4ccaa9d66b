//! What there is to say of the last event.

use super::{
    Words,
    catalogue::{tr, trn},
    figures::capital,
};
use cloison_ceremony::{Notice, Purposes};
use cloison_custody::{
    CardRefusal, OpenError, PassphraseError,
    entropy::{DiceError, Pattern},
    passphrase::{Judgement, Reason, Verdict},
};

impl Words {
    /// Says in words what there is to say of the last event.
    #[must_use]
    pub fn notice(self, notice: &Notice) -> String {
        let said = self.of_cards(notice).or_else(|| self.of_a_ceremony(notice)).or_else(|| self.of_dice(notice));
        let said = said.or_else(|| self.of_messages(notice)).or_else(|| self.of_the_vault(notice));
        said.unwrap_or_else(|| {
            tr!(self, "Something happened that this program has no words for. Look at the screen before you go on.")
        })
    }

    fn of_cards(self, notice: &Notice) -> Option<String> {
        Some(match notice {
            Notice::Passphrase(error) => self.passphrase(error),
            Notice::Card { index: Some(card), refusal: refusal @ CardRefusal::Unreadable(_) } => {
                tr!(self, "The card that says it is number {card}: {why}.", card, why = self.explain(refusal))
            }
            Notice::Card { index: Some(card), refusal } => {
                tr!(self, "Card {card}: {why}.", card, why = self.explain(refusal))
            }
            Notice::Card { index: None, refusal } => {
                tr!(self, "A card that cannot be named: {why}.", why = self.explain(refusal))
            }
            Notice::Words(error) => self.sentences(error),
            Notice::Accepted(card) => tr!(self, "Card {card} is accepted.", card),
            Notice::Proven(card) => tr!(self, "Card {card} opens, and its share is the vault’s own.", card),
            Notice::Printed => tr!(self, "The card is printed. Read it back: only that proves what is on paper."),
            Notice::NotPrinted => {
                tr!(self, "The printer did not take the card. Destroy what came out, look after the printer, and print again.")
            }
            Notice::BrokenQuorum => {
                tr!(self, "The cards were accepted and do not give this vault’s root. Do not use this store.")
            }
            _ => return None,
        })
    }

    fn of_a_ceremony(self, notice: &Notice) -> Option<String> {
        Some(match notice {
            Notice::Birth(error) => self.sentences(error),
            Notice::Plan(fault) => self.sentences(fault),
            Notice::Absent(name) => tr!(
                self,
                "{name} is to hold a card and is not here. Wait, or cancel and hold the ceremony by another plan.",
                name
            ),
            Notice::SelfTest(error) => self.sentences(error),
            Notice::NotADate => tr!(self, "This is no date and time. Type it in UTC, such as 2026-11-21 14:30."),
            Notice::DateBefore(last) => tr!(
                self,
                "The last entry of the log is of {date}, so it cannot be earlier now. Set the date right; if it is right, do \
                 not trust this store.",
                date = self.date(*last)
            ),
            Notice::NotANumber(asked) => {
                tr!(self, "“{field}” takes a whole number. Type one, such as 3.", field = self.field(*asked).1)
            }
            Notice::Entropy(error) => self.sentences(error),
            Notice::NoEntropy => {
                tr!(self, "The operating system gave no random bytes. Do not make keys on this machine.")
            }
            Notice::Drill(error) => self.sentences(error),
            Notice::Restore(error) => self.sentences(error),
            Notice::Alarm(alarms) => self.stopped_by(alarms),
            _ => return None,
        })
    }

    fn of_dice(self, notice: &Notice) -> Option<String> {
        Some(match notice {
            Notice::Dice(error @ DiceError::Patterned(found)) => {
                format!("{} {}", capital(&self.pattern(found)), self.sentences(error))
            }
            Notice::Dice(error) => self.sentences(error),
            Notice::Rolled(name, rolls) if name.is_empty() => {
                trn!(self, *rolls, "{count} roll added.", "{count} rolls added.")
            }
            Notice::Rolled(name, rolls) => {
                trn!(self, *rolls, "{count} roll of {name} added.", "{count} rolls of {name} added.", name)
            }
            _ => return None,
        })
    }

    fn of_messages(self, notice: &Notice) -> Option<String> {
        Some(match notice {
            Notice::Frame(error) => self.sentences(error),
            Notice::Stranger { reading, this } => {
                tr!(self, "Still reading {reading}; this code is of {this}. Show one at a time.", reading, this)
            }
            Notice::Corrupt => {
                tr!(self, "The pieces do not fit together, so something altered them. Reading starts again.")
            }
            Notice::NotAPattern => {
                tr!(self, "This is no code of a test pattern. Show the other screen’s pattern, and nothing else.")
            }
            Notice::Message(error) => self.sentences(error),
            Notice::Unanswerable(error) => self.sentences(error),
            Notice::TooLate => tr!(self, "The request expired, or was answered, before it was approved. Make a new one."),
            Notice::Unread(pages) => trn!(
                self,
                *pages,
                "{count} page unread. Read them all, then approve.",
                "{count} pages unread. Read them all, then approve."
            ),
            Notice::Perform(error) => self.sentences(error),
            Notice::NoEmergency(reason) => {
                tr!(self, "The emergency path is closed to this request: {why}", why = self.sentences(reason))
            }
            _ => return None,
        })
    }

    fn of_the_vault(self, notice: &Notice) -> Option<String> {
        Some(match notice {
            Notice::NotSaved => {
                tr!(self, "The disk did not take the change, so nothing was done. Check its free space, and try again.")
            }
            Notice::Open(error @ OpenError::Earlier { last }) => {
                tr!(self, "{why} It was on {date}.", why = self.sentences(error), date = self.date(*last))
            }
            Notice::Open(error) => self.sentences(error),
            Notice::Enrolment(error) => self.sentences(error),
            Notice::Enrolled(name) => tr!(self, "“{name}” is enrolled.", name),
            Notice::Change(error) => self.sentences(error),
            Notice::Changed(purpose) => self.changed(*purpose),
            Notice::NoTranscript => {
                tr!(self, "This vault has no transcript here, since it was restored without a backup. Ask who keeps the copies.")
            }
            Notice::Stale(error) => self.sentences(error),
            _ => return None,
        })
    }

    fn changed(self, purpose: Purposes) -> String {
        match purpose {
            Purposes::Opening => tr!(self, "The vault is open."),
            Purposes::Request => tr!(self, "The request is answered."),
            Purposes::Emergency => tr!(self, "The request is answered, and waits for its review."),
            Purposes::Enrolment => tr!(self, "The workstation is enrolled."),
            Purposes::Revocation => tr!(self, "The workstation is revoked. It can ask for nothing any more."),
            Purposes::Renewal => tr!(self, "The quotas are renewed."),
            Purposes::Confirmation => tr!(self, "The keys are confirmed, and serve as before."),
            Purposes::Rotation => tr!(self, "A new key took its place. Show the public keys to the workstations."),
            Purposes::Succession => tr!(self, "The vault that follows is named."),
            Purposes::Following => tr!(self, "The vault before is acknowledged. Show the public keys to the workstations."),
            Purposes::Reshare => {
                tr!(self, "The new cards are given up, and the old ones stay. Destroy the new ones before the witness.")
            }
            Purposes::Drill => tr!(self, "The cards are drilled."),
            Purposes::Restore => tr!(self, "The vault is restored."),
        }
    }

    fn passphrase(self, error: &PassphraseError) -> String {
        match error {
            PassphraseError::Guessable { why, .. } => {
                format!("{} {}", self.sentences(error), self.easy(*why))
            }
            error => self.sentences(error),
        }
    }

    /// Says how hard a passphrase is to guess, and what makes it easier.
    #[must_use]
    pub fn judgement(self, judgement: &Judgement) -> Vec<String> {
        let verdict = match judgement.verdict {
            Verdict::Weak => {
                tr!(self, "This is too easy to guess for a card. Choose other words: six drawn by chance are best.")
            }
            Verdict::Fair => tr!(self, "This is hard enough to guess. A longer one is better."),
            Verdict::Strong => tr!(self, "This is very hard to guess."),
        };
        core::iter::once(verdict).chain(judgement.reasons.iter().map(|why| self.easy(*why))).collect()
    }

    fn easy(self, why: Reason) -> String {
        match why {
            Reason::Known => tr!(self, "A word, a name or a password in it is one that many people use."),
            Reason::Disguised => tr!(self, "A common word in it is only disguised, backwards or with digits for letters."),
            Reason::Keyboard => tr!(self, "Some of its keys lie side by side."),
            Reason::Repetition => tr!(self, "The same comes in it again and again."),
            Reason::Sequence => tr!(self, "Letters or digits in it come in their order."),
            Reason::Date => tr!(self, "There is a date or a year in it."),
            Reason::Short => tr!(self, "It has too few characters."),
            _ => tr!(self, "A part of it is one that guessers try."),
        }
    }

    fn pattern(self, pattern: &Pattern) -> String {
        match pattern {
            Pattern::Run { length } => tr!(self, "one number comes {length} times in a row.", length),
            Pattern::Steps { by: 0, every } => {
                tr!(self, "too many rolls are the same as {rolls} before.", rolls = self.rolls(*every))
            }
            Pattern::Steps { by, every } => {
                tr!(self, "too many rolls are {by} more than {rolls} before.", by, rolls = self.rolls(*every))
            }
            Pattern::Copied => tr!(self, "a row of rolls is there twice."),
            Pattern::Mirrored => tr!(self, "a row of rolls is there once more, backwards."),
            Pattern::Uneven => tr!(self, "some numbers come far more often than others."),
            Pattern::Missing => tr!(self, "one number never comes."),
            Pattern::FewPairs => tr!(self, "the same few pairs of numbers come again and again."),
            Pattern::NeverTwice => tr!(self, "hardly any number comes twice in a row, as it does with dice."),
            _ => tr!(self, "there is a pattern."),
        }
    }
}
