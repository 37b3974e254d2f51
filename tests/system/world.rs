//! Two founders, a partner, a gateway file: set up with the real program, in a folder of their own.

use std::{
    io::Write as _,
    path::PathBuf,
    process::{Command, Output, Stdio},
};

use serde_json::Value;

pub(crate) use crate::saved::{Saved, files_below, restore, save, settle};

/// The program under test. `make` sets it; a missing one is a failure, never a skip.
pub(crate) fn program() -> PathBuf {
    let path = std::env::var_os("COUNTERSIGN_BIN").map(PathBuf::from);
    path.or_else(beside).expect("COUNTERSIGN_BIN names the built program: run the tests with make test")
}

/// The program with one promise broken, built beside the program under test with the feature `mutants`. A missing one
/// is a failure, never a skip: what it proves would go unproven.
pub(crate) fn mutant(name: &str) -> PathBuf {
    let path = program().with_file_name(format!("countersign-mutant-{name}"));
    assert!(path.is_file(), "{} was built: run the tests with make test", path.display());
    path
}

/// cargo puts test binaries into deps/, beside the program.
fn beside() -> Option<PathBuf> {
    let deps = std::env::current_exe().ok()?;
    let path = deps.parent()?.parent()?.join("countersign");
    path.is_file().then_some(path)
}

/// What a command is told where no person types the fingerprint.
pub(crate) const UNATTENDED: &str = "--unattended";

/// A folder with profiles in it.
pub(crate) struct World {
    pub(crate) dir: tempfile::TempDir,
}

/// Certificates that count in a world, where it has any of its own.
pub(crate) const TRUSTED: &str = "trusted.pem";

/// A request that was brought to some state.
pub(crate) struct Exchange {
    pub(crate) request: String,
}

impl World {
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// The command line of a profile, ready to be run or wrapped.
    pub(crate) fn args(&self, who: &str, words: &[&str]) -> Vec<String> {
        let mut args = vec![
            "--profile".to_owned(),
            self.path(who).display().to_string(),
            "--unlock".to_owned(),
            format!("file:{}", self.path(&format!("{who}.key")).display()),
            "--json".to_owned(),
        ];
        args.extend(words.iter().map(|w| (*w).to_owned()));
        // A program types in these tests, and has to say so; `typed` takes it out again, and sits at a terminal.
        if matches!(
            words,
            ["org", "answer" | "complete" | "attach", ..]
                | ["org", "succeed", "answer" | "complete", ..]
                | ["member", "propose" | "check", ..]
                | ["card", "pin", ..]
        ) {
            args.extend([UNATTENDED, "--channel", "phone"].map(str::to_owned));
            if !words.contains(&"--source") {
                args.extend(["--source", "the register"].map(str::to_owned));
            }
        }
        args
    }

    /// Runs a command as somebody, with text on standard input.
    pub(crate) fn run(&self, who: &str, words: &[&str], input: &[u8]) -> Output {
        let mut command = Command::new(program());
        command.args(self.args(who, words)).current_dir(self.dir.path());
        // What this world takes for the certificates that the system trusts.
        if self.path(TRUSTED).is_file() {
            command.env("SSL_CERT_FILE", self.path(TRUSTED));
        }
        self.with_clock(&mut command);
        feed(command, input)
    }

    /// The same, which must succeed; its JSON.
    pub(crate) fn ok(&self, who: &str, words: &[&str], input: &[u8]) -> Value {
        let out = self.run(who, words, input);
        let err = String::from_utf8_lossy(&out.stderr);
        assert!(out.status.success(), "{who}: {words:?} succeeds, but said: {err}");
        serde_json::from_slice(&out.stdout).unwrap_or(Value::Null)
    }

    /// The same, which must be refused with this code and exit status.
    pub(crate) fn refused(&self, who: &str, words: &[&str], input: &[u8], code: &str, exit: i32) {
        let out = self.run(who, words, input);
        let json: Value = serde_json::from_slice(&out.stdout).unwrap_or(Value::Null);
        let said = json["error"]["code"].as_str().unwrap_or("(no code)").to_owned();
        let err = String::from_utf8_lossy(&out.stderr);
        assert_eq!((said.as_str(), out.status.code()), (code, Some(exit)), "{who}: {words:?} said: {err}");
        assert!(!err.contains("panicked"), "no panic reaches a user: {err}");
        assert!(
            err.lines().filter(|l| l.starts_with("countersign: ")).count() == 1,
            "one sentence on stderr: {err}"
        );
    }

