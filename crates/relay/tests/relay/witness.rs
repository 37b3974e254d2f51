//! The witness: what it answers to each checkpoint, and that it never goes back, whoever asks at once and whatever is
//! killed meanwhile.

use std::{sync::Arc, time::Duration};

use countersign_documents::{Digest, Head, certificate::Right, text::Line, time::DAY};
use countersign_relay::{
    DatabaseAt, Operator,
    store::{Store as _, sqlite::SqliteStore},
};
use countersign_tlog::{
    AddCheckpoint, Checkpoint, Cosignature, Tree, WitnessKey, key_name, leaf_hash, origin, sign,
};

use crate::{
    client::{Asking, Client, Reply, request},
    cluster::skipped,
    dice::Dice,
    organisation::{Member, Organisation, seed, signing},
    program::{Program, system_time},
    race::at_once,
    stage::{ALL, NOW, Stage},
    world::PATIENCE,
};

/// Where checkpoints are brought.
const PATH: &str = "/v1/add-checkpoint";

/// The log of an organisation, as one who signs for it has it.
struct Log<'a> {
    works: &'a Organisation,
    tree: Tree,
    /// Whose checkpoint key signs.
    by: &'static str,
}

impl<'a> Log<'a> {
    /// So many rows of this history.
    fn of(works: &'a Organisation, history: &str, size: u64) -> Self {
        let rows = (0..size).map(|n| leaf_hash(format!("{history} {n}").as_bytes()));
        Self { works, tree: Tree::from_leaf_hashes(rows), by: "bo" }
    }

    fn by(self, by: &'static str) -> Self {
        Self { by, ..self }
    }

    fn head(&self) -> Head {
        self.tree.head_at(self.tree.size()).expect("all of it")
    }

    fn note(&self) -> String {
        let key = signing(&format!("{} checkpoints", self.by)).public();
        let checkpoint = Checkpoint { origin: origin(self.works.id()), head: self.head() };
        let name = key_name(self.works.id(), &key.thumbprint());
        sign(&checkpoint, &name, &seed(&format!("{} checkpoints", self.by))).expect("signed")
    }

    /// From there to its end.
    fn from(&self, old: u64) -> AddCheckpoint {
        let proof = self.tree.consistency_proof(old, self.tree.size()).unwrap_or_default();
        AddCheckpoint { old, proof, checkpoint: self.note() }
    }

    async fn add(&self, client: Client, old: u64) -> Reply {
        client.post(PATH, self.from(old).to_text().as_bytes()).await
    }
}

/// The relay meets this member.
async fn meet(stage: &Stage, member: &Member) {
    stage.client().mail_of(member, stage.works.id(), Asking::default()).await;
}

async fn witness(client: Client) -> WitnessKey {
    let reply = client.ask("GET", "/v1/witness", "").await;
    let text = String::from_utf8(reply.body).expect("text");
    WitnessKey::parse(text.strip_suffix('\n').expect("one line")).expect("a key")
}

fn text(reply: &Reply) -> &str {
    std::str::from_utf8(&reply.body).expect("text")
}

/// Where the witness says it stands.
fn stands(reply: &Reply) -> u64 {
    assert_eq!(reply.status, 409, "{}", text(reply));
    assert!(reply.head.iter().any(|line| line == "content-type: text/x.tlog.size"), "{:?}", reply.head);
    text(reply).strip_suffix('\n').expect("one line").parse().expect("a number")
}

