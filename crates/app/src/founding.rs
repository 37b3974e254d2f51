//! Founding: two people from the first minute. Until both have signed, nothing is certified and no card leaves.
//!
//! One begins (offer), the other answers, the first completes. Each types the other's fingerprint. The successor keys
//! are made one by each person and never meet: see `docs/decisions`.

mod papers;

use countersign_documents::{
    Blob, Digest, ReceivingSecret, Secret32, SigningKey, Time, Verified,
    certificate::Certificate,
    encode,
    founding::{Answer, Answered, Offer},
    id::OrganisationId,
    root::Root,
    text::Line,
};
use countersign_domain::{
    Event, Member, due,
    event::{Founded, Keyring, Shared},
};
use countersign_ports::{Clock, Entropy, Table, Vault, Write};

pub(crate) use papers::{compare, flawed, make_founder};

use crate::{
    compared::Comparison,
    desk::{Desk, FreshKeys, Heard, NameBlob, Recorded, commitment},
    error::{Error, Result},
    own::{Own, ProfileKind, secret},
    ports::Ports,
    random::{make_bytes, make_secret, now},
};

/// What a founder keeps on paper.
pub struct OfflineHalf {
    /// 64 hexadecimal characters: the seed of this person's offline key.
    pub text: zeroize::Zeroizing<String>,
}

impl OfflineHalf {
    /// The offline half is shown once and kept nowhere.
    pub(crate) fn of(seed: &Secret32) -> Self {
        Self { text: zeroize::Zeroizing::new(data_encoding::HEXLOWER.encode(seed.expose())) }
    }
}

/// The first founder begins. The offer goes to the second; the offline half on paper.
pub async fn begin(
    vault: &dyn Vault,
    entropy: &dyn Entropy,
    clock: &dyn Clock,
    name: &str,
) -> Result<(Vec<u8>, OfflineHalf)> {
    let own = Own::load_as(vault, ProfileKind::Desk).await?;
    let name = Line::parse(name).map_err(Error::text("name"))?;
    name.check_scripts().map_err(Error::text("name"))?;
    if let Some((document, half)) = unfinished(vault, "founding-offer").await?
        && read_offer(&document)?.body.name == name
    {
        return Ok((document, half));
    }
    let (founder, keys) = make_founder(&own, entropy, now(clock)?)?;
    let offer = Offer {
        organisation: OrganisationId(make_bytes(entropy)?),
        name,
        founder,
        made: now(clock)?,
        sample: own.about.sample,
    };
    let document = offer.sign(&own.signing);
    vault
        .write(&[
            Write::New(Table::Identity, "founding-offer", &document),
            Write::New(Table::Identity, "certifying", keys.certifying.expose()),
            Write::New(Table::Identity, HALF, keys.offline.expose()),
        ])
        .await?;
    Ok((document, keys.half()))
}

/// The second founder answers, after typing the first one's fingerprint.
pub async fn answer(
    vault: &dyn Vault,
    entropy: &dyn Entropy,
    clock: &dyn Clock,
    offer: &[u8],
    heard: &Heard<'_>,
) -> Result<(Vec<u8>, OfflineHalf)> {
    let own = Own::load_as(vault, ProfileKind::Desk).await?;
    let Verified { body: offer, digest, .. } = read_offer(offer)?;
    own.about.check_sample(offer.sample)?;
    let made = now(clock)?;
    let comparison = compare(&offer.founder, heard, made)?;
    if let Some((document, half)) = unfinished(vault, "founding-answer").await?
        && read_answer(&document)?.offer == digest
    {
        return Ok((document, half));
    }
    let (founder, keys) = make_founder(&own, entropy, made)?;
    let drawn = offer.draw_up(&founder, made).map_err(flawed("founding offer"))?;
    let certifying = SigningKey::from_seed(&keys.certifying);
    let answer = Answer {
        offer: digest,
        founder,
        made,
        root: drawn.sign_root(&certifying),
        certificates: drawn.sign_certificates(&certifying),
    };
    let document = answer.sign(&own.signing);
    // There is no ledger yet: it goes on the record once this desk is attached to one.
    let (row, kept) = comparison.kept();
    vault
        .write(&[
            Write::New(Table::Identity, "founding-answer", &document),
            Write::New(Table::Identity, "certifying", keys.certifying.expose()),
            Write::New(Table::Identity, HALF, keys.offline.expose()),
            Write::New(Table::Pins, "root-payload", &Digest::of(&drawn.root).0),
            Write::New(Table::Pins, "organisation", &offer.organisation.0),
            Write::New(Table::Pins, "organisation-name", offer.name.as_str().as_bytes()),
            Write::Put(Table::Pins, &row, &kept),
        ])
        .await?;
    Ok((document, keys.half()))
}

