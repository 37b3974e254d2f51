//! A PostgreSQL of our own: in a folder, on a socket, gone with the test.

use std::{
    io::Write as _,
    os::unix::{fs::chown, process::CommandExt as _},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::atomic::{AtomicU64, Ordering},
    time::{Duration, Instant},
};

const PROGRAMS: &str = "/usr/lib/postgresql/15/bin";

pub(crate) struct Cluster {
    server: Child,
    sockets: PathBuf,
    _folder: tempfile::TempDir,
}

/// The user whom the server runs as: it refuses the superuser.
fn user() -> Option<(u32, u32)> {
    let users = std::fs::read_to_string("/etc/passwd").ok()?;
    let line = users.lines().find(|line| line.starts_with("postgres:"))?;
    let mut parts = line.split(':').skip(2).map(|part| part.parse().ok());
    Some((parts.next()??, parts.next()??))
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
        let (user, group) = user().ok_or("there is no user postgres")?;
        let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
        chown(folder.path(), Some(user), Some(group)).map_err(|error| error.to_string())?;
        let (files, sockets) = (folder.path().join("files"), folder.path().to_owned());
        let program = |name: &str| {
            let mut command = Command::new(Path::new(PROGRAMS).join(name));
            command
                .uid(user)
                .gid(group)
                .current_dir("/")
                .env_clear()
                .stdin(Stdio::null())
                .stdout(Stdio::null());
            command.stderr(Stdio::null());
            command
        };
        let made = program("initdb")
            .args(["--auth=trust", "--username=postgres", "--no-sync", "--encoding=UTF8", "--locale=C", "-D"])
            .arg(&files)
            .status()
            .map_err(|error| error.to_string())?;
        if !made.success() {
            return Err(format!("initdb ended with {made}"));
        }
        let server = program("postgres")
            .arg("-D")
            .arg(&files)
            .arg("-k")
            .arg(&sockets)
            .args(["-c", "listen_addresses=", "-c", "shared_buffers=32MB", "-c", "max_connections=120"])
            .spawn()
            .map_err(|error| error.to_string())?;
        let cluster = Self { server, sockets, _folder: folder };
        cluster.wait()?;
        Ok(cluster)
    }

    fn psql(&self, sql: &str) -> bool {
        let mut command = Command::new(Path::new(PROGRAMS).join("psql"));
        command.args(["-X", "-q", "-U", "postgres", "-h"]).arg(&self.sockets).args(["-c", sql]);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command.status().is_ok_and(|status| status.success())
    }

    /// Until it answers: a server says nothing when it is ready.
    fn wait(&self) -> Result<(), String> {
        let since = Instant::now();
        while !self.psql("SELECT 1") {
            if since.elapsed() > Duration::from_secs(60) {
                return Err("the server does not answer".to_owned());
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        Ok(())
    }

    /// The address of an empty database.
    pub(crate) fn database(&self) -> String {
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        let name = format!("relay{}", NUMBER.fetch_add(1, Ordering::Relaxed));
        assert!(self.psql(&format!("CREATE DATABASE {name}")), "a database");
        self.address(&name)
    }

    fn address(&self, database: &str) -> String {
        let sockets = self.sockets.to_str().expect("text").replace('/', "%2F");
        format!("postgres://postgres@{sockets}/{database}")
    }

    /// Changes a setting of the server for connections to come.
    pub(crate) fn set(&self, setting: &str) {
        assert!(self.psql(&format!("ALTER SYSTEM SET {setting}")), "{setting}");
        assert!(self.psql("SELECT pg_reload_conf()"), "reloaded");
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        // SIGQUIT, which the server takes for "now": its children end with it.
        let pid = rustix::process::Pid::from_child(&self.server);
        let _ = rustix::process::kill_process(pid, rustix::process::Signal::QUIT);
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
