//! Who may ask: workstations enrolled and revoked, each under a quorum for exactly that.

use super::{Adoption, ChangeRefused, EnrolmentRefused, Open};
use crate::quorum::{Change, Occasion, Quorum};
use cloison_protocol::{Digest, Enrolment, Happening, digest, folded};

impl Open {
    /// Says for what occasion cards are presented to enrol this workstation.
    ///
    /// # Errors
    /// [`EnrolmentRefused`], before anybody is asked for a card.
    pub fn enrolment_occasion(&self, enrolment: &Enrolment) -> Result<Occasion, EnrolmentRefused> {
        let body = enrolment.body();
        let name = folded(body.name.as_str());
        if name.is_empty() {
            return Err(EnrolmentRefused::NoName);
        }
        if self.state.more.revoked.contains(&key_digest(enrolment)) {
            return Err(EnrolmentRefused::Revoked);
        }
        for known in &self.state.enrolments {
            if known.body().key == body.key {
                return Err(EnrolmentRefused::Known);
            }
            if folded(known.body().name.as_str()) == name {
                return Err(EnrolmentRefused::NameTaken);
            }
        }
        Ok(Occasion::Enrolment(digest(&[enrolment.as_bytes()])))
    }

    /// Enrols a workstation under the quorum for it; the bytes are to be on disk before
    /// [`Open::adopt`].
    ///
    /// # Errors
    /// [`EnrolmentRefused`].
    pub fn enrol(&self, enrolment: Enrolment, quorum: Quorum, now: u64) -> Result<(Adoption, Vec<u8>), EnrolmentRefused> {
        let occasion = self.enrolment_occasion(&enrolment)?;
        let (_, custodians) = quorum.spend(self.state.descriptor.body(), occasion).ok_or(EnrolmentRefused::OtherOccasion)?;
        let happening = Happening::Enrolled { name: enrolment.body().name.clone(), key: key_digest(&enrolment), custodians };
        let mut next = self.state.after(now, happening).ok_or(EnrolmentRefused::Unencodable)?;
        next.enrolments.push(enrolment);
        self.changed(next).ok_or(EnrolmentRefused::Unencodable)
    }

    /// Says for what cards are presented to revoke the enrolment at this place of the list.
    #[must_use]
    pub fn revocation(&self, at: usize) -> Option<Change> {
        self.state.enrolments.get(at).map(|enrolment| Change::Revoke(key_digest(enrolment)))
    }

    /// Revokes an enrolment under the quorum for it. Its key is never enrolled again; the bytes are
    /// to be on disk before [`Open::adopt`].
    ///
    /// # Errors
    /// [`ChangeRefused`].
    pub fn revoke(&self, key: Digest, quorum: Quorum, now: u64) -> Result<(Adoption, Vec<u8>), ChangeRefused> {
        let at = self.state.enrolments.iter().position(|enrolment| key_digest(enrolment) == key);
        let at = at.ok_or(ChangeRefused::Unknown)?;
        let (_, custodians) = self.spend(quorum, Change::Revoke(key))?;
        let name = self.state.enrolments[at].body().name.clone();
        let mut next = self.state.after(now, Happening::Revoked { name, key, custodians }).ok_or(ChangeRefused::Unencodable)?;
        next.enrolments.remove(at);
        next.more.revoked.insert(key);
        self.changed(next).ok_or(ChangeRefused::Unencodable)
    }
}

fn key_digest(enrolment: &Enrolment) -> Digest {
    digest(&[&enrolment.body().key.to_bytes()])
}
