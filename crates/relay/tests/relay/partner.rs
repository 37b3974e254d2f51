//! Partners, and parcels on their way to them.

use countersign_documents::{
    Digest, Kind, Secret32, SigningKey, Time,
    cose::{Claims, protected, sign1},
    id::Cti,
    relay::{Moment, PickUp, PickUpAct, Upload, pack},
    time::DAY,
};
use countersign_envelope::LinkSecret;

use crate::organisation::{Member, id, seed, signing};

/// A partner, by its identity.
pub(crate) struct Partner {
    pub(crate) identity: SigningKey,
}

impl Partner {
    pub(crate) fn new(name: &str) -> Self {
        Self { identity: signing(&format!("identity of {name}")) }
    }

    pub(crate) fn thumbprint(&self) -> Digest {
        self.identity.public().thumbprint()
    }
}

/// An envelope, as far as a relay sees it, and the secret of its link.
pub(crate) struct Parcel {
    pub(crate) cti: Cti,
    pub(crate) secret: LinkSecret,
    pub(crate) envelope: Vec<u8>,
}

impl Parcel {
    /// Sealed by this member, and lasting ten days.
    pub(crate) fn new(name: &str, by: &Member, now: Time) -> Self {
        Self::lasting(name, by, now, 10 * DAY)
    }

    pub(crate) fn lasting(name: &str, by: &Member, now: Time, lasting: u64) -> Self {
        let claims = Claims { expires: now.plus(lasting), not_before: now, issued: now, cti: Cti(id(name)) };
        Self::with(name, by, &claims, 3000)
    }

    /// What nobody can open: a relay does not look inside.
    pub(crate) fn with(name: &str, by: &Member, claims: &Claims, size: usize) -> Self {
        let header = protected(Kind::Envelope, &by.thumbprint(), Some(&by.certificate), Some(claims));
        let inside: Vec<u8> =
            seed(&format!("{name} inside")).expose().iter().copied().cycle().take(size).collect();
        let envelope = sign1(&header, &inside, &by.key);
        let secret = LinkSecret::new(Secret32::new(*seed(&format!("{name} secret")).expose()));
        Self { cti: claims.cti, secret, envelope }
    }

    pub(crate) fn pick_up_key(&self) -> SigningKey {
        self.secret.pick_up_key()
    }

    pub(crate) fn upload(&self, to: &Partner, moment: Moment) -> Upload {
        Upload {
            moment,
            cti: self.cti,
            recipient: to.thumbprint(),
            pick_up: self.pick_up_key().public(),
            envelope: Digest::of(&self.envelope),
        }
    }

    /// The body of an upload.
    pub(crate) fn upload_body(&self, by: &Member, to: &Partner, moment: Moment) -> Vec<u8> {
        pack(&[&self.upload(to, moment).sign(&by.certificate, &by.key), &self.envelope])
    }

    pub(crate) fn fetch_body(&self, by: &Partner, moment: Moment) -> Vec<u8> {
        fetch_body(self.cti, &by.identity, &self.pick_up_key(), moment)
    }

    pub(crate) fn acknowledge_body(&self, by: &Partner, moment: Moment, letter: &[u8]) -> Vec<u8> {
        acknowledge_body(self.cti, &by.identity, &self.pick_up_key(), moment, letter)
    }
}

/// The body of a fetch, by any two keys.
pub(crate) fn fetch_body(cti: Cti, identity: &SigningKey, pick_up: &SigningKey, moment: Moment) -> Vec<u8> {
    let act = PickUp { moment, cti, identity: identity.public(), act: PickUpAct::Fetch, letter: None };
    pack(&[&act.sign(identity), &act.sign(pick_up)])
}

/// The body of an acknowledgement, by any two keys.
pub(crate) fn acknowledge_body(
    cti: Cti,
    identity: &SigningKey,
    pick_up: &SigningKey,
    moment: Moment,
    letter: &[u8],
) -> Vec<u8> {
    let act = PickUp {
        moment,
        cti,
        identity: identity.public(),
        act: PickUpAct::Acknowledge,
        letter: Some(Digest::of(letter)),
    };
    pack(&[&act.sign(identity), &act.sign(pick_up), letter])
}
