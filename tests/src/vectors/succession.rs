//! What two people exchange who replace the certifying keys by the keys on paper: Ada begins, Bo or somebody new answers.

use serde_json::{Value as Json, json};

use super::{
    file::File,
    founding::{certificate, cosigned, identity, papers_to_refuse, part, with_card},
    raw::{Value, array, bytes, ed25519, id, int, kid, map, seed, sha256, sign, sign1},
    world::{
        ADA, BO, CY, DAY, DEE, Member, NOW, certifiers_with, certifying, crockford, hex, organisation,
        other_root, root, root_claims, successor,
    },
};

/// When the answer was made.
const ANSWERED: u64 = NOW - 5 * DAY;

fn known(member: &Member) -> Value {
    map([
        (1, bytes(kid(&member.seed()))),
        (2, bytes(id(member.person))),
        (3, bytes(id(&format!("member {} {}", member.person, member.desk)))),
    ])
}

/// Ada's offer.
fn offer() -> Value {
    map([
        (1, bytes(organisation())),
        (2, array([bytes(root())])),
        (3, part(&ADA, "ada two", "offline left two")),
        (4, bytes(ed25519(&seed("offline left")))),
        (5, array([known(&ADA), known(&BO), known(&CY)])),
        (6, int(ANSWERED - DAY)),
    ])
}

fn sign_offer(body: &Value) -> Vec<u8> {
    sign1("succession-offer", body, &ADA.seed())
}

/// Version 2 as both draw it up, with this second person.
fn second_root(second: &Member, made: u64) -> Value {
    let revealed = ["offline left", "offline right"].map(|name| bytes(ed25519(&seed(name))));
    let name = format!("{} two", second.person);
    root_claims()
        .with(2, int(2))
        .with(3, certifiers_with(&[("ada", "ada two"), (second.person, &name)]))
        .with(5, bytes(successor("offline left two", "offline right two")))
        .with(6, int(made))
        .with(7, bytes(sha256(&[&root()])))
        .with(8, array(revealed))
}

fn certifying_two(member: &Member) -> [u8; 32] {
    certifying(&format!("{} two", member.person))
}

fn under_root(root: &Value, second: &Member) -> Value {
    array([seed("offline right"), certifying_two(second)].map(|key| cosigned("root", root, key)))
}

/// The answer of this person, at this time; `root_made` is that of version 2.
fn answer(second: &Member, made: u64, root_made: u64) -> Value {
    let certificates =
        [&ADA, second].map(|m| cosigned("certificate", &certificate(m, made), certifying_two(second)));
    map([
        (1, bytes(sha256(&[&sign_offer(&offer())]))),
        (2, part(second, &format!("{} two", second.person), "offline right two")),
        (3, bytes(ed25519(&seed("offline right")))),
        (4, int(made)),
        (5, under_root(&second_root(second, root_made), second)),
        (6, array(certificates)),
    ])
}

fn usual() -> Value {
    answer(&BO, ANSWERED, ANSWERED)
}

/// Offers of a succession.
pub fn succession_offers() -> File {
    let mut f = File::new("succession-offer", "What whoever begins a succession sends.", json!({}));
    let says = json!({ "organisation": crockford(&organisation()), "made": ANSWERED - DAY });
    f.good("of a member", &sign_offer(&offer()), &offer(), json!({}), says);
    let alone = offer().with(5, array([known(&ADA)]));
    f.good("of the only member", &sign_offer(&alone), &alone, json!({}), json!({}));
    papers_to_refuse(&mut f, "succession-offer", &offer(), 3, &ADA);
    let mut bad = |name: &str, body: Value, reason: &str| f.bad(name, &sign_offer(&body), json!({}), reason);
    let roots = |list: &[Vec<u8>]| offer().with(2, array(list.iter().map(bytes)));
    bad("without a root", roots(&[]), "document/too-few-signers");
    bad("with the root of another organisation", roots(&[other_root()]), "other");
    bad("of another organisation", offer().with(1, bytes(id("Other Works"))), "other");
    let half = sign("root", &root_claims(), &[certifying("ada")]);
    bad("with a root that one person signed", roots(&[half]), "document/too-few-signers");
    bad("with a version twice", roots(&[root(), root()]), "document/bad-content");
    let later = sign("root", &second_root(&BO, ANSWERED), &[certifying("ada two"), certifying("bo two")]);
    bad("with a version that no key on paper signed", roots(&[root(), later]), "document/too-few-signers");
    let strangers = offer().with(5, array([known(&BO), known(&CY)]));
    bad("by somebody who is no member of it", strangers, "other-member");
    let mut other = offer();
    other.at(3).set(1, bytes(id("somebody else")));
    bad("by a member as another person", other, "other-member");
    let mut moved = offer();
    moved.at(3).set(2, bytes(id("another desk")));
    bad("by a member on another desk", moved, "other-member");
    let weak = offer().with(4, bytes([0; 32]));
    bad("with a key on paper of small order", weak, "document/malformed/out-of-range");
    f
}