/// The row of the offline half, which stays only until it was written out.
const HALF: &str = "offline-half";

/// Forgets the offline half: it is on its way to paper. Until then `begin` and `answer` give the same again, so that a
/// full disk or a crash costs neither the half nor the profile.
pub async fn forget_half(vault: &dyn Vault) -> Result<()> {
    Ok(vault.write(&[Write::Remove(Table::Identity, HALF)]).await?)
}

async fn unfinished(vault: &dyn Vault, row: &str) -> Result<Option<(Vec<u8>, OfflineHalf)>> {
    let (document, half) = (vault.get(Table::Identity, row).await?, vault.get(Table::Identity, HALF).await?);
    let (Some(document), Some(half)) = (document, half) else { return Ok(None) };
    let offline = Secret32::from_slice(&half).ok_or(Error::BadSnapshot)?;
    Ok(Some((document.to_vec(), OfflineHalf::of(&offline))))
}

/// Judges an answer before a log is made for it: whose it is, and that it answers what this profile began.
pub async fn check_answer(
    vault: &dyn Vault,
    clock: &dyn Clock,
    answer: &[u8],
    heard: &Heard<'_>,
) -> Result<OrganisationId> {
    Ok(judge_answer(vault, answer, heard, now(clock)?).await?.offer.organisation)
}

/// An answer to what this profile began, from whom it was heard.
struct Judged {
    offer: Offer,
    answer: Answer,
    answered: Answered,
    comparison: Comparison,
}

fn read_offer(document: &[u8]) -> Result<Verified<Offer>> {
    Offer::verify(document).map_err(flawed("founding offer"))
}

fn read_answer(document: &[u8]) -> Result<Answer> {
    Ok(Answer::verify(document).map_err(flawed("founding answer"))?.body)
}

async fn judge_answer(vault: &dyn Vault, answer: &[u8], heard: &Heard<'_>, now: Time) -> Result<Judged> {
    Own::load_as(vault, ProfileKind::Desk).await?;
    let stored = vault.get(Table::Identity, "founding-offer").await?.ok_or(Error::OtherFounding)?;
    let offer = read_offer(&stored)?;
    let answer = read_answer(answer)?;
    if answer.offer != offer.digest {
        return Err(Error::OtherFounding);
    }
    let comparison = compare(&answer.founder, heard, now)?;
    let answered = answer.check(&offer).map_err(flawed("founding answer"))?;
    Ok(Judged { offer: offer.body, answer, answered, comparison })
}

/// The first founder completes, after typing the second one's fingerprint: the log begins, and says what was heard.
pub async fn complete(ports: Ports, answer: &[u8], heard: &Heard<'_>) -> Result<(Desk, Recorded)> {
    let made = now(&*ports.clock)?;
    let Judged { offer, answer, answered, comparison } =
        judge_answer(&*ports.vault, answer, heard, made).await?;
    let certifying = SigningKey::from_seed(&secret(&*ports.vault, Table::Identity, "certifying").await?);
    let root_document = answered.complete_root(&[&certifying]);
    let documents = answered.complete_certificates(&certifying);
    let verified = Root::verify_first(&root_document).map_err(Error::rejected("founding answer"))?;
    let (row, kept) = comparison.kept();
    ports
        .vault
        .write(&[
            Write::Put(Table::Pins, "root-payload", &Digest::of(&answered.drawn.root).0),
            Write::Put(Table::Pins, "organisation", &offer.organisation.0),
            Write::Put(Table::Pins, "organisation-name", offer.name.as_str().as_bytes()),
            Write::Put(Table::Pins, &row, &kept),
        ])
        .await?;
    let mut desk = Desk::at_rest(ports, offer.organisation).await?;
    let recorded = first_entry(&mut desk, &offer, &answer, verified.body, root_document, documents).await?;
    desk.settle_comparisons().await?;
    Ok((desk, recorded))
}