    pub(crate) fn digits(&self, who: &str) -> String {
        self.ok(who, &["profile", "show"], b"")["fingerprint"]
            .as_str()
            .expect("a profile shows its fingerprint")
            .to_owned()
            + "\n"
    }

    pub(crate) fn profile(&self, who: &str, kind: &str) {
        let out = self.make_profile(who, kind);
        assert!(out.status.success(), "a profile is made: {}", String::from_utf8_lossy(&out.stderr));
    }

    pub(crate) fn make_profile(&self, who: &str, kind: &str) -> Output {
        let slot = format!("key-file:{}", self.path(&format!("{who}.key")).display());
        let folder = self.path(who).display().to_string();
        let words = [
            "--profile",
            &folder,
            "--json",
            "profile",
            "new",
            "--kind",
            kind,
            "--name",
            who,
            "--slot",
            &slot,
        ];
        let mut command = Command::new(program());
        command.args(words).current_dir(self.dir.path());
        feed(command, b"")
    }

    /// An organisation with catalogue, issuers and card, and a partner who has pinned it.
    pub(crate) fn founded() -> Self {
        Self::founded_in(tempfile::tempdir().expect("a temporary folder"))
    }

    /// The same in a folder of the caller's choice, such as one on a small disk.
    pub(crate) fn founded_in(dir: tempfile::TempDir) -> Self {
        let world = Self { dir };
        for (who, kind) in [("alice", "desk"), ("ben", "desk"), ("partner", "inbox")] {
            world.profile(who, kind);
        }
        world.ok(
            "alice",
            &["org", "found", "--name", "Northwind Example", "--out", "offer", "--half-out", "half-a"],
            b"",
        );
        let digits = world.digits("alice");
        world.ok(
            "ben",
            &["org", "answer", "offer", "--out", "answer", "--half-out", "half-b"],
            digits.as_bytes(),
        );
        let digits = world.digits("ben");
        world.ok("alice", &["org", "complete", "answer", "--log", "ledger.db"], digits.as_bytes());
        world.ok("ben", &["org", "attach", "--log", "ledger.db"], b"");
        world.put(
            "gateway.toml",
            &format!(
                "id = \"gateway\"\nkind = \"hash-file\"\nprefix = \"nw\"\nlocation = \"{}\"\n",
                world.path("keys.hashes").display()
            ),
        );
        world.put("billing.toml", "id = \"billing\"\nkind = \"manual\"\ninstructions = \"Delete the key in the billing console.\"\n");
        world.put("catalogue.toml", CATALOGUE);
        // A program types in these tests, so this organisation lets programs type; nothing else is loosened.
        world.put("policy.toml", "unattended = true\npace_keys = 100\npace_partners = 100\n");
        for (noun, file) in [
            ("issuer", "gateway.toml"),
            ("issuer", "billing.toml"),
            ("catalogue", "catalogue.toml"),
            ("policy", "policy.toml"),
        ] {
            world.two_admins(&[noun, "propose", file]);
        }
        world.two_admins(&["card", "propose"]);
        world.ok("alice", &["card", "export", "--out", "card"], b"");
        let digits = world.ok("alice", &["org", "show"], b"")["fingerprint"]
            .as_str()
            .expect("a fingerprint")
            .to_owned();
        world.ok("partner", &["card", "pin", "card", "--source", "contract of 2026"], digits.as_bytes());
        world
    }

    pub(crate) fn two_admins(&self, words: &[&str]) {
        let change = self.ok("alice", words, b"")["change"].as_str().expect("a change").to_owned();
        self.ok("ben", &["change", "confirm", &change], b"yes\n");
    }

    pub(crate) fn put(&self, name: &str, text: &str) {
        let mut file = std::fs::File::create(self.path(name)).expect("a file");
        file.write_all(text.as_bytes()).expect("a write");
    }

    /// A request of the partner, countersigned by both founders.
    pub(crate) fn countersigned(&self, n: usize, service: &str) -> Exchange {
        let exchange = self.vetted(n, service);
        let grant = self.ok("ben", &["request", "show", &exchange.request], b"")["grant"]
            .as_str()
            .expect("a grant")
            .to_owned();
        self.ok("ben", &["request", "countersign", &exchange.request, "--grant", &grant], b"");
        exchange
    }

    /// A request that is ready, and that the founder may not vet: the certificate is by a key that is gone.
    pub(crate) fn vetted_refused(&self, n: usize) -> String {
        let request = self.ready(n, "orders");
        self.refused("alice", &["request", "vet", &request, "--yes"], b"", "certificate-outdated", 1);
        request
    }

