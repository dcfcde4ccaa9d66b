//! Every byte that crosses the gap between a workstation and the appliance.
//!
//! Messages and their canonical encoding, the frames that carry them through QR codes, the
//! limits that are checked before anything is allocated, and the exact bytes that are signed and
//! sealed. `docs/formats.md` says the same for people who write a second implementation.
//!
//! What this crate deliberately does not do: it holds no private key, and it reads no file, clock,
//! environment or randomness. Private operations are injected: [`Sign`] makes signatures,
//! [`SealReply`] and [`OpenReply`] close and open replies.
//!
//! A value of a signed type ([`Request`], [`Enrolment`], [`PublicKeys`]) exists only if its
//! signature was right: decoding verifies.

mod alarm;
mod assembly;
mod backup;
pub mod bounded;
pub mod card;
mod card_words;
mod descriptor;
mod enrolment;
mod fingerprint;
mod frame;
mod key;
mod log;
mod message;
mod pattern;
mod plan;
mod policy;
mod presentation;
mod profile;
mod public_keys;
mod record;
mod reply;
mod request;
pub mod secret;
mod signature;
mod succession;
mod transcript;
mod transfer;
mod wire;

pub use alarm::{Alarm, Alarms, MAX_ALARMS, Measure};
pub use assembly::{Assembly, Fate, Progress};
pub use backup::{Backup, BackupBody, MAX_BACKUP};
pub use bounded::BoundError;
pub use card::{CARD_BYTES, Card, CardError, CardHeader};
pub use card_words::{CardWords, CardWordsError, WordList};
pub use descriptor::{Commitment, Descriptor, DescriptorBody, VaultKey};
pub use enrolment::{Enrolment, EnrolmentBody};
pub use fingerprint::{Digest, Fingerprint, VaultId, digest};
pub use frame::{FRAME_OVERHEAD, Frame, FrameError, TransferId};
pub use key::{Algorithm, KeyRef, Mode, Usage};
pub use log::{CaseCommitment, Custodians, Happening, Log};
pub use message::{Kind, MAX_MESSAGE, Message, MessageError};
pub use pattern::{PATTERN_TURN, PatternCode, Score, Tally};
pub use plan::{Language, MAX_CARDS, MAX_KEYS, MAX_PEOPLE, Person, Plan, PlanBody, PlanFault, PlannedKey, Role, folded};
pub use policy::{Limits, MAX_BATCH, MAX_REQUESTERS, Policy, PolicyFault};
pub use presentation::{Positions, Presentation, Shown};
pub use profile::{Correction, Profile};
pub use public_keys::{PublicKey, PublicKeys, PublicKeysBody};
pub use record::{Chain, Chained, Entry, Heading, MAX_ENTRIES, Record, RecordFault, Whose};
pub use reply::{OpenReply, Outcome, REPLY_ENC, Reason, Reply, ReplyBody, ReplyError, SealReply, SealedParts};
pub use request::{MAX_OPERATIONS, MAX_VIEWED, Operation, Purpose, Request, RequestBody, RequestId, Seen};
pub use signature::{Point, Sign, SignError, Signature};
pub use succession::{Succession, SuccessionBody};
pub use transcript::{Act, Ceremony, Transcript};
pub use transfer::{Transfer, TransferError};
