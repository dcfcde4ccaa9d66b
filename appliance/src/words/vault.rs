//! The first screen, and the screens of an open vault's desk.

use super::{
    Words,
    catalogue::{tr, trn},
    screens::{Texts, says},
};
use crate::hardware::Booted;
use cloison_ceremony::{Choice, HomeView, NoPlace, View};
use cloison_custody::{StoreError, Waiting};
use cloison_protocol::Fingerprint;

impl Words {
    /// Puts a vault's screen into words.
    pub(super) fn vault(self, view: &View) -> Option<Texts> {
        Some(match view {
            View::Home(home) => self.home(home),
            View::Desk { title, enrolled, generation, head, waiting, .. } => {
                let state = trn!(
                    self,
                    *enrolled,
                    "{count} workstation enrolled. State {state}; the words of its log:",
                    "{count} workstations enrolled. State {state}; the words of its log:",
                    state = *generation
                );
                let mut texts = vec![tr!(self, "The vault is open."), state, head.to_string()];
                texts.extend(self.waits(waiting));
                (title.clone(), texts)
            }
            View::Manage { waiting } => {
                let mut texts = vec![tr!(self, "What changes the vault needs as many cards as open it.")];
                texts.extend(self.waits(waiting));
                (tr!(self, "The vault itself"), texts)
            }
            View::Choose { items } => self.choose(items),
            View::Enrolment { .. } | View::Succession { .. } | View::Following { .. } => self.others(view)?,
            _ => return None,
        })
    }

    /// The screens on which another workstation or vault introduces itself.
    fn others(self, view: &View) -> Option<Texts> {
        Some(match view {
            View::Enrolment { name, words } => says(
                tr!(self, "Enrol “{name}”?", name),
                [tr!(self, "Compare these words with the workstation’s screen, face to face:"), words.to_string()],
            ),
            View::Succession { title, words } => says(
                tr!(self, "Is “{title}” to follow this vault?", title),
                [
                    tr!(self, "From then on this vault only opens records. Workstations use the other one."),
                    tr!(self, "Compare these words with the other kiosk’s screen, face to face:"),
                    words.to_string(),
                ],
            ),
            View::Following { old } => says(
                tr!(self, "Does this vault follow another?"),
                [
                    tr!(self, "The vault {old} names this one as the vault that follows it.", old),
                    tr!(
                        self,
                        "Only those who held the other ceremony know whether that is right. Ask them, then present the cards."
                    ),
                ],
            ),
            _ => return None,
        })
    }

    fn home(self, home: &HomeView) -> Texts {
        match home {
            HomeView::Blank => says(
                tr!(self, "No vault yet"),
                [
                    tr!(self, "This appliance holds no vault. Create one with its custodians, or rehearse first."),
                    tr!(self, "A vault whose appliance is lost is restored here from its cards."),
                ],
            ),
            HomeView::Sealed { title, vault, threshold, cards, serves, drill, .. } => {
                let mut texts = vec![tr!(self, "Sealed. Vault {vault}.", vault)];
                if *serves {
                    texts.push(tr!(self, "{threshold} of {cards} cards open it.", threshold, cards));
                } else {
                    texts.push(tr!(self, "It does not serve yet: first every card must be drilled."));
                }
                if let Some(epoch) = drill {
                    texts.push(tr!(self, "The cards of epoch {epoch} wait for their drill. Bring all of them.", epoch));
                }
                (title.clone(), texts)
            }
            HomeView::Broken(error @ StoreError::Newer { .. }) => {
                says(tr!(self, "This vault needs a newer card"), [self.sentences(error)])
            }
            HomeView::Broken(error) => says(
                tr!(self, "The store cannot be used"),
                [self.sentences(error), tr!(self, "It is left as it is until a restored vault takes its place.")],
            ),
            HomeView::NoPlace(why) => self.no_place(*why),
            HomeView::Training => says(
                tr!(self, "Training"),
                [
                    tr!(self, "This is an ordinary computer. Rehearse here what is done on the appliance: nothing is real."),
                    tr!(self, "A card or a passphrase of a real vault must never be shown to it."),
                ],
            ),
            HomeView::Real => says(
                tr!(self, "This vault is real"),
                [
                    tr!(self, "This is an ordinary computer, for training, and here nothing is done with a real vault."),
                    tr!(self, "Put its data back into the appliance, and give this program another folder."),
                ],
            ),
        }
    }

    fn no_place(self, why: NoPlace) -> Texts {
        let said = match why {
            NoPlace::Missing => tr!(
                self,
                "Neither the card that this appliance started from nor a stick can keep a vault. Put the card back, or plug in \
                 an empty stick, and start again."
            ),
            NoPlace::Small => tr!(
                self,
                "The card has no room for a vault beside the image. Write the image to a larger card, or plug in an empty \
                 stick, and start again."
            ),
            NoPlace::Several => tr!(
                self,
                "Several cards or sticks can hold a vault, and nothing tells which is the right one. Switch off, take the \
                 others out, and start again."
            ),
            NoPlace::Failed => tr!(
                self,
                "The place that keeps a vault could not be made or read. Switch off, keep this card or stick as it is, and try \
                 another one."
            ),
        };
        says(
            tr!(self, "No place for a vault"),
            [said, tr!(self, "Until then vaults are only rehearsed here, in memory, and gone when it is switched off.")],
        )
    }

    /// Says what a machine knows of the image that it started from.
    #[must_use]
    pub fn booted(self, booted: Booted) -> Option<String> {
        Some(match booted {
            Booted::Nothing => return None,
            Booted::Reading => tr!(self, "The words of its image are being worked out."),
            Booted::Image(digest) => tr!(self, "The words of its image: {words}.", words = Fingerprint::of(&digest)),
            Booted::Unreadable => tr!(
                self,
                "The image that it started from could not be read, so it has no words. Leave the card in its slot until they \
                 are shown."
            ),
        })
    }

    /// Says what waits for a vault's people.
    fn waits(self, waiting: &Waiting) -> Vec<String> {
        let Waiting { emergencies, unconfirmed, undrilled, successor, since_backup } = *waiting;
        let mut texts = Vec::new();
        if emergencies > 0 {
            texts.push(trn!(
                self,
                emergencies,
                "{count} operation granted in emergencies wait for a review.",
                "{count} operations granted in emergencies wait for a review."
            ));
        }
        if unconfirmed {
            texts.push(tr!(self, "Its keys only open records until the custodians confirm them."));
        }
        if let Some(epoch) = undrilled {
            texts.push(tr!(self, "New cards of epoch {epoch} wait for their drill. Seal the vault to hold it.", epoch));
        }
        if successor {
            texts.push(tr!(self, "Another vault follows this one, which only opens records now."));
        }
        if since_backup > 0 {
            texts.push(trn!(
                self,
                since_backup,
                "{count} change newer than the last backup. Make one.",
                "{count} changes newer than the last backup. Make one."
            ));
        }
        texts
    }

    fn choose(self, items: &[Choice]) -> Texts {
        match items {
            [] => says(tr!(self, "Nothing to choose"), [tr!(self, "There is none of these in this vault. Cancel.")]),
            [Choice::Workstation(_), ..] => says(
                tr!(self, "Which workstation is revoked?"),
                [tr!(self, "It can ask for nothing any more, and its key never comes back. The cards are asked for next.")],
            ),
            [Choice::Key(_), ..] => says(
                tr!(self, "Which key is rotated?"),
                [tr!(
                    self,
                    "A new key takes its place; the old one still opens what was encrypted to it. The cards are asked for next."
                )],
            ),
        }
    }
}
