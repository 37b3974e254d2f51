//! A small world in code: organisations, partners, grants and envelopes, every byte of it from a seed.
//!
//! The same seed gives the same world, so that a failure is found again; parameters say where worlds differ.

use countersign_documents::{
    Digest, Flag, Head, Key, ReceivingKey, ReceivingSecret, Secret32, SigningKey, Time,
    approval::{Approval, Step, WINDOW},
    catalogue::{Endpoint, Method, Path, Scope, ScopeClass},
    certificate::{Certificate, Confirmation, Membership, OrganisationText, Right, name_digest},
    grant::{Activation, Channel, Grant, IdentityCheck, KeyForm},
    id::{Cti, GrantId, KeyId, MemberId, OrganisationId, PersonId},
    network::Network,
    policy::Policy,
    request::Mode,
    root::{Certifier, Root, successor},
    text::{Line, ScopeName, Slug},
    time::{DAY, HOUR},
};
use countersign_envelope::{
    Addressee, Consignment, Countersigned, LinkSecret, Memory, NotAccepted, Sealed, Sealer, Seeds, Signature,
    Unverified, Verified, seal,
};
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

/// The moment at which everything here happens.
pub(crate) const NOW: Time = Time(1_790_000_000);

/// Bytes that look random and are the same for the same seed.
pub(crate) struct Dice {
    seed: [u8; 32],
    thrown: u64,
}

impl Dice {
    /// `what` and `number` together name the stream.
    pub(crate) fn new(what: &str, number: u64) -> Self {
        let seed = Sha256::new().chain_update(number.to_be_bytes()).chain_update(what.as_bytes()).finalize();
        Self { seed: seed.into(), thrown: 0 }
    }

    /// Thirty-two of them.
    pub(crate) fn bytes(&mut self) -> [u8; 32] {
        self.thrown += 1;
        Sha256::new().chain_update(self.seed).chain_update(self.thrown.to_be_bytes()).finalize().into()
    }

    /// An identifier.
    pub(crate) fn id(&mut self) -> [u8; 16] {
        self.bytes()[..16].try_into().unwrap()
    }

    /// A secret.
    pub(crate) fn secret(&mut self) -> Secret32 {
        Secret32::new(self.bytes())
    }

    /// A signing key.
    pub(crate) fn signing(&mut self) -> SigningKey {
        SigningKey::from_seed(&self.secret())
    }

    /// A number below `bound`.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        (u64::from_be_bytes(self.bytes()[..8].try_into().unwrap()) % bound as u64) as usize
    }

    /// An API key of 49 characters.
    pub(crate) fn key(&mut self) -> Key {
        let text = format!("csk_live_{}", data_encoding::BASE64URL_NOPAD.encode(&self.bytes()[..30]));
        Key::parse(Zeroizing::new(text.into_bytes())).unwrap()
    }

    /// A head of a log.
    pub(crate) fn head(&mut self) -> Head {
        Head { size: 100 + self.below(10_000) as u64, root: Digest(self.bytes()) }
    }
}

/// Text on one line.
pub(crate) fn line(text: &str) -> Line {
    Line::parse(text).unwrap()
}

/// A short name.
pub(crate) fn slug(text: &str) -> Slug {
    Slug::parse(text).unwrap()
}

/// A person of the organisation at one desk.
pub(crate) struct Member {
    pub(crate) person: PersonId,
    pub(crate) key: SigningKey,
    pub(crate) document: Vec<u8>,
    pub(crate) salt: [u8; 16],
    pub(crate) name: Line,
}

impl Member {
    /// This person's signature under a grant.
    pub(crate) fn approve(&self, grant: &Grant, step: Step, dice: &mut Dice) -> Signature {
        let (head, cti) = (dice.head(), Cti(dice.id()));
        let approval = Approval { grant: grant.digest(), step, head, issued: NOW.minus(HOUR), cti };
        let name = self.name.clone();
        Signature {
            approval: approval.sign(&self.key),
            certificate: self.document.clone(),
            salt: self.salt,
            name,
        }
    }
}

/// An organisation: two certifiers, a reviewer, two approvers who may issue, and an issuer who may not approve,
/// two admins.
pub(crate) struct Organisation {
    pub(crate) certifiers: [SigningKey; 2],
    pub(crate) document: Vec<u8>,
    pub(crate) digest: Digest,
    pub(crate) root: Root,
    pub(crate) receiving: ReceivingSecret,
    pub(crate) members: Vec<Member>,
}

/// Places of the members.
pub(crate) const REVIEWER: usize = 0;
/// The second person, who may also seal.
pub(crate) const APPROVER: usize = 1;
/// A third person.
pub(crate) const SECOND_APPROVER: usize = 2;
/// Seals and signs nothing else.
pub(crate) const ISSUER: usize = 3;
/// An admin.
pub(crate) const ADMIN: usize = 4;

