//! The order of things: certificate, sockets, cards, database; then serving, until the relay is told to stop.

use std::{io, net::SocketAddr, path::PathBuf, sync::Arc};

use countersign_documents::text::Line;
use countersign_relay::{
    DatabaseAt, Door, Limits, OpenError, OpenSettings, Quota, Relay, StoreError, Traffic,
};
use tokio::{
    net::TcpListener,
    sync::{oneshot, watch},
};
use tokio_rustls::rustls::ServerConfig;

use crate::{
    clock::now,
    config::{Database, Settings},
    failure::{DatabaseFlaw, Failure, ListenFlaw},
    files, handed, minute,
    note::{Note, note},
    signals::{HangUp, Stop},
    tls::TlsFiles,
    watching::Watching,
};

/// Files that are open besides connections: the database, its log, sockets, certificates.
const OTHER_FILES: u64 = 128;

/// Certificates, as new connections are to have them.
type Tls = watch::Sender<Arc<ServerConfig>>;

/// Serves until it is told to stop.
pub(crate) async fn operate(settings: Settings) -> Result<(), Failure> {
    let (mut stop, hang_up) = (Stop::heard()?, HangUp::heard()?);
    let tls = settings.tls.as_ref().map(TlsFiles::read).transpose()?.map(watch::Sender::new);
    let listener = listen(settings.listen)?;
    let address = address_of(&listener)?;
    let watched = settings.metrics.map(listen).transpose()?;
    let origin = match settings.origin {
        Some(origin) => origin,
        None => Line::parse(&format!("http://127.0.0.1:{}", address.port())).map_err(|_| Failure::System)?,
    };
    let relay = open(settings.database, &settings.cards, origin, settings.quota).await?;
    let limits = within_files(settings.limits);
    let traffic = Arc::new(Traffic::default());

    let watching = Watching { relay: Arc::clone(&relay), traffic: Arc::clone(&traffic), started: now() };
    let (stop_watching, watching_stops) = oneshot::channel();
    let watching = match watched {
        Some(listener) => {
            note(now(), &Note::Listening { what: "metrics", address: address_of(&listener)?, tls: false });
            Some(tokio::spawn(watching.serve(listener, watching_stops)))
        }
        None => None,
    };
    let every_minute = tokio::spawn(minute::every(Arc::clone(&relay), Arc::clone(&traffic)));
    let rereading = tokio::spawn(reread(hang_up, settings.tls, tls.clone()));

    let mut door = Door::new(limits, traffic).with_proxies(settings.proxies);
    if let Some(tls) = &tls {
        door = door.with_tls(tls.subscribe());
    }
    note(now(), &Note::Listening { what: "clients", address, tls: tls.is_some() });
    let closing = Arc::clone(&relay);
    let stop = async move {
        stop.asked().await;
        note(now(), &Note::Stopping);
        // Whoever waits for mail would keep it for as long as a poll may take.
        closing.close();
    };
    let cut_off = door.serve(listener, relay.router(), stop).await.map_err(|_| Failure::System)?;
    every_minute.abort();
    rereading.abort();
    drop(stop_watching);
    if let Some(watching) = watching {
        let _ = watching.await;
    }
    note(now(), &Note::Stopped { cut_off });
    Ok(())
}

fn listen(address: SocketAddr) -> Result<TcpListener, Failure> {
    let failed = |error: io::Error| Failure::Listen { address, why: ListenFlaw::from(error.kind()) };
    countersign_relay::listen(address).map_err(failed)
}

fn address_of(listener: &TcpListener) -> Result<SocketAddr, Failure> {
    listener.local_addr().map_err(|_| Failure::System)
}

async fn open(
    database: Database,
    cards: &[PathBuf],
    origin: Line,
    quota: Quota,
) -> Result<Arc<Relay>, Failure> {
    let cards = handed::read(cards, &origin)?;
    let (kind, database) = match database {
        Database::Sqlite(folder) => {
            files::make_folder(&folder)?;
            ("sqlite", DatabaseAt::Sqlite(folder.join("relay.db")))
        }
        Database::Postgres(address) => ("postgres", DatabaseAt::Postgres(address)),
    };
    let documents = cards.iter().map(|card| card.document.clone()).collect();
    let settings =
        OpenSettings { database, origin: origin.clone(), cards: documents, quota, clock: Arc::new(now) };
    let relay = Relay::open(settings).await.map_err(of_open)?;
    handed::check_time(&cards, relay.router(), now()).await?;
    let (version, organisations) = (env!("CARGO_PKG_VERSION"), cards.len());
    note(now(), &Note::Started { version, origin: origin.as_str(), database: kind, organisations });
    for card in &cards {
        note(now(), &Note::CardTaken { organisation: card.organisation });
    }
    Ok(relay)
}

/// What was opened could not be.
pub(crate) fn of_open(error: OpenError) -> Failure {
    match error {
        OpenError::Store(error) => Failure::Database(of_store(error)),
        // The files were judged before; what does not fit now is in the database.
        OpenError::Card(_) => Failure::Database(DatabaseFlaw::Damaged),
        OpenError::OtherRelay(_) => Failure::Database(DatabaseFlaw::Damaged),
        OpenError::Contradicts(organisation) => Failure::Contradicts(organisation),
        OpenError::NoEntropy => Failure::System,
    }
}

pub(crate) fn of_store(error: StoreError) -> DatabaseFlaw {
    match error {
        StoreError::Newer => DatabaseFlaw::Newer,
        StoreError::Damaged => DatabaseFlaw::Damaged,
        StoreError::Full => DatabaseFlaw::Full,
        StoreError::NotDurable => DatabaseFlaw::NotDurable,
        StoreError::Unavailable => DatabaseFlaw::Unavailable,
    }
}

/// Reads certificate and key again whenever the relay is told to. Those that cannot be read or do not fit change nothing.
async fn reread(mut hang_up: HangUp, files: Option<TlsFiles>, tls: Option<Tls>) {
    loop {
        hang_up.asked().await;
        let (Some(files), Some(tls)) = (&files, &tls) else { continue };
        match files.read() {
            Ok(config) => {
                tls.send_replace(config);
                note(now(), &Note::CertificateRead);
            }
            Err(failure) => note(now(), &Note::CertificateKept { why: failure.word() }),
        }
    }
}

/// Every connection is a file: as many as the system lets us have, and no more connections than that.
fn within_files(limits: Limits) -> Limits {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, getrlimit, setrlimit};
        let mut files = getrlimit(Resource::Nofile);
        files.current = files.maximum;
        let _ = setrlimit(Resource::Nofile, files);
        let possible = getrlimit(Resource::Nofile).current.map(|files| files.saturating_sub(OTHER_FILES));
        if let Some(possible) = possible.and_then(|possible| usize::try_from(possible).ok())
            && possible < limits.connections
        {
            note(now(), &Note::FewerConnections { connections: possible });
            return Limits { connections: possible.max(1), ..limits };
        }
    }
    limits
}
