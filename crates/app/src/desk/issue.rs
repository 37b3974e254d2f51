//! Issue: intent on the record, then the key, then the envelope durable here, then the record of it, then release.
//!
//! A crash anywhere leaves either an intent (the next call completes it: the issuer replaces whatever it made under the
//! same tag), or a recorded key whose envelope is in the outbox (the next call delivers it). Never a key that nobody
//! recorded, never a second one.

use countersign_documents::{
    Digest, Key, ReceivingKey, Secret32, Time, encode,
    id::{Cti, KeyId, RequestId},
    record,
    text::{Line, ScopeName},
    time::DAY,
};
use countersign_domain::{
    Event, ExchangeState, KeyRecord, KeyState, Refusal, Signed,
    event::{Abandoned, Activated, Issued},
    intend,
};
use countersign_envelope::{Consignment, Countersigned, LinkSecret, Sealed, Sealer, Seeds, Signature, seal};
use countersign_ports::{Handle, Issuer, KeySource, Table, Tag, Write};
use hmac::{KeyInit as _, Mac as _};
use zeroize::Zeroizing;

use super::{Desk, Recorded, deliver::uploaded_row};
use crate::{
    error::{Error, Result},
    random::{make_bytes, make_secret},
};

record! {
    /// An envelope that waits in the outbox, without its link secret, which lies in a row of its own.
    pub struct Waiting {
        /// Which key.
        1 => key: KeyId,
        /// The envelope.
        2 => envelope: countersign_documents::Blob,
        /// Its id.
        3 => cti: Cti,
        /// Until when it opens.
        4 => expires: Time,
    }
}

/// A key that was made, sealed and recorded.
#[derive(Debug, Clone, Copy)]
pub struct Made {
    /// Which.
    pub key: KeyId,
    /// The record.
    pub recorded: Recorded,
}

/// What came of switching keys on.
#[derive(Debug, Default)]
pub struct SwitchedOn {
    /// Keys that work now.
    pub active: Vec<KeyId>,
    /// Why the first of those that do not was not switched on.
    pub failed: Option<Error>,
}

/// HMAC-SHA256 under the look-up key: tells a leaked key without keeping any.
pub(crate) fn fingerprint(look_up: &Secret32, key: &[u8]) -> Digest {
    let mut mac = hmac::Hmac::<sha2::Sha256>::new_from_slice(look_up.expose())
        .unwrap_or_else(|_| unreachable!("HMAC takes any key length"));
    mac.update(key);
    Digest(mac.finalize().into_bytes().into())
}

pub(crate) fn outbox_row(key: &KeyId) -> String {
    format!("envelope/{key}")
}

pub(crate) fn secret_row(key: &KeyId) -> String {
    format!("secret/{key}")
}

impl Desk {
    /// Issues the key of a countersigned request, or completes what a crash interrupted.
    pub async fn issue(&mut self, request: RequestId, pasted: Option<Key>) -> Result<Made> {
        self.check_own_certificate()?;
        let exchange = self.state.exchange(&request)?;
        if let Some(key) = self.open_intent(request) {
            return self.make(key, pasted).await;
        }
        if exchange.state == ExchangeState::Issued {
            return Err(Refusal::AlreadyIssued.into());
        }
        self.begin(request, pasted).await
    }

    /// Another key within the same grant: same access, same end, other bytes.
    pub async fn rotate(&mut self, key: KeyId, pasted: Option<Key>) -> Result<Made> {
        self.check_own_certificate()?;
        let request = self.state.key(&key)?.request.ok_or(Refusal::NotCountersigned)?;
        match self.open_intent(request) {
            Some(open) => self.make(open, pasted).await,
            None => self.begin(request, pasted).await,
        }
    }

    fn open_intent(&self, request: RequestId) -> Option<KeyId> {
        let exchange = self.state.exchange(&request).ok()?;
        exchange
            .keys
            .iter()
            .copied()
            .find(|k| self.state.keys.get(k).is_some_and(|k| k.state == KeyState::Intended))
    }

