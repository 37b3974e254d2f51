//! What the program is started with.

use std::{ffi::OsString, path::PathBuf};

/// What the program is started with.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Arguments {
    /// Folder of the profile to open.
    pub profile: Option<PathBuf>,
    /// The key file that unlocks it.
    pub key_file: Option<PathBuf>,
}

impl Arguments {
    /// Reads `--profile DIR` and `--unlock file:PATH`.
    ///
    /// # Errors
    ///
    /// A sentence for the person who started it.
    pub fn parse(words: impl IntoIterator<Item = OsString>) -> Result<Self, &'static str> {
        let mut arguments = Self::default();
        let mut words = words.into_iter();
        while let Some(word) = words.next() {
            match word.to_str() {
                Some("--profile") => {
                    arguments.profile = Some(words.next().ok_or("--profile takes a folder.")?.into());
                }
                Some("--unlock") => {
                    let how = words.next().ok_or("--unlock takes file:PATH.")?;
                    let path = how.to_str().and_then(|how| how.strip_prefix("file:"));
                    arguments.key_file = Some(path.ok_or("--unlock takes file:PATH.")?.into());
                }
                _ => return Err("It takes --profile DIR and --unlock file:PATH."),
            }
        }
        Ok(arguments)
    }
}
