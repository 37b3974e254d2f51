//! What a ledger brings to its witness, and what the witness signs.

use data_encoding::BASE64;
use serde_json::{Value as Json, json};

use super::{
    file::File,
    raw::{ed25519, kid, seed, sha256, signature},
    sealed::{grown, tree},
    world::{ADA, BO, Member, NOW, crockford, hex, organisation},
};

/// Under which name the witness signs.
const WITNESS: &str = "relay.example.com/witness";

/// Seed of the key of the witness.
pub fn key() -> [u8; 32] {
    seed("witness of the relay")
}

/// The leaves of a ledger of this history.
fn leaves(history: &str, size: usize) -> Vec<[u8; 32]> {
    (0..size).map(|row| sha256(&[&[0], format!("{history} {row}").as_bytes()])).collect()
}

fn origin() -> String {
    format!("countersign/{}", crockford(&organisation()))
}

/// Under which name a member signs checkpoints: the ledger's, and how its key begins.
fn name(member: &Member) -> String {
    format!("{}/{}", origin(), hex(&kid(&member.checkpoint())[..8]))
}

fn line(name: &str, kind: u8, public: &[u8; 32], signed: &[u8]) -> String {
    let id = sha256(&[name.as_bytes(), &[b'\n', kind], public]);
    format!("\u{2014} {name} {}\n", BASE64.encode(&[&id[..4], signed].concat()))
}

fn body(origin: &str, history: &str, size: usize) -> String {
    format!("{origin}\n{size}\n{}\n", BASE64.encode(&tree(&leaves(history, size))))
}

/// A line by a member under a checkpoint.
fn signed_by(member: &Member, body: &str) -> String {
    let seed = member.checkpoint();
    line(&name(member), 1, &ed25519(&seed), &signature(&seed, body.as_bytes()))
}

fn note(body: &str) -> String {
    format!("{body}\n{}", signed_by(&ADA, body))
}

/// What is posted.
fn asked(old: usize, proof: &[[u8; 32]], note: &str) -> String {
    let proof: String = proof.iter().map(|hash| BASE64.encode(hash) + "\n").collect();
    format!("old {old}\n{proof}\n{note}")
}

/// From so many rows to so many of one history.
fn grows(history: &str, old: usize, new: usize) -> String {
    let proof = if old == 0 { Vec::new() } else { grown(old, &leaves(history, new), true) };
    asked(old, &proof, &note(&body(&origin(), history, new)))
}

fn cosigned(text: &str, time: u64, seed: &[u8; 32]) -> String {
    let message = format!("cosignature/v1\ntime {time}\n{text}");
    let stamped = [time.to_be_bytes().as_slice(), &signature(seed, message.as_bytes())].concat();
    line(WITNESS, 4, &ed25519(seed), &stamped)
}

fn known(history: &str, size: usize) -> Json {
    json!({ "known": { "size": size, "root": hex(tree(&leaves(history, size))) } })
}

fn verifier_key(name: &str, kind: u8, public: &[u8]) -> String {
    let id = sha256(&[name.as_bytes(), &[b'\n', kind], public]);
    format!("{name}+{}+{}", hex(&id[..4]), BASE64.encode(&[[kind].as_slice(), public].concat()))
}

/// Checkpoints that are brought, cosignatures, and the key.
pub fn witnessed() -> File {
    let about = "What is posted to `add-checkpoint`, by a witness that knows of the ledger `origin` and takes signatures by \
                 `key` named `name`: `known` is what it signed last, nothing where it is null. What holds is answered by \
                 `cosignature`, of `time`, by `witness_seed` under `witness`; what does not with `status`, and 409 with \
                 `size`. Beside it cosigned checkpoints, and the witness's key as text.";
    let given = json!({
        "origin": origin(), "name": name(&ADA), "key": hex(ed25519(&ADA.checkpoint())), "known": null,
        "witness": WITNESS, "witness_seed": hex(key()), "witness_key": hex(ed25519(&key())), "time": NOW,
    });
    let mut f = File::new("witness", about, given);
    brought(&mut f);
    refused_forms(&mut f);
    refused_histories(&mut f);
    cosignatures(&mut f);
    keys(&mut f);
    f
}

fn brought(f: &mut File) {
    let mut good = |what: &str, asked: String, given: Json, size: usize| {
        let text = body(&origin(), "one", size);
        let says = json!({
            "size": size, "root": hex(tree(&leaves("one", size))), "cosignature": cosigned(&text, NOW, &key()),
        });
        f.push_good(
            json!({ "kind": "add-checkpoint", "name": what, "asked": asked, "given": given, "says": says }),
        );
    };
    good("the first checkpoint", grows("one", 0, 5), json!({}), 5);
    good("after an empty one", grows("one", 0, 5), known("one", 0), 5);
    good("from 3 to 7", grows("one", 3, 7), known("one", 3), 7);
    good("from 4 to 7", grows("one", 4, 7), known("one", 4), 7);
    good("from 6 to 13", grows("one", 6, 13), known("one", 6), 13);
    good("the same again", grows("one", 7, 7), known("one", 7), 7);
    let text = body(&origin(), "one", 7);
    let many = format!(
        "{text}\n{}{}{}",
        signed_by(&BO, &text),
        signed_by(&ADA, &text),
        cosigned(&text, NOW, &seed("other"))
    );
    let proof = grown(3, &leaves("one", 7), true);
    good("with signatures by others", asked(3, &proof, &many), known("one", 3), 7);
}

