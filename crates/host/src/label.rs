//! The label of a profile: what it says of itself while it is locked, so that people find theirs among several, and what was
//! asked to be opened finds the one that can read it.
//!
//! It lies in the clear beside the vault, in a folder that is this user's alone, and nothing is decided by it: a label that
//! lies leads to a profile that cannot read what it is given.

use std::path::{Path, PathBuf};

use countersign_app::{Own, desk::Desk, inbox::Inbox};
use countersign_documents::{Digest, text::Line};
use serde::{Deserialize, Serialize};

use crate::{
    failure::{Error, FileFlaw},
    files, wiring,
};

const FILE: &str = "label.json";
/// More than any label has.
const LIMIT: u64 = 64 * 1024;

/// What a profile says of itself while it is locked.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Label {
    /// `desk` or `inbox`.
    pub(crate) kind: String,
    /// How its person is called.
    pub(crate) name: String,
    /// The organisation of a desk, or those that an inbox pinned.
    #[serde(default)]
    pub(crate) organisations: Vec<String>,
    /// Thumbprints of the receiving keys that it has, in hexadecimal.
    #[serde(default)]
    pub(crate) reads: Vec<String>,
    /// Origins of the relays that its pinned cards name.
    #[serde(default)]
    pub(crate) relays: Vec<String>,
}

impl Label {
    /// Of a profile that has just been made.
    pub(crate) fn fresh(own: &Own) -> Self {
        let inbox = own.about.kind == countersign_app::ProfileKind::Inbox;
        let reads = if inbox { vec![own.receiving.public().thumbprint().hex()] } else { Vec::new() };
        Self { kind: own.about.kind.to_string(), name: own.about.name.to_string(), reads, ..Self::default() }
    }

    /// Of a desk.
    pub(crate) fn of_desk(own: &Own, desk: &Desk) -> Self {
        let organisation = desk.state().name.as_ref().map(ToString::to_string);
        let reads = desk.state().receiving.values().map(|key| key.thumbprint().hex());
        Self { organisations: organisation.into_iter().collect(), reads: reads.collect(), ..Self::fresh(own) }
    }

    /// Of an inbox.
    pub(crate) async fn of_inbox(own: &Own, inbox: &Inbox) -> Result<Self, Error> {
        let mut label = Self::fresh(own);
        for pin in inbox.organisations().await? {
            // A card that has ended names no relay: nothing could be fetched there.
            if let Ok(card) = inbox.offer(Some(&pin.id)).await {
                label.relays.extend(card.relay.map(|origin| origin.to_string()));
            }
            label.organisations.push(pin.name);
        }
        Ok(label)
    }

    /// Reads the label of a profile. None where there is none, or where it is not as we write them.
    pub(crate) fn read(folder: &Path) -> Option<Self> {
        let text = files::read(&folder.join(FILE), LIMIT).ok()?;
        let label: Self = serde_json::from_slice(&text).ok()?;
        // It is shown: what deceives is none of ours.
        let shown = core::iter::once(&label.name).chain(&label.organisations);
        let plain = shown.into_iter().all(|text| Line::parse(text).is_ok());
        (plain && ["desk", "inbox"].contains(&label.kind.as_str())).then_some(label)
    }

    /// Writes it, whole or not at all.
    pub(crate) fn write(&self, folder: &Path) -> Result<(), Error> {
        let fail = || files::fail(&folder.join(FILE), FileFlaw::Other);
        let text = serde_json::to_vec_pretty(self).map_err(|_| fail())?;
        let mut options = std::fs::File::options();
        options.create(true).truncate(true).write(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let beside = folder.join(format!("{FILE}.{}.part", std::process::id()));
        let mut file = options.open(&beside).map_err(|_| fail())?;
        let written = std::io::Write::write_all(&mut file, &text);
        written.and_then(|()| std::fs::rename(&beside, folder.join(FILE))).map_err(|_| {
            // Half a label is none, and is left to nobody.
            let _ = std::fs::remove_file(&beside);
            fail().into()
        })
    }

    /// Whether it has this receiving key.
    pub(crate) fn reads(&self, key: &Digest) -> bool {
        self.reads.contains(&key.hex())
    }
}

/// The folders of all profiles of this machine, each with its label where it has one.
pub(crate) fn profiles() -> Result<Vec<(PathBuf, Option<Label>)>, Error> {
    let entries = std::fs::read_dir(wiring::profiles_folder()?).into_iter().flatten().flatten();
    let folders = entries.map(|entry| entry.path()).filter(|path| path.join("vault.db").is_file());
    let mut found: Vec<_> = folders.map(|path| (path.clone(), Label::read(&path))).collect();
    found.sort_by(|a, b| a.0.cmp(&b.0));
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_is_read_as_it_was_written_and_one_that_deceives_is_none() {
        let dir = tempfile::tempdir().expect("a folder");
        assert_eq!(Label::read(dir.path()), None, "there is none yet");
        let label = Label {
            kind: "inbox".to_owned(),
            name: "Noor Haddad".to_owned(),
            organisations: vec!["Larkfield Logistics".to_owned()],
            reads: vec![Digest([7; 32]).hex()],
            relays: vec!["https://keys.example.com".to_owned()],
        };
        label.write(dir.path()).expect("it is written");
        assert_eq!(Label::read(dir.path()).as_ref(), Some(&label));
        assert!(label.reads(&Digest([7; 32])) && !label.reads(&Digest([8; 32])));
        for bad in [
            Label { name: "Noor\u{202e}daddaH".to_owned(), ..label.clone() },
            Label { organisations: vec!["two\nlines".to_owned()], ..label.clone() },
            Label { kind: "gateway".to_owned(), ..label },
        ] {
            bad.write(dir.path()).expect("it is written");
            assert_eq!(Label::read(dir.path()), None, "{bad:?} is not shown");
        }
    }
}
