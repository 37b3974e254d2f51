//! What only the operating system can give: the time, randomness, and a place for 32 bytes per profile.
//!
//! Here live the real implementations of `Clock`, `Entropy` and `KeyStore`. What may not live here: a rule, a
//! format, a fallback. Where the system does not answer, these say so and the caller refuses.

mod clock;
mod entropy;
mod key_store;

pub use clock::SystemClock;
pub use entropy::SystemEntropy;
pub use key_store::OsKeyStore;
