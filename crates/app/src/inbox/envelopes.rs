//! Envelopes: inspected without effect, opened once, the key durable before the receipt is signed.

use std::collections::{BTreeMap, BTreeSet};

use countersign_contract::{EnvelopeView, HeldKeyView, SignatureView};
use countersign_documents::{
    Blob, Digest, Key, Rejected, Time,
    certificate::Certificate,
    cose::Unverified1,
    decode, encode,
    grant::Activation,
    id::{Cti, GrantId, KeyId, OrganisationId},
    kind::Kind,
    receipt::Receipt,
    record,
    text::{Line, ScopeName, Slug},
    time::{DAY, SKEW},
};
use countersign_envelope::{Addressee, LinkSecret, Memory, NotAccepted, Reason, Unverified, Verified};
use countersign_ports::{Table, Write};
use zeroize::Zeroizing;

use super::{Inbox, Pin};
use crate::{
    error::{Error, Result},
    ids::resolve,
};

record! {
    /// An envelope that was opened here: what replay and rollback are judged by.
    pub struct Remembered {
        /// Under which grant.
        1 => grant: GrantId,
        /// Within which lineage.
        2 => lineage: GrantId,
        /// Its place in it.
        3 => seq: u64,
        /// Which key it held.
        4 => key: KeyId,
    }
}

record! {
    /// A key that is held here, without its bytes, which lie in a row of their own.
    pub struct Held {
        /// Which.
        1 => key: KeyId,
        /// From whom.
        2 => organisation: OrganisationId,
        /// Service.
        3 => service: Slug,
        /// Environment.
        4 => environment: Slug,
        /// What it may do.
        5 => scopes: Vec<ScopeName>,
        /// When it dies.
        6 => expires: Time,
        /// When it was opened.
        7 => opened: Time,
        /// Where the interface answers.
        8 => base_url: Line,
        /// The receipt, a complete document.
        9 => receipt: Blob,
        /// Under which grant: what a renewal names.
        10 => grant: GrantId,
    }
}

/// The row that says that a receipt was written.
pub(super) fn taken(key: &KeyId) -> String {
    format!("receipt/{key}")
}

/// A key that was opened and is durable here.
pub struct Delivered {
    /// The key.
    pub key: Key,
    /// What is known of it.
    pub held: Held,
    /// What is wrong with this computer's clock, where something is.
    pub warning: Option<String>,
}

/// Everything opened before, loaded at once: judging is pure.
#[derive(Default)]
struct Before {
    ctis: BTreeSet<Cti>,
    deliveries: BTreeMap<GrantId, u64>,
    newest: BTreeMap<GrantId, u64>,
}

impl Memory for Before {
    fn opened(&self, cti: &Cti) -> bool {
        self.ctis.contains(cti)
    }

    fn deliveries(&self, grant: &GrantId) -> u64 {
        self.deliveries.get(grant).copied().unwrap_or(0)
    }

    fn newest(&self, lineage: &GrantId) -> Option<u64> {
        self.newest.get(lineage).copied()
    }
}

impl Inbox {
    /// Judges an envelope in every respect. Writes nothing; the key stays out of reach.
    pub async fn inspect(&self, envelope: &[u8], secret: &LinkSecret) -> Result<EnvelopeView> {
        let (verified, pin) = self.verify(envelope, secret).await?;
        let warning = self.slow(verified.claims().issued).await?;
        self.view_envelope(&verified, &pin, warning)
    }

    /// What to say of a clock that stands before what was verified. Beyond a day the envelope is refused.
    async fn slow(&self, issued: Time) -> Result<Option<String>> {
        let behind = issued.max(self.highest().await?).since(self.now()?);
        let slow = behind > SKEW;
        Ok(slow.then(|| {
            format!("This computer's clock is slow, by {} minutes at least. Set it: envelopes are refused beyond a day.", behind / 60)
        }))
    }

    async fn verify(&self, envelope: &[u8], secret: &LinkSecret) -> Result<(Verified, Pin)> {
        let pin = self.sender(envelope).await?;
        let (now, highest) = (self.now()?, self.highest().await?);
        let trust = pin.read()?.trust;
        let before = self.before().await?;
        let outer = Unverified::new(envelope).outer(&trust.root, now, highest)?;
        let verified = outer.verify(&Addressee {
            root: &trust.root,
            identity: self.own.thumbprint(),
            receiving: &self.own.receiving,
            secret,
            now,
            highest,
            memory: &before,
        })?;
        Ok((verified, pin))
    }

