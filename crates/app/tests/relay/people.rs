//! Profiles and an organisation, made by the steps that people take.

use std::{
    cell::RefCell,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use countersign_adapters::SystemEntropy;
use countersign_app::{
    Issuers, Ports, ProfileKind,
    desk::{Desk, Evidences, Heard},
    founding,
    inbox::{Inbox, RequestForm},
    profile,
};
use countersign_documents::{
    Time,
    catalogue::{
        self, Catalogue, Endpoint, Environment, EnvironmentClass, Method, Scope, ScopeClass, Service,
    },
    grant::Channel,
    id::{ChangeId, OrganisationId, RequestId},
    policy::Check,
    text::{Line, ScopeName, Slug},
};
use countersign_domain::event::{IssuerKind, IssuerTerms};
use countersign_issuers::{HashFile, key_format::Label};
use countersign_ports::{Clock, Issuer, IssuerError, Relay};
use countersign_store::{SqliteLog, SqliteView};
use countersign_vault::{KeyFile, NewSlot, Unlock, VaultFile};

/// A Sunday in 2026.
pub(crate) const START: u64 = 1_795_000_000;

/// One clock for everybody, the relay included. It stands still until somebody moves it.
#[derive(Clone)]
pub(crate) struct TestClock(pub(crate) Arc<AtomicU64>);

impl TestClock {
    pub(crate) fn new() -> Self {
        Self(Arc::new(AtomicU64::new(START)))
    }

    pub(crate) fn time(&self) -> Time {
        Time(self.0.load(Ordering::SeqCst))
    }

    pub(crate) fn pass(&self, seconds: u64) {
        self.0.fetch_add(seconds, Ordering::SeqCst);
    }
}

impl Clock for TestClock {
    fn now(&self) -> Option<Time> {
        Some(self.time())
    }
}

struct Gateway;

impl Issuers for Gateway {
    fn connect(&self, terms: &IssuerTerms) -> Result<Arc<dyn Issuer>, IssuerError> {
        let prefix = Label::parse("test").ok_or(IssuerError::Unexpected("no prefix"))?;
        let location = terms.location.as_ref().ok_or(IssuerError::Unexpected("no file"))?;
        Ok(Arc::new(HashFile::new(location.as_str(), prefix, Arc::new(SystemEntropy))))
    }
}

/// Where somebody's profile lies, and what it reaches.
pub(crate) struct Place<'a> {
    folder: &'a Path,
    clock: &'a TestClock,
    relay: Arc<dyn Relay>,
    opened: RefCell<Opened>,
}

/// What was opened here: before its files are copied it must be closed.
#[derive(Default)]
struct Opened {
    vaults: Vec<Arc<VaultFile>>,
    logs: Vec<Arc<SqliteLog>>,
    views: Vec<Arc<SqliteView>>,
}

impl<'a> Place<'a> {
    pub(crate) fn new(folder: &'a Path, clock: &'a TestClock, relay: Arc<dyn Relay>) -> Self {
        Self { folder, clock, relay, opened: RefCell::default() }
    }

    /// Once nobody uses it any more.
    pub(crate) async fn close(self) {
        let Opened { vaults, logs, views } = self.opened.into_inner();
        for log in logs {
            Arc::into_inner(log).expect("no desk has it").close().await;
        }
        for view in views {
            Arc::into_inner(view).expect("no desk has it").close().await;
        }
        for vault in vaults {
            Arc::into_inner(vault).expect("no desk has it").close().await.unwrap();
        }
    }

    fn keep(&self, vault: VaultFile) -> Arc<VaultFile> {
        let vault = Arc::new(vault);
        self.opened.borrow_mut().vaults.push(vault.clone());
        vault
    }
}

