//! Nonces: the relay's time, made so that only it and its siblings on one database can.

use countersign_documents::{Digest, Secret32, Time, relay::FRESH, time::SKEW};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

/// How many bytes say when; as many random ones follow, and twice as many that nobody else can make.
const PART: usize = 8;

/// Makes and recognises nonces.
pub(crate) struct Nonces {
    key: Secret32,
}

impl Nonces {
    pub(crate) fn new(key: Secret32) -> Self {
        Self { key }
    }

    pub(crate) fn make_nonce(&self, now: Time, random: [u8; PART]) -> Digest {
        let mut nonce = [0; 32];
        nonce[..PART].copy_from_slice(&now.0.to_be_bytes());
        nonce[PART..2 * PART].copy_from_slice(&random);
        let proof = self.proof(&nonce[..2 * PART]);
        nonce[2 * PART..].copy_from_slice(&proof);
        Digest(nonce)
    }

    /// When it was made, where it is one of ours and fresh. A sibling's clock may be a little ahead.
    pub(crate) fn made(&self, nonce: &Digest, now: Time) -> Option<Time> {
        let (said, proof) = nonce.0.split_at(2 * PART);
        // Whoever guesses learns nothing from how long this takes: the proof of a guess is as random as the guess.
        let ours = self.proof(said) == *proof;
        let made = Time(said[..PART].iter().fold(0, |sum, byte| sum << 8 | u64::from(*byte)));
        let fresh = now.since(made) <= FRESH && made <= now.plus(SKEW);
        (ours && fresh).then_some(made)
    }

    fn proof(&self, said: &[u8]) -> [u8; 2 * PART] {
        let mut proof = [0; 2 * PART];
        // HMAC takes a key of any length.
        if let Ok(mut hmac) = Hmac::<Sha256>::new_from_slice(self.key.expose()) {
            hmac.update(said);
            proof.copy_from_slice(&hmac.finalize().into_bytes()[..2 * PART]);
        }
        proof
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Time = Time(1_800_000_000);

    fn nonces(seed: u8) -> Nonces {
        Nonces::new(Secret32::new([seed; 32]))
    }

    #[test]
    fn a_nonce_is_as_the_page_says() {
        let nonce = nonces(7).make_nonce(NOW, [9; PART]);
        assert_eq!(nonce.0[..8], NOW.0.to_be_bytes(), "the time stands first");
        assert_eq!(nonce.0[8..16], [9; 8], "then what is random");
        let mut hmac = Hmac::<Sha256>::new_from_slice(&[7; 32]).expect("any length");
        hmac.update(&nonce.0[..16]);
        assert_eq!(nonce.0[16..], hmac.finalize().into_bytes()[..16], "then the proof");
    }

    #[test]
    fn it_is_fresh_for_two_minutes() {
        let nonce = nonces(1).make_nonce(NOW, [0; PART]);
        for (later, fresh) in [(0, true), (FRESH, true), (FRESH + 1, false), (100 * FRESH, false)] {
            assert_eq!(nonces(1).made(&nonce, NOW.plus(later)).is_some(), fresh, "{later} seconds later");
        }
        assert!(nonces(1).made(&nonce, NOW.minus(SKEW)).is_some(), "a sibling's clock may be ahead");
        assert!(nonces(1).made(&nonce, NOW.minus(SKEW + 1)).is_none(), "but not far");
    }

    #[test]
    fn nobody_else_makes_one_and_no_bit_of_it_may_change() {
        let nonce = nonces(1).make_nonce(NOW, [3; PART]);
        assert_eq!(nonces(2).made(&nonce, NOW), None, "another relay's");
        for bit in 0..256 {
            let mut other = nonce;
            other.0[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(nonces(1).made(&other, NOW), None, "bit {bit}");
        }
    }
}