/// The time of the cosignature.
fn signed(log: &Log<'_>, key: &WitnessKey, reply: &Reply) -> u64 {
    assert_eq!(reply.status, 200, "{}", text(reply));
    let note = log.note() + text(reply);
    Cosignature::verify(&note, &key.name, &key.public).expect("a cosignature").time.0
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_grows_is_cosigned_and_the_cosignature_verifies() {
    let stage = Stage::new().await;
    meet(&stage, &stage.bo).await;
    let (client, key) = (stage.client(), witness(stage.client()).await);
    assert_eq!(key.name, "relay.example/witness");
    let mut known = 0;
    for size in [1, 2, 7, 8, 100] {
        let log = Log::of(&stage.works, "one", size);
        stage.served.hands.turn(NOW.plus(size));
        assert_eq!(signed(&log, &key, &log.add(client, known).await), NOW.0 + size, "{known} to {size}");
        assert_eq!(signed(&log, &key, &log.add(client, size).await), NOW.0 + size, "the same again");
        known = size;
    }
    assert_eq!(witness(client).await, key, "its key stays");
}

#[tokio::test(flavor = "multi_thread")]
async fn it_never_goes_back_and_takes_one_history() {
    let stage = Stage::new().await;
    meet(&stage, &stage.bo).await;
    let client = stage.client();
    let log = |history: &str, size| Log::of(&stage.works, history, size);
    assert_eq!(log("one", 10).add(client, 0).await.status, 200);
    assert_eq!(stands(&log("one", 20).add(client, 0).await), 10, "as if nothing were known");
    assert_eq!(stands(&log("one", 20).add(client, 9).await), 10, "from elsewhere");
    assert_eq!(stands(&log("one", 9).add(client, 9).await), 10, "shorter");
    assert_eq!(stands(&log("other", 10).add(client, 10).await), 10, "another root of the same size");
    assert_eq!(log("one", 9).add(client, 10).await.status, 400, "more rows than it has");
    assert_eq!(log("other", 20).add(client, 10).await.status, 422, "another history");
    let mut asked = log("one", 20).from(10);
    asked.proof.pop();
    assert_eq!(client.post(PATH, asked.to_text().as_bytes()).await.status, 422, "half a proof");
    assert_eq!(log("one", 20).add(client, 10).await.status, 200, "none of that did anything");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_checkpoint_is_refused_as_such() {
    let stage = Stage::new().await;
    meet(&stage, &stage.bo).await;
    let client = stage.client();
    let log = Log::of(&stage.works, "one", 5);
    let good = log.from(0).to_text();
    let extended = log.note().replacen("\n5\n", "\n5\nextra\n", 1);
    for (why, body) in [
        ("nothing", String::new()),
        ("no size", good.replacen("old 0\n", "", 1)),
        ("a size with a zero before it", good.replacen("old 0", "old 00", 1)),
        ("no note", "old 0\n\nnothing\n".to_owned()),
        ("no signature", format!("old 0\n\n{}", log.note().split('\u{2014}').next().expect("a text"))),
        ("a proof that is none", good.replacen("old 0\n", "old 0\nAAAA\n", 1)),
    ] {
        assert_eq!(client.post(PATH, body.as_bytes()).await.status, 400, "{why}");
    }
    assert_eq!(client.post(PATH, &[0xff; 40]).await.status, 400, "no text");
    let extended = format!("old 0\n\n{extended}");
    assert_eq!(client.post(PATH, extended.as_bytes()).await.status, 403, "the signature is for less");
    let large = "x".repeat(200 * 1024);
    assert_eq!(client.post(PATH, large.as_bytes()).await.status, 413);
    assert_eq!(client.post(PATH, good.as_bytes()).await.status, 200, "and the good one is good");
}

#[tokio::test(flavor = "multi_thread")]
async fn another_log_is_unknown() {
    let stage = Stage::new().await;
    meet(&stage, &stage.bo).await;
    let client = stage.client();
    let stranger = Organisation::found("Other Works", NOW);
    let theirs = Log::of(&stranger, "one", 5);
    assert_eq!(theirs.add(client, 0).await.status, 404, "of an organisation that is not known");
    let ours = Log::of(&stage.works, "one", 5);
    for line in [origin(stage.works.id()).to_uppercase(), "x".to_owned(), format!("x/{}", stage.works.id())] {
        let body = ours.from(0).to_text().replacen(&origin(stage.works.id()), &line, 1);
        assert_eq!(client.post(PATH, body.as_bytes()).await.status, 404, "{line}");
    }
    assert_eq!(client.ask("GET", PATH, "").await.status, 404, "it is only brought");
}

#[tokio::test(flavor = "multi_thread")]
async fn only_a_member_who_is_known_and_counts_signs_for_a_log() {
    let stage = Stage::new().await;
    let client = stage.client();
    let log = |by| Log::of(&stage.works, "one", 5).by(by);
    assert_eq!(log("bo").add(client, 0).await.status, 403, "nobody is known yet");
    let reader = stage.works.member("dee", &[Right::Audit]);
    let poll = client.poll(&reader.key, Some(&reader.certificate), stage.works.id(), Asking::default()).await;
    assert_eq!(poll.status, 403);
    assert_eq!(log("dee").add(client, 0).await.status, 403, "one who may only audit");
    let cy = stage.works.member("cy", &ALL);
    // Any act of a member will do, and not a poll alone.
    assert_eq!(client.dispatch(&cy, &stage.pia, b"x").await.status, 200);
    assert_eq!(log("bo").add(client, 0).await.status, 403, "another member");
    let mut forged = log("cy").note();
    forged = forged.replacen("\n5\n", "\n6\n", 1);
    let forged = AddCheckpoint { old: 0, proof: Vec::new(), checkpoint: forged };
    assert_eq!(client.post(PATH, forged.to_text().as_bytes()).await.status, 403, "signed for another size");
    assert_eq!(log("cy").add(client, 0).await.status, 200);
    assert_eq!(client.remove(&stage.bo, cy.thumbprint()).await.status, 200);
    assert_eq!(log("cy").add(client, 5).await.status, 403, "one who was removed");
    assert_eq!(log("bo").add(client, 5).await.status, 200, "whoever removed is known by that");
    stage.served.hands.turn(NOW.plus(81 * DAY));
    assert_eq!(log("bo").add(client, 5).await.status, 403, "one whose certificate has ended");
}

/// Many bring different next heads at once: one is cosigned, and everybody else is told where that stands.
async fn raced(name: &str, stage: &Stage) {
    meet(stage, &stage.bo).await;
    let client = stage.client();
    // One history up to where a round begins; from there each goes its own way.
    let mut rows: Vec<String> = Vec::new();
    let mut signed = 0;
    for round in 0..20u64 {
        let old = rows.len() as u64;
        let way = |n: u64| {
            let own = (0..=n % 3).map(|row| format!("round {round} way {n} row {row}"));
            rows.iter().cloned().chain(own).collect::<Vec<_>>()
        };
        let ways: Vec<_> = (0..8).map(way).collect();
        let log = |rows: &[String]| Log {
            works: &stage.works,
            tree: Tree::from_leaf_hashes(rows.iter().map(|row| leaf_hash(row.as_bytes()))),
            by: "bo",
        };
        let bring = |rows: &Vec<String>| {
            let log = log(rows);
            Arc::new(request(PATH, log.from(old).to_text().as_bytes()))
        };
        let answers = at_once(&stage.addresses(), ways.iter().map(bring).collect()).await;
        let won: Vec<_> =
            ways.iter().zip(&answers).filter(|(_, a)| a.as_ref().is_some_and(|a| a.status == 200)).collect();
        let [(winner, _)] = won.as_slice() else {
            panic!("{name}, round {round}: {} were signed", won.len())
        };
        for lost in answers.iter().flatten().filter(|answer| answer.status != 200) {
            assert_eq!(stands(lost), winner.len() as u64, "{name}, round {round}: where the winner stands");
        }
        rows = (*winner).clone();
        let again = log(&rows).add(client, rows.len() as u64).await;
        assert_eq!(again.status, 200, "{name}, round {round}: it is what is stored");
        signed += 1;
    }
    println!("{name}: {signed} rounds of 8 heads at once, one signed in each");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_heads_at_once_one_is_signed_on_sqlite() {
    raced("sqlite", &Stage::new().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_heads_at_once_one_is_signed_by_two_relays_over_one_postgres() {
    match Stage::on_postgres(2).await {
        Ok(stage) => {
            let other = Client { address: stage.siblings[0].address, ..stage.client() };
            assert_eq!(witness(stage.client()).await, witness(other).await, "they share one key");
            raced("two relays over one postgres", &stage).await;
        }
        Err(why) => skipped("a race of checkpoints between two relays on PostgreSQL", &why),
    }
}

/// Asks until there is an answer.
async fn insist(client: Client, path: &str, body: &[u8]) -> Reply {
    let asking = async {
        loop {
            match client.say(&request(path, body)).await {
                // Its database was about to go away with it.
                Some(reply) if reply.status != 503 => return reply,
                _ => tokio::time::sleep(Duration::from_millis(2)).await,
            }
        }
    };
    tokio::time::timeout(PATIENCE, asking).await.expect("it comes back")
}

#[tokio::test(flavor = "multi_thread")]
async fn however_often_it_is_killed_what_it_signed_stands() {
    const STEPS: u64 = 60;
    let mut dice = Dice::seeded("checkpoints");
    let now = system_time();
    let works = Organisation::found("Example Works", now);
    let mut program = Program::start(&works);
    let client = Client { address: program.address, now };
    client.mail_of(&works.member("bo", &ALL), works.id(), Asking::default()).await;
    let key = witness(client).await;
    let submitting = tokio::spawn(async move {
        let works = Organisation::found("Example Works", now);
        let (mut old, mut lost) = (0, 0);
        for size in 1..=STEPS {
            let log = Log::of(&works, "one", size);
            let reply = insist(client, PATH, log.from(old).to_text().as_bytes()).await;
            if reply.status == 409 {
                // It was stored, and the answer was lost with the process.
                assert_eq!(stands(&reply), size, "either the old head or this one");
                let again = insist(client, PATH, log.from(size).to_text().as_bytes()).await;
                signed(&log, &key, &again);
                lost += 1;
            } else {
                signed(&log, &key, &reply);
            }
            // Another history of this size finds what was signed.
            let fork = Log::of(&works, "other", size);
            let reply = insist(client, PATH, fork.from(size).to_text().as_bytes()).await;
            assert_eq!(stands(&reply), size, "what was signed is stored");
            old = size;
        }
        lost
    });
    let mut kills = 0;
    while !submitting.is_finished() {
        tokio::time::sleep(Duration::from_micros(dice.below(20_000) as u64)).await;
        program.kill();
        kills += 1;
        program.start_again();
    }
    let lost = submitting.await.expect("all are signed");
    println!("{kills} kills within {STEPS} checkpoints: each was signed, {lost} after its answer was lost");
    assert!(kills >= 5, "{kills} kills show something");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_relay_that_ended_between_storing_and_answering_signs_the_same_when_asked_again() {
    let stage = Stage::new().await;
    meet(&stage, &stage.bo).await;
    let client = stage.client();
    let log = Log::of(&stage.works, "one", 5);
    // All that the dead one did: it stored the head.
    let path = stage.folder.as_ref().expect("a folder").path().join("relay.db");
    let store = SqliteStore::open(&path, seed("fresh")).await.expect("open");
    assert_eq!(store.advance(stage.works.id(), None, log.head()).await, Ok(true));
    drop(store);
    assert_eq!(stands(&log.add(client, 0).await), 5);
    let key = witness(client).await;
    signed(&log, &key, &log.add(client, 5).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_forked_ledger_is_forgotten_at_the_machine_and_the_right_one_is_signed_again() {
    let stage = Stage::new().await;
    meet(&stage, &stage.bo).await;
    let client = stage.client();
    let (right, fork) = (Log::of(&stage.works, "one", 9), Log::of(&stage.works, "fork", 7));
    assert_eq!(
        fork.add(client, 0).await.status,
        200,
        "a member brought a ledger that is not the organisation's"
    );
    assert_eq!(stands(&right.add(client, 0).await), 7);
    assert_eq!(right.add(client, 7).await.status, 422, "the right one is refused");
    let path = stage.folder.as_ref().expect("a folder").path().join("relay.db");
    let origin = Line::parse("https://relay.example").expect("a line");
    let operator = Operator::open(&DatabaseAt::Sqlite(path), &origin).await.expect("opened");
    let heads = operator.heads().await.expect("answered");
    assert_eq!(heads, [(stage.works.id(), Some(fork.head()))]);
    let wrong = Head { root: Digest([1; 32]), ..fork.head() };
    assert_eq!(operator.forget(stage.works.id(), wrong).await, Ok(false), "only what stands there");
    assert_eq!(operator.forget(stage.works.id(), fork.head()).await, Ok(true));
    assert_eq!(operator.heads().await.expect("answered"), [(stage.works.id(), None)]);
    let key = witness(client).await;
    signed(&right, &key, &right.add(client, 0).await);
    assert_eq!(stands(&fork.add(client, 0).await), 9, "and the fork is refused");
}
