//! From TOML to a plan that can be held, or to all that keeps it from that.

use super::{
    fault::{Fault, Faults},
    fields::{Fields, Spot, plain},
    named::{Named, Places},
};
use cloison_protocol::{
    Algorithm, Language, Limits, MAX_BATCH, MAX_CARDS, MAX_KEYS, MAX_PEOPLE, MAX_REQUESTERS, Person, Plan, PlanBody, PlannedKey,
    Policy, Role, Usage,
    bounded::{BoundError, Line, List},
};
use jiff::{civil::Date, tz::TimeZone};
use toml::de::DeTable;

const FIELDS: [&str; 7] = ["title", "place", "need", "languages", "limits", "people", "keys"];
const REQUIRED: [(&str, &str); 4] = [
    ("title", "Give one that the vault's users will recognise"),
    ("need", "Say how many cards open the vault"),
    ("people", "Name the custodians under [people], in the order of their cards"),
    ("keys", "Ask for at least one key under [[keys]]"),
];
const LIMITS: [&str; 2] = ["idle-minutes", "session-minutes"];
const PEOPLE: [&str; 3] = ["administrators", "custodians", "witnesses"];
const KEY: [&str; 13] = [
    "purpose",
    "algorithm",
    "quorum",
    "approvals",
    "view-only",
    "declared-only",
    "batch",
    "per-session",
    "per-day",
    "total",
    "expires",
    "requesters",
    "emergency",
];
/// Broken lines after which the rest is not worth naming.
const MAX_BROKEN: usize = 20;

/// Reads a plan.
///
/// # Errors
/// Everything that is wrong with it, in the order of the text.
pub(crate) fn read(text: &str) -> Result<Plan, Vec<Fault>> {
    let mut faults = Faults::of(text);
    let (document, broken) = DeTable::parse_recoverable(text);
    // Where lines are not TOML, what the others seem to say is a guess.
    if !broken.is_empty() {
        for error in broken.iter().take(MAX_BROKEN) {
            let told = format!("this is not TOML: {}. Compare it with what `cloison plan new` writes", plain(error.message()));
            faults.at(error.span().map_or(0, |span| span.start), told);
        }
        return Err(faults.sorted());
    }
    let mut places = Places::default();
    let Some(body) = body(document.get_ref(), &mut places, &mut faults) else { return Err(faults.sorted()) };
    places.name_faults(&body, &mut faults);
    if faults.count() > 0 {
        return Err(faults.sorted());
    }
    Plan::new(body).map_err(|error| {
        faults.anywhere(error.to_string());
        faults.sorted()
    })
}

/// Gives a body even where something could not be read, so that the rest of it is checked as well.
fn body(document: &DeTable<'_>, places: &mut Places, faults: &mut Faults<'_>) -> Option<PlanBody> {
    let root = Fields::of("the plan".to_owned(), document, &FIELDS, faults);
    (places.title, places.need) = (root.at("title"), root.at("need"));
    (places.languages, places.limits) = (root.at("languages"), root.at("limits"));
    for (field, advice) in REQUIRED {
        if !root.has(field) {
            faults.anywhere(format!("`{field}` is missing. {advice}"));
        }
    }
    let title = root.text("title", faults).and_then(|title| line(&title, "`title`", faults));
    let place = root.text("place", faults).and_then(|place| line(&place, "`place`", faults));
    let need = root.whole("need", 2..=MAX_CARDS.into(), faults);
    places.title_is_read = title.is_some();
    let people = people(&root, places, faults);
    places.cards_are_read &= need.is_some();
    Some(PlanBody {
        title: title.or_else(empty)?,
        place: place.or_else(empty)?,
        threshold: need.unwrap_or(2),
        people,
        languages: languages(&root, places, faults),
        limits: limits(&root, places, faults),
        keys: keys(&root, places, faults)?,
    })
}

