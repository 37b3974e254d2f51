//! Shared keys: how they reach a desk, and how they are handed on.

use countersign_documents::{
    Digest, Malformed, Reader, ReceivingKey, ReceivingSecret, Secret32, Writer, decode, entry::Entry,
};
use countersign_domain::{
    Event, Member, due,
    event::{Keyring, KeysShared, Shared, Wrap},
};
use countersign_envelope::letter::{self, Purpose};
use countersign_ledger::{BlobRandom, EpochKey, SealedLeaf, open_blob, seal_blob};
use countersign_ports::{Row, Table, Write};
use zeroize::Zeroizing;

use super::{Desk, Recorded};
use crate::{
    error::{Error, Result},
    own::secret,
    random::{make_bytes, make_secret},
};

/// Where the vault keeps a shared key.
fn row_of(shared: Shared, generation: u64) -> String {
    format!("{}/{generation}", shared.word())
}

/// Where a letter with a shared key lies beside the log, for whoever has the receiving key.
fn letter_name(to: &Digest, shared: Shared, generation: u64) -> Digest {
    Digest::labelled("countersign-wrap-name-v1", &[&to.0, &[shared.code() as u8], &generation.to_be_bytes()])
}

/// What the ledger says of a symmetric shared key, so that whoever unwraps one knows it is the right one.
pub(crate) fn commitment(key: &Secret32) -> Digest {
    EpochKey::new(key.duplicate()).commitment()
}

/// All shared keys a founding or a re-keying makes.
pub(crate) struct FreshKeys {
    pub(crate) ledger: Secret32,
    pub(crate) look_up: Secret32,
    pub(crate) receiving: Secret32,
}

impl Desk {
    /// Makes sure that the keys for the epochs of these rows are at hand, as far as anybody shared them.
    pub(crate) async fn obtain_ledger_keys(&mut self, rows: &[Row]) -> Result<()> {
        let leaves: Vec<SealedLeaf> =
            rows.iter().filter_map(|row| SealedLeaf::parse(&row.leaf).ok()).collect();
        let mut epochs: Vec<u64> =
            leaves.iter().map(|leaf| leaf.epoch).filter(|e| !self.keys.contains_key(e)).collect();
        epochs.sort_unstable();
        epochs.dedup();
        // A forger may name any epoch; there are never more real ones than entries.
        epochs.retain(|e| *e >= 1 && *e <= self.frontier.size() + rows.len() as u64);
        for epoch in epochs.into_iter().rev() {
            if let Some(key) = self.shared(Shared::Ledger, epoch).await? {
                self.keys.insert(epoch, EpochKey::new(key));
            } else if let Some(key) = self.out_of_next_epoch(epoch, &leaves) {
                let secret = key.duplicate();
                self.ports
                    .vault
                    .write(&[Write::Put(Table::Shared, &row_of(Shared::Ledger, epoch), secret.expose())])
                    .await?;
                self.keys.insert(epoch, EpochKey::new(key));
            }
        }
        Ok(())
    }

    /// The ledger keys this desk has held already, for what is read without reading the log again.
    pub(crate) async fn recall_ledger_keys(&mut self) -> Result<()> {
        for epoch in self.state.ledger_keys.keys().copied().collect::<Vec<_>>() {
            let row = row_of(Shared::Ledger, epoch);
            if self.ports.vault.get(Table::Shared, &row).await?.is_some() {
                let key = secret(&*self.ports.vault, Table::Shared, &row).await?;
                self.keys.insert(epoch, EpochKey::new(key));
            }
        }
        Ok(())
    }

    /// The first entry of an epoch holds the ledger key of the epoch before, sealed under its own.
    fn out_of_next_epoch(&self, epoch: u64, leaves: &[SealedLeaf]) -> Option<Secret32> {
        let key = self.keys.get(&(epoch + 1))?;
        let leaf = leaves.iter().find(|leaf| leaf.epoch == epoch + 1)?;
        let document = countersign_ledger::open(key, self.organisation, leaf).ok()?;
        let entry = Entry::read_unverified(&document).ok()?;
        let Ok(Event::Rekeyed(keyring)) = decode::<Event>(&entry.event.0) else { return None };
        let before = keyring.before?;
        let (name, stored) = before.0.split_at_checked(32)?;
        let name = Digest(name.try_into().ok()?);
        let bytes = Zeroizing::new(open_blob(key, self.organisation, name, stored).ok()?);
        Secret32::from_slice(&bytes)
    }