impl Place<'_> {
    fn profile(&self, who: &str) -> PathBuf {
        self.folder.join(who)
    }

    fn ledger(&self) -> PathBuf {
        self.folder.join("ledger.db")
    }

    pub(crate) async fn make(&self, who: &str, kind: ProfileKind) -> Arc<VaultFile> {
        let key = KeyFile::make(&self.folder.join(format!("{who}.unlock")), &SystemEntropy).unwrap();
        let identity = profile::make(&SystemEntropy, self.clock, kind, who, false).unwrap();
        let (folder, rows) = (self.profile(who), identity.rows());
        let slots = [NewSlot::KeyFile(&key)];
        let vault = VaultFile::create(&folder, &slots, &rows, Arc::new(SystemEntropy));
        self.keep(vault.await.unwrap())
    }

    /// The vault as it lies on the disk: nothing that a process only remembered.
    pub(crate) async fn unlock(&self, who: &str) -> Arc<VaultFile> {
        let key = KeyFile::read(&self.folder.join(format!("{who}.unlock"))).unwrap();
        let folder = self.profile(who);
        let vault = VaultFile::open(&folder, Unlock::KeyFile(&key), Arc::new(SystemEntropy));
        self.keep(vault.await.unwrap())
    }

    pub(crate) async fn ports(&self, who: &str, vault: Arc<VaultFile>, log: Arc<SqliteLog>) -> Ports {
        let view = Arc::new(SqliteView::open(&self.profile(who).join("view.db")).await.unwrap());
        self.opened.borrow_mut().views.push(view.clone());
        Ports {
            clock: Arc::new(self.clock.clone()),
            entropy: Arc::new(SystemEntropy),
            vault,
            log,
            view,
            issuers: Arc::new(Gateway),
            relay: self.relay.clone(),
        }
    }

    pub(crate) async fn log(&self) -> Arc<SqliteLog> {
        self.keep_log(SqliteLog::open(&self.ledger(), None).await.unwrap())
    }

    fn keep_log(&self, log: SqliteLog) -> Arc<SqliteLog> {
        let log = Arc::new(log);
        self.opened.borrow_mut().logs.push(log.clone());
        log
    }

    pub(crate) async fn desk(&self, who: &str) -> Desk {
        let vault = self.unlock(who).await;
        let organisation = founding::organisation(&*vault).await.unwrap().unwrap();
        let ports = self.ports(who, vault, self.log().await).await;
        Desk::open(ports, organisation).await.unwrap()
    }

    pub(crate) async fn inbox(&self, who: &str) -> Inbox {
        let vault = self.unlock(who).await;
        let clock = Arc::new(self.clock.clone());
        Inbox::open(clock, Arc::new(SystemEntropy), vault, self.relay.clone()).await.unwrap()
    }

    /// Alice and Ben found, and agree on an issuer, a catalogue and a card that names this relay.
    pub(crate) async fn found(&self, relay: &str) -> OrganisationId {
        let (alice, ben) =
            (self.make("alice", ProfileKind::Desk).await, self.make("ben", ProfileKind::Desk).await);
        let spoken = async |vault: &VaultFile| profile::show(vault, Vec::new()).await.unwrap().fingerprint;
        let (a, b) = (spoken(&alice).await, spoken(&ben).await);
        let (entropy, clock) = (SystemEntropy, self.clock);
        let (offer, _) = founding::begin(&*alice, &entropy, clock, "Larkfield Logistics").await.unwrap();
        let (answer, _) = founding::answer(&*ben, &entropy, clock, &offer, &heard(&a)).await.unwrap();
        let organisation = founding::check_answer(&*alice, clock, &answer, &heard(&b)).await.unwrap();
        let log = self.keep_log(SqliteLog::create(&self.ledger(), organisation).await.unwrap());
        let ports = self.ports("alice", alice, log).await;
        let (mut first, _) = founding::complete(ports, &answer, &heard(&b)).await.unwrap();
        let ports = self.ports("ben", ben, self.log().await).await;
        let mut second = founding::attach(ports, organisation, None).await.unwrap();

        let gateway = self.folder.join("gateway");
        std::fs::create_dir(&gateway).unwrap();
        let location = Line::parse(&gateway.join("keys.hashes").to_string_lossy()).unwrap();
        let terms = IssuerTerms {
            id: slug("gateway"),
            kind: IssuerKind::HashFile,
            prefix: Some(slug("test")),
            location: Some(location),
            instructions: None,
        };
        let change = first.propose_issuer(terms).await.unwrap();
        agree(&mut first, &mut second, change).await;
        let change = first.propose_catalogue(catalogue()).await.unwrap();
        agree(&mut first, &mut second, change).await;
        let change = first.propose_card(Some(relay)).await.unwrap();
        agree(&mut first, &mut second, change).await;
        organisation
    }
}

/// A fingerprint, as it was read.
pub(crate) fn heard(read: &str) -> Heard<'_> {
    Heard { typed: read, channel: Channel::Phone, source: "the contract", attended: true }
}

pub(crate) async fn agree(first: &mut Desk, second: &mut Desk, id: ChangeId) {
    second.catch_up().await.unwrap();
    let digest = second.state().pending[&id].proposed.change.digest();
    second.confirm(id, digest).await.unwrap();
    first.catch_up().await.unwrap();
}

pub(crate) fn slug(text: &str) -> Slug {
    Slug::parse(text).unwrap()
}

fn catalogue() -> Catalogue {
    Catalogue {
        version: 1,
        services: vec![Service {
            id: slug("orders"),
            name: Line::parse("Orders").unwrap(),
            text: None,
            environments: vec![Environment {
                id: slug("sandbox"),
                class: EnvironmentClass::Sandbox,
                base_url: Line::parse("https://api.larkfield.example").unwrap(),
                longest_days: 90,
                issuer: slug("gateway"),
            }],
            scopes: vec![Scope {
                name: ScopeName::parse("orders:read").unwrap(),
                class: ScopeClass::Read,
                endpoints: vec![Endpoint {
                    methods: vec![Method::Get],
                    path: catalogue::Path::parse("/orders/*").unwrap(),
                }],
            }],
        }],
        questions: Vec::new(),
    }
}

/// What the partner fills in.
pub(crate) fn form() -> RequestForm {
    let text = |s: &str| s.to_owned();
    RequestForm {
        company: text("Oakbridge Analytics"),
        person: text("Noor Haddad"),
        role: text("Integration engineer"),
        email: text("noor.haddad@oakbridge.example"),
        incident_contact: text("security@oakbridge.example"),
        why: text("Our customers want to see late parcels before their own customers call."),
        workflow: text("A job asks for the state of open orders every ten minutes."),
        usage: text("About 200,000 reads a day, from one service, never from a browser."),
        data: text("Order numbers, depots and times. No names, no addresses."),
        safeguards: text("The key is kept in our secret store, read by one service account."),
        service: text("orders"),
        environment: text("sandbox"),
        scopes: vec![text("orders:read")],
        networks: vec![text("203.0.113.16/28")],
        days: 60,
        renews: None,
        answers: Default::default(),
    }
}

/// Everything that is looked at, and both signatures.
pub(crate) async fn sign(first: &mut Desk, second: &mut Desk, request: RequestId, partner: &str) {
    first.catch_up().await.unwrap();
    first.check_identity(request, heard(partner)).await.unwrap();
    for check in [Check::Who, Check::Why, Check::Scope, Check::Protection] {
        let evidence = Evidences { note: Some("Looked at."), files: Vec::new() };
        first.answer(request, check, true, evidence).await.unwrap();
    }
    let draft = first.draft(request).await.unwrap();
    let grant = draft.0.digest();
    first.vet(request, draft).await.unwrap();
    second.catch_up().await.unwrap();
    second.countersign(request, grant).await.unwrap();
}