/// Answers of a succession.
pub fn succession_answers() -> File {
    let about = "What the other sends back. `offer` is what it answers; the offer holds. `half` and `certifying` are the \
                 seeds of the first one's key on paper and new certifying key, which complete root and certificates.";
    let given = json!({
        "offer": hex(sign_offer(&offer())),
        "half": hex(seed("offline left")),
        "certifying": hex(certifying("ada two")),
    });
    let mut f = File::new("succession-answer", about, given);
    let before = NOW - 130 * DAY;
    let good = [
        ("of a member", &BO, ANSWERED, ANSWERED),
        ("of somebody new", &DEE, ANSWERED, ANSWERED),
        ("on a clock before the root", &BO, before, NOW - 100 * DAY),
    ];
    for (name, second, made, root_made) in good {
        let body = answer(second, made, root_made);
        f.good(
            name,
            &sign1("succession-answer", &body, &second.seed()),
            &body,
            json!({}),
            whole(second, made, root_made),
        );
    }
    papers_to_refuse(&mut f, "succession-answer", &usual(), 2, &BO);
    other_people(&mut f);
    other_things_signed(&mut f);
    f
}

/// What the first makes of it.
fn whole(second: &Member, made: u64, root_made: u64) -> Json {
    let both = [certifying("ada two"), certifying_two(second)];
    let all = [seed("offline left"), seed("offline right"), both[0], both[1]];
    let certificates = [&ADA, second].map(|m| hex(sign("certificate", &certificate(m, made), &both)));
    json!({ "root": hex(sign("root", &second_root(second, root_made), &all)), "certificates": certificates })
}

fn other_people(f: &mut File) {
    let mut bad = |name: &str, body: &Value, key: [u8; 32], reason: &str| {
        f.bad(name, &sign1("succession-answer", body, &key), json!({}), reason);
    };
    let other = usual().with(1, bytes(sha256(&[b"another offer"])));
    bad("to another offer", &other, BO.seed(), "other");
    let strange = usual().with(3, bytes(ed25519(&seed("stranger right"))));
    bad("with a key on paper of another organisation", &strange, BO.seed(), "other-halves");
    let twice = usual().with(3, bytes(ed25519(&seed("offline left"))));
    bad("with the key on paper that the first holds", &twice, BO.seed(), "other-halves");
    let ada_again = with_card(
        part(&BO, "bo two", "offline right two"),
        &sign1("identity-card", &identity(&ADA), &ADA.seed()),
    );
    bad("by the first, as another person", &usual().with(2, ada_again), ADA.seed(), "other-member");
    let first = part(&ADA, "bo two", "offline right two");
    bad("by the first", &usual().with(2, first), ADA.seed(), "same-person");
    let edited = |body: &Value, label, value: [u8; 16]| {
        let mut body = body.clone();
        body.at(2).set(label, bytes(value));
        body
    };
    let person = edited(&answer(&DEE, ANSWERED, ANSWERED), 1, id("ada"));
    bad("by somebody new as the first's person", &person, DEE.seed(), "same-person");
    bad(
        "by a member as another person",
        &edited(&usual(), 1, id("somebody else")),
        BO.seed(),
        "other-member",
    );
    bad("by a member on another desk", &edited(&usual(), 2, id("another desk")), BO.seed(), "other-member");
    let shared = usual().with(2, part(&BO, "ada two", "offline right two"));
    bad("with the certifying key of the first", &shared, BO.seed(), "document/too-few-signers");
}

fn other_things_signed(f: &mut File) {
    let mut bad = |name: &str, body: Value, reason: &str| {
        f.bad(name, &sign1("succession-answer", &body, &BO.seed()), json!({}), reason);
    };
    let wrong = "drawn/bad-signature";
    let rooted = |root: Value| usual().with(5, under_root(&root, &BO));
    let second = || second_root(&BO, ANSWERED);
    bad("a root of another version", rooted(second().with(2, int(3))), wrong);
    bad(
        "a root that keeps the old successor",
        rooted(second().with(5, bytes(successor("offline left", "offline right")))),
        wrong,
    );
    bad("a root after another version", rooted(second().with(7, bytes(sha256(&[b"else"])))), wrong);
    bad("a root that names no key on paper", rooted(second().without(8)), wrong);
    bad("a root that became a sample", rooted(second().with(9, int(1))), wrong);
    let back = answer(&BO, NOW - 130 * DAY, NOW - 130 * DAY);
    bad("a root made before the version before it", back, wrong);
    let part = |key: [u8; 32]| cosigned("root", &second(), key);
    let (paper, new) = (seed("offline right"), certifying("bo two"));
    let signed = |keys: &[[u8; 32]]| usual().with(5, array(keys.iter().map(|k| part(*k))));
    let few = "drawn/too-few-signers";
    bad("a root signed by the key on paper alone", signed(&[paper]), few);
    bad("a root signed by the new key twice", signed(&[new, new]), "drawn/wrong-key");
    bad("a root whose signatures stand in the other order", signed(&[new, paper]), "drawn/wrong-key");
    bad("a root signed three times", signed(&[paper, new, new]), few);
    let certified = |list: &[&Value]| {
        let parts = list.iter().map(|c| cosigned("certificate", c, new));
        usual().with(6, array(parts))
    };
    let (ada, bo) = (certificate(&ADA, ANSWERED), certificate(&BO, ANSWERED));
    bad("one certificate", certified(&[&ada]), few);
    bad("the second's certificate first", certified(&[&bo, &ada]), wrong);
    bad(
        "a certificate that ends later",
        certified(&[&ada, &bo.clone().with(4, int(ANSWERED + 91 * DAY))]),
        wrong,
    );
}
