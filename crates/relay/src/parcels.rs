//! Parcels: brought by a member, fetched and acknowledged by their one reader, or taken back.

use countersign_documents::{
    Digest, Kind, Time, VerifyingKey,
    certificate::{Certificate, Right},
    cose::{Claims, Unverified1},
    encode,
    relay::{Outcome, PickUp, PickUpAct, Upload, Withdraw},
    root::Root,
    time::DAY,
};

use crate::{
    accept::Verdict,
    acts::{Member, named, parts},
    mail::letter,
    refusal::Refusal,
    relay::{Answer, Relay},
    store::{Acknowledged, Arrival, Claim, Lock, Mailbox, Uploaded, Withdrawal},
};

/// The most an envelope may weigh (envelope.md, R01).
const ENVELOPE_LIMIT: usize = 65_536;
/// The longest an envelope may be opened (envelope.md).
const LONGEST: u64 = 30 * DAY;

/// `POST /v1/upload`
pub(crate) async fn upload(relay: &Relay, body: &[u8]) -> Result<Answer, Refusal> {
    let [document, envelope] = parts(body)?;
    let now = relay.now();
    let member = relay.by_member::<Upload>(document, now).await?;
    member.demand(Right::Issue)?;
    let expires = check_envelope(&member, envelope, now)?;
    relay.check_room()?;
    let Upload { cti, recipient, pick_up, envelope: digest, .. } = member.act;
    let arrival = Arrival {
        cti,
        recipient,
        pick_up: *pick_up.as_bytes(),
        digest,
        expires,
        envelope: envelope.to_vec(),
    };
    match relay.store.upload(member.by, arrival, relay.quota.share(), now).await? {
        Uploaded::Stored => relay.bells.ring(&Mailbox::of(member.by.organisation)),
        Uploaded::Already => return Ok(Answer::Done.repeated()),
        Uploaded::Taken => return Err(Refusal::Taken),
        Uploaded::TooMuch => return Err(Refusal::TooMuch),
        Uploaded::Removed => return Err(Refusal::NotAllowed),
    }
    Ok(Answer::Done)
}

/// As far as anybody can without opening it (envelope.md, steps 1 and 2). Says when it ends.
fn check_envelope(upload: &Member<Upload>, envelope: &[u8], now: Time) -> Result<Time, Refusal> {
    if Digest::of(envelope) != upload.act.envelope {
        return Err(Refusal::Form);
    }
    let unverified =
        Unverified1::parse_within(Kind::Envelope, envelope, ENVELOPE_LIMIT).map_err(|_| Refusal::Form)?;
    let certificate = unverified.certificate().ok_or(Refusal::Form)?;
    let sealer = sealer(certificate, &upload.root, now)?;
    let verified = unverified.verify(&sealer.key()).map_err(|_| Refusal::NotAllowed)?;
    let claims = verified.claims().ok_or(Refusal::Form)?;
    if claims.cti != upload.act.cti || !is_in_order(claims) {
        return Err(Refusal::Form);
    }
    if claims.expires <= now { Err(Refusal::Taken) } else { Ok(claims.expires) }
}

/// Envelope.md, R16, as to form.
fn is_in_order(claims: &Claims) -> bool {
    claims.issued == claims.not_before
        && claims.expires > claims.not_before
        && claims.expires.since(claims.not_before) <= LONGEST
}

fn sealer(certificate: &[u8], root: &Root, now: Time) -> Result<Certificate, Refusal> {
    let sealer = Certificate::verify(certificate, root).map_err(|_| Refusal::NotAllowed)?.body;
    let counts = sealer.may(Right::Issue) && sealer.valid_at(now);
    if counts { Ok(sealer) } else { Err(Refusal::NotAllowed) }
}

