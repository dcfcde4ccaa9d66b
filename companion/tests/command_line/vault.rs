//! A vault for tests: it holds its keys as no real one would, and answers whatever it is asked.

use cloison_formats::{
    age::{Decapsulate, Header, StanzaKind, open_payload},
    hpke::{Classical, Hybrid, Kem, open, seal},
};
use cloison_protocol::{
    Algorithm, Fingerprint, KeyRef, MAX_VIEWED, Mode, Operation, Outcome, Point, PublicKey, PublicKeys, PublicKeysBody, Reason,
    Reply, ReplyBody, Request, SealReply, SealedParts, Seen, Sign, SignError, Signature, Succession, SuccessionBody, Usage,
    VaultId,
    bounded::{Bytes, Fixed, Line, List},
};
use hpke::Serializable;
use p384::ecdsa::{
    Signature as Ecdsa, SigningKey,
    signature::{Signer as _, hazmat::PrehashSigner},
};
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use std::cell::RefCell;
use zeroize::Zeroizing;

pub(crate) struct Vault {
    pub(crate) seed: u8,
    pub(crate) id: u8,
    pub(crate) mode: Mode,
    pub(crate) title: &'static str,
    pub(crate) state: Seen,
    /// What it refuses, by the operation's number.
    pub(crate) refuses: Vec<(usize, Reason)>,
    /// Its keys for records, by algorithm and number.
    pub(crate) age: Vec<(Algorithm, u16)>,
    /// The most operations of one request, of every key.
    pub(crate) batch: u8,
    /// The names of keys with a rule.
    pub(crate) view_only: Vec<&'static str>,
    pub(crate) declared_only: Vec<&'static str>,
    pub(crate) retired: Vec<&'static str>,
    pub(crate) predecessor: Option<VaultId>,
    pub(crate) successor: Option<VaultId>,
    /// What it showed on its screen.
    pub(crate) shown: RefCell<Vec<Vec<u8>>>,
}

pub(crate) fn state(generation: u64, head: u8) -> Seen {
    Seen { generation, head: Fixed([head; 48]) }
}

impl Vault {
    pub(crate) fn new() -> Self {
        Self::with(1, 1)
    }

    /// A vault with its own keys under a given id.
    pub(crate) fn with(seed: u8, id: u8) -> Self {
        Self {
            seed,
            id,
            mode: Mode::Real,
            title: "Court of Lyon",
            state: state(5, 5),
            refuses: Vec::new(),
            age: vec![(Algorithm::MlKem1024P384, 0), (Algorithm::P384, 0)],
            batch: 5,
            view_only: Vec::new(),
            declared_only: Vec::new(),
            retired: Vec::new(),
            predecessor: None,
            successor: None,
            shown: RefCell::default(),
        }
    }

    pub(crate) fn rehearsal() -> Self {
        Self { mode: Mode::Rehearsal, ..Self::new() }
    }

    pub(crate) fn id(&self) -> VaultId {
        VaultId(Fixed([self.id; 16]))
    }

    pub(crate) fn keys(&self) -> PublicKeys {
        let mut keys = vec![
            self.key(Usage::Text, Algorithm::P384, 0, &self.signer(1).public().to_bytes()),
            self.key(Usage::Digest, Algorithm::P384, 0, &self.signer(2).public().to_bytes()),
        ];
        for (algorithm, number) in &self.age {
            let bytes = match algorithm {
                Algorithm::MlKem1024P384 => self.hybrid(*number).1.to_bytes().to_vec(),
                _ => compressed(&self.classical(*number).1.to_bytes()).to_bytes().to_vec(),
            };
            keys.push(self.key(Usage::Age, *algorithm, *number, &bytes));
        }
        let body = PublicKeysBody {
            vault: self.id(),
            mode: self.mode,
            title: Line::new(self.title).unwrap(),
            threshold: 2,
            cards: 3,
            identity: self.signer(0).public(),
            state: self.state,
            predecessor: self.predecessor,
            successor: self.successor,
            keys: List::new(keys).unwrap(),
        };
        PublicKeys::sign(body, &mut self.signer(0)).unwrap()
    }

