//! The plan that `cloison plan new` writes: it teaches, and it is read by the same reader as any other.

use cloison_protocol::{Limits, Policy, Usage};

/// What is written into a template.
pub(super) struct Filling<'a> {
    pub(super) title: &'a str,
    pub(super) place: &'a str,
    pub(super) need: u8,
    pub(super) administrators: Vec<&'a str>,
    pub(super) custodians: Vec<&'a str>,
    pub(super) witnesses: Vec<&'a str>,
}

impl Filling<'_> {
    /// Writes the plan.
    pub(super) fn text(&self) -> String {
        let limits = Limits::default();
        let (title, place, need) = (quoted(self.title), quoted(self.place), self.need);
        let (idle, session) = (limits.idle_minutes, limits.session_minutes);
        let (administrators, witnesses) = (in_a_row(&self.administrators), in_a_row(&self.witnesses));
        let custodians = one_a_line(&self.custodians);
        let keys = keys();
        format!(
            r#"# The plan of a key ceremony.
#
# Fill in what stands between empty quotes and change what you want otherwise; then run
#   cloison plan lint FILE      names everything that is missing or does not fit
#   cloison plan show FILE      carries the plan to the kiosk as QR codes
# What follows a # is a remark, and never leaves this file. A plan is no secret, and nothing in it
# tells who wrote it: at the kiosk it is read page by page, and its eight words are compared.

# What the vault is called. Its users see this name with every record: take one that they know.
title = {title}
# Where the ceremony is held, for the transcript. It may stay empty.
place = {place}
# How many cards open the vault, from 2 to 16. As many cards are made as custodians are named below;
# with all of them needed, one lost card loses the vault.
need = {need}
# The languages of the words on cards and of the passphrases that are proposed: "fr", "en". The first is
# proposed first.
languages = ["fr", "en"]

[limits]
# The vault is sealed after so many minutes without a touch, from 1 to 60,
idle-minutes = {idle}
# and so many minutes after its opening whatever happens, from 1 to 720.
session-minutes = {session}

# Names as the transcript is to have them. Everybody has one role, and nobody is named twice.
[people]
# Who leads the ceremony and works the kiosk. They hold no card.
administrators = {administrators}
# Who holds a card each, in the order of the cards.
custodians = {custodians}
# Who watches, and signs the transcript. They hold no card.
witnesses = {witnesses}

# One [[keys]] for each key. Only `purpose` must be there; what is left out is as in this first one,
# unless a remark says otherwise.
{keys}"#
        )
    }
}

fn keys() -> String {
    let policy = Policy::usual(Usage::Age);
    let Policy { approvals, view_only, declared_only, batch, per_session, per_day, total, emergency, .. } = policy;
    let quorum = if policy.each { "each" } else { "session" };
    format!(
        r#"[[keys]]
# What it is for: "age" opens encrypted records, "text" signs texts that the custodians read whole,
# "digest" signs files that the kiosk cannot show.
purpose = "age"
# "mlkem1024p384" is a post-quantum hybrid, for records only; "p384" is for everything. If left out:
# the hybrid for records, p384 for signatures.
algorithm = "mlkem1024p384"
# "each": the custodians bring their cards for every request. "session": for every opening of the vault,
# and its operator then approves alone. If left out: "session" for texts, "each" for the rest.
quorum = "{quorum}"
# The cards that one request needs, where that is more than `need`; 0 for as many as `need`.
approvals = {approvals}
# Whether records are only ever shown on the kiosk, so that no key of a record leaves it.
view-only = {view_only}
# Whether a record must declare what it is (`cloison encrypt` always does).
declared-only = {declared_only}
# The most records or signatures of one request, from 1 to 100,
batch = {batch}
# of all requests while the vault stays open,
per-session = {per_session}
# of one workstation on one day,
per-day = {per_day}
# and in all, until the custodians renew it.
total = {total}
# The last day of the key, in UTC. Without this line it has none.
# expires = 2035-12-31
# The workstations that may ask, by the names under which they enrol; with none, all of them may.
requesters = []
# How many records an emergency may open beyond quotas and further approvals, never with fewer cards
# than `need`, until the custodians reviewed them. 0: there is no such way.
emergency = {emergency}

[[keys]]
# For readers whose software has no post-quantum keys (`cloison encrypt --classical`).
purpose = "age"
algorithm = "p384"

[[keys]]
purpose = "text"

[[keys]]
purpose = "digest"
"#
    )
}

fn in_a_row(names: &[&str]) -> String {
    let quoted: Vec<_> = names.iter().map(|name| quoted(name)).collect();
    format!("[{}]", quoted.join(", "))
}

fn one_a_line(names: &[&str]) -> String {
    let lines: String = names.iter().map(|name| format!("    {},\n", quoted(name))).collect();
    format!("[\n{lines}]")
}

/// Writes a TOML basic string (TOML 1.0, "String").
fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            c if c.is_control() => quoted.push_str(&format!("\\u{:04X}", u32::from(c))),
            c => quoted.push(c),
        }
    }
    quoted + "\""
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::read::read;
    use cloison_protocol::PlanBody;
    use proptest::prelude::*;

    fn held(filling: &Filling<'_>) -> PlanBody {
        read(&filling.text()).unwrap_or_else(|faults| panic!("{faults:?}")).body().clone()
    }

    fn filling<'a>(title: &'a str, custodians: Vec<&'a str>) -> Filling<'a> {
        Filling { title, place: "", need: 2, administrators: vec![], custodians, witnesses: vec![] }
    }

    #[test]
    fn every_key_of_the_template_has_its_usual_policy() {
        let body = held(&filling("Lyon", vec!["a", "b", "c"]));
        let names: Vec<_> = body.key_refs().iter().map(|(key, _)| key.to_string()).collect();
        assert_eq!(names, ["age/mlkem1024p384/0", "age/p384/0", "text/p384/0", "digest/p384/0"]);
        for (key, policy) in body.key_refs() {
            assert_eq!(policy, Policy::usual(key.usage), "{key}");
        }
        assert_eq!(body.limits, Limits::default());
    }

    #[test]
    fn every_line_of_the_template_fits_a_screen() {
        let text = filling("Lyon", vec!["a", "b"]).text();
        assert!(text.lines().all(|line| line.chars().count() <= 110), "{text}");
    }

    proptest! {
        #[test]
        fn whatever_is_typed_stays_one_string(title in "[^\\p{C}\\p{M}\\u{590}-\\u{10FFFF}]{1,20}", name in "[ -~]{1,20}") {
            prop_assume!(!title.trim().is_empty() && !name.trim().is_empty());
            let body = held(&filling(&title, vec![&name, "another, not like the first"]));
            prop_assert_eq!(body.title.as_str(), title.trim());
            prop_assert_eq!(body.custodians().next().unwrap().as_str(), name.trim());
        }

        #[test]
        fn any_text_at_all_is_one_toml_string(text: String) {
            let document = format!("x = {}", quoted(&text));
            let table = toml::de::DeTable::parse(&document).unwrap();
            prop_assert_eq!(table.get_ref().get("x").unwrap().get_ref().as_str(), Some(text.as_str()));
        }
    }
}
