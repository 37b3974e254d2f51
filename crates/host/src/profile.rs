//! Making a profile: its vault and its identity at once, so that an error or a crash leaves none at all.

use std::{path::Path, sync::Arc};

use countersign_adapters::{SystemClock, SystemEntropy};
use countersign_app::{Own, ProfileKind, profile};
use countersign_vault::{NewSlot, VaultFile};

use crate::{failure::Error, label::Label};

/// Makes a profile in `folder`; after an error there is none, and the same call may be tried again.
pub async fn make(
    folder: &Path,
    slots: &[NewSlot<'_>],
    kind: ProfileKind,
    name: &str,
    sample: bool,
) -> Result<(VaultFile, Own), Error> {
    let identity = profile::make(&SystemEntropy, &SystemClock, kind, name, sample)?;
    let vault = VaultFile::create(folder, slots, &identity.rows(), Arc::new(SystemEntropy)).await?;
    // A profile without its label has no name while it is locked, and gets one when it is opened.
    let _only_a_label = Label::fresh(&identity.own).write(folder);
    Ok((vault, identity.own))
}
