//! What is signed: altered, signed by others, and inconsistent in itself.

use crate::bodies::{Signer, descriptor, key, line, one_of_each, public_keys, raw, request, succession};
use cloison_protocol::{
    Algorithm, Commitment, Descriptor, DescriptorBody, Kind, Limits, Message, MessageError, Mode, OpenReply, Operation, Outcome,
    Policy, PublicKeys, REPLY_ENC, Reason, Reply, ReplyBody, ReplyError, Request, Sign, Succession, SuccessionBody, Usage,
    VaultId, VaultKey,
    bounded::{Bytes, Fixed, List, Prose},
    digest,
};
use zeroize::Zeroizing;

#[test]
fn every_flipped_byte_of_a_signed_message_is_refused() {
    for (kind, bytes, _) in one_of_each() {
        if matches!(kind, Kind::Plan | Kind::Backup | Kind::Reply) {
            continue;
        }
        for at in 0..bytes.len() {
            for change in [1u8, 0x80, 0xff] {
                let mut altered = bytes.clone();
                altered[at] ^= change;
                assert!(Message::decode(&altered).is_err(), "{kind}, byte {at}");
            }
        }
    }
}

/// Opens what [`Signer`] sealed: nothing is encrypted here, so that the signature alone protects.
struct Open;

impl OpenReply for Open {
    fn open(&self, enc: &[u8; REPLY_ENC], _: &[u8], ciphertext: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        (*enc == [7; 1665]).then(|| Zeroizing::new(ciphertext.to_vec()))
    }
}

#[test]
fn every_flipped_byte_of_a_reply_is_refused_when_it_is_opened() {
    let mut signer = Signer::new(1);
    let request = Request::sign(request(vec![Operation::SignText(Prose::new("oui").unwrap())]), &mut signer).unwrap();
    let body = ReplyBody { state: request.body().seen, outcomes: vec![Outcome::Refused(Reason::NotForYou)] };
    let reply = Reply::seal(&request, &body, &mut signer).unwrap();
    let open = |bytes: &[u8]| -> Result<ReplyBody, ReplyError> { Reply::decode(bytes)?.open(&request, &signer.public(), &Open) };
    assert!(matches!(open(reply.as_bytes()).ok().unwrap().outcomes.as_slice(), [Outcome::Refused(Reason::NotForYou)]));
    for at in 0..reply.as_bytes().len() {
        for change in [1u8, 0x80] {
            let mut altered = reply.as_bytes().to_vec();
            altered[at] ^= change;
            assert!(open(&altered).is_err(), "byte {at}");
        }
    }
}

#[test]
fn a_signature_by_another_key_or_under_another_label_is_refused() {
    let labels = ["cloison/v1/request", "cloison/v1/public-keys", "cloison/v1/descriptor", "cloison/v1/succession"];
    for (kind, bytes, again) in one_of_each() {
        if matches!(kind, Kind::Plan | Kind::Backup | Kind::Reply) {
            continue;
        }
        let body = || bytes[..bytes.len() - 96].to_vec();
        assert_eq!(again(body()), bytes, "{kind} is signed as it should be");
        let others = labels.map(|label| Signer::new(2).signed(label, body()));
        let relabelled = labels.map(|label| Signer::new(1).signed(label, body())).into_iter().filter(|other| *other != bytes);
        for other in others.into_iter().chain(relabelled) {
            assert_eq!(Message::decode(&other), Err(MessageError::BadSignature(kind)), "{kind}");
        }
    }
}

fn refused_on_both_sides(body: &DescriptorBody) {
    let error = MessageError::Malformed(Kind::Descriptor);
    let mut signer = Signer::new(1);
    assert_eq!(Descriptor::sign(body.clone(), &mut signer), Err(error), "{body:?}");
    let forged = signer.signed("cloison/v1/descriptor", raw(9, body));
    assert_eq!(Descriptor::decode(&forged), Err(error), "{body:?}");
    assert_eq!(Message::decode(&forged), Err(error));
}

#[test]
fn a_descriptor_whose_numbers_disagree_is_neither_signed_nor_read() {
    let names = |count: usize| List::new(vec![line("x"); count]).unwrap();
    let commitments = |count: usize| List::new(vec![Commitment(Fixed([0; 48])); count]).unwrap();
    let changes: [fn(&mut DescriptorBody); 9] = [
        |body| body.threshold = 1,
        |body| body.threshold = 4,
        |body| body.cards = 17,
        |body| body.cards = 2,
        |body| body.epoch = 0,
        |body| body.limits = Limits { idle_minutes: 0, session_minutes: 10 },
        |body| body.limits = Limits { idle_minutes: 61, session_minutes: 120 },
        |body| body.limits = Limits { idle_minutes: 10, session_minutes: 721 },
        |body| body.limits = Limits { idle_minutes: 10, session_minutes: 9 },
    ];
    for change in changes {
        let mut body = descriptor();
        change(&mut body);
        refused_on_both_sides(&body);
    }
    refused_on_both_sides(&DescriptorBody { commitments: commitments(2), ..descriptor() });
    refused_on_both_sides(&DescriptorBody { custodians: names(4), ..descriptor() });
}

