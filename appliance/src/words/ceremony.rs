//! The screens of a ceremony: from the plan to the drill, a restore, and what stops them.

use super::{
    Words,
    catalogue::{tr, trn},
    screens::{Texts, says},
};
use cloison_ceremony::{PlanPage, Screen, View};
use cloison_protocol::{Language, Limits, Person, Role};

impl Words {
    /// Puts a ceremony's screen into words.
    pub(super) fn ceremony(self, screen: &Screen) -> Option<Texts> {
        self.before(&screen.view).or_else(|| self.dealing(screen)).or_else(|| self.after(&screen.view))
    }

    fn before(self, view: &View) -> Option<Texts> {
        Some(match view {
            View::Start => says(
                tr!(self, "The plan"),
                [
                    tr!(self, "A plan says who takes part, how many cards are made and needed, and which keys."),
                    tr!(
                        self,
                        "Read one that was written on a workstation, or type a short one here, which makes the usual keys."
                    ),
                ],
            ),
            View::Plan => says(
                tr!(self, "A new vault"),
                [
                    tr!(self, "Give the vault a title, how many cards are made, and how many are needed to open it."),
                    tr!(self, "An administrator leads and a witness watches; both hold no card. Leave empty what there is not."),
                ],
            ),
            View::Name { index, cards } => says(
                tr!(self, "Card {card} of {cards}: whose is it?", card = index, cards),
                [tr!(self, "Type the name of its custodian, as the transcript is to have it. One person holds one card.")],
            ),
            View::PlanPage { page, number, of } => (tr!(self, "The plan, page {number} of {of}", number, of), self.plan(page)),
            View::Date { clock } => self.ask_date(*clock),
            View::RollCall { name, role, number, of } => says(
                tr!(self, "Roll-call, person {number} of {of}", number, of),
                [tr!(self, "{name}, {role}.", name, role = self.role(*role)), tr!(self, "Is this person in the room?")],
            ),
            _ => return None,
        })
    }

    fn ask_date(self, clock: u64) -> Texts {
        says(
            tr!(self, "Which day is it?"),
            [
                tr!(self, "The appliance’s clock says {date}. Many boards have no clock that runs on.", date = self.date(clock)),
                tr!(
                    self,
                    "Compare it with your watches, all of you, and put it right in UTC, such as 2026-11-21 14:30. The log and \
                     all limits count from it."
                ),
            ],
        )
    }

    fn plan(self, page: &PlanPage) -> Vec<String> {
        match page {
            PlanPage::Head { title, place, threshold, cards, limits, languages, words } => {
                let mut texts = self.head(title, place, (*threshold, *cards));
                let languages = self.all_of(&self.languages(languages));
                texts.extend([
                    self.stays_open(*limits),
                    tr!(self, "Cards and proposed passphrases are in {languages}.", languages),
                    tr!(self, "If a workstation wrote this plan, compare these words with its screen:"),
                    words.to_string(),
                ]);
                texts
            }
            PlanPage::People(people) => {
                let mut texts = vec![tr!(self, "These people take part. Read the names aloud.")];
                texts.extend(people.iter().map(|person| self.person(person)));
                texts
            }
            PlanPage::Key { key, policy } => {
                let mut texts = vec![tr!(self, "Key: {key}", key = self.key(*key)), self.algorithm(key.algorithm)];
                texts.extend(self.policy(policy, key.usage));
                texts
            }
        }
    }

    fn head(self, title: &str, place: &str, (threshold, cards): (u8, u8)) -> Vec<String> {
        let mut texts = vec![tr!(self, "The vault “{title}”.", title)];
        if !place.is_empty() {
            texts.push(tr!(self, "The ceremony is held at {place}.", place));
        }
        texts.push(if threshold == cards {
            tr!(self, "All {cards} cards are needed to open it. One lost card loses everything in it.", cards)
        } else {
            tr!(self, "{threshold} of {cards} cards open it.", threshold, cards)
        });
        texts
    }

