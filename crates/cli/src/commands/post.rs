//! Letters to an organisation through its relay: what is said of them, and whether there is a way at all.

use countersign_app::inbox::Posted;
use serde_json::{Value, json};

use crate::failure::Failure;

/// There is no relay, and no file was named.
pub(crate) const NO_OUT: Failure =
    Failure::Usage("The organisation's card names no relay. Name the letter to write: --out FILE.");

/// How far a letter is, in a sentence. It fails where it has no way to go.
pub(crate) fn text(what: &str, posted: Posted) -> Result<String, Failure> {
    match posted {
        Posted::Sent => Ok(format!("{what} is at the organisation's relay.")),
        Posted::Waits(fault) => Ok(format!("{what} waits here, and 'relay sync' tries again. {fault}")),
        Posted::ByHand => Err(NO_OUT),
    }
}

/// The same for programs: `sent`, or `waits` with the reason.
pub(crate) fn json(posted: Posted) -> Value {
    match posted {
        Posted::Sent => json!({ "state": "sent" }),
        Posted::Waits(fault) => {
            let error = countersign_app::Error::from(fault);
            json!({ "state": "waits", "code": error.code(), "why": error.to_string() })
        }
        Posted::ByHand => json!({ "state": "by-hand" }),
    }
}
