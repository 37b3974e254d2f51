//! The partner's side. The order of checks is part of the format: nothing private is touched before the signature
//! holds, and the key cannot be reached before everything holds.

use countersign_documents::{
    Digest, Key, Kind, ReceivingSecret, Rejected, Time, approval,
    certificate::{Certificate, Right},
    cose::{Claims, Unverified1, Verified1},
    grant::Grant,
    id::{Cti, GrantId, KeyId},
    root::Root,
    text::{Line, ScopeName},
    time::{DAY, SKEW},
};
use subtle::ConstantTimeEq as _;

use crate::{
    LIMIT, LONGEST,
    approvals::{Moment, Presence, Presented, Signer, check_with},
    delivery::Delivery,
    hybrid,
    letter::{self, Encrypt0, enc_structure},
    link::LinkSecret,
    reason::{NotAccepted, Reason},
    seal::{info, inner_header},
};

/// How far a clock may stand behind what is verified before it is refused; until then the caller warns of it.
const SLOW: u64 = DAY;

/// What the opener remembers of what it opened before.
pub trait Memory {
    /// Whether this envelope was opened.
    fn opened(&self, cti: &Cti) -> bool;
    /// How many deliveries were opened under this grant.
    fn deliveries(&self, grant: &GrantId) -> u64;
    /// The highest sequence number opened within this lineage.
    fn newest(&self, lineage: &GrantId) -> Option<u64>;
}

/// Who opens, and what is known here.
pub struct Addressee<'a> {
    /// The root in force, followed from the pinned one.
    pub root: &'a Root,
    /// Thumbprint of the own identity.
    pub identity: Digest,
    /// The own receiving key.
    pub receiving: &'a ReceivingSecret,
    /// What came with the link.
    pub secret: &'a LinkSecret,
    /// The clock.
    pub now: Time,
    /// The latest time that was verified here, in any document.
    pub highest: Time,
    /// What was opened before.
    pub memory: &'a dyn Memory,
}

/// Bytes that may be an envelope.
pub struct Unverified<'a>(&'a [u8]);

/// What can be known of an envelope without its link secret: who sealed it, and until when it opens.
pub struct Outer<'a> {
    document: Verified1<'a>,
    digest: Digest,
    /// The sealer's certificate.
    pub certificate: Certificate,
    /// Times and id.
    pub claims: Claims,
}

impl<'a> Unverified<'a> {
    /// Any bytes.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// Thumbprint of the receiving key that it names; a hint for finding whose it is, and nothing more.
    pub fn recipient(&self) -> Option<Digest> {
        let document = Unverified1::parse_within(Kind::Envelope, self.0, LIMIT).ok()?;
        letter::named(Encrypt0::read(document.unverified_payload(), LIMIT).ok()?.protected)
    }

    /// Size, form, headers, the sealer's certificate under the pinned root, and the signature; then the times.
    /// `highest` is the latest time verified here before.
    pub fn outer(self, root: &Root, now: Time, highest: Time) -> Result<Outer<'a>, NotAccepted> {
        let outer = self.signed(root)?;
        outer.check_times(now, highest)?;
        Ok(outer)
    }

    fn signed(self, root: &Root) -> Result<Outer<'a>, Reason> {
        let unverified =
            Unverified1::parse_within(Kind::Envelope, self.0, LIMIT).map_err(Reason::Document)?;
        let certificate = unverified.certificate().ok_or(Reason::Document(Rejected::WrongHeaders))?;
        let certificate = Certificate::verify(certificate, root).map_err(Reason::Sealer)?.body;
        let document = unverified.verify(&certificate.key()).map_err(Reason::Document)?;
        let claims = *document.claims().ok_or(Reason::Document(Rejected::WrongHeaders))?;
        if !certificate.may(Right::Issue) {
            return Err(Reason::SealerRight);
        }
        Ok(Outer { document, digest: Digest::of(self.0), certificate, claims })
    }
}

impl<'a> Outer<'a> {
    fn check_times(&self, now: Time, highest: Time) -> Result<(), Reason> {
        let Claims { expires, not_before, issued, .. } = self.claims;
        if issued != not_before || expires <= not_before || expires.since(not_before) > LONGEST {
            return Err(Reason::Times);
        }
        if !self.certificate.valid_at(issued) || expires > self.certificate.expires {
            return Err(Reason::Sealer(Rejected::WrongTime));
        }
        let at_least = now.max(highest);
        if at_least.plus(SLOW) < not_before {
            return Err(Reason::NotYet);
        }
        if now.plus(SLOW) < highest {
            return Err(Reason::ClockBehind);
        }
        if at_least >= expires.plus(SKEW) { Err(Reason::Expired) } else { Ok(()) }
    }

