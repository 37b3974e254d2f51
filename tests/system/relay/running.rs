//! The real relay on loopback, and a world whose card names it.

use std::{
    cell::RefCell,
    io::{BufRead as _, BufReader},
    net::TcpListener,
    os::unix::fs::PermissionsExt as _,
    path::PathBuf,
    process::{Child, Command, Stdio},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU16, Ordering},
        mpsc::{Receiver, channel},
    },
    time::Duration,
};

use serde_json::Value;

use crate::world::{REQUEST, TRUSTED, World, program};

/// Longer than anything here may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// Beside the program under test. A missing one is a failure, never a skip.
fn relay_program() -> PathBuf {
    let path = program().with_file_name("countersign-relay");
    assert!(path.is_file(), "{} was built: run the tests with make test", path.display());
    path
}

/// A port that nothing listens on. Below those that the system gives to whoever connects, and another one for every
/// process, so that nobody takes it in between.
pub(crate) fn free_port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let own = u16::try_from(std::process::id() % 2500).expect("small") * 8;
    (0..20_000)
        .map(|_| 10_000 + own.wrapping_add(NEXT.fetch_add(1, Ordering::Relaxed)) % 20_000)
        .find(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok())
        .expect("a free port")
}

/// The relay while it runs. Killed when it is dropped.
pub(crate) struct Relay {
    child: Child,
    lines: Receiver<String>,
    log: Arc<Mutex<String>>,
}

