//! What the program is started with.

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
};

use countersign_host::is_link;
use tauri::Url;

/// What the program is started with.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Arguments {
    /// Folder of the profile to open.
    pub profile: Option<PathBuf>,
    /// The key file that unlocks it.
    pub key_file: Option<PathBuf>,
    /// Files to be shown, unread: what a file manager was asked to open.
    pub files: Vec<String>,
    /// The link of an envelope, unread.
    pub link: Option<String>,
}

const USAGE: &str = "It takes --profile DIR, --unlock file:PATH, files, and a countersign: address.";

impl Arguments {
    /// Reads `--profile DIR`, `--unlock file:PATH`, paths, `file:` addresses and one `countersign:` address.
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
                Some(link) if link.starts_with("countersign:") => {
                    if !is_link(link) {
                        return Err("This countersign: address is not complete, or not ours.");
                    }
                    if arguments.link.replace(link.to_owned()).is_some() {
                        return Err("It takes one countersign: address at a time.");
                    }
                }
                Some(word) if word.starts_with('-') => return Err(USAGE),
                Some(address) if address.starts_with("file:") => {
                    let path = Url::parse(address).ok().and_then(|url| url.to_file_path().ok());
                    let path = path.ok_or("This file: address names no file of this machine.")?;
                    arguments.files.push(shown(&path)?);
                }
                Some(_) | None => arguments.files.push(shown(Path::new(&word))?),
            }
        }
        Ok(arguments)
    }
}

/// As a page shows it: wherever the program was started, and in letters.
fn shown(path: &Path) -> Result<String, &'static str> {
    let path = std::path::absolute(path).map_err(|_| USAGE)?;
    path.into_os_string().into_string().map_err(|_| "The path of a file must be UTF-8.")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(words: &[&str]) -> Result<Arguments, &'static str> {
        Arguments::parse(words.iter().map(OsString::from))
    }

    #[test]
    fn files_come_as_paths_and_as_addresses() {
        let found = parse(&["/tmp/a.countersign", "file:///tmp/b%20c.countersign"]).expect("both are files");
        assert_eq!(found.files, ["/tmp/a.countersign", "/tmp/b c.countersign"]);
    }

    #[test]
    fn a_file_of_another_machine_is_refused() {
        assert!(parse(&["file://elsewhere/tmp/a.countersign"]).is_err(), "its path here is another file");
    }

    #[test]
    fn an_address_is_kept_as_it_is_and_only_one() {
        let (cti, secret) = ("A".repeat(22), "A".repeat(43));
        let link = format!("countersign://e/relay.example/{cti}#{secret}");
        let link = link.as_str();
        assert_eq!(parse(&[link]).expect("one is taken").link.as_deref(), Some(link));
        assert!(parse(&[link, link]).is_err(), "which of the two is not ours to choose");
        assert!(parse(&["countersign://e/relay.example/x"]).is_err(), "half a link is told, not shown");
    }

    #[test]
    fn what_looks_like_an_option_is_no_file() {
        assert!(parse(&["--help-me"]).is_err(), "a mistyped option is told, not opened");
        assert!(parse(&["--profile"]).is_err(), "a folder belongs to it");
    }
}