    async fn begin(&mut self, request: RequestId, pasted: Option<Key>) -> Result<Made> {
        let needs_key = !self.plan(request)?.makes_key;
        if needs_key && pasted.is_none() {
            return Err(countersign_ports::IssuerError::NeedsKey.into());
        }
        if !needs_key && pasted.is_some() {
            return Err(countersign_ports::IssuerError::MakesKey.into());
        }
        let key = KeyId(make_bytes(&*self.ports.entropy)?);
        let cti = Cti(make_bytes(&*self.ports.entropy)?);
        let op_id = self.make_op()?;
        let known = self.state.exchange(&request)?.keys.len();
        self.record_with(op_id, &mut |desk, _| {
            // Somebody was faster: a further key would be a rotation that nobody asked for.
            if desk.state.exchange(&request)?.keys.len() != known {
                return Err(Refusal::AlreadyIssued.into());
            }
            Ok(Event::Intended(intend(&desk.state, &request, key, cti)?))
        })
        .await?;
        self.make(key, pasted).await
    }

    async fn make(&mut self, id: KeyId, pasted: Option<Key>) -> Result<Made> {
        let key = self.state.key(&id)?.clone();
        if key.maker != Some(self.me()?.id) {
            return Err(Refusal::OtherMaker.into());
        }
        let signed = self.signed(&key)?;
        let issuer = self.issuer_of(&key)?;
        let source = pasted.map_or(KeySource::Issuer, KeySource::Pasted);
        let issued = issuer.create(&tag_of(&key, &signed), source).await?;
        let sealed = self.seal(&key, &signed, &issued.key, issued.not_after).await?;
        let event = Issued {
            key: id,
            envelope: sealed.digest,
            nonce: Digest::of(&sealed.nonce.0),
            fingerprint: fingerprint(&self.look_up_key().await?, issued.key.expose()),
            handle: Line::parse(&issued.handle.0).map_err(Error::text("handle"))?,
            not_after: issued.not_after,
            expires: sealed.expires,
            scopes: key.scopes.clone(),
        };
        let waiting =
            Waiting { key: id, envelope: sealed.bytes.into(), cti: sealed.cti, expires: sealed.expires };
        self.ports
            .vault
            .write(&[
                Write::Put(Table::Outbox, &outbox_row(&id), &encode(&waiting)),
                Write::Put(Table::Outbox, &secret_row(&id), sealed.secret.expose().expose()),
            ])
            .await?;
        let recorded = self.record(Event::Issued(event)).await?;
        Ok(Made { key: id, recorded })
    }

    async fn seal(&self, key: &KeyRecord, signed: &Signed, secret: &Key, not_after: Time) -> Result<Sealed> {
        let trust = self.state.trust()?;
        let mut signatures = Vec::new();
        for approval in &signed.approvals {
            let member = self.state.members.get(&approval.member).ok_or(Refusal::SignerGone)?;
            let name = self.name_blob(member.name).await?;
            signatures.push(Signature {
                approval: approval.approval.0.clone(),
                certificate: member.certificate.0.clone(),
                salt: name.salt,
                name: name.name,
            });
        }
        let policy = self.state.policy();
        let now = self.context()?.time;
        let age = policy.approval_days * DAY;
        let countersigned = Countersigned::check(signed.grant.clone(), signatures, &trust.root, now, age)
            .map_err(|why| Error::NotSealed(countersign_envelope::Reason::Approvals(why)))?;
        let me = self.me()?;
        let sealer = Sealer { key: &self.own.signing, certificate: &me.certificate.0, root: &trust.root };
        let to: ReceivingKey =
            key.request.and_then(|r| self.state.exchanges.get(&r)).ok_or(Refusal::NoSuchRequest)?.receiving;
        let scopes: Vec<ScopeName> = key.scopes.clone();
        let what = Consignment {
            to: &to,
            key_id: key.id,
            key: secret,
            key_expires: not_after,
            scopes,
            base_url: signed.grant.base_url.clone(),
            seq: key.seq,
            cti: key.cti.ok_or(Refusal::KeyNotIntended)?,
            lasting: policy.envelope_days * DAY,
        };
        let seeds = Seeds {
            secret: LinkSecret::new(make_secret(&*self.ports.entropy)?),
            ephemeral: make_secret(&*self.ports.entropy)?,
            nonce: Digest(make_bytes(&*self.ports.entropy)?),
        };
        seal(&countersigned, &sealer, what, seeds).map_err(Error::NotSealed)
    }

