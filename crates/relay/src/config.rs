//! Settings: an argument counts before the environment, the environment before the file.

use std::{
    net::{IpAddr, SocketAddr},
    path::{Path, PathBuf},
};

use clap::{Args, Parser, Subcommand};
use countersign_documents::text::Line;
use countersign_relay::{Limits, Quota};
use ipnet::IpNet;
use serde::Deserialize;
use zeroize::Zeroizing;

use crate::{
    failure::{Failure, FileFlaw},
    files::{self, Hidden},
    tls::TlsFiles,
};

/// Hands sealed parcels to their one reader, and can open none.
#[derive(Parser)]
#[command(
    name = "countersign-relay",
    version,
    subcommand_negates_reqs = true,
    after_help = "To begin, with the card that the organisation exported:
  countersign-relay --data ./relay --organisation acme.card

Every option can stand in the environment (COUNTERSIGN_RELAY_LISTEN for --listen) or in the file that
--config names (listen = \"…\"). An argument counts before the environment, the environment before the file.
SIGHUP reads certificate and key again. SIGTERM lets what runs finish.
Exit codes: 0 stopped when asked to, 1 refused by a rule, 2 wrong input, 3 integrity, 4 not available"
)]
pub(crate) struct CommandLine {
    #[command(flatten)]
    given: Given,
    /// File with settings, in TOML
    #[arg(long, value_name = "FILE", env = "COUNTERSIGN_RELAY_CONFIG", hide_env = true)]
    config: Option<PathBuf>,
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

/// What the program does instead of serving.
#[derive(Subcommand)]
pub(crate) enum Command {
    /// Print the manual page
    #[command(hide = true)]
    Man,
    /// Show the key of the witness, and how far it has seen each ledger
    Witness,
    /// Forget how far the witness has seen a ledger: for a ledger that a member forked, and nothing else
    #[command(after_help = "The settings of the relay stand before it, and it is stopped meanwhile:
  countersign-relay --data /var/lib/relay forget-head ORGANISATION --size 4711")]
    ForgetHead {
        /// Whose ledger
        organisation: String,
        /// How many entries the witness has seen, as 'witness' shows
        #[arg(long, value_name = "N")]
        size: u64,
    },
}

/// What can be said in each of the three places.
#[derive(Args, Deserialize, Default)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
struct Given {
    /// Folder for what the relay keeps; made where there is none, for this user alone
    #[arg(long, value_name = "DIR", env = "COUNTERSIGN_RELAY_DATA", hide_env = true)]
    data: Option<PathBuf>,
    /// Card of an organisation that may use this relay; once for each [in the environment: separated as in PATH]
    #[arg(long, value_name = "CARD")]
    organisation: Vec<PathBuf>,
    /// Where to listen; port 0 takes any that is free [default: 127.0.0.1:8480]
    #[arg(long, value_name = "ADDRESS:PORT", env = "COUNTERSIGN_RELAY_LISTEN", hide_env = true)]
    listen: Option<SocketAddr>,
    /// How partners reach it, as the card says [default: http://127.0.0.1:PORT]
    #[arg(long, value_name = "ORIGIN", env = "COUNTERSIGN_RELAY_PUBLIC_URL", hide_env = true)]
    public_url: Option<String>,
    /// Certificate chain in PEM; with it the relay speaks TLS
    #[arg(long, value_name = "FILE", env = "COUNTERSIGN_RELAY_TLS_CERTIFICATE", hide_env = true)]
    tls_certificate: Option<PathBuf>,
    /// Its private key in PEM, not to be read by everybody
    #[arg(long, value_name = "FILE", env = "COUNTERSIGN_RELAY_TLS_KEY", hide_env = true)]
    tls_key: Option<PathBuf>,
    /// PostgreSQL instead of SQLite: postgres://USER@HOST/DATABASE, the password elsewhere
    #[arg(long, value_name = "ADDRESS", env = "COUNTERSIGN_RELAY_DATABASE", hide_env = true)]
    database: Option<String>,
    /// File with that address, and the password in it
    #[arg(long, value_name = "FILE", env = "COUNTERSIGN_RELAY_DATABASE_FILE", hide_env = true)]
    database_file: Option<PathBuf>,
    /// Where to answer /metrics, apart from everything else [default: nowhere]
    #[arg(long, value_name = "ADDRESS:PORT", env = "COUNTERSIGN_RELAY_METRICS", hide_env = true)]
    metrics: Option<SocketAddr>,
    /// Network of proxies that are believed when they say for whom they ask
    #[arg(
        long,
        value_name = "CIDR",
        value_delimiter = ',',
        env = "COUNTERSIGN_RELAY_TRUSTED_PROXY",
        hide_env = true
    )]
    trusted_proxy: Vec<IpNet>,
    /// Connections at once [default: 16384]
    #[arg(long, value_name = "N", env = "COUNTERSIGN_RELAY_CONNECTIONS", hide_env = true)]
    connections: Option<usize>,
    /// Connections at once from one address [default: 256]
    #[arg(long, value_name = "N", env = "COUNTERSIGN_RELAY_SHARE", hide_env = true)]
    share: Option<usize>,
    /// Count connections from this machine like all others
    #[arg(long, env = "COUNTERSIGN_RELAY_COUNT_LOOPBACK", hide_env = true)]
    count_loopback: bool,
    /// Parcels that one organisation may have waiting [default: 100000]
    #[arg(long, value_name = "N", env = "COUNTERSIGN_RELAY_PARCELS", hide_env = true)]
    parcels: Option<u64>,
    /// Bytes of these parcels [default: 4294967296]
    #[arg(long, value_name = "BYTES", env = "COUNTERSIGN_RELAY_PARCEL_BYTES", hide_env = true)]
    parcel_bytes: Option<u64>,
    /// Letters that may wait in one mailbox [default: 4096]
    #[arg(long, value_name = "N", env = "COUNTERSIGN_RELAY_LETTERS", hide_env = true)]
    letters: Option<u64>,
    /// Letters that one partner may post in a day [default: 1000]
    #[arg(long, value_name = "N", env = "COUNTERSIGN_RELAY_POSTS", hide_env = true)]
    posts: Option<u64>,
    /// Bytes that stay free on the disk of --data [default: 268435456]
    #[arg(long, value_name = "BYTES", env = "COUNTERSIGN_RELAY_KEEP_FREE", hide_env = true)]
    keep_free: Option<u64>,
}

