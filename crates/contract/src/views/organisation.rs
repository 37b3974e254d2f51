//! The organisation: its root, its members, what waits for a second one.

use serde::{Deserialize, Serialize};

use super::IdentityCheckView;

views! {
    /// The organisation.
    OrganisationView {
        /// Its id.
        id: String,
        /// Its name.
        name: String,
        /// What it reads over the telephone.
        fingerprint: String,
        /// The same in words.
        words: String,
        /// Version of the root.
        root: u64,
        /// Members who may act.
        members: usize,
        /// Entries of the ledger.
        entries: u64,
        /// Version of the policy.
        policy: u64,
        /// Version of the catalogue; 0 without one.
        catalogue: u64,
        /// Version of the card; 0 without one.
        card: u64,
        /// Members who compared its fingerprint, and how.
        compared: Vec<IdentityCheckView>,
        /// Which founders have not compared each other so that it counts: who, and whom.
        unheard: Vec<(String, String)>,
    }
    /// The root of trust.
    RootView {
        /// Its version.
        version: u64,
        /// What the organisation reads over the telephone.
        fingerprint: String,
        /// Person, name and thumbprint of the certifying key.
        certifiers: Vec<(String, String, String)>,
        /// Person, name and time of keys that were offered for the next version.
        offers: Vec<(String, String, u64)>,
        /// Id and name of members whose certificate this root does not carry: partners refuse what they sign.
        outdated: Vec<(String, String)>,
        /// The version that waits for signatures.
        waiting: Option<WaitingRootView>,
    }
    /// A root that waits for signatures.
    WaitingRootView {
        /// Digest of exactly what is signed.
        digest: String,
        /// Its version.
        version: u64,
        /// Person, name and thumbprint of the certifying key.
        certifiers: Vec<(String, String, String)>,
        /// Whether it names new keys on paper.
        new_halves: bool,
        /// How many signatures it has.
        signatures: usize,
        /// Who proposed it.
        by: String,
        /// When.
        time: u64,
    }
    /// A member.
    MemberView {
        /// Its id.
        id: String,
        /// The person.
        person: String,
        /// The name, unless erased.
        name: String,
        /// What it may do.
        rights: Vec<String>,
        /// No person.
        agent: bool,
        /// May do nothing any more.
        suspended: bool,
        /// When the certificate ends.
        expires: u64,
        /// This desk.
        me: bool,
        /// Who compared its fingerprint, and how.
        compared: Vec<IdentityCheckView>,
    }
    /// A change that waits for a second admin.
    ChangeView {
        /// Its id.
        id: String,
        /// What it changes.
        what: String,
        /// The member or the issuer that it is about; empty where there is only one of its kind.
        whose: String,
        /// Who proposed it.
        by: String,
        /// When.
        time: u64,
        /// Whether this desk may confirm it.
        mine: bool,
        /// What it says, in full.
        body: String,
        /// For a member: who compared its fingerprint, and how.
        compared: Vec<IdentityCheckView>,
    }
}
