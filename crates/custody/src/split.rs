//! Shamir's secret sharing of the root over GF(256).
//!
//! The crate behind it checks nothing: a flipped bit, a wrong k or a duplicate gives a wrong
//! secret and no error. It is given exactly k distinct shares here and nothing else, and what
//! makes a share trustworthy are the commitments of the descriptor.

use crate::derive::Root;
use cloison_protocol::secret::Secret;
use rand_core::CryptoRng;
use sharks::{Share as Point, Sharks};
use std::borrow::Borrow;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// One share of a root: the polynomial's value at `index`, 32 bytes.
pub struct Share {
    pub(crate) index: u8,
    pub(crate) value: Secret<32>,
}

impl Share {
    /// Takes a share read from a vector.
    #[must_use]
    pub fn new(index: u8, value: Secret<32>) -> Self {
        Self { index, value }
    }
}

/// Deals `cards` shares of which any `threshold` recombine.
pub(crate) fn split(root: &Root, threshold: u8, cards: u8, rng: &mut impl CryptoRng) -> Option<Vec<Share>> {
    if !(2..=cards).contains(&threshold) || cards > 16 {
        return None;
    }
    let points = Sharks(threshold).dealer_rng(root.expose_for_split(), rng).take(cards.into());
    let shares: Vec<Share> = points.zip(1..).map(|(point, index)| share(&point, index)).collect::<Option<_>>()?;
    (shares.len() == usize::from(cards)).then_some(shares)
}

fn share(point: &Point, expected: u8) -> Option<Share> {
    let bytes = Zeroizing::new(Vec::from(point));
    let (index, value) = bytes.split_first()?;
    (*index == expected).then_some(Share { index: expected, value: Secret::copied(value)? })
}

/// Recombines a root from exactly `threshold` distinct shares; anything else gives `None`.
#[must_use]
pub fn recombine<S: Borrow<Share>>(shares: &[S], threshold: u8) -> Option<Root> {
    let mut indices: Vec<u8> = shares.iter().map(|share| share.borrow().index).collect();
    indices.sort_unstable();
    indices.dedup();
    if threshold < 2 || indices.len() != shares.len() || shares.len() != usize::from(threshold) || indices.first() == Some(&0) {
        return None;
    }
    let points = shares.iter().map(|share| point(share.borrow())).collect::<Option<Vec<_>>>()?;
    let bytes = Zeroizing::new(Sharks(threshold).recover(&points).ok()?);
    Secret::copied(&bytes).map(Root::new)
}

/// Gives the share at another index from `threshold` distinct ones: in GF(256) subtraction is XOR,
/// so the polynomial moved by that index has its value there at 0.
pub(crate) fn share_at(shares: &[Share], threshold: u8, index: u8) -> Option<Share> {
    let copied = |share: &Share, index| Some(Share { index, value: Secret::copied(share.value.expose())? });
    if let Some(own) = shares.iter().find(|share| share.index == index) {
        return copied(own, index);
    }
    let moved = shares.iter().map(|share| copied(share, share.index ^ index)).collect::<Option<Vec<_>>>()?;
    let value = recombine(&moved, threshold)?;
    Secret::copied(value.expose_for_split()).map(|value| Share { index, value })
}

/// Proves that all shares lie on the polynomial through the root, which covers every subset: the
/// first k − 1 of them with any other one give the root. A fault in the dealing or in memory would
/// otherwise be found on the day of recovery.
pub(crate) fn on_one_polynomial(shares: &[Share], threshold: u8, root: &Root) -> bool {
    let (common, others) = shares.split_at(usize::from(threshold) - 1);
    others.iter().all(|other| {
        let subset: Vec<&Share> = common.iter().chain([other]).collect();
        recombine(&subset, threshold).is_some_and(|found| found.expose_for_split().ct_eq(root.expose_for_split()).into())
    })
}

