//! The offline succession: both halves on paper make two people the certifiers, whatever became of the keys before.
//!
//! It goes as the founding went: one begins (offer), the other answers, the first completes. Each half is typed on the
//! desk of the person who holds it and nowhere else, so the two never meet (`docs/decisions/0002`).

use countersign_documents::{
    Blob, Digest, Kind, Secret32, SigningKey, Time, VerifyingKey,
    certificate::{Certificate, Right},
    cose::{self, Cosignature, Unverified1},
    decode, encode,
    id::{MemberId, OrganisationId, PersonId},
    record,
    root::{Certifier, Root, Trust, successor},
};
use countersign_domain::{Event, Refusal, event::Succeeded};
use countersign_ports::{Clock, Entropy, Table, Vault, Write};

use crate::{
    desk::{Desk, NameBlob, OFFERED, Recorded},
    error::{Error, Result},
    founding::{Founder, OfflineHalf, card_of, certificate_for, compare, make_founder},
    own::{Own, ProfileKind, secret},
    random::now,
};

record! {
    /// A member whom the other side may turn out to be.
    pub struct Known {
        /// Thumbprint of the signing key.
        1 => key: Digest,
        /// Who.
        2 => person: PersonId,
        /// On which desk.
        3 => member: MemberId,
    }
}

record! {
    /// One of the two begins.
    pub struct Offer {
        /// The organisation.
        1 => organisation: OrganisationId,
        /// All versions of its root.
        2 => roots: Vec<Blob>,
        /// Who begins.
        3 => first: Founder,
        /// The public half of what the first keeps on paper.
        4 => revealed: VerifyingKey,
        /// Who is known already: whoever comes back keeps person and desk.
        5 => members: Vec<Known>,
        /// When.
        6 => made: Time,
    }
}

record! {
    /// The other answers.
    pub struct Answer {
        /// Digest of the offer.
        1 => offer: Digest,
        /// Who answers.
        2 => second: Founder,
        /// The public half of what the second keeps on paper.
        3 => revealed: VerifyingKey,
        /// When: also the time of root and certificates.
        4 => made: Time,
        /// Signatures under the root: by the half on paper, and by the new certifying key.
        5 => root: Vec<Blob>,
        /// Signatures under both certificates, the first one's first.
        6 => certificates: Vec<Blob>,
    }
}

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
    let document = cose::sign_plain(Kind::SuccessionOffer, &offer, &desk.own.signing);
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
    typed: &str,
    half: &str,
) -> Result<(Vec<u8>, OfflineHalf)> {
    let own = Own::load_as(vault, ProfileKind::Desk).await?;
    let half = read_half(half)?;
    let (offer, digest) = read_offer(offer)?;
    compare(&offer.first, typed)?;
    let trust = trust_of(&offer)?;
    own.about.check_sample(trust.root.sample)?;
    if let Some(mine) = crate::founding::organisation(vault).await?
        && mine != offer.organisation
    {
        return Err(Error::OtherFounding);
    }
    if successor(&half.public(), &offer.revealed) != trust.root.successor {
        return Err(Error::Value(
            "These are not the two halves of this organisation's succession: one of them is another's, or both are the same.",
        ));
    }
    let made = now(clock)?;
    let (mut second, keys) = make_founder(&own, entropy, made)?;
    if let Some(known) = offer.members.iter().find(|k| k.key == own.thumbprint()) {
        (second.person, second.member) = (known.person, known.member);
    }
    let same_key = card_of(&offer.first)?.signing.thumbprint() == own.thumbprint();
    if same_key || second.person == offer.first.person {
        return Err(Refusal::SamePerson.into());
    }
    let certifying = SigningKey::from_seed(&keys.certifying);
    let (root, certificates) = drawn_up(&trust, &offer, &second, half.public(), made)?;
    let sign = |payload: &Vec<u8>| Blob(encode(&Certificate::cosign(payload, &certifying)));
    let answer = Answer {
        offer: digest,
        second,
        revealed: half.public(),
        made,
        root: [&half, &certifying].map(|key| Blob(encode(&Root::cosign(&root, key)))).to_vec(),
        certificates: certificates.iter().map(sign).collect(),
    };
    let document = cose::sign_plain(Kind::SuccessionAnswer, &answer, &own.signing);
    let writes = [
        Write::Put(Table::Identity, OFFERED, keys.certifying.expose()),
        Write::Put(Table::Pins, "organisation", &offer.organisation.0),
    ];
    vault.write(&writes).await?;
    Ok((document, keys.half()))
}

