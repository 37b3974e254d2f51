//! Small changes of every other document, and of letters.

use countersign_documents::{
    Digest, Secret32, SigningKey,
    approval::{Approval, Step},
    card::Card,
    catalogue::{Catalogue, Environment, EnvironmentClass, Method, Question, ScopeClass, Service},
    cbor::Blob,
    certificate::Certificate,
    encode,
    entry::Entry,
    id::{Cti, GrantId, KeyId, OpId, OrderId, RequestId},
    identity::IdentityCard,
    letters::{self, Message, Notice, Saying},
    order::{self, Order},
    receipt::Receipt,
    request::{Answer, Applicant, Asked, Mode, Purpose, Request},
    root::{Root, Trust},
    text::{Prose, ScopeName},
    time::DAY,
};
use countersign_envelope::letter;

use crate::{
    changes::Survey,
    world::{ADMIN, APPROVER, Dice, NOW, Organisation, Partner, SECOND_ADMIN, line, scope, slug},
};

fn prose(text: &str) -> Prose {
    Prose::parse(text).unwrap()
}

pub(crate) fn receipt(key: &SigningKey, dice: &mut Dice) -> Vec<u8> {
    let receipt = Receipt {
        cti: Cti(dice.id()),
        envelope: Digest(dice.bytes()),
        nonce: Digest(dice.bytes()),
        grant: GrantId(dice.id()),
        organisation: Organisation::new(1).root.organisation,
        head: dice.head(),
        opened: NOW,
    };
    receipt.sign(key)
}

#[test]
fn no_change_of_a_receipt_is_accepted() {
    let mut dice = Dice::new("receipt", 1);
    let key = dice.signing();
    let document = receipt(&key, &mut dice);
    let survey = Survey::of("receipt", &document, |bytes| Receipt::verify(bytes, &key.public()).is_ok());
    survey.assert_all_refused(document.len() * 18);
}

#[test]
fn no_change_of_an_approval_is_accepted() {
    let mut dice = Dice::new("approval", 1);
    let key = dice.signing();
    let (grant, head, cti) = (Digest(dice.bytes()), dice.head(), Cti(dice.id()));
    let document = Approval { grant, step: Step::Vetted, head, issued: NOW, cti }.sign(&key);
    let survey = Survey::of("approval", &document, |bytes| Approval::verify(bytes, &key.public()).is_ok());
    survey.assert_all_refused(document.len() * 18);
}

#[test]
fn no_change_of_a_certificate_is_accepted() {
    let organisation = Organisation::new(1);
    let document = &organisation.members[APPROVER].document;
    let survey =
        Survey::of("certificate", document, |bytes| Certificate::verify(bytes, &organisation.root).is_ok());
    survey.assert_all_refused(document.len() * 18);
}

#[test]
fn no_change_of_a_root_is_accepted_and_none_of_a_pinned_one_is_followed() {
    let organisation = Organisation::new(1);
    let survey = Survey::of("root", &organisation.document, |bytes| Root::verify_first(bytes).is_ok());
    survey.assert_all_refused(organisation.document.len() * 18);
    let mut next = organisation.root.clone();
    next.version = 2;
    next.previous = Some(organisation.digest);
    next.made = NOW;
    let payload = encode(&next);
    let second =
        Root::join(&payload, organisation.certifiers.iter().map(|key| Root::cosign(&payload, key)).collect());
    let follows = |bytes: &[u8]| {
        let chain = [Blob(organisation.document.clone()), Blob(bytes.to_vec())];
        Trust::follow(&chain, Some(organisation.digest)).is_ok()
    };
    Survey::of("second root", &second, follows).assert_all_refused(second.len() * 18);
}

