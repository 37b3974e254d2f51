//! The made-up people and papers all vectors share: Example Works, its members, and a partner. No name, number or
//! address in here belongs to anybody.

use data_encoding::{HEXLOWER, Specification};

use super::raw::{
    Value, array, bytes, ed25519, id, int, kid, map, seed, sha256, sign, sign1, text, thumbprint, x25519,
};

/// The moment all vectors happen at, unless they say otherwise: 2027-01-15T08:00:00Z.
pub const NOW: u64 = 1_800_000_000;
/// A day in seconds.
pub const DAY: u64 = 86_400;

/// One person on one desk, or an agent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Member {
    /// Who: ids are made of it.
    pub person: &'static str,
    /// At which desk: seeds are made of it.
    pub desk: &'static str,
    /// How the person is called.
    pub display: &'static str,
    /// 1 vet, 2 approve, 3 issue, 4 admin, 5 audit.
    pub rights: &'static [u64],
    /// Whether it is an agent.
    pub agent: bool,
}

/// Vets, and is an admin.
pub const ADA: Member =
    Member { person: "ada", desk: "ada desk", display: "Ada Example", rights: &[1, 4], agent: false };
/// The same person on another desk, with other rights.
pub const ADA_LAPTOP: Member =
    Member { person: "ada", desk: "ada laptop", display: "Ada Example", rights: &[2, 4], agent: false };
/// Approves, issues, and is an admin.
pub const BO: Member =
    Member { person: "bo", desk: "bo desk", display: "Bo Sample", rights: &[2, 3, 4], agent: false };
/// Issues only.
pub const CY: Member =
    Member { person: "cy", desk: "cy desk", display: "Cy Muster", rights: &[3], agent: false };
/// Approves only.
pub const DEE: Member =
    Member { person: "dee", desk: "dee desk", display: "Dée Beispiel", rights: &[2], agent: false };
/// Another person, certified with Ada's key.
pub const TWIN: Member =
    Member { person: "twin", desk: "ada desk", display: "Twin Example", rights: &[2], agent: false };
/// Seals without a person.
pub const GATE: Member =
    Member { person: "gate", desk: "gate", display: "Gate Agent", rights: &[3], agent: true };

impl Member {
    /// Seed of the signing key.
    pub fn seed(&self) -> [u8; 32] {
        seed(&format!("signing {}", self.desk))
    }

    /// Private receiving key.
    pub fn receiving(&self) -> [u8; 32] {
        seed(&format!("receiving {}", self.desk))
    }

    /// Seed of the checkpoint key.
    pub fn checkpoint(&self) -> [u8; 32] {
        seed(&format!("checkpoint {}", self.desk))
    }

    /// The salt of the name digest.
    pub fn salt(&self) -> [u8; 16] {
        id(&format!("salt {}", self.person))
    }

    /// Payload of the certificate, valid from ten days before now to eighty days after.
    pub fn claims(&self) -> Value {
        let name = sha256(&[b"countersign-name-v1", &self.salt(), self.display.as_bytes()]);
        let mut subject = map([
            (1, bytes(id(self.person))),
            (2, bytes(id(&format!("member {} {}", self.person, self.desk)))),
            (3, array(self.rights.iter().map(|r| int(*r)))),
            (4, bytes(x25519(&self.receiving()))),
            (5, bytes(ed25519(&self.checkpoint()))),
            (6, bytes(name)),
        ]);
        if self.agent {
            subject.set(7, int(1));
        }
        let key = map([(1, int(1)), (-1, int(6)), (-2, bytes(ed25519(&self.seed())))]);
        map([
            (1, text(&crockford(&organisation()))),
            (4, int(NOW + 80 * DAY)),
            (6, int(NOW - 10 * DAY)),
            (8, map([(1, key)])),
            (-70301, subject),
        ])
    }