    fn stays_open(self, limits: Limits) -> String {
        let minutes = |minutes: u64| self.duration(minutes * 60);
        tr!(
            self,
            "Once opened it seals itself after {idle} without a touch, and after {all} in any case.",
            idle = minutes(limits.idle_minutes.into()),
            all = minutes(limits.session_minutes.into())
        )
    }

    /// Names languages as they stand behind “in”.
    fn languages(self, languages: &[Language]) -> Vec<String> {
        languages.iter().map(|language| self.tongue(*language)).collect()
    }

    pub(super) fn tongue(self, language: Language) -> String {
        match language {
            Language::English => tr!(self, "English"),
            Language::French => tr!(self, "French"),
            other => other.label().to_owned(),
        }
    }

    fn person(self, person: &Person) -> String {
        tr!(self, "{name}: {role}", name = person.name.as_str(), role = self.role(person.role))
    }

    fn role(self, role: Role) -> String {
        match role {
            Role::Administrator => tr!(self, "administrator, who leads the ceremony and holds no card"),
            Role::Custodian => tr!(self, "custodian, who holds one card"),
            Role::Witness => tr!(self, "witness, who watches, signs the transcript and holds no card"),
            other => other.label().to_owned(),
        }
    }

    fn dealing(self, screen: &Screen) -> Option<Texts> {
        Some(match &screen.view {
            View::Dice { rolls, needed } => self.dice(*rolls, *needed),
            View::Entropy => says(tr!(self, "Gathering randomness"), [tr!(self, "One moment.")]),
            View::Passphrase { index, cards, custodian, languages } => {
                let title = tr!(self, "Card {card} of {cards}: {custodian}", card = index, cards, custodian);
                (title, self.ask_passphrase(custodian, languages, screen.private))
            }
            View::Card { index, cards, custodian, words } => {
                let title = tr!(self, "Card {card} of {cards}: {custodian}", card = index, cards, custodian);
                (title, self.card(words.as_deref()))
            }
            View::ReadBack { index, cards, read } => {
                says(tr!(self, "Card {card} of {cards}: read it back", card = index, cards), [self.read_back(*read)])
            }
            View::Unsaved => says(
                tr!(self, "The vault could not be saved"),
                [
                    tr!(
                        self,
                        "The cards are right, and nothing is lost. Check the data partition and its free space, then try again."
                    ),
                    tr!(self, "Where you cancel, nothing is kept."),
                ],
            ),
            _ => return None,
        })
    }

    fn dice(self, rolls: usize, needed: usize) -> Texts {
        let far = match rolls {
            0 => tr!(self, "Whoever likes adds rolls, {needed} at least in all. Or go on without.", needed),
            rolls if rolls < needed => trn!(
                self,
                rolls,
                "{count} roll of the {needed} that are needed. Throw on.",
                "{count} rolls of the {needed} that are needed. Throw on.",
                needed
            ),
            rolls => trn!(
                self,
                rolls,
                "{count} roll, and {needed} are enough. Go on, or add more.",
                "{count} rolls, and {needed} are enough. Go on, or add more.",
                needed
            ),
        };
        says(
            tr!(self, "Dice"),
            [
                tr!(
                    self,
                    "Dice are randomness that everyone can see. They are mixed into the appliance’s own, and cannot make it \
                     worse."
                ),
                far,
                tr!(
                    self,
                    "Look around you: nobody else may see what you throw. Type your name, and one digit from 1 to 6 for each \
                     roll."
                ),
            ],
        )
    }

    fn ask_passphrase(self, custodian: &str, languages: &[Language], proposed: bool) -> Vec<String> {
        vec![
            tr!(self, "Look around you: only {custodian} may see the screen.", custodian),
            tr!(
                self,
                "Choose a passphrase of at least 12 characters that nobody guesses, and type it twice. The card needs it each \
                 time, and nobody can bring it back."
            ),
            if proposed {
                tr!(
                    self,
                    "These six words were drawn by chance. Learn them or write them down, keep them apart from the card, and \
                     type them twice."
                )
            } else {
                tr!(self, "Or have six words proposed, in {languages}.", languages = self.one_of(&self.languages(languages)))
            },
        ]
    }

