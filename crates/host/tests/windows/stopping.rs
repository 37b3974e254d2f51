//! Stopping keys from a window: whatever the ledger is like, a key that was ordered to be stopped is dead, and nothing
//! says more of it than is true.

use std::{fmt::Write as _, io::Write as _, path::Path};

use countersign_contract::*;
use countersign_issuers::gate::{self, Reason, Verdict};
use countersign_ports::Clock as _;

use crate::{
    exchange::reopened,
    world::{Seat, World, ok, refused},
};

fn by_id(id: &str) -> ById {
    ById { id: id.to_owned() }
}

fn of_keys(keys: &[&str]) -> Selected {
    let keys = keys.iter().map(|key| (*key).to_owned()).collect();
    Selected { keys, holder: None, service: None, environment: None }
}

/// A world with a key in use: its id, and the key itself.
struct InUse {
    world: World,
    key: String,
    plain: String,
}

impl InUse {
    async fn new() -> Self {
        let world = World::founded().await;
        let (partner, request) = world.asked().await;
        let (alice, ben) = (&world.alice, &world.ben);
        ok(Requests::vet(&alice.host, by_id(&request)).await);
        let view = alice.reads().await;
        ok(alice.answers(&view.id, true).await);
        ok(Requests::countersign(&ben.host, by_id(&request)).await);
        let view = ben.reads().await;
        ok(ben.answers(&view.id, true).await);
        let key = ok(Keys::issue(&alice.host, Issue { request, pasted: None, path: None }).await).id;
        let out = world.path("envelope");
        let handed = ok(Keys::hand_over(&alice.host, HandOver { key: key.clone(), out: out.clone() }).await);
        let source = EnvelopeSource { envelope: Incoming::file(out), secret: handed.secret };
        let held = ok(Envelopes::open(&partner.host, source).await);
        let out = world.path("receipt");
        let receipt = Out { id: held.id.clone(), out: out.clone() };
        ok(Envelopes::write_receipt(&partner.host, receipt).await);
        ok(Requests::import(&alice.host, Incoming::file(out)).await);
        ok(Keys::finish(&alice.host, Nothing {}).await);
        ok(Envelopes::reveal(&partner.host, by_id(&held.id)).await);
        let plain = ok(Reveal::read(&partner.host, Nothing {}).await).key;
        Self { world, key, plain }
    }

    /// What the gateway says to whoever presents the key.
    fn gateway(&self) -> Verdict {
        let now = countersign_adapters::SystemClock.now().expect("a clock");
        let place = self.world.path("keys.hashes");
        gate::check(Path::new(&place), self.plain.as_bytes(), now).expect("the hash file reads")
    }

    fn works(&self) -> bool {
        matches!(self.gateway(), Verdict::Accepted { .. })
    }

    /// Orders the key to be revoked, and says yes in the confirm window.
    async fn revoked_by(&self, seat: &Seat) -> Vec<StopView> {
        stopped_by(seat, &[&self.key]).await
    }

    async fn as_shown_to(&self, seat: &Seat) -> KeyView {
        ok(Keys::show(&seat.host, by_id(&self.key)).await)
    }
}

async fn stopped_by(seat: &Seat, keys: &[&str]) -> Vec<StopView> {
    let wish = StopOrder { selected: of_keys(keys), how: StopHow::Revoke, reason: "leaked".to_owned() };
    ok(Stops::order(&seat.host, wish).await);
    let view = seat.reads().await;
    ok(seat.answers(&view.id, true).await)
}

/// Keys from before, as many as asked for.
async fn old_keys(world: &World, count: usize) -> Vec<String> {
    let mut text = String::new();
    for number in 0..count {
        let row = format!(
            "[[keys]]\npartner = \"Oakbridge Analytics\"\nservice = \"shipments\"\nenvironment = \"sandbox\"\n\
             since = \"2026-01-31\"\nkey = \"handed-out-years-ago-{number}\"\n"
        );
        text.write_str(&row).expect("a text takes it");
    }
    let path = world.path("old.toml");
    std::fs::write(&path, text).expect("a file");
    let old = ok(Keys::import_old(&world.alice.host, ByPath { path }).await);
    old.into_iter().map(|key| key.id).collect()
}

