//! The shipping code as one side of `tests/interop`: one JSON object a line in, one a line out.
//!
//! `{"do": "seal", "seed": 7}` gives an envelope with made-up content and everything its opener has; `{"do": "open",
//! "document": …, "given": {…}}` gives `{"says": …}` or `{"reason": …}`.
#![allow(clippy::print_stdout, reason = "a program that speaks over a pipe")]

use std::{
    io::{self, BufRead as _},
    process::ExitCode,
};

use countersign_documents::{
    Digest, Flag, Head, Key, ReceivingSecret, Secret32, SigningKey, Time,
    approval::{self, Approval, Step},
    catalogue::{Endpoint, Method, Path, Scope, ScopeClass},
    certificate::{Certificate, Confirmation, Membership, OrganisationText, Right, name_digest},
    encode,
    grant::{Activation, Channel, Grant, IdentityCheck, KeyForm},
    id::{Cti, GrantId, KeyId, MemberId, OrganisationId, PersonId},
    network::Network,
    request::Mode,
    root::{Certifier, Root},
    text::{Line, ScopeName, Slug},
    time::DAY,
};
use countersign_envelope::{Consignment, Countersigned, LinkSecret, Sealer, Seeds, Signature, seal};
use countersign_tests::opening;
use data_encoding::HEXLOWER;
use serde_json::{Value, json};
use zeroize::Zeroizing;

fn main() -> ExitCode {
    for line in io::stdin().lock().lines() {
        let answer =
            line.ok().and_then(|l| serde_json::from_str::<Value>(&l).ok()).and_then(|asked| answer(&asked));
        let Some(answer) = answer else { return ExitCode::from(2) };
        println!("{answer}");
    }
    ExitCode::SUCCESS
}

fn answer(asked: &Value) -> Option<Value> {
    match asked["do"].as_str()? {
        "seal" => made_up(asked["seed"].as_u64()?),
        "open" => {
            let document = opening::hex(asked.get("document"))?;
            Some(match opening::open(&document, |name| asked["given"].get(name)) {
                Ok(says) => json!({ "says": says }),
                Err(reason) => json!({ "reason": reason }),
            })
        }
        _ => None,
    }
}

/// Bytes that look random and are the same for the same seed.
struct Draw {
    seed: u64,
    drawn: u64,
}

impl Draw {
    fn bytes<const N: usize>(&mut self) -> [u8; N] {
        let block =
            Digest::labelled("countersign interop", &[&self.seed.to_be_bytes(), &self.drawn.to_be_bytes()]);
        self.drawn += 1;
        core::array::from_fn(|i| block.0[i % 32])
    }

    fn below(&mut self, bound: u64) -> u64 {
        u64::from_be_bytes(self.bytes()) % bound
    }

    fn signing(&mut self) -> SigningKey {
        SigningKey::from_seed(&Secret32::new(self.bytes()))
    }
}

const NAMES: [&str; 6] =
    ["Ada Example", "Bo Sample", "Dée Beispiel", "株式会社 見本", "Ωmega Παράδειγμα", "Zoë Müller-Muster"];

/// One person on one desk, or an agent.
struct Member {
    key: SigningKey,
    certificate: Vec<u8>,
    salt: [u8; 16],
    name: Line,
}

/// Two founders, and the root they signed.
struct Founders {
    keys: [SigningKey; 2],
    root: Root,
    document: Vec<u8>,
}

fn found(draw: &mut Draw, now: Time) -> Founders {
    let keys = [draw.signing(), draw.signing()];
    let mut certifiers =
        [0, 1].map(|i: usize| Certifier { person: PersonId(draw.bytes()), key: keys[i].public() }).to_vec();
    certifiers.sort_by_key(|c| c.person);
    let root = Root {
        organisation: OrganisationId(draw.bytes()),
        version: 1,
        certifiers,
        threshold: 2,
        successor: Digest(draw.bytes()),
        made: now.minus(100 * DAY),
        previous: None,
        revealed: None,
        sample: None,
    };
    let payload = encode(&root);
    let document = Root::join(&payload, keys.iter().map(|k| Root::cosign(&payload, k)).collect());
    Founders { keys, root, document }
}

