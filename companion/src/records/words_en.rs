//! English.

use super::{
    alarms,
    ceremony::{Finding, Mark, Source},
    continuity::Continuity,
    error::Witness,
    totals::{Granted, Names},
    words::{Labels, Page, Words, listed, short, utc},
};
use cloison_protocol::{Act, Ceremony, Digest, Fingerprint, Happening, KeyRef, Reason, Role};

/// Says everything in English.
pub(crate) struct English;

impl Words for English {
    fn time(&self, at: u64) -> String {
        utc(at, "%Y-%m-%d %H:%M:%S UTC")
    }

    fn act(&self, act: &Act) -> String {
        match act {
            Act::Began { ceremony, plan, program, image } => began(*ceremony, plan, program.as_str(), image.as_ref()),
            Act::SelfTested { answers } => {
                format!("The self-test compared {} with the known ones, and all were right.", count(*answers, "answer"))
            }
            Act::Present { name, role } => format!("{} was called as {} and is here.", name.as_str(), a_role(*role)),
            Act::Absent { name, role } => format!("{} was called as {} and is NOT here.", name.as_str(), a_role(*role)),
            Act::Entropy { source, by, amount, tested } => entropy(source.as_str(), by.as_str(), *amount, *tested),
            Act::Dealt { vault, epoch, threshold, cards } => format!(
                "The root of the vault {vault} was dealt to {cards} cards of epoch {epoch}, of which any {threshold} open it."
            ),
            Act::Shown { index, custodian } => {
                format!("Card {index} was shown to {}, to be copied or printed.", custodian.as_str())
            }
            Act::ReadBack { index } => format!("Card {index} was read back, and its share proven."),
            Act::Stored => "The store was written; the kiosk's process ended, and with it all that was in memory.".to_owned(),
            Act::DrillBegan => "The drill began in a new process, which knew nothing.".to_owned(),
            Act::Drilled { index } => format!("Card {index} was presented at the drill, and its share proven."),
            Act::Proven { cards, subsets } => format!(
                "All {cards} cards were proven to lie on one polynomial, which covers every choice of cards that opens \
                 the vault: {subsets}."
            ),
            Act::KeysCompared { keys, fingerprint } => format!(
                "The root that was drilled gives the {} that the ceremony made; the words of the public keys are {}.",
                count(*keys, "key"),
                words(fingerprint)
            ),
            Act::Activated { descriptor } => {
                format!("The keys serve. The digest of the vault's descriptor begins with {}.", short(descriptor))
            }
            _ => unknown(),
        }
    }

    fn happening(&self, happening: &Happening, names: &Names) -> String {
        match happening {
            Happening::Created => "The vault was made; it serves once its cards were drilled.".to_owned(),
            Happening::Opened { custodians } => {
                format!("{} opened the vault and confirmed the date.", holders(custodians.as_slice()))
            }
            Happening::Presented { request, requester, custodians } => format!(
                "{} presented their cards for request {} of {}.",
                holders(custodians.as_slice()),
                short(request),
                workstation(requester, names)
            ),
            Happening::Answered { request, requester, key, custodians, granted, emergency, .. } => {
                let mark = if *emergency { "EMERGENCY: " } else { "" };
                let (asked, granted) = (workstation(requester, names), operations((*granted).into()));
                let approved = approved(custodians.as_slice());
                format!("{mark}Request {} of {asked} for {key} was answered: {granted} granted, {approved}.", short(request))
            }
            Happening::Refused { request, requester, reason } => {
                let asked = workstation(requester, names);
                format!("REFUSED: request {} of {asked}, because {}.", short(request), because(*reason))
            }
            Happening::Reviewed { custodians, operations: reviewed } => format!(
                "{} reviewed {} that had been granted in an emergency.",
                holders(custodians.as_slice()),
                operations((*reviewed).into())
            ),
            Happening::BackedUp { backup } => format!("A backup was shown; its words are {}.", words(backup)),
            Happening::Alarmed { alarms } => alarms::english(alarms),
            other => of_its_life(other).or_else(|| of_its_people(other)).unwrap_or_else(unknown),
        }
    }