    fn card(self, lines: Option<&[String]>) -> Vec<String> {
        let Some(lines) = lines else {
            return vec![tr!(self, "Photograph nothing. Print or copy this code onto the card, then read it back.")];
        };
        let mut texts = vec![tr!(
            self,
            "Photograph nothing. Copy these ten lines onto the card by hand, then read it back. The last word of a line only \
             checks it."
        )];
        texts.extend((1..).zip(lines).map(|(number, line): (u8, _)| format!("{number}. {line}")));
        texts
    }

    fn read_back(self, read: bool) -> String {
        if read {
            tr!(self, "Look around you, then type the card’s passphrase again. If it cannot be proven, make the card anew.")
        } else {
            tr!(
                self,
                "Hold the card before the camera, or type the ten lines that are on it. What is read proves what is on paper."
            )
        }
    }

    fn after(self, view: &View) -> Option<Texts> {
        Some(match view {
            View::Created { title, cards } => self.created(title, *cards),
            View::Drilled { title, cards, words } => says(
                tr!(self, "“{title}” serves", title),
                [
                    tr!(self, "All {cards} cards were proven, and with them every choice of as many as open the vault.", cards),
                    tr!(self, "Its public keys are in the code. Compare these words on the workstation:"),
                    words.to_string(),
                    tr!(self, "Show the transcript and the descriptor as well, and have both kept."),
                ],
            ),
            View::GiveUp { cards } => {
                let text = tr!(
                    self,
                    "This vault was never drilled and never served. It is removed from this appliance. Destroy its cards before \
                     the witness:"
                );
                (tr!(self, "Give the cards up?"), self.with_cards(text, cards))
            }
            View::Stopped { cards } => {
                let text = tr!(self, "Nothing was kept. Destroy these cards before the witness:");
                (tr!(self, "The ceremony was stopped"), self.with_cards(text, cards))
            }
            View::EndRehearsal => says(
                tr!(self, "End the rehearsal?"),
                [tr!(self, "The rehearsed vault is removed from this appliance. Its cards open nothing any more; destroy them.")],
            ),
            View::Restored { title, described, backup, enrolled } => self.restored(title, *described, *backup, *enrolled),
            _ => return None,
        })
    }

    fn created(self, title: &str, cards: u8) -> Texts {
        says(
            tr!(self, "The cards of “{title}” are made", title),
            [
                trn!(
                    self,
                    cards,
                    "All {count} card are proven and the vault is stored. It serves once they were drilled.",
                    "All {count} cards are proven and the vault is stored. It serves once they were drilled."
                ),
                tr!(self, "Press “Done”: the kiosk starts anew, with nothing in memory. Then hold the drill with all cards."),
            ],
        )
    }

    fn with_cards(self, text: String, cards: &[(u8, String)]) -> Vec<String> {
        let mut texts = vec![text];
        texts.extend(cards.iter().map(|(card, custodian)| tr!(self, "card {card}, {custodian}", card, custodian)));
        texts
    }

    fn restored(self, title: &str, described: bool, backup: Option<u64>, enrolled: usize) -> Texts {
        let mut texts = Vec::new();
        if !described {
            texts.push(tr!(
                self,
                "It was restored without its descriptor: its keys only open records until the custodians confirm them."
            ));
        }
        texts.push(match backup {
            Some(state) => {
                tr!(self, "Its backup is of state {state}; what happened afterwards is not known here.", state)
            }
            None => tr!(self, "There was no backup: a new log begins."),
        });
        texts.push(trn!(
            self,
            enrolled,
            "{count} workstation enrolled. All quotas are used up until the custodians renew them.",
            "{count} workstations enrolled. All quotas are used up until the custodians renew them."
        ));
        texts.push(tr!(self, "Press “Done”: the kiosk starts anew with nothing in memory."));
        (tr!(self, "“{title}” is restored", title), texts)
    }
}