/// `POST /v1/fetch`
pub(crate) async fn fetch(relay: &Relay, body: &[u8]) -> Result<Answer, Refusal> {
    let [by_identity, by_pick_up] = parts(body)?;
    let now = relay.now();
    let named = pick_up(by_identity, by_pick_up, PickUpAct::Fetch)?;
    relay.check_moment(&named.moment, now)?;
    let claim = relay.proven(&named, by_identity, by_pick_up).await?;
    let fetched = relay.store.fetch(claim, now).await?.ok_or(Refusal::Nothing)?;
    if !fetched.first {
        return Ok(Answer::Bytes(fetched.envelope).repeated());
    }
    relay.bells.ring(&Mailbox::of(fetched.organisation));
    Ok(Answer::Bytes(fetched.envelope))
}

/// `POST /v1/acknowledge`
pub(crate) async fn acknowledge(relay: &Relay, body: &[u8]) -> Result<Answer, Refusal> {
    let [by_identity, by_pick_up, receipt] = parts(body)?;
    let now = relay.now();
    let named = pick_up(by_identity, by_pick_up, PickUpAct::Acknowledge)?;
    let letter = letter(receipt, &named.letter.ok_or(Refusal::Form)?)?;
    relay.check_moment(&named.moment, now)?;
    let claim = relay.proven(&named, by_identity, by_pick_up).await?;
    match relay.store.acknowledge(claim, letter, now).await? {
        Acknowledged::Done(organisation) => relay.bells.ring(&Mailbox::of(organisation)),
        Acknowledged::Already => return Ok(Answer::Done.repeated()),
        Acknowledged::Nothing => return Err(Refusal::Nothing),
    }
    Ok(Answer::Done)
}

/// The form of a pick-up: two documents that say the same, of this act, with a letter where one belongs.
fn pick_up(by_identity: &[u8], by_pick_up: &[u8], act: PickUpAct) -> Result<PickUp, Refusal> {
    let pick_up: PickUp = named(by_identity)?;
    let again: PickUp = named(by_pick_up)?;
    let has_letter = pick_up.letter.is_some() == (act == PickUpAct::Acknowledge);
    if pick_up == again && pick_up.act == act && has_letter { Ok(pick_up) } else { Err(Refusal::Form) }
}

impl Relay {
    /// Whether both keys are proven for a parcel. Where there is none the same work is done with keys that nobody has: one
    /// look at the store, two signatures. So whoever lacks a key sees and measures one answer only.
    async fn proven(&self, named: &PickUp, by_identity: &[u8], by_pick_up: &[u8]) -> Result<Claim, Refusal> {
        let found = self.store.lock(named.cti).await?;
        let lock = found.unwrap_or(self.decoy);
        let identity = PickUp::read(by_identity).is_ok() & (named.identity.thumbprint() == lock.recipient);
        let pick_up = is_by(by_pick_up, &lock);
        if identity & pick_up & found.is_some() {
            Ok(Claim { cti: named.cti, lock })
        } else {
            Err(Refusal::Nothing)
        }
    }
}

/// Whether a document is signed by the pick-up key. One signature is verified also where another key is named.
fn is_by(by_pick_up: &[u8], lock: &Lock) -> bool {
    let (Some(key), Ok(document)) =
        (VerifyingKey::parse(&lock.pick_up), Unverified1::parse(Kind::PickUp, by_pick_up))
    else {
        return false;
    };
    if document.kid() == key.thumbprint() {
        return document.verify(&key).is_ok();
    }
    let _ = key.verify(by_pick_up, document.signature());
    false
}

/// `POST /v1/withdraw`
pub(crate) async fn withdraw(relay: &Relay, body: &[u8]) -> Result<Answer, Refusal> {
    let [document] = parts(body)?;
    let now = relay.now();
    let member = relay.by_member::<Withdraw>(document, now).await?;
    match relay.store.withdraw(member.by, member.act.cti, now).await? {
        Withdrawal::Outcome(withdrawn) => {
            relay.bells.ring(&Mailbox::of(member.by.organisation));
            let answer = Answer::Cbor(encode(&withdrawn));
            let faster = withdrawn.outcome == Outcome::Withdrawn;
            Ok(if faster { answer } else { Answer::As(Verdict::Late, Box::new(answer)) })
        }
        Withdrawal::Nothing => Err(Refusal::Nothing),
        Withdrawal::Removed => Err(Refusal::NotAllowed),
    }
}
