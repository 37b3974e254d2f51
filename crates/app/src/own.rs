//! The keys of this profile, as the vault keeps them.

use countersign_documents::{
    Digest, ReceivingSecret, Secret32, SigningKey, Time, decode, encode, fingerprint::Fingerprint,
    identity::IdentityCard, record, text::Line, words,
};
use countersign_domain::Refusal;
use countersign_ports::{Entropy, Table, Vault, Write};

use crate::{
    error::{Error, INBOX, Result},
    random::make_secret,
};

words! {
    /// What a profile is for.
    pub enum ProfileKind {
        /// A member's.
        1 => Desk = "desk",
        /// A partner's.
        2 => Inbox = "inbox",
    }
}

record! {
    /// What a profile says of itself.
    pub struct About {
        /// What it is for.
        1 => kind: ProfileKind,
        /// How its person is called.
        2 => name: Line,
        /// When it was made.
        3 => made: Time,
        /// 1 for a sample: it takes part in sample organisations alone.
        4 => sample?: u64,
    }
}

impl About {
    /// A sample and what is real never meet, whichever of the two comes first.
    pub(crate) fn check_sample(&self, organisation: Option<u64>) -> Result<()> {
        if self.sample == organisation { Ok(()) } else { Err(Refusal::SampleRoot.into()) }
    }
}

/// The keys of this profile. Each was made separately; none is derived from another.
pub struct Own {
    /// What the profile says of itself.
    pub about: About,
    /// Signs everything but checkpoints and certificates.
    pub signing: SigningKey,
    /// Opens what is sealed to this person.
    pub receiving: ReceivingSecret,
    /// Seed of the checkpoint key.
    pub checkpoint: Secret32,
}

impl Own {
    /// Loads them.
    pub async fn load(vault: &dyn Vault) -> Result<Self> {
        let about =
            vault.get(Table::Identity, "about").await?.ok_or(countersign_ports::VaultError::Missing)?;
        let about = decode(&about).map_err(|_| Error::BadSnapshot)?;
        Ok(Self {
            about,
            signing: SigningKey::from_seed(&secret(vault, Table::Identity, "signing").await?),
            receiving: ReceivingSecret::new(secret(vault, Table::Identity, "receiving").await?),
            checkpoint: secret(vault, Table::Identity, "checkpoint").await?,
        })
    }

    /// Loads them from a profile of this kind.
    ///
    /// # Errors
    /// [`Error::WrongProfile`] for one of the other kind; or what the vault says.
    pub async fn load_as(vault: &dyn Vault, kind: ProfileKind) -> Result<Self> {
        let own = Self::load(vault).await?;
        if own.about.kind == kind {
            return Ok(own);
        }
        let name = |kind| match kind {
            ProfileKind::Desk => "a member's desk",
            ProfileKind::Inbox => INBOX,
        };
        Err(Error::WrongProfile { is: name(own.about.kind), needs: name(kind) })
    }

    /// Who this is.
    pub fn thumbprint(&self) -> Digest {
        self.signing.public().thumbprint()
    }

    /// What this person reads over the telephone.
    pub fn fingerprint(&self) -> Fingerprint {
        Fingerprint::of(&self.thumbprint())
    }

    /// The public half. Members' cards name the checkpoint key and the person.
    pub fn card(&self, now: Time) -> Vec<u8> {
        let desk = self.about.kind == ProfileKind::Desk;
        let card = IdentityCard {
            signing: self.signing.public(),
            receiving: self.receiving.public(),
            made: now,
            checkpoint: desk.then(|| SigningKey::from_seed(&self.checkpoint).public()),
            name: desk.then(|| self.about.name.clone()),
        };
        card.sign(&self.signing)
    }
}

/// The identity of a profile that is being made. Its rows are written together with the vault they are for: a vault
/// without an identity would be a profile that can be neither used nor made again.
pub struct NewIdentity {
    about: Vec<u8>,
    signing: Secret32,
    receiving: Secret32,
    checkpoint: Secret32,
    /// What the profile will find in its vault.
    pub own: Own,
}

impl NewIdentity {
    pub(crate) fn make(entropy: &dyn Entropy, about: About) -> Result<Self> {
        let (signing, receiving, checkpoint) =
            (make_secret(entropy)?, make_secret(entropy)?, make_secret(entropy)?);
        let own = Own {
            signing: SigningKey::from_seed(&signing),
            receiving: ReceivingSecret::new(receiving.duplicate()),
            checkpoint: checkpoint.duplicate(),
            about,
        };
        Ok(Self { about: encode(&own.about), signing, receiving, checkpoint, own })
    }

    /// What the new vault begins with.
    pub fn rows(&self) -> [Write<'_>; 4] {
        [
            Write::New(Table::Identity, "about", &self.about),
            Write::New(Table::Identity, "signing", self.signing.expose()),
            Write::New(Table::Identity, "receiving", self.receiving.expose()),
            Write::New(Table::Identity, "checkpoint", self.checkpoint.expose()),
        ]
    }
}

/// A secret row of exactly 32 bytes.
pub(crate) async fn secret(vault: &dyn Vault, table: Table, id: &str) -> Result<Secret32> {
    let bytes = vault.get(table, id).await?.ok_or(Error::BadSnapshot)?;
    Secret32::from_slice(&bytes).ok_or(Error::BadSnapshot)
}
