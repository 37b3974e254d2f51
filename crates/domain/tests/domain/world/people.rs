//! Who acts: desks with keys of their own, and a partner. Keys follow from a name, so that nothing is random.

use countersign_documents::{
    Digest, ReceivingKey, ReceivingSecret, Secret32, SigningKey, Time,
    certificate::{Certificate, Confirmation, Membership, OrganisationText, Right, name_digest},
    id::{MemberId, OrganisationId, PersonId},
    identity::IdentityCard,
    text::Line,
    time::DAY,
};

pub(crate) const ALL_RIGHTS: &[Right] = &[Right::Vet, Right::Approve, Right::Issue, Right::Admin];

/// One person on one desk, or an agent, or somebody who is neither.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Desk {
    pub(crate) name: String,
    pub(crate) person: PersonId,
    pub(crate) member: MemberId,
    pub(crate) rights: Vec<Right>,
    pub(crate) agent: bool,
    /// What its keys are derived from.
    pub(crate) seed: String,
    /// Rises when it makes new keys.
    pub(crate) generation: u8,
}

fn sixteen(label: &str, name: &str) -> [u8; 16] {
    let digest = Digest::of(format!("{label} of {name}").as_bytes());
    core::array::from_fn(|i| digest.0[i])
}

fn secret(seed: &str, purpose: &str, generation: u8) -> Secret32 {
    Secret32::new(Digest::of(format!("{purpose} {generation} of {seed}").as_bytes()).0)
}

impl Desk {
    /// A person with a desk of the same name.
    pub(crate) fn new(name: &str, rights: &[Right]) -> Self {
        Self {
            name: name.to_owned(),
            person: PersonId(sixteen("person", name)),
            member: MemberId(sixteen("member", name)),
            rights: rights.to_vec(),
            agent: false,
            seed: name.to_owned(),
            generation: 0,
        }
    }

    pub(crate) fn agent(name: &str) -> Self {
        Self { agent: true, ..Self::new(name, &[Right::Issue]) }
    }

    /// Another desk of the same person, with keys of its own.
    pub(crate) fn second(&self, rights: &[Right]) -> Self {
        Self { person: self.person, ..Self::new(&format!("{} (second desk)", self.name), rights) }
    }

    /// The same desk with other rights.
    pub(crate) fn with(&self, rights: &[Right]) -> Self {
        Self { rights: rights.to_vec(), ..self.clone() }
    }

    /// The same desk with new keys.
    pub(crate) fn with_new_keys(&self) -> Self {
        Self { generation: self.generation + 1, ..self.clone() }
    }

    pub(crate) fn signing(&self) -> SigningKey {
        SigningKey::from_seed(&secret(&self.seed, "signing", self.generation))
    }

    pub(crate) fn checkpoint(&self) -> SigningKey {
        SigningKey::from_seed(&secret(&self.seed, "checkpoint", self.generation))
    }

    /// Only founders' stand in the root. It belongs to the person, whatever the desk.
    pub(crate) fn certifying(&self) -> SigningKey {
        SigningKey::from_seed(&secret(&self.person.to_string(), "certifying", 0))
    }

    /// What takes its place, and the half on paper that is made with it.
    pub(crate) fn certifying_after(&self, generation: u8) -> (SigningKey, SigningKey) {
        let person = self.person.to_string();
        let key = |purpose| SigningKey::from_seed(&secret(&person, purpose, generation));
        (key("certifying"), key("paper half"))
    }

    pub(crate) fn receiving(&self) -> ReceivingKey {
        ReceivingSecret::new(secret(&self.seed, "receiving", self.generation)).public()
    }

    pub(crate) fn thumbprint(&self) -> Digest {
        self.signing().public().thumbprint()
    }

    /// Name of the blob with its name.
    pub(crate) fn name_blob(&self) -> Digest {
        Digest::of(self.name.as_bytes())
    }

    pub(crate) fn certificate(&self, organisation: OrganisationId, issued: Time) -> Certificate {
        Certificate {
            issuer: OrganisationText(organisation),
            expires: issued.plus(90 * DAY),
            issued,
            confirms: Confirmation(self.signing().public()),
            subject: Membership {
                person: self.person,
                member: self.member,
                rights: self.rights.clone(),
                receiving: self.receiving(),
                checkpoint: self.checkpoint().public(),
                name: name_digest(&[7; 16], &Line::parse(&self.name).unwrap()),
                agent: self.agent.then_some(1),
            },
        }
    }

    pub(crate) fn card(&self, made: Time) -> IdentityCard {
        IdentityCard {
            signing: self.signing().public(),
            receiving: self.receiving(),
            made,
            checkpoint: Some(self.checkpoint().public()),
            name: Line::parse(&self.name).ok(),
        }
    }
}

/// A partner's contact.
#[derive(Clone)]
pub(crate) struct Partner {
    seed: String,
}

impl Partner {
    pub(crate) fn new(name: &str) -> Self {
        Self { seed: name.to_owned() }
    }

    pub(crate) fn signing(&self) -> SigningKey {
        SigningKey::from_seed(&secret(&self.seed, "signing", 0))
    }

    pub(crate) fn receiving(&self) -> ReceivingKey {
        ReceivingSecret::new(secret(&self.seed, "receiving", 0)).public()
    }

    pub(crate) fn thumbprint(&self) -> Digest {
        self.signing().public().thumbprint()
    }

    /// Somebody who signs entries with the partner's key.
    pub(crate) fn as_desk(&self) -> Desk {
        Desk::new(&self.seed, ALL_RIGHTS)
    }
}
