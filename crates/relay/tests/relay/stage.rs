//! Relays on loopback over either database, with a clock that a test turns.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use countersign_documents::{Time, certificate::Right};
use countersign_relay::{Clock, DatabaseAt, Limits, OpenSettings, Quota, Relay, Traffic, serve};
use tokio::net::TcpSocket;

use crate::{
    client::{Client, Reply},
    cluster::Cluster,
    organisation::{Member, ORIGIN, Organisation, line},
    partner::{Parcel, Partner},
};

/// The moment at which tests begin: 2027-01-15T08:00:00Z.
pub(crate) const NOW: Time = Time(1_800_000_000);

/// A clock that stands where it is put.
#[derive(Clone)]
pub(crate) struct Hands(Arc<AtomicU64>);

impl Hands {
    pub(crate) fn at(now: Time) -> Self {
        Self(Arc::new(AtomicU64::new(now.0)))
    }

    pub(crate) fn turn(&self, to: Time) {
        self.0.store(to.0, Ordering::SeqCst);
    }

    pub(crate) fn clock(&self) -> Clock {
        let hands = self.clone();
        Arc::new(move || Time(hands.0.load(Ordering::SeqCst)))
    }

    pub(crate) fn now(&self) -> Time {
        Time(self.0.load(Ordering::SeqCst))
    }
}

/// A relay that answers.
pub(crate) struct Served {
    pub(crate) relay: Arc<Relay>,
    pub(crate) address: SocketAddr,
    pub(crate) hands: Hands,
    pub(crate) traffic: Arc<Traffic>,
}

impl Served {
    pub(crate) async fn over(relay: Arc<Relay>, hands: Hands) -> Self {
        // A thousand connect at once here; the usual queue holds 128, and the system resets some of those beyond it.
        let socket = TcpSocket::new_v4().expect("a socket");
        socket.bind("127.0.0.1:0".parse().expect("an address")).expect("a port");
        let listener = socket.listen(4096).expect("listening");
        let address = listener.local_addr().expect("an address");
        let router = relay.router();
        let limits = Limits { share: 16_384, ..Limits::default() };
        let traffic = Arc::new(Traffic::default());
        tokio::spawn(serve(listener, router, limits, Arc::clone(&traffic), std::future::pending()));
        Self { relay, address, hands, traffic }
    }

    pub(crate) fn client(&self) -> Client {
        Client { address: self.address, now: self.hands.now() }
    }
}

/// The settings that tests have in common.
pub(crate) fn settings(
    database: DatabaseAt,
    cards: Vec<Vec<u8>>,
    quota: Quota,
    hands: &Hands,
) -> OpenSettings {
    OpenSettings { database, origin: line(ORIGIN), cards, quota, clock: hands.clock() }
}

/// Room is not what most tests are about.
pub(crate) fn quota() -> Quota {
    Quota { room: 0, ..Quota::default() }
}

/// An organisation with one member who may do everything, a partner, and a relay between them.
pub(crate) struct Stage {
    pub(crate) works: Organisation,
    pub(crate) bo: Member,
    pub(crate) pia: Partner,
    pub(crate) served: Served,
    /// Other relays over the same database.
    pub(crate) siblings: Vec<Served>,
    pub(crate) folder: Option<tempfile::TempDir>,
    /// Whose database it is, where it is a server's.
    pub(crate) cluster: Option<Cluster>,
}

/// Everything that is no reading only.
pub(crate) const ALL: [Right; 4] = [Right::Vet, Right::Approve, Right::Issue, Right::Admin];

impl Stage {
    pub(crate) async fn new() -> Self {
        Self::with(quota()).await
    }

