//! What a sealer refuses before anything is sealed: whatever no opener would take, and what would open for no time.

use countersign_documents::{
    Digest, Rejected, Time,
    approval::WINDOW,
    certificate::Certificate,
    id::{Cti, KeyId},
    time::DAY,
};
use countersign_envelope::{Consignment, Countersigned, LinkSecret, Reason, Sealed, Sealer, Seeds, seal};

use crate::world::{APPROVER, Dice, NOW, Organisation, Partner, REVIEWER, Signed, TWO, grant, open};

/// Seals under a grant that reviewer and approver signed; the approver seals.
fn sealed(from: &Organisation, to: &Partner, lasting: u64, key_expires: Time) -> Result<Sealed, Reason> {
    let mut dice = Dice::new("sealer", 1);
    let signed = Signed::new(from, to, TWO, &mut dice).countersigned(from);
    let member = &from.members[TWO.sealer];
    let what = Consignment {
        to: &to.public,
        key_id: KeyId(dice.id()),
        key: &dice.key(),
        key_expires,
        scopes: signed.grant().scopes.iter().map(|s| s.name.clone()).collect(),
        base_url: signed.grant().base_url.clone(),
        seq: 1,
        cti: Cti(dice.id()),
        lasting,
    };
    let seeds = Seeds {
        secret: LinkSecret::new(dice.secret()),
        ephemeral: dice.secret(),
        nonce: Digest(dice.bytes()),
    };
    let sealer = Sealer { key: &member.key, certificate: &member.document, root: &from.root };
    seal(&signed, &sealer, what, seeds)
}

/// Certifies a member again, until then.
fn recertify(organisation: &mut Organisation, member: usize, expires: Time) {
    let document = &organisation.members[member].document;
    let body = Certificate { expires, ..Certificate::verify(document, &organisation.root).unwrap().body };
    let payload = body.payload();
    let parts = organisation.certifiers.iter().map(|key| Certificate::cosign(&payload, key)).collect();
    organisation.members[member].document = Certificate::join(&payload, parts);
}

#[test]
fn nothing_is_sealed_that_could_not_be_opened_for_a_second() {
    let (from, to) = (Organisation::new(1), Partner::new(1));
    let refused = |lasting, key_expires| sealed(&from, &to, lasting, key_expires).err();
    assert_eq!(refused(0, NOW.plus(DAY)), Some(Reason::Times), "an envelope that has expired already");
    assert_eq!(refused(DAY, NOW), Some(Reason::KeyExpired), "a key that expires now");
    assert_eq!(refused(DAY, NOW.minus(1)), Some(Reason::KeyExpired), "a key that has expired");
    assert_eq!(refused(1, NOW.plus(1)), None, "one second is something");
}

#[test]
fn an_envelope_ends_with_the_first_of_its_certificates() {
    for (member, days) in [(REVIEWER, 2), (APPROVER, 3)] {
        let (mut from, to) = (Organisation::new(1), Partner::new(1));
        recertify(&mut from, member, NOW.plus(days * DAY));
        let sealed = sealed(&from, &to, 14 * DAY, NOW.plus(90 * DAY)).unwrap();
        assert_eq!(sealed.expires, NOW.plus(days * DAY), "14 days were asked for, {days} are left");
        let opened = open(&sealed.bytes, &from.root, &to, &sealed.secret);
        assert!(
            opened.is_ok_and(|v| v.claims().expires == sealed.expires),
            "and so it can be opened until then"
        );
    }
    let (from, to) = (Organisation::new(1), Partner::new(1));
    let long = sealed(&from, &to, 50 * DAY, NOW.plus(90 * DAY)).unwrap();
    assert_eq!(long.expires, NOW.plus(30 * DAY), "never longer than 30 days");
}

#[test]
fn a_grant_that_is_not_in_order_is_not_sealed_though_two_people_signed_it() {
    let (from, to) = (Organisation::new(1), Partner::new(1));
    let mut dice = Dice::new("unsound", 1);
    let mut unsound = grant(&from, &to, &mut dice);
    unsound.scopes.reverse();
    let signed = Signed::under(unsound, &from, TWO, &mut dice);
    let checked = Countersigned::check(signed.grant, signed.signatures, &from.root, NOW, WINDOW);
    assert_eq!(checked.err(), Some(Rejected::BadContent), "scopes out of order");
}
