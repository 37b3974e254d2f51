//! Who has to do with the relay, and every act of theirs as a body.

use std::sync::atomic::{AtomicU64, Ordering};

use countersign_documents::{
    Digest, Time,
    certificate::Right,
    cose::Claims,
    id::Cti,
    relay::{Moment, Poll, pack},
    time::DAY,
};

use crate::{
    organisation::{Member, ORIGIN, Organisation, id, line},
    partner::{Parcel, Partner},
};

/// What lies inside an envelope, so that the whole weighs about as much as one with two signatures.
const INSIDE: usize = 1900;

pub(crate) struct Scene {
    pub(crate) works: Organisation,
    pub(crate) bo: Member,
    pub(crate) pia: Partner,
    pub(crate) now: Time,
    numbers: AtomicU64,
}

impl Scene {
    pub(crate) fn new() -> Self {
        #[allow(clippy::disallowed_methods, reason = "the program that is measured has the system's clock")]
        let now = std::time::SystemTime::now();
        let now = Time(now.duration_since(std::time::UNIX_EPOCH).expect("after 1970").as_secs());
        let works = Organisation::found("Example Works", now);
        let bo = works.member("bo", &[Right::Vet, Right::Approve, Right::Issue, Right::Admin]);
        Self { works, bo, pia: Partner::new("pia"), now, numbers: AtomicU64::new(0) }
    }

    /// So many parcels that no relay has seen.
    pub(crate) fn parcels(&self, number: usize) -> Vec<Parcel> {
        let one = |_| {
            let name = format!("parcel {}", self.numbers.fetch_add(1, Ordering::Relaxed));
            let claims = Claims {
                expires: self.now.plus(10 * DAY),
                not_before: self.now,
                issued: self.now,
                cti: Cti(id(&name)),
            };
            Parcel::with(&name, &self.bo, &claims, INSIDE)
        };
        (0..number).map(one).collect()
    }

    pub(crate) fn moment(&self, nonce: &[u8]) -> Moment {
        Moment { origin: line(ORIGIN), nonce: Digest(nonce.try_into().expect("32 bytes")), time: self.now }
    }

    pub(crate) fn uploads(&self, parcels: &[Parcel], nonce: &[u8]) -> Vec<Vec<u8>> {
        parcels.iter().map(|parcel| parcel.upload_body(&self.bo, &self.pia, self.moment(nonce))).collect()
    }

    pub(crate) fn fetches(&self, parcels: &[Parcel], nonce: &[u8]) -> Vec<Vec<u8>> {
        parcels.iter().map(|parcel| parcel.fetch_body(&self.pia, self.moment(nonce))).collect()
    }

    /// Each with a receipt of its own, of about the size of a real one.
    pub(crate) fn acknowledgements(&self, parcels: &[Parcel], nonce: &[u8]) -> Vec<Vec<u8>> {
        let one = |parcel: &Parcel| {
            let receipt = parcel.cti.0.repeat(60);
            parcel.acknowledge_body(&self.pia, self.moment(nonce), &receipt)
        };
        parcels.iter().map(one).collect()
    }

    /// A member asks what waits, and is told at once or waits for so many seconds.
    pub(crate) fn poll(&self, nonce: &[u8], patience: u64) -> Vec<u8> {
        let poll = Poll {
            moment: self.moment(nonce),
            organisation: self.works.id(),
            key: self.bo.key.public(),
            after: u64::MAX >> 1,
            patience,
            done: Vec::new(),
        };
        pack(&[&poll.sign(&self.bo.key), &self.bo.certificate])
    }

    /// A partner waits for letters that never come.
    pub(crate) fn wait(&self, nonce: &[u8], patience: u64) -> Vec<u8> {
        let key = &self.pia.identity;
        let poll = Poll {
            moment: self.moment(nonce),
            organisation: self.works.id(),
            key: key.public(),
            after: 0,
            patience,
            done: Vec::new(),
        };
        pack(&[&poll.sign(key)])
    }
}