    /// The certificate, signed by both founders.
    pub fn certificate(&self) -> Vec<u8> {
        certify(&self.claims())
    }
}

/// Signs a certificate's payload with both founders' certifying keys.
pub fn certify(claims: &Value) -> Vec<u8> {
    sign("certificate", claims, &[certifying("ada"), certifying("bo")])
}

/// Seed of a person's certifying key.
pub fn certifying(person: &str) -> [u8; 32] {
    seed(&format!("certifying {person}"))
}

/// Example Works.
pub fn organisation() -> [u8; 16] {
    id("Example Works")
}

/// A list of persons with their certifying keys, in rising order of ids.
pub fn certifiers(persons: &[&str]) -> Value {
    let own: Vec<_> = persons.iter().map(|person| (*person, *person)).collect();
    certifiers_with(&own)
}

/// The same with certifying keys of other names: (person, key).
pub fn certifiers_with(persons: &[(&str, &str)]) -> Value {
    let mut list: Vec<([u8; 16], [u8; 32])> =
        persons.iter().map(|(person, key)| (id(person), ed25519(&certifying(key)))).collect();
    list.sort_unstable();
    array(list.iter().map(|(person, key)| map([(1, bytes(person)), (2, bytes(key))])))
}

/// What a root says of two offline keys.
pub fn successor(a: &str, b: &str) -> [u8; 32] {
    let mut prints = [kid(&seed(a)), kid(&seed(b))];
    prints.sort_unstable();
    sha256(&[b"countersign-successor-v1", &prints[0], &prints[1]])
}

/// Payload of version 1 of the root: Ada and Bo founded it.
pub fn root_claims() -> Value {
    map([
        (1, bytes(organisation())),
        (2, int(1)),
        (3, certifiers(&["ada", "bo"])),
        (4, int(2)),
        (5, bytes(successor("offline left", "offline right"))),
        (6, int(NOW - 100 * DAY)),
    ])
}

/// Version 1 of the root.
pub fn root() -> Vec<u8> {
    sign("root", &root_claims(), &[certifying("ada"), certifying("bo")])
}

/// The root of another organisation, whose founders bear the same names.
pub fn other_root() -> Vec<u8> {
    let claims = root_claims().with(1, bytes(id("Other Works"))).with(3, certifiers(&["eve", "mallory"]));
    sign("root", &claims, &[certifying("eve"), certifying("mallory")])
}

/// Seed of the partner's identity.
pub fn partner() -> [u8; 32] {
    seed("identity pia")
}

/// The partner's private receiving key.
pub fn partner_receiving() -> [u8; 32] {
    seed("receiving pia")
}

/// The partner's identity card.
pub fn identity_card(identity: &[u8; 32], receiving: &[u8; 32]) -> Vec<u8> {
    let body = map([(1, bytes(ed25519(identity))), (2, bytes(x25519(receiving))), (3, int(NOW - 20 * DAY))]);
    sign1("identity-card", &body, identity)
}

/// Where a log ended.
pub fn head(size: u64) -> Value {
    map([(1, int(size)), (2, bytes(sha256(&[b"made-up head", &size.to_be_bytes()])))])
}

/// One scope as catalogue and grant spell it.
pub fn scope(name: &str, class: u64, methods: &[u64], path: &str) -> Value {
    let endpoint = map([(1, array(methods.iter().map(|m| int(*m)))), (2, text(path))]);
    map([(1, text(name)), (2, int(class)), (3, array([endpoint]))])
}

/// The catalogue.
pub fn catalogue() -> Value {
    let environment = |id, class, url, days| {
        map([(1, text(id)), (2, int(class)), (3, text(url)), (4, int(days)), (5, text("gateway"))])
    };
    let service = map([
        (1, text("orders")),
        (2, text("Orders interface")),
        (3, text("Reads and places made-up orders.")),
        (
            4,
            array([
                environment("sandbox", 1, "https://sandbox.example.com/v1", 90),
                environment("production", 2, "https://api.example.com/v1", 365),
            ]),
        ),
        (
            5,
            array([
                scope("orders:read", 1, &[1, 2], "/v1/orders/*"),
                scope("orders:write", 2, &[3, 4], "/v1/orders"),
            ]),
        ),
    ]);
    let question = map([(1, text("region")), (2, text("In which region do you run?"))]);
    map([(1, int(3)), (2, array([service])), (3, array([question]))])
}

