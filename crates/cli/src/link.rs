//! Links that carry a secret: read from a file, from standard input or from a terminal, and never from an argument.

use std::{
    ffi::OsStr,
    path::{Path, PathBuf},
};

use countersign_envelope::{Link, LinkFlaw};
use countersign_host::files;
use zeroize::Zeroizing;

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
    is_address(value) && hidden.is_some_and(|(_, behind)| may_be_secret(behind))
}

/// Cut off at the end, a secret is still one.
fn may_be_secret(text: &str) -> bool {
    let text = text.trim();
    text.len() >= 20 && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}

fn is_address(text: &str) -> bool {
    ["https://", "http://", "countersign:"].iter().any(|scheme| text.starts_with(scheme))
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
    if source.file.iter().any(|path| is_address(&path.to_string_lossy())) {
        return Err(Failure::LinkArgument);
    }
    if !source.file.is_empty() {
        return Ok(From::Files(source.file.clone()));
    }
    let text = match &source.link_file {
        Some(path) => read_file(path)?,
        None if prompt::interactive() => prompt::hidden("The link you were sent (it is not shown):")?,
        None => {
            return Err(Failure::Usage(
                "Name the envelope, or the file with the link: --link-file FILE, - for standard input.",
            ));
        }
    };
    Ok(From::Link(find(&text)?))
}

fn read_file(path: &Path) -> Result<Zeroizing<String>, Failure> {
    Ok(files::read_text(path)?)
}

/// The one link in a text: alone, or within the message that it came in, which has both of its forms.
fn find(text: &str) -> Result<Link, Failure> {
    let around = |c: char| "<>\"'(),.;".contains(c);
    let words = text.split_whitespace().map(|word| word.trim_matches(around));
    let mut found: Option<Link> = None;
    for word in words.filter(|word| is_address(word)) {
        // An address that something rewrote says so, even where another form of it came through whole.
        let link = Link::parse(word)?;
        if let Some(first) = &found
            && (first.relay != link.relay
                || first.cti != link.cti
                || first.secret.expose() != link.secret.expose())
        {
            return Err(Failure::Usage("There are several links in this text: name the one that is meant."));
        }
        found = Some(link);
    }
    found.ok_or(Failure::Link(LinkFlaw::NotALink))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc";
    const CTI: &str = "CQkJCQkJCQkJCQkJCQkJCQ";

    fn flaw(text: &str) -> &'static str {
        find(text).err().map_or("found", |failure| failure.code())
    }

    #[test]
    fn a_link_is_found_alone_or_in_its_message_and_only_one() {
        let (https, app) = (
            format!("https://relay.example/e/{CTI}#{SECRET}"),
            format!("countersign://e/relay.example/{CTI}#{SECRET}"),
        );
        for text in [
            https.clone(),
            format!("  {app}\r\n"),
            format!("Open this: <{https}>.\nOr paste ({app}), please."),
            format!("> {https}\n> {app}"),
        ] {
            assert_eq!(flaw(&text), "found", "{text}");
        }
        assert_eq!(flaw("nothing here"), "no-link");
        assert_eq!(flaw(""), "no-link");
        assert_eq!(flaw(&format!("https://relay.example/e/{CTI}%23{SECRET}")), "link-mangled");
        assert_eq!(
            flaw(&format!("https://relay.example/e/{CTI}%23{SECRET} {app}")),
            "link-mangled",
            "whatever is beside it"
        );
        assert_eq!(flaw(https.get(..https.len() - 3).unwrap()), "link-incomplete");
        assert_eq!(
            flaw(&format!("{https} https://other.example/e/{CTI}#{SECRET}")),
            "usage",
            "which of them"
        );
    }

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
