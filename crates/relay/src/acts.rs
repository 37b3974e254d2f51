//! What every act goes through first: its form, its moment, and for a member's act its certificate.

use countersign_documents::{
    Decode, Kind, Rejected, Time, Verified,
    certificate::{Certificate, Right},
    cose::Unverified1,
    decode,
    relay::{APART, BODY_LIMIT, Dispatch, Moment, PickUp, Poll, Post, Removal, Upload, Withdraw, unpack},
    root::Root,
};

use crate::{refusal::Refusal, relay::Relay, store::Standing};

/// A document that names its moment.
pub(crate) trait Signed: for<'a> Decode<'a> {
    const KIND: Kind;

    fn moment(&self) -> &Moment;
}

/// One that a member signs.
pub(crate) trait ByMember: Signed {
    fn verify(document: &[u8], root: &Root) -> Result<(Verified<Self>, Certificate), Rejected>;
}

macro_rules! signed {
    ($($act:ident)*) => {$(
        impl Signed for $act {
            const KIND: Kind = Kind::$act;

            fn moment(&self) -> &Moment {
                &self.moment
            }
        }
    )*};
}

macro_rules! by_member {
    ($($act:ident)*) => {$(
        impl ByMember for $act {
            fn verify(document: &[u8], root: &Root) -> Result<(Verified<Self>, Certificate), Rejected> {
                Self::verify(document, root)
            }
        }
    )*};
}

signed! { PickUp Upload Withdraw Dispatch Removal Post Poll }
by_member! { Upload Withdraw Dispatch Removal }

/// A member's act that verified, under a certificate that is valid now.
pub(crate) struct Member<T> {
    pub(crate) act: T,
    pub(crate) certificate: Certificate,
    pub(crate) root: Root,
    pub(crate) by: Standing,
}

impl<T> Member<T> {
    /// Refuses whoever may not do that.
    pub(crate) fn demand(&self, right: Right) -> Result<(), Refusal> {
        if self.certificate.may(right) { Ok(()) } else { Err(Refusal::NotAllowed) }
    }
}

/// The parts of a body that has exactly so many.
pub(crate) fn parts<const N: usize>(body: &[u8]) -> Result<[&[u8]; N], Refusal> {
    let parts = unpack(body, BODY_LIMIT).map_err(|_| Refusal::Form)?;
    parts.try_into().map_err(|_| Refusal::Form)
}

/// What a document says, before anybody knows whether it is true.
pub(crate) fn named<T: Signed>(document: &[u8]) -> Result<T, Refusal> {
    let unverified = Unverified1::parse(T::KIND, document).map_err(|_| Refusal::Form)?;
    decode(unverified.unverified_payload()).map_err(|_| Refusal::Form)
}

/// Whether a certificate lets its member ask for anything: valid now, and not for reading only.
pub(crate) fn counts(certificate: &Certificate, now: Time) -> bool {
    certificate.valid_at(now) && !certificate.may(Right::Audit)
}

/// Who a certificate is about, for the store to say whether that member was removed.
pub(crate) fn standing(certificate: &Certificate) -> Standing {
    Standing {
        organisation: certificate.issuer.0,
        member: certificate.key().thumbprint(),
        issued: certificate.issued,
    }
}

impl Relay {
    /// Whether an act is meant for this relay and for now. Says when its nonce was made.
    pub(crate) fn check_moment(&self, moment: &Moment, now: Time) -> Result<Time, Refusal> {
        let near = now.since(moment.time) <= APART && moment.time.since(now) <= APART;
        if moment.origin != self.origin || !near {
            return Err(Refusal::Stale);
        }
        self.nonces.made(&moment.nonce, now).ok_or(Refusal::Stale)
    }

    /// Reads a member's act: its form, then its moment, then everything else but whether the member was removed, which
    /// the store knows.
    pub(crate) async fn by_member<T: ByMember>(
        &self,
        document: &[u8],
        now: Time,
    ) -> Result<Member<T>, Refusal> {
        self.check_moment(named::<T>(document)?.moment(), now)?;
        self.refresh_cards().await?;
        for known in self.organisations.all() {
            let root = &known.card.trust.root;
            // Under the root of another organisation nothing verifies, and the names of its keys say so at once.
            let Ok((act, certificate)) = T::verify(document, root) else { continue };
            if !counts(&certificate, now) {
                return Err(Refusal::NotAllowed);
            }
            self.acquaint(&certificate).await;
            let by = standing(&certificate);
            return Ok(Member { act: act.body, certificate, root: root.clone(), by });
        }
        Err(Refusal::NotAllowed)
    }
}