    /// A request of the partner, vetted by one founder.
    pub(crate) fn vetted(&self, n: usize, service: &str) -> Exchange {
        let request = self.ready(n, service);
        self.ok("alice", &["request", "vet", &request, "--yes"], b"");
        Exchange { request }
    }

    /// A request of the partner with everything answered that comes before the first signature.
    fn ready(&self, n: usize, service: &str) -> String {
        let request = self.arrived(n, service);
        let digits = self.digits("partner");
        self.ok(
            "alice",
            &["identity", "check", &request, "--channel", "phone", "--source", "contract"],
            digits.as_bytes(),
        );
        for check in ["who", "why", "scope", "protection"] {
            self.ok(
                "alice",
                &["request", "answer", &request, check, "--note", "looked into and found in order"],
                b"",
            );
        }
        request
    }

    /// A request of the partner that nobody has looked at.
    pub(crate) fn arrived(&self, n: usize, service: &str) -> String {
        let (form, letter) = (format!("request-{n}.toml"), format!("letter-{n}"));
        self.put(&form, &REQUEST.replace("SERVICE", service));
        self.ok("partner", &["request", "new", &form, "--out", &letter], b"");
        let imported = self.ok("alice", &["request", "import", &letter], b"");
        imported["id"].as_str().expect("a request").to_owned()
    }

    /// A minted key, issued; its id.
    pub(crate) fn issued(&self, n: usize) -> String {
        let exchange = self.countersigned(n, "orders");
        self.ok("ben", &["key", "issue", &exchange.request], b"")["key"].as_str().expect("a key").to_owned()
    }
}

/// Runs a command with bytes on standard input, and no terminal anywhere.
pub(crate) fn feed(mut command: Command, input: &[u8]) -> Output {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut stdin = child.stdin.take().expect("a pipe");
    // A program that does not read has closed the pipe; that is its business.
    let _ = stdin.write_all(input);
    drop(stdin);
    child.wait_with_output().expect("the program ends")
}

/// How many keys the gateway of a world takes.
pub(crate) fn hash_lines(world: &World) -> usize {
    let text = std::fs::read_to_string(world.path("keys.hashes")).unwrap_or_default();
    text.lines().filter(|l| !l.starts_with('#')).count()
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

/// Numbers that follow from a seed, the same on every machine (SplitMix64).
pub(crate) struct Dice(u64);

impl Dice {
    /// From `COUNTERSIGN_SEED`, or the default; printed, so that a run can be repeated.
    pub(crate) fn seeded(what: &str) -> Self {
        let given = std::env::var("COUNTERSIGN_SEED").ok().and_then(|s| s.parse().ok());
        let seed = given.unwrap_or(20_261_122);
        println!("{what}: COUNTERSIGN_SEED={seed}");
        Self(seed)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Below `end`, which is not zero.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % end as u64).expect("an index")
    }

    pub(crate) fn one_of<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.below(of.len())]
    }
}

const CATALOGUE: &str = r#"
[[services]]
id = "orders"
name = "Orders"
[[services.environments]]
id = "sandbox"
class = "sandbox"
base_url = "https://sandbox.northwind.example/orders"
longest_days = 90
issuer = "gateway"
[[services.scopes]]
name = "orders:read"
class = "read"
endpoints = [{ methods = ["GET"], path = "/v1/orders/*" }]

[[services]]
id = "billing"
name = "Billing"
[[services.environments]]
id = "sandbox"
class = "sandbox"
base_url = "https://sandbox.northwind.example/billing"
longest_days = 90
issuer = "billing"
[[services.scopes]]
name = "orders:read"
class = "read"
endpoints = [{ methods = ["GET"], path = "/v1/invoices/*" }]
"#;

pub(crate) const REQUEST: &str = r#"
company = "Fabrikam Example"
person = "Pat Example"
role = "Integration lead"
email = "pat@fabrikam.example"
incident_contact = "duty@fabrikam.example"
why = "Orders are to reach our warehouse without anybody typing them."
workflow = "Every five minutes a job reads new orders."
usage = "One reader, twelve calls an hour."
data = "Order numbers and articles, no personal data."
safeguards = "The key lies in a secret store; two people can read it."
service = "SERVICE"
environment = "sandbox"
scopes = ["orders:read"]
networks = ["203.0.113.0/28"]
days = 30
"#;
