//! The witness: it is shown how the log of an organisation grows, and signs that it never saw it shrink or change
//! (spec/relay.md, Witness).

use std::{
    collections::BTreeSet,
    sync::{Mutex, PoisonError},
};

use countersign_documents::{
    Digest, Secret32, SigningKey, Time, VerifyingKey, certificate::Certificate, id::OrganisationId,
    text::Line,
};
use countersign_tlog::{
    AddCheckpoint, Advance, Checkpoint, NoteError, UnverifiedNote, WitnessKey, advance, cosign, key_name,
    origin,
};

use crate::{
    acts::standing,
    refusal::Refusal,
    relay::{Answer, Relay},
    store::Acquaintance,
};

/// The longest log: databases count no further.
const LONGEST: u64 = u64::MAX >> 1;
/// How many certificates are remembered as stored.
const REMEMBERED: usize = 4096;

/// What a relay signs with as a witness.
pub(crate) struct Witness {
    key: WitnessKey,
    seed: Secret32,
    /// Certificates whose checkpoint keys are stored: nothing is written for each act.
    stored: Mutex<BTreeSet<(OrganisationId, Digest, Time)>>,
}

impl Witness {
    pub(crate) fn new(origin: &Line, seed: Secret32) -> Self {
        let public = *SigningKey::from_seed(&seed).public().as_bytes();
        let key = WitnessKey { name: name(origin), public };
        Self { key, seed, stored: Mutex::default() }
    }

    /// Its name and public key.
    pub(crate) fn key(&self) -> String {
        format!("{}\n", self.key.to_text())
    }

    fn cosign(&self, checkpoint: &Checkpoint, time: Time) -> Result<Answer, Refusal> {
        let line = cosign(checkpoint, time, &self.key.name, &self.seed).map_err(|_| Refusal::Unavailable)?;
        Ok(Answer::Text(line))
    }
}

/// The host of an origin, and what the key is for.
fn name(origin: &Line) -> String {
    let origin = origin.as_str();
    let place = origin.split_once("://").map_or(origin, |(_, place)| place);
    let is_port = |port: &str| !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
    let host = place.rsplit_once(':').filter(|(_, port)| is_port(port)).map_or(place, |(host, _)| host);
    format!("{host}/witness")
}

/// `POST /v1/add-checkpoint`
pub(crate) async fn add_checkpoint(relay: &Relay, body: &[u8]) -> Result<Answer, Refusal> {
    // Before anything is looked up: a later cosignature of a longer log never has an earlier time than this one.
    let now = relay.now();
    let asked = std::str::from_utf8(body).ok().and_then(AddCheckpoint::parse).ok_or(Refusal::Form)?;
    let note = UnverifiedNote::parse(&asked.checkpoint).map_err(|_| Refusal::Form)?;
    let organisation = relay.log(note.unverified_origin()).await?;
    let checkpoint = relay.by_acquaintance(organisation, &note, now).await?;
    let known = relay.store.head(organisation).await?;
    let next = match advance(known, asked.old, &asked.proof, checkpoint.head) {
        Advance::To(next) if next.size <= LONGEST => next,
        Advance::To(_) | Advance::Backwards => return Err(Refusal::Form),
        Advance::From(size) => return Err(Refusal::Stands(size)),
        Advance::Unproven(_) => return Err(Refusal::Unproven),
    };
    if known != Some(next) && !relay.store.advance(organisation, known, next).await? {
        // Somebody else was faster.
        let stands = relay.store.head(organisation).await?.map_or(0, |head| head.size);
        return Err(Refusal::Stands(stands));
    }
    relay.witness.cosign(&checkpoint, now)
}

impl Relay {
    /// Whose log a checkpoint says it is of, where that is an organisation of this relay.
    async fn log(&self, named: &str) -> Result<OrganisationId, Refusal> {
        let last = named.rsplit('/').next().unwrap_or_default();
        let organisation = OrganisationId::parse(last).ok_or(Refusal::Nothing)?;
        self.refresh_cards().await?;
        let known = self.organisations.get(organisation).ok_or(Refusal::Nothing)?;
        if named == origin(known.organisation()) { Ok(organisation) } else { Err(Refusal::Nothing) }
    }

    /// The checkpoint, where somebody signed it who counts.
    async fn by_acquaintance(
        &self,
        organisation: OrganisationId,
        note: &UnverifiedNote<'_>,
        now: Time,
    ) -> Result<Checkpoint, Refusal> {
        for public in self.store.checkpoint_keys(organisation, now).await? {
            let Some(key) = VerifyingKey::parse(&public) else { continue };
            match note.verify(&key_name(organisation, &key.thumbprint()), &public) {
                Ok(checkpoint) => return Ok(checkpoint),
                Err(NoteError::NotCheckpoint) => return Err(Refusal::Form),
                Err(_) => {}
            }
        }
        Err(Refusal::NotAllowed)
    }

    /// Keeps who signs checkpoints by this certificate, which counts.
    pub(crate) async fn acquaint(&self, certificate: &Certificate) {
        let standing = standing(certificate);
        let name = (standing.organisation, standing.member, standing.issued);
        let stored = || self.witness.stored.lock().unwrap_or_else(PoisonError::into_inner);
        if stored().contains(&name) {
            return;
        }
        let checkpoint = *certificate.subject.checkpoint.as_bytes();
        let acquaintance = Acquaintance { standing, checkpoint, expires: certificate.expires };
        // The act does not fail with it: the next one tries again.
        if self.store.acquaint(acquaintance).await.is_ok() {
            let mut stored = stored();
            if stored.len() >= REMEMBERED {
                stored.clear();
            }
            stored.insert(name);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_witness_is_called_by_the_host_of_its_origin() {
        for (origin, named) in [
            ("https://relay.example", "relay.example/witness"),
            ("https://relay.example:8443", "relay.example/witness"),
            ("http://127.0.0.1:8480", "127.0.0.1/witness"),
            ("https://[2001:db8::1]", "[2001:db8::1]/witness"),
            ("https://[2001:db8::1]:8443", "[2001:db8::1]/witness"),
        ] {
            let origin = Line::parse(origin).expect("a line");
            assert_eq!(name(&origin), named, "{}", origin.as_str());
        }
    }
}
