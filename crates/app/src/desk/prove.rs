//! Proof of one entry for an outsider: the leaf, its one entry key, its Merkle path, and the signed checkpoint.

use countersign_contract::EntryView;
use countersign_documents::{
    Blob, Digest, Secret32, certificate::Certificate, decode, entry::Entry, fingerprint::Typed,
    id::OrganisationId, root::Trust,
};
use countersign_domain::Event;
use countersign_ledger::{
    EntryKey, LeafProof, SealedLeaf, Tree, entry_key, key_name, leaf_hash, open_with_entry_key, origin,
};
use serde::{Deserialize, Serialize};

use super::Desk;
use crate::error::{Error, Result};

/// What evidence of this version calls itself.
const FORMAT: &str = "countersign-evidence-v1";

/// Everything an outsider needs to check one entry, and nothing about any other.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
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
    /// Certificate of the member who signed the entry, base64url.
    pub signer: String,
    /// All versions of the root of trust, base64url.
    pub roots: Vec<String>,
}

/// What evidence shows once it holds.
#[derive(Debug, Clone, Serialize)]
pub struct Shown {
    /// The place of the entry.
    pub seq: u64,
    /// The member who signed it.
    pub member: String,
    /// What that member may do.
    pub rights: Vec<String>,
    /// When, by that member's clock.
    pub time: u64,
    /// What happened, one word.
    pub event: String,
    /// The event in full.
    pub body: serde_json::Value,
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
            let by = self.signer_name(&signer).await;
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

    pub(super) async fn signer_name(&self, signer: &Digest) -> String {
        match self.state.member_by_key(signer).map(|m| m.name) {
            Some(name) => self.display_name(name).await,
            None => "(former key)".to_owned(),
        }
    }

    pub(super) fn open_entry(&self, leaf: &[u8]) -> Option<(Entry, Event, Digest, Digest)> {
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
        let (_, _, signer, _) = self.open_entry(&leaf).ok_or(Error::NotFound { what: "entry" })?;
        let signer = self.state.member_by_key(&signer).ok_or(Error::NotFound { what: "signer" })?;
        let path = tree.inclusion_proof(seq, head.size).ok_or(Error::NotFound { what: "entry" })?;
        let proof = LeafProof::new(seq, path, note).map_err(|_| Error::BadCheckpoint)?;
        let text = |bytes: &[u8]| data_encoding::BASE64URL_NOPAD.encode(bytes);
        Ok(Evidence {
            format: FORMAT.to_owned(),
            organisation: self.organisation.to_string(),
            leaf: text(&leaf),
            entry_key: text(key.secret().expose()),
            proof: proof.to_text(),
            checkpoint_name: key_name(self.organisation, &member.checkpoint.thumbprint()),
            checkpoint_key: text(member.checkpoint.as_bytes()),
            certificate: text(&member.certificate.0),
            signer: text(&signer.certificate.0),
            roots: self.state.trust()?.chain.iter().map(|b| text(&b.0)).collect(),
        })
    }
}

impl Evidence {
    /// Checks evidence without any profile: what an outsider does. `pinned` is the fingerprint the outsider typed.
    pub fn check(&self, pinned: Option<&str>) -> Result<Shown> {
        if self.format != FORMAT {
            return Err(Error::Value("This is evidence of another version than countersign-evidence-v1."));
        }
        let organisation = OrganisationId::parse(&self.organisation)
            .ok_or(Error::Value("The evidence names no organisation."))?;
        let chain = self.roots.iter().map(|root| bytes(root).map(Blob)).collect::<Result<Vec<_>>>()?;
        let trust = Trust::follow(&chain, None).map_err(Error::rejected("root"))?;
        if let Some(typed) = pinned {
            match trust.fingerprint().compare(typed) {
                Typed::Same => {}
                Typed::Different => return Err(Error::FingerprintDiffers),
                Typed::Incomplete => return Err(Error::FingerprintIncomplete),
            }
        }
        let certificate = |text: &str| {
            let document = bytes(text)?;
            Ok::<_, Error>(
                Certificate::verify(&document, &trust.root).map_err(Error::rejected("certificate"))?.body,
            )
        };
        let public = *certificate(&self.certificate)?.subject.checkpoint.as_bytes();
        let leaf = bytes(&self.leaf)?;
        let proof = LeafProof::parse(&self.proof).map_err(|_| Error::BadCheckpoint)?;
        let checkpoint =
            proof.verify(&leaf, &self.checkpoint_name, &public).map_err(|_| Error::BadCheckpoint)?;
        if checkpoint.origin != origin(organisation) || trust.root.organisation != organisation {
            return Err(Error::BadCheckpoint);
        }
        let key = Secret32::from_slice(&bytes(&self.entry_key)?).ok_or(Error::BadCheckpoint)?;
        let parsed = SealedLeaf::parse(&leaf)?;
        let document = open_with_entry_key(&EntryKey::new(key), organisation, &parsed)?;
        let signer = certificate(&self.signer)?;
        let entry = Entry::verify(&document, &signer.key()).map_err(Error::rejected("entry"))?.body;
        if entry.organisation != organisation
            || entry.op_id != parsed.op_id
            || entry.head.size != proof.index()
        {
            return Err(Error::BadCheckpoint);
        }
        let event: Event = decode(&entry.event.0).map_err(|_| Error::BadCheckpoint)?;
        Ok(Shown {
            seq: proof.index(),
            member: signer.subject.member.to_string(),
            rights: signer.subject.rights.iter().map(|r| r.to_string()).collect(),
            time: entry.time.0,
            event: event.word().to_owned(),
            body: serde_json::to_value(&event).unwrap_or_default(),
        })
    }
}

fn bytes(text: &str) -> Result<Vec<u8>> {
    data_encoding::BASE64URL_NOPAD
        .decode(text.as_bytes())
        .map_err(|_| Error::Value("The evidence is not complete."))
}
