//! A world in which every kind of document lies about, so that each can be tried where it does not belong.

use std::process::{Command, Output};

use crate::world::{World, feed, program};

/// A founded world after one exchange, with one more of everything under way.
pub(crate) struct Stage {
    pub(crate) world: World,
    /// A key that was delivered and opened.
    pub(crate) opened: String,
    /// A request that is vetted and waits.
    pub(crate) waiting: String,
    /// A request of the manual issuer, countersigned.
    pub(crate) manual: String,
    /// A member's id.
    pub(crate) member: String,
}

/// Documents on a stage, by file name. Each is genuine where it belongs.
pub(crate) const DOCUMENTS: &[&str] =
    &["card", "letter-1", "e", "r", "offer", "answer", "identity", "message", "notice", "open-offer"];

impl Stage {
    pub(crate) fn set() -> Self {
        let world = World::founded();
        let opened = world.issued(1);
        world.ok("ben", &["envelope", "deliver", &opened, "--out", "e", "--secret-out", "s"], b"");
        let open = ["envelope", "open", "e", "--secret-file", "s", "--compose", "key", "--receipt-out", "r"];
        world.ok("partner", &open, b"");
        world.ok("ben", &["request", "import", "r"], b"");
        let waiting = world.vetted(2, "orders").request;
        let manual = world.countersigned(3, "billing").request;
        let third = world.countersigned(4, "orders").request;
        let key = world.ok("ben", &["key", "issue", &third], b"")["key"].as_str().expect("a key").to_owned();
        world.ok("ben", &["envelope", "deliver", &key, "--out", "e-new", "--secret-out", "s-new"], b"");
        world.ok(
            "alice",
            &["request", "ask", &waiting, "--text", "Which articles?", "--out", "message"],
            b"",
        );
        let text = ["leak", "report", &opened, "--text", "It stands in a log.", "--out", "notice"];
        world.ok("partner", &text, b"");
        world.ok("alice", &["ledger", "prove", "0", "--out", "evidence"], b"");
        world.profile("carol", "desk");
        world.ok("carol", &["profile", "card", "--out", "identity"], b"");
        world.profile("dan", "desk");
        let found =
            ["org", "found", "--name", "Other Example", "--out", "open-offer", "--half-out", "half-d"];
        world.ok("dan", &found, b"");
        let members = world.ok("alice", &["member", "list"], b"");
        // Caught up, so that what a desk remembers of the ledger is no change any more.
        for who in ["alice", "ben"] {
            world.ok(who, &["org", "show"], b"");
        }
        let member = members[0]["id"].as_str().expect("a member").to_owned();
        Self { world, opened, waiting, manual, member }
    }

    /// The command lines that read a file, with FILE where its name goes.
    pub(crate) fn slots(&self) -> Vec<Slot> {
        let slot = |takes, who, words: &[&str], kinds| Slot {
            takes,
            who,
            words: words.iter().map(|w| (*w).to_owned()).collect(),
            kinds,
        };
        let (id, manual, member) = (self.waiting.as_str(), self.manual.as_str(), self.member.as_str());
        vec![
            slot(Takes::Card, "partner", &["card", "pin", "FILE", "--source", "contract"], "card"),
            slot(Takes::Letter, "alice", &["request", "import", "FILE"], "letter-1 r notice"),
            slot(Takes::Message, "partner", &["request", "read", "FILE"], "message"),
            slot(
                Takes::Envelope,
                "partner",
                &["envelope", "inspect", "FILE", "--secret-file", "s-new"],
                "e-new",
            ),
            slot(
                Takes::Envelope,
                "partner",
                &["envelope", "open", "FILE", "--secret-file", "s-new", "--compose", "out"],
                "e-new e",
            ),
            slot(Takes::Secret, "partner", &["envelope", "inspect", "e-new", "--secret-file", "FILE"], ""),
            slot(
                Takes::Secret,
                "partner",
                &["envelope", "open", "e-new", "--secret-file", "FILE", "--compose", "out"],
                "",
            ),
            slot(
                Takes::Offer,
                "carol",
                &["org", "answer", "FILE", "--out", "out", "--half-out", "out-half"],
                "offer open-offer",
            ),
            slot(Takes::Answer, "dan", &["org", "complete", "FILE", "--log", "out.db"], ""),
            slot(Takes::Identity, "alice", &["member", "propose", "FILE", "--rights", "vet"], "identity"),
            slot(Takes::Identity, "alice", &["member", "renew", member, "--card", "FILE"], "identity"),
            slot(Takes::Evidence, "partner", &["ledger", "check", "FILE"], ""),
            slot(Takes::Toml, "alice", &["policy", "propose", "FILE"], ""),
            slot(Takes::Toml, "alice", &["policy", "tighten", "FILE"], ""),
            slot(Takes::Toml, "alice", &["catalogue", "propose", "FILE"], ""),
            slot(Takes::Toml, "alice", &["issuer", "propose", "FILE"], ""),
            slot(Takes::Toml, "alice", &["key", "import", "FILE"], ""),
            slot(Takes::Toml, "partner", &["request", "new", "FILE", "--out", "out"], ""),
            slot(Takes::Toml, "partner", &["request", "revise", id, "FILE", "--out", "out"], ""),
            slot(Takes::Key, "ben", &["key", "issue", manual, "--key-file", "FILE"], ""),
            slot(Takes::Anything, "alice", &["leak", "find", "FILE"], ""),
            slot(Takes::Anything, "alice", &["request", "answer", id, "who", "--file", "FILE"], ""),
            slot(Takes::Hashes, "partner", &["key", "check", "--hash-file", "FILE"], ""),
            slot(Takes::Unlock, "partner", &["--unlock", "file:FILE", "key", "list"], ""),
        ]
    }
}

/// What a command line takes in its place for a file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Takes {
    Card,
    Letter,
    Message,
    Envelope,
    Secret,
    Offer,
    Answer,
    Identity,
    Evidence,
    Toml,
    Key,
    Hashes,
    Unlock,
    Anything,
}

/// A command line with a place for a file.
pub(crate) struct Slot {
    pub(crate) takes: Takes,
    pub(crate) who: &'static str,
    words: Vec<String>,
    /// Names of documents that are accepted here, or refused for what they are and not for their kind.
    pub(crate) kinds: &'static str,
}

impl Slot {
    /// The words with a file in the place.
    pub(crate) fn with(&self, file: &str) -> Vec<String> {
        self.words.iter().map(|w| w.replace("FILE", file)).collect()
    }

    /// Runs it as its person, whose own way of unlocking gives place to one that is named.
    pub(crate) fn run(&self, world: &World, words: &[&str]) -> Output {
        if self.takes != Takes::Unlock {
            return world.run(self.who, words, Self::DIGITS);
        }
        let folder = world.path(self.who).display().to_string();
        let words: Vec<&str> = ["--profile", &folder, "--json"].iter().chain(words).copied().collect();
        world.bare(&words, b"")
    }

    /// What a person types there: digits that do not matter, since nothing is compared before the document holds.
    pub(crate) const DIGITS: &'static [u8] = b"11111 22222 33333 44444 55555 66666 77777\n";
}

impl World {
    /// Runs the program as it is, in the world's folder.
    pub(crate) fn bare(&self, words: &[&str], input: &[u8]) -> Output {
        let mut command = Command::new(program());
        command.args(words).current_dir(self.dir.path());
        feed(command, input)
    }
}
