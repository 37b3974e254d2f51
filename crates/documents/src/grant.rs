//! A grant: exactly what two people sign. Whatever is not in here was not approved.

use crate::{
    catalogue::{Scope, is_https},
    cose::Rejected,
    digest::Digest,
    id::{GrantId, OrganisationId, PersonId},
    network::Network,
    policy::{Check, FindingCode, Severity},
    request::Mode,
    text::{Line, Slug},
    time::Time,
};

words! {
    /// Where the key's bytes come from.
    pub enum KeyForm {
        /// Made here.
        1 => Minted = "minted",
        /// Made by the issuing system.
        2 => Issuer = "issuer",
        /// Brought by a member.
        3 => Pasted = "pasted",
    }
}

words! {
    /// When the key begins to work.
    pub enum Activation {
        /// With its issue.
        1 => AtOnce = "at-once",
        /// With the partner's receipt.
        2 => OnReceipt = "on-receipt",
    }
}

words! {
    /// Over which channel a fingerprint was read.
    pub enum Channel {
        /// By telephone.
        1 => Phone = "phone",
        /// In a video call.
        2 => Video = "video",
        /// In the same room.
        3 => InPerson = "in-person",
    }
}

record! {
    /// One member heard a fingerprint and typed it.
    #[derive(PartialOrd, Ord)]
    pub struct IdentityCheck {
        /// Who typed.
        1 => person: PersonId,
        /// When.
        2 => time: Time,
        /// How.
        3 => channel: Channel,
        /// Where the number called came from.
        4 => source: Line,
        /// Whether it was typed at a terminal or window, not by a program.
        5 => attended: crate::Flag,
    }
}

record! {
    /// The answer to one check.
    pub struct CheckResult {
        /// Which.
        1 => check: Check,
        /// Whether it was passed.
        2 => passed: crate::Flag,
        /// Names of the blobs with notes and evidence.
        3 => evidence: Vec<Digest>,
        /// Who answered.
        4 => person: PersonId,
    }
}

record! {
    /// Something vetting found.
    pub struct Finding {
        /// What.
        1 => code: FindingCode,
        /// How bad, under the policy.
        2 => severity: Severity,
        /// What exactly: a scope, a network, a name.
        3 => detail?: Line,
        /// Name of the blob that justifies it, and who wrote it.
        4 => justified?: Justification,
    }
}

record! {
    /// Why a finding is acceptable.
    pub struct Justification {
        /// Who says so.
        1 => person: PersonId,
        /// Name of the blob with the reason.
        2 => reason: Digest,
    }
}

record! {
    /// What vetting did: the signers sign its digest.
    pub struct Vetting {
        /// Answers, in the order of the checks.
        1 => checks: Vec<CheckResult>,
        /// What was found, in the order of the codes.
        2 => findings: Vec<Finding>,
    }
}

record! {
    /// A grant.
    pub struct Grant {
        /// Its id.
        1 => id: GrantId,
        /// The first grant of this key, kept over renewals.
        2 => lineage: GrantId,
        /// What it does to what was there before.
        3 => mode: Mode,
        /// The grant it renews.
        4 => predecessor?: GrantId,
        /// Who grants.
        5 => organisation: OrganisationId,
        /// Digest of the request document.
        6 => request: Digest,
        /// Thumbprint of the recipient's identity.
        7 => recipient: Digest,
        /// Thumbprint of the key the envelope is sealed to.
        8 => receiving: Digest,
        /// Who invited the partner or imported the request.
        9 => sponsor: PersonId,
        /// Service.
        10 => service: Slug,
        /// Environment.
        11 => environment: Slug,
        /// Scopes with what they open, in rising order.
        12 => scopes: Vec<Scope>,
        /// Source networks, in rising order.
        13 => networks: Vec<Network>,
        /// Where the interface answers.
        14 => base_url: Line,
        /// When the key dies.
        15 => not_after: Time,
        /// Until when an envelope may be sealed.
        16 => deliver_by: Time,
        /// How often the key may be replaced.
        17 => rotations: u64,
        /// Where the key comes from.
        18 => form: KeyForm,
        /// When it begins to work.
        19 => activation: Activation,
        /// Who makes it.
        20 => issuer: Slug,
        /// Digest of the policy in force.
        21 => policy: Digest,
        /// Digest of the catalogue in force.
        22 => catalogue: Digest,
        /// Digest of the issuer's terms.
        23 => issuer_terms: Digest,
        /// What the issuer cannot enforce, in its words.
        24 => unenforceable: Vec<Line>,
        /// Who compared the fingerprint, and how.
        25 => identity_checks: Vec<IdentityCheck>,
        /// Digest of the [`Vetting`].
        26 => vetting: Digest,
    }
}

impl Grant {
    /// SHA-256 of its encoding: what approvals sign.
    pub fn digest(&self) -> Digest {
        Digest::of(&crate::encode(self))
    }

    /// Judges what it says on its own: whoever signs, seals or opens demands it. Whether the organisation's policy and
    /// catalogue allow it is for the desks.
    pub fn check(&self) -> Result<(), Rejected> {
        let scopes = !self.scopes.is_empty()
            && self.scopes.windows(2).all(|w| w[0].name < w[1].name)
            && self.scopes.iter().all(Scope::is_sound);
        let networks = self.networks.windows(2).all(|w| w[0] < w[1]);
        let first = self.mode == Mode::New;
        let lineage = first == (self.lineage == self.id)
            && first == self.predecessor.is_none()
            && self.predecessor != Some(self.id);
        let times = self.deliver_by <= self.not_after;
        if scopes && networks && lineage && times && is_https(self.base_url.as_str()) {
            Ok(())
        } else {
            Err(Rejected::BadContent)
        }
    }

    /// Whether it opens anything that administers.
    pub fn has_admin_scope(&self) -> bool {
        self.scopes.iter().any(|s| s.class == crate::catalogue::ScopeClass::Admin)
    }
}