async fn first_entry(
    desk: &mut Desk,
    offer: &Offer,
    answer: &Answer,
    root: Root,
    root_document: Vec<u8>,
    certificates: Vec<Blob>,
) -> Result<Recorded> {
    let entropy = desk.ports.entropy.clone();
    let fresh = FreshKeys {
        ledger: make_secret(&*entropy)?,
        look_up: make_secret(&*entropy)?,
        receiving: make_secret(&*entropy)?,
    };
    desk.keep(1, &fresh).await?;
    let mut names = Vec::new();
    let mut letters = Vec::new();
    for (founder, document) in [&offer.founder, &answer.founder].into_iter().zip(&certificates) {
        let card = founder.card().map_err(flawed("founding answer"))?;
        let name = card.name.clone().ok_or(Error::OtherFounding)?;
        names.push(desk.put_name(&NameBlob { salt: founder.salt, name }).await?);
        let certificate =
            Certificate::verify(&document.0, &root).map_err(Error::rejected("certificate"))?.body;
        let member = Member::of(&certificate, document.clone(), Digest([0; 32]));
        letters.extend(wrap_all(desk, &member, &fresh)?);
    }
    let keyring = Keyring {
        epoch: 1,
        ledger: commitment(&fresh.ledger),
        look_up: commitment(&fresh.look_up),
        receiving: ReceivingSecret::new(fresh.receiving.duplicate()).public(),
        before: None,
        wraps: desk.put_letters(letters).await?,
    };
    let founded =
        Founded { root: Blob(root_document), certificates, names, keyring, name: offer.name.clone() };
    desk.record(Event::Founded(founded)).await
}

fn wrap_all(
    desk: &Desk,
    member: &Member,
    fresh: &FreshKeys,
) -> Result<Vec<(countersign_domain::event::Wrap, Digest, Vec<u8>)>> {
    let keys: Vec<(Shared, u64, &Secret32)> = due(member, true)
        .into_iter()
        .map(|shared| match shared {
            Shared::Ledger => (shared, 1, &fresh.ledger),
            Shared::LookUp => (shared, 1, &fresh.look_up),
            Shared::Receiving => (shared, 1, &fresh.receiving),
        })
        .collect();
    desk.wrap(member, &keys)
}

/// A member attaches its desk to a log. A founder checks that it begins with exactly what it signed; any other member
/// has heard the organisation's fingerprint. Once the profile knows where its log is, what was heard is put on the record
/// ([`Desk::settle_comparisons`]).
pub async fn attach(ports: Ports, organisation: OrganisationId, heard: Option<&Heard<'_>>) -> Result<Desk> {
    let mut desk = Desk::at_rest(ports, organisation).await?;
    let signed = desk.ports.vault.get(Table::Pins, "root-payload").await?;
    // Nothing is remembered of a log before its root is known to be the right one.
    match desk.look().await {
        // Whoever was not admitted reads nothing of it: that is no flaw of the ledger.
        Ok(()) | Err(Error::BadCheckpoint) if desk.keys.is_empty() => return Err(Error::NoLedgerKey),
        looked => looked?,
    }
    let trust = desk.state().trust()?.clone();
    desk.own.about.check_sample(trust.root.sample)?;
    // Whoever answered a succession has signed the root that is in force, and holds its key.
    let successor = desk.holds_certifying_key(&trust.root).await? && !trust.before.is_empty();
    let comparison = match (signed, heard) {
        (None, None) if successor || desk.heard_organisation().await? => None,
        (Some(payload), _) => {
            let first = decode_root_payload(&trust.chain)?;
            if payload.as_slice() != Digest::of(&first).0 {
                return Err(Error::OtherFounding);
            }
            None
        }
        (None, Some(heard)) => Some(heard.compare(trust.pinned, now(&*desk.ports.clock)?)?),
        (None, None) => return Err(Error::FingerprintIncomplete),
    };
    let name = desk.state().name.as_ref().map(|n| n.to_string()).unwrap_or_default();
    let kept = comparison.as_ref().map(Comparison::kept);
    let mut writes = vec![
        Write::Put(Table::Pins, "organisation", &organisation.0),
        Write::Put(Table::Pins, "organisation-name", name.as_bytes()),
    ];
    writes.extend(kept.as_ref().map(|(row, bytes)| Write::Put(Table::Pins, row, bytes)));
    desk.ports.vault.write(&writes).await?;
    desk.catch_up().await?;
    Ok(desk)
}

fn decode_root_payload(chain: &[Blob]) -> Result<Vec<u8>> {
    let first = chain.first().ok_or(Error::OtherFounding)?;
    let root = Root::verify_first(&first.0).map_err(Error::rejected("root"))?;
    Ok(encode(&root.body))
}

/// The organisation this profile belongs to.
pub async fn organisation(vault: &dyn Vault) -> Result<Option<OrganisationId>> {
    let bytes = vault.get(Table::Pins, "organisation").await?;
    Ok(bytes.and_then(|b| b.as_slice().try_into().ok()).map(OrganisationId))
}