fn bad(f: &mut File, what: &str, asked: String, given: Json, status: u64) {
    let mut vector = json!({
        "kind": "add-checkpoint", "name": what, "asked": asked, "given": given, "status": status,
        "reason": format!("status/{status}"),
    });
    if status == 409 {
        vector["size"] = given["known"]["size"].as_u64().unwrap_or_default().into();
    }
    f.push_bad(vector);
}

fn refused_forms(f: &mut File) {
    let good = grows("one", 0, 5);
    let text = body(&origin(), "one", 5);
    let forms = [
        ("no size", good.replacen("old 0", "old", 1)),
        ("a size with a leading zero", good.replacen("old 0", "old 00", 1)),
        ("a size with a sign", good.replacen("old 0", "old +0", 1)),
        ("another word", good.replacen("old 0", "new 0", 1)),
        ("without an empty line", good.replacen("\n\n", "\n", 1)),
        ("an end of line of two characters", good.replacen("old 0\n", "old 0\r\n", 1)),
        (
            "a hash without its padding",
            good.replacen("old 0\n", &format!("old 0\n{}\n", BASE64.encode(&[7; 32]).replace('=', "")), 1),
        ),
        ("a hash of 31 bytes", good.replacen("old 0\n", &format!("old 0\n{}\n", BASE64.encode(&[7; 31])), 1)),
        ("64 hashes", asked(0, &[[7; 32]; 64], &note(&text))),
        ("a checkpoint that is no note", asked(0, &[], &text)),
        ("a note without its last newline", good.trim_end().to_owned()),
        ("an extension line", asked(0, &[], &note(&format!("{text}more\n")))),
        (
            "a size of the checkpoint with a leading zero",
            asked(0, &[], &note(&text.replace("\n5\n", "\n05\n"))),
        ),
    ];
    for (what, asked) in forms {
        bad(f, what, asked, json!({}), 400);
    }
    let strange = body("countersign/other", "one", 5);
    bad(f, "another ledger", asked(0, &[], &note(&strange)), json!({}), 404);
    let upper = body(&origin().to_uppercase(), "one", 5);
    bad(f, "the ledger in capitals", asked(0, &[], &note(&upper)), json!({}), 404);
    let by_bo = format!("{text}\n{}", signed_by(&BO, &text));
    bad(f, "signed by a key that is not known", asked(0, &[], &by_bo), json!({}), 403);
    let borrowed = seed("somebody else");
    let lie = format!(
        "{text}\n{}",
        line(&name(&ADA), 1, &ed25519(&ADA.checkpoint()), &signature(&borrowed, text.as_bytes()))
    );
    bad(f, "signed by another key under this one's name", asked(0, &[], &lie), json!({}), 403);
    let other_name =
        line("somebody", 1, &ed25519(&ADA.checkpoint()), &signature(&ADA.checkpoint(), text.as_bytes()));
    bad(f, "signed under another name", asked(0, &[], &format!("{text}\n{other_name}")), json!({}), 403);
    let altered = note(&text).replacen("\n5\n", "\n6\n", 1);
    bad(f, "another size than was signed", asked(0, &[], &altered), json!({}), 403);
    let other_root =
        note(&text).replacen(&BASE64.encode(&tree(&leaves("one", 5))), &BASE64.encode(&[7; 32]), 1);
    bad(f, "another root than was signed", asked(0, &[], &other_root), json!({}), 403);
    let twice = format!("{}{}", note(&text), signed_by(&ADA, &text));
    bad(f, "signed twice by the key", asked(0, &[], &twice), json!({}), 403);
    let ada = ADA.checkpoint();
    let stamped = line(
        &name(&ADA),
        4,
        &ed25519(&ada),
        &[&NOW.to_be_bytes()[..], &signature(&ada, text.as_bytes())].concat(),
    );
    bad(f, "cosigned by the key instead", asked(0, &[], &format!("{text}\n{stamped}")), json!({}), 403);
}