fn people(root: &Fields<'_>, places: &mut Places, faults: &mut Faults<'_>) -> List<Person, MAX_PEOPLE> {
    let Some(table) = root.table("people", faults) else { return List::default() };
    let fields = Fields::of("[people]".to_owned(), table, &PEOPLE, faults);
    if !fields.has("custodians") {
        let told = "[people] has no `custodians`. Name those who will hold a card, in the order of the cards";
        faults.at(root.at("people").unwrap_or_default(), told.to_owned());
    }
    let mut all = Vec::new();
    for (field, role) in PEOPLE.into_iter().zip([Role::Administrator, Role::Custodian, Role::Witness]) {
        let before = faults.count();
        let names = fields.texts(field, faults);
        let is_read = names.is_some() && faults.count() == before;
        places.cards_are_read |= role == Role::Custodian && is_read;
        for (name, number) in names.unwrap_or_default().iter().zip(1..) {
            let what = format!("{} {number}", role.label());
            // A name of its own, so that the people after this one keep their numbers.
            let stand_in = || Line::new(&format!("{what}, whose name could not be read")).ok();
            all.extend(line(name, &what, faults).or_else(stand_in).map(|name| Person { name, role }));
            places.people.push(Named { at: name.at, what, name: plain(name.value.trim()) });
        }
    }
    places.cards_are_read &= all.len() <= MAX_PEOPLE;
    let beyond = places.people.get(MAX_PEOPLE).map(|person| person.at);
    within(all, "people", beyond, faults)
}

fn languages(root: &Fields<'_>, places: &mut Places, faults: &mut Faults<'_>) -> List<Language, 2> {
    let before = faults.count();
    let mut all = Vec::new();
    for Spot { value, at } in root.texts("languages", faults).unwrap_or_default() {
        match Language::named(value) {
            Some(language) if all.contains(&language) => {
                faults.at(at, format!("the language `{value}` is named twice. Name each language once"));
            }
            Some(language) => all.push(language),
            None => faults.at(at, format!("the language `{}` is not known here. Write \"fr\", \"en\" or both", plain(value))),
        }
    }
    places.languages_are_read = faults.count() == before;
    if !root.has("languages") {
        all = vec![Language::French, Language::English];
    }
    List::new(all).unwrap_or_default()
}

fn limits(root: &Fields<'_>, places: &mut Places, faults: &mut Faults<'_>) -> Limits {
    let (usual, before) = (Limits::default(), faults.count());
    let Some(table) = root.table("limits", faults) else {
        return usual;
    };
    let fields = Fields::of("[limits]".to_owned(), table, &LIMITS, faults);
    let limits = Limits {
        idle_minutes: fields.whole("idle-minutes", 1..=60, faults).unwrap_or(usual.idle_minutes),
        session_minutes: fields.whole("session-minutes", 1..=720, faults).unwrap_or(usual.session_minutes),
    };
    places.limits_are_read = faults.count() == before;
    limits
}

fn keys(root: &Fields<'_>, places: &mut Places, faults: &mut Faults<'_>) -> Option<List<PlannedKey, MAX_KEYS>> {
    let tables = root.tables("keys", faults);
    places.keys_are_read = tables.is_some();
    let mut all = Vec::new();
    for (Spot { value, at }, number) in tables.unwrap_or_default().into_iter().zip(1..) {
        let what = format!("key {number}");
        let fields = Fields::of(what.clone(), value, &KEY, faults);
        let key = key(&fields, &Spot { value: what.as_str(), at }, faults)?;
        let name = format!("{}/{}", key.usage.as_str(), key.algorithm.as_str());
        places.keys.push(Named { at, what, name });
        all.push(key);
    }
    let beyond = places.keys.get(MAX_KEYS).map(|key| key.at);
    Some(within(all, "keys", beyond, faults))
}

