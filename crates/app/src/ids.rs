//! Unique prefixes of ids, as people type them.

use crate::error::{Error, Result};

/// The one id that begins with what was typed.
pub fn resolve<T: Copy + core::fmt::Display>(
    what: &'static str,
    typed: &str,
    ids: impl Iterator<Item = T>,
) -> Result<T> {
    let typed = typed.trim().to_ascii_lowercase();
    let mut found = ids.filter(|id| !typed.is_empty() && id.to_string().starts_with(&typed));
    match (found.next(), found.next()) {
        (Some(id), None) => Ok(id),
        (Some(_), Some(_)) => Err(Error::Ambiguous { what }),
        (None, _) => Err(Error::NotFound { what }),
    }
}

/// The only one there is, where none was named.
pub fn only<T: Copy>(what: &'static str, mut ids: impl Iterator<Item = T>) -> Result<T> {
    match (ids.next(), ids.next(), what) {
        (Some(id), None, _) => Ok(id),
        (Some(_), Some(_), _) => Err(Error::Ambiguous { what }),
        (None, _, "request") => Err(Error::Value("No request waits for this now. 'request list' shows all.")),
        (None, _, "change") => Err(Error::Value("No change waits for this now. 'change list' shows all.")),
        (None, ..) => Err(Error::Value("No key waits for this now. 'key list' shows all.")),
    }
}
