//! How an organisation's log and the keys that sign its checkpoints are called: the same for who signs and who verifies.

use countersign_documents::{Digest, id::OrganisationId};

/// The first line of an organisation's checkpoints.
pub fn origin(organisation: OrganisationId) -> String {
    format!("countersign/{organisation}")
}

/// The name under which a member's checkpoint key signs, by its thumbprint: the log's origin and the key itself, so that
/// no name can be borrowed.
pub fn key_name(organisation: OrganisationId, thumbprint: &Digest) -> String {
    let hex = thumbprint.hex();
    format!("{}/{}", origin(organisation), hex.get(..16).unwrap_or_default())
}
