//! Links that carry a secret: read from a file, from standard input or from a terminal, and never from an argument.

use std::{ffi::OsStr, path::PathBuf};

use countersign_envelope::Link;
use countersign_host::ways;

use crate::{args::Source, failure::Failure, prompt};

/// Whether a word of the command line has the secret of a link in it: other programs and the history of the shell see it.
pub(crate) fn is_in(word: &OsStr) -> bool {
    let word = word.to_string_lossy();
    // Of `--link-file=https://…` what counts is behind the sign.
    let value = match word.split_once('=') {
        Some((option, value)) if option.starts_with('-') => value,
        Some(_) | None => &word,
    };
    let hidden = value.split_once('#').or_else(|| value.split_once("%23"));
    Link::is_address(value) && hidden.is_some_and(|(_, behind)| may_be_secret(behind))
}

/// Cut off at the end, a secret is still one.
fn may_be_secret(text: &str) -> bool {
    let text = text.trim();
    text.len() >= 20 && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}

/// What an envelope comes from.
pub(crate) enum From {
    /// A file, or pictures of its codes.
    Files(Vec<PathBuf>),
    /// A link.
    Link(Link),
}

/// Reads where the envelope comes from; asks for a link where nothing is named and somebody sits there.
pub(crate) fn read(source: &Source) -> Result<From, Failure> {
    if source.file.iter().any(|path| Link::is_address(&path.to_string_lossy())) {
        return Err(Failure::LinkArgument);
    }
    if !source.file.is_empty() {
        return Ok(From::Files(source.file.clone()));
    }
    match &source.link_file {
        Some(path) => Ok(From::Link(ways::read_link(path)?)),
        None if prompt::interactive() => {
            let text = prompt::hidden("The link you were sent (it is not shown):")?;
            Ok(From::Link(Link::find(&text).map_err(countersign_host::Error::from)?))
        }
        None => Err(Failure::Usage(
            "Name the envelope, or the file with the link: --link-file FILE, - for standard input.",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc";
    const CTI: &str = "CQkJCQkJCQkJCQkJCQkJCQ";

    #[test]
    fn a_secret_is_seen_wherever_it_can_stand_in_an_argument() {
        for word in [
            format!("https://relay.example/e/{CTI}#{SECRET}"),
            format!("http://127.0.0.1:8480/e/{CTI}#{SECRET}"),
            format!("countersign://e/relay.example/{CTI}#{SECRET}"),
            format!("https://relay.example/e/{CTI}%23{SECRET}"),
            format!("--link-file=https://relay.example/e/{CTI}#{SECRET}"),
            format!("https://relay.example/e/{CTI}#{}", SECRET.get(..30).unwrap()),
        ] {
            assert!(is_in(OsStr::new(&word)), "{word}");
        }
        for word in [
            "https://relay.example",
            "https://docs.example/page#section",
            "a#b",
            "--relay=https://relay.example",
            "msg#1.txt",
        ] {
            assert!(!is_in(OsStr::new(word)), "{word}");
        }
    }
}