    pub(crate) fn signed(&self, key: &KeyRecord) -> Result<Signed> {
        let exchange =
            key.request.and_then(|r| self.state.exchanges.get(&r)).ok_or(Refusal::NoSuchRequest)?;
        Ok(exchange
            .signed
            .clone()
            .filter(|s| Some(s.grant.id) == key.grant)
            .ok_or(Refusal::NotCountersigned)?)
    }

    pub(crate) fn issuer_of(&self, key: &KeyRecord) -> Result<std::sync::Arc<dyn Issuer>> {
        let terms =
            key.issuer.as_ref().and_then(|i| self.state.issuers.get(i)).ok_or(Refusal::UnknownIssuer)?;
        Ok(self.ports.issuers.connect(&terms.terms)?)
    }

    /// Abandons a key that was to be made: whatever the issuer made of it is removed first.
    pub async fn abandon(&mut self, id: KeyId) -> Result<Recorded> {
        let key = self.state.key(&id)?.clone();
        if key.state != KeyState::Intended {
            return Err(Refusal::KeyNotIntended.into());
        }
        let issuer = self.issuer_of(&key)?;
        if let Some(handle) = issuer.find(id).await? {
            issuer.revoke(&handle).await?;
        }
        let recorded = self.record(Event::Abandoned(Abandoned { key: id })).await?;
        self.shred(&id).await?;
        Ok(recorded)
    }

    /// Switches on every key whose receipt is on the record. An issuer that does not answer keeps no key of another one back.
    pub async fn activate_opened(&mut self) -> Result<SwitchedOn> {
        let due: Vec<KeyRecord> = self
            .state
            .all_keys()
            .filter(|k| k.state == KeyState::Opened && k.stop.is_none())
            .cloned()
            .collect();
        let mut done = SwitchedOn::default();
        for key in due {
            let Some(handle) = &key.handle else { continue };
            let told = match self.issuer_of(&key) {
                Ok(issuer) => issuer.activate(&Handle(handle.to_string())).await.map_err(Error::from),
                Err(error) => Err(error),
            };
            match told {
                Ok(()) => {
                    self.record(Event::Activated(Activated { key: key.id })).await?;
                    done.active.push(key.id);
                }
                Err(error) => done.failed = done.failed.or(Some(error)),
            }
        }
        Ok(done)
    }

    /// Outbox rows of keys that cannot be delivered any more are shredded; one without its entry is discarded.
    pub async fn tidy_outbox(&mut self) -> Result<()> {
        let ctx = self.context()?;
        for row in self.ports.vault.ids(Table::Outbox).await? {
            let Some(key) = row.strip_prefix("envelope/").and_then(KeyId::parse) else { continue };
            let over = self.state.keys.get(&key).is_none_or(|k| {
                let open = matches!(k.state, KeyState::Sealed | KeyState::HandedOver | KeyState::Intended);
                let back = k.parcel.is_some_and(|p| p.withdrawn.is_some());
                !open || back || k.opens_until.is_some_and(|until| until < ctx.time)
            });
            if over {
                self.shred(&key).await?;
            }
        }
        Ok(())
    }

    pub(crate) async fn shred(&self, key: &KeyId) -> Result<()> {
        let rows = [outbox_row(key), secret_row(key), uploaded_row(key)];
        let batch: Vec<_> = rows.iter().map(|row| Write::Remove(Table::Outbox, row)).collect();
        Ok(self.ports.vault.write(&batch).await?)
    }

    pub(crate) async fn link_secret(&self, key: &KeyId) -> Result<LinkSecret> {
        let bytes: Option<Zeroizing<Vec<u8>>> = self.ports.vault.get(Table::Outbox, &secret_row(key)).await?;
        let secret = bytes.and_then(|b| Secret32::from_slice(&b)).ok_or(Error::NothingToDeliver)?;
        Ok(LinkSecret::new(secret))
    }
}

fn tag_of(key: &KeyRecord, signed: &Signed) -> Tag {
    Tag {
        key: key.id,
        service: key.service.to_string(),
        environment: key.environment.to_string(),
        scopes: key.scopes.iter().map(|s| s.to_string()).collect(),
        networks: key.networks.iter().map(|n| n.to_string()).collect(),
        not_after: signed.grant.not_after,
        inert: signed.grant.activation == countersign_documents::grant::Activation::OnReceipt,
    }
}
