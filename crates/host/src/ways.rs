//! The ways a document travels between people: a file, a text to be pasted, pictures of codes (`spec/delivery.md`).

use std::path::{Path, PathBuf};

use countersign_app::inbox::{Draft, Inbox, Sent};
use countersign_contract::Incoming;
use countersign_envelope::{Link, armor, parts};
use zeroize::Zeroizing;

use crate::{
    failure::{Error, FileFlaw},
    files, qr,
};

/// A document that came from outside, as a window tells of it.
pub(crate) fn incoming(from: &Incoming) -> Result<Zeroizing<Vec<u8>>, Error> {
    match (&from.text, from.files.as_slice()) {
        (Some(text), []) => from_text(text).map(Zeroizing::new),
        (None, files) => read(&files.iter().map(PathBuf::from).collect::<Vec<_>>()),
        (Some(_), _) => Err(Error::Usage("Either files or a text, not both.")),
    }
}

/// A document from one file: its bytes, or its text; or from pictures of its codes.
pub fn read(paths: &[PathBuf]) -> Result<Zeroizing<Vec<u8>>, Error> {
    let [first, others @ ..] = paths else { return Err(Error::Usage("Name the file.")) };
    let bytes = files::read(first, files::LARGE)?;
    if qr::is_picture(&bytes) {
        let mut codes = qr::scan(first, &bytes)?;
        for path in others {
            codes.extend(qr::scan(path, &files::read(path, files::LARGE)?)?);
        }
        return joined(codes.iter().map(String::as_str)).map(Zeroizing::new);
    }
    if !others.is_empty() {
        return Err(Error::Usage("Several files are only read as pictures of codes."));
    }
    if bytes.len() as u64 > files::SMALL * 2 {
        return Err(files::fail(first, FileFlaw::TooLarge).into());
    }
    match core::str::from_utf8(&bytes) {
        Ok(text) if armor::is_armored(&bytes) || is_code(text) => from_text(text).map(Zeroizing::new),
        Ok(_) | Err(_) if bytes.len() as u64 > files::SMALL => {
            Err(files::fail(first, FileFlaw::TooLarge).into())
        }
        Ok(_) | Err(_) => Ok(bytes),
    }
}

/// A document from what was pasted: its text, or the texts of its codes, one a line.
pub fn from_text(text: &str) -> Result<Vec<u8>, Error> {
    if is_code(text) {
        return joined(text.lines().filter(|line| !line.trim().is_empty()));
    }
    armor::decode(text).map_err(Error::Text)
}

/// The link in a file: in a text, or in a picture of its code.
pub fn read_link(path: &Path) -> Result<Link, Error> {
    let bytes = files::read(path, files::LARGE)?;
    if qr::is_picture(&bytes) {
        let codes = Zeroizing::new(qr::scan(path, &bytes)?.join("\n"));
        return Ok(Link::find(&codes)?);
    }
    if bytes.len() as u64 > files::SMALL {
        return Err(files::fail(path, FileFlaw::TooLarge).into());
    }
    let text = core::str::from_utf8(&bytes).map_err(|_| files::fail(path, FileFlaw::NotText))?;
    Ok(Link::find(text)?)
}

/// Where a letter is to be written: nowhere where the relay brings it, and never where something is.
pub(crate) fn out(path: &str) -> Result<Option<&Path>, Error> {
    let out = Some(path).filter(|path| !path.is_empty()).map(Path::new);
    out.map(files::check_new).transpose()?;
    Ok(out)
}

/// Writes a document into a file that must not be there: its bytes, in `.txt` its text, in `.png` one picture of all its
/// codes.
pub fn write(path: &Path, document: &[u8]) -> Result<(), Error> {
    Ok(files::write_new(path, &dress(path, document)?)?)
}

/// Signs a request and writes it out, as `write` does. It is kept only once the letter is on the disk, and the letter gets
/// its name only once it is kept: a full disk leaves neither a request without a letter nor a letter without a request.
pub async fn send_request(inbox: &Inbox, draft: Draft, out: &Path) -> Result<Sent, Error> {
    let sent = inbox.seal(draft).await?;
    let letter = files::stage(out, &dress(out, &sent.letter)?)?;
    inbox.keep(&sent).await?;
    if let Err(failure) = letter.publish() {
        inbox.unsend(&sent).await?;
        return Err(failure.into());
    }
    Ok(sent)
}

/// What would be written there.
pub fn dress(path: &Path, document: &[u8]) -> Result<Vec<u8>, Error> {
    let ending = path.extension().map(|ending| ending.to_ascii_lowercase());
    match ending.as_ref().and_then(|ending| ending.to_str()) {
        Some("txt") => Ok(armor::encode(document).map_err(Error::Text)?.into_bytes()),
        Some("png") => qr::sheet(document),
        Some(_) | None => Ok(document.to_vec()),
    }
}

/// Whether a text is one of the codes of a document.
pub(crate) fn is_code(text: &str) -> bool {
    text.trim_start().starts_with("CS1:")
}

fn joined<'a>(codes: impl Iterator<Item = &'a str>) -> Result<Vec<u8>, Error> {
    parts::join(codes).map_err(|flaw| Error::Shape { what: "code", why: flaw.to_string() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_is_read_from_its_message_and_from_a_picture_of_it() {
        let folder = tempfile::tempdir().expect("a folder");
        let link = format!("https://relay.example/e/{}#{}", "A".repeat(22), "A".repeat(43));
        let (picture, message) = (folder.path().join("link.png"), folder.path().join("message.txt"));
        files::write_new(&picture, &qr::of_text(&link).expect("a code")).expect("written");
        files::write_new(&message, format!("Open this:\n\n  {link}\n").as_bytes()).expect("written");
        for path in [picture, message] {
            let read = read_link(&path).expect("a link");
            assert_eq!((read.relay.as_str(), read.cti.0), ("relay.example", [0; 16]), "{}", path.display());
        }
        let other = folder.path().join("envelope.png");
        files::write_new(&other, &qr::sheet(&[7; 100]).expect("codes")).expect("written");
        let flaw = read_link(&other).err().map(|error| error.code());
        assert_eq!(flaw, Some("no-link"), "a picture of an envelope is no link");
    }
}
