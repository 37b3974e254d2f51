//! A world that can be copied: an organisation with its relay, and a partner who has pinned its invitation.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
};

use countersign_app::{
    Own, ProfileKind,
    desk::{Desk, MemberOffer},
    founding,
    inbox::Inbox,
    profile,
};
use countersign_documents::{
    Digest, Secret32,
    certificate::Right,
    id::{KeyId, MemberId, OrganisationId, RequestId},
    letters::{Act, Notice},
    relay::{Mail, Moment, Poll, Post},
    text::Line,
};
use countersign_ports::{Relay as _, RelayError};
use countersign_relay::{
    DatabaseAt, Limits, OpenSettings, Quota, Relay, serve,
    store::{Store as _, sqlite::SqliteStore},
};
use tempfile::TempDir;
use tokio::{net::TcpListener, sync::oneshot, task::JoinHandle};

use crate::{
    faulty::Faulty,
    people::{Place, TestClock, agree, form, heard, sign},
};

/// A relay that runs, and can be stopped and started again at its place.
pub(crate) struct Running {
    stop: oneshot::Sender<()>,
    served: JoinHandle<std::io::Result<()>>,
}

impl Running {
    async fn start(listener: TcpListener, folder: &Path, card: Vec<u8>, clock: TestClock) -> Self {
        let origin = Line::parse(&origin(listener.local_addr().unwrap())).unwrap();
        let relay = Relay::open(OpenSettings {
            database: DatabaseAt::Sqlite(folder.join("relay.db")),
            origin,
            cards: vec![card],
            quota: Quota { room: 0, ..Quota::default() },
            clock: Arc::new(move || clock.time()),
        });
        let router = relay.await.expect("it opens").router();
        let (stop, stopped) = oneshot::channel();
        let stopped = async move {
            let _ = stopped.await;
        };
        let served = tokio::spawn(serve(listener, router, Limits::default(), Arc::default(), stopped));
        Self { stop, served }
    }

    pub(crate) async fn stop(self) {
        let _ = self.stop.send(());
        self.served.await.expect("it ends").expect("it served");
    }
}

fn origin(address: SocketAddr) -> String {
    format!("http://{address}")
}

/// An address for the card. Nothing listens there between two relays, so it is none that the system gives to others: a
/// place of this process among those below.
async fn free_address() -> SocketAddr {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    loop {
        let n = std::process::id().wrapping_mul(31) + NEXT.fetch_add(1, Ordering::SeqCst);
        let port = 10_000 + u16::try_from(n % 22_000).unwrap();
        if let Ok(listener) = TcpListener::bind(("127.0.0.1", port)).await {
            return listener.local_addr().unwrap();
        }
    }
}

/// Where everything lies before the relay is there: copied for every history that begins with it.
pub(crate) struct Ground {
    dir: TempDir,
    address: SocketAddr,
    organisation: OrganisationId,
    card: Vec<u8>,
}

impl Ground {
    /// An organisation whose card names a place where nothing listens yet, and a partner without it.
    pub(crate) async fn make() -> Self {
        let address = free_address().await;
        let dir = tempfile::tempdir().unwrap();
        let clock = TestClock::new();
        let place = Place::new(dir.path(), &clock, Arc::new(Faulty::default()));
        let organisation = place.found(&origin(address)).await;
        place.make("noor", ProfileKind::Inbox).await;
        let card = place.desk("alice").await.card().unwrap().to_vec();
        place.close().await;
        Self { dir, address, organisation, card }
    }

    /// A world of its own on this ground. One at a time: its relay has its place.
    pub(crate) async fn world(&self) -> World {
        let dir = tempfile::tempdir().unwrap();
        copy(self.dir.path(), dir.path());
        let clock = TestClock::new();
        let way = Arc::new(Faulty::default());
        let listener = TcpListener::bind(self.address).await.unwrap();
        let relay = Running::start(listener, dir.path(), self.card.clone(), clock.clone()).await;
        World {
            address: self.address,
            organisation: self.organisation,
            card: self.card.clone(),
            clock,
            way,
            relay: Some(relay),
            dir,
        }
    }
}