/// Another admin.
pub(crate) const SECOND_ADMIN: usize = 5;

const STAFF: [(&str, &[Right]); 6] = [
    ("Ada Reviewer", &[Right::Vet]),
    ("Bela Approver", &[Right::Approve, Right::Issue]),
    ("Cleo Approver", &[Right::Approve, Right::Issue]),
    ("Dana Issuer", &[Right::Issue]),
    ("Emil Admin", &[Right::Admin]),
    ("Fifi Admin", &[Right::Admin]),
];

impl Organisation {
    /// The one with this number.
    pub(crate) fn new(number: u64) -> Self {
        let mut dice = Dice::new("organisation", number);
        let certifiers = [dice.signing(), dice.signing()];
        let mut persons = [PersonId(dice.id()), PersonId(dice.id())];
        persons.sort();
        let root = Root {
            organisation: OrganisationId(dice.id()),
            version: 1,
            certifiers: vec![
                Certifier { person: persons[0], key: certifiers[0].public() },
                Certifier { person: persons[1], key: certifiers[1].public() },
            ],
            threshold: 2,
            successor: successor(&dice.signing().public(), &dice.signing().public()),
            made: NOW.minus(40 * DAY),
            previous: None,
            revealed: None,
            sample: None,
        };
        let payload = countersign_documents::encode(&root);
        let document =
            Root::join(&payload, certifiers.iter().map(|key| Root::cosign(&payload, key)).collect());
        let digest = Digest::of(&document);
        let receiving = ReceivingSecret::new(dice.secret());
        let members =
            STAFF.iter().map(|(name, rights)| member(&root, &certifiers, name, rights, &mut dice)).collect();
        Self { certifiers, document, digest, root, receiving, members }
    }
}

fn member(
    root: &Root,
    certifiers: &[SigningKey; 2],
    name: &str,
    rights: &[Right],
    dice: &mut Dice,
) -> Member {
    let (key, name, salt, person) = (dice.signing(), line(name), dice.id(), PersonId(dice.id()));
    let certificate = Certificate {
        issuer: OrganisationText(root.organisation),
        expires: NOW.plus(60 * DAY),
        issued: NOW.minus(30 * DAY),
        confirms: Confirmation(key.public()),
        subject: Membership {
            person,
            member: MemberId(dice.id()),
            rights: rights.to_vec(),
            receiving: ReceivingSecret::new(dice.secret()).public(),
            checkpoint: dice.signing().public(),
            name: name_digest(&salt, &name),
            agent: None,
        },
    };
    let payload = certificate.payload();
    let parts = certifiers.iter().map(|c| Certificate::cosign(&payload, c)).collect();
    Member { person, key, document: Certificate::join(&payload, parts), salt, name }
}

/// A partner's identity.
pub(crate) struct Partner {
    pub(crate) identity: SigningKey,
    pub(crate) receiving: ReceivingSecret,
    pub(crate) public: ReceivingKey,
}

impl Partner {
    /// The one with this number.
    pub(crate) fn new(number: u64) -> Self {
        let mut dice = Dice::new("partner", number);
        let (identity, receiving) = (dice.signing(), ReceivingSecret::new(dice.secret()));
        Self { public: receiving.public(), identity, receiving }
    }
}

/// A scope that reads or writes something.
pub(crate) fn scope(name: &str, class: ScopeClass, methods: &[Method], path: &str) -> Scope {
    let endpoint = Endpoint { methods: methods.to_vec(), path: Path::parse(path).unwrap() };
    Scope { name: ScopeName::parse(name).unwrap(), class, endpoints: vec![endpoint] }
}