    fn key(&self, usage: Usage, algorithm: Algorithm, number: u16, bytes: &[u8]) -> PublicKey {
        let key = KeyRef { usage, algorithm, number };
        let is = |names: &[&str]| names.contains(&key.to_string().as_str());
        PublicKey {
            key,
            retired: is(&self.retired),
            batch: self.batch,
            view_only: is(&self.view_only),
            declared_only: is(&self.declared_only),
            bytes: Bytes::new(bytes.to_vec()).unwrap(),
        }
    }

    /// Names the vault that follows this one.
    pub(crate) fn succession(&self, new: &Vault) -> SuccessionBody {
        SuccessionBody {
            old: self.id(),
            mode: self.mode,
            old_identity: self.signer(0).public(),
            new: new.id(),
            new_title: Line::new(new.title).unwrap(),
            new_identity: new.signer(0).public(),
            new_keys: new.keys().digest(),
            at: 1_700_000_000,
        }
    }

    /// Signs a succession with this vault's identity.
    pub(crate) fn signed(&self, mut body: SuccessionBody) -> Vec<u8> {
        body.old_identity = self.signer(0).public();
        Succession::sign(body, &mut self.signer(0)).unwrap().as_bytes().to_vec()
    }

    pub(crate) fn words(&self) -> Fingerprint {
        self.keys().fingerprint()
    }

    /// Answers a request and moves its state on.
    pub(crate) fn answer(&mut self, request: &[u8]) -> Vec<u8> {
        let request = Request::decode(request).unwrap();
        let operations = request.body().operations.as_slice().iter().enumerate();
        let outcomes = operations.map(|(index, operation)| self.outcome(index, request.body().key, operation)).collect();
        self.state = state(self.state.generation + 1, self.state.head.0[0].wrapping_add(1));
        self.reply(&request, &ReplyBody { state: self.state, outcomes })
    }

    /// Makes a request again as if it had been made long ago.
    pub(crate) fn aged(&self, request: &[u8]) -> Request {
        let mut body = Request::decode(request).unwrap().body().clone();
        (body.made, body.expires, body.requester) = (1_000, 2_000, self.signer(0).public());
        Request::sign(body, &mut self.signer(0)).unwrap()
    }

    fn reply(&self, request: &Request, body: &ReplyBody) -> Vec<u8> {
        let mut voice = Voice { rng: ChaCha20Rng::from_seed([9; 32]), identity: self.signer(0) };
        Reply::seal(request, body, &mut voice).unwrap_or_else(|error| panic!("{error}")).as_bytes().to_vec()
    }

    fn outcome(&self, index: usize, key: KeyRef, operation: &Operation) -> Outcome {
        if let Some((_, reason)) = self.refuses.iter().find(|(refused, _)| *refused == index) {
            return Outcome::Refused(*reason);
        }
        match operation {
            Operation::Unwrap(header) => {
                let unwrapped = Header::parse_whole(header.as_slice()).unwrap().unwrap_with(&AgeKey { key, vault: self });
                unwrapped.map_or(Outcome::Refused(Reason::CannotUnwrap), Outcome::FileKey)
            }
            Operation::View { header, payload } => {
                let unwrapped = Header::parse_whole(header.as_slice()).unwrap().unwrap_with(&AgeKey { key, vault: self });
                let Ok(file_key) = unwrapped else { return Outcome::Refused(Reason::CannotUnwrap) };
                let opened = open_payload(&file_key, payload.as_slice(), MAX_VIEWED);
                opened.map_or(Outcome::Refused(Reason::CannotShow), |plaintext| {
                    self.shown.borrow_mut().push(plaintext.to_vec());
                    Outcome::Viewed
                })
            }
            Operation::SignText(text) => Outcome::Signature(self.signer(1).sign(text.as_str().as_bytes()).unwrap()),
            Operation::SignDigest { digest, .. } => {
                let ecdsa: Ecdsa = self.signer(2).0.sign_prehash(&digest.0).unwrap();
                Outcome::Signature(Signature(Fixed(ecdsa.to_bytes().into())))
            }
            _ => Outcome::Refused(Reason::WrongUsage),
        }
    }

