//! The root of trust: its certifying keys are replaced one by one, or all at once by the offline succession.

use countersign_documents::{Blob, Digest, VerifyingKey, record};

record! {
    /// A person made keys to certify with, on the desk that signs this.
    pub struct CertifierOffered {
        /// Certifies members, once a root names it.
        1 => key: VerifyingKey,
        /// The public half of what this person keeps on paper: one of the two keys of a later succession.
        2 => offline: VerifyingKey,
    }
}

record! {
    /// A certifier proposes the next version of the root.
    pub struct RootProposed {
        /// Its payload.
        1 => root: Blob,
        /// The proposer's signatures under it: by the key that stands, and by the one that takes its place, if any.
        2 => signatures: Vec<Blob>,
    }
}

record! {
    /// Another person signs it. With enough signatures it is in force.
    pub struct RootSigned {
        /// Digest of the payload: what was shown is what is signed.
        1 => root: Digest,
        /// This person's signatures under it.
        2 => signatures: Vec<Blob>,
    }
}

record! {
    /// The root that waits is taken back or turned down. The very same one never comes again.
    pub struct RootDropped {
        /// Digest of the payload.
        1 => root: Digest,
    }
}

record! {
    /// Both offline keys brought about a root.
    pub struct Succeeded {
        /// The root, a complete document.
        1 => root: Blob,
        /// Certificates of the new certifiers under it.
        2 => certificates: Vec<Blob>,
        /// Names of the blobs with their names, in the same order.
        3 => names: Vec<Digest>,
    }
}