/// A grant as it is in practice: two scopes, two networks, two identity checks.
pub(crate) fn grant(organisation: &Organisation, partner: &Partner, dice: &mut Dice) -> Grant {
    let id = GrantId(dice.id());
    let heard = |member: usize| IdentityCheck {
        person: organisation.members[member].person,
        time: NOW.minus(2 * HOUR),
        channel: Channel::Phone,
        source: line("company register"),
        attended: Flag(true),
    };
    Grant {
        id,
        lineage: id,
        mode: Mode::New,
        predecessor: None,
        organisation: organisation.root.organisation,
        request: Digest(dice.bytes()),
        recipient: partner.identity.public().thumbprint(),
        receiving: partner.receiving.public().thumbprint(),
        sponsor: organisation.members[REVIEWER].person,
        service: slug("orders"),
        environment: slug("production"),
        scopes: vec![
            scope("orders:read", ScopeClass::Read, &[Method::Get], "/v1/orders/*"),
            scope("orders:write", ScopeClass::Write, &[Method::Post, Method::Put], "/v1/orders/*"),
        ],
        networks: vec![Network::parse("198.51.100.0/28").unwrap(), Network::parse("203.0.113.7").unwrap()],
        base_url: line("https://api.example.com/v1"),
        not_after: NOW.plus(180 * DAY),
        deliver_by: NOW.plus(14 * DAY),
        rotations: 2,
        form: KeyForm::Minted,
        activation: Activation::OnReceipt,
        issuer: slug("hash-file"),
        policy: Policy::standard().digest(),
        catalogue: Digest(dice.bytes()),
        issuer_terms: Digest(dice.bytes()),
        unenforceable: vec![line("source networks are not enforced")],
        identity_checks: vec![heard(REVIEWER), heard(APPROVER)],
        vetting: Digest(dice.bytes()),
    }
}

/// Who signs and who seals.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Roles {
    /// Whoever signs after the reviewer.
    pub(crate) approvers: &'static [usize],
    /// Whoever seals.
    pub(crate) sealer: usize,
}

/// Two people: the approver seals.
pub(crate) const TWO: Roles = Roles { approvers: &[APPROVER], sealer: APPROVER };
/// Two people sign, a third seals.
pub(crate) const THIRD_SEALS: Roles = Roles { approvers: &[APPROVER], sealer: ISSUER };
/// Three people sign, the last of them seals.
pub(crate) const THREE_SIGN: Roles =
    Roles { approvers: &[APPROVER, SECOND_APPROVER], sealer: SECOND_APPROVER };

/// A grant that people have signed.
pub(crate) struct Signed {
    pub(crate) grant: Grant,
    pub(crate) signatures: Vec<Signature>,
}

impl Signed {
    /// One that differs by its seed only.
    pub(crate) fn new(organisation: &Organisation, partner: &Partner, roles: Roles, dice: &mut Dice) -> Self {
        Self::under(grant(organisation, partner, dice), organisation, roles, dice)
    }

    /// This grant, signed.
    pub(crate) fn under(grant: Grant, organisation: &Organisation, roles: Roles, dice: &mut Dice) -> Self {
        let mut signatures = vec![organisation.members[REVIEWER].approve(&grant, Step::Vetted, dice)];
        for approver in roles.approvers {
            signatures.push(organisation.members[*approver].approve(&grant, Step::Countersigned, dice));
        }
        Self { grant, signatures }
    }

    /// As the sealing side has it.
    pub(crate) fn countersigned(&self, organisation: &Organisation) -> Countersigned {
        Countersigned::check(self.grant.clone(), self.signatures.clone(), &organisation.root, NOW, WINDOW)
            .unwrap()
    }
}

/// Seals one key under a signed grant.
pub(crate) fn deliver(
    from: &Organisation,
    to: &Partner,
    signed: &Countersigned,
    sealer: usize,
    key: &Key,
    dice: &mut Dice,
) -> Sealed {
    let member = &from.members[sealer];
    let what = Consignment {
        to: &to.public,
        key_id: KeyId(dice.id()),
        key,
        key_expires: NOW.plus(90 * DAY),
        scopes: signed.grant().scopes.iter().map(|s| s.name.clone()).collect(),
        base_url: signed.grant().base_url.clone(),
        seq: 1,
        cti: Cti(dice.id()),
        lasting: 14 * DAY,
    };
    let seeds = Seeds {
        secret: LinkSecret::new(dice.secret()),
        ephemeral: dice.secret(),
        nonce: Digest(dice.bytes()),
    };
    let sealer = Sealer { key: &member.key, certificate: &member.document, root: &from.root };
    seal(signed, &sealer, what, seeds).unwrap()
}

/// A partner that opened nothing yet.
pub(crate) struct Blank;

impl Memory for Blank {
    fn opened(&self, _: &Cti) -> bool {
        false
    }

    fn deliveries(&self, _: &GrantId) -> u64 {
        0
    }

    fn newest(&self, _: &GrantId) -> Option<u64> {
        None
    }
}

/// What this partner makes of these bytes with this secret.
pub(crate) fn open(
    bytes: &[u8],
    root: &Root,
    partner: &Partner,
    secret: &LinkSecret,
) -> Result<Verified, NotAccepted> {
    let addressee = Addressee {
        root,
        identity: partner.identity.public().thumbprint(),
        receiving: &partner.receiving,
        secret,
        now: NOW,
        highest: NOW,
        memory: &Blank,
    };
    Unverified::new(bytes).outer(root, NOW, NOW)?.verify(&addressee)
}