#[tokio::test]
async fn a_key_dies_though_the_ledger_is_gone_and_the_record_follows_by_itself() {
    let used = InUse::new().await;
    let (alice, ledger) = (&used.world.alice, used.world.path("ledger.db"));
    assert!(used.works(), "before anything is ordered the gateway takes the key");
    alice.host.lock().await;
    std::fs::rename(&ledger, used.world.path("away.db")).expect("the ledger goes");
    reopened(alice).await;

    // The desk opens on what it knew last, and says so wherever somebody asks.
    let why = ok(Ledger::cut_off(&alice.host, Nothing {}).await).expect("the ledger is not there");
    assert!(why.code.starts_with("ledger-"), "{}", why.code);
    let entries = Ledger::entries(&alice.host, EntriesWish { from: 0, limit: 10 }).await;
    assert_eq!(refused(entries), why.code, "nobody is shown an empty ledger");
    let listed = ListWish { state: None, text: None, limit: 10, offset: 0 };
    let listed = ok(Keys::list(&alice.host, listed).await);
    assert_eq!(listed[0].holder, "Fabrikam Example", "who holds what is known without the ledger");
    let wish = StopWish { selected: of_keys(&[&used.key]), how: StopHow::Revoke };
    assert_eq!(ok(Stops::preview(&alice.host, wish).await)[0].holder, "Fabrikam Example");

    let outcomes = used.revoked_by(alice).await;
    assert_eq!(used.gateway(), Verdict::Refused(Reason::Unknown), "the key is dead at the gateway");
    let [outcome] = outcomes.as_slice() else { panic!("one key, one outcome: {outcomes:?}") };
    assert_eq!(
        (outcome.state.as_str(), outcome.recorded, outcome.kept),
        ("ordered", false, true),
        "dead, and nobody's record says so: {}",
        outcome.detail
    );
    assert!(alice.screen.shows(Window::Confirm), "the window stays until that was read");
    let shown = used.as_shown_to(alice).await;
    assert_eq!(shown.stop.as_deref(), Some("revocation ordered (leaked), not yet on the record"));
    assert_ne!(shown.state, "revoked", "nothing is revoked before the record says so");
    assert!(
        refused(Keys::rotate(&alice.host, Rotate { key: used.key.clone(), pasted: None, path: None }).await)
            .starts_with("ledger-"),
        "nothing is made while nothing can be recorded"
    );

    // It survives a restart, and needs nobody: the ledger comes back, and the order is on it.
    alice.host.lock().await;
    reopened(alice).await;
    let shown = used.as_shown_to(alice).await;
    assert_eq!(shown.stop.as_deref(), Some("revocation ordered (leaked), not yet on the record"));
    alice.host.lock().await;
    std::fs::rename(used.world.path("away.db"), &ledger).expect("the ledger comes back");
    reopened(alice).await;
    let shown = used.as_shown_to(alice).await;
    assert_eq!(
        (shown.state.as_str(), shown.stop.as_deref()),
        ("revoked", Some("revocation confirmed (leaked)"))
    );
    assert_eq!(used.as_shown_to(&used.world.ben).await.state, "revoked", "every desk sees it");
}

#[tokio::test]
async fn a_key_dies_though_the_ledger_was_damaged_under_an_open_desk() {
    let used = InUse::new().await;
    let (alice, ledger) = (&used.world.alice, used.world.path("ledger.db"));
    for file in [format!("{ledger}-shm"), format!("{ledger}-wal"), ledger] {
        spoiled(Path::new(&file));
    }
    alice.host.notice().await;
    assert!(ok(Ledger::cut_off(&alice.host, Nothing {}).await).is_some(), "the ledger does not read");
    let outcomes = used.revoked_by(alice).await;
    assert!(!used.works(), "the key is dead at the gateway");
    assert_eq!((outcomes[0].state.as_str(), outcomes[0].recorded), ("ordered", false));
    ok(alice.answers("", false).await);
    assert!(!alice.screen.shows(Window::Confirm), "what was read can be left");
}