fn point(share: &Share) -> Option<Point> {
    let bytes = Zeroizing::new([&[share.index], share.value.expose().as_slice()].concat());
    Point::try_from(bytes.as_slice()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rand_chacha::ChaCha20Rng;
    use rand_core::SeedableRng;

    fn chosen(shares: Vec<Share>, subset: u32) -> Vec<Share> {
        shares.into_iter().filter(|share| subset >> (share.index - 1) & 1 == 1).collect()
    }

    proptest! {
        #[test]
        fn any_k_of_n_recombine_and_any_other_number_does_not(
            root: [u8; 32], seed: [u8; 32], cards in 2u8..=16, pick: u32, offset in 0u8..14,
        ) {
            let threshold = 2 + offset % (cards - 1);
            let dealt = || split(&Root::new(Secret::copied(&root).unwrap()), threshold, cards, &mut ChaCha20Rng::from_seed(seed)).unwrap();
            let subset = pick & ((1u32 << cards) - 1);
            let count = subset.count_ones();
            match recombine(&chosen(dealt(), subset), threshold) {
                Some(found) => {
                    prop_assert_eq!(count, u32::from(threshold));
                    prop_assert_eq!(found.expose_for_split(), &root);
                }
                None => prop_assert_ne!(count, u32::from(threshold)),
            }
            // and once with a subset that is surely right
            let first: Vec<Share> = dealt().into_iter().take(threshold.into()).collect();
            let found = recombine(&first, threshold).unwrap();
            prop_assert_eq!(found.expose_for_split(), &root);
        }
    }

    /// Every subset of every plan up to seven cards: k of them recombine, no other number does,
    /// and a smaller k taken for the right one gives another root.
    #[test]
    fn every_subset_of_every_plan_up_to_seven_cards() {
        let root = [0xa7; 32];
        for cards in 2..=7u8 {
            for threshold in 2..=cards {
                let dealt = || {
                    split(&Root::new(Secret::copied(&root).unwrap()), threshold, cards, &mut ChaCha20Rng::from_seed([cards; 32]))
                        .unwrap()
                };
                for subset in 1u32..1 << cards {
                    let count = subset.count_ones();
                    let found = recombine(&chosen(dealt(), subset), threshold);
                    assert_eq!(found.is_some(), count == u32::from(threshold));
                    assert!(found.is_none_or(|found| found.expose_for_split() == &root));
                    if count >= 2 && count == u32::from(threshold) - 1 {
                        let wrong = recombine(&chosen(dealt(), subset), threshold - 1).unwrap();
                        assert_ne!(wrong.expose_for_split(), &root, "k - 1 shares gave the root");
                    }
                }
            }
        }
    }

    #[test]
    fn duplicates_and_too_many_shares_are_refused() {
        let root = Root::new(Secret::copied(&[3; 32]).unwrap());
        let dealt = || split(&root, 3, 5, &mut ChaCha20Rng::from_seed([1; 32])).unwrap();
        let mut twice = chosen(dealt(), 0b00011);
        twice.extend(chosen(dealt(), 0b00001));
        assert!(recombine(&twice, 3).is_none());
        assert!(recombine(&chosen(dealt(), 0b01111), 3).is_none());
        let mut zero = chosen(dealt(), 0b00011);
        zero.push(Share::new(0, Secret::copied(&[0; 32]).unwrap()));
        assert!(recombine(&zero, 3).is_none(), "x = 0 would be the secret itself");
    }

    #[test]
    fn fewer_shares_than_k_tell_nothing_the_crate_would_accept() {
        let root = Root::new(Secret::copied(&[3; 32]).unwrap());
        let mut shares = split(&root, 3, 5, &mut ChaCha20Rng::from_seed([1; 32])).unwrap();
        shares.truncate(2);
        assert!(recombine(&shares, 3).is_none());
        let wrong = recombine(&shares, 2).unwrap();
        assert_ne!(
            wrong.expose_for_split(),
            root.expose_for_split(),
            "the wrong k gives a wrong root, which the vault id unmasks"
        );
    }

    #[test]
    fn any_k_shares_give_all_the_others() {
        for (threshold, cards) in [(2, 2), (2, 5), (3, 5), (5, 7), (4, 16)] {
            let root = Root::new(Secret::copied(&[0x5c; 32]).unwrap());
            let dealt = split(&root, threshold, cards, &mut ChaCha20Rng::from_seed([threshold; 32])).unwrap();
            let last = &dealt[usize::from(cards - threshold)..];
            for share in &dealt {
                assert_eq!(share_at(last, threshold, share.index).unwrap().value.expose(), share.value.expose());
            }
        }
    }

    #[test]
    fn a_share_that_is_not_on_the_polynomial_is_noticed_wherever_it_stands() {
        let root = Root::new(Secret::copied(&[3; 32]).unwrap());
        for wrong in 0..5 {
            let mut shares = split(&root, 3, 5, &mut ChaCha20Rng::from_seed([1; 32])).unwrap();
            assert!(on_one_polynomial(&shares, 3, &root));
            let mut value = *shares[wrong].value.expose();
            value[31] ^= 1;
            shares[wrong].value = Secret::copied(&value).unwrap();
            assert!(!on_one_polynomial(&shares, 3, &root), "share {}", wrong + 1);
        }
    }

    #[test]
    fn impossible_plans_are_refused() {
        let root = Root::new(Secret::copied(&[3; 32]).unwrap());
        for (threshold, cards) in [(0, 5), (1, 5), (6, 5), (2, 17), (2, 1), (0, 0)] {
            assert!(split(&root, threshold, cards, &mut ChaCha20Rng::from_seed([1; 32])).is_none());
        }
    }
}
