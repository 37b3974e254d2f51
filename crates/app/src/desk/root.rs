//! The root of trust: who certifies. Two persons change it; each signs on the own desk.

use countersign_contract::{RootView, WaitingRootView};
use countersign_documents::{
    Blob, Digest, SigningKey, VerifyingKey, encode,
    id::PersonId,
    root::{Certifier, Root, successor},
};
use countersign_domain::{
    Event, Refusal,
    event::{CertifierOffered, RootDropped, RootProposed, RootSigned},
};
use countersign_ports::{Table, Write};

use super::{Desk, Recorded};
use crate::{
    error::{Error, Result},
    founding::OfflineHalf,
    own::secret,
    random::{make_secret, now},
};

/// The key that certifies, and the one that was offered to take its place.
const STANDING: &str = "certifying";
pub(crate) const OFFERED: &str = "certifying-next";

/// What the next root changes.
#[derive(Debug, Default)]
pub struct RootPlan {
    /// Persons whose offered key comes in, in the place of the one they have, if any.
    pub with: Vec<PersonId>,
    /// Persons who certify no more.
    pub without: Vec<PersonId>,
    /// The two persons whose offered halves on paper become the offline succession; none to keep it.
    pub halves: Option<(PersonId, PersonId)>,
}

impl Desk {
    /// Makes a key to certify with and a new half on paper, and puts their public halves on the record.
    pub async fn offer_certifying_key(&mut self) -> Result<(Recorded, OfflineHalf)> {
        // A root that waits may name the key that would be overwritten here.
        if self.state.next_root.is_some() {
            return Err(Refusal::RootWaits.into());
        }
        self.settle_certifying().await?;
        let certifying = make_secret(&*self.ports.entropy)?;
        let offline = make_secret(&*self.ports.entropy)?;
        let event = CertifierOffered {
            key: SigningKey::from_seed(&certifying).public(),
            offline: SigningKey::from_seed(&offline).public(),
        };
        self.state.check(&self.context()?, &Event::CertifierOffered(event.clone()))?;
        self.ports.vault.write(&[Write::Put(Table::Identity, OFFERED, certifying.expose())]).await?;
        let recorded = self.record(Event::CertifierOffered(event)).await?;
        Ok((recorded, OfflineHalf::of(&offline)))
    }

    /// Proposes the next root, signed by this person.
    pub async fn propose_root(&mut self, plan: &RootPlan) -> Result<Digest> {
        let root = self.plan_root(plan)?;
        let payload = Blob(encode(&root));
        let signatures = self.root_parts(&root, &payload).await?;
        let digest = Digest::of(&payload.0);
        self.record(Event::RootProposed(RootProposed { root: payload, signatures })).await?;
        self.settle_certifying().await?;
        Ok(digest)
    }

    fn plan_root(&self, plan: &RootPlan) -> Result<Root> {
        let trust = self.state.trust()?;
        let offer = |person: &PersonId| self.state.offers.get(person).ok_or(Refusal::NotOffered);
        let mut root = trust.root.clone();
        root.certifiers.retain(|c| !plan.with.contains(&c.person) && !plan.without.contains(&c.person));
        for person in &plan.with {
            root.certifiers.push(Certifier { person: *person, key: offer(person)?.key });
        }
        root.certifiers.sort_by_key(|c| c.person);
        if let Some((a, b)) = &plan.halves {
            root.successor = successor(&offer(a)?.offline, &offer(b)?.offline);
        }
        root.version += 1;
        root.previous = Some(trust.current);
        root.revealed = None;
        root.made = now(&*self.ports.clock)?.max(root.made);
        root.check().map_err(|_| Refusal::BadRoot)?;
        Ok(root)
    }

    /// Signs the root that waits, exactly the one that was shown. Whether it is in force now.
    pub async fn sign_root(&mut self, shown: Digest) -> Result<bool> {
        let next = self.state.next_root.clone().ok_or(Refusal::NoSuchRoot)?;
        if next.digest() != shown {
            return Err(Refusal::NoSuchRoot.into());
        }
        let mut signatures = self.root_parts(&next.root, &next.payload).await?;
        signatures.retain(|s| !next.signatures.contains(s));
        if signatures.is_empty() {
            return Err(Refusal::AlreadyThere.into());
        }
        self.record(Event::RootSigned(RootSigned { root: shown, signatures })).await?;
        self.settle_certifying().await?;
        Ok(self.state.trust()?.root.version == next.root.version)
    }

