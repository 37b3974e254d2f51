//! Randomness.

use countersign_ports::{Entropy, NoEntropy};

/// The random source of the operating system, asked anew every time: nothing is buffered that a fork could repeat.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemEntropy;

impl Entropy for SystemEntropy {
    fn fill(&self, out: &mut [u8]) -> Result<(), NoEntropy> {
        getrandom::fill(out).map_err(|_| NoEntropy)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_is_filled_and_two_fills_differ() {
        let mut touched = [false; 64];
        let mut last = [0u8; 64];
        for _ in 0..64 {
            let mut now = [0u8; 64];
            SystemEntropy.fill(&mut now).expect("a test machine has randomness");
            assert_ne!(now, last, "512 random bits do not repeat");
            touched.iter_mut().zip(now).for_each(|(seen, byte)| *seen |= byte != 0);
            last = now;
        }
        assert!(touched.iter().all(|seen| *seen), "a byte that is zero 64 times was not filled");
    }

    #[test]
    fn asking_for_nothing_is_fine() {
        assert_eq!(SystemEntropy.fill(&mut []), Ok(()), "an empty request needs no randomness");
    }
}
