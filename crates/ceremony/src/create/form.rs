//! A plan typed at the kiosk: a title, how many cards, and who takes part; the usual keys.

use super::{Create, Created, Setup, pages::Pages, still};
use crate::{
    event::Event,
    screen::{Button, Field, FieldState, Notice, Screen, View},
};
use cloison_protocol::{
    Algorithm, BoundError, Language, Limits, MAX_CARDS, MessageError, Person, Plan, PlanBody, PlanFault, PlannedKey, Policy,
    Role, Usage,
    bounded::{Line, List},
};

/// The keys of a plan that was typed: every kind that there is.
const KEYS: [(Usage, Algorithm); 4] = [
    (Usage::Age, Algorithm::MlKem1024P384),
    (Usage::Age, Algorithm::P384),
    (Usage::Text, Algorithm::P384),
    (Usage::Digest, Algorithm::P384),
];

/// A plan being typed.
pub(crate) struct Form {
    setup: Setup,
    title: String,
    place: String,
    threshold: String,
    cards: String,
    administrator: String,
    witness: String,
    /// How many cards and their names so far, once the first page is right.
    names: Option<Names>,
}

struct Names {
    threshold: u8,
    cards: u8,
    given: Vec<String>,
    name: String,
}

impl Form {
    pub(crate) fn new(setup: Setup) -> Self {
        let none = String::new;
        Self {
            setup,
            title: none(),
            place: none(),
            threshold: "3".to_owned(),
            cards: "5".to_owned(),
            administrator: none(),
            witness: none(),
            names: None,
        }
    }

    pub(crate) fn setup(&self) -> Setup {
        self.setup
    }

    pub(crate) fn handle(mut self, event: Event) -> Created {
        match event {
            Event::Type(field, typed) => {
                if let Some(text) = self.field(field) {
                    text.clone_from(&typed.0);
                }
                still(Create::Form(self), None)
            }
            Event::Press(Button::Continue) => match self.forward() {
                Ok(Some(plan)) => still(Create::Pages(Pages::new(self.setup, plan)), None),
                Ok(None) => still(Create::Form(self), None),
                Err(notice) => still(Create::Form(self), Some(notice)),
            },
            _ => still(Create::Form(self), None),
        }
    }

    fn field(&mut self, field: Field) -> Option<&mut String> {
        match (field, &mut self.names) {
            (Field::Custodian, Some(names)) => Some(&mut names.name),
            (Field::Title, None) => Some(&mut self.title),
            (Field::Place, None) => Some(&mut self.place),
            (Field::Threshold, None) => Some(&mut self.threshold),
            (Field::Cards, None) => Some(&mut self.cards),
            (Field::Administrator, None) => Some(&mut self.administrator),
            (Field::Witness, None) => Some(&mut self.witness),
            _ => None,
        }
    }

    /// Goes on to the next name, and gives the plan after the last.
    fn forward(&mut self) -> Result<Option<Plan>, Notice> {
        let Some(names) = &mut self.names else {
            self.names = Some(self.first_page()?);
            return Ok(None);
        };
        let name = names.name.trim().to_owned();
        if name.is_empty() {
            return Err(Notice::Plan(PlanFault::NoName { person: names.given.len() + 1 }));
        }
        names.given.push(name);
        let result = if names.given.len() < usize::from(names.cards) { Ok(None) } else { self.plan().map(Some) };
        if let Some(names) = &mut self.names {
            match result {
                Ok(_) => names.name.clear(),
                // The last name stays to be corrected; one before it asks for all of them anew.
                Err(Notice::Plan(PlanFault::NameTaken { .. })) | Err(_) => drop(names.given.pop()),
            }
        }
        result
    }

    fn first_page(&self) -> Result<Names, Notice> {
        let number = |text: &str, field| text.trim().parse::<u8>().map_err(|_| Notice::NotANumber(field));
        let (threshold, cards) = (number(&self.threshold, Field::Threshold)?, number(&self.cards, Field::Cards)?);
        if self.title.trim().is_empty() {
            return Err(Notice::Plan(PlanFault::NoTitle));
        }
        if !(2..=cards).contains(&threshold) || cards > MAX_CARDS {
            return Err(Notice::Plan(PlanFault::Threshold { threshold, cards, most: MAX_CARDS }));
        }
        for text in [&self.title, &self.place, &self.administrator, &self.witness] {
            line::<64>(text)?;
        }
        Ok(Names { threshold, cards, given: Vec::new(), name: String::new() })
    }

    fn plan(&self) -> Result<Plan, Notice> {
        let names = self.names.as_ref().ok_or(Notice::Message(MessageError::Unencodable))?;
        let others = [(&self.administrator, Role::Administrator), (&self.witness, Role::Witness)];
        let others = others.into_iter().filter(|(name, _)| !name.trim().is_empty());
        // The custodians come first, so that a fault names them by the numbers of their cards.
        let people = names.given.iter().map(|name| (name, Role::Custodian)).chain(others);
        let people = people.map(|(name, role)| Ok(Person { name: line(name)?, role })).collect::<Result<Vec<_>, Notice>>()?;
        let keys = KEYS.map(|(usage, algorithm)| {
            Ok(PlannedKey { usage: line(usage.label())?, algorithm: line(algorithm.label())?, policy: Policy::usual(usage) })
        });
        let keys = keys.into_iter().collect::<Result<Vec<_>, Notice>>()?;
        let body = PlanBody {
            title: line(&self.title)?,
            place: line(&self.place)?,
            threshold: names.threshold,
            people: List::new(people).map_err(text)?,
            keys: List::new(keys).map_err(text)?,
            languages: List::new(vec![Language::French, Language::English]).map_err(text)?,
            limits: Limits::default(),
        };
        Plan::new(body).map_err(|error| match error {
            MessageError::Plan(fault) => Notice::Plan(fault),
            error => Notice::Message(error),
        })
    }

    pub(crate) fn screen(&self) -> Screen {
        let buttons = [Button::Continue, Button::Cancel];
        if let Some(names) = &self.names {
            let index = u8::try_from(names.given.len()).unwrap_or(u8::MAX).saturating_add(1).min(names.cards);
            let mut screen = Screen::of(View::Name { index, cards: names.cards }, &buttons);
            screen.fields.push(FieldState::plain(Field::Custodian, &names.name));
            return screen;
        }
        let mut screen = Screen::of(View::Plan, &buttons);
        let fields = [
            (Field::Title, &self.title),
            (Field::Place, &self.place),
            (Field::Threshold, &self.threshold),
            (Field::Cards, &self.cards),
            (Field::Administrator, &self.administrator),
            (Field::Witness, &self.witness),
        ];
        screen.fields = fields.map(|(field, text)| FieldState::plain(field, text)).to_vec();
        screen
    }
}

fn line<const MAX: usize>(text: &str) -> Result<Line<MAX>, Notice> {
    Line::new(text.trim()).map_err(self::text)
}

fn text(error: BoundError) -> Notice {
    Notice::Birth(error.into())
}