    /// Takes the root that waits back, or turns it down.
    pub async fn drop_root(&mut self) -> Result<Recorded> {
        let root = self.state.next_root.as_ref().ok_or(Refusal::NoSuchRoot)?.digest();
        self.record(Event::RootDropped(RootDropped { root })).await
    }

    /// This person's signatures under a root, by every key that counts and lies on this desk.
    async fn root_parts(&self, root: &Root, payload: &Blob) -> Result<Vec<Blob>> {
        let mut parts = Vec::new();
        for public in self.state.root_keys_of(self.me()?.person, root)? {
            if let Some(key) = self.certifying_key(&public).await? {
                parts.push(Blob(encode(&Root::cosign(&payload.0, &key))));
            }
        }
        if parts.is_empty() { Err(Refusal::NotACertifier.into()) } else { Ok(parts) }
    }

    /// The private half of a certifying key, where this desk holds it.
    pub(crate) async fn certifying_key(&self, public: &VerifyingKey) -> Result<Option<SigningKey>> {
        for row in [STANDING, OFFERED] {
            if self.ports.vault.get(Table::Identity, row).await?.is_some() {
                let key = SigningKey::from_seed(&secret(&*self.ports.vault, Table::Identity, row).await?);
                if key.public() == *public {
                    return Ok(Some(key));
                }
            }
        }
        Ok(None)
    }

    /// Whether one of a root's certifying keys lies on this desk.
    pub(crate) async fn holds_certifying_key(&self, root: &Root) -> Result<bool> {
        for certifier in &root.certifiers {
            if self.certifying_key(&certifier.key).await?.is_some() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Once the root names the key that was offered, it is the one; the one before is destroyed, for with two such
    /// keys somebody could draw up another history of the root.
    pub(crate) async fn settle_certifying(&self) -> Result<()> {
        if self.ports.vault.get(Table::Identity, OFFERED).await?.is_none() {
            return Ok(());
        }
        let seed = secret(&*self.ports.vault, Table::Identity, OFFERED).await?;
        let public = SigningKey::from_seed(&seed).public();
        if self.state.trust()?.root.certifiers.iter().any(|c| c.key == public) {
            let writes = [
                Write::Put(Table::Identity, STANDING, seed.expose()),
                Write::Remove(Table::Identity, OFFERED),
            ];
            self.ports.vault.write(&writes).await?;
        }
        Ok(())
    }

    /// The root in force, and the one that waits.
    pub async fn root_view(&self) -> Result<RootView> {
        let trust = self.state.trust()?;
        let mut offers = Vec::new();
        for (person, offer) in &self.state.offers {
            offers.push((person.to_string(), self.person_name(*person).await, offer.time.0));
        }
        let mut outdated = Vec::new();
        for member in self.state.active().filter(|m| !m.stands) {
            outdated.push((member.id.to_string(), self.display_name(member.name).await));
        }
        let waiting = match &self.state.next_root {
            None => None,
            Some(next) => Some(WaitingRootView {
                digest: next.digest().hex(),
                version: next.root.version,
                certifiers: self.certifiers(&next.root).await,
                new_halves: next.root.successor != trust.root.successor,
                signatures: next.signatures.len(),
                by: self.person_name(self.person_of(next.member)).await,
                time: next.time.0,
            }),
        };
        Ok(RootView {
            version: trust.root.version,
            fingerprint: trust.fingerprint().to_read_aloud(),
            certifiers: self.certifiers(&trust.root).await,
            offers,
            outdated,
            waiting,
        })
    }

    fn person_of(&self, member: countersign_documents::id::MemberId) -> PersonId {
        self.state.members.get(&member).map_or(PersonId([0; 16]), |m| m.person)
    }

    async fn certifiers(&self, root: &Root) -> Vec<(String, String, String)> {
        let mut rows = Vec::new();
        for certifier in &root.certifiers {
            let key = certifier.key.thumbprint().hex();
            rows.push((certifier.person.to_string(), self.person_name(certifier.person).await, key));
        }
        rows
    }

    /// Proposes to certify anew everybody whose certificate the root in force does not carry any more.
    pub async fn renew_outdated(&mut self) -> Result<Vec<countersign_documents::id::ChangeId>> {
        let outdated: Vec<_> = self.state.active().filter(|m| !m.stands).map(|m| m.id).collect();
        if outdated.is_empty() {
            return Err(Error::Value("Every member's certificate holds under the root in force."));
        }
        let mut changes = Vec::new();
        for member in outdated {
            changes.push(self.propose_renewal(member, None, None).await?);
        }
        Ok(changes)
    }
}
