//! An organisation with two founders, as many members as a test needs, and its cards.

use countersign_documents::{
    Blob, Digest, ReceivingSecret, Secret32, SigningKey, Time,
    card::Card,
    catalogue::Catalogue,
    certificate::{Certificate, Confirmation, Membership, OrganisationText, Right, name_digest},
    encode,
    id::{MemberId, OrganisationId, PersonId, TicketId},
    relay::Ticket,
    root::{Certifier, Root, successor},
    text::Line,
    time::DAY,
};

/// The relay that cards here name.
pub(crate) const ORIGIN: &str = "https://relay.example";

/// Of every name here.
pub(crate) const SALT: [u8; 16] = [7; 16];

pub(crate) fn line(text: &str) -> Line {
    Line::parse(text).expect("a line")
}

/// Thirty-two bytes that a name stands for.
pub(crate) fn seed(name: &str) -> Secret32 {
    Secret32::new(Digest::of(name.as_bytes()).0)
}

pub(crate) fn signing(name: &str) -> SigningKey {
    SigningKey::from_seed(&seed(name))
}

pub(crate) fn id(name: &str) -> [u8; 16] {
    Digest::of(name.as_bytes()).0[..16].try_into().expect("16 bytes")
}

/// One person on one desk.
pub(crate) struct Member {
    pub(crate) key: SigningKey,
    pub(crate) certificate: Vec<u8>,
}

impl Member {
    pub(crate) fn thumbprint(&self) -> Digest {
        self.key.public().thumbprint()
    }
}

pub(crate) struct Organisation {
    name: String,
    pub(crate) root: Root,
    /// All versions, as documents.
    chain: Vec<Blob>,
    /// When everything here was made.
    pub(crate) now: Time,
    /// Names of the certifying keys of the version in force.
    certifiers: [String; 2],
}

impl Organisation {
    pub(crate) fn found(name: &str, now: Time) -> Self {
        let certifiers = ["left", "right"].map(|side| format!("{name} certifier {side}"));
        let root = Root {
            organisation: OrganisationId(id(name)),
            version: 1,
            certifiers: persons(&certifiers),
            threshold: 2,
            successor: successor(&signing("offline left").public(), &signing("offline right").public()),
            made: now.minus(100 * DAY),
            previous: None,
            revealed: None,
            sample: None,
        };
        let document = sign_root(&root, &certifiers);
        Self { name: name.to_owned(), root, chain: vec![Blob(document)], now, certifiers }
    }

    /// The same with another certifying key of one founder: version after version.
    pub(crate) fn with_next_root(mut self) -> Self {
        let before = self.chain.last().expect("a version").clone();
        let version = self.root.version + 1;
        let certifiers = [format!("{} certifier {version}", self.name), self.certifiers[1].clone()];
        self.root = Root {
            version,
            certifiers: persons(&certifiers),
            previous: Some(Digest::of(&before.0)),
            ..self.root
        };
        // Signed by two of the old and by two of the new.
        let [old, kept] = self.certifiers;
        let document = sign_root(&self.root, &[old, kept, certifiers[0].clone()]);
        self.chain.push(Blob(document));
        self.certifiers = certifiers;
        self
    }

    pub(crate) fn id(&self) -> OrganisationId {
        self.root.organisation
    }

    /// A member with a certificate of ten days that lasts eighty more.
    pub(crate) fn member(&self, name: &str, rights: &[Right]) -> Member {
        self.certify(name, rights, self.now.minus(10 * DAY), self.now.plus(80 * DAY))
    }

    pub(crate) fn certify(&self, name: &str, rights: &[Right], issued: Time, expires: Time) -> Member {
        let key = signing(&format!("{} signs at {}", name, self.name));
        let certificate = Certificate {
            issuer: OrganisationText(self.id()),
            expires,
            issued,
            confirms: Confirmation(key.public()),
            subject: Membership {
                person: PersonId(id(name)),
                member: MemberId(id(&format!("{name} desk"))),
                rights: rights.to_vec(),
                receiving: ReceivingSecret::new(seed(&format!("{name} receives"))).public(),
                checkpoint: signing(&format!("{name} checkpoints")).public(),
                name: name_digest(&SALT, &line(name)),
                agent: None,
            },
        };
        let payload = certificate.payload();
        let parts = self.certifiers.iter().map(|c| Certificate::cosign(&payload, &signing(c))).collect();
        Member { key, certificate: Certificate::join(&payload, parts) }
    }

    /// A card of this version that names this relay.
    pub(crate) fn card(&self, version: u64, relay: Option<&str>) -> Vec<u8> {
        let admins = ["ada", "bo"].map(|name| self.member(name, &[Right::Admin]));
        let card = Card {
            organisation: self.id(),
            version,
            name: line(&self.name),
            roots: self.chain.clone(),
            receiving: ReceivingSecret::new(seed("receives")).public(),
            catalogue: Catalogue { version: 1, services: Vec::new(), questions: Vec::new() },
            made: self.now.minus(DAY),
            expires: self.now.plus(50 * DAY),
            relay: relay.map(line),
        };
        let payload = encode(&card);
        let sign = |admin: &Member| Card::cosign(&payload, &admin.certificate, &admin.key);
        Card::join(&payload, admins.iter().map(sign).collect())
    }

    /// A ticket and the seed of its key.
    pub(crate) fn ticket(&self, by: &Member, name: &str, lasting: u64) -> (Vec<u8>, SigningKey) {
        let key = signing(&format!("ticket {name}"));
        let ticket = Ticket {
            organisation: self.id(),
            id: TicketId(id(name)),
            key: key.public(),
            made: self.now.minus(60),
            expires: self.now.plus(lasting),
        };
        (ticket.sign(&by.certificate, &by.key), key)
    }
}

fn persons(certifiers: &[String; 2]) -> Vec<Certifier> {
    let ids = [PersonId([1; 16]), PersonId([2; 16])];
    let certifier = |(person, name): (PersonId, &String)| Certifier { person, key: signing(name).public() };
    ids.into_iter().zip(certifiers).map(certifier).collect()
}

fn sign_root(root: &Root, keys: &[String]) -> Vec<u8> {
    let payload = encode(root);
    Root::join(&payload, keys.iter().map(|key| Root::cosign(&payload, &signing(key))).collect())
}
