//! Profiles: one person on one desk, or one contact of a partner.

use countersign_contract::ProfileView;
use countersign_documents::text::Line;
use countersign_ports::{Clock, Entropy, Table, Vault, Write};

use crate::{
    error::{Error, Result},
    own::{About, NewIdentity, Own, ProfileKind},
    random::now,
};

/// Makes the identity of a new profile. A sample's is the same in every way, and never let near what is real.
pub fn make(
    entropy: &dyn Entropy,
    clock: &dyn Clock,
    kind: ProfileKind,
    name: &str,
    sample: bool,
) -> Result<NewIdentity> {
    let name = Line::parse(name).map_err(Error::text("name"))?;
    if kind == ProfileKind::Desk {
        // It becomes a member's name, which others read before they admit it.
        name.check_scripts().map_err(Error::text("name"))?;
    }
    NewIdentity::make(entropy, About { kind, name, made: now(clock)?, sample: sample.then_some(1) })
}

/// What a profile shows of itself.
pub async fn show(vault: &dyn Vault, slots: Vec<String>) -> Result<ProfileView> {
    let own = Own::load(vault).await?;
    let organisation = vault.get(Table::Pins, "organisation-name").await?;
    Ok(ProfileView {
        kind: own.about.kind.to_string(),
        name: own.about.name.to_string(),
        fingerprint: own.fingerprint().to_read_aloud(),
        words: own.fingerprint().to_read_as_words(),
        identity: own.thumbprint().hex(),
        sample: own.about.sample.is_some(),
        organisation: organisation.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()),
        slots,
    })
}

/// The identity card, to hand to others.
pub async fn card(vault: &dyn Vault, clock: &dyn Clock) -> Result<Vec<u8>> {
    Ok(Own::load(vault).await?.card(now(clock)?))
}

/// Where this profile's log is.
pub async fn log_place(vault: &dyn Vault) -> Result<Option<String>> {
    let place = vault.get(Table::Identity, "log").await?;
    Ok(place.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()))
}

/// Remembers where this profile's log is.
pub async fn set_log_place(vault: &dyn Vault, place: &str) -> Result<()> {
    Ok(vault.write(&[Write::Put(Table::Identity, "log", place.as_bytes())]).await?)
}