fn member(draw: &mut Draw, founders: &Founders, rights: &[Right], agent: bool, now: Time) -> Option<Member> {
    let name = Line::parse(NAMES[draw.below(6) as usize]).ok()?;
    let (key, salt) = (draw.signing(), draw.bytes());
    let issued = now.minus((1 + draw.below(40)) * DAY);
    let certificate = Certificate {
        issuer: OrganisationText(founders.root.organisation),
        expires: issued.plus((42 + draw.below(49)) * DAY),
        issued,
        confirms: Confirmation(key.public()),
        subject: Membership {
            person: PersonId(draw.bytes()),
            member: MemberId(draw.bytes()),
            rights: rights.to_vec(),
            receiving: ReceivingSecret::new(Secret32::new(draw.bytes())).public(),
            checkpoint: draw.signing().public(),
            name: name_digest(&salt, &name),
            agent: agent.then_some(1),
        },
    };
    let payload = certificate.payload();
    let parts = founders.keys.iter().map(|k| Certificate::cosign(&payload, k)).collect();
    Some(Member { key, certificate: Certificate::join(&payload, parts), salt, name })
}

fn scopes(draw: &mut Draw) -> Option<Vec<Scope>> {
    let names = ["billing:read", "orders.list", "orders:read", "orders:write", "z-last"];
    let first = draw.below(5) as usize;
    let scope = |name: &&str| {
        let endpoint = Endpoint {
            methods: vec![Method::Get, Method::Post],
            path: Path::parse(&format!("/v1/{name}/*"))?,
        };
        Some(Scope {
            name: ScopeName::parse(name).ok()?,
            class: ScopeClass::Write,
            endpoints: vec![endpoint],
        })
    };
    names[first..].iter().map(scope).collect()
}

/// A grant to whoever has these keys.
fn grant(
    draw: &mut Draw,
    organisation: OrganisationId,
    identity: Digest,
    receiving: Digest,
    now: Time,
) -> Option<Grant> {
    let id = GrantId(draw.bytes());
    let networks = ["192.0.2.0/24", "203.0.113.9/32", "2001:db8::/48"];
    let check = IdentityCheck {
        person: PersonId(draw.bytes()),
        time: now.minus(DAY),
        channel: Channel::Video,
        source: Line::parse("the partner's web site").ok()?,
        attended: Flag(true),
    };
    let predecessor = (draw.below(2) == 0).then(|| GrantId(draw.bytes()));
    let not_after = now.plus((1 + draw.below(300)) * DAY);
    Some(Grant {
        id,
        lineage: if predecessor.is_some() { GrantId(draw.bytes()) } else { id },
        mode: if predecessor.is_some() { Mode::Renew } else { Mode::New },
        predecessor,
        organisation,
        request: Digest(draw.bytes()),
        recipient: identity,
        receiving,
        sponsor: PersonId(draw.bytes()),
        service: Slug::parse("orders").ok()?,
        environment: Slug::parse("production").ok()?,
        scopes: scopes(draw)?,
        networks: networks
            .iter()
            .skip(draw.below(4) as usize)
            .map(|n| Network::parse(n))
            .collect::<Result<_, _>>()
            .ok()?,
        base_url: Line::parse("https://api.example.org/v2").ok()?,
        not_after,
        deliver_by: now.plus(draw.below(10) * DAY).min(not_after),
        rotations: draw.below(4),
        form: KeyForm::Minted,
        activation: Activation::OnReceipt,
        issuer: Slug::parse("gateway").ok()?,
        policy: Digest(draw.bytes()),
        catalogue: Digest(draw.bytes()),
        issuer_terms: Digest(draw.bytes()),
        unenforceable: (0..draw.below(3))
            .map(|i| Line::parse("not enforced: ".repeat(1 + i as usize).trim()))
            .collect::<Result<_, _>>()
            .ok()?,
        identity_checks: vec![check],
        vetting: Digest(draw.bytes()),
    })
}

