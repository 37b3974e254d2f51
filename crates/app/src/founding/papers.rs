//! A person's part of a founding or a succession, made and compared; and what a flaw of the other's paper is to a
//! person. The papers themselves are read and drawn up where no vault is needed (`countersign_documents`).

use countersign_documents::{
    Blob, Rejected, Secret32, SigningKey, Time,
    founding::{Founder, PaperFlaw},
    id::{MemberId, PersonId},
};
use countersign_domain::Refusal;
use countersign_ports::Entropy;

use super::OfflineHalf;
use crate::{
    compared::Comparison,
    desk::Heard,
    error::{Error, Result},
    own::Own,
    random::{make_bytes, make_secret},
};

pub(crate) struct FounderKeys {
    pub(crate) certifying: Secret32,
    pub(crate) offline: Secret32,
}

impl FounderKeys {
    pub(crate) fn half(self) -> OfflineHalf {
        OfflineHalf::of(&self.offline)
    }
}

pub(crate) fn make_founder(own: &Own, entropy: &dyn Entropy, now: Time) -> Result<(Founder, FounderKeys)> {
    let keys = FounderKeys { certifying: make_secret(entropy)?, offline: make_secret(entropy)? };
    let founder = Founder {
        person: PersonId(make_bytes(entropy)?),
        member: MemberId(make_bytes(entropy)?),
        identity: Blob(own.card(now)),
        certifying: SigningKey::from_seed(&keys.certifying).public(),
        offline: SigningKey::from_seed(&keys.offline).public(),
        salt: make_bytes(entropy)?,
    };
    Ok((founder, keys))
}

/// Compares what was heard with whom this paper is of.
pub(crate) fn compare(founder: &Founder, heard: &Heard<'_>, now: Time) -> Result<Comparison> {
    heard.compare(founder.card().map_err(flawed("identity card"))?.signing.thumbprint(), now)
}

/// What a flaw of this paper is to a person.
pub(crate) fn flawed(what: &'static str) -> impl FnOnce(PaperFlaw) -> Error {
    move |flaw| match flaw {
        PaperFlaw::Document(why) | PaperFlaw::Drawn(why) => Error::Rejected { what, why },
        PaperFlaw::Identity(why) => Error::Rejected { what: "identity card", why },
        PaperFlaw::NoMember => Error::Rejected { what: "identity card", why: Rejected::BadContent },
        PaperFlaw::Name(flaw) => Error::Text { field: "name", flaw },
        PaperFlaw::SamePerson => Refusal::SamePerson.into(),
        PaperFlaw::OtherMember => Error::Rejected { what, why: Rejected::BadContent },
        PaperFlaw::Other => Error::OtherFounding,
        PaperFlaw::OtherHalves => Error::Value(
            "These are not the two halves of this organisation's succession: one of them is another's, or both are the same.",
        ),
    }
}