#[test]
fn signatures_of_two_people_can_be_neither_exchanged_nor_dropped_nor_doubled() {
    let organisation = Organisation::new(1);
    let payload = encode(&organisation.root);
    let [a, b] = [0, 1].map(|i| Root::cosign(&payload, &organisation.certifiers[i]));
    let mut survey = Survey::new("signatures of a root");
    for (name, list) in [
        ("one", vec![a.clone()]),
        ("the same twice", vec![a.clone(), a.clone()]),
        ("none", vec![]),
        ("three", vec![a.clone(), b.clone(), b]),
    ] {
        let document = Root::join(&payload, list);
        survey.attempt(|| name.to_owned(), || Root::verify_first(&document).is_ok());
    }
    // A signature is 0x83, a protected header, an empty map and 66 bytes; two of them have the same length.
    let document = &organisation.document;
    let one = encode(&a).len();
    let (rest, pair) = document.split_at(document.len() - 2 * one);
    let exchanged = [rest, &pair[one..], &pair[..one]].concat();
    survey.attempt(|| "exchanged".to_owned(), || Root::verify_first(&exchanged).is_ok());
    survey.assert_all_refused(5);
}

fn catalogue() -> Catalogue {
    let environment = Environment {
        id: slug("production"),
        class: EnvironmentClass::Production,
        base_url: line("https://api.example.com/v1"),
        longest_days: 365,
        issuer: slug("hash-file"),
    };
    let service = Service {
        id: slug("orders"),
        name: line("Orders"),
        text: None,
        environments: vec![environment],
        scopes: vec![scope("orders:read", ScopeClass::Read, &[Method::Get], "/v1/orders/*")],
    };
    Catalogue {
        version: 1,
        services: vec![service],
        questions: vec![Question { id: slug("why"), text: line("Why?") }],
    }
}

/// The card of an organisation, signed by both admins.
pub(crate) fn card(organisation: &Organisation) -> Vec<u8> {
    let card = Card {
        organisation: organisation.root.organisation,
        version: 1,
        name: line("Example Ltd"),
        roots: vec![Blob(organisation.document.clone())],
        receiving: organisation.receiving.public(),
        catalogue: catalogue(),
        made: NOW,
        expires: NOW.plus(60 * DAY),
        relay: Some(line("https://keys.example.com")),
    };
    let payload = encode(&card);
    let sign = |member: usize| {
        let member = &organisation.members[member];
        Card::cosign(&payload, &member.document, &member.key)
    };
    Card::join(&payload, vec![sign(ADMIN), sign(SECOND_ADMIN)])
}

#[test]
fn no_change_of_a_card_is_accepted() {
    let organisation = Organisation::new(1);
    let document = card(&organisation);
    let survey =
        Survey::of("card", &document, |bytes| Card::verify(bytes, Some(organisation.digest), NOW).is_ok());
    survey.assert_all_refused(document.len() * 18);
}

pub(crate) fn identity_card(partner: &Partner) -> Vec<u8> {
    let (signing, receiving) = (partner.identity.public(), partner.receiving.public());
    IdentityCard { signing, receiving, made: NOW, checkpoint: None, name: None }.sign(&partner.identity)
}

#[test]
fn no_change_of_an_identity_card_or_a_request_is_accepted() {
    let partner = Partner::new(1);
    let identity = identity_card(&partner);
    Survey::of("identity card", &identity, |bytes| IdentityCard::verify(bytes).is_ok())
        .assert_all_refused(identity.len() * 18);
    let document = request(&partner, &mut Dice::new("request", 1)).sign(&partner.identity);
    Survey::of("request", &document, |bytes| Request::verify(bytes).is_ok())
        .assert_all_refused(document.len() * 18);
}

pub(crate) fn request(partner: &Partner, dice: &mut Dice) -> Request {
    Request {
        id: RequestId(dice.id()),
        revision: 1,
        organisation: Organisation::new(1).root.organisation,
        card: Digest(dice.bytes()),
        identity: Blob(identity_card(partner)),
        made: NOW,
        mode: Mode::New,
        predecessor: None,
        applicant: Applicant {
            company: line("Partner GmbH"),
            person: line("Paula Partner"),
            role: line("developer"),
            email: line("paula@partner.example"),
            incident_contact: line("security@partner.example"),
        },
        purpose: Purpose {
            why: prose("To read orders."),
            workflow: prose("Every night."),
            usage: prose("One call a minute."),
            data: prose("Order numbers."),
            safeguards: prose("A vault."),
        },
        asked: Asked {
            service: slug("orders"),
            environment: slug("production"),
            scopes: vec![ScopeName::parse("orders:read").unwrap()],
            networks: Vec::new(),
            days: 90,
        },
        answers: vec![Answer { question: slug("why"), text: prose("Because.") }],
    }
}

