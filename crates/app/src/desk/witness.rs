//! The relay as a witness of the ledger (spec/relay.md, Witness): it is shown how the ledger grew, and remembers it where
//! this desk's own disk has no say. An older copy of everything here is noticed by that.

use countersign_documents::{Blob, Head, Time, VerifyingKey, decode, encode, record, text::Line};
use countersign_domain::{Event, event::WitnessAccepted};
use countersign_ledger::{
    AddCheckpoint, Checkpoint, Cosignature, Tree, UnverifiedNote, WitnessKey, leaf_hash, origin, sign,
};
use countersign_ports::{RelayError, Table, Witnessing, Write};

use super::{Desk, Recorded, signer_name};
use crate::{
    error::{Error, RelayFault, Result, WitnessFlaw},
    relay::{Asking, RelayAt},
};

/// How many rows are read at once.
const PAGE: u32 = 500;
/// How often it is tried while others submit as well.
const TRIES: usize = 20;
/// The row with what the witness signed last.
const SIGNED: &str = "witnessed";

record! {
    /// What a witness signed last.
    pub struct Signed {
        /// Which relay's.
        1 => relay: Line,
        /// How far it saw the ledger.
        2 => head: Head,
        /// When, by its clock.
        3 => time: Time,
        /// The checkpoint and the cosignature under it.
        4 => note: Blob,
    }
}

/// How far a witness saw the ledger grow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Witnessed {
    /// How many entries.
    pub size: u64,
    /// When, by its clock.
    pub time: Time,
}

impl Desk {
    /// How far the relay that the newest card names has witnessed this ledger, as far as this desk was told.
    pub fn witnessed(&self) -> Option<Witnessed> {
        let relay = self.relay()?;
        let signed = self.witnessed.as_ref().filter(|signed| signed.relay.as_str() == relay)?;
        Some(Witnessed { size: signed.head.size, time: signed.time })
    }

    /// What the vault remembers of the witness.
    pub(crate) async fn recall_witness(&mut self) -> Result<()> {
        let kept = self.ports.vault.get(Table::Heads, SIGNED).await?;
        self.witnessed = kept.map(|bytes| decode(&bytes)).transpose().map_err(|_| Error::BadSnapshot)?;
        Ok(())
    }

    /// Shows the witness where the ledger ends. Fails where the witness knows another or a longer one: this desk must not
    /// go on from there. A flaw of the witness's own is told, and stops nothing.
    pub(crate) async fn be_witnessed(&mut self, at: &RelayAt) -> Result<Option<WitnessFlaw>> {
        let key = self.witness_key(at).await?;
        let told = self.witnessed().map_or(0, |witnessed| witnessed.size);
        let (mut old, mut flaw, mut introduced) = (told, None, false);
        for _ in 0..TRIES {
            if old > self.head().size {
                // Another desk may have gone on meanwhile, and been there first.
                self.catch_up().await?;
                let is = self.head().size;
                if old > is {
                    return Err(RelayFault::Witness(WitnessFlaw::Ahead { is, knows: old }).into());
                }
            }
            let shown = self.grown_from(old).await?;
            match at.add_checkpoint(&shown.to_text()).await {
                Ok(Witnessing::Signed(lines)) => {
                    let note = shown.checkpoint + &lines;
                    return Ok(self.keep_signed(at, &key, note).await?.or(flaw));
                }
                Ok(Witnessing::Stands(knows)) if knows != old => {
                    if knows < told {
                        flaw = Some(WitnessFlaw::WentBack { knows, told });
                    }
                    old = knows;
                }
                // It stands where this desk said, and what it saw there was another ledger.
                Ok(Witnessing::Stands(at)) => return Err(forked(at)),
                Ok(Witnessing::Unproven) => return Err(forked(old)),
                // Somebody whom it does not know yet.
                Err(Error::Relay(RelayFault::Failed(RelayError::NotTaken))) if !introduced => {
                    self.introduce(at).await?;
                    introduced = true;
                }
                Err(error) => return Err(error),
            }
        }
        Err(Error::Crowded)
    }

    /// A relay knows who signs checkpoints by what else they do there, under the newest card.
    async fn introduce(&self, at: &RelayAt) -> Result<()> {
        self.put_card(at).await?;
        let certificate = Some(&*self.me()?.certificate.0);
        // No letter has this number: none is brought.
        let asking = Asking { after: u64::MAX, patience: 0, done: &[] };
        at.poll(&self.own.signing, certificate, self.organisation, asking).await.map(drop)
    }

