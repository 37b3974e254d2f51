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
    match (ids.next(), ids.next()) {
        (Some(id), None) => Ok(id),
        (Some(_), Some(_)) => Err(Error::Ambiguous { what }),
        (None, _) => Err(Error::NotFound { what }),
    }
}
