use std::{
    fs,
    os::unix::fs::{PermissionsExt as _, symlink},
    path::Path,
    process::{Command, Stdio},
};

use countersign_ports::{Handle, Issuer as _, IssuerError, Status};
use rustix::fs::{CWD, FlockOperation, Mode, OFlags, flock, mkfifoat, openat};

use crate::support::{Folder, HEADER, create, folder, ids, issuer, names, tag};

/// Every verb fails, as `expected` says, and what stands at the path keeps its bytes.
async fn all_refuse(path: &Path, expected: fn(&IssuerError) -> bool, why: &str) {
    let issuer = issuer(path, 1);
    let handle = Handle(tag(1).key.to_string());
    let before = fs::read(path).ok();
    let outcomes = [
        ("create", create(&issuer, &tag(1)).await.map(drop)),
        ("activate", issuer.activate(&handle).await),
        ("disable", issuer.disable(&handle).await.map(drop)),
        ("revoke", issuer.revoke(&handle).await.map(drop)),
        ("status", issuer.status(&handle).await.map(drop)),
        ("find", issuer.find(tag(1).key).await.map(drop)),
    ];
    for (verb, outcome) in outcomes {
        assert!(outcome.as_ref().is_err_and(expected), "{verb} {why}: {outcome:?}");
    }
    assert_eq!(fs::read(path).ok(), before, "nothing changed {why}");
    assert!(!path.with_extension("new").exists(), "no half-written file is left {why}");
}

fn unexpected(error: &IssuerError) -> bool {
    matches!(error, IssuerError::Unexpected(_))
}

fn unavailable(error: &IssuerError) -> bool {
    matches!(error, IssuerError::Unavailable(_))
}

/// A folder with a hash file of one key.
async fn with_one_key() -> Folder {
    let at = folder();
    create(&issuer(&at.path, 77), &tag(1)).await.unwrap();
    at
}

#[tokio::test]
async fn a_symbolic_link_is_refused() {
    let at = with_one_key().await;
    let link = at.folder.path().join("link");
    symlink(&at.path, &link).unwrap();
    all_refuse(&link, unexpected, "through a link").await;
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink(), "the link is still a link");
    let dangling = at.folder.path().join("dangling");
    symlink(at.folder.path().join("absent"), &dangling).unwrap();
    all_refuse(&dangling, unexpected, "through a link to nothing").await;
}

#[tokio::test]
async fn a_link_in_the_place_of_the_lock_or_the_new_file_is_not_followed() {
    let at = with_one_key().await;
    let victim = at.folder.path().join("victim");
    fs::write(&victim, "precious").unwrap();
    symlink(&victim, at.folder.path().join("keys.new")).unwrap();
    create(&issuer(&at.path, 2), &tag(2)).await.unwrap();
    assert_eq!(fs::read_to_string(&victim).unwrap(), "precious", "nothing was written through the link");
    fs::remove_file(at.folder.path().join("keys.lock")).unwrap();
    symlink(&victim, at.folder.path().join("keys.lock")).unwrap();
    let made = create(&issuer(&at.path, 3), &tag(3)).await;
    assert!(made.err().as_ref().is_some_and(unexpected), "a lock that is a link locks something else");
}

#[tokio::test]
async fn what_is_no_file_is_refused() {
    let at = folder();
    let inner = at.folder.path().join("inner");
    fs::create_dir(&inner).unwrap();
    all_refuse(&inner, unexpected, "on a folder").await;
    assert!(inner.is_dir(), "the folder is still there");
    mkfifoat(CWD, &at.path, Mode::RUSR | Mode::WUSR).unwrap();
    let made = create(&issuer(&at.path, 1), &tag(1)).await;
    assert!(made.err().as_ref().is_some_and(unexpected), "a pipe is refused, and not waited for");
}

#[tokio::test]
async fn a_file_that_is_not_ours_or_has_a_strange_line_is_refused_untouched() {
    let at = with_one_key().await;
    let good = fs::read_to_string(&at.path).unwrap();
    let cut = good.trim_end_matches('\n').to_owned();
    for text in [
        "garbage\n".to_owned(),
        String::new(),
        cut,
        format!("{good}# a remark\n"),
        format!("{good}\n"),
        good.replace("active", "ACTIVE"),
    ] {
        fs::write(&at.path, text).unwrap();
        all_refuse(&at.path, unexpected, "on a file that is not understood").await;
    }
    fs::write(&at.path, b"# countersign hash file v1\n\xff\n").unwrap();
    all_refuse(&at.path, unexpected, "on bytes that are no text").await;
}

#[tokio::test]
async fn a_missing_folder_is_unavailable_and_not_made() {
    let at = folder();
    let path = at.folder.path().join("absent").join("keys");
    all_refuse(&path, unavailable, "without a folder").await;
    assert!(!at.folder.path().join("absent").exists(), "an unmounted disk is not papered over");
}

#[tokio::test]
async fn a_missing_file_says_nothing_of_a_key() {
    let at = with_one_key().await;
    let handle = Handle(tag(1).key.to_string());
    fs::remove_file(&at.path).unwrap();
    let issuer = issuer(&at.path, 4);
    for (verb, outcome) in [
        ("status", issuer.status(&handle).await.map(drop)),
        ("revoke", issuer.revoke(&handle).await.map(drop)),
        ("disable", issuer.disable(&handle).await.map(drop)),
        ("activate", issuer.activate(&handle).await),
    ] {
        assert!(
            outcome.as_ref().is_err_and(unavailable),
            "{verb}: the gateway may still read it: {outcome:?}"
        );
    }
}