    fn finding(&self, finding: &Finding) -> String {
        match finding {
            Finding::Stretch { first } => format!("The beginning is not here: this starts at entry {first}."),
            Finding::Missing(mark) => missing(*mark),
            Finding::Early { entry, needs } => format!("Entry {entry} stands before {}.", noun(*needs)),
            Finding::Again { entry } => format!("Entry {entry} repeats what was done already."),
            Finding::ShownLate { entry, card } => {
                format!("Card {card} was shown in entry {entry}, after the store was written.")
            }
            Finding::AfterTheEnd { entry } => format!("Entry {entry} follows the activation, after which nothing may come."),
            Finding::OtherVault { entry } => format!("Entry {entry} deals another vault than the one that signed this."),
            Finding::ImpossibleDeal { entry, threshold, cards } => {
                format!("Entry {entry} deals {cards} cards of which {threshold} suffice, which no vault does.")
            }
            Finding::NoSuchCard { entry, card } => format!("Entry {entry} is about card {card}, which was never dealt."),
            Finding::Stranger { entry, card, name } => {
                format!("Card {card} was shown in entry {entry} to {name}, who had not been called as a custodian and come.")
            }
            Finding::TwoRoles { entry, name } => {
                format!("{name} was called in entry {entry} in a second role; one person has one.")
            }
            Finding::TwoCards { entry, name, cards: [one, other] } => {
                format!("{name} was shown both card {one} and card {other} (entry {entry}); one person holds one card.")
            }
            Finding::TwoHolders { entry, card, names: [one, other] } => {
                format!("Card {card} was shown to {one} and, in entry {entry}, to {other}.")
            }
            Finding::Nothing { entry } => format!("Entry {entry} says that nothing was compared."),
            Finding::Untested { entry } => format!("The jitter of entry {entry} was taken without its health tests."),
            Finding::OtherProof { entry, cards, subsets, .. } => {
                format!(
                    "The proof in entry {entry}, over {cards} cards and {subsets} choices, is not one of the cards that were dealt."
                )
            }
            Finding::OtherPlan => "The ceremony was held by another plan than the one given here.".to_owned(),
            Finding::NotAsPlanned { entry } => format!("Entry {entry} does not deal what the plan says (title, k and n)."),
            Finding::NotCalled { name } => format!("{name} is in the plan and was never called in that role."),
            Finding::NotInPlan { entry, name } => {
                format!("{name} was called in entry {entry}, and is not in the plan in that role.")
            }
            Finding::OtherHolder { entry, card, planned } => {
                format!("Card {card} was not shown to {planned} in entry {entry}, as the plan says.")
            }
        }
    }

    fn imported(&self, title: &str) -> String {
        format!("by the vault '{title}' that you imported")
    }

    fn same_keys(&self, same: bool) -> &'static str {
        if same {
            "the keys that the ceremony compared are those that you imported"
        } else {
            "you imported other keys than those that the ceremony compared: a key was rotated since, or there was a later ceremony"
        }
    }

    fn continuity(&self, continuity: Continuity, by: Witness) -> String {
        let by = match by {
            Witness::Workstation => "this workstation",
            Witness::Earlier => "the earlier log",
        };
        match continuity {
            Continuity::Continues { at } => format!("the log goes through entry {at}, the last that {by} has seen"),
            Continuity::Apart { last, first } => {
                format!("NOT COMPARED: the last entry that {by} has seen is {last}, and this begins with {first}")
            }
            Continuity::Older { known, found } => {
                format!("ALARM: the log ends with entry {found}, and {by} has seen entry {known}")
            }
            Continuity::Forked { at } => format!("ALARM: entry {at} is not the one that {by} has seen"),
        }
    }

    fn granted(&self, key: KeyRef, granted: Granted) -> String {
        let Granted { requests, operations: all, emergencies } = granted;
        let emergency = if emergencies > 0 { format!(", {emergencies} of them in an EMERGENCY") } else { String::new() };
        format!("{key}: {} in {}{emergency}", operations(all), count(requests, "request"))
    }

    fn refused(&self, reason: Reason, times: u64) -> String {
        format!("{}: {}", count(times, "request"), because(reason))
    }

    fn emergencies(&self, granted: u64, unreviewed: u64) -> String {
        let review =
            if unreviewed > 0 { format!("{unreviewed} of them NOT REVIEWED yet") } else { "all of them reviewed".to_owned() };
        format!("{} granted in an EMERGENCY, {review}", operations(granted))
    }

    fn left_open(&self, requests: u64) -> String {
        format!("cards were presented for {}, and nothing came of it here", count(requests, "request"))
    }

    fn role(&self, role: Role) -> &'static str {
        match role {
            Role::Administrator => "Administrator",
            Role::Custodian => "Custodian",
            Role::Witness => "Witness",
            _ => "Other",
        }
    }

    fn absent(&self, name: &str, role: Role) -> String {
        format!("{name}, called as {}, did not come.", a_role(role))
    }

    fn labels(&self) -> &'static Labels {
        &LABELS
    }

    fn page(&self) -> &'static Page {
        &PAGE
    }
}

