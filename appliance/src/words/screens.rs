//! What every screen says: which flow it belongs to, and the screens that belong to none.

use super::{Said, Words, catalogue::tr};
use cloison_ceremony::{Button, Screen, Seen, Unshown, View};
use cloison_protocol::{Entry, Fingerprint, Happening, Kind, Progress, Score};

/// A title, and texts in reading order.
pub(super) type Texts = (String, Vec<String>);

pub(super) fn says<const N: usize>(title: String, texts: [String; N]) -> Texts {
    (title, texts.to_vec())
}

impl Words {
    /// Puts a screen into words.
    #[must_use]
    pub fn said(self, screen: &Screen) -> Said {
        let view = &screen.view;
        let known =
            self.alarm(view).or_else(|| self.ceremony(screen)).or_else(|| self.presenting(view)).or_else(|| self.vault(view));
        let (title, texts) = known.or_else(|| self.messages(screen)).unwrap_or_else(|| self.unknown(view));
        let title = if screen.rehearsal { tr!(self, "REHEARSAL: {title}", title) } else { title };
        Said { title, texts }
    }

    /// What is said where this program is older than the ceremony it runs.
    fn unknown(self, view: &View) -> Texts {
        says(
            tr!(self, "The screen “{name}”", name = view.name()),
            [tr!(self, "This program has no words for it. Cancel or seal, and use a newer appliance.")],
        )
    }

    /// The screens of messages: read, reviewed, shown.
    fn messages(self, screen: &Screen) -> Option<Texts> {
        Some(match &screen.view {
            View::Scan { expected, progress, .. } => self.scan(screen, *expected, progress.as_ref()),
            View::Review { page, number, of } => {
                let mut texts = self.page(page);
                texts.extend(self.way_out(screen));
                (tr!(self, "The request, page {number} of {of}", number, of), texts)
            }
            View::Refused(reason) => {
                let mut texts = vec![self.sentences(reason)];
                texts.extend(self.way_out(screen));
                (tr!(self, "This request is refused"), texts)
            }
            View::Pattern => says(
                tr!(self, "The test pattern"),
                [tr!(
                    self,
                    "Hold the other machine’s camera before this screen. On a workstation, “cloison qr test --camera” says \
                     which density it reads best."
                )],
            ),
            View::Trial { percent, scores, best } => self.trial(*percent, scores, *best),
            View::Reply => says(tr!(self, "The reply"), [tr!(self, "Show this code to the workstation’s camera.")]),
            View::Record { record, of, seen } => self.record(*record, *of, *seen),
            View::Emergencies { entries, number, of } => self.emergencies(entries, *number, *of),
            View::Export { kind, words } => self.export(*kind, words.as_ref()),
            View::Saving => says(tr!(self, "Saving"), [tr!(self, "One moment.")]),
            View::Ended => says(tr!(self, "The end"), [tr!(self, "Nothing of the vault is in memory. The kiosk starts anew.")]),
            _ => return None,
        })
    }

    fn way_out(self, screen: &Screen) -> Option<String> {
        screen.buttons.contains(&Button::Emergency).then(|| {
            tr!(
                self,
                "If it cannot wait, the key’s policy has an emergency path: as many cards as open the vault suffice, and what \
                 was done is reviewed when the vault is opened next."
            )
        })
    }

    fn scan(self, screen: &Screen, expected: Kind, progress: Option<&Progress>) -> Texts {
        let mut texts = vec![match progress {
            Some(Progress { read, needed }) => {
                tr!(self, "{read} of at least {needed} pieces read.", read = *read, needed = *needed)
            }
            None => tr!(self, "Nothing read yet."),
        }];
        if screen.buttons.contains(&Button::Without) {
            texts.push(self.without(expected));
        }
        (tr!(self, "Show {the_message} to the camera", the_message = self.the(expected)), texts)
    }

    /// Says how well this camera reads another screen.
    fn trial(self, percent: u32, scores: &[Score], best: Option<u8>) -> Texts {
        let score = |score: &Score| {
            let Score { profile, read, shown } = *score;
            tr!(self, "Density {density}: {read} of {shown}", density = profile + 1, read, shown)
        };
        let heading = (!scores.is_empty()).then(|| tr!(self, "Codes read, of each density:"));
        let mut texts: Vec<String> = heading.into_iter().chain(scores.iter().map(score)).collect();
        texts.extend(match best {
            Some(best) => Some(tr!(
                self,
                "Density {density} carries most. Choose it on the other screen: D and S change it there.",
                density = best + 1
            )),
            None if scores.is_empty() => {
                Some(tr!(self, "Show the other screen’s test pattern. On a workstation, “cloison qr test” shows it."))
            }
            None if percent == 100 => {
                Some(tr!(self, "No density is read well. Hold the screen closer and still, or change the light."))
            }
            None => None,
        });
        (tr!(self, "Read a test pattern"), texts)
    }