    /// A shared key: from the vault, or from the letter that lies beside the log for this desk.
    pub(crate) async fn shared(&self, shared: Shared, generation: u64) -> Result<Option<Secret32>> {
        let row = row_of(shared, generation);
        if self.ports.vault.get(Table::Shared, &row).await?.is_some() {
            return secret(&*self.ports.vault, Table::Shared, &row).await.map(Some);
        }
        let name = letter_name(&self.own.receiving.public().thumbprint(), shared, generation);
        let Some(letter) = self.ports.log.get(name).await? else { return Ok(None) };
        let opened = letter::open(Purpose::SharedKey, self.organisation, &self.own.receiving, &letter)?;
        let key = unwrap(&opened, shared, generation).map_err(|_| Error::WrongSharedKey)?;
        self.check_shared_key(&key, shared, generation)?;
        self.ports.vault.write(&[Write::Put(Table::Shared, &row, key.expose())]).await?;
        Ok(Some(key))
    }

    /// What was unwrapped must be what the ledger names, where the ledger is known that far.
    fn check_shared_key(&self, key: &Secret32, shared: Shared, generation: u64) -> Result<()> {
        let right = match shared {
            Shared::Ledger => {
                self.state.ledger_keys.get(&generation).is_none_or(|named| commitment(key) == *named)
            }
            Shared::LookUp => self.state.look_up.is_none_or(|named| commitment(key) == named),
            Shared::Receiving => {
                let public = ReceivingSecret::new(key.duplicate()).public();
                self.state.receiving.get(&generation).is_none_or(|named| public == *named)
            }
        };
        if right { Ok(()) } else { Err(Error::WrongSharedKey) }
    }

    /// The look-up key, for members who may have it.
    pub(crate) async fn look_up_key(&self) -> Result<Secret32> {
        self.shared(Shared::LookUp, 1).await?.ok_or(Error::Refused(countersign_domain::Refusal::MissingRight))
    }

    /// Wraps keys for a member: the letters, and what the entry says of them.
    pub(crate) fn wrap(
        &self,
        member: &Member,
        keys: &[(Shared, u64, &Secret32)],
    ) -> Result<Vec<(Wrap, Digest, Vec<u8>)>> {
        keys.iter()
            .map(|(shared, generation, key)| {
                let plain = wrapped(key, *shared, *generation);
                let seed = make_secret(&*self.ports.entropy)?;
                let letter =
                    letter::seal(Purpose::SharedKey, self.organisation, &member.receiving, &plain, &seed)?;
                let wrap = Wrap {
                    member: member.id,
                    shared: *shared,
                    generation: *generation,
                    letter: Digest::of(&letter),
                };
                Ok((wrap, letter_name(&member.receiving.thumbprint(), *shared, *generation), letter))
            })
            .collect()
    }

    /// Hands a member the shared keys it is due, as far as it lacks them.
    pub async fn share_keys(&mut self, member: &Member) -> Result<Recorded> {
        let epoch = self.state.epoch;
        let mut keys = Vec::new();
        for shared in due(member, true) {
            let generation = if shared == Shared::LookUp { 1 } else { epoch };
            keys.push((
                shared,
                generation,
                self.shared(shared, generation).await?.ok_or(Error::NoLedgerKey)?,
            ));
        }
        let keys: Vec<_> = keys.iter().map(|(s, g, k)| (*s, *g, k)).collect();
        let wraps = self.put_letters(self.wrap(member, &keys)?).await?;
        self.record(Event::SharedKeys(KeysShared { wraps })).await
    }

    pub(crate) async fn put_letters(&self, letters: Vec<(Wrap, Digest, Vec<u8>)>) -> Result<Vec<Wrap>> {
        let mut wraps = Vec::with_capacity(letters.len());
        for (wrap, name, letter) in letters {
            // A letter that is there already holds the same key, sealed at another time.
            self.ports.log.erase(name).await?;
            self.ports.log.put(name, &letter).await?;
            wraps.push(wrap);
        }
        Ok(wraps)
    }