    /// The pinned organisation whose root certifies the sealer.
    pub(super) async fn sender(&self, envelope: &[u8]) -> Result<Pin> {
        let fail = |why| Error::NotAccepted(NotAccepted::from(Reason::Document(why)));
        let unverified =
            Unverified1::parse_within(Kind::Envelope, envelope, countersign_envelope::LIMIT).map_err(fail)?;
        let certificate = unverified.certificate().unwrap_or_default();
        let pins = self.pins().await?;
        if pins.is_empty() {
            return Err(Error::Value(
                "No organisation is pinned yet: 'card pin' does it, before any envelope is opened.",
            ));
        }
        for pin in pins {
            let trust = pin.read()?.trust;
            if Certificate::verify(certificate, &trust.root).is_ok() {
                return Ok(pin);
            }
        }
        Err(NotAccepted::from(Reason::Sealer(Rejected::WrongOrganisation)).into())
    }

    async fn before(&self) -> Result<Before> {
        let mut before = Before::default();
        for row in self.vault.ids(Table::Opened).await? {
            let Some(cti) = row.strip_prefix("cti/").and_then(Cti::parse) else { continue };
            let bytes = self.vault.get(Table::Opened, &row).await?.ok_or(Error::BadSnapshot)?;
            let seen: Remembered = decode(&bytes).map_err(|_| Error::BadSnapshot)?;
            before.ctis.insert(cti);
            *before.deliveries.entry(seen.grant).or_default() += 1;
            let newest = before.newest.entry(seen.lineage).or_default();
            *newest = seen.seq.max(*newest);
        }
        Ok(before)
    }

    /// Opens an envelope: key, memory and receipt become durable in one step. Opening it again gives the same key
    /// from the vault, so that a failed save loses nothing.
    pub async fn open_envelope(&self, envelope: &[u8], secret: &LinkSecret) -> Result<Delivered> {
        if let Some(key) = self.opened_before(envelope).await? {
            return self.take_out(&key).await;
        }
        let (verified, pin) = self.verify(envelope, secret).await?;
        let issued = verified.claims().issued;
        let warning = self.slow(issued).await?;
        let opened = verified.open();
        let now = self.now()?;
        let receipt = Receipt {
            cti: opened.cti,
            envelope: opened.envelope,
            nonce: opened.nonce,
            grant: opened.grant.id,
            organisation: pin.organisation,
            head: opened.head,
            opened: now,
        };
        let held = Held {
            key: opened.key_id,
            organisation: pin.organisation,
            service: opened.grant.service.clone(),
            environment: opened.grant.environment.clone(),
            scopes: opened.scopes,
            expires: opened.key_expires,
            opened: now,
            base_url: opened.base_url,
            receipt: Blob(receipt.sign(&self.own.signing)),
            grant: opened.grant.id,
        };
        let seen = Remembered {
            grant: opened.grant.id,
            lineage: opened.grant.lineage,
            seq: opened.seq,
            key: opened.key_id,
        };
        let (cti_row, held_row) = (format!("cti/{}", opened.cti), format!("held/{}", opened.key_id));
        let (key_row, digest_row) =
            (format!("key/{}", opened.key_id), format!("envelope/{}", opened.envelope));
        let (seen, held_bytes) = (encode(&seen), encode(&held));
        let mut batch = vec![
            Write::New(Table::Opened, &cti_row, &seen),
            Write::New(Table::Opened, &held_row, &held_bytes),
            Write::New(Table::Opened, &key_row, opened.key.expose()),
            Write::New(Table::Opened, &digest_row, &opened.key_id.0),
        ];
        let relay = self.opening(pin.organisation, (opened.cti, opened.envelope), opened.key_id).await?;
        if let Some((gone, (row, bytes))) = &relay {
            batch.extend([Write::Remove(Table::Outbox, gone), Write::Put(Table::Outbox, row, bytes)]);
        }
        let noted = self.note_key(opened.grant.request, opened.key_id).await?;
        if let Some((row, bytes)) = &noted {
            batch.push(Write::Put(Table::Requests, row, bytes));
        }
        self.vault.write(&batch).await?;
        self.raise_highest(issued).await?;
        Ok(Delivered { key: opened.key, held, warning })
    }

