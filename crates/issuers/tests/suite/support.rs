//! Seeded randomness, a folder with a hash file, and short ways to look at it.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
};

use countersign_documents::{Time, id::KeyId};
use countersign_issuers::{HashFile, key_format::Label};
use countersign_ports::{Entropy, Issued, Issuer as _, IssuerError, KeySource, NoEntropy, Tag};

pub(crate) const HEADER: &str = "# countersign hash file v1\n";
pub(crate) const NOT_AFTER: Time = Time(1_900_000_000);

/// SplitMix64: repeatable, useless for keys.
pub(crate) struct Seeded(Mutex<u64>);

impl Seeded {
    pub(crate) fn new(seed: u64) -> Arc<Self> {
        Arc::new(Self(Mutex::new(seed.wrapping_mul(0x2545_f491_4f6c_dd1d))))
    }
}

impl Entropy for Seeded {
    fn fill(&self, out: &mut [u8]) -> Result<(), NoEntropy> {
        let mut state = self.0.lock().unwrap();
        for chunk in out.chunks_mut(8) {
            *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut z = *state;
            z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            chunk.copy_from_slice(&(z ^ (z >> 31)).to_le_bytes()[..chunk.len()]);
        }
        Ok(())
    }
}

/// A temporary folder, and where the hash file in it is.
pub(crate) struct Folder {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) path: PathBuf,
}

pub(crate) fn folder() -> Folder {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keys");
    Folder { folder, path }
}

pub(crate) fn issuer(path: &Path, seed: u64) -> HashFile {
    HashFile::new(path, Label::parse("cs").unwrap(), Seeded::new(seed))
}

pub(crate) fn tag(id: u16) -> Tag {
    let mut bytes = [0; 16];
    bytes[..2].copy_from_slice(&id.to_be_bytes());
    Tag {
        key: KeyId(bytes),
        service: "orders".into(),
        environment: "eu-prod".into(),
        scopes: vec!["orders:read".into()],
        networks: vec!["203.0.113.0/24".into()],
        not_after: NOT_AFTER,
        inert: false,
    }
}

pub(crate) async fn create(issuer: &HashFile, tag: &Tag) -> Result<Issued, IssuerError> {
    issuer.create(tag, KeySource::Issuer).await
}

/// Runs on a runtime of its own: for threads and child processes.
pub(crate) fn block_on<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(work)
}

/// The key ids in the file, having seen that it is whole: a header, and lines of seven fields.
pub(crate) fn ids(path: &Path) -> Vec<String> {
    let text = fs::read_to_string(path).unwrap();
    let body = text.strip_prefix(HEADER).unwrap_or_else(|| panic!("no header in {text:?}"));
    assert!(body.is_empty() || body.ends_with('\n'), "the last line of {text:?} is cut off");
    let id = |line: &str| {
        let fields: Vec<&str> = line.split(' ').collect();
        assert_eq!(fields.len(), 7, "{line:?} is a part of a line");
        assert_eq!(fields[0].len(), 64, "{line:?} begins with a hash");
        fields[2].to_owned()
    };
    body.lines().map(id).collect()
}

/// Names of everything in the folder, sorted.
pub(crate) fn names(folder: &Path) -> Vec<String> {
    let name = |entry: std::io::Result<fs::DirEntry>| entry.unwrap().file_name().into_string().unwrap();
    let mut names: Vec<String> = fs::read_dir(folder).unwrap().map(name).collect();
    names.sort();
    names
}