/// The policy in force from the founding on.
pub fn policy() -> Value {
    let numbers = [0, 2, 2, 2, 90, 365, 14, 14, 2, 1, 0, 1, 2, 10, 2];
    let mut policy = map(numbers.iter().enumerate().map(|(i, n)| (i as i64 + 1, int(*n))));
    policy.set(16, array([1, 2, 3, 4].map(int)));
    policy.set(17, array([]));
    policy
}

/// What vetting did.
pub fn vetting() -> Value {
    let result = |check: u64| {
        map([
            (1, int(check)),
            (2, int(1)),
            (3, array([bytes(sha256(&[b"evidence", &[check as u8]]))])),
            (4, bytes(id("ada"))),
        ])
    };
    let justified = map([(1, bytes(id("ada"))), (2, bytes(sha256(&[b"reason"])))]);
    let finding = map([(1, int(1)), (2, int(2)), (3, text("orders:write")), (4, justified)]);
    map([(1, array([1, 2, 3, 4].map(result))), (2, array([finding]))])
}

/// What Ada and Bo sign.
pub fn grant() -> Value {
    let check = |person: &str| {
        let source = text("number from the signed contract");
        map([(1, bytes(id(person))), (2, int(NOW - 2 * DAY)), (3, int(1)), (4, source), (5, int(1))])
    };
    map([
        (1, bytes(id("grant one"))),
        (2, bytes(id("grant one"))),
        (3, int(1)),
        (5, bytes(organisation())),
        (6, bytes(sha256(&[b"made-up request document"]))),
        (7, bytes(kid(&partner()))),
        (8, bytes(thumbprint(4, &x25519(&partner_receiving())))),
        (9, bytes(id("cy"))),
        (10, text("orders")),
        (11, text("production")),
        (
            12,
            array([
                scope("orders:read", 1, &[1, 2], "/v1/orders/*"),
                scope("orders:write", 2, &[3, 4], "/v1/orders"),
            ]),
        ),
        (13, array([text("203.0.113.0/24")])),
        (14, text("https://api.example.com/v1")),
        (15, int(NOW + 60 * DAY)),
        (16, int(NOW + 10 * DAY)),
        (17, int(2)),
        (18, int(1)),
        (19, int(2)),
        (20, text("gateway")),
        (21, bytes(sha256(&[&policy().encode()]))),
        (22, bytes(sha256(&[&catalogue().encode()]))),
        (23, bytes(sha256(&[b"made-up issuer terms"]))),
        (24, array([text("source networks are not enforced for replies")])),
        (25, array([check("ada"), check("bo")])),
        (26, bytes(sha256(&[&vetting().encode()]))),
    ])
}

/// One approval.
pub fn approval(grant: &[u8; 32], step: u64, issued: u64, cti: &str) -> Value {
    map([(1, bytes(grant)), (2, int(step)), (3, head(40 + step)), (6, int(issued)), (7, bytes(id(cti)))])
}

/// Lower-case hexadecimal.
pub fn hex(bytes: impl AsRef<[u8]>) -> String {
    HEXLOWER.encode(bytes.as_ref())
}

/// 16 bytes in Crockford base32.
pub fn crockford(bytes: &[u8; 16]) -> String {
    let mut spec = Specification::new();
    spec.symbols.push_str("0123456789abcdefghjkmnpqrstvwxyz");
    spec.encoding().map(|e| e.encode(bytes)).unwrap_or_default()
}
