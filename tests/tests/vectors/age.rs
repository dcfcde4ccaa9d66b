//! age headers, their stanzas, and what is declared in them.

use crate::{
    case::Case,
    derivation::{key_ref, mode, root},
};
use cloison_custody::vectors::{classical_scalar, hybrid_seed};
use cloison_formats::{
    age::{CLASSICAL, Decapsulate, Declared, HYBRID, Header, RECORD, Recipient, Stanza, StanzaKind},
    hpke::{Classical, Hybrid, Kem, open},
    signature::uncompressed,
};
use cloison_protocol::{
    Algorithm,
    bounded::Line,
    secret::{FileKey, Secret},
};
use hpke::{Deserializable, Serializable};
use p384::ecdsa::VerifyingKey;
use zeroize::Zeroizing;

pub(crate) fn check(case: &Case) {
    match case.text("check") {
        "header" => header(case),
        "malformed-header" => {
            let error = Header::parse(&case.bytes("file")).err().unwrap();
            assert_eq!(format!("{error:?}"), case.text("error"), "{}", case.name());
        }
        "malformed-whole" => {
            let error = Header::parse_whole(&case.bytes("header")).err().unwrap();
            assert_eq!(format!("{error:?}"), case.text("error"), "{}", case.name());
        }
        "refused" => {
            let header = Header::parse_whole(&case.bytes("header")).unwrap();
            let error = header.unwrap_with(&AgeKey::of(&case.inner("key"))).err().unwrap();
            assert_eq!(format!("{error:?}"), case.text("error"), "{}", case.name());
        }
        "not-declared" => {
            let header = Header::parse_whole(&case.bytes("header")).unwrap();
            let found = header.unwrap_with(&AgeKey::of(&case.inner("key"))).unwrap();
            assert_eq!(found.0.expose(), file_key(case).0.expose());
            let error = header.declared(&found).unwrap_err();
            assert_eq!(format!("{error:?}"), case.text("error"), "{}", case.name());
        }
        "record" => record(case),
        "no-record" => {
            let stanza = Stanza { tag: case.text("name").to_owned(), args: case.list_of_text("args"), body: case.bytes("body") };
            assert_eq!(Declared::open(&stanza, &file_key(case)), None, "{}", case.name());
        }
        "no-key" => {
            let error = recipient(case).err().unwrap();
            assert_eq!(format!("{error:?}"), case.text("error"), "{}", case.name());
        }
        other => panic!("{}: no check {other}", case.name()),
    }
}

fn recipient(case: &Case) -> Result<Recipient, cloison_formats::age::RecipientError> {
    match case.text("stanza") {
        HYBRID => Recipient::hybrid(&case.bytes("public")),
        CLASSICAL => Recipient::classical(&case.bytes("public")),
        other => panic!("{}: no stanza {other}", case.name()),
    }
}

fn file_key(case: &Case) -> FileKey {
    FileKey(Secret::copied(&case.bytes("file_key")).unwrap())
}

fn declared(case: &Case) -> Declared {
    Declared {
        record: Line::new(case.text("record")).unwrap(),
        class: Line::new(case.text("class")).unwrap(),
        size: case.number("size"),
    }
}

fn header(case: &Case) {
    let bytes = case.bytes("header");
    let (expected, key) = (file_key(case), AgeKey::of(&case.inner("key")));
    for file in [bytes.clone(), [bytes.as_slice(), b"the payload"].concat()] {
        let header = Header::parse(&file).unwrap();
        assert_eq!(header.as_bytes(), bytes);
        let found = header.unwrap_with(&key).unwrap_or_else(|error| panic!("{}: {error:?}", case.name()));
        assert_eq!(found.0.expose(), expected.0.expose());
        assert_eq!(header.declared(&found), Ok(case.has("declared").then(|| declared(&case.inner("declared")))));
        let stanzas: Vec<&str> = header.stanzas().iter().map(|stanza| stanza.tag.as_str()).collect();
        assert_eq!(stanzas, case.list_of_text("stanzas"));
        assert_eq!(recipient(case).unwrap().kind(), key.kind());
        let public = match key.kind() {
            StanzaKind::Hybrid => case.bytes("public"),
            StanzaKind::Classical => uncompressed(&VerifyingKey::from_sec1_bytes(&case.bytes("public")).unwrap().into()).to_vec(),
        };
        assert_eq!(key.public(), public);
    }
}

fn record(case: &Case) {
    let (declared, file_key) = (declared(&case.inner("declared")), file_key(case));
    let stanza = declared.seal(&file_key).unwrap();
    assert_eq!((stanza.tag.as_str(), stanza.args.len()), (RECORD, 0));
    assert_eq!(stanza.body, case.bytes("body"), "{}", case.name());
    assert_eq!(Declared::open(&stanza, &file_key), Some(declared));
}

/// A vault's key for age files, or a workstation's one-time key, as these tests know them.
#[allow(clippy::large_enum_variant, reason = "made once a case")]
pub(crate) enum AgeKey {
    Hybrid(<Hybrid as Kem>::PrivateKey),
    Classical(<Classical as Kem>::PrivateKey),
}

impl AgeKey {
    fn of(case: &Case) -> Self {
        let (root, mode, key) = (root(case.array("root")), mode(case), key_ref(case));
        match key.algorithm {
            Algorithm::P384 => {
                let scalar = classical_scalar(&root, mode, key.usage, key.number).unwrap().to_bytes();
                Self::Classical(<Classical as Kem>::PrivateKey::from_bytes(&scalar).unwrap())
            }
            _ => Self::hybrid(hybrid_seed(&root, mode, key.usage, key.number).unwrap().expose()),
        }
    }

    pub(crate) fn hybrid(seed: &[u8; 32]) -> Self {
        Self::Hybrid(<Hybrid as Kem>::PrivateKey::from_bytes(seed).unwrap())
    }

    pub(crate) fn public(&self) -> Vec<u8> {
        match self {
            Self::Hybrid(key) => Hybrid::sk_to_pk(key).to_bytes().to_vec(),
            Self::Classical(key) => Classical::sk_to_pk(key).to_bytes().to_vec(),
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
        *self.public().last_chunk().unwrap()
    }

    fn open(&self, enc: &[u8], info: &[u8], ciphertext: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        match self {
            Self::Hybrid(key) => open::<Hybrid>(key, enc, info, ciphertext),
            Self::Classical(key) => open::<Classical>(key, enc, info, ciphertext),
        }
    }
}