const NAMED_TWICE: Failure =
    Failure::Usage("There is one database: name it with --database or with --database-file.");

/// Where the relay keeps what it keeps.
pub(crate) enum Database {
    /// A file in the folder of the relay.
    Sqlite(PathBuf),
    /// A server, by an address that may have a password in it.
    Postgres(Zeroizing<String>),
}

/// What the relay is to do.
pub(crate) struct Settings {
    pub(crate) database: Database,
    pub(crate) cards: Vec<PathBuf>,
    pub(crate) listen: SocketAddr,
    pub(crate) origin: Option<Line>,
    pub(crate) tls: Option<TlsFiles>,
    pub(crate) metrics: Option<SocketAddr>,
    pub(crate) proxies: Vec<IpNet>,
    pub(crate) limits: Limits,
    pub(crate) quota: Quota,
}

/// What is needed to look at the witness of a relay that does not run.
pub(crate) struct Kept {
    pub(crate) database: Database,
    pub(crate) origin: Line,
}

impl Kept {
    /// From the same places as [`Settings`].
    pub(crate) fn of(line: CommandLine) -> Result<Self, Failure> {
        let (given, filed) = read_all(line)?;
        let origin = given.public_url.as_deref().map(origin).transpose()?;
        let origin = match origin {
            Some(origin) => origin,
            None => Line::parse("http://127.0.0.1").map_err(|_| Failure::System)?,
        };
        let database = database(given.database, given.database_file, filed, given.data)?;
        Ok(Self { database, origin })
    }
}