fn began(ceremony: Ceremony, plan: &Digest, program: &str, image: Option<&Digest>) -> String {
    let purpose = match ceremony {
        Ceremony::Creation => "to make a vault",
        Ceremony::Reshare => "to deal a vault's root to other cards",
        _ => "of a kind unknown here",
    };
    let image = image.map_or_else(
        || "it does not know the image that it started from".to_owned(),
        |image| format!("it says that the words of its image are {}", words(image)),
    );
    format!("The ceremony {purpose} began, by the plan whose words are {}. The kiosk runs {program}; {image}.", words(plan))
}

fn entropy(source: &str, by: &str, amount: u32, tested: u32) -> String {
    let (from, unit) = match source {
        "kernel" => ("the kernel's generator", "byte"),
        "jitter" => ("the processor's jitter", "sample"),
        "hardware" => ("the hardware generator", "byte"),
        "camera" => ("the camera", "byte"),
        "dice" => ("dice", "roll"),
        other => (other, "unit"),
    };
    let by = if by.is_empty() { String::new() } else { format!(", given by {by}") };
    let tested = if tested > 0 { format!("; health tests looked at {}", count(tested, "sample")) } else { String::new() };
    format!("Entropy was mixed in from {from}{by}: {}{tested}.", count(amount, unit))
}

fn of_its_life(happening: &Happening) -> Option<String> {
    Some(match happening {
        Happening::Drilled { epoch, cards, transcript } => format!(
            "All {cards} cards of epoch {epoch} were drilled, and the vault serves under them; the transcript's words are {}.",
            words(transcript)
        ),
        Happening::Redealt { epoch, custodians } => format!(
            "{} had the root dealt to new cards of epoch {epoch}, which serve once they were drilled.",
            holders(custodians.as_slice())
        ),
        Happening::RedealAbandoned { epoch } => {
            format!("The new cards of epoch {epoch} were given up before they were drilled; the old ones stay.")
        }
        Happening::Restored { custodians, descriptor, backup } => restored(custodians.as_slice(), *descriptor, *backup),
        Happening::Confirmed { custodians } => format!(
            "{} confirmed the keys of the vault, which had been restored without its descriptor.",
            holders(custodians.as_slice())
        ),
        Happening::Succeeded { by, custodians } => format!(
            "{} named {by} as the vault that follows; this one only opens records from now on.",
            holders(custodians.as_slice())
        ),
        Happening::Follows { old, custodians } => {
            format!("{} acknowledged that this vault follows {old}.", holders(custodians.as_slice()))
        }
        _ => return None,
    })
}

fn of_its_people(happening: &Happening) -> Option<String> {
    Some(match happening {
        Happening::Enrolled { name, key, custodians } => {
            let (name, key) = (name.as_str(), short(key));
            format!("{} enrolled the workstation '{name}', whose key's digest begins with {key}.", holders(custodians.as_slice()))
        }
        Happening::Revoked { name, key, custodians } => format!(
            "{} revoked the enrolment of '{}', whose key's digest begins with {}.",
            holders(custodians.as_slice()),
            name.as_str(),
            short(key)
        ),
        Happening::Renewed { custodians } => format!("{} renewed the quotas.", holders(custodians.as_slice())),
        Happening::Rotated { key, custodians } => {
            format!("{} made {key}, which takes the place of the key before it.", holders(custodians.as_slice()))
        }
        _ => return None,
    })
}

