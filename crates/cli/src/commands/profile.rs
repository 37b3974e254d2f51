//! Profiles and identities.

use std::path::{Path, PathBuf};

use countersign_adapters::{OsKeyStore, SystemClock, SystemEntropy};
use countersign_app::{ProfileKind, desk::Heard, profile};
use countersign_documents::text::visible;
use countersign_host::{
    files::{self, Together},
    ways,
};
use countersign_ports::VaultError;
use countersign_vault::{KeyFile, NewSlot, RecoveryCode, SHORTEST_PASSPHRASE, SlotKind, VaultFile};
use serde_json::json;
use zeroize::Zeroizing;

use crate::{
    args::{Identity, Kind, Profile},
    failure::Failure,
    output::{Done, fields, path, write_out},
    prompt,
    session::Session,
};

pub(crate) async fn run(s: &Session, verb: Profile) -> Result<Done, Failure> {
    match verb {
        Profile::New { kind, name, slot } => make(s, kind, &name, &slot).await,
        Profile::Show { words } => show(s, words).await,
        Profile::Card { out } => {
            files::check_new(&out)?;
            let card = profile::card(&*s.vault().await?, &SystemClock).await?;
            ways::write(&out, &card)?;
            Ok(Done::said("Identity card written. Hand it to an admin.", json!({ "written": path(&out) })))
        }
        Profile::Recovery { out } => recovery(s, out).await,
    }
}

enum Slot {
    Keychain,
    Passphrase(Zeroizing<String>),
    KeyFile(KeyFile),
}

impl Slot {
    fn as_new(&self) -> NewSlot<'_> {
        match self {
            Self::Keychain => NewSlot::Keychain(&OsKeyStore),
            Self::Passphrase(text) => NewSlot::Passphrase(text),
            Self::KeyFile(file) => NewSlot::KeyFile(file),
        }
    }
}

async fn make(s: &Session, kind: Kind, name: &str, slots: &[String]) -> Result<Done, Failure> {
    // A name that would be refused is refused before a key file is made or a passphrase asked for.
    countersign_documents::text::Line::parse(name).map_err(countersign_app::Error::text("name"))?;
    let mut chosen = Vec::new();
    let default = ["keychain".to_owned()];
    for slot in if slots.is_empty() { &default } else { slots } {
        chosen.push(match slot.split_once(':') {
            None if slot == "keychain" => Slot::Keychain,
            None if slot == "passphrase" => Slot::Passphrase(new_passphrase()?),
            Some(("key-file", path)) => Slot::KeyFile(key_file(Path::new(path))?),
            None | Some(_) => {
                return Err(Failure::Usage("--slot takes keychain, passphrase or key-file:PATH."));
            }
        });
    }
    let new: Vec<NewSlot<'_>> = chosen.iter().map(Slot::as_new).collect();
    let kind = match kind {
        Kind::Desk => ProfileKind::Desk,
        Kind::Inbox => ProfileKind::Inbox,
    };
    let (_, own) = countersign_host::profile::make(s.folder(), &new, kind, name, false).await?;
    let fingerprint = own.fingerprint().to_read_aloud();
    let text = format!(
        "Profile made in {}.\nFingerprint, to read aloud: {fingerprint}\n{}",
        visible(&s.folder().to_string_lossy()),
        match kind {
            ProfileKind::Desk =>
                "Next: 'org found' with a colleague, or 'profile card' for an admin who admits you.",
            ProfileKind::Inbox => "Next: 'card pin' with the card of the organisation you want a key of.",
        }
    );
    Ok(Done::said(
        text,
        json!({ "profile": path(s.folder()), "kind": kind, "fingerprint": fingerprint, "identity": own.thumbprint() }),
    ))
}

fn new_passphrase() -> Result<Zeroizing<String>, Failure> {
    let first = prompt::hidden("New passphrase (fifteen characters or more):")?;
    if first.chars().count() < SHORTEST_PASSPHRASE {
        return Err(Failure::Usage("A passphrase takes fifteen characters or more; five words are good."));
    }
    let second = prompt::hidden("The same again:")?;
    if first == second { Ok(first) } else { Err(Failure::Usage("The two passphrases differ.")) }
}

fn key_file(path: &Path) -> Result<KeyFile, Failure> {
    if path.symlink_metadata().is_ok() {
        Ok(KeyFile::read(path)?)
    } else {
        Ok(KeyFile::make(path, &SystemEntropy)?)
    }
}

async fn show(s: &Session, words: bool) -> Result<Done, Failure> {
    let slots = VaultFile::slots(s.folder()).await?;
    let view = profile::show(&*s.vault().await?, slots.iter().map(|k| k.name().to_owned()).collect()).await?;
    let text = fields(&[
        ("Profile", view.kind.clone()),
        ("Name", view.name.clone()),
        ("Organisation", view.organisation.clone().unwrap_or_else(|| "(none yet)".to_owned())),
        ("Fingerprint", if words { view.words.clone() } else { view.fingerprint.clone() }),
        ("Unlocked by", view.slots.join(", ")),
    ]);
    Ok(Done::new(&view, text))
}

async fn recovery(s: &Session, out: Option<PathBuf>) -> Result<Done, Failure> {
    if let Some(out) = &out {
        files::check_new(out)?;
    }
    let vault = s.vault().await?;
    if VaultFile::slots(s.folder()).await?.contains(&SlotKind::Recovery) {
        return Err(VaultError::Exists.into());
    }
    let code = RecoveryCode::make(&SystemEntropy)?;
    // Out of the program first: a code that opens the profile and that nobody ever saw would stand in the way of one.
    match out {
        Some(out) => {
            let mut files = Together::default();
            files.write(&out, code.text().as_bytes())?;
            vault.add_slot(NewSlot::Recovery(&code)).await?;
            files.keep();
            Ok(Done::said(
                "Recovery code written. Print it, lock it away, delete the file.",
                json!({ "written": path(&out) }),
            ))
        }
        None => {
            prompt::say("Write this down; it is shown once and kept nowhere:");
            let line = Zeroizing::new(format!("{}\n", *code.text()).into_bytes());
            write_out(&line)
                .map_err(|error| files::fail(Path::new("standard output"), files::flaw_of(&error)))?;
            vault.add_slot(NewSlot::Recovery(&code)).await?;
            Ok(Done::raw(Zeroizing::new(Vec::new())))
        }
    }
}

pub(crate) async fn identity(s: &Session, verb: Identity) -> Result<Done, Failure> {
    match verb {
        Identity::Show { words } => show(s, words).await,
        Identity::Check { request, channel, source } => {
            let mut desk = s.desk().await?;
            let id = super::request::find(&desk, &request)?;
            let channel = channel.into();
            let typed = prompt::fingerprint("the partner")?;
            let heard = Heard { typed: &typed.text, channel, source: &source, attended: typed.attended };
            let recorded = desk.check_identity(id, heard).await?;
            let how = if typed.attended {
                ""
            } else {
                " It did not come from a terminal: recorded as unattended, which the policy may not accept."
            };
            let text = format!("The fingerprint is the same. Recorded as entry {}.{how}", recorded.seq);
            Ok(Done::said(text, json!({ "same": true, "attended": typed.attended, "entry": recorded.seq })))
        }
    }
}