fn read_all(line: CommandLine) -> Result<(Given, Option<Zeroizing<String>>), Failure> {
    match &line.config {
        Some(path) => {
            let mut file = read_settings(path)?;
            let filed = take_database(&mut file, path)?;
            Ok((line.given.over(file), filed))
        }
        None => Ok((line.given, None)),
    }
}

impl Settings {
    /// From the command line, the environment behind it, and the file that it names.
    pub(crate) fn of(mut line: CommandLine) -> Result<Self, Failure> {
        let given = &mut line.given;
        if given.organisation.is_empty() {
            let paths = std::env::var_os("COUNTERSIGN_RELAY_ORGANISATION").unwrap_or_default();
            given.organisation =
                std::env::split_paths(&paths).filter(|p| !p.as_os_str().is_empty()).collect();
        }
        let (given, filed) = read_all(line)?;
        Self::judge(given, filed)
    }

    fn judge(given: Given, filed: Option<Zeroizing<String>>) -> Result<Self, Failure> {
        let tls = match (given.tls_certificate, given.tls_key) {
            (Some(certificate), Some(key)) => Some(TlsFiles { certificate, key }),
            (None, None) => None,
            _ => return Err(Failure::Usage("--tls-certificate and --tls-key go together.")),
        };
        if given.organisation.is_empty() {
            return Err(Failure::Usage("Name the card of an organisation with --organisation."));
        }
        let origin = given.public_url.as_deref().map(origin).transpose()?;
        if tls.is_some() && origin.is_none() {
            return Err(Failure::Usage("With TLS, say with --public-url how partners reach it."));
        }
        let database = database(given.database, given.database_file, filed, given.data)?;
        let (ordinary, quota) = (Limits::default(), Quota::default());
        let limits = Limits {
            connections: given.connections.unwrap_or(ordinary.connections),
            share: given.share.unwrap_or(ordinary.share),
            count_loopback: given.count_loopback,
            ..ordinary
        };
        if limits.connections == 0 || limits.share == 0 {
            return Err(Failure::Usage("--connections and --share are at least 1."));
        }
        Ok(Self {
            database,
            cards: given.organisation,
            listen: given.listen.unwrap_or(SocketAddr::new(IpAddr::from([127, 0, 0, 1]), 8480)),
            origin,
            tls,
            metrics: given.metrics,
            proxies: given.trusted_proxy,
            limits,
            quota: Quota {
                parcels: given.parcels.unwrap_or(quota.parcels),
                bytes: given.parcel_bytes.unwrap_or(quota.bytes),
                letters: given.letters.unwrap_or(quota.letters),
                posts: given.posts.unwrap_or(quota.posts),
                room: given.keep_free.unwrap_or(quota.room),
            },
        })
    }
}

impl Given {
    /// What is said here, and where nothing is, what is said below.
    fn over(self, below: Self) -> Self {
        let list = |here: Vec<_>, below| if here.is_empty() { below } else { here };
        // A database that is named here is the one, however the file names another.
        let named = self.database.is_some() || self.database_file.is_some();
        Self {
            data: self.data.or(below.data),
            organisation: if self.organisation.is_empty() { below.organisation } else { self.organisation },
            listen: self.listen.or(below.listen),
            public_url: self.public_url.or(below.public_url),
            tls_certificate: self.tls_certificate.or(below.tls_certificate),
            tls_key: self.tls_key.or(below.tls_key),
            database: self.database,
            database_file: if named { self.database_file } else { below.database_file },
            metrics: self.metrics.or(below.metrics),
            trusted_proxy: list(self.trusted_proxy, below.trusted_proxy),
            connections: self.connections.or(below.connections),
            share: self.share.or(below.share),
            count_loopback: self.count_loopback || below.count_loopback,
            parcels: self.parcels.or(below.parcels),
            parcel_bytes: self.parcel_bytes.or(below.parcel_bytes),
            letters: self.letters.or(below.letters),
            posts: self.posts.or(below.posts),
            keep_free: self.keep_free.or(below.keep_free),
        }
    }
}