fn restored(custodians: &[u8], descriptor: bool, backup: Option<u64>) -> String {
    let descriptor = if descriptor { "with its descriptor" } else { "WITHOUT its descriptor" };
    let backup = backup.map_or_else(
        || "without a backup: this log starts anew".to_owned(),
        |generation| format!("from the backup of generation {generation}"),
    );
    format!("{} restored the vault {descriptor}, {backup}; its quotas are zero until they are renewed.", holders(custodians))
}

fn missing(mark: Mark) -> String {
    match mark {
        Mark::Began => "There is no beginning.".to_owned(),
        Mark::SelfTested => "There was no self-test.".to_owned(),
        Mark::People => "Nobody was called and present.".to_owned(),
        Mark::Entropy(Source::Kernel) => "No entropy came from the kernel's generator.".to_owned(),
        Mark::Entropy(Source::Jitter) => "No entropy came from the processor's jitter.".to_owned(),
        Mark::Dealt => "The root was never dealt.".to_owned(),
        Mark::Shown(card) => format!("Card {card} was never shown to anybody."),
        Mark::ReadBack(card) => format!("Card {card} was not read back after it was last shown."),
        Mark::Stored => "The store was never written.".to_owned(),
        Mark::DrillBegan => "The drill never began.".to_owned(),
        Mark::Drilled(card) => format!("Card {card} was never drilled."),
        Mark::Proven => "The cards were never proven to belong together.".to_owned(),
        Mark::KeysCompared => "The drilled keys were never compared with those that were made.".to_owned(),
        Mark::Activated => "The keys were never activated.".to_owned(),
    }
}

fn noun(mark: Mark) -> String {
    match mark {
        Mark::Began => "the beginning".to_owned(),
        Mark::SelfTested => "the self-test".to_owned(),
        Mark::People => "anybody was called and present".to_owned(),
        Mark::Entropy(Source::Kernel) => "the entropy of the kernel's generator".to_owned(),
        Mark::Entropy(Source::Jitter) => "the entropy of the processor's jitter".to_owned(),
        Mark::Dealt => "the dealing".to_owned(),
        Mark::Shown(card) => format!("card {card} was shown"),
        Mark::ReadBack(card) => format!("card {card} was read back"),
        Mark::Stored => "the store was written".to_owned(),
        Mark::DrillBegan => "the drill began".to_owned(),
        Mark::Drilled(card) => format!("card {card} was drilled"),
        Mark::Proven => "the cards were proven to belong together".to_owned(),
        Mark::KeysCompared => "the drilled keys were compared".to_owned(),
        Mark::Activated => "the activation".to_owned(),
    }
}

fn because(reason: Reason) -> &'static str {
    match reason {
        Reason::UnknownRequester => "the workstation was not enrolled",
        Reason::Expired => "it had expired",
        Reason::Replayed => "it had been answered before",
        Reason::UnknownKey => "the vault has no such key",
        Reason::WrongUsage => "the key is not for that operation",
        Reason::CannotUnwrap => "the record could not be unwrapped",
        Reason::Declined => "the custodians declined",
        Reason::TooMany => "it asked for too many operations at once",
        Reason::RolledBack => "the workstation had seen a later state of the vault",
        Reason::ViewOnly => "the key's records are only shown on the kiosk",
        Reason::NotDeclared => "the record did not declare what it is",
        Reason::KeyExpired => "the key may be used no longer",
        Reason::NotForYou => "the policy names other workstations",
        Reason::Retired => "a newer key or vault had taken its place",
        Reason::SessionQuota => "the quota of the session was used up",
        Reason::DayQuota => "the workstation's quota of the day was used up",
        Reason::TotalQuota => "the quota that the quorum grants was used up",
        Reason::EmergencyQuota => "the quota of emergencies was used up",
        Reason::CannotShow => "the kiosk cannot show what is in the record",
        Reason::Revoked => "the workstation's enrolment had been revoked",
        _ => "of a reason unknown here",
    }
}

fn a_role(role: Role) -> &'static str {
    match role {
        Role::Administrator => "the administrator",
        Role::Custodian => "a custodian",
        Role::Witness => "a witness",
        _ => "somebody of another role",
    }
}

fn holders(cards: &[u8]) -> String {
    let listed = listed(&cards.iter().map(u8::to_string).collect::<Vec<_>>(), "and");
    match cards.len() {
        0 => "Nobody with a card".to_owned(),
        1 => format!("The custodian of card {listed}"),
        _ => format!("The custodians of cards {listed}"),
    }
}