/// The first completes, after typing the second one's fingerprint: the new root is on the record.
pub async fn complete(desk: &mut Desk, answer: &[u8], typed: &str, half: &str) -> Result<Recorded> {
    let half = read_half(half)?;
    let vault = desk.ports.vault.clone();
    let stored = vault.get(Table::Identity, "succession-offer").await?.ok_or(Error::OtherFounding)?;
    let (offer, digest) = read_offer(&stored)?;
    let answer = read_answer(answer)?;
    if answer.offer != digest || half.public() != offer.revealed {
        return Err(Error::OtherFounding);
    }
    compare(&answer.second, typed)?;
    let trust = trust_of(&offer)?;
    let (root, certificates) = drawn_up(&trust, &offer, &answer.second, answer.revealed, answer.made)?;
    let certifying = SigningKey::from_seed(&secret(&*vault, Table::Identity, OFFERED).await?);
    let mut parts = answer.root.iter().map(part).collect::<Result<Vec<_>>>()?;
    parts.extend([&half, &certifying].map(|key| Root::cosign(&root, key)));
    let mut documents = Vec::new();
    for (payload, theirs) in certificates.iter().zip(&answer.certificates) {
        let both = vec![part(theirs)?, Certificate::cosign(payload, &certifying)];
        documents.push(Blob(Certificate::join(payload, both)));
    }
    let mut event = Succeeded {
        root: Blob(Root::join(&root, parts)),
        certificates: documents,
        names: vec![Digest([0; 32]); 2],
    };
    // Nothing is written beside the log before the rules have said yes to the whole.
    desk.state.check(&desk.context()?, &Event::Succeeded(event.clone()))?;
    event.names.clear();
    for founder in [&offer.first, &answer.second] {
        let name = card_of(founder)?.name.clone().ok_or(Error::OtherFounding)?;
        event.names.push(desk.put_name(&NameBlob { salt: founder.salt, name }).await?);
    }
    let recorded = desk.record(Event::Succeeded(event)).await?;
    desk.settle_certifying().await?;
    vault.write(&[Write::Remove(Table::Identity, "succession-offer")]).await?;
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

fn trust_of(offer: &Offer) -> Result<Trust> {
    let trust = Trust::follow(&offer.roots, None).map_err(Error::rejected("succession offer"))?;
    if trust.root.organisation == offer.organisation { Ok(trust) } else { Err(Error::OtherFounding) }
}

fn part(blob: &Blob) -> Result<Cosignature> {
    decode(&blob.0).map_err(|flaw| Error::Rejected { what: "succession answer", why: flaw.into() })
}

fn read_offer(document: &[u8]) -> Result<(Offer, Digest)> {
    let fail = Error::rejected("succession offer");
    let read = || {
        let unverified = Unverified1::parse(Kind::SuccessionOffer, document)?;
        let named: Offer = decode(unverified.unverified_payload())?;
        Ok((unverified, named))
    };
    let (unverified, named) = read().map_err(fail)?;
    let key = card_of(&named.first)?.signing;
    let verified = unverified.verify(&key).and_then(|v| v.read::<Offer>());
    let verified = verified.map_err(Error::rejected("succession offer"))?;
    Ok((verified.body, verified.digest))
}

fn read_answer(document: &[u8]) -> Result<Answer> {
    let read = || {
        let unverified = Unverified1::parse(Kind::SuccessionAnswer, document)?;
        let named: Answer = decode(unverified.unverified_payload())?;
        Ok((unverified, named))
    };
    let (unverified, named) = read().map_err(Error::rejected("succession answer"))?;
    let key = card_of(&named.second)?.signing;
    let verified = unverified.verify(&key).and_then(|v| v.read::<Answer>());
    Ok(verified.map_err(Error::rejected("succession answer"))?.body)
}

/// Root and certificates as both sides draw them up: neither takes the other's word for them.
fn drawn_up(
    trust: &Trust,
    offer: &Offer,
    second: &Founder,
    other_half: VerifyingKey,
    made: Time,
) -> Result<(Vec<u8>, Vec<Vec<u8>>)> {
    let both = [&offer.first, second];
    let mut certifiers = both.map(|f| Certifier { person: f.person, key: f.certifying }).to_vec();
    certifiers.sort_by_key(|c| c.person);
    let root = Root {
        version: trust.root.version + 1,
        certifiers,
        successor: successor(&offer.first.offline, &second.offline),
        made: made.max(trust.root.made),
        previous: Some(trust.current),
        revealed: Some(vec![offer.revealed, other_half]),
        ..trust.root.clone()
    };
    root.check().map_err(Error::rejected("succession"))?;
    let rights = [Right::Vet, Right::Approve, Right::Issue, Right::Admin];
    let certificate = |f: &Founder| certificate_for(f, offer.organisation, made, &rights);
    Ok((encode(&root), both.into_iter().map(certificate).collect::<Result<_>>()?))
}
