use std::{
    fs,
    os::unix::fs::{MetadataExt as _, PermissionsExt as _},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};

use countersign_documents::{Digest, secret::Key};
use countersign_issuers::key_format;
use countersign_ports::{
    Entropy, Handle, Issuer as _, IssuerError, KeySource, NoEntropy, Proof, Status, Tag, Wanted,
};

use crate::support::{HEADER, block_on, create, folder, ids, issuer, names, tag};

#[tokio::test]
async fn a_key_is_minted_and_only_its_hash_is_kept() {
    let at = folder();
    let issued = create(&issuer(&at.path, 1), &tag(1)).await.unwrap();
    let key = core::str::from_utf8(issued.key.expose()).unwrap();
    let shape = key_format::parse(key).unwrap();
    assert_eq!(
        (shape.prefix.as_str(), shape.environment.as_str()),
        ("cs", "euprod"),
        "{key} names its place"
    );
    assert_eq!(issued.handle.0, tag(1).key.to_string(), "the handle is the key id");
    assert_eq!(issued.not_after, tag(1).not_after, "it lives as long as asked");
    let hash = Digest::of(key.as_bytes());
    let expected = format!(
        "{HEADER}{hash} active {} 1900000000 orders/eu-prod orders:read 203.0.113.0/24\n",
        tag(1).key
    );
    assert_eq!(fs::read_to_string(&at.path).unwrap(), expected, "the whole file");
    for name in names(at.folder.path()) {
        let bytes = fs::read(at.folder.path().join(&name)).unwrap();
        let random = &key.as_bytes()[10..40];
        assert!(!bytes.windows(30).any(|w| w == random), "the key's text stands in {name}");
    }
    assert_eq!(names(at.folder.path()), ["keys", "keys.lock"], "nothing else is left behind");
}

#[tokio::test]
async fn a_new_file_is_private_and_an_old_one_keeps_its_mode() {
    let at = folder();
    let issuer = issuer(&at.path, 2);
    create(&issuer, &tag(1)).await.unwrap();
    assert_eq!(fs::metadata(&at.path).unwrap().mode() & 0o777, 0o600, "nobody else reads a new file");
    fs::set_permissions(&at.path, fs::Permissions::from_mode(0o640)).unwrap();
    create(&issuer, &tag(2)).await.unwrap();
    assert_eq!(fs::metadata(&at.path).unwrap().mode() & 0o777, 0o640, "the gateway's group still reads it");
    assert_eq!(ids(&at.path).len(), 2, "and it was written");
}

#[tokio::test]
async fn an_old_file_keeps_its_owner_and_group() {
    if !rustix::process::geteuid().is_root() {
        crate::faults::skipped("a file of somebody else: only root can give one away");
        return;
    }
    let at = folder();
    fs::write(&at.path, HEADER).unwrap();
    std::os::unix::fs::chown(&at.path, Some(65_534), Some(12_345)).unwrap();
    create(&issuer(&at.path, 3), &tag(1)).await.unwrap();
    let stat = fs::metadata(&at.path).unwrap();
    assert_eq!((stat.uid(), stat.gid()), (65_534, 12_345), "the gateway that read it before reads it now");
}

#[tokio::test]
async fn a_key_is_switched_on_and_off_and_removed() {
    let at = folder();
    let issuer = issuer(&at.path, 4);
    let issued = create(&issuer, &Tag { inert: true, ..tag(1) }).await.unwrap();
    create(&issuer, &tag(2)).await.unwrap();
    let handle = issued.handle;
    assert_eq!(issuer.status(&handle).await.unwrap(), Status::Inert, "made inert");
    for _ in 0..2 {
        issuer.activate(&handle).await.unwrap();
        assert_eq!(issuer.status(&handle).await.unwrap(), Status::Active, "on, and on again");
    }
    for _ in 0..2 {
        let proof = issuer.disable(&handle).await.unwrap();
        let seen = Digest::of(&fs::read(&at.path).unwrap());
        assert_eq!(proof, Proof::ReadAgain(seen), "the proof is of the bytes that switch it off");
        assert_eq!(issuer.status(&handle).await.unwrap(), Status::Inert, "off, and off again");
    }
    for _ in 0..2 {
        let proof = issuer.revoke(&handle).await.unwrap();
        let seen = Digest::of(&fs::read(&at.path).unwrap());
        assert_eq!(proof, Proof::ReadAgain(seen), "the proof is of the bytes that do not hold it");
        assert_eq!(issuer.status(&handle).await.unwrap(), Status::Gone, "gone, and still gone");
    }
    assert_eq!(ids(&at.path), [tag(2).key.to_string()], "the other key was not touched");
    assert!(matches!(issuer.activate(&handle).await, Err(IssuerError::NoSuchKey)), "what is gone stays gone");
    assert!(
        matches!(issuer.disable(&handle).await, Err(IssuerError::NoSuchKey)),
        "and is not reported as off"
    );
}

#[tokio::test]
async fn a_key_whose_bytes_were_lost_is_replaced() {
    let at = folder();
    let issuer = issuer(&at.path, 5);
    assert_eq!(issuer.find(tag(1).key).await.unwrap(), None, "nothing is there before the first key");
    let lost = create(&issuer, &tag(1)).await.unwrap();
    assert_eq!(
        issuer.find(tag(1).key).await.unwrap(),
        Some(lost.handle.clone()),
        "the crash left this behind"
    );
    let made = create(&issuer, &tag(1)).await.unwrap();
    assert_eq!(made.handle, lost.handle, "the same key id");
    assert_ne!(made.key.expose(), lost.key.expose(), "another key");
    let text = fs::read_to_string(&at.path).unwrap();
    assert!(text.contains(&Digest::of(made.key.expose()).hex()), "the new one works");
    assert!(!text.contains(&Digest::of(lost.key.expose()).hex()), "the lost one does not");
}