fn approved(cards: &[u8]) -> String {
    let listed = listed(&cards.iter().map(u8::to_string).collect::<Vec<_>>(), "and");
    match cards.len() {
        0 => "approved by the operator alone".to_owned(),
        1 => format!("approved with card {listed}"),
        _ => format!("approved with cards {listed}"),
    }
}

fn workstation(key: &Digest, names: &Names) -> String {
    let unnamed = || format!("the workstation {}", short(key));
    names.find(key).map_or_else(unnamed, |name| format!("'{name}'"))
}

fn operations(number: u64) -> String {
    count(number, "operation")
}

fn count(number: impl Into<u64>, thing: &str) -> String {
    let number = number.into();
    format!("{number} {thing}{}", if number == 1 { "" } else { "s" })
}

fn words(digest: &Digest) -> String {
    format!("“{}”", Fingerprint::of(digest))
}

fn unknown() -> String {
    "Something for which this program has no words; use a newer one.".to_owned()
}

const LABELS: Labels = Labels {
    vault: "vault",
    identity: "identity",
    signed: "signed",
    digest: "digest",
    words: "words",
    wrong: "WRONG",
    checked: "checked",
    plan: "plan",
    keys: "keys",
    granted: "granted",
    refused: "refused",
    emergency: "emergency",
    open: "open",
    seen: "seen",
    before: "before",
    rehearsal: "REHEARSAL: made for practice; this proves nothing of a vault in service.",
    stranger: "by a vault that nobody here has compared the words of; compare the identity's words with a workstation that knows it",
    whole: "a whole ceremony: every card shown, read back and drilled, all proven together, the keys compared, then activated",
    as_planned: "held by the plan given here",
    nothing_seen: "this workstation does not know the vault, and compared nothing",
    nothing_granted: "nothing was granted here",
};

const PAGE: Page = Page {
    language: "en",
    title: "Transcript of a key ceremony",
    rehearsal: "REHEARSAL: made for practice. This paper proves nothing of a vault in service.",
    real: "real",
    practice: "REHEARSAL",
    vault: "Vault",
    id: "Identifier",
    mode: "Mode",
    began: "First entry",
    ended: "Last entry",
    digest: "Digest of this transcript",
    digest_use: "These eight words and this digest stand for everything below. Compare them with those that the appliance \
                 showed; whoever signs, signs them.",
    findings: "THIS IS NOT THE TRANSCRIPT OF A WHOLE CEREMONY",
    findings_use: "Every entry follows the one before it, but the following is missing, or not in its place. The vault's keys are \
                   not to be used before it is explained.",
    signatures: "Signatures",
    signatures_use: "I was present at this ceremony. I compared the eight words above with those that the appliance showed, and \
                     they are the same.",
    columns_of_signatures: ["Name", "Role", "Date", "Signature"],
    nobody: "The transcript names nobody as present.",
    entries: "What happened",
    columns_of_entries: ["No", "Time (UTC)", "What happened, and the chain's head after it"],
    digests: "Digests",
    columns_of_digests: ["Of what", "Words", "SHA-384, in hexadecimal"],
    plan: "Plan",
    image: "Image, as the appliance says",
    keys: "Public keys",
    descriptor: "Descriptor",
    identity: "Identity that signs",
    verified: "What was verified",
    verified_points: [
        "Each entry follows the one before it, up to the digest above (SHA-384). An entry that was altered, added, removed or \
         moved would have been named, and this page would not have been made.",
        "The identity named below signed the whole (ECDSA on P-384).",
    ],
    unproven: "What this does not prove",
    unproven_points: [
        "What an appliance says of itself proves nothing if its image was changed. The memory card is to be verified on an \
         independent machine, before witnesses, with the words of the image.",
        "The times are those of the appliance's clock, which nothing verifies.",
        "Names and roles are those of the plan. That these people were in the room is what their signatures say.",
        "That nobody else saw a card or heard a passphrase, only those present can say.",
        "This page was made from a file by an ordinary workstation. What counts is that file, and that its words are those that \
         the appliance showed.",
    ],
    made_by: "Made by",
};