    /// The key of an envelope whose very bytes were opened here before.
    async fn opened_before(&self, envelope: &[u8]) -> Result<Option<KeyId>> {
        let row = format!("envelope/{}", Digest::of(envelope));
        let bytes = self.vault.get(Table::Opened, &row).await?;
        Ok(bytes.and_then(|b| b.as_slice().try_into().ok()).map(KeyId))
    }

    /// A held key with its bytes, for the place it is asked for.
    pub async fn take_out(&self, key: &KeyId) -> Result<Delivered> {
        let held = self.held(key).await?;
        let bytes = self
            .vault
            .get(Table::Opened, &format!("key/{key}"))
            .await?
            .ok_or(Error::NotFound { what: "key" })?;
        let key = Key::parse(Zeroizing::new(bytes.to_vec())).ok_or(Error::BadSnapshot)?;
        Ok(Delivered { key, held, warning: None })
    }

    pub(crate) async fn held(&self, key: &KeyId) -> Result<Held> {
        let bytes = self
            .vault
            .get(Table::Opened, &format!("held/{key}"))
            .await?
            .ok_or(Error::NotFound { what: "key" })?;
        decode(&bytes).map_err(|_| Error::BadSnapshot)
    }

    /// Keys held here.
    pub async fn held_keys(&self) -> Result<Vec<HeldKeyView>> {
        let mut views = Vec::new();
        for id in self.held_ids().await? {
            let held = self.held(&id).await?;
            let pin = self.organisation(Some(&held.organisation.to_string())).await?;
            let name = pin.read().map(|c| c.card.name.to_string()).unwrap_or_default();
            views.push(HeldKeyView {
                id: id.to_string(),
                organisation: name,
                service: held.service.to_string(),
                environment: held.environment.to_string(),
                expires: held.expires.0,
                opened: held.opened.0,
                scopes: held.scopes.iter().map(|s| s.to_string()).collect(),
                base_url: held.base_url.to_string(),
                receipt: self.receipt_written(&id).await?,
            });
        }
        Ok(views)
    }

    /// The held key with an id that begins like that; the only one where none is named.
    pub async fn held_key(&self, typed: Option<&str>) -> Result<KeyId> {
        let ids = self.held_ids().await?;
        match (typed, ids.as_slice()) {
            (None, [one]) => Ok(*one),
            (None, []) => Err(Error::NotFound { what: "key" }),
            (None, _) => Err(Error::Ambiguous { what: "key" }),
            (Some(typed), _) => resolve("key", typed, ids.iter().copied()),
        }
    }

    pub(crate) async fn held_ids(&self) -> Result<Vec<KeyId>> {
        let rows = self.vault.ids(Table::Opened).await?;
        Ok(rows.iter().filter_map(|row| row.strip_prefix("held/").and_then(KeyId::parse)).collect())
    }

    /// Remembers that the receipt of a key was written for the organisation.
    pub async fn note_receipt(&self, key: &KeyId) -> Result<()> {
        Ok(self.vault.write(&[Write::Put(Table::Opened, &taken(key), &[1])]).await?)
    }

    pub(crate) async fn receipt_written(&self, key: &KeyId) -> Result<bool> {
        Ok(self.vault.get(Table::Opened, &taken(key)).await?.is_some())
    }

    fn view_envelope(&self, verified: &Verified, pin: &Pin, warning: Option<String>) -> Result<EnvelopeView> {
        let card = pin.read()?.card;
        let grant = verified.grant();
        let now = self.now()?;
        let mut notes = vec![
            "The bytes of the key are vouched for by whoever sealed it, everything else by both signers."
                .to_owned(),
        ];
        notes.extend(warning);
        if verified.key_expires().since(now) < 7 * DAY {
            notes.push("The key ends in less than seven days.".to_owned());
        }
        Ok(EnvelopeView {
            id: verified.claims().cti.to_string(),
            organisation: card.name.to_string(),
            expires: verified.claims().expires.0,
            service: grant.service.to_string(),
            environment: grant.environment.to_string(),
            scopes: verified.scopes().iter().map(|s| s.to_string()).collect(),
            networks: grant.networks.iter().map(|n| n.to_string()).collect(),
            key_expires: verified.key_expires().0,
            base_url: grant.base_url.to_string(),
            signatures: verified
                .signers()
                .iter()
                .map(|s| SignatureView {
                    name: s.name.to_string(),
                    person: s.person.to_string(),
                    step: s.step.to_string(),
                    time: s.signed.0,
                })
                .collect(),
            on_receipt: grant.activation == Activation::OnReceipt,
            notes,
        })
    }
}
