//! What the program is started with.

use std::{
    ffi::{OsStr, OsString},
    io::Read,
    path::{Path, PathBuf},
};

use countersign_host::{Address, Given};
use tauri::Url;
use zeroize::Zeroizing;

/// What the program is started with.
#[derive(Default)]
pub struct Arguments {
    /// Folder of the profile to open.
    pub profile: Option<PathBuf>,
    /// The key file that unlocks it.
    pub key_file: Option<PathBuf>,
    /// What a file manager or a browser asked to open, unread.
    pub given: Given,
    /// Whether what is to be opened comes over standard input instead.
    handed: bool,
}

/// The word by which one process of ours starts another: what is to be opened comes over standard input, for arguments can be
/// read by everybody on the machine.
pub(crate) const HANDED: &str = "--given";
/// More than anybody hands over at once.
const LIMIT: u64 = 64 * 1024;

const USAGE: &str = "It takes --profile DIR, --unlock file:PATH, files, and the address of an envelope.";

impl Arguments {
    /// Reads `--profile DIR`, `--unlock file:PATH`, paths, `file:` addresses and the address of one envelope.
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
                Some(HANDED) => arguments.handed = true,
                Some(word) if word.starts_with('-') => return Err(USAGE),
                Some(_) | None => add(&mut arguments.given, &word)?,
            }
        }
        Ok(arguments)
    }

    /// Takes over what the process that started this one hands over.
    ///
    /// # Errors
    ///
    /// A sentence for the person who started it.
    pub fn with_handed(mut self, from: impl Read) -> Result<Self, &'static str> {
        if !self.handed {
            return Ok(self);
        }
        let fail = "What comes over standard input was not understood.";
        let mut packed = Zeroizing::new(Vec::with_capacity(LIMIT as usize + 1));
        from.take(LIMIT + 1).read_to_end(&mut packed).map_err(|_| fail)?;
        let more = if packed.len() as u64 > LIMIT { None } else { Given::unpack(&packed) };
        let Given { files, addresses } = more.ok_or(fail)?;
        self.given.files.extend(files);
        self.given.addresses.extend(addresses);
        Ok(self)
    }
}

/// One thing that is to be opened, as a system names it.
pub(crate) fn add(given: &mut Given, word: &OsStr) -> Result<(), &'static str> {
    match word.to_str() {
        Some(link) if ["countersign:", "https:", "http:"].iter().any(|scheme| link.starts_with(scheme)) => {
            let address =
                Address::parse(link).ok_or("This address is not complete, or not that of an envelope.")?;
            if !given.addresses.is_empty() {
                return Err("It takes one address at a time.");
            }
            given.addresses.push(address);
        }
        Some(address) if address.starts_with("file:") => {
            let path = Url::parse(address).ok().and_then(|url| url.to_file_path().ok());
            let path = path.ok_or("This file: address names no file of this machine.")?;
            given.files.push(shown(&path)?);
        }
        Some(_) | None => given.files.push(shown(Path::new(word))?),
    }
    Ok(())
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
        let Ok(found) = parse(&["/tmp/a.countersign", "file:///tmp/b%20c.countersign"]) else {
            panic!("both are files")
        };
        assert_eq!(found.given.files, ["/tmp/a.countersign", "/tmp/b c.countersign"]);
    }

    #[test]
    fn a_file_of_another_machine_is_refused() {
        assert!(parse(&["file://elsewhere/tmp/a.countersign"]).is_err(), "its path here is another file");
    }

    #[test]
    fn an_address_is_taken_in_either_form_and_only_one() {
        let (cti, secret) = ("A".repeat(22), "A".repeat(43));
        for link in [
            format!("countersign://e/relay.example/{cti}#{secret}"),
            format!("https://relay.example/e/{cti}#{secret}"),
        ] {
            let link = link.as_str();
            assert_eq!(parse(&[link]).map(|found| found.given.addresses.len()), Ok(1), "one is taken");
            assert!(parse(&[link, link]).is_err(), "which of the two is not ours to choose");
        }
        for other in
            ["countersign://e/relay.example/x", "https://relay.example/", "http://relay.example/e/x#y"]
        {
            assert!(parse(&[other]).is_err(), "{other} is told, not shown");
        }
    }

    #[test]
    fn what_looks_like_an_option_is_no_file() {
        assert!(parse(&["--help-me"]).is_err(), "a mistyped option is told, not opened");
        assert!(parse(&["--profile"]).is_err(), "a folder belongs to it");
    }

    #[test]
    fn what_is_handed_over_is_read_only_where_that_was_said() {
        let given = Given { files: vec!["/tmp/a".to_owned()], addresses: Vec::new() };
        let packed = given.pack();
        let with = |words: &[&str], input: &[u8]| {
            parse(words)?.with_handed(input).map(|found| found.given.files.len())
        };
        assert_eq!(with(&[HANDED, "/tmp/b"], &packed), Ok(2));
        assert_eq!(with(&["/tmp/b"], &packed), Ok(1), "what stands on standard input otherwise is not ours");
        assert!(with(&[HANDED], b"/tmp/a").is_err(), "it is in no form of ours");
        assert!(with(&[HANDED], &vec![b'f'; LIMIT as usize + 1]).is_err(), "nobody hands over so much");
    }
}