    /// Gives the identity (0), the text key (1) or the digest key (2).
    pub(crate) fn signer(&self, which: u8) -> Signer {
        let mut scalar = [self.seed; 48];
        scalar[0] = 1;
        scalar[1] = which + 1;
        Signer(SigningKey::from_slice(&scalar).unwrap())
    }

    fn hybrid(&self, number: u16) -> (<Hybrid as Kem>::PrivateKey, <Hybrid as Kem>::PublicKey) {
        Hybrid::derive_keypair(&self.ikm(3, number))
    }

    fn classical(&self, number: u16) -> (<Classical as Kem>::PrivateKey, <Classical as Kem>::PublicKey) {
        Classical::derive_keypair(&self.ikm(4, number))
    }

    fn ikm(&self, which: u8, number: u16) -> [u8; 48] {
        let mut ikm = [self.seed; 48];
        ikm[0] = which;
        ikm[1..3].copy_from_slice(&number.to_be_bytes());
        ikm
    }
}

fn compressed(point: &[u8]) -> Point {
    Point::from(p384::ecdsa::VerifyingKey::from_sec1_bytes(point).unwrap())
}

pub(crate) struct Signer(SigningKey);

impl Sign for Signer {
    fn public(&self) -> Point {
        Point::from(*self.0.verifying_key())
    }

    fn sign(&mut self, message: &[u8]) -> Result<Signature, SignError> {
        let ecdsa: Ecdsa = self.0.sign(message);
        Ok(Signature(Fixed(ecdsa.to_bytes().into())))
    }
}

/// What a reply needs: something to seal it and something to sign it.
struct Voice {
    rng: ChaCha20Rng,
    identity: Signer,
}

impl Sign for Voice {
    fn public(&self) -> Point {
        self.identity.public()
    }

    fn sign(&mut self, message: &[u8]) -> Result<Signature, SignError> {
        self.identity.sign(message)
    }
}

impl SealReply for Voice {
    fn seal(&mut self, key: &[u8; 1665], info: &[u8], plaintext: &[u8]) -> Option<SealedParts> {
        let sealed = seal::<Hybrid>(key, info, plaintext, &mut self.rng)?;
        Some(SealedParts { enc: sealed.enc.try_into().ok()?, ciphertext: sealed.ciphertext })
    }
}

struct AgeKey<'a> {
    key: KeyRef,
    vault: &'a Vault,
}

impl Decapsulate for AgeKey<'_> {
    fn kind(&self) -> StanzaKind {
        if self.key.algorithm == Algorithm::MlKem1024P384 { StanzaKind::Hybrid } else { StanzaKind::Classical }
    }

    fn point(&self) -> [u8; 97] {
        let number = self.key.number;
        let bytes = match self.kind() {
            StanzaKind::Hybrid => self.vault.hybrid(number).1.to_bytes().to_vec(),
            StanzaKind::Classical => self.vault.classical(number).1.to_bytes().to_vec(),
        };
        *bytes.last_chunk().unwrap()
    }

    fn open(&self, enc: &[u8], info: &[u8], ciphertext: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let number = self.key.number;
        match self.kind() {
            StanzaKind::Hybrid => open::<Hybrid>(&self.vault.hybrid(number).0, enc, info, ciphertext),
            StanzaKind::Classical => open::<Classical>(&self.vault.classical(number).0, enc, info, ciphertext),
        }
    }
}