/// The issuer's file is named by its place: it stays where it was founded, one for all worlds, each under keys of its own.
fn copy(from: &Path, to: &Path) {
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            let mut builder = std::fs::DirBuilder::new();
            #[cfg(unix)]
            std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
            builder.create(&target).unwrap();
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// What is the relay's there.
fn relays(folder: &Path) -> Vec<PathBuf> {
    let paths = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    paths.filter(|path| path.file_name().unwrap().to_string_lossy().starts_with("relay.db")).collect()
}

pub(crate) struct World {
    address: SocketAddr,
    pub(crate) organisation: OrganisationId,
    card: Vec<u8>,
    pub(crate) clock: TestClock,
    /// The way to the relay.
    pub(crate) way: Arc<Faulty>,
    relay: Option<Running>,
    pub(crate) dir: TempDir,
}

impl World {
    pub(crate) async fn begin() -> (Ground, Self) {
        let ground = Ground::make().await;
        let world = ground.world().await;
        (ground, world)
    }

    pub(crate) fn place(&self) -> Place<'_> {
        Place::new(self.dir.path(), &self.clock, self.way.clone())
    }

    /// The desk as a process that starts now finds it.
    pub(crate) async fn desk(&self, who: &str) -> Desk {
        self.place().desk(who).await
    }

    pub(crate) async fn inbox(&self, who: &str) -> Inbox {
        self.place().inbox(who).await
    }

    pub(crate) async fn new_inbox(&self, who: &str) -> Inbox {
        self.place().make(who, ProfileKind::Inbox).await;
        self.inbox(who).await
    }

    pub(crate) async fn fingerprint(&self, who: &str) -> String {
        let vault = self.place().unlock(who).await;
        profile::show(&*vault, Vec::new()).await.unwrap().fingerprint
    }

    /// The relay's process ends; what it has is on its disk.
    pub(crate) async fn stop_relay(&mut self) {
        self.relay.take().expect("it runs").stop().await;
    }

    pub(crate) async fn start_relay(&mut self) {
        let listener = TcpListener::bind(self.address).await.unwrap();
        let relay = Running::start(listener, self.dir.path(), self.card.clone(), self.clock.clone()).await;
        self.relay = Some(relay);
    }

    /// A relay at the same place that remembers nothing but the key of its witness.
    pub(crate) async fn new_relay(&mut self, seed: [u8; 32]) {
        self.stop_relay().await;
        for name in ["relay.db", "relay.db-wal", "relay.db-shm"] {
            let _gone = std::fs::remove_file(self.dir.path().join(name));
        }
        let path = self.dir.path().join("relay.db");
        let store = SqliteStore::open(&path, Secret32::new([1; 32])).await.unwrap();
        store.witness_seed(Secret32::new(seed)).await.unwrap();
        drop(store);
        self.start_relay().await;
    }

    /// What lies on the desks, the ledger included. Nobody has it open.
    pub(crate) fn copy_of_desks(&self) -> TempDir {
        let target = tempfile::tempdir().unwrap();
        copy(self.dir.path(), target.path());
        for file in relays(target.path()) {
            std::fs::remove_file(file).unwrap();
        }
        target
    }

    /// Instead of what lies there now.
    pub(crate) fn put_back(&self, copied: &TempDir) {
        let kept = relays(self.dir.path());
        for entry in std::fs::read_dir(self.dir.path()).unwrap() {
            let entry = entry.unwrap();
            if entry.file_type().unwrap().is_dir() {
                std::fs::remove_dir_all(entry.path()).unwrap();
            } else if !kept.contains(&entry.path()) {
                std::fs::remove_file(entry.path()).unwrap();
            }
        }
        copy(copied.path(), self.dir.path());
    }

    pub(crate) async fn end(mut self) {
        self.stop_relay().await;
    }

    /// Alice invites, and the partner pins what it was handed, having heard the fingerprint.
    pub(crate) async fn pin(&self, inbox: &Inbox) {
        let desk = self.desk("alice").await;
        let invitation = desk.invite().unwrap().to_bytes();
        let spoken = desk.organisation_view().await.unwrap().fingerprint;
        inbox.pin(&invitation, Some(&heard(&spoken))).await.unwrap();
    }

    /// A request that came through the relay.
    pub(crate) async fn asked(&self, inbox: &Inbox) -> RequestId {
        let sent = inbox.seal(inbox.draw_up(None, &form()).await.unwrap()).await.unwrap();
        inbox.send_request(&sent).await.unwrap();
        inbox.sync(0).await.unwrap();
        let mut desk = self.desk("alice").await;
        desk.sync(0).await.unwrap();
        sent.id
    }

    /// A key that was signed for by both and is sealed at Ben's desk.
    pub(crate) async fn sealed(&self, inbox: &Inbox) -> KeyId {
        let request = self.asked(inbox).await;
        let (mut first, mut second) = (self.desk("alice").await, self.desk("ben").await);
        sign(&mut first, &mut second, request, &self.fingerprint("noor").await).await;
        second.issue(request, None).await.unwrap().key
    }

    /// Carol joins, with these rights and a desk of her own.
    pub(crate) async fn new_member(&self, who: &str, rights: Vec<Right>) -> MemberId {
        let place = self.place();
        let vault = place.make(who, ProfileKind::Desk).await;
        let card = profile::card(&*vault, &self.clock).await.unwrap();
        let spoken = self.fingerprint(who).await;
        let (mut alice, mut ben) = (self.desk("alice").await, self.desk("ben").await);
        let offer = MemberOffer { card: &card, heard: heard(&spoken), rights, person: None, agent: false };
        let change = alice.propose_member(offer).await.unwrap();
        agree(&mut alice, &mut ben, change).await;
        let organisation = alice.organisation_view().await.unwrap().fingerprint;
        let ports = place.ports(who, vault, place.log().await).await;
        let desk = founding::attach(ports, self.organisation, Some(&heard(&organisation))).await.unwrap();
        desk.me().unwrap().id
    }

    async fn own(&self, who: &str) -> Own {
        Own::load(&*self.place().unlock(who).await).await.unwrap()
    }

    async fn moment(&self) -> Moment {
        let origin = origin(self.address);
        let nonce = self.way.nonce(&origin).await.unwrap();
        Moment { origin: Line::parse(&origin).unwrap(), nonce, time: self.clock.time() }
    }

    /// What the relay says to whoever has this member's key and certificate, whatever the desk thinks of it.
    pub(crate) async fn polled(&self, who: &str, certificate: &[u8]) -> Result<Mail, RelayError> {
        let own = self.own(who).await;
        let poll = Poll {
            moment: self.moment().await,
            organisation: self.organisation,
            key: own.signing.public(),
            after: 0,
            patience: 0,
            done: Vec::new(),
        };
        self.way.poll(&origin(self.address), &poll.sign(&own.signing), Some(certificate)).await
    }

    /// Any bytes as a letter to the organisation, from somebody the relay knows.
    pub(crate) async fn post(&self, who: &str, letter: &[u8]) {
        let own = self.own(who).await;
        let post = Post {
            moment: self.moment().await,
            organisation: self.organisation,
            identity: own.signing.public(),
            letter: Digest::of(letter),
            ticket: None,
        };
        let document = post.sign(&own.signing);
        self.way.post(&origin(self.address), &document, letter, None).await.unwrap();
    }

    /// A notice that takes a request back, as this identity signs it.
    pub(crate) async fn notice(&self, who: &str, request: RequestId) -> Vec<u8> {
        let notice = Notice {
            organisation: self.organisation,
            request: Some(request),
            key: None,
            act: Act::Withdraw,
            sent: self.clock.time(),
            text: None,
        };
        notice.sign(&self.own(who).await.signing)
    }

    /// How often something stands in the ledger.
    pub(crate) async fn count(&self, event: &str) -> usize {
        let mut desk = self.desk("alice").await;
        let entries = desk.entries(0, 500).await.unwrap();
        entries.iter().filter(|entry| entry.event == event).count()
    }

    pub(crate) fn pass(&self, seconds: u64) {
        self.clock.pass(seconds);
    }
}