fn read_settings(path: &Path) -> Result<Given, Failure> {
    let text = files::text(path, &files::read(path, files::LARGEST)?)?;
    toml::from_str(&text).map_err(|error| {
        // The parser would repeat the line, and there may be a password in it.
        let before = text.as_bytes().get(..error.span().map_or(0, |span| span.start)).unwrap_or_default();
        let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
        Failure::Setting { file: path.into(), line }
    })
}

/// The address of the database out of the file. One with a password is for the owner of the file alone.
fn take_database(file: &mut Given, path: &Path) -> Result<Option<Zeroizing<String>>, Failure> {
    let Some(address) = file.database.take().map(Zeroizing::new) else { return Ok(None) };
    if file.database_file.is_some() {
        return Err(NAMED_TWICE);
    }
    if has_password(&address) && !files::is_private(path) {
        return Err(Failure::file(path, FileFlaw::NotPrivate));
    }
    Ok(Some(address))
}

fn database(
    said: Option<String>,
    file: Option<PathBuf>,
    filed: Option<Zeroizing<String>>,
    data: Option<PathBuf>,
) -> Result<Database, Failure> {
    let address = match (said, file) {
        (Some(_), Some(_)) => {
            return Err(NAMED_TWICE);
        }
        (Some(address), None) => {
            let address = Zeroizing::new(address);
            if has_password(&address) {
                return Err(Failure::Usage(
                    "A password in an argument or the environment can be read by others: put the address into a file and name that with --database-file, or the password into a file as PGPASSFILE names it.",
                ));
            }
            Some(address)
        }
        (None, Some(path)) => {
            let text = files::text(&path, &files::read_hidden(&path, Hidden::FromAll)?)?;
            let address = Zeroizing::new(text.trim().to_owned());
            if !is_postgres(&address) {
                return Err(Failure::file(&path, FileFlaw::NoDatabase));
            }
            Some(address)
        }
        (None, None) => filed,
    };
    match (address, data) {
        (Some(address), _) if !is_postgres(&address) => {
            Err(Failure::Usage("--database takes postgres://USER@HOST/DATABASE; SQLite needs none."))
        }
        (Some(_), _) if std::env::var_os("PGPASSWORD").is_some() => {
            Err(Failure::Usage("A password in PGPASSWORD can be read by others: use PGPASSFILE instead."))
        }
        (Some(address), _) => Ok(Database::Postgres(address)),
        (None, Some(folder)) => Ok(Database::Sqlite(folder)),
        (None, None) => Err(Failure::Usage("Name a folder for what the relay keeps with --data.")),
    }
}

fn is_postgres(address: &str) -> bool {
    ["postgres://", "postgresql://"].iter().any(|scheme| address.starts_with(scheme))
}

/// Whether an address of a database has a password in it: behind the user, or among what is asked for.
fn has_password(address: &str) -> bool {
    let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
    let (authority, query) = rest.split_once('?').unwrap_or((rest, ""));
    let user = authority.rsplit_once('@').map_or("", |(user, _)| user);
    user.contains(':') || query.split('&').any(|part| part.starts_with("password"))
}

/// Scheme, host and port, and nothing behind, as a card has it.
fn origin(text: &str) -> Result<Line, Failure> {
    let host = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://127.0.0.1:"));
    let bare = host.is_some_and(|host| {
        !host.is_empty()
            && host.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-.:[]".contains(&b))
    });
    match Line::parse(text) {
        Ok(line) if bare => Ok(line),
        _ => Err(Failure::Usage(
            "--public-url takes https:// and a host, with a port if need be, and nothing behind.",
        )),
    }
}

#[cfg(test)]
mod tests;