impl Relay {
    fn start(world: &World, port: u16, more: &[String]) -> Self {
        let mut command = Command::new(relay_program());
        command
            .args(["--data", "relay", "--organisation", "relay.card", "--listen"])
            .arg(format!("127.0.0.1:{port}"))
            .args(more)
            .current_dir(world.dir.path())
            .env_clear()
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped());
        world.with_clock(&mut command);
        let mut child = command.spawn().expect("the relay starts");
        let stderr = BufReader::new(child.stderr.take().expect("piped"));
        let (sender, lines) = channel();
        let log = Arc::new(Mutex::new(String::new()));
        let kept = Arc::clone(&log);
        std::thread::spawn(move || {
            for line in stderr.lines().map_while(Result::ok) {
                kept.lock().unwrap_or_else(PoisonError::into_inner).push_str(&format!("{line}\n"));
                if sender.send(line).is_err() {
                    break;
                }
            }
        });
        let relay = Self { child, lines, log };
        relay.waits_for("\"what\":\"clients\"");
        relay
    }

    fn waits_for(&self, said: &str) {
        loop {
            let line = self.lines.recv_timeout(PATIENCE);
            let line = line.unwrap_or_else(|_| panic!("the relay says {said}; so far: {}", self.log()));
            if line.contains(said) {
                return;
            }
        }
    }

    /// Everything it said so far.
    fn log(&self) -> String {
        self.log.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A founded organisation whose card names its relay, and the relay.
pub(crate) struct Ground {
    pub(crate) world: World,
    pub(crate) port: u16,
    more: Vec<String>,
    relay: RefCell<Option<Relay>>,
    past: RefCell<String>,
}

impl Ground {
    /// With the relay running, and `partner` invited.
    pub(crate) fn begin() -> Self {
        let port = free_port();
        Self::prepare(World::founded(), port, &format!("http://127.0.0.1:{port}"), Vec::new())
    }

    /// The same over TLS, with a certificate that ends on this day.
    pub(crate) fn secure((year, month, day): (i32, u8, u8)) -> Self {
        let (world, port) = (World::founded(), free_port());
        let mut params = rcgen::CertificateParams::new(["localhost".to_owned()]).expect("a name");
        params.not_after = rcgen::date_time_ymd(year, month, day);
        let key = rcgen::KeyPair::generate().expect("a key");
        let certificate = params.self_signed(&key).expect("a certificate").pem();
        world.put("key.pem", &key.serialize_pem());
        world.put(TRUSTED, &certificate);
        std::fs::set_permissions(world.path("key.pem"), std::fs::Permissions::from_mode(0o600))
            .expect("private");
        let origin = format!("https://localhost:{port}");
        let more = ["--public-url", &origin, "--tls-certificate", TRUSTED, "--tls-key", "key.pem"];
        Self::prepare(world, port, &origin, more.map(str::to_owned).to_vec())
    }

    /// With a relay on a server's database, for an origin at which something else listens.
    pub(crate) fn over(database: &str, front: u16, port: u16) -> Self {
        let world = World::founded();
        world.put("address", database);
        std::fs::set_permissions(world.path("address"), std::fs::Permissions::from_mode(0o600))
            .expect("private");
        let origin = format!("http://127.0.0.1:{front}");
        let more = ["--public-url", &origin, "--database-file", "address"];
        Self::prepare(world, port, &origin, more.map(str::to_owned).to_vec())
    }

    /// Another relay that is set up as this one is.
    pub(crate) fn sibling(&self, port: u16) -> Relay {
        Relay::start(&self.world, port, &self.more)
    }

    fn prepare(world: World, port: u16, origin: &str, more: Vec<String>) -> Self {
        world.two_admins(&["card", "propose", "--relay", origin]);
        world.ok("alice", &["card", "export", "--out", "relay.card"], b"");
        let ground = Self { world, port, more, relay: RefCell::default(), past: RefCell::default() };
        ground.start();
        ground.world.ok("alice", &["card", "invite", "--out", "invitation"], b"");
        ground.world.ok("partner", &["card", "pin", "invitation"], b"");
        ground
    }

    pub(crate) fn start(&self) {
        *self.relay.borrow_mut() = Some(Relay::start(&self.world, self.port, &self.more));
    }

    pub(crate) fn stop(&self) {
        if let Some(mut relay) = self.relay.take() {
            let id = rustix::process::Pid::from_child(&relay.child);
            rustix::process::kill_process(id, rustix::process::Signal::TERM).expect("sent");
            assert!(relay.child.wait().expect("ended").success(), "it stops when it is asked to");
            self.past.borrow_mut().push_str(&relay.log());
        }
    }

    /// Everything that the relay said.
    pub(crate) fn log(&self) -> String {
        let now = self.relay.borrow().as_ref().map(Relay::log).unwrap_or_default();
        format!("{}{now}", self.past.borrow())
    }

    /// `relay sync`, which must work; its JSON.
    pub(crate) fn sync(&self, who: &str) -> Value {
        self.works(who, &["relay", "sync"], &[0, 5])
    }

    /// A command that must end with one of these; its JSON.
    pub(crate) fn works(&self, who: &str, words: &[&str], exits: &[i32]) -> Value {
        let out = self.world.run(who, words, b"");
        let exit = out.status.code().unwrap_or(-1);
        let err = String::from_utf8_lossy(&out.stderr);
        assert!(exits.contains(&exit), "{who}: {words:?} ended with {exit}: {err}");
        serde_json::from_slice(&out.stdout).unwrap_or(Value::Null)
    }

    /// A key's link in the form for the application; it lies in a file of this name too, as its message has it.
    pub(crate) fn delivered(&self, key: &str, name: &str) -> [String; 2] {
        self.world.ok("ben", &["key", "deliver", key, "--link-out", name], b"");
        self.links_in(name)
    }

    /// Both forms of the link in a message: for browsers, and for the application.
    pub(crate) fn links_in(&self, name: &str) -> [String; 2] {
        let message = std::fs::read_to_string(self.world.path(name)).expect("a message");
        let word = |scheme: &str| {
            let found = message.split_whitespace().find(|word| word.starts_with(scheme));
            found.unwrap_or_else(|| panic!("{scheme} stands in {message}")).to_owned()
        };
        [word("http://127.0.0.1:"), word("countersign://e/")]
    }

    /// How far a key is, as a desk lists it.
    pub(crate) fn state(&self, key: &str) -> String {
        self.world.ok("ben", &["key", "show", key], b"")["state"].as_str().expect("a state").to_owned()
    }

    /// How often something stands in the ledger.
    pub(crate) fn count(&self, event: &str) -> usize {
        let list = self.world.ok("alice", &["ledger", "list", "--limit", "100000"], b"");
        list.as_array().expect("entries").iter().filter(|entry| entry["event"] == event).count()
    }

    /// A form of a request, in a file of this name.
    pub(crate) fn form(&self, name: &str, days: &str) {
        self.world
            .put(name, &REQUEST.replace("SERVICE", "orders").replace("days = 30", &format!("days = {days}")));
    }
}

/// What stands behind `#`.
pub(crate) fn secret_of(link: &str) -> &str {
    link.split_once('#').expect("a link has a secret").1
}
