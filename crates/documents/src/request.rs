//! A partner's request: who asks, what for, and for which access. Signed by the partner's identity.

use crate::{
    cbor::Blob,
    cose::{Rejected, Unverified1, Verified, sign_plain},
    digest::Digest,
    id::{GrantId, OrganisationId, RequestId},
    identity::IdentityCard,
    keys::SigningKey,
    kind::Kind,
    network::Network,
    text::{Line, Prose, ScopeName, Slug},
    time::Time,
};

words! {
    /// What a request or a grant does to what was there before.
    pub enum Mode {
        /// A first key for this purpose.
        1 => New = "new",
        /// The same access for a further while, with an overlap: two signatures again.
        2 => Renew = "renew",
        /// The same access and the same end, other bytes: within the allowed number no new signatures.
        3 => Rotate = "rotate",
    }
}

record! {
    /// Who asks.
    pub struct Applicant {
        /// The company.
        1 => company: Line,
        /// The person.
        2 => person: Line,
        /// The person's role there.
        3 => role: Line,
        /// Where the person is reached.
        4 => email: Line,
        /// Who is reached, day and night, when a key leaks.
        5 => incident_contact: Line,
    }
}

record! {
    /// What the access is for, in the applicant's words.
    pub struct Purpose {
        /// Why the key is needed.
        1 => why: Prose,
        /// The workflow it serves.
        2 => workflow: Prose,
        /// How the interface will be used.
        3 => usage: Prose,
        /// Which data it touches.
        4 => data: Prose,
        /// Encryption and other safeguards.
        5 => safeguards: Prose,
    }
}

record! {
    /// The answer to one of the organisation's questions.
    pub struct Answer {
        /// Which question.
        1 => question: Slug,
        /// The answer.
        2 => text: Prose,
    }
}

record! {
    /// The access that is asked for.
    pub struct Asked {
        /// Service.
        1 => service: Slug,
        /// Environment.
        2 => environment: Slug,
        /// Names of scopes, in rising order.
        3 => scopes: Vec<ScopeName>,
        /// Source networks, in rising order; none where the partner cannot say.
        4 => networks: Vec<Network>,
        /// For how many days.
        5 => days: u64,
    }
}

record! {
    /// A request or a revision of it.
    pub struct Request {
        /// The same over all revisions.
        1 => id: RequestId,
        /// From 1 on.
        2 => revision: u64,
        /// Whom it asks.
        3 => organisation: OrganisationId,
        /// The card it was filled in from.
        4 => card: Digest,
        /// The identity card of the applicant, as a document.
        5 => identity: Blob,
        /// When.
        6 => made: Time,
        /// What for.
        7 => mode: Mode,
        /// The grant that is to be renewed.
        8 => predecessor?: GrantId,
        /// Who asks.
        9 => applicant: Applicant,
        /// What for.
        10 => purpose: Purpose,
        /// Which access.
        11 => asked: Asked,
        /// Answers to the card's questions, in its order.
        12 => answers: Vec<Answer>,
    }
}

/// A request and the identity that signed it.
#[derive(Debug, Clone)]
pub struct VerifiedRequest {
    /// What it says.
    pub request: Request,
    /// Who signed it.
    pub identity: IdentityCard,
    /// Digest of the document.
    pub digest: Digest,
}

impl Request {
    /// The signed document.
    pub fn sign(&self, key: &SigningKey) -> Vec<u8> {
        sign_plain(Kind::Request, self, key)
    }

    /// Reads a request that is signed by the identity whose card it carries.
    pub fn verify(document: &[u8]) -> Result<VerifiedRequest, Rejected> {
        let unverified = Unverified1::parse(Kind::Request, document)?;
        let named: Self = crate::decode(unverified.unverified_payload())?;
        let identity = IdentityCard::verify(&named.identity.0)?.body;
        let request: Verified<Self> = unverified.verify(&identity.signing)?.read()?;
        request.body.check()?;
        Ok(VerifiedRequest { request: request.body, identity, digest: request.digest })
    }

    /// Judges what it says on its own.
    pub fn check(&self) -> Result<(), Rejected> {
        let asked = &self.asked;
        let ordered =
            asked.scopes.windows(2).all(|w| w[0] < w[1]) && asked.networks.windows(2).all(|w| w[0] < w[1]);
        let some = !asked.scopes.is_empty() && asked.scopes.len() <= 50 && asked.networks.len() <= 50;
        let days = (1..=730).contains(&asked.days);
        let lineage = (self.mode == Mode::New) == self.predecessor.is_none() && self.mode != Mode::Rotate;
        if ordered && some && days && lineage && self.revision >= 1 {
            Ok(())
        } else {
            Err(Rejected::BadContent)
        }
    }
}
