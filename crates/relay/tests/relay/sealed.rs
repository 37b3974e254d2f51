//! Real envelopes: two people signed, a third thing travels apart, and there is a key inside.

use countersign_documents::{
    Digest, Flag, Head, Key, ReceivingSecret, Secret32,
    approval::{self, Approval, Step},
    catalogue::{Endpoint, Method, Path, Scope, ScopeClass},
    certificate::Right,
    grant::{Activation, Channel, Grant, IdentityCheck, KeyForm},
    id::{Cti, GrantId, KeyId, PersonId},
    request::Mode,
    text::{ScopeName, Slug},
    time::DAY,
};
use countersign_envelope::{Consignment, Countersigned, LinkSecret, Sealer, Seeds, Signature, seal};

use crate::{
    organisation::{Member, Organisation, SALT, id, line, seed},
    partner::{Parcel, Partner},
};

fn slug(text: &str) -> Slug {
    Slug::parse(text).expect("a short name")
}

fn scope() -> Scope {
    let endpoint =
        Endpoint { methods: vec![Method::Get], path: Path::parse("/v1/orders/*").expect("a path") };
    let name = ScopeName::parse("orders:read").expect("a scope");
    Scope { name, class: ScopeClass::Read, endpoints: vec![endpoint] }
}

fn grant(works: &Organisation, to: &Partner, receiving: &ReceivingSecret, name: &str) -> Grant {
    let grant = GrantId(id(&format!("{name} grant")));
    let heard = |person: &str| IdentityCheck {
        person: PersonId(id(person)),
        time: works.now.minus(60),
        channel: Channel::Phone,
        source: line("company register"),
        attended: Flag(true),
    };
    Grant {
        id: grant,
        lineage: grant,
        mode: Mode::New,
        predecessor: None,
        organisation: works.id(),
        request: Digest::of(b"request"),
        recipient: to.thumbprint(),
        receiving: receiving.public().thumbprint(),
        sponsor: PersonId(id("ada")),
        service: slug("orders"),
        environment: slug("production"),
        scopes: vec![scope()],
        networks: Vec::new(),
        base_url: line("https://api.example.com/v1"),
        not_after: works.now.plus(180 * DAY),
        deliver_by: works.now.plus(14 * DAY),
        rotations: 2,
        form: KeyForm::Minted,
        activation: Activation::OnReceipt,
        issuer: slug("hash-file"),
        policy: Digest::of(b"policy"),
        catalogue: Digest::of(b"catalogue"),
        issuer_terms: Digest::of(b"terms"),
        unenforceable: Vec::new(),
        identity_checks: vec![heard("ada"), heard("bo")],
        vetting: Digest::of(b"vetting"),
    }
}

fn signature(grant: &Grant, works: &Organisation, name: &str, by: &Member, step: Step) -> Signature {
    let head = Head { size: 1, root: Digest::of(b"head") };
    let cti = Cti(id(&format!("{name} {step}")));
    let approval = Approval { grant: grant.digest(), step, head, issued: works.now.minus(60), cti };
    Signature {
        approval: approval.sign(&by.key),
        certificate: by.certificate.clone(),
        salt: SALT,
        name: line(name),
    }
}

/// This key on its way to this partner.
pub(crate) fn sealed(works: &Organisation, to: &Partner, name: &str, key: &Key) -> Parcel {
    let receiving = ReceivingSecret::new(seed("the partner receives"));
    let (ada, bo) = (works.member("ada", &[Right::Vet]), works.member("bo", &crate::stage::ALL));
    let grant = grant(works, to, &receiving, name);
    let signatures = vec![
        signature(&grant, works, "ada", &ada, Step::Vetted),
        signature(&grant, works, "bo", &bo, Step::Countersigned),
    ];
    let countersigned = Countersigned::check(grant, signatures, &works.root, works.now, approval::WINDOW);
    let what = Consignment {
        to: &receiving.public(),
        key_id: KeyId(id(name)),
        key,
        key_expires: works.now.plus(90 * DAY),
        scopes: vec![scope().name],
        base_url: line("https://api.example.com/v1"),
        seq: 1,
        cti: Cti(id(name)),
        lasting: 14 * DAY,
    };
    let secret = || Secret32::new(*seed(&format!("{name} secret")).expose());
    let seeds = Seeds {
        secret: LinkSecret::new(secret()),
        ephemeral: seed(&format!("{name} ephemeral")),
        nonce: Digest::of(name.as_bytes()),
    };
    let sealer = Sealer { key: &bo.key, certificate: &bo.certificate, root: &works.root };
    let sealed = seal(&countersigned.expect("two people signed"), &sealer, what, seeds).expect("sealed");
    Parcel { cti: sealed.cti, secret: sealed.secret, envelope: sealed.bytes }
}