#[test]
fn no_change_of_an_order_or_an_entry_is_accepted() {
    let organisation = Organisation::new(1);
    let (member, mut dice) = (&organisation.members[APPROVER], Dice::new("order", 1));
    let key = member.key.public();
    let mut keys = vec![KeyId(dice.id()), KeyId(dice.id())];
    keys.sort();
    let order = Order {
        id: OrderId(dice.id()),
        organisation: organisation.root.organisation,
        act: order::Act::Revoke,
        keys,
        reason: order::Reason::Leaked,
        issued: NOW,
        head: dice.head(),
    };
    let document = order.sign(&member.key);
    Survey::of("order", &document, |bytes| Order::verify(bytes, &key).is_ok())
        .assert_all_refused(document.len() * 18);
    let entry = Entry {
        op_id: OpId(dice.id()),
        organisation: organisation.root.organisation,
        head: dice.head(),
        time: NOW,
        event: Blob(document),
    };
    let document = entry.sign(&member.key);
    Survey::of("entry", &document, |bytes| Entry::verify(bytes, &key).is_ok())
        .assert_all_refused(document.len() * 18);
}

#[test]
fn no_change_of_a_message_or_a_notice_is_accepted() {
    let (organisation, mut dice) = (Organisation::new(1), Dice::new("message", 1));
    let (member, partner) = (&organisation.members[APPROVER], Partner::new(1));
    let message = Message {
        organisation: organisation.root.organisation,
        recipient: partner.identity.public().thumbprint(),
        request: RequestId(dice.id()),
        sent: NOW,
        saying: Saying::Declined,
        text: prose("No."),
    };
    let document = message.sign(&member.document, &member.key);
    let survey =
        Survey::of("message", &document, |bytes| Message::verify(bytes, &organisation.root, NOW).is_ok());
    survey.assert_all_refused(document.len() * 18);
    let notice = Notice {
        organisation: organisation.root.organisation,
        request: None,
        key: Some(KeyId(dice.id())),
        act: letters::Act::ReportLeak,
        sent: NOW,
        text: Some(prose("It was seen in a repository.")),
    };
    let document = notice.sign(&partner.identity);
    let survey =
        Survey::of("notice", &document, |bytes| Notice::verify(bytes, &partner.identity.public()).is_ok());
    survey.assert_all_refused(document.len() * 18);
}

#[test]
fn no_change_of_a_letter_is_accepted_and_no_other_purpose_organisation_or_key_opens_it() {
    let (organisation, partner) = (Organisation::new(1), Partner::new(1));
    let id = organisation.root.organisation;
    let to = &organisation.receiving;
    let purpose = letter::Purpose::ToOrganisation;
    let sealed = letter::seal(purpose, id, &to.public(), &[7; 300], &Secret32::new([1; 32])).unwrap();
    let survey = Survey::of("letter", &sealed, |bytes| letter::open(purpose, id, to, bytes).is_ok());
    survey.assert_all_refused(sealed.len() * 18);
    for other in [letter::Purpose::ToPartner, letter::Purpose::SharedKey] {
        assert!(letter::open(other, id, to, &sealed).is_err(), "one kind of letter never opens as {other:?}");
    }
    let elsewhere = Organisation::new(2).root.organisation;
    assert!(
        letter::open(purpose, elsewhere, to, &sealed).is_err(),
        "nor in the name of another organisation"
    );
    assert!(letter::open(purpose, id, &partner.receiving, &sealed).is_err(), "nor with another key");
}
