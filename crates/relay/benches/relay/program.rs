//! The relay as it ships.

use std::{
    io::{BufRead as _, BufReader},
    net::SocketAddr,
    os::unix::fs::PermissionsExt as _,
    process::{Child, Command, Stdio},
};

use crate::{database::Database, organisation::ORIGIN, scene::Scene};

pub(crate) struct Program {
    child: Child,
    _folder: tempfile::TempDir,
    pub(crate) address: SocketAddr,
}

impl Program {
    /// With no more limits than the machine has: they are not what is measured.
    pub(crate) fn start(scene: &Scene, database: &Database) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("acme.card"), scene.works.card(1, Some(ORIGIN))).expect("written");
        let mut command = Command::new(env!("CARGO_BIN_EXE_countersign-relay"));
        match database {
            Database::Sqlite(data) => {
                command.arg("--data").arg(data.path());
            }
            Database::Postgres { address, .. } => {
                let file = folder.path().join("address");
                std::fs::write(&file, address).expect("written");
                std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).expect("private");
                command.arg("--database-file").arg(file);
            }
        }
        command.args(["--organisation", "acme.card", "--public-url", ORIGIN, "--listen", "127.0.0.1:0"]);
        command.args(["--parcels", "10000000", "--parcel-bytes", "1000000000000", "--keep-free", "0"]);
        command.current_dir(folder.path()).env_clear().stdin(Stdio::null()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("started");
        let mut lines = BufReader::new(child.stderr.take().expect("piped")).lines();
        let address = loop {
            let line = lines.next().expect("it listens").expect("text");
            let note: serde_json::Value = serde_json::from_str(&line).expect("one object a line");
            if note["event"] == "listening" {
                break note["address"].as_str().expect("text").parse().expect("an address");
            }
        };
        std::thread::spawn(move || lines.for_each(drop));
        Self { child, _folder: folder, address }
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Memory that it has now, in KiB.
    pub(crate) fn memory(&self) -> f64 {
        let status =
            std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).expect("its status");
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("its memory");
        line.trim().trim_end_matches(" kB").parse().expect("a number")
    }

    /// Asked to, so that its database is as it leaves it.
    pub(crate) fn stop(mut self) {
        let id = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(id, rustix::process::Signal::TERM).expect("sent");
        self.child.wait().expect("ended");
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