fn refused_histories(f: &mut File) {
    let at = |old: usize, size: usize| {
        let proof = grown(old.min(size), &leaves("one", size), true);
        asked(old, &proof, &note(&body(&origin(), "one", size)))
    };
    bad(f, "from more than it has", at(7, 5), known("one", 7), 400);
    bad(f, "from fewer than the witness knows", at(3, 9), known("one", 7), 409);
    bad(f, "from more than the witness knows", at(8, 9), known("one", 7), 409);
    bad(f, "from some where the witness knows none", at(3, 7), json!({}), 409);
    bad(f, "from none where the witness knows some", grows("one", 0, 9), known("one", 7), 409);
    bad(f, "a shorter ledger from its own size", at(5, 5), known("one", 7), 409);
    bad(f, "as long, with another root", grows("two", 7, 7), known("one", 7), 409);
    bad(f, "a longer one of another history", grows("two", 7, 9), known("one", 7), 422);
    let proof = grown(3, &leaves("one", 7), true);
    let with = |proof: &[[u8; 32]]| asked(3, proof, &note(&body(&origin(), "one", 7)));
    bad(f, "a proof without a hash", with(&proof[1..]), known("one", 3), 422);
    bad(f, "a proof with one more", with(&[proof.clone(), vec![[7; 32]]].concat()), known("one", 3), 422);
    let mut turned = proof.clone();
    turned.reverse();
    bad(f, "a proof in the other order", with(&turned), known("one", 3), 422);
    let mut flipped = proof;
    flipped[0][0] ^= 1;
    bad(f, "a bit of the proof turned", with(&flipped), known("one", 3), 422);
    bad(f, "without its proof", with(&[]), known("one", 3), 422);
    bad(
        f,
        "a proof where there is nothing to prove",
        asked(0, &[[7; 32]], &note(&body(&origin(), "one", 5))),
        json!({}),
        422,
    );
    let same = note(&body(&origin(), "one", 7));
    bad(f, "a proof for the same again", asked(7, &[[7; 32]], &same), known("one", 7), 422);
}

fn cosignatures(f: &mut File) {
    let text = body(&origin(), "one", 7);
    let whole = |lines: &str| format!("{text}\n{}{lines}", signed_by(&ADA, &text));
    let good = cosigned(&text, NOW, &key());
    f.push_good(json!({ "kind": "cosignature", "name": "under a checkpoint", "note": whole(&good), "says": { "time": NOW } }));
    let first = format!("{text}\n{good}{}", signed_by(&ADA, &text));
    f.push_good(json!({ "kind": "cosignature", "name": "before the log's own line", "note": first, "says": { "time": NOW } }));
    let mut bad = |name: &str, note: String, reason: &str| {
        f.push_bad(json!({ "kind": "cosignature", "name": name, "note": note, "reason": reason }));
    };
    bad("not cosigned", whole(""), "not-signed");
    bad("cosigned by another key", whole(&cosigned(&text, NOW, &seed("other"))), "not-signed");
    bad("cosigned twice", whole(&format!("{good}{}", cosigned(&text, NOW + 1, &key()))), "doubled");
    bad("over another size", whole(&good).replacen("\n7\n", "\n8\n", 1), "bad-signature");
    let later = |time: u64| {
        let message = format!("cosignature/v1\ntime {NOW}\n{text}");
        let stamped = [time.to_be_bytes().as_slice(), &signature(&key(), message.as_bytes())].concat();
        line(WITNESS, 4, &ed25519(&key()), &stamped)
    };
    bad("at another time", whole(&later(NOW + 1)), "bad-signature");
    let plain = line(WITNESS, 4, &ed25519(&key()), &signature(&key(), text.as_bytes()));
    bad("without a time", whole(&plain), "bad-signature");
    let untyped = line(WITNESS, 1, &ed25519(&key()), &signature(&key(), text.as_bytes()));
    bad("as a signature of the log", whole(&untyped), "not-signed");
    let elsewhere = good.replacen(WITNESS, "relay.example.org/witness", 1);
    bad("under another name", whole(&elsewhere), "not-signed");
}

fn keys(f: &mut File) {
    let public = ed25519(&key());
    let text = verifier_key(WITNESS, 4, &public);
    f.push_good(json!({ "kind": "witness-key", "name": "of a witness", "text": text, "says": { "name": WITNESS, "key": hex(public) } }));
    let id = hex(&sha256(&[WITNESS.as_bytes(), b"\n\x04", &public])[..4]);
    let bad = [
        ("a key of the type of logs", verifier_key(WITNESS, 1, &public)),
        ("a hash of another key", text.replacen(&id, "00000000", 1)),
        ("a hash in capitals", text.replacen(&id, &id.to_uppercase(), 1)),
        ("another name than was hashed", text.replacen("relay", "other", 1)),
        ("no name", verifier_key("", 4, &public)),
        ("a name with a space", verifier_key("relay witness", 4, &public)),
        ("a key of 31 bytes", verifier_key(WITNESS, 4, &public[1..])),
        ("a key with one byte more", verifier_key(WITNESS, 4, &[&public[..], &[0]].concat())),
        ("something behind it", format!("{text}+more")),
    ];
    for (name, text) in bad {
        f.push_bad(json!({ "kind": "witness-key", "name": name, "text": text, "reason": "no-key" }));
    }
}