#[tokio::test]
async fn a_pasted_key_is_refused_and_nothing_is_written() {
    let at = folder();
    let pasted = Key::parse(b"rk_live_0123456789abcdef".to_vec().into()).unwrap();
    let made = issuer(&at.path, 6).create(&tag(1), KeySource::Pasted(pasted)).await;
    assert!(matches!(made, Err(IssuerError::MakesKey)), "a key from outside could be known outside");
    assert!(names(at.folder.path()).is_empty(), "not even a lock was made");
}

#[tokio::test]
async fn what_a_line_cannot_hold_is_never_written() {
    let at = folder();
    let issuer = issuer(&at.path, 7);
    let with = |change: fn(&mut Tag)| {
        let mut tag = tag(1);
        change(&mut tag);
        tag
    };
    for bad in [
        with(|t| t.scopes = vec!["a b".into()]),
        with(|t| t.scopes = vec!["a,b".into()]),
        with(|t| t.scopes = vec!["a\nb".into()]),
        with(|t| t.scopes = vec!["-".into()]),
        with(|t| t.scopes = vec![String::new()]),
        with(|t| t.networks = vec!["*".into()]),
        with(|t| t.networks = vec!["10.0.0.0/8 0.0.0.0/0".into()]),
        with(|t| t.service = "orders/prod".into()),
        with(|t| t.service = String::new()),
        with(|t| t.environment = "--".into()),
        with(|t| t.environment = "a\n".into()),
    ] {
        let made = create(&issuer, &bad).await;
        assert!(matches!(made, Err(IssuerError::Unexpected(_))), "{bad:?} must not become a line");
    }
    assert!(!at.path.exists(), "no file was begun");
}

#[tokio::test]
async fn handles_of_other_issuers_name_nothing_here() {
    let at = folder();
    let issuer = issuer(&at.path, 8);
    let issued = create(&issuer, &tag(1)).await.unwrap();
    for text in ["", "manual:00000000000000000000000000", issued.handle.0.trim_start_matches("0")] {
        let handle = Handle(text.into());
        assert!(matches!(issuer.revoke(&handle).await, Err(IssuerError::NoSuchKey)), "{text:?} is no handle");
    }
    assert_eq!(ids(&at.path).len(), 1, "the key is still there");
}

#[test]
fn the_plan_names_what_only_the_gateway_can_enforce() {
    let issuer = issuer(&folder().path, 9);
    let Tag { scopes, networks, inert, .. } = tag(1);
    let plan = issuer.plan(&Wanted { scopes, networks, inert });
    assert!(plan.makes_key && plan.can_hold, "it mints and holds");
    assert_eq!(plan.unenforceable.len(), 3, "scopes, networks, expiry: {:?}", plan.unenforceable);
    assert!(plan.unenforceable.iter().all(|line| line.contains("gateway")), "each says who must: {plan:?}");
    let bare = issuer.plan(&Wanted { scopes: vec![], networks: vec![], inert });
    assert_eq!(bare.unenforceable.len(), 1, "only the expiry is asked for: {:?}", bare.unenforceable);
}

#[test]
fn keys_made_at_once_are_all_there_and_readers_never_see_a_part() {
    let at = folder();
    fs::write(&at.path, HEADER).unwrap();
    let done = Arc::new(AtomicBool::new(false));
    let reader = thread::spawn({
        let (path, done) = (at.path.clone(), Arc::clone(&done));
        move || {
            let mut most = 0;
            while !done.load(Ordering::Relaxed) {
                let seen = ids(&path).len();
                assert!(seen >= most, "a key that was there is missing: {most} keys, then {seen}");
                most = seen;
            }
        }
    });
    let writers: Vec<_> = (0..8)
        .map(|writer: u16| {
            let path = at.path.clone();
            thread::spawn(move || {
                let issuer = issuer(&path, u64::from(writer) + 100);
                let made = |n| block_on(create(&issuer, &tag(writer * 100 + n))).unwrap().handle.0;
                (0..10).map(made).collect::<Vec<_>>()
            })
        })
        .collect();
    let mut made: Vec<String> = writers.into_iter().flat_map(|w| w.join().unwrap()).collect();
    done.store(true, Ordering::Relaxed);
    reader.join().unwrap();
    made.sort();
    assert_eq!(ids(&at.path), made, "80 keys of 8 threads, none lost");
}

/// Gives the same bytes again and again, like a machine restored from a snapshot.
struct Repeating;

impl Entropy for Repeating {
    fn fill(&self, out: &mut [u8]) -> Result<(), NoEntropy> {
        out.fill(7);
        Ok(())
    }
}

#[tokio::test]
async fn one_key_is_never_made_twice() {
    let at = folder();
    let prefix = key_format::Label::parse("cs").unwrap();
    let issuer = countersign_issuers::HashFile::new(&at.path, prefix, Arc::new(Repeating));
    create(&issuer, &tag(1)).await.unwrap();
    let again = create(&issuer, &tag(2)).await;
    assert!(matches!(again, Err(IssuerError::Entropy(NoEntropy))), "two partners must not hold one key");
    assert_eq!(ids(&at.path).len(), 1, "the file is as it was");
}
