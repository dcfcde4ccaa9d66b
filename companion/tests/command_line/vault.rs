//! A vault for tests: it holds its keys as no real one would, and answers whatever it is asked.

use cloison_formats::{
    age::{Decapsulate, Header, StanzaKind},
    hpke::{Classical, Hybrid, Kem, open, seal},
};
use cloison_protocol::{
    Algorithm, Fingerprint, KeyRef, Mode, Operation, Outcome, Point, PublicKey, PublicKeys, PublicKeysBody, Reason, Reply,
    ReplyBody, Request, SealReply, SealedParts, Seen, Sign, SignError, Signature, Usage, VaultId,
    bounded::{Bytes, Fixed, Line, List},
};
use hpke::Serializable;
use p384::ecdsa::{
    Signature as Ecdsa, SigningKey,
    signature::{Signer as _, hazmat::PrehashSigner},
};
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use zeroize::Zeroizing;

pub(crate) struct Vault {
    seed: u8,
    id: u8,
    pub(crate) mode: Mode,
    pub(crate) title: &'static str,
    pub(crate) state: Seen,
    /// What it refuses, by the operation's number.
    pub(crate) refuses: Vec<(usize, Reason)>,
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
        Self { seed, id, mode: Mode::Real, title: "Court of Lyon", state: state(5, 5), refuses: Vec::new() }
    }

    pub(crate) fn rehearsal() -> Self {
        Self { mode: Mode::Rehearsal, ..Self::new() }
    }

    pub(crate) fn keys(&self) -> PublicKeys {
        let key = |usage, algorithm, bytes: &[u8]| PublicKey {
            key: KeyRef { usage, algorithm, number: 0 },
            bytes: Bytes::new(bytes.to_vec()).unwrap(),
        };
        let (_, hybrid) = Hybrid::derive_keypair(&self.ikm(3));
        let (_, classical) = Classical::derive_keypair(&self.ikm(4));
        let keys = vec![
            key(Usage::Text, Algorithm::P384, &self.signer(1).public().to_bytes()),
            key(Usage::Digest, Algorithm::P384, &self.signer(2).public().to_bytes()),
            key(Usage::Age, Algorithm::MlKem1024P384, &hybrid.to_bytes()),
            key(Usage::Age, Algorithm::P384, &compressed(&classical.to_bytes()).to_bytes()),
        ];
        let body = PublicKeysBody {
            vault: VaultId(Fixed([self.id; 16])),
            mode: self.mode,
            title: Line::new(self.title).unwrap(),
            threshold: 2,
            cards: 3,
            identity: self.signer(0).public(),
            state: self.state,
            keys: List::new(keys).unwrap(),
        };
        PublicKeys::sign(body, &mut self.signer(0)).unwrap()
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
                let key = AgeKey { hybrid: key.algorithm == Algorithm::MlKem1024P384, vault: self };
                let unwrapped = Header::parse_whole(header.as_slice()).unwrap().unwrap_with(&key);
                unwrapped.map_or(Outcome::Refused(Reason::CannotUnwrap), Outcome::FileKey)
            }
            Operation::SignText(text) => Outcome::Signature(self.signer(1).sign(text.as_str().as_bytes()).unwrap()),
            Operation::SignDigest { digest, .. } => {
                let ecdsa: Ecdsa = self.signer(2).0.sign_prehash(&digest.0).unwrap();
                Outcome::Signature(Signature(Fixed(ecdsa.to_bytes().into())))
            }
            _ => Outcome::Refused(Reason::WrongUsage),
        }
    }

    fn signer(&self, which: u8) -> Signer {
        let mut scalar = [self.seed; 48];
        scalar[0] = 1;
        scalar[1] = which + 1;
        Signer(SigningKey::from_slice(&scalar).unwrap())
    }

    fn ikm(&self, which: u8) -> [u8; 48] {
        let mut ikm = [self.seed; 48];
        ikm[0] = which;
        ikm
    }
}

fn compressed(point: &[u8]) -> Point {
    Point::from(p384::ecdsa::VerifyingKey::from_sec1_bytes(point).unwrap())
}

struct Signer(SigningKey);

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
    hybrid: bool,
    vault: &'a Vault,
}

impl Decapsulate for AgeKey<'_> {
    fn kind(&self) -> StanzaKind {
        if self.hybrid { StanzaKind::Hybrid } else { StanzaKind::Classical }
    }

    fn point(&self) -> [u8; 97] {
        let bytes = if self.hybrid {
            Hybrid::derive_keypair(&self.vault.ikm(3)).1.to_bytes().to_vec()
        } else {
            Classical::derive_keypair(&self.vault.ikm(4)).1.to_bytes().to_vec()
        };
        *bytes.last_chunk().unwrap()
    }

    fn open(&self, enc: &[u8], info: &[u8], ciphertext: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        if self.hybrid {
            open::<Hybrid>(&Hybrid::derive_keypair(&self.vault.ikm(3)).0, enc, info, ciphertext)
        } else {
            open::<Classical>(&Classical::derive_keypair(&self.vault.ikm(4)).0, enc, info, ciphertext)
        }
    }
}
