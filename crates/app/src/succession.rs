//! The offline succession: both halves on paper make two people the certifiers, whatever became of the keys before.
//!
//! It goes as the founding went: one begins (offer), the other answers, the first completes. Each half is typed on the
//! desk of the person who holds it and nowhere else, so the two never meet (`docs/decisions/0002`).

use countersign_documents::{
    Blob, Digest, Secret32, SigningKey, Verified,
    root::Trust,
    succession::{Answer, Known, Offer},
};
use countersign_domain::{Event, Refusal, event::Succeeded};
use countersign_ports::{Clock, Entropy, Table, Vault, Write};

use crate::{
    desk::{Desk, Heard, NameBlob, OFFERED, Recorded},
    error::{Error, Result},
    founding::{OfflineHalf, compare, flawed, make_founder},
    own::{Own, ProfileKind, secret},
    random::now,
};

/// One begins, with one half at hand. The offer goes to whoever holds the other; the new half on paper.
pub async fn begin(desk: &mut Desk, half: &str) -> Result<(Vec<u8>, OfflineHalf)> {
    let half = read_half(half)?;
    let trust = desk.state.trust()?.clone();
    let me = desk.me()?.clone();
    let made = now(&*desk.ports.clock)?;
    let (mut first, keys) = make_founder(&desk.own, &*desk.ports.entropy, made)?;
    (first.person, first.member) = (me.person, me.id);
    let known = desk.state.members.values().filter(|m| !m.agent);
    let known = known.map(|m| Known { key: m.key.thumbprint(), person: m.person, member: m.id });
    let offer = Offer {
        organisation: desk.organisation,
        roots: trust.chain,
        first,
        revealed: half.public(),
        members: known.collect(),
        made,
    };
    let document = offer.sign(&desk.own.signing);
    let writes = [
        Write::Put(Table::Identity, "succession-offer", &document),
        Write::Put(Table::Identity, OFFERED, keys.certifying.expose()),
    ];
    desk.ports.vault.write(&writes).await?;
    Ok((document, keys.half()))
}

/// The other answers, after typing the first one's fingerprint, with the other half at hand.
pub async fn answer(
    vault: &dyn Vault,
    entropy: &dyn Entropy,
    clock: &dyn Clock,
    offer: &[u8],
    heard: &Heard<'_>,
    half: &str,
) -> Result<(Vec<u8>, OfflineHalf)> {
    let own = Own::load_as(vault, ProfileKind::Desk).await?;
    let half = read_half(half)?;
    let (Verified { body: offer, digest, .. }, trust) = read_offer(offer)?;
    let made = now(clock)?;
    let comparison = compare(&offer.first, heard, made)?;
    own.about.check_sample(trust.root.sample)?;
    if let Some(mine) = crate::founding::organisation(vault).await?
        && mine != offer.organisation
    {
        return Err(Error::OtherFounding);
    }
    let (mut second, keys) = make_founder(&own, entropy, made)?;
    if let Some(known) = offer.known(&own.thumbprint()) {
        (second.person, second.member) = (known.person, known.member);
    }
    let drawn = offer.draw_up(&trust, &second, half.public(), made).map_err(flawed("succession offer"))?;
    let certifying = SigningKey::from_seed(&keys.certifying);
    let answer = Answer {
        offer: digest,
        second,
        revealed: half.public(),
        made,
        root: [&half, &certifying].map(|key| drawn.sign_root(key)).to_vec(),
        certificates: drawn.sign_certificates(&certifying),
    };
    let document = answer.sign(&own.signing);
    // It goes on the record once the succession is there, and this desk is one of its members.
    let (row, kept) = comparison.kept();
    let writes = [
        Write::Put(Table::Identity, OFFERED, keys.certifying.expose()),
        Write::Put(Table::Pins, "organisation", &offer.organisation.0),
        Write::Put(Table::Pins, &row, &kept),
    ];
    vault.write(&writes).await?;
    Ok((document, keys.half()))
}

/// The first completes, after typing the second one's fingerprint: the new root is on the record, and what was heard.
pub async fn complete(desk: &mut Desk, answer: &[u8], heard: &Heard<'_>, half: &str) -> Result<Recorded> {
    let half = read_half(half)?;
    let vault = desk.ports.vault.clone();
    let stored = vault.get(Table::Identity, "succession-offer").await?.ok_or(Error::OtherFounding)?;
    let (offer, trust) = read_offer(&stored)?;
    let answer = Answer::verify(answer).map_err(flawed("succession answer"))?.body;
    if answer.offer != offer.digest || half.public() != offer.body.revealed {
        return Err(Error::OtherFounding);
    }
    let comparison = compare(&answer.second, heard, now(&*desk.ports.clock)?)?;
    let answered = answer.check(&offer, &trust).map_err(flawed("succession answer"))?;
    let certifying = SigningKey::from_seed(&secret(&*vault, Table::Identity, OFFERED).await?);
    let mut event = Succeeded {
        root: Blob(answered.complete_root(&[&half, &certifying])),
        certificates: answered.complete_certificates(&certifying),
        names: vec![Digest([0; 32]); 2],
    };
    // Nothing is written beside the log before the rules have said yes to the whole.
    desk.state.check(&desk.context()?, &Event::Succeeded(event.clone()))?;
    event.names.clear();
    for founder in [&offer.body.first, &answer.second] {
        let name = founder.card().map_err(flawed("succession answer"))?.name.ok_or(Error::OtherFounding)?;
        event.names.push(desk.put_name(&NameBlob { salt: founder.salt, name }).await?);
    }
    let (row, kept) = comparison.kept();
    vault.write(&[Write::Put(Table::Pins, &row, &kept)]).await?;
    let recorded = desk.record(Event::Succeeded(event)).await?;
    desk.settle_certifying().await?;
    vault.write(&[Write::Remove(Table::Identity, "succession-offer")]).await?;
    desk.settle_comparisons().await?;
    let second = desk.state.members.get(&answer.second.member).cloned().ok_or(Refusal::NoSuchMember)?;
    desk.share_keys(&second).await?;
    Ok(recorded)
}

fn read_half(text: &str) -> Result<SigningKey> {
    let bytes =
        data_encoding::HEXLOWER_PERMISSIVE.decode(text.trim().as_bytes()).map(zeroize::Zeroizing::new);
    let seed = bytes.ok().and_then(|b| Secret32::from_slice(&b));
    let seed = seed.ok_or(Error::Value("A half of the succession is 64 hexadecimal characters."))?;
    Ok(SigningKey::from_seed(&seed))
}

fn read_offer(document: &[u8]) -> Result<(Verified<Offer>, Trust)> {
    Offer::verify(document).map_err(flawed("succession offer"))
}
