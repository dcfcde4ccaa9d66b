//! Why dice or another source of randomness are not taken.

use super::{
    super::{
        Words,
        catalogue::{tr, trc},
    },
    Explain,
};
use cloison_custody::entropy::{DiceError, EntropyError, Source};

impl Explain for DiceError {
    fn explain(&self, words: Words) -> String {
        match self {
            Self::Nobody => tr!(words, "it is not said who threw these dice. Type the name that the transcript is to have"),
            Self::NotARoll { position } => {
                tr!(words, "the character at place {position} is not a number from 1 to 6. Type what the dice show", position)
            }
            Self::TooFew { found, needed } => tr!(
                words,
                "there are {found} rolls of the {needed} that are needed. Throw the dice again and type what they show",
                found,
                needed
            ),
            Self::TooMany { limit } => tr!(words, "there are more than {limit} rolls. Type fewer at once", limit),
            Self::Patterned(_) => tr!(
                words,
                "these rolls have a pattern that fair dice do not make. Throw the dice and type what they show, in their order"
            ),
            newer => newer.to_string(),
        }
    }
}

impl Explain for EntropyError {
    fn explain(&self, words: Words) -> String {
        match self {
            Self::Missing { source_name, given, wanted } => tr!(
                words,
                "the entropy source {source} gave {given} of the {wanted} bytes or samples it must give. {remedy}",
                source = words.source(*source_name),
                given,
                wanted,
                remedy = words.remedy(*source_name)
            ),
            Self::Stuck(source) => tr!(
                words,
                "the entropy source {source} is stuck. {remedy}",
                source = words.source(*source),
                remedy = words.remedy(*source)
            ),
            Self::Biased(source) => tr!(
                words,
                "the entropy source {source} is biased. {remedy}",
                source = words.source(*source),
                remedy = words.remedy(*source)
            ),
            Self::Untested(source) => tr!(
                words,
                "the entropy source {source} was not tested. Do not make keys with this program",
                source = words.source(*source)
            ),
            Self::Expand => tr!(words, "the entropy could not be expanded. Do not make keys on this machine"),
            newer => newer.to_string(),
        }
    }
}

impl Words {
    fn source(self, source: Source) -> String {
        match source {
            Source::Kernel => trc!(self, "source of randomness", "Kernel"),
            Source::Jitter => trc!(self, "source of randomness", "Jitter"),
            Source::Hardware => trc!(self, "source of randomness", "Hardware"),
            Source::Camera => trc!(self, "source of randomness", "Camera"),
            Source::Dice => trc!(self, "source of randomness", "Dice"),
            newer => newer.label().to_owned(),
        }
    }

    fn remedy(self, source: Source) -> String {
        match source {
            Source::Hardware => tr!(self, "Unplug it or replace it, then start again"),
            Source::Camera => tr!(self, "Take its cover off and turn it away from strong light, then start again"),
            Source::Dice => tr!(self, "Throw the dice again, then start again"),
            _ => tr!(self, "Do not make keys on this machine"),
        }
    }
}
