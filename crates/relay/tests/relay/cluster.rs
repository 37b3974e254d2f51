//! A PostgreSQL of our own: in a folder, on a socket, gone with the test.

use std::{
    io::Write as _,
    os::unix::{fs::chown, process::CommandExt as _},
    path::Path,
    process::{Child, Command, Stdio},
    sync::atomic::{AtomicU64, Ordering},
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process};

const PROGRAMS: &str = "/usr/lib/postgresql/15/bin";

pub(crate) struct Cluster {
    server: Child,
    user: (u32, u32),
    folder: tempfile::TempDir,
}

/// How long a server may take to answer.
const PATIENCE: Duration = Duration::from_secs(60);

/// The user whom the server runs as: it refuses the superuser.
fn user() -> Option<(u32, u32)> {
    let users = std::fs::read_to_string("/etc/passwd").ok()?;
    let line = users.lines().find(|line| line.starts_with("postgres:"))?;
    let mut parts = line.split(':').skip(2).map(|part| part.parse().ok());
    Some((parts.next()??, parts.next()??))
}

/// One of the programs of PostgreSQL, as its user.
fn program(name: &str, (user, group): (u32, u32)) -> Command {
    let mut command = Command::new(Path::new(PROGRAMS).join(name));
    command.uid(user).gid(group).current_dir("/").env_clear();
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command
}

fn serve(folder: &Path, user: (u32, u32)) -> Result<Child, String> {
    let log = std::fs::File::options().append(true).create(true).open(folder.join("server.log"));
    program("postgres", user)
        .arg("-D")
        .arg(folder.join("files"))
        .arg("-k")
        .arg(folder)
        .args(["-c", "listen_addresses=", "-c", "shared_buffers=32MB", "-c", "max_connections=120"])
        .stderr(log.map_err(|error| error.to_string())?)
        .spawn()
        .map_err(|error| error.to_string())
}

impl Cluster {
    /// Makes and starts one, or says in one line why that does not work here.
    pub(crate) fn started() -> Result<Self, String> {
        if !Path::new(PROGRAMS).join("initdb").exists() {
            return Err(format!("no PostgreSQL in {PROGRAMS}"));
        }
        if !rustix::process::geteuid().is_root() {
            return Err(
                "a server for the test is started as another user: that needs the superuser".to_owned()
            );
        }
        let user = user().ok_or("there is no user postgres")?;
        let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
        chown(folder.path(), Some(user.0), Some(user.1)).map_err(|error| error.to_string())?;
        let made = program("initdb", user)
            .args(["--auth=trust", "--username=postgres", "--no-sync", "--encoding=UTF8", "--locale=C", "-D"])
            .arg(folder.path().join("files"))
            .status()
            .map_err(|error| error.to_string())?;
        if !made.success() {
            return Err(format!("initdb ended with {made}"));
        }
        let server = serve(folder.path(), user)?;
        let mut cluster = Self { server, user, folder };
        cluster.wait()?;
        Ok(cluster)
    }

    /// What a statement answers with, as text.
    fn psql(&self, sql: &str) -> Option<String> {
        let mut command = Command::new(Path::new(PROGRAMS).join("psql"));
        command
            .args(["-X", "-q", "-A", "-t", "-U", "postgres", "-h"])
            .arg(self.folder.path())
            .args(["-c", sql]);
        let said = command.stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
        said.status.success().then(|| String::from_utf8_lossy(&said.stdout).trim().to_owned())
    }

    /// Until it answers: a server says nothing when it is ready. One that ends is begun anew, since what another left
    /// behind keeps the next one from starting for a moment.
    fn wait(&mut self) -> Result<(), String> {
        let since = Instant::now();
        while self.psql("SELECT 1").is_none() {
            if since.elapsed() > PATIENCE {
                return Err("the server does not answer".to_owned());
            }
            std::thread::sleep(Duration::from_millis(50));
            if self.server.try_wait().map_err(|error| error.to_string())?.is_some() {
                self.server = serve(self.folder.path(), self.user)?;
            }
        }
        Ok(())
    }

    /// Where it keeps what it has, its log included.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Everything that it holds in memory only goes to its files.
    pub(crate) fn settle(&self) {
        assert!(self.psql("CHECKPOINT").is_some(), "settled");
    }

    /// Kills one of the processes that serve a relay: then the server ends all of them, and recovers. Says whether there
    /// was one.
    pub(crate) fn kill_one(&mut self) -> bool {
        let found = self.psql(
            "SELECT pid FROM pg_stat_activity WHERE application_name = 'countersign-relay' ORDER BY random() LIMIT 1",
        );
        let Some(one) = found.and_then(|pid| Pid::from_raw(pid.parse().ok()?)) else { return false };
        let killed = kill_process(one, Signal::KILL).is_ok();
        self.wait().expect("it recovers");
        killed
    }

    /// Kills the server, which is told nothing, and starts it again on what it left.
    pub(crate) fn crash(&mut self) {
        self.server.kill().expect("killed");
        self.server.wait().expect("it ended");
        self.server = serve(self.folder.path(), self.user).expect("started");
        self.wait().expect("it recovers");
    }

    /// The address of an empty database.
    pub(crate) fn database(&self) -> String {
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        let name = format!("relay{}", NUMBER.fetch_add(1, Ordering::Relaxed));
        assert!(self.psql(&format!("CREATE DATABASE {name}")).is_some(), "a database");
        self.address(&name)
    }

    fn address(&self, database: &str) -> String {
        let sockets = self.folder.path().to_str().expect("text").replace('/', "%2F");
        format!("postgres://postgres@{sockets}/{database}")
    }

    /// Changes a setting of the server for connections to come.
    pub(crate) fn set(&self, setting: &str) {
        assert!(self.psql(&format!("ALTER SYSTEM SET {setting}")).is_some(), "{setting}");
        assert!(self.psql("SELECT pg_reload_conf()").is_some(), "reloaded");
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        // SIGQUIT, which the server takes for "now": its children end with it.
        let _ = kill_process(Pid::from_child(&self.server), Signal::QUIT);
        let _ = self.server.wait();
    }
}

/// Says why something could not be tried on this machine, and has it counted where `tools/test.sh` collects.
pub(crate) fn skipped(what: &str, why: &str) {
    println!("SKIP: {what}: {why}");
    if let Some(path) = std::env::var_os("COUNTERSIGN_SKIPS") {
        let mut file =
            std::fs::File::options().append(true).create(true).open(path).expect("the list of skips");
        writeln!(file, "{what}: {why}").expect("a line");
    }
}
