//! Nothing that must be used once is used twice.

use std::collections::BTreeSet;

use crate::{
    raw::Parts,
    soak,
    world::{Dice, Organisation, Partner, Signed, TWO, deliver},
};

#[test]
fn envelopes_from_different_seeds_share_nothing_that_must_be_fresh() {
    let count: u64 = if soak() { 1_000_000 } else { 20_000 };
    let (organisation, partner) = (Organisation::new(1), Partner::new(1));
    let signed = Signed::new(&organisation, &partner, TWO, &mut Dice::new("fresh", u64::MAX))
        .countersigned(&organisation);
    // The same key every time: only randomness may make envelopes differ.
    let key = Dice::new("fresh key", 0).key();
    let half = |start: u64| {
        let mut found: [Vec<[u8; 32]>; 5] = Default::default();
        for number in (start..count).step_by(2) {
            let sealed =
                deliver(&organisation, &partner, &signed, TWO.sealer, &key, &mut Dice::new("fresh", number));
            let parts = Parts::read(&sealed.bytes).unwrap();
            let mut cti = [0; 32];
            cti[..16].copy_from_slice(&sealed.cti.0);
            let psk_id: [u8; 32] = parts.inner[parts.inner.len() - 32..].try_into().unwrap();
            let block: [u8; 32] = parts.ciphertext[..32].try_into().unwrap();
            for (set, value) in found.iter_mut().zip([parts.ek, psk_id, sealed.nonce.0, cti, block]) {
                set.push(value);
            }
        }
        found
    };
    let halves = std::thread::scope(|scope| {
        let other = scope.spawn(|| half(1));
        [half(0), other.join().unwrap()]
    });
    for (i, name) in ["ek", "psk_id", "nonce", "cti", "start of ciphertext"].into_iter().enumerate() {
        let distinct: BTreeSet<_> = halves.iter().flat_map(|h| &h[i]).collect();
        println!("{name}: {} distinct of {count}", distinct.len());
        assert_eq!(distinct.len() as u64, count, "no {name} stands in two envelopes");
    }
}

#[test]
fn the_link_secret_and_the_ephemeral_key_each_make_an_envelope_fresh_alone() {
    let (organisation, partner) = (Organisation::new(1), Partner::new(1));
    let signed =
        Signed::new(&organisation, &partner, TWO, &mut Dice::new("one", 1)).countersigned(&organisation);
    let key = Dice::new("one key", 0).key();
    let made =
        |number| deliver(&organisation, &partner, &signed, TWO.sealer, &key, &mut Dice::new("one", number));
    assert_eq!(
        made(1).bytes,
        made(1).bytes,
        "all randomness is handed in: nothing else makes envelopes differ"
    );
    let (a, b) = (Parts::read(&made(1).bytes).unwrap(), Parts::read(&made(2).bytes).unwrap());
    assert_ne!(a.ek, b.ek, "another seed gives another ephemeral key");
}