/// A bad disk: as many bytes as before, in the very same place, and none of them right.
fn spoiled(file: &Path) {
    let size = std::fs::metadata(file).expect("it is there").len();
    let mut open = std::fs::File::options().write(true).open(file).expect("it can be written");
    open.write_all(&vec![0x5a; usize::try_from(size).expect("a small file")]).expect("it is written");
}

#[tokio::test]
async fn every_key_says_what_became_of_it_and_what_failed_is_tried_again_unasked() {
    let used = InUse::new().await;
    let alice = &used.world.alice;
    let old = old_keys(&used.world, 1).await;
    // The gateway's file cannot be written: something else has its name.
    let (place, aside) = (used.world.path("keys.hashes"), used.world.path("aside"));
    std::fs::rename(&place, &aside).expect("the file goes");
    std::fs::create_dir(&place).expect("a folder in its place");
    let outcomes = stopped_by(alice, &[&used.key, &old[0]]).await;
    let of = |id: &str| outcomes.iter().find(|o| o.key == id).expect("each key has an outcome").clone();
    let (failed, by_hand) = (of(&used.key), of(&old[0]));
    assert_eq!((failed.state.as_str(), failed.recorded, failed.kept), ("failed", true, true));
    assert!(failed.why.is_some(), "and why: {failed:?}");
    assert_eq!(failed.issuer.as_deref(), Some("gateway"), "who is to be asked about it");
    assert_eq!((by_hand.state.as_str(), by_hand.recorded), ("ordered", true), "{}", by_hand.detail);
    assert!(by_hand.by_hand && !failed.by_hand, "only what nobody's machine stops waits for a hand");
    assert_eq!((failed.service.as_str(), failed.environment.as_str()), ("shipments", "sandbox"));
    let shown = used.as_shown_to(alice).await.stop.unwrap_or_default();
    assert!(shown.starts_with("revocation failed 1 times, retrying"), "{shown}");

    std::fs::remove_dir(&place).expect("the folder goes");
    std::fs::rename(&aside, &place).expect("the file is back");
    assert!(used.works(), "it was not stopped yet");
    alice.screen.told();
    alice.host.notice().await;
    assert!(!used.works(), "retrying is what is done, not what is said");
    assert_eq!(used.as_shown_to(alice).await.state, "revoked");
    assert!(alice.screen.told().contains(&countersign_host::Change::Content), "the windows ask again");
}

#[tokio::test]
async fn a_ledger_that_was_set_back_is_refused_every_time_audited_and_stops_nothing_from_stopping() {
    let world = World::founded().await;
    world.offers().await;
    let (alice, ben) = (&world.alice, &world.ben);
    let (ledger, older) = (world.path("ledger.db"), world.path("older.db"));
    ben.host.lock().await;
    alice.host.lock().await;
    let_go(&ledger).await;
    std::fs::copy(&ledger, &older).expect("a copy");
    reopened(alice).await;
    let old = old_keys(&world, 1).await;
    alice.host.lock().await;
    let_go(&ledger).await;
    std::fs::rename(&older, &ledger).expect("an older copy in its place");
    reopened(alice).await;

    let entries =
        || async { refused(Ledger::entries(&alice.host, EntriesWish { from: 0, limit: 10 }).await) };
    let first = entries().await;
    assert_eq!(first, "ledger-shortened");
    assert_eq!(entries().await, first, "a second look believes it no more than the first");
    let audit = ok(Ledger::verify(&alice.host, Nothing {}).await);
    assert!(!audit.clean && audit.first_bad.is_some(), "the audit says where it ends: {audit:?}");
    let outcomes = stopped_by(alice, &[&old[0]]).await;
    assert_eq!((outcomes[0].state.as_str(), outcomes[0].recorded), ("ordered", false));
}

/// Waits until nobody holds the ledger: whoever is last removes what was written ahead.
async fn let_go(ledger: &str) {
    let ahead = format!("{ledger}-wal");
    while Path::new(&ahead).exists() {
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
}
