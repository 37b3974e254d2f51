//! Keys, and what becomes of them.

use serde::{Deserialize, Serialize};

views! {
    /// A key in a list.
    KeyView {
        /// Its id.
        id: String,
        /// Who holds it.
        holder: String,
        /// Which holder: two partners of one name are two. A digest, in hexadecimal.
        #[serde(default)]
        holder_id: String,
        /// Service.
        service: String,
        /// Environment.
        environment: String,
        /// Scopes.
        scopes: Vec<String>,
        /// The widest class of them: `read`, `write`, `admin`; `unknown` where nobody knows.
        #[serde(default)]
        class: String,
        /// How far it is.
        state: String,
        /// When it dies.
        not_after: Option<u64>,
        /// Handed out before Countersign.
        legacy: bool,
        /// The order against it, in one sentence.
        stop: Option<String>,
        /// The request.
        request: Option<String>,
        /// What a person should do about it next, if anything.
        next: Option<String>,
        /// When its holder reported it as leaked.
        #[serde(default)]
        reported: Option<u64>,
    }
    /// What became of stopping one key.
    StopView {
        /// Which.
        key: String,
        /// Who holds it.
        holder: String,
        /// Service.
        service: String,
        /// Environment.
        environment: String,
        /// `ordered`, `confirmed` or `failed`.
        state: String,
        /// The proof, the failure, or what to do by hand.
        detail: String,
        /// Whether nothing was done there, and a member has to do it by hand.
        by_hand: bool,
        /// Whether the ledger says so.
        recorded: bool,
        /// Whether this desk goes on with it by itself.
        kept: bool,
        /// What went wrong, in the issuer's words.
        why: Option<String>,
        /// Who makes and stops it; none for a key from before.
        issuer: Option<String>,
        /// How it is stopped by hand, where its issuer's terms say that.
        instructions: Option<String>,
    }
    /// What is to be done by hand to stop a key.
    HandWorkView {
        /// The key.
        key: KeyView,
        /// Who makes and stops it; none for a key from before.
        issuer: Option<String>,
        /// What its terms say; none for a key from before.
        instructions: Option<String>,
        /// When it was ordered; none where nobody did.
        ordered: Option<u64>,
        /// By whom.
        by: Option<String>,
    }
    /// A holder of a leaked string.
    LeakView {
        /// The key that leaked.
        key: KeyView,
        /// Where in the text it stood: line number.
        line: usize,
        /// Other live keys of the same holder.
        siblings: Vec<KeyView>,
    }
    /// What left.
    HandedOverView {
        /// The key.
        key: KeyView,
        /// Files that were written.
        files: Vec<String>,
        /// The secret that travels apart. It opens nothing without the partner's own key.
        secret: String,
        /// Until when the envelope opens.
        expires: u64,
    }
    /// One key, shown.
    RevealView {
        /// The key.
        key: String,
        /// For which service.
        service: String,
        /// For how many seconds it is shown.
        seconds: u32,
    }
}