    /// The key that two admins accepted for this relay's witness; else the one that it was met with first.
    async fn witness_key(&self, at: &RelayAt) -> Result<WitnessKey> {
        let relay = Line::parse(at.origin()).map_err(|_| RelayError::Unexpected)?;
        if let Some(accepted) = self.state.accepted_witness(&relay) {
            let (name, public) = (accepted.name.to_string(), *accepted.key.as_bytes());
            return Ok(WitnessKey { name, public });
        }
        let row = format!("witness/{}", at.origin());
        let text = match self.ports.vault.get(Table::Pins, &row).await? {
            Some(kept) => String::from_utf8(kept.to_vec()).map_err(|_| Error::BadSnapshot)?,
            None => {
                let met = at.witness().await?;
                let met = WitnessKey::parse(met.trim_end()).ok_or(RelayError::Unexpected)?.to_text();
                self.ports.vault.write(&[Write::New(Table::Pins, &row, met.as_bytes())]).await?;
                met
            }
        };
        WitnessKey::parse(&text).ok_or(Error::BadSnapshot)
    }

    /// The key that this desk goes by for the relay's witness, as text. Asks the relay where it was never met.
    pub async fn witness_goes_by(&self) -> Result<String> {
        Ok(self.witness_key(&self.at_relay()?).await?.to_text())
    }

    /// Accepts, on the record, the key with which the relay's witness signs now: the one that whoever runs the relay told
    /// this person. It counts, for every desk, as soon as a second admin has accepted the same. Says whether it counts.
    ///
    /// # Errors
    /// [`WitnessFlaw::Differs`] where the relay signs with yet another; or what the ledger, the rules or the relay say.
    pub async fn accept_witness(&mut self, told: &str) -> Result<(Recorded, bool)> {
        let told = WitnessKey::parse(told.trim()).ok_or(Error::Value(
            "That is no key of a witness. It is one word of three parts with '+' between them, as 'countersign-relay witness' prints it.",
        ))?;
        let at = self.at_relay()?;
        let met = at.witness().await?;
        if WitnessKey::parse(met.trim_end()).ok_or(RelayError::Unexpected)? != told {
            return Err(RelayFault::Witness(WitnessFlaw::Differs).into());
        }
        let relay = Line::parse(at.origin()).map_err(|_| RelayError::Unexpected)?;
        let name = Line::parse(&told.name).map_err(Error::text("name"))?;
        let key = VerifyingKey::parse(&told.public).ok_or(RelayError::Unexpected)?;
        let accepted = WitnessAccepted { relay, name, key };
        let recorded = self.record(Event::WitnessAccepted(accepted.clone())).await?;
        let counts = self.state.accepted_witness(&accepted.relay) == Some(&accepted);
        Ok((recorded, counts))
    }

    /// The newest checkpoint, signed by this desk, which has verified it, and what leads to it from `old` entries.
    async fn grown_from(&mut self, old: u64) -> Result<AddCheckpoint> {
        let head = self.head();
        let proof = match old {
            0 => Vec::new(),
            old if old == head.size => Vec::new(),
            old => self.tree_to(head).await?.consistency_proof(old, head.size).unwrap_or_default(),
        };
        let checkpoint = Checkpoint { origin: origin(self.organisation), head };
        let seed = &self.own.checkpoint;
        let checkpoint = sign(&checkpoint, &signer_name(self.organisation, seed), seed)?;
        Ok(AddCheckpoint { old, proof, checkpoint })
    }

    /// The tree over the rows up to a verified head. What was read for it before is not read again.
    async fn tree_to(&mut self, head: Head) -> Result<&Tree> {
        while self.tree.size() < head.size {
            let rows = self.ports.log.read(self.tree.size(), PAGE).await?;
            if rows.is_empty() {
                return Err(Error::Shortened { is: self.tree.size(), was: head.size });
            }
            for row in rows.into_iter().take_while(|row| row.seq < head.size) {
                self.tree.push(leaf_hash(&row.leaf));
            }
        }
        if self.tree.root_at(head.size) != Some(head.root) {
            self.tree = Tree::default();
            return Err(Error::Rewritten(head.size.saturating_sub(1)));
        }
        Ok(&self.tree)
    }

    /// Keeps what the witness signed, where it signed it with the key that it was met with.
    async fn keep_signed(
        &mut self,
        at: &RelayAt,
        key: &WitnessKey,
        note: String,
    ) -> Result<Option<WitnessFlaw>> {
        UnverifiedNote::parse(&note).map_err(|_| RelayError::Unexpected)?;
        let Ok(cosignature) = Cosignature::verify(&note, &key.name, &key.public) else {
            return Ok(Some(WitnessFlaw::OtherKey));
        };
        let relay = Line::parse(at.origin()).map_err(|_| RelayError::Unexpected)?;
        let note = Blob(note.into_bytes());
        let signed = Signed { relay, head: self.head(), time: cosignature.time, note };
        self.ports.vault.write(&[Write::Put(Table::Heads, SIGNED, &encode(&signed))]).await?;
        self.witnessed = Some(signed);
        Ok(None)
    }
}

fn forked(at: u64) -> Error {
    RelayFault::Witness(WitnessFlaw::Forked { at }).into()
}