    /// Everything, in the order of the format. Writes nothing, and the key stays out of reach.
    pub fn verify(self, me: &Addressee<'_>) -> Result<Verified, NotAccepted> {
        if !self.certificate.valid_at(self.later(me)) {
            return Err(Reason::Sealer(Rejected::WrongTime).into());
        }
        if me.memory.opened(&self.claims.cti) {
            return Err(Reason::Replayed.into());
        }
        let delivery = self.decrypt(me)?;
        check_addressed(&delivery.grant, me)?;
        let signers = self.check_signers(&delivery, me)?;
        let scopes = check_grant(&delivery, &self.claims, me)?;
        let Self { digest, certificate, claims, .. } = self;
        Ok(Verified { delivery, scopes, signers, outer: digest, claims, sealer: certificate })
    }

    /// The time certificates are judged at: a slow clock neither lengthens a life nor denies one that has begun.
    fn later(&self, me: &Addressee<'_>) -> Time {
        me.now.max(me.highest).max(self.claims.issued)
    }

    fn decrypt(&self, me: &Addressee<'_>) -> Result<Delivery, Reason> {
        let malformed = |flaw| Reason::Document(Rejected::Malformed(flaw));
        let sealed = Encrypt0::read(self.document.payload(), LIMIT).map_err(malformed)?;
        let kid = me.receiving.public().thumbprint();
        let psk_id = me.secret.id();
        let mine = inner_header(&kid, &psk_id);
        // The header is fixed but for the two digests, so comparing whole headers refuses any other label or suite.
        if sealed.protected.len() != mine.len() {
            return Err(Reason::Document(Rejected::WrongHeaders));
        }
        let (head, tail) = mine.split_at(mine.len() - 32 - 3);
        if &sealed.protected[..head.len()] != head {
            let same_shape = sealed.protected[..head.len() - 32] == head[..head.len() - 32];
            return Err(if same_shape { Reason::NotForMe } else { Reason::Document(Rejected::WrongHeaders) });
        }
        let (label, psk) = tail.split_at(3);
        let (its_label, its_psk) = sealed.protected[head.len()..].split_at(3);
        if its_label != label {
            return Err(Reason::Document(Rejected::WrongHeaders));
        }
        if !bool::from(its_psk.ct_eq(psk)) {
            return Err(Reason::WrongSecret);
        }
        let info = info(self.document.protected());
        let context = hybrid::Context {
            psk: Some((me.secret.expose(), &psk_id.0)),
            info: &info,
            aad: &enc_structure(&mine),
        };
        let plaintext = hybrid::open(me.receiving, &context, &sealed.ek, sealed.ciphertext)
            .map_err(|_| Reason::Decryption)?;
        Delivery::read(&plaintext).map_err(malformed)
    }

    fn check_signers(&self, delivery: &Delivery, me: &Addressee<'_>) -> Result<Vec<Signer>, Reason> {
        let sealer = self.sealer_certificate();
        let distinct = delivery
            .certificates
            .iter()
            .enumerate()
            .all(|(i, c)| c.0 != sealer && !delivery.certificates[..i].contains(c));
        let mut used = vec![false; delivery.certificates.len()];
        let mut signatures = Vec::with_capacity(delivery.signers.len());
        let digest = delivery.grant.digest();
        for proof in &delivery.signers {
            let certificate = match usize::try_from(proof.certificate) {
                Ok(0) => sealer,
                Ok(n) if n <= used.len() => {
                    used[n - 1] = true;
                    &delivery.certificates[n - 1].0
                }
                _ => return Err(Reason::InnerMismatch),
            };
            let approval = Presence::Apart(proof.approval(digest), &proof.signature);
            signatures.push(Presented { approval, certificate, salt: &proof.salt, name: &proof.name });
        }
        if !distinct || used.contains(&false) {
            return Err(Reason::InnerMismatch);
        }
        let Claims { issued: sealed, expires: ends, .. } = self.claims;
        let moment = Moment { sealed, now: self.later(me), ends, age: approval::WINDOW };
        let checked = check_with(&digest, &signatures, me.root, moment, Some((sealer, &self.certificate)));
        Ok(checked.map_err(Reason::Approvals)?.into_iter().map(|(signer, _)| signer).collect())
    }