    pub(crate) async fn with(quota: Quota) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let database = DatabaseAt::Sqlite(folder.path().join("relay.db"));
        let mut stage = Self::on(database, quota).await;
        stage.folder = Some(folder);
        stage
    }

    pub(crate) async fn on(database: DatabaseAt, quota: Quota) -> Self {
        let works = Organisation::found("Example Works", NOW);
        let hands = Hands::at(NOW);
        let cards = vec![works.card(1, Some(ORIGIN))];
        let relay = Relay::open(settings(database, cards, quota, &hands)).await.expect("it opens");
        Self {
            bo: works.member("bo", &ALL),
            works,
            pia: Partner::new("pia"),
            served: Served::over(relay, hands).await,
            siblings: Vec::new(),
            folder: None,
            cluster: None,
        }
    }

    /// So many relays over one PostgreSQL; says why where that cannot be.
    pub(crate) async fn on_postgres(relays: usize) -> Result<Self, String> {
        let cluster = Cluster::started()?;
        let address = cluster.database();
        let database = || DatabaseAt::Postgres(address.clone().into());
        let mut stage = Self::on(database(), quota()).await;
        for _ in 1..relays {
            let cards = vec![stage.works.card(1, Some(ORIGIN))];
            let hands = stage.served.hands.clone();
            let relay = Relay::open(settings(database(), cards, quota(), &hands)).await.expect("it opens");
            stage.siblings.push(Served::over(relay, hands).await);
        }
        stage.cluster = Some(cluster);
        Ok(stage)
    }

    /// Where all of them listen.
    pub(crate) fn addresses(&self) -> Vec<SocketAddr> {
        [&self.served].into_iter().chain(&self.siblings).map(|served| served.address).collect()
    }

    pub(crate) fn course(&self) -> Course<'_> {
        let Self { works, bo, pia, .. } = self;
        Course { works, bo, pia, addresses: self.addresses(), now: self.served.hands.now() }
    }

    pub(crate) fn client(&self) -> Client {
        self.served.client()
    }

    /// A parcel that the relay has.
    pub(crate) async fn uploaded(&self, name: &str) -> Parcel {
        self.course().uploaded(name).await
    }

    pub(crate) async fn uploaded_for(&self, name: &str, lasting: u64) -> Parcel {
        self.course().uploaded_for(name, lasting).await
    }

    pub(crate) async fn fetch(&self, parcel: &Parcel) -> Reply {
        self.course().fetch(parcel).await
    }

    pub(crate) async fn acknowledge(&self, parcel: &Parcel, letter: &[u8]) -> Reply {
        self.course().acknowledge(parcel, letter).await
    }
}

/// Relays over one database, wherever they run, those who have to do with them, and what time it is.
pub(crate) struct Course<'a> {
    pub(crate) works: &'a Organisation,
    pub(crate) bo: &'a Member,
    pub(crate) pia: &'a Partner,
    pub(crate) addresses: Vec<SocketAddr>,
    pub(crate) now: Time,
}

impl Course<'_> {
    pub(crate) fn client(&self) -> Client {
        Client { address: self.addresses[0], now: self.now }
    }

    /// A parcel that the relays have.
    pub(crate) async fn uploaded(&self, name: &str) -> Parcel {
        self.uploaded_for(name, 10 * countersign_documents::time::DAY).await
    }

    pub(crate) async fn uploaded_for(&self, name: &str, lasting: u64) -> Parcel {
        let client = self.client();
        let parcel = Parcel::lasting(name, self.bo, client.now, lasting);
        let body = parcel.upload_body(self.bo, self.pia, client.moment().await);
        assert_eq!(client.post("/v1/upload", &body).await.status, 200, "{name} is uploaded");
        parcel
    }

    pub(crate) async fn fetch(&self, parcel: &Parcel) -> Reply {
        let client = self.client();
        client.post("/v1/fetch", &parcel.fetch_body(self.pia, client.moment().await)).await
    }

    pub(crate) async fn acknowledge(&self, parcel: &Parcel, letter: &[u8]) -> Reply {
        let client = self.client();
        let body = parcel.acknowledge_body(self.pia, client.moment().await, letter);
        client.post("/v1/acknowledge", &body).await
    }
}
