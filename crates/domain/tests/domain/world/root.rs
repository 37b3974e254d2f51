//! Roots that follow, and objections.

use countersign_documents::{
    Blob, Digest, SigningKey,
    cose::Cosignature,
    encode,
    id::{KeyId, OrderId},
    root::{Certifier, Root, successor},
};
use countersign_domain::{
    Event,
    event::{CertifierOffered, Objected, RootDropped, RootProposed, RootSigned, Succeeded},
};

use super::{
    Desk, World,
    organisation::{certified_at, halves, line},
};

/// A signature under a root, as an entry carries it.
pub(crate) fn root_part(payload: &Blob, key: &SigningKey) -> Blob {
    Blob(encode::<Cosignature>(&Root::cosign(&payload.0, key)))
}

impl World {
    pub(crate) fn objection(&self, key: KeyId) -> Event {
        let stop = self.state.keys.get(&key).and_then(|k| k.stop.as_ref());
        let order = stop.map_or(OrderId([0; 16]), |s| s.order);
        Event::Objected(Objected { key, order, why: line("they still deliver to us") })
    }

    pub(crate) fn offering(&self, desk: &Desk, generation: u8) -> Event {
        let (key, offline) = desk.certifying_after(generation);
        Event::CertifierOffered(CertifierOffered { key: key.public(), offline: offline.public() })
    }

    /// The payload of the next version, as `edit` makes it of the one in force.
    pub(crate) fn next_root(&self, edit: impl FnOnce(&mut Root)) -> Blob {
        let trust = self.state.trust.as_ref().unwrap();
        let mut root = trust.root.clone();
        (root.version, root.previous, root.revealed) = (root.version + 1, Some(trust.current), None);
        root.made = self.now;
        edit(&mut root);
        root.certifiers.sort_by_key(|c| c.person);
        Blob(encode(&root))
    }

    pub(crate) fn root_proposal(&self, desk: &Desk, root: Blob) -> Event {
        let signatures = vec![root_part(&root, &desk.certifying())];
        Event::RootProposed(RootProposed { root, signatures })
    }

    /// This person's signature under the root that waits, by the key that stands.
    pub(crate) fn root_signature(&self, desk: &Desk) -> Event {
        self.root_signature_by(&[&desk.certifying()])
    }

    pub(crate) fn root_signature_by(&self, keys: &[&SigningKey]) -> Event {
        let payload = self.state.next_root.as_ref().map(|n| n.payload.clone()).unwrap_or_default();
        let signatures = keys.iter().map(|k| root_part(&payload, k)).collect();
        Event::RootSigned(RootSigned { root: Digest::of(&payload.0), signatures })
    }

    pub(crate) fn root_dropping(&self) -> Event {
        let waits = self.state.next_root.as_ref().map_or(Digest([0; 32]), |n| n.digest());
        Event::RootDropped(RootDropped { root: waits })
    }

    /// Both halves on paper make the first two founders the only certifiers, with new keys to certify with.
    pub(crate) fn succession(&self) -> Succeeded {
        self.succession_by(&halves(), |_| {})
    }

    pub(crate) fn succession_by(&self, halves: &[SigningKey; 2], edit: impl FnOnce(&mut Root)) -> Succeeded {
        let new = [&self.founders[0], &self.founders[1]];
        let keys = new.map(|f| f.certifying_after(7));
        let payload = self.next_root(|root| {
            let certifier = |(f, k): (&&Desk, &(SigningKey, SigningKey))| Certifier {
                person: f.person,
                key: k.0.public(),
            };
            root.certifiers = new.iter().zip(&keys).map(certifier).collect();
            root.revealed = Some(halves.iter().map(SigningKey::public).collect());
            root.successor = successor(&keys[0].1.public(), &keys[1].1.public());
            edit(root);
        });
        let signers = [&halves[0], &halves[1], &keys[0].0, &keys[1].0];
        let parts = signers.map(|k| Root::cosign(&payload.0, k)).to_vec();
        Succeeded {
            root: Blob(Root::join(&payload.0, parts)),
            certificates: new.iter().map(|f| certified_at(f, self.now, &[&keys[0].0, &keys[1].0])).collect(),
            names: new.iter().map(|f| f.name_blob()).collect(),
        }
    }
}