#[tokio::test]
async fn a_read_only_file_is_not_replaced() {
    let at = with_one_key().await;
    let before = fs::read(&at.path).unwrap();
    fs::set_permissions(&at.path, fs::Permissions::from_mode(0o440)).unwrap();
    let issuer = issuer(&at.path, 5);
    let handle = Handle(tag(1).key.to_string());
    assert!(
        create(&issuer, &tag(2)).await.err().as_ref().is_some_and(unavailable),
        "create must not go round it"
    );
    assert!(
        issuer.revoke(&handle).await.err().as_ref().is_some_and(unavailable),
        "no proof without a change"
    );
    assert_eq!(issuer.status(&handle).await.unwrap(), Status::Active, "it can still be read");
    assert_eq!(fs::read(&at.path).unwrap(), before, "the old file");
    assert_eq!(names(at.folder.path()), ["keys", "keys.lock"], "and nothing beside it");
}

#[tokio::test]
async fn a_file_anybody_may_write_is_refused() {
    let at = with_one_key().await;
    fs::set_permissions(&at.path, fs::Permissions::from_mode(0o666)).unwrap();
    all_refuse(&at.path, unexpected, "where anybody could have added a key").await;
}

#[tokio::test]
async fn a_file_with_a_second_name_is_not_replaced() {
    let at = with_one_key().await;
    fs::hard_link(&at.path, at.folder.path().join("second")).unwrap();
    let revoked = issuer(&at.path, 6).revoke(&Handle(tag(1).key.to_string())).await;
    assert!(revoked.err().as_ref().is_some_and(unexpected), "the second name would keep the revoked key");
    assert_eq!(ids(&at.path), [tag(1).key.to_string()], "the old file");
}

#[tokio::test]
async fn what_a_crash_left_beside_the_file_does_no_harm() {
    let at = with_one_key().await;
    fs::write(at.folder.path().join("keys.new"), "# countersign hash fi").unwrap();
    create(&issuer(&at.path, 7), &tag(2)).await.unwrap();
    assert_eq!(ids(&at.path).len(), 2, "the half file was never looked at");
    assert_eq!(names(at.folder.path()), ["keys", "keys.lock"], "and is gone");
}

#[tokio::test]
async fn who_waits_too_long_for_the_lock_gives_up() {
    let at = with_one_key().await;
    let flags = OFlags::RDWR | OFlags::CLOEXEC;
    let held = openat(CWD, at.folder.path().join("keys.lock"), flags, Mode::empty()).unwrap();
    flock(&held, FlockOperation::LockExclusive).unwrap();
    let waiting = issuer(&at.path, 8);
    let handle = Handle(tag(1).key.to_string());
    assert_eq!(waiting.status(&handle).await.unwrap(), Status::Active, "readers wait for nobody");
    assert!(
        waiting.revoke(&handle).await.err().as_ref().is_some_and(unavailable),
        "five seconds, then an error"
    );
    assert_eq!(ids(&at.path).len(), 1, "the old file");
    drop(held);
    waiting.revoke(&handle).await.unwrap();
    assert!(ids(&at.path).is_empty(), "with the lock free it works");
}

/// A small file system of its own, unmounted when dropped.
struct Small<'a>(&'a Path);

impl<'a> Small<'a> {
    fn mount(at: &'a Path) -> Option<Self> {
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", "size=16k", "tmpfs"]).arg(at).stderr(Stdio::null());
        mount.status().is_ok_and(|status| status.success()).then_some(Self(at))
    }
}

impl Drop for Small<'_> {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(self.0).status();
    }
}

#[tokio::test]
async fn a_full_disk_leaves_the_old_file() {
    let at = folder();
    let Some(small) = Small::mount(at.folder.path()) else {
        skipped("a full disk: no small file system can be mounted here");
        return;
    };
    fs::write(&at.path, HEADER).unwrap();
    let issuer = issuer(&at.path, 9);
    let mut made = Vec::new();
    let stopped = loop {
        let before = fs::read(&at.path).unwrap();
        match create(&issuer, &tag(made.len() as u16)).await {
            Ok(issued) => made.push(issued.handle.0),
            Err(error) => {
                assert_eq!(fs::read(&at.path).unwrap(), before, "the old file, whole");
                break error;
            }
        }
        assert!(made.len() < 200, "16 KiB must fill up");
    };
    assert!(matches!(stopped, IssuerError::Unavailable("the disk is full")), "said as it is: {stopped}");
    assert_eq!(ids(&at.path), made, "every key that was handed out is there, and no other");
    assert_eq!(names(at.folder.path()), ["keys", "keys.lock"], "the half-written file is gone");
    drop(small);
}

/// Says why something could not be tried on this machine, and has it counted where `tools/test.sh` collects.
pub(crate) fn skipped(what: &str) {
    println!("SKIP: {what}");
    if let Some(path) = std::env::var_os("COUNTERSIGN_SKIPS") {
        let file = fs::File::options().append(true).create(true).open(path);
        std::io::Write::write_all(&mut file.unwrap(), format!("{what}\n").as_bytes()).unwrap();
    }
}
