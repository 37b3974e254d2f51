//! The real program with a database of its own, which can be killed and started again where it was.

use std::{
    io::{BufRead as _, BufReader, Read},
    net::SocketAddr,
    os::unix::fs::PermissionsExt as _,
    path::Path,
    process::{Child, ChildStderr, Command, Stdio},
};

use countersign_documents::Time;
use tempfile::TempDir;

use crate::organisation::{ORIGIN, Organisation};

/// The time on this machine, which the program goes by.
pub(crate) fn system_time() -> Time {
    #[allow(clippy::disallowed_methods, reason = "the program under test has the system's clock")]
    let now = std::time::SystemTime::now();
    Time(now.duration_since(std::time::UNIX_EPOCH).expect("after 1970").as_secs())
}

/// A folder with a card in it, and the program while it runs.
pub(crate) struct Program {
    folder: TempDir,
    /// Which database it is told to use.
    database: [&'static str; 2],
    child: Option<Child>,
    said: Option<BufReader<ChildStderr>>,
    /// Where it listens, from its first start on.
    pub(crate) address: SocketAddr,
    /// What it said in all its lives.
    pub(crate) log: String,
}

impl Program {
    /// With a file of its own.
    pub(crate) fn start(works: &Organisation) -> Self {
        Self::with(works, ["--data", "data"], "")
    }

    /// On a server, which others may use too.
    pub(crate) fn on(works: &Organisation, server: &str) -> Self {
        Self::with(works, ["--database-file", "address"], server)
    }

    fn with(works: &Organisation, database: [&'static str; 2], server: &str) -> Self {
        let folder = TempDir::new().expect("a folder");
        std::fs::write(folder.path().join("acme.card"), works.card(1, Some(ORIGIN))).expect("written");
        let file = folder.path().join("address");
        std::fs::write(&file, server).expect("written");
        std::fs::set_permissions(file, std::fs::Permissions::from_mode(0o600)).expect("private");
        let address = "127.0.0.1:0".parse().expect("an address");
        let mut program = Self { folder, database, child: None, said: None, address, log: String::new() };
        program.start_again();
        program
    }

    pub(crate) fn start_again(&mut self) {
        let mut command = Command::new(path());
        command.current_dir(self.folder.path()).env_clear().stdin(Stdio::null()).stdout(Stdio::null());
        command.args(self.database).args(["--organisation", "acme.card", "--public-url", ORIGIN]);
        let mut child = command
            .arg("--listen")
            .arg(self.address.to_string())
            .stderr(Stdio::piped())
            .spawn()
            .expect("started");
        let mut said = BufReader::new(child.stderr.take().expect("piped"));
        self.child = Some(child);
        loop {
            let mut line = String::new();
            assert!(said.read_line(&mut line).expect("text") > 0, "it listens: {}", self.log);
            self.log.push_str(&line);
            let note: serde_json::Value = serde_json::from_str(&line).expect("one object a line");
            if note["event"] == "listening" && note["what"] == "clients" {
                self.address = note["address"].as_str().expect("text").parse().expect("an address");
                break;
            }
        }
        self.said = Some(said);
    }

    /// As when the power of the process is gone: it is told nothing.
    pub(crate) fn kill(&mut self) {
        let mut child = self.child.take().expect("it runs");
        child.kill().expect("killed");
        child.wait().expect("it ended");
        let mut rest = String::new();
        self.said.take().expect("it spoke").read_to_string(&mut rest).expect("text");
        self.log.push_str(&rest);
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.as_ref().expect("it runs").id()
    }

    /// Where everything of it lies: what it was given, and what it keeps.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// The relay's program: the one of the archive when nextest unpacked one, otherwise the one that was just built.
fn path() -> std::ffi::OsString {
    std::env::var_os("NEXTEST_BIN_EXE_countersign-relay")
        .unwrap_or_else(|| env!("CARGO_BIN_EXE_countersign-relay").into())
}
