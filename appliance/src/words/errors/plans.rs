//! What keeps a plan from being held.

use super::{
    super::{Words, catalogue::tr},
    Explain,
};
use cloison_protocol::{PlanFault, PolicyFault};

impl Explain for PlanFault {
    fn explain(&self, words: Words) -> String {
        match self {
            Self::NoTitle => tr!(words, "the plan has no title. Give one that the vault's users will recognise"),
            Self::Threshold { threshold, cards, most } => tr!(
                words,
                "{threshold} of {cards} cards is not possible. Name at least as many custodians as are needed, at least 2 \
                 needed, and at most {most}",
                threshold,
                cards,
                most
            ),
            Self::NoName { person } => {
                tr!(words, "person {person} has no name. Write the name that the transcript is to have", person)
            }
            Self::NameTaken { first, second } => tr!(
                words,
                "persons {first} and {second} have one name. One person has one role and one card; tell them apart",
                first,
                second
            ),
            Self::NoKeys => tr!(words, "the plan asks for no keys. Ask for at least one"),
            Self::UnknownUsage { key } => tr!(
                words,
                "key {key} is for something that this program does not know. Ask for `age`, `text` or `digest`, or update this \
                 program",
                key
            ),
            Self::UnknownAlgorithm { key } => tr!(
                words,
                "key {key} has an algorithm that this program does not know for its usage. Ask for `p384`, or `mlkem1024p384` \
                 for `age`",
                key
            ),
            Self::Policy { key, fault } => tr!(words, "key {key}: {fault}", key, fault = fault.explain(words)),
            Self::NoLanguage => tr!(words, "the plan names no language. Name `en`, `fr` or both"),
            Self::Limits => tr!(
                words,
                "the time limits are not possible. Set 1 to 60 minutes idle, 1 to 720 minutes in all, and idle not above all"
            ),
            newer => newer.to_string(),
        }
    }
}

impl Explain for PolicyFault {
    fn explain(&self, words: Words) -> String {
        match self {
            Self::Approvals { asked, threshold, cards } => tr!(
                words,
                "{asked} approvals are not possible with {threshold} of {cards} cards. Ask for at least {threshold} and at \
                 most {cards}",
                asked,
                threshold,
                cards
            ),
            Self::ApprovalsOfASession => {
                tr!(words, "more approvals than the quorum need a quorum for each request. Set `quorum` to \"each\"")
            }
            Self::Batch { asked, most } => {
                tr!(words, "{asked} operations in one request are not possible. Allow from 1 to {most}", asked, most)
            }
            Self::QuotaBelowBatch { batch } => tr!(
                words,
                "a quota is below the {batch} operations that one request may hold. Raise the quota or lower the batch",
                batch
            ),
            Self::NotForRecords => {
                tr!(words, "`view-only` and `declared-only` are for keys that open records. Remove them from this key")
            }
            newer => newer.to_string(),
        }
    }
}
