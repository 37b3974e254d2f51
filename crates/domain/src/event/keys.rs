//! Keys: made, delivered, stopped; and what was there before, or is erased.

use countersign_documents::{
    Blob, Digest, Time,
    id::{Cti, GrantId, KeyId, OrderId, RequestId},
    order::Act,
    record,
    relay::Outcome,
    text::{Line, ScopeName, Slug, skeleton},
    words,
};

record! {
    /// A key is about to be made. Recorded before it exists, so that no crash leaves one nobody knows of.
    pub struct Intended {
        /// For which request.
        1 => request: RequestId,
        /// Under which grant.
        2 => grant: GrantId,
        /// The key it will be.
        3 => key: KeyId,
        /// Its place within its lineage.
        4 => seq: u64,
        /// The envelope it will travel in.
        5 => cti: Cti,
    }
}

record! {
    /// A key was made and sealed; the envelope is durable on the desk and may leave now.
    pub struct Issued {
        /// Which key.
        1 => key: KeyId,
        /// SHA-256 of the envelope.
        2 => envelope: Digest,
        /// SHA-256 of the receipt nonce.
        3 => nonce: Digest,
        /// Keyed fingerprint of the key.
        4 => fingerprint: Digest,
        /// How the issuer names it.
        5 => handle: Line,
        /// When it dies.
        6 => not_after: Time,
        /// Until when the envelope opens.
        7 => expires: Time,
        /// The scopes that were given.
        8 => scopes: Vec<ScopeName>,
    }
}

record! {
    /// The key was not made after all, or made and removed again.
    pub struct Abandoned {
        /// Which key.
        1 => key: KeyId,
    }
}

words! {
    /// How an envelope leaves.
    pub enum Way {
        /// As a file.
        1 => File = "file",
        /// As codes to be scanned.
        2 => Qr = "qr",
        /// By a relay.
        3 => Link = "link",
    }
}

record! {
    /// The envelope left the desk.
    pub struct HandedOver {
        /// Which key.
        1 => key: KeyId,
        /// How.
        2 => way: Way,
    }
}

record! {
    /// The relay gave the envelope to its reader.
    pub struct Fetched {
        /// Which key.
        1 => key: KeyId,
        /// When, by the relay's clock.
        2 => at: Time,
    }
}

record! {
    /// The envelope was taken back from the relay, which says what had become of it.
    pub struct Withdrawn {
        /// Which key.
        1 => key: KeyId,
        /// What had become of it.
        2 => outcome: Outcome,
        /// When, by the relay's clock.
        3 => at?: Time,
    }
}

record! {
    /// The partner's device opened it.
    pub struct Acknowledged {
        /// Which key.
        1 => key: KeyId,
        /// The receipt, a complete document.
        2 => receipt: Blob,
    }
}

record! {
    /// The issuer switched the key on.
    pub struct Activated {
        /// Which key.
        1 => key: KeyId,
    }
}

record! {
    /// Keys are to be stopped.
    pub struct Ordered {
        /// The order, a complete document.
        1 => order: Blob,
    }
}

record! {
    /// The issuing system confirmed that a key is stopped, or a member did with evidence.
    pub struct Stopped {
        /// Which key.
        1 => key: KeyId,
        /// By which order.
        2 => order: OrderId,
        /// What was done.
        3 => act: Act,
        /// Digest of what was read again at the issuing system; or
        4 => read_again?: Digest,
        /// name of the blob with the evidence a member gave.
        5 => evidence?: Digest,
    }
}

record! {
    /// An attempt to stop a key failed; it will be tried again.
    pub struct StopFailed {
        /// Which key.
        1 => key: KeyId,
        /// By which order.
        2 => order: OrderId,
        /// What went wrong.
        3 => why: Line,
    }
}

record! {
    /// A person objects to a key that was disabled being revoked for good by the mere passing of a day.
    pub struct Objected {
        /// Which key.
        1 => key: KeyId,
        /// To which order.
        2 => order: OrderId,
        /// Why.
        3 => why: Line,
    }
}

record! {
    /// A key that was handed out before Countersign.
    pub struct Legacy {
        /// The id it gets.
        1 => key: KeyId,
        /// Name of the blob with the partner's name.
        2 => partner: Digest,
        /// Service.
        3 => service: Slug,
        /// Environment.
        4 => environment: Slug,
        /// Since when.
        5 => since: Time,
        /// Until when, if ever.
        6 => until?: Time,
        /// Keyed fingerprint.
        7 => fingerprint: Digest,
        /// [`company`] of the partner's name: groups keys of one partner.
        8 => group: Digest,
    }
}

/// A digest over how a company's name looks, without case and spaces.
pub fn company(name: &Line) -> Digest {
    Digest::labelled("countersign-legacy-group-v1", &[skeleton(name.as_str()).as_bytes()])
}

record! {
    /// Keys that were handed out before Countersign were put on the record.
    pub struct Imported {
        /// Which.
        1 => keys: Vec<Legacy>,
    }
}

record! {
    /// A blob was erased.
    pub struct Erased {
        /// Its name.
        1 => blob: Digest,
        /// Why.
        2 => why: Line,
    }
}