fn key(fields: &Fields<'_>, key: &Spot<&str>, faults: &mut Faults<'_>) -> Option<PlannedKey> {
    let word = fields.text("purpose", faults);
    if !fields.has("purpose") || word.as_ref().is_some_and(|word| word.value.trim().is_empty()) {
        faults.at(key.at, format!("{} has no `purpose`. Write what it is for: \"age\", \"text\" or \"digest\"", key.value));
    }
    let purpose = word.and_then(|word| line::<24>(&word, &format!("`purpose` of {}", key.value), faults));
    let usage = purpose.as_ref().and_then(|word| Usage::named(word.as_str()));
    let typed = fields.text("algorithm", faults);
    let typed = typed.and_then(|word| line(&word, &format!("`algorithm` of {}", key.value), faults));
    let usual = if usage == Some(Usage::Age) { Algorithm::MlKem1024P384 } else { Algorithm::P384 };
    Some(PlannedKey {
        usage: purpose.or_else(empty)?,
        algorithm: typed.or_else(|| Line::new(usual.label()).ok())?,
        policy: policy(fields, usage.unwrap_or(Usage::Digest), faults),
    })
}

fn policy(fields: &Fields<'_>, usage: Usage, faults: &mut Faults<'_>) -> Policy {
    let usual = Policy::usual(usage);
    Policy {
        each: each(fields, faults).unwrap_or(usual.each),
        approvals: fields.whole("approvals", 0..=MAX_CARDS.into(), faults).unwrap_or(usual.approvals),
        view_only: fields.truth("view-only", faults).unwrap_or(usual.view_only),
        declared_only: fields.truth("declared-only", faults).unwrap_or(usual.declared_only),
        batch: fields.whole("batch", 1..=MAX_BATCH.into(), faults).unwrap_or(usual.batch),
        per_session: fields.whole("per-session", 1..=u16::MAX.into(), faults).unwrap_or(usual.per_session),
        per_day: fields.whole("per-day", 1..=u16::MAX.into(), faults).unwrap_or(usual.per_day),
        total: fields.whole("total", 1..=u32::MAX.into(), faults).unwrap_or(usual.total),
        expires: expires(fields, faults).unwrap_or(usual.expires),
        requesters: requesters(fields, faults),
        emergency: fields.whole("emergency", 0..=u16::MAX.into(), faults).unwrap_or(usual.emergency),
    }
}

fn each(fields: &Fields<'_>, faults: &mut Faults<'_>) -> Option<bool> {
    let word = fields.text("quorum", faults)?;
    match word.value {
        "each" => Some(true),
        "session" => Some(false),
        other => {
            let told = "Write \"each\" for a quorum at every request, or \"session\" for one at each opening";
            faults.at(word.at, format!("the quorum `{}` is not known here. {told}", plain(other)));
            None
        }
    }
}

/// Gives the last second of the day that was written, so that the day shown is the day written.
fn expires(fields: &Fields<'_>, faults: &mut Faults<'_>) -> Option<u64> {
    let Spot { value: (year, month, day), at } = fields.date("expires", faults)?;
    let seconds = last_second(year, month, day);
    if seconds.is_none() {
        faults.at(at, format!("there is no day {year:04}-{month:02}-{day:02} that a key can end on. Write one after 1970"));
    }
    seconds
}

fn last_second(year: u16, month: u8, day: u8) -> Option<u64> {
    let date = Date::new(year.try_into().ok()?, month.try_into().ok()?, day.try_into().ok()?).ok()?;
    let end = date.at(23, 59, 59, 0).to_zoned(TimeZone::UTC).ok()?;
    u64::try_from(end.timestamp().as_second()).ok()
}

fn requesters(fields: &Fields<'_>, faults: &mut Faults<'_>) -> List<Line<64>, MAX_REQUESTERS> {
    let mut all = Vec::new();
    let mut beyond = None;
    for (name, number) in fields.texts("requesters", faults).unwrap_or_default().iter().zip(1..) {
        let what = format!("requester {number}");
        if name.value.trim().is_empty() {
            faults.at(name.at, format!("{what} has no name. Write the name under which the workstation enrols, or leave it out"));
        }
        if number > MAX_REQUESTERS {
            beyond = beyond.or(Some(name.at));
        }
        all.extend(line(name, &what, faults));
    }
    within(all, "requesters of one key", beyond, faults)
}

