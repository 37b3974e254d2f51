//! Fresh values, drawn from the one source.

use countersign_documents::{Secret32, Time};
use countersign_ports::{Clock, Entropy};
use zeroize::Zeroizing;

use crate::error::{Error, Result};

/// Random bytes of any length.
pub(crate) fn make_bytes<const N: usize>(entropy: &dyn Entropy) -> Result<[u8; N]> {
    let mut out = [0; N];
    entropy.fill(&mut out)?;
    Ok(out)
}

/// Thirty-two secret bytes.
pub(crate) fn make_secret(entropy: &dyn Entropy) -> Result<Secret32> {
    let mut out = Zeroizing::new([0; 32]);
    entropy.fill(&mut *out)?;
    Ok(Secret32::new(*out))
}

/// What time it is, or why nothing can be done.
pub(crate) fn now(clock: &dyn Clock) -> Result<Time> {
    clock.now().ok_or(Error::NoClock)
}
