//! An organisation of two admins, as far as a relay needs to know it: its card.

use countersign_documents::{
    Digest, ReceivingSecret, Secret32, SigningKey, Time,
    card::Card,
    catalogue::Catalogue,
    cbor::Blob,
    certificate::{Certificate, Confirmation, Membership, OrganisationText, Right},
    encode,
    id::{MemberId, OrganisationId, PersonId},
    root::{Certifier, Root, successor},
    text::Line,
    time::DAY,
};

/// The relay that cards here name, unless a test says otherwise.
pub(crate) const ORIGIN: &str = "https://relay.example";

pub(crate) struct Organisation {
    number: u8,
    root: Root,
    document: Vec<u8>,
    admins: Vec<(SigningKey, Vec<u8>)>,
}

fn seed(number: u8, what: u8) -> Secret32 {
    Secret32::new([number, what, 7].repeat(11)[..32].try_into().expect("32 bytes"))
}

fn signing(number: u8, what: u8) -> SigningKey {
    SigningKey::from_seed(&seed(number, what))
}

pub(crate) fn line(text: &str) -> Line {
    Line::parse(text).expect("a line")
}

/// The time on this machine, which the relay goes by too.
pub(crate) fn now() -> Time {
    #[allow(clippy::disallowed_methods, reason = "the program under test has the system's clock")]
    let now = std::time::SystemTime::now();
    Time(now.duration_since(std::time::UNIX_EPOCH).expect("after 1970").as_secs())
}

impl Organisation {
    /// Another one for each number; 20 days old.
    pub(crate) fn new(number: u8) -> Self {
        let made = now().minus(20 * DAY);
        let certifiers = [signing(number, 1), signing(number, 2)];
        let persons = [PersonId([1; 16]), PersonId([2; 16])];
        let root = Root {
            organisation: OrganisationId([number; 16]),
            version: 1,
            certifiers: persons
                .iter()
                .zip(&certifiers)
                .map(|(person, key)| Certifier { person: *person, key: key.public() })
                .collect(),
            threshold: 2,
            successor: successor(&signing(number, 3).public(), &signing(number, 4).public()),
            made,
            previous: None,
            revealed: None,
            sample: None,
        };
        let payload = encode(&root);
        let document =
            Root::join(&payload, certifiers.iter().map(|key| Root::cosign(&payload, key)).collect());
        let admins = persons.iter().zip(5..).map(|(person, what)| {
            let key = signing(number, what);
            let certificate = certificate(&root, *person, what, &key, made);
            let payload = certificate.payload();
            let parts = certifiers.iter().map(|key| Certificate::cosign(&payload, key)).collect();
            (key, Certificate::join(&payload, parts))
        });
        let admins = admins.collect();
        Self { number, root, document, admins }
    }

    /// A card that names this relay, was made ten days ago and lasts so long.
    pub(crate) fn card(&self, relay: Option<&str>, days: u64) -> Vec<u8> {
        self.version(1, relay, days)
    }

    /// The same in this version.
    pub(crate) fn version(&self, version: u64, relay: Option<&str>, days: u64) -> Vec<u8> {
        let made = now().minus(10 * DAY);
        let card = Card {
            organisation: self.root.organisation,
            version,
            name: line("Example Ltd"),
            roots: vec![Blob(self.document.clone())],
            receiving: ReceivingSecret::new(seed(self.number, 9)).public(),
            catalogue: Catalogue { version: 1, services: Vec::new(), questions: Vec::new() },
            made,
            expires: made.plus(days * DAY),
            relay: relay.map(line),
        };
        let payload = encode(&card);
        let sign = |(key, certificate): &(SigningKey, Vec<u8>)| Card::cosign(&payload, certificate, key);
        Card::join(&payload, self.admins.iter().map(sign).collect())
    }

    /// One who may speak for it.
    pub(crate) fn member(&self) -> (&SigningKey, &[u8]) {
        let (key, certificate) = &self.admins[0];
        (key, certificate)
    }

    pub(crate) fn id(&self) -> OrganisationId {
        self.root.organisation
    }
}

fn certificate(root: &Root, person: PersonId, what: u8, key: &SigningKey, issued: Time) -> Certificate {
    Certificate {
        issuer: OrganisationText(root.organisation),
        expires: issued.plus(80 * DAY),
        issued,
        confirms: Confirmation(key.public()),
        subject: Membership {
            person,
            member: MemberId([what; 16]),
            rights: vec![Right::Admin],
            receiving: ReceivingSecret::new(seed(what, 10)).public(),
            checkpoint: signing(what, 11).public(),
            name: Digest([what; 32]),
            agent: None,
        },
    }
}
