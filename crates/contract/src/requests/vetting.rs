//! What a desk does with a request.

use serde::{Deserialize, Serialize};

use super::CallChannel;

requests! {
    /// An answer to a check.
    AnswerCheck {
        /// The request.
        request: String,
        /// Which check.
        check: String,
        /// Whether it passed.
        passed: bool,
        /// What the reviewer says.
        note: Option<String>,
        /// Paths of files.
        files: Vec<String>,
    }
    /// Why a finding is acceptable.
    Justify {
        /// The request.
        request: String,
        /// Which finding.
        finding: String,
        /// Why.
        reason: String,
    }
    /// Less than was asked.
    Narrow {
        /// The request.
        request: String,
        /// What would be granted from now on.
        to: Extent,
        /// What would have been granted when it was looked at. Where that is not so any more, nothing is changed.
        from: Extent,
    }
    /// What a grant would open, of what was asked.
    Extent {
        /// Scopes.
        scopes: Vec<String>,
        /// Networks.
        networks: Vec<String>,
        /// Days.
        days: u64,
    }
    /// A file that stands behind an answer.
    SaveEvidence {
        /// The request.
        request: String,
        /// Digest of the file.
        digest: String,
        /// Where it goes.
        out: String,
    }
    /// A fingerprint that was heard and typed.
    Typed {
        /// Of whom: a request's id.
        id: String,
        /// What was typed.
        typed: String,
        /// Over which channel.
        channel: CallChannel,
        /// Where the number called came from.
        source: String,
    }
    /// A message to the partner.
    Reply {
        /// The request.
        request: String,
        /// What is written.
        text: String,
        /// Where the sealed message goes; empty where the relay brings it.
        out: String,
    }
}
