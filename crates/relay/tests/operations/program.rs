//! The real program, in a folder of its own.

use std::{
    fs,
    io::{BufRead as _, BufReader, Read as _},
    net::SocketAddr,
    path::PathBuf,
    process::{Child, Command, Stdio},
    sync::mpsc::{Receiver, channel},
    time::Duration,
};

use serde_json::Value;
use tempfile::TempDir;

use crate::organisation::{ORIGIN, Organisation};

/// Longer than anything here may take.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// A folder with the card of an organisation in it, and a place for the relay.
pub(crate) struct Place {
    folder: TempDir,
}

impl Place {
    pub(crate) fn new() -> Self {
        let place = Self { folder: TempDir::new().expect("a folder") };
        place.put("acme.card", &Organisation::new(1).card(Some(ORIGIN), 60));
        place
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A file that only its owner reads.
    pub(crate) fn put(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.path(name);
        fs::write(&path, bytes).expect("written");
        self.chmod(name, 0o600);
        path
    }

    pub(crate) fn chmod(&self, name: &str, mode: u32) {
        use std::os::unix::fs::PermissionsExt as _;
        fs::set_permissions(self.path(name), fs::Permissions::from_mode(mode)).expect("changed");
    }

    /// The program with these arguments, words apart, run in this folder.
    pub(crate) fn command(&self, arguments: &str) -> Command {
        let mut command = Command::new(path());
        command.args(arguments.split_whitespace()).current_dir(self.folder.path());
        command.env_clear().stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        command
    }

    /// Runs it to its end, which must come by itself.
    pub(crate) fn fails(&self, arguments: &str) -> (Option<i32>, String) {
        ended(self.command(arguments))
    }

    /// Starts it with what most tests need, and these arguments.
    pub(crate) fn start(&self, arguments: &str) -> Program {
        let usual =
            format!("--data data --organisation acme.card --public-url {ORIGIN} --listen 127.0.0.1:0");
        Program::start(self.command(&format!("{usual} {arguments}")))
    }
}

/// Its exit status and what it said, once it ended by itself.
pub(crate) fn ended(mut command: Command) -> (Option<i32>, String) {
    let mut child = command.spawn().expect("started");
    let mut said = String::new();
    // One that serves would never close it: then the runner ends the test.
    child.stderr.take().expect("piped").read_to_string(&mut said).expect("text");
    (child.wait().expect("ended").code(), said)
}

/// The program while it runs. Killed when it is dropped.
pub(crate) struct Program {
    child: Child,
    lines: Receiver<String>,
    /// Everything it said so far, as far as it was read.
    pub(crate) log: Vec<Value>,
}

impl Program {
    pub(crate) fn start(mut command: Command) -> Self {
        let mut child = command.spawn().expect("started");
        let stderr = BufReader::new(child.stderr.take().expect("piped"));
        let (sender, lines) = channel();
        std::thread::spawn(move || {
            for line in stderr.lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    break;
                }
            }
        });
        Self { child, lines, log: Vec::new() }
    }

    /// The next line of the log with this event.
    pub(crate) fn waits_for(&mut self, event: &str) -> Value {
        loop {
            let line = self.lines.recv_timeout(PATIENCE);
            let line = line.unwrap_or_else(|_| panic!("{event} is told; so far: {:?}", self.log));
            let note: Value =
                serde_json::from_str(&line).unwrap_or_else(|_| panic!("one object a line: {line}"));
            self.log.push(note.clone());
            if note["event"] == event {
                return note;
            }
        }
    }

    /// Where it listens for clients.
    pub(crate) fn address(&mut self) -> SocketAddr {
        loop {
            let note = self.waits_for("listening");
            if note["what"] == "clients" {
                return note["address"].as_str().expect("text").parse().expect("an address");
            }
        }
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    pub(crate) fn signal(&self, signal: rustix::process::Signal) {
        let id = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(id, signal).expect("sent");
    }

    /// Its exit status, and the rest of the log.
    pub(crate) fn ends(mut self) -> (Option<i32>, Vec<Value>) {
        let status = self.child.wait().expect("ended").code();
        while let Ok(line) = self.lines.recv_timeout(PATIENCE) {
            self.log.push(serde_json::from_str(&line).expect("one object a line"));
        }
        (status, std::mem::take(&mut self.log))
    }

    /// Memory that it has now, in bytes.
    pub(crate) fn memory(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.id())).expect("its status");
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("its memory");
        line.trim().trim_end_matches(" kB").parse::<u64>().expect("a number") * 1024
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The relay's program: the one of the archive when nextest unpacked one, otherwise the one that was just built.
fn path() -> std::ffi::OsString {
    std::env::var_os("NEXTEST_BIN_EXE_countersign-relay")
        .unwrap_or_else(|| env!("CARGO_BIN_EXE_countersign-relay").into())
}