/// Takes a line without the blanks around it.
fn line<const MAX: usize>(typed: &Spot<&str>, what: &str, faults: &mut Faults<'_>) -> Option<Line<MAX>> {
    match Line::new(typed.value.trim()) {
        Ok(line) => Some(line),
        Err(BoundError::TooLong { found, limit }) => {
            faults.at(typed.at, format!("{what} has {found} bytes, more than the {limit} that the kiosk shows. Shorten it"));
            None
        }
        Err(error) => {
            faults.at(typed.at, format!("{what}: {error}"));
            None
        }
    }
}

fn empty<const MAX: usize>() -> Option<Line<MAX>> {
    Line::new("").ok()
}

/// Takes as many as a plan holds, and says where the first that is too many stands.
fn within<T, const MAX: usize>(mut all: Vec<T>, what: &str, beyond: Option<usize>, faults: &mut Faults<'_>) -> List<T, MAX> {
    if all.len() > MAX {
        let told = format!("{} {what} are more than the {MAX} that a plan holds. Leave some out", all.len());
        match beyond {
            Some(at) => faults.at(at, told),
            None => faults.anywhere(told),
        }
        all.truncate(MAX);
    }
    List::new(all).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const PLAN: &str =
        "title = \"Lyon\"\nneed = 2\n[people]\ncustodians = [\"a\", \"b\"]\n[[keys]]\npurpose = \"age\"\nexpires = 2030-01-31\n";

    fn faults(text: &str) -> Vec<Fault> {
        read(text).err().unwrap_or_default()
    }

    #[test]
    fn a_day_ends_with_its_last_second() {
        // `date -u -d '2024-02-29 23:59:59' +%s`
        assert_eq!(last_second(2024, 2, 29), Some(1_709_251_199));
        assert_eq!(last_second(1970, 1, 1), Some(86_399));
        assert_eq!([last_second(2023, 2, 29), last_second(1969, 12, 31), last_second(10_000, 1, 1)], [None; 3]);
    }

    #[test]
    fn what_cannot_be_read_is_not_blamed_a_second_time() {
        for (from, to) in [
            ("\"Lyon\"", "\"\\u202E\""),
            ("need = 2", "need = 17"),
            ("[\"a\", \"b\"]", "\"a\""),
            ("\"a\"", "\"\\u202E\""),
            ("\"age\"", "7"),
            ("need = 2", "need = 2\nlanguages = 7"),
            ("need = 2", "need = 2\nlanguages = [\"de\"]"),
            ("need = 2", "need = 2\nlimits = 7"),
            ("[[keys]]", "[keys]"),
        ] {
            let found = faults(&PLAN.replace(from, to));
            assert_eq!(found.len(), 1, "{to}: {found:?}");
        }
        assert!(read(PLAN).is_ok());
    }

    proptest! {
        #[test]
        fn no_text_at_all_panics(text: String) {
            let _ = read(&text);
        }

        #[test]
        fn an_altered_plan_is_held_or_its_faults_have_places_in_it(at in 0..PLAN.len(), put in "\\PC{0,3}|[\\[\\]{}\"\n=.,#0-9]{1,4}", cut in 0..9_usize) {
            let end = (at + cut).min(PLAN.len());
            let text = [&PLAN[..at], &put, &PLAN[end..]].concat();
            let lines = text.matches('\n').count() + 1;
            for fault in faults(&text) {
                prop_assert!(fault.place.is_none_or(|(line, column)| (1..=lines).contains(&line) && column >= 1));
                prop_assert!(fault.text.contains(". "), "one sentence only: {}", fault.text);
            }
        }
    }
}
