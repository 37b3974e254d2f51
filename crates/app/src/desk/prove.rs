//! Proof of one entry for an outsider: the leaf, its one entry key, its Merkle path, and the signed checkpoint.

use countersign_contract::EntryView;
use countersign_documents::{Digest, decode, entry::Entry};
use countersign_domain::Event;
use countersign_ledger::{LeafProof, SealedLeaf, Tree, entry_key, leaf_hash};
use serde::{Deserialize, Serialize};

use super::Desk;
use crate::error::{Error, Result};

/// Everything an outsider needs to check one entry, and nothing about any other.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Evidence {
    /// What this is.
    pub format: String,
    /// The organisation.
    pub organisation: String,
    /// The sealed leaf, base64url.
    pub leaf: String,
    /// The key of this one entry, base64url.
    pub entry_key: String,
    /// C2SP tlog-proof: path and signed checkpoint.
    pub proof: String,
    /// Name of the key that signed the checkpoint.
    pub checkpoint_name: String,
    /// That key, base64url.
    pub checkpoint_key: String,
    /// Certificate of the member whose key that is, base64url.
    pub certificate: String,
    /// The root of trust, base64url.
    pub root: String,
}

impl Desk {
    /// Entries of the log, opened, newest last.
    pub async fn entries(&mut self, from: u64, limit: u32) -> Result<Vec<EntryView>> {
        let rows = self.ports.log.read(from, limit).await?;
        let mut views = Vec::with_capacity(rows.len());
        for row in rows {
            let Some((entry, event, signer, digest)) = self.open_entry(&row.leaf) else {
                let by = "(unreadable)".to_owned();
                let body = String::new();
                let digest = leaf_hash(&row.leaf).hex();
                views.push(EntryView {
                    seq: row.seq,
                    time: 0,
                    by,
                    event: "debris".to_owned(),
                    op_id: row.op_id.to_string(),
                    digest,
                    body,
                });
                continue;
            };
            let by = match self.state.member_by_key(&signer).map(|m| m.name) {
                Some(name) => self.display_name(name).await,
                None => "(former key)".to_owned(),
            };
            let body = serde_json::to_string(&event).unwrap_or_default();
            let event = event.word().to_owned();
            views.push(EntryView {
                seq: row.seq,
                time: entry.time.0,
                by,
                event,
                op_id: row.op_id.to_string(),
                digest: digest.hex(),
                body,
            });
        }
        Ok(views)
    }

    fn open_entry(&self, leaf: &[u8]) -> Option<(Entry, Event, Digest, Digest)> {
        let leaf = SealedLeaf::parse(leaf).ok()?;
        let document =
            countersign_ledger::open(self.keys.get(&leaf.epoch)?, self.organisation, &leaf).ok()?;
        let signer = Entry::signer(&document).ok()?;
        let entry = Entry::read_unverified(&document).ok()?;
        let event = decode(&entry.event.0).ok()?;
        Some((entry, event, signer, Digest::of(&document)))
    }

    /// Evidence for the entry at this place.
    pub async fn prove(&mut self, seq: u64) -> Result<Evidence> {
        let head = self.head();
        if seq >= head.size {
            return Err(Error::NotFound { what: "entry" });
        }
        let mut tree = Tree::default();
        let mut wanted = None;
        while tree.size() < head.size {
            let rows = self.ports.log.read(tree.size(), 500).await?;
            if rows.is_empty() {
                return Err(Error::Shortened { is: tree.size(), was: head.size });
            }
            for row in rows.into_iter().take_while(|row| row.seq < head.size) {
                tree.push(leaf_hash(&row.leaf));
                if row.seq == seq {
                    wanted = Some(row.leaf);
                }
            }
        }
        if tree.root_at(head.size) != Some(head.root) {
            return Err(Error::Rewritten(seq));
        }
        let leaf = wanted.ok_or(Error::NotFound { what: "entry" })?;
        let note = self.ports.log.head().await?.checkpoint;
        let member = self.verify_checkpoint(&note, head)?;
        let member = self.state.members.get(&member).ok_or(Error::BadCheckpoint)?;
        let parsed = SealedLeaf::parse(&leaf)?;
        let key = entry_key(self.keys.get(&parsed.epoch).ok_or(Error::NoLedgerKey)?, parsed.op_id);
        let path = tree.inclusion_proof(seq, head.size).ok_or(Error::NotFound { what: "entry" })?;
        let proof = LeafProof::new(seq, path, note).map_err(|_| Error::BadCheckpoint)?;
        let text = |bytes: &[u8]| data_encoding::BASE64URL_NOPAD.encode(bytes);
        Ok(Evidence {
            format: "countersign-evidence-v1".to_owned(),
            organisation: self.organisation.to_string(),
            leaf: text(&leaf),
            entry_key: text(key.secret().expose()),
            proof: proof.to_text(),
            checkpoint_name: super::key_name(self.organisation, &member.checkpoint.thumbprint()),
            checkpoint_key: text(member.checkpoint.as_bytes()),
            certificate: text(&member.certificate.0),
            root: text(&self.state.trust()?.chain.last().map(|b| b.0.clone()).unwrap_or_default()),
        })
    }
}

impl Evidence {
    /// Checks evidence without any profile: what an outsider does. `pinned` is the fingerprint the outsider typed.
    pub fn check(&self, pinned: Option<&str>) -> Result<(u64, String)> {
        use countersign_documents::{
            cbor::Blob, certificate::Certificate, fingerprint::Typed, id::OrganisationId, root::Trust,
        };
        let bytes = |text: &str| {
            data_encoding::BASE64URL_NOPAD
                .decode(text.as_bytes())
                .map_err(|_| Error::Value("The evidence is not complete."))
        };
        let organisation = OrganisationId::parse(&self.organisation)
            .ok_or(Error::Value("The evidence names no organisation."))?;
        let trust = Trust::follow(&[Blob(bytes(&self.root)?)], None).map_err(Error::rejected("root"))?;
        if let Some(typed) = pinned {
            match trust.fingerprint().compare(typed) {
                Typed::Same => {}
                Typed::Different => return Err(Error::FingerprintDiffers),
                Typed::Incomplete => return Err(Error::FingerprintIncomplete),
            }
        }
        let certificate = Certificate::verify(&bytes(&self.certificate)?, &trust.root)
            .map_err(Error::rejected("certificate"))?
            .body;
        let public = *certificate.subject.checkpoint.as_bytes();
        let leaf = bytes(&self.leaf)?;
        let proof = LeafProof::parse(&self.proof).map_err(|_| Error::BadCheckpoint)?;
        let checkpoint =
            proof.verify(&leaf, &self.checkpoint_name, &public).map_err(|_| Error::BadCheckpoint)?;
        if checkpoint.origin != super::origin(organisation) || trust.root.organisation != organisation {
            return Err(Error::BadCheckpoint);
        }
        let key = countersign_documents::Secret32::from_slice(&bytes(&self.entry_key)?)
            .ok_or(Error::BadCheckpoint)?;
        let parsed = SealedLeaf::parse(&leaf)?;
        let document = countersign_ledger::open_with_entry_key(
            &countersign_ledger::EntryKey::new(key),
            organisation,
            &parsed,
        )?;
        let entry = Entry::read_unverified(&document).map_err(Error::rejected("entry"))?;
        let event: Event = decode(&entry.event.0).map_err(|_| Error::BadCheckpoint)?;
        Ok((proof.index(), serde_json::to_string(&event).unwrap_or_default()))
    }
}
