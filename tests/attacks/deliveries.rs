//! What is sealed by rights is opened, and is the same.

use countersign_documents::{
    Digest, Key,
    catalogue::{Endpoint, Scope},
    grant::Grant,
    id::{Cti, KeyId},
    text::ScopeName,
};
use countersign_envelope::{Consignment, LinkSecret, Sealer, Seeds, seal};
use proptest::prelude::*;
use zeroize::Zeroizing;

use crate::{
    formats::{Any, cases},
    world::{
        Dice, Organisation, Partner, Roles, Signed, THIRD_SEALS, THREE_SIGN, TWO, deliver, grant, line, open,
    },
};

proptest! {
    #![proptest_config(cases())]
    #[test]
    fn what_is_sealed_is_what_is_opened(seed in any::<u64>(), len in Key::SHORTEST..=Key::LONGEST, who in 0..3usize) {
        sealed_is_opened(seed, len, [TWO, THIRD_SEALS, THREE_SIGN][who])?;
    }
}

#[test]
fn keys_of_every_length_can_be_opened() {
    let (organisation, partner, mut dice) = (Organisation::new(1), Partner::new(1), Dice::new("lengths", 1));
    let signed = Signed::new(&organisation, &partner, TWO, &mut dice).countersigned(&organisation);
    // More than 64 lengths in a row: padding has to make up for every remainder.
    let refused = |len: &usize| {
        let key = Key::parse(Zeroizing::new(vec![b'k'; *len])).unwrap();
        let sealed = deliver(
            &organisation,
            &partner,
            &signed,
            TWO.sealer,
            &key,
            &mut Dice::new("length", *len as u64),
        );
        open(&sealed.bytes, &organisation.root, &partner, &sealed.secret).is_err()
    };
    let refused: Vec<usize> = (Key::SHORTEST..=200).filter(refused).collect();
    assert_eq!(
        refused,
        Vec::<usize>::new(),
        "what was sealed by rights opens, whatever the length of the key"
    );
}

/// Endpoints, and the methods of each, in order and at least one.
fn sound(scope: &mut Scope, spare: &Endpoint) {
    for endpoint in &mut scope.endpoints {
        endpoint.methods.sort();
        endpoint.methods.dedup();
    }
    scope.endpoints.retain(|endpoint| !endpoint.methods.is_empty());
    if scope.endpoints.is_empty() {
        scope.endpoints.push(spare.clone());
    }
}

/// With any key length, any number of scopes and networks, and any names.
fn sealed_is_opened(seed: u64, len: usize, roles: Roles) -> Result<(), TestCaseError> {
    let (organisation, partner) = (Organisation::new(1), Partner::new(1));
    let mut any = Any(Dice::new("delivery", seed));
    let template = grant(&organisation, &partner, &mut any.0);
    let mut scopes = any.list(6, Any::scope);
    scopes.push(any.scope());
    // A grant has rules of its own, which whatever is drawn here need not keep.
    scopes.iter_mut().for_each(|scope| sound(scope, &template.scopes[0].endpoints[0]));
    scopes.sort();
    scopes.dedup_by(|a, b| a.name == b.name);
    let mut networks = any.list(9, Any::network);
    networks.sort();
    networks.dedup();
    let base_url = line(&format!("https://{}.example/{}", any.slug(), any.slug()));
    let mut grant = Grant { scopes, networks, base_url, ..template };
    grant.service = any.slug();
    let signed = Signed::under(grant.clone(), &organisation, roles, &mut any.0).countersigned(&organisation);
    let text: Vec<u8> = (0..len).map(|_| b'!' + any.0.below(94) as u8).collect();
    let key = Key::parse(Zeroizing::new(text)).unwrap();
    let member = &organisation.members[roles.sealer];
    let given: Vec<ScopeName> =
        grant.scopes.iter().map(|s| s.name.clone()).take(1 + any.0.below(grant.scopes.len())).collect();
    let (key_id, seq, cti) = (KeyId(any.0.id()), any.number(), Cti(any.0.id()));
    let what = Consignment {
        to: &partner.public,
        key_id,
        key: &key,
        key_expires: grant.not_after,
        scopes: given.clone(),
        base_url: grant.base_url.clone(),
        seq,
        cti,
        lasting: 3_600,
    };
    let seeds =
        Seeds { secret: LinkSecret::new(any.0.secret()), ephemeral: any.0.secret(), nonce: any.digest() };
    let sealer = Sealer { key: &member.key, certificate: &member.document, root: &organisation.root };
    let sealed = seal(&signed, &sealer, what, seeds).unwrap();
    let opened = open(&sealed.bytes, &organisation.root, &partner, &sealed.secret)
        .map_err(|e| TestCaseError::fail(e.reason().to_string()))?;
    let opened = opened.open();
    prop_assert_eq!(opened.key.expose(), key.expose(), "the key is the one that was sealed");
    prop_assert_eq!((opened.key_id, opened.seq, opened.cti), (key_id, seq, cti));
    prop_assert_eq!(&opened.grant, &grant, "and so is everything around it");
    prop_assert_eq!(
        (opened.scopes, opened.nonce, opened.envelope),
        (given, sealed.nonce, Digest::of(&sealed.bytes))
    );
    prop_assert_eq!(&opened.signers, signed.signers());
    Ok(())
}
