//! Private keys, each of a type that names its one usage.
//!
//! An operation of another usage does not compile: [`SigningKey<ForText>`] signs texts, and there
//! is no way to hand it a bare digest.

use crate::derive::{Root, classical_scalar, hybrid_seed};
use ::hpke::{Deserializable, Serializable};
use cloison_formats::{
    age::{Decapsulate, StanzaKind},
    hpke::{self, Classical, Hybrid, Kem},
};
use cloison_protocol::{
    Algorithm, KeyRef, Mode, Point, SealReply, SealedParts, Sign, SignError, Signature, Usage, bounded::Fixed,
};
use core::marker::PhantomData;
use p384::ecdsa::{
    Signature as Ecdsa, SigningKey as EcdsaKey,
    signature::hazmat::{PrehashVerifier, RandomizedPrehashSigner},
};
use rand_core::CryptoRng;
use sha2::{Digest, Sha384};
use zeroize::Zeroizing;

/// Marks what a signing key is for.
pub(crate) trait Use {
    const USAGE: Usage;
}

/// Signs texts that were shown whole.
pub(crate) struct ForText;
/// Signs digests of files.
pub(crate) struct ForDigest;
/// Signs what the vault says of itself.
pub(crate) struct ForIdentity;

impl Use for ForText {
    const USAGE: Usage = Usage::Text;
}
impl Use for ForDigest {
    const USAGE: Usage = Usage::Digest;
}
impl Use for ForIdentity {
    const USAGE: Usage = Usage::Identity;
}

/// An ECDSA P-384 private key of one usage; wiped on drop by its crate, and boxed, so that moving it
/// leaves no copies on the stack.
pub(crate) struct SigningKey<U>(Box<EcdsaKey>, PhantomData<U>);

impl<U: Use> SigningKey<U> {
    pub(crate) fn derive(root: &Root, mode: Mode, number: u16) -> Option<Self> {
        classical_scalar(root, mode, U::USAGE, number).map(|secret| Self(Box::new(EcdsaKey::from(secret)), PhantomData))
    }

    pub(crate) fn public(&self) -> Point {
        Point::from(*self.0.verifying_key())
    }

    /// Signs a SHA-384 digest, hedged (RFC 6979 §3.6 with added randomness), and verifies the
    /// signature before it leaves, against faults.
    fn sign_prehash(&self, digest: &[u8], rng: &mut impl CryptoRng) -> Result<Signature, SignError> {
        let signature: Ecdsa = self.0.sign_prehash_with_rng(rng, digest).map_err(|_| SignError)?;
        self.0.verifying_key().verify_prehash(digest, &signature).map_err(|_| SignError)?;
        Ok(Signature(Fixed(signature.to_bytes().into())))
    }
}

impl SigningKey<ForText> {
    pub(crate) fn sign_text(&self, text: &str, rng: &mut impl CryptoRng) -> Result<Signature, SignError> {
        self.sign_prehash(&Sha384::digest(text.as_bytes()), rng)
    }
}

impl SigningKey<ForDigest> {
    pub(crate) fn sign_digest(&self, digest: &[u8; 48], rng: &mut impl CryptoRng) -> Result<Signature, SignError> {
        self.sign_prehash(digest, rng)
    }
}

/// The identity key together with the randomness that hedges its signatures.
pub(crate) struct Identity<'a, R> {
    pub(crate) key: &'a SigningKey<ForIdentity>,
    pub(crate) rng: &'a mut R,
}

impl<R: CryptoRng> Sign for Identity<'_, R> {
    fn public(&self) -> Point {
        self.key.public()
    }

    fn sign(&mut self, message: &[u8]) -> Result<Signature, SignError> {
        self.key.sign_prehash(&Sha384::digest(message), self.rng)
    }
}

impl<R: CryptoRng> SealReply for Identity<'_, R> {
    fn seal(&mut self, key: &[u8; 1665], info: &[u8], plaintext: &[u8]) -> Option<SealedParts> {
        let sealed = hpke::seal::<Hybrid>(key, info, plaintext, self.rng)?;
        Some(SealedParts { enc: sealed.enc.try_into().ok()?, ciphertext: sealed.ciphertext })
    }
}

/// Derives one key's public part: a compressed point of 49 bytes, or a hybrid key of 1665.
pub(crate) fn public_part(root: &Root, mode: Mode, key: KeyRef) -> Option<Vec<u8>> {
    match key.usage {
        Usage::Text => SigningKey::<ForText>::derive(root, mode, key.number).map(|key| key.public().to_bytes().to_vec()),
        Usage::Digest => SigningKey::<ForDigest>::derive(root, mode, key.number).map(|key| key.public().to_bytes().to_vec()),
        Usage::Age => AgeKey::derive(root, mode, key.algorithm, key.number)?.public(),
        _ => None,
    }
}

/// A private key that unwraps age file keys: hybrid, or P-384 alone.
pub(crate) enum AgeKey {
    /// Boxed, so that moving the key leaves no copies of it on the stack.
    Hybrid(Box<<Hybrid as Kem>::PrivateKey>),
    Classical(Box<<Classical as Kem>::PrivateKey>),
}

impl AgeKey {
    pub(crate) fn derive(root: &Root, mode: Mode, algorithm: Algorithm, number: u16) -> Option<Self> {
        match algorithm {
            Algorithm::MlKem1024P384 => {
                let seed = hybrid_seed(root, mode, Usage::Age, number)?;
                <Hybrid as Kem>::PrivateKey::from_bytes(seed.expose()).ok().map(|key| Self::Hybrid(Box::new(key)))
            }
            Algorithm::P384 => {
                let scalar = Zeroizing::new(classical_scalar(root, mode, Usage::Age, number)?.to_bytes());
                <Classical as Kem>::PrivateKey::from_bytes(&scalar).ok().map(|key| Self::Classical(Box::new(key)))
            }
            _ => None,
        }
    }

    /// Gives the public key as it is exported: 1665 bytes, or a compressed point of 49.
    pub(crate) fn public(&self) -> Option<Vec<u8>> {
        match self {
            Self::Hybrid(key) => Some(Hybrid::sk_to_pk(key).to_bytes().to_vec()),
            Self::Classical(_) => {
                let key = p384::ecdsa::VerifyingKey::from_sec1_bytes(&self.point()).ok()?;
                Some(Point::from(key).to_bytes().to_vec())
            }
        }
    }
}

impl Decapsulate for AgeKey {
    fn kind(&self) -> StanzaKind {
        match self {
            Self::Hybrid(_) => StanzaKind::Hybrid,
            Self::Classical(_) => StanzaKind::Classical,
        }
    }

    fn point(&self) -> [u8; 97] {
        let public = match self {
            Self::Hybrid(key) => Hybrid::sk_to_pk(key).to_bytes().to_vec(),
            Self::Classical(key) => Classical::sk_to_pk(key).to_bytes().to_vec(),
        };
        public.last_chunk().copied().unwrap_or([0; 97])
    }

    fn open(&self, enc: &[u8], info: &[u8], ciphertext: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        match self {
            Self::Hybrid(key) => hpke::open::<Hybrid>(key, enc, info, ciphertext),
            Self::Classical(key) => hpke::open::<Classical>(key, enc, info, ciphertext),
        }
    }
}