fn sign(draw: &mut Draw, grant: &Grant, member: &Member, step: Step, now: Time) -> Signature {
    let head = Head { size: draw.below(1 << 40), root: Digest(draw.bytes()) };
    let issued = now.minus(draw.below(3_600));
    let approval = Approval { grant: grant.digest(), step, head, issued, cti: Cti(draw.bytes()) };
    let (certificate, salt, name) = (member.certificate.clone(), member.salt, member.name.clone());
    Signature { approval: approval.sign(&member.key), certificate, salt, name }
}

/// Two to four signatures under a grant, and who seals.
fn people(
    draw: &mut Draw,
    founders: &Founders,
    grant: &Grant,
    now: Time,
) -> Option<(Vec<Signature>, Member)> {
    let vetting = member(draw, founders, &[Right::Vet, Right::Admin], false, now)?;
    let mut signatures = vec![sign(draw, grant, &vetting, Step::Vetted, now)];
    let mut sealer = None;
    for _ in 0..=draw.below(3) {
        let other = member(draw, founders, &[Right::Approve, Right::Issue], false, now)?;
        signatures.push(sign(draw, grant, &other, Step::Countersigned, now));
        sealer = Some(other);
    }
    match draw.below(3) {
        0 => sealer = Some(member(draw, founders, &[Right::Issue], true, now)?),
        1 => sealer = Some(member(draw, founders, &[Right::Issue], false, now)?),
        _ => (),
    }
    Some((signatures, sealer?))
}

/// An envelope sealed by the shipping code, and everything its opener has.
fn made_up(seed: u64) -> Option<Value> {
    let mut draw = Draw { seed, drawn: 0 };
    let now = Time(1_700_000_000 + draw.below(400_000_000));
    let founders = found(&mut draw, now);
    let (identity, receiving) = (draw.signing(), draw.bytes::<32>());
    let to = ReceivingSecret::new(Secret32::new(receiving)).public();
    let recipient = identity.public().thumbprint();
    let grant = grant(&mut draw, founders.root.organisation, recipient, to.thumbprint(), now)?;
    let (signatures, sealer) = people(&mut draw, &founders, &grant, now)?;
    let key: Vec<u8> = (0..16 + draw.below(200)).map(|i| b'!' + ((i * 7 + seed) % 94) as u8).collect();
    let given: Vec<ScopeName> =
        grant.scopes.iter().take(1 + draw.below(5) as usize).map(|s| s.name.clone()).collect();
    let (seq, cti) = (draw.below(1 << 30), Cti(draw.bytes()));
    let consignment = Consignment {
        to: &to,
        key_id: KeyId(draw.bytes()),
        key: &Key::parse(Zeroizing::new(key.clone()))?,
        key_expires: grant.not_after,
        scopes: given.clone(),
        base_url: grant.base_url.clone(),
        seq,
        cti,
        lasting: (1 + draw.below(30)) * DAY,
    };
    let names: Vec<_> = signatures.iter().map(|s| s.name.clone()).collect();
    let countersigned =
        Countersigned::check(grant, signatures, &founders.root, now, approval::WINDOW).ok()?;
    let secret = draw.bytes::<32>();
    let seeds = Seeds {
        secret: LinkSecret::new(Secret32::new(secret)),
        ephemeral: Secret32::new(draw.bytes()),
        nonce: Digest(draw.bytes()),
    };
    let by = Sealer { key: &sealer.key, certificate: &sealer.certificate, root: &founders.root };
    let sealed = seal(&countersigned, &by, consignment, seeds).ok()?;
    Some(json!({
        "document": HEXLOWER.encode(&sealed.bytes),
        "given": {
            "root": HEXLOWER.encode(&founders.document),
            "identity": HEXLOWER.encode(&recipient.0),
            "receiving": HEXLOWER.encode(&receiving),
            "secret": HEXLOWER.encode(&secret),
            "now": now.0,
            "highest": now.0,
            "memory": { "opened": [], "deliveries": 0, "newest": null },
        },
        "says": {
            "key": String::from_utf8_lossy(&key),
            "cti": sealed.cti,
            "nonce": sealed.nonce,
            "digest": sealed.digest,
            "expires": sealed.expires,
            "scopes": given,
        },
        "names": names,
    }))
}