    fn sealer_certificate(&self) -> &'a [u8] {
        self.document.certificate().unwrap_or_default()
    }
}

fn check_addressed(grant: &Grant, me: &Addressee<'_>) -> Result<(), Reason> {
    let mine = grant.organisation == me.root.organisation
        && grant.recipient == me.identity
        && grant.receiving == me.receiving.public().thumbprint();
    if mine { Ok(()) } else { Err(Reason::InnerMismatch) }
}

/// What the grant allows; the scopes that were really given.
fn check_grant(delivery: &Delivery, claims: &Claims, me: &Addressee<'_>) -> Result<Vec<ScopeName>, Reason> {
    let grant = &delivery.grant;
    grant.check().map_err(Reason::Grant)?;
    let rising = delivery.scopes.windows(2).all(|w| w[0] < w[1]);
    let granted = |place: &u64| {
        usize::try_from(*place).ok().and_then(|at| grant.scopes.get(at)).map(|s| s.name.clone())
    };
    let scopes: Option<Vec<_>> = delivery.scopes.iter().map(granted).collect();
    let within = rising && delivery.key_expires <= grant.not_after;
    let scopes = scopes.filter(|s| within && !s.is_empty()).ok_or(Reason::BeyondGrant)?;
    if claims.issued > grant.deliver_by {
        return Err(Reason::Late);
    }
    if me.now.max(me.highest) >= delivery.key_expires {
        return Err(Reason::KeyExpired);
    }
    if me.memory.deliveries(&grant.id) > grant.rotations {
        return Err(Reason::TooManyDeliveries);
    }
    match me.memory.newest(&grant.lineage) {
        Some(newest) if delivery.seq <= newest => Err(Reason::Superseded),
        _ => Ok(scopes),
    }
}

/// An envelope that holds in every respect. Nothing was written, and the key cannot be reached.
pub struct Verified {
    delivery: Delivery,
    scopes: Vec<ScopeName>,
    signers: Vec<Signer>,
    outer: Digest,
    claims: Claims,
    sealer: Certificate,
}

impl Verified {
    /// What was granted.
    pub fn grant(&self) -> &Grant {
        &self.delivery.grant
    }

    /// Who signed.
    pub fn signers(&self) -> &[Signer] {
        &self.signers
    }

    /// Who sealed.
    pub fn sealer(&self) -> &Certificate {
        &self.sealer
    }

    /// Times and id.
    pub fn claims(&self) -> &Claims {
        &self.claims
    }

    /// When the key dies.
    pub fn key_expires(&self) -> Time {
        self.delivery.key_expires
    }

    /// The scopes that were really given.
    pub fn scopes(&self) -> &[ScopeName] {
        &self.scopes
    }

    /// Takes the key out. The caller stores it durably before it does anything else.
    pub fn open(self) -> Opened {
        let newest = self
            .signers
            .iter()
            .map(|s| s.head)
            .max()
            .unwrap_or(countersign_documents::Head { size: 0, root: Digest([0; 32]) });
        let Delivery { key_id, seq, key_expires, grant, nonce, key, .. } = self.delivery;
        Opened {
            key,
            key_id,
            seq,
            key_expires,
            base_url: grant.base_url.clone(),
            scopes: self.scopes,
            grant,
            nonce,
            envelope: self.outer,
            cti: self.claims.cti,
            expires: self.claims.expires,
            head: newest,
            signers: self.signers,
        }
    }
}

/// What an opened envelope held. Holds the key, hence without Debug and Clone.
pub struct Opened {
    /// The key.
    pub key: Key,
    /// Its id.
    pub key_id: KeyId,
    /// Its place within its lineage.
    pub seq: u64,
    /// When it dies.
    pub key_expires: Time,
    /// Where the interface answers.
    pub base_url: Line,
    /// The scopes that were really given.
    pub scopes: Vec<ScopeName>,
    /// What was granted.
    pub grant: Grant,
    /// For the receipt.
    pub nonce: Digest,
    /// SHA-256 of the envelope.
    pub envelope: Digest,
    /// Its id.
    pub cti: Cti,
    /// Until when it could be opened.
    pub expires: Time,
    /// The newest head the signers named.
    pub head: countersign_documents::Head,
    /// Who signed.
    pub signers: Vec<Signer>,
}