    /// New ledger and receiving keys for everybody who is still a member.
    pub async fn rekey(&mut self) -> Result<Recorded> {
        let epoch = self.state.epoch + 1;
        let look_up = self.look_up_key().await?;
        let fresh = FreshKeys {
            ledger: make_secret(&*self.ports.entropy)?,
            look_up,
            receiving: make_secret(&*self.ports.entropy)?,
        };
        let mut letters = Vec::new();
        let members: Vec<Member> = self.state.active().cloned().collect();
        for member in &members {
            let keys = due(member, false).into_iter().map(|shared| match shared {
                Shared::Ledger => (shared, epoch, &fresh.ledger),
                Shared::LookUp => (shared, 1, &fresh.look_up),
                Shared::Receiving => (shared, epoch, &fresh.receiving),
            });
            letters.extend(self.wrap(member, &keys.collect::<Vec<_>>())?);
        }
        let keyring = Keyring {
            epoch,
            ledger: commitment(&fresh.ledger),
            look_up: commitment(&fresh.look_up),
            receiving: ReceivingSecret::new(fresh.receiving.duplicate()).public(),
            before: Some(self.wrap_before(&fresh.ledger, epoch).await?),
            wraps: self.put_letters(letters).await?,
        };
        self.keep(epoch, &fresh).await?;
        self.record(Event::Rekeyed(keyring)).await
    }

    async fn wrap_before(&self, ledger: &Secret32, epoch: u64) -> Result<countersign_documents::Blob> {
        let before = self.shared(Shared::Ledger, epoch - 1).await?.ok_or(Error::NoLedgerKey)?;
        let random = BlobRandom::new(&Zeroizing::new(make_bytes(&*self.ports.entropy)?));
        let key = EpochKey::new(ledger.duplicate());
        let (name, stored) = seal_blob(epoch, &key, self.organisation, before.expose(), &random)?;
        Ok(countersign_documents::Blob([name.0.as_slice(), &stored].concat()))
    }

    /// Keeps fresh keys in the vault before anything under them is written.
    pub(crate) async fn keep(&mut self, epoch: u64, fresh: &FreshKeys) -> Result<()> {
        self.ports
            .vault
            .write(&[
                Write::Put(Table::Shared, &row_of(Shared::Ledger, epoch), fresh.ledger.expose()),
                Write::Put(Table::Shared, &row_of(Shared::LookUp, 1), fresh.look_up.expose()),
                Write::Put(Table::Shared, &row_of(Shared::Receiving, epoch), fresh.receiving.expose()),
            ])
            .await?;
        self.keys.insert(epoch, EpochKey::new(fresh.ledger.duplicate()));
        Ok(())
    }

    /// The private half of the organisation's receiving key that a letter names.
    pub(crate) async fn receiving_secret(&self, thumbprint: &Digest) -> Result<ReceivingSecret> {
        let generations: Vec<(u64, ReceivingKey)> =
            self.state.receiving.iter().map(|(g, k)| (*g, *k)).collect();
        for (generation, public) in generations {
            if public.thumbprint() == *thumbprint {
                let key = self.shared(Shared::Receiving, generation).await?;
                return key
                    .map(ReceivingSecret::new)
                    .ok_or(Error::Refused(countersign_domain::Refusal::MissingRight));
            }
        }
        Err(Error::Unopened)
    }
}

/// `[shared, generation, key]`: what is inside says what it is, so that letters cannot trade places.
fn wrapped(key: &Secret32, shared: Shared, generation: u64) -> Zeroizing<Vec<u8>> {
    let mut w = Writer::with_capacity(64);
    w.array(3);
    w.uint(shared.code());
    w.uint(generation);
    w.bytes(key.expose());
    Zeroizing::new(w.finish())
}

fn unwrap(bytes: &[u8], shared: Shared, generation: u64) -> core::result::Result<Secret32, Malformed> {
    let mut r = Reader::new(bytes);
    r.array_exact(3)?;
    let named = (r.uint()?, r.uint()?);
    let key = Secret32::from_slice(r.bytes()?).ok_or(Malformed::OutOfRange)?;
    r.end()?;
    if named == (shared.code(), generation) { Ok(key) } else { Err(Malformed::OutOfRange) }
}