    /// Says what is lost where something is not at hand for a restore.
    fn without(self, expected: Kind) -> String {
        match expected {
            Kind::Descriptor => tr!(
                self,
                "It was shown at the drill. If nobody kept it, go on without it: the keys then only open records until the \
                 custodians confirm them."
            ),
            Kind::Backup => tr!(
                self,
                "Show the newest one. If there is none, go on without it: workstations are then enrolled anew, and a new log \
                 begins."
            ),
            _ => tr!(self, "If nobody has it, go on without it."),
        }
    }

    fn record(self, record: usize, of: usize, seen: Seen) -> Texts {
        let title = tr!(self, "Record {record} of {of}", record, of);
        match seen {
            Seen::Decoding => says(title, [tr!(self, "It is made ready to be shown. One moment.")]),
            Seen::Page(number, pages) => says(
                title,
                [
                    tr!(self, "Look around you: it is shown here and nowhere else. Photograph nothing."),
                    tr!(self, "Page {number} of {of}.", number, of = pages),
                ],
            ),
            Seen::Refused(reason) => says(title, [tr!(self, "This record did not open."), self.sentences(&reason)]),
            Seen::Not(why) => says(title, [tr!(self, "This record opened, and is not shown."), self.unshown(why)]),
        }
    }

    fn unshown(self, why: Unshown) -> String {
        match why {
            Unshown::Unsupported => {
                tr!(self, "This kiosk shows text, JSON, PNG and JPEG, and could not show this as any of them.")
            }
            Unshown::TooLarge => tr!(
                self,
                "It is larger than what this kiosk shows. Ask whoever encrypted it for a smaller one, or for its parts."
            ),
            Unshown::Damaged => {
                tr!(self, "It is damaged, or made to do harm. Ask whoever encrypted it for another copy.")
            }
            Unshown::TooHard => {
                tr!(self, "Reading it took too long or too much memory. Ask whoever encrypted it for a simpler one.")
            }
            _ => tr!(self, "Why, this program has no words for. Ask whoever encrypted it for a simpler one."),
        }
    }

    fn emergencies(self, entries: &[Entry<Happening>], number: usize, of: usize) -> Texts {
        let mut texts = vec![tr!(
            self,
            "This was granted in emergencies since the last review. Read all of it together, and ask those who approved it."
        )];
        texts.extend(entries.iter().map(|entry| self.entry(entry)));
        (tr!(self, "Emergencies, page {number} of {of}", number, of), texts)
    }

    fn export(self, kind: Kind, fingerprint: Option<&Fingerprint>) -> Texts {
        let (title, use_it) = match kind {
            Kind::PublicKeys => {
                (tr!(self, "The public keys"), tr!(self, "Show this code to every workstation that uses the vault."))
            }
            Kind::Descriptor => (
                tr!(self, "The descriptor"),
                tr!(self, "It describes the vault and holds no secret. Have several copies of it kept for a restore."),
            ),
            Kind::Backup => (
                tr!(self, "The backup"),
                tr!(self, "It is encrypted, and only the vault’s cards open it. Have it kept far from this appliance."),
            ),
            Kind::Transcript => {
                (tr!(self, "The transcript"), tr!(self, "Have a workstation verify it and print it, and sign the print by hand."))
            }
            Kind::Log => (tr!(self, "The log"), tr!(self, "Have a workstation verify it and keep it with the logs before.")),
            Kind::Succession => (
                tr!(self, "The succession"),
                tr!(self, "Show it to the kiosk of the vault that follows, and to the workstations."),
            ),
            _ => (tr!(self, "A message of the vault"), tr!(self, "Show this code to the workstation’s camera.")),
        };
        let mut texts = vec![use_it];
        if let Some(words) = fingerprint {
            texts.extend([tr!(self, "Compare these words on the workstation:"), words.to_string()]);
        }
        (title, texts)
    }
}
