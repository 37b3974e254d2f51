//! Numbers that follow from a seed, the same on every machine (SplitMix64).

pub(crate) struct Dice(u64);

impl Dice {
    /// From `COUNTERSIGN_SEED`, or the default; printed, so that a run can be repeated.
    pub(crate) fn seeded(what: &str) -> Self {
        let given = std::env::var("COUNTERSIGN_SEED").ok().and_then(|seed| seed.parse().ok());
        let seed = given.unwrap_or(20_261_127);
        println!("{what}: COUNTERSIGN_SEED={seed}");
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// Less than this, which is not zero.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % end.max(1) as u64).expect("it fits")
    }

    pub(crate) fn byte(&mut self) -> u8 {
        self.next().to_le_bytes()[0]
    }
}