#[test]
fn a_descriptor_with_a_policy_that_cannot_be_is_neither_signed_nor_read() {
    let age = key(Usage::Age, Algorithm::MlKem1024P384, 0);
    let text = key(Usage::Text, Algorithm::P384, 0);
    let usual = Policy::usual(Usage::Age);
    for (key, policy) in [
        (age, Policy { approvals: 1, ..usual.clone() }),
        (age, Policy { approvals: 4, ..usual.clone() }),
        (age, Policy { approvals: 3, each: false, ..usual.clone() }),
        (age, Policy { batch: 0, ..usual.clone() }),
        (age, Policy { batch: 101, per_session: 200, per_day: 200, ..usual.clone() }),
        (age, Policy { per_session: 4, ..usual.clone() }),
        (age, Policy { per_day: 4, ..usual.clone() }),
        (age, Policy { total: 4, ..usual.clone() }),
        (text, Policy { view_only: true, ..usual.clone() }),
        (text, Policy { declared_only: true, ..usual.clone() }),
    ] {
        let keys = List::new(vec![VaultKey { key, made: 0, retired: false, policy }]).unwrap();
        refused_on_both_sides(&DescriptorBody { keys, ..descriptor() });
    }
    for policy in [Policy { view_only: true, declared_only: true, ..usual.clone() }, Policy { approvals: 3, ..usual }] {
        let keys = List::new(vec![VaultKey { key: age, made: 0, retired: true, policy }]).unwrap();
        let body = DescriptorBody { keys, ..descriptor() };
        assert_eq!(Descriptor::sign(body.clone(), &mut Signer::new(1)).unwrap().body(), &body);
    }
}

#[test]
fn the_words_of_public_keys_cover_the_keys_and_none_of_what_changes_in_their_life() {
    let sign = |body| PublicKeys::sign(body, &mut Signer::new(1)).unwrap();
    let before = sign(public_keys());
    let mut later = public_keys();
    let mut known = later.keys.as_slice()[0].clone();
    (known.retired, known.batch, known.view_only, known.declared_only) = (true, 1, false, true);
    later.keys = List::new(vec![known.clone()]).unwrap();
    (later.predecessor, later.successor) = (None, Some(VaultId(Fixed([9; 16]))));
    (later.title, later.threshold, later.cards) = (line("Ancien coffre"), 3, 5);
    later.state.generation += 1;
    assert_eq!(sign(later.clone()).fingerprint(), before.fingerprint());
    assert_eq!(sign(later).digest(), before.digest());
    known.bytes = Bytes::new(vec![9; 49]).unwrap();
    let other = sign(cloison_protocol::PublicKeysBody { keys: List::new(vec![known]).unwrap(), ..public_keys() });
    assert_ne!(other.fingerprint(), before.fingerprint());
}

#[test]
fn a_vault_does_not_follow_itself() {
    let keys = PublicKeys::sign(public_keys(), &mut Signer::new(1)).unwrap();
    let body = SuccessionBody { old: keys.body().vault, ..succession(&keys) };
    let error = Err(MessageError::Malformed(Kind::Succession));
    assert_eq!(Succession::sign(body.clone(), &mut Signer::new(1)), error);
    assert_eq!(Succession::decode(&Signer::new(1).signed("cloison/v1/succession", raw(12, &body))), error);
}

#[test]
fn a_succession_leads_only_to_the_keys_that_it_names_and_that_name_the_old_vault_in_turn() {
    let (mut old, mut new) = (Signer::new(1), Signer::new(2));
    let keys = |change: fn(&mut cloison_protocol::PublicKeysBody), signer: &mut Signer| {
        let mut body = public_keys();
        body.identity = signer.public();
        change(&mut body);
        PublicKeys::sign(body, signer).unwrap()
    };
    let right = keys(|_| (), &mut new);
    let body = succession(&right);
    let mut leads = |body: SuccessionBody, keys: &PublicKeys| Succession::sign(body, &mut old).unwrap().leads_to(keys);
    assert!(leads(body.clone(), &right));
    assert!(!leads(body.clone(), &keys(|_| (), &mut Signer::new(3))), "another identity");
    assert!(!leads(body.clone(), &keys(|body| body.predecessor = None, &mut new)), "it does not name the old vault");
    assert!(!leads(body.clone(), &keys(|body| body.predecessor = Some(body.vault), &mut new)), "it names another old vault");
    assert!(!leads(body.clone(), &keys(|body| body.keys = List::default(), &mut new)), "other keys");
    assert!(!leads(body.clone(), &keys(|body| body.mode = Mode::Rehearsal, &mut new)), "a rehearsal");
    assert!(!leads(body.clone(), &keys(|body| body.vault = VaultId(Fixed([8; 16])), &mut new)), "another vault");
    assert!(!leads(SuccessionBody { new_keys: digest(&[b"x"]), ..body.clone() }, &right), "another digest");
    assert!(!leads(SuccessionBody { mode: Mode::Rehearsal, ..body }, &right), "a rehearsal's succession");
}
