//! Why a vault refuses an operation.

use super::{
    super::{Words, catalogue::tr},
    Explain,
};
use cloison_protocol::Reason;

impl Explain for Reason {
    fn explain(&self, words: Words) -> String {
        match self {
            Self::UnknownRequester => tr!(words, "this workstation is not enrolled at the vault. Enrol it, then ask again"),
            Self::Expired => tr!(words, "the request had expired when the vault read it. Make a new one"),
            Self::Replayed => tr!(words, "the vault had already answered this request. Make a new one"),
            Self::UnknownKey => tr!(words, "the vault has no such key. Import its public keys again"),
            Self::WrongUsage => tr!(words, "this key is not for that operation. Choose another key"),
            Self::CannotUnwrap => {
                tr!(words, "the vault could not unwrap this record. It may be damaged, altered, or encrypted to another key")
            }
            Self::Declined => tr!(words, "the custodians declined. Ask them why"),
            Self::TooMany => tr!(words, "the request holds more operations than the vault's policy allows at once. Split it"),
            Self::RolledBack => tr!(
                words,
                "the vault's store is older than what this workstation has seen of it. Tell the administrator: it may have \
                 been rolled back"
            ),
            Self::ViewOnly => tr!(words, "records of this key are only shown on the kiosk. Use `cloison view`"),
            Self::NotDeclared => tr!(
                words,
                "the record does not declare what it is, and the vault's policy asks for it. Have it encrypted with `--record`"
            ),
            Self::KeyExpired => {
                tr!(words, "the key may be used no longer, by the vault's policy. Ask the custodians for a newer one")
            }
            Self::NotForYou => tr!(words, "the vault's policy does not let this workstation use this key. Ask the administrator"),
            Self::Retired => tr!(words, "a newer key or a newer vault took this one's place. Import the newest public keys"),
            Self::SessionQuota => {
                tr!(words, "as much was asked as one opening of the vault allows. Ask again when it is opened next")
            }
            Self::DayQuota => tr!(words, "this workstation's quota of the day is used up. Ask again tomorrow, or ask for less"),
            Self::TotalQuota => tr!(words, "the quota that the custodians granted is used up. Ask them to renew it"),
            Self::EmergencyQuota => {
                tr!(words, "the quota of emergencies is used up. The custodians must review the earlier ones first")
            }
            Self::CannotShow => {
                tr!(words, "the kiosk cannot show what is in this record. Ask for its key instead, where the policy allows it")
            }
            Self::Revoked => tr!(words, "this workstation's enrolment was revoked. Ask the administrator"),
            newer => newer.to_string(),
        }
    }
}

impl Words {
    /// Says that a record's declaration cannot be read.
    pub(in super::super) fn not_readable(self) -> String {
        tr!(self, "this record's declaration cannot be read, though its file key is right. Ask whoever encrypted it what it is")
    }
}
