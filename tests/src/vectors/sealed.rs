//! Letters, leaves, blobs, proofs, links and codes: what is not signed as a document of its own.

use chacha20poly1305::{
    XChaCha20Poly1305, XNonce,
    aead::{Aead as _, KeyInit as _, Payload},
};
use data_encoding::{BASE32_NOPAD, BASE64, BASE64URL_NOPAD};
use serde_json::{Value as Json, json};

use super::{
    file::{File, flipped, trailed},
    member,
    raw::{
        Value, array, bytes, ed25519, enc_structure, encrypt0_value, hpke_seal, id, int, map, seed, sha256,
        sign1, signature, text, thumbprint, x25519,
    },
    world::{ADA, hex, organisation, partner_receiving},
};

/// Content as it is sealed: 0x80 and zeros up to a multiple.
pub fn padded(purpose: &str, content: &[u8]) -> Vec<u8> {
    let step = if purpose == "shared-key" { 64 } else { 512 };
    let mut all = [content, &[0x80]].concat();
    all.resize(all.len().next_multiple_of(step), 0);
    all
}

/// One letter over a padded plaintext, with a header that can be edited.
pub fn letter(
    purpose: &str,
    to: &[u8; 32],
    plaintext: &[u8],
    edit: impl Fn(&mut Value),
    parts: impl Fn(&mut Value),
) -> Vec<u8> {
    let mut header = map([(1, int(42)), (4, bytes(thumbprint(4, to)))]);
    edit(&mut header);
    let header = header.encode();
    let info = array([text("countersign-letter-v1"), text(purpose), bytes(organisation())]).encode();
    let ikm = seed(&format!("ephemeral letter {purpose}"));
    let Some((ek, ciphertext)) = hpke_seal(to, None, &info, &enc_structure(&header), plaintext, &ikm) else {
        unreachable!("a good key and a short text are always sealed")
    };
    let mut value = encrypt0_value(&header, &ek, &ciphertext);
    parts(&mut value);
    value.encode()
}

/// Letters.
pub fn letters() -> File {
    let secret = partner_receiving();
    let to = x25519(&secret);
    let given =
        json!({ "organisation": hex(organisation()), "receiving": hex(secret), "purpose": "to-partner" });
    let about = "Letters to the private receiving key `receiving`; `plaintext` is without its padding. `ikm` is what RFC 9180 \
                 DeriveKeyPair made the ephemeral key from.";
    let mut f = File::new("letter", about, given);
    let content = |purpose: &str| format!("what is sent {purpose}, 32 bytes or more of it").into_bytes();
    let good = [
        ("to-organisation", "to-organisation", content("to-organisation")),
        ("to-partner", "to-partner", content("to-partner")),
        ("shared-key", "shared-key", seed("epoch 3").to_vec()),
        ("nothing at all", "to-partner", Vec::new()),
        ("511 bytes: the last that takes one step", "to-partner", vec![0x80; 511]),
        ("512 bytes: the first that takes two", "to-organisation", vec![0; 512]),
    ];
    for (name, purpose, plaintext) in good {
        let sealed = letter(purpose, &to, &padded(purpose, &plaintext), |_| (), |_| ());
        let ikm = hex(seed(&format!("ephemeral letter {purpose}")));
        f.push_good(json!({
            "name": name, "document": hex(&sealed), "plaintext": hex(&plaintext), "ikm": ikm, "given": { "purpose": purpose },
        }));
    }
    refused_letters(&mut f, &to);
    f
}

fn refused_letters(f: &mut File, to: &[u8; 32]) {
    let hello = padded("to-partner", b"hello");
    let sealed = letter("to-partner", to, &hello, |_| (), |_| ());
    let mut bad = |name: &str, document: &[u8], given: Json| f.bad(name, document, given, "unopened");
    bad("opened for another purpose", &sealed, json!({ "purpose": "shared-key" }));
    bad("opened for another organisation", &sealed, json!({ "organisation": hex(id("Other Works")) }));
    bad("opened with another key", &sealed, json!({ "receiving": hex(seed("receiving quinn")) }));
    bad("a bit of the ciphertext turned", &flipped(&sealed, sealed.len() - 1), json!({}));
    bad("something behind it", &trailed(&sealed), json!({}));
    bad("without its tag", &sealed[1..], json!({}));
    let built =
        |edit: &dyn Fn(&mut Value), parts: &dyn Fn(&mut Value)| letter("to-partner", to, &hello, edit, parts);
    bad("a label beside algorithm and key id", &built(&|h| h.set(16, text("x")), &|_| ()), json!({}));
    bad("algorithm 50 (HPKE-4-KE)", &built(&|h| h.set(1, int(50)), &|_| ()), json!({}));
    bad("ek protected", &built(&|h| h.set(-4, bytes([9; 32])), &|v| v.items()[1] = map([])), json!({}));
    bad("a second unprotected label", &built(&|_| (), &|v| v.items()[1].set(4, bytes([1]))), json!({}));
    bad("an ek of 31 bytes", &built(&|_| (), &|v| v.items()[1] = map([(-4, bytes([9; 31]))])), json!({}));
    bad("an ek of small order", &built(&|_| (), &|v| v.items()[1] = map([(-4, bytes([0; 32]))])), json!({}));
    let of = |plaintext: &[u8]| letter("to-partner", to, plaintext, |_| (), |_| ());
    bad("content without padding", &of(b"hello"), json!({}));
    bad("512 bytes without an end mark", &of(&[7; 512]), json!({}));
    bad("nothing but zeros", &of(&[0; 512]), json!({}));
    bad("no plaintext", &of(&[]), json!({}));
    bad("padding of another byte", &of(&[b"hello\x80".as_slice(), &[1; 506]].concat()), json!({}));
    bad("a step of padding too much", &of(&[hello.as_slice(), &[0; 512]].concat()), json!({}));
    bad(
        "padding to 64 bytes where 512 are due",
        &of(&[b"hello\x80".as_slice(), &[0; 58]].concat()),
        json!({}),
    );
    f.push_bad(json!({
        "name": "larger than 128 KiB", "document": hex(&sealed), "append_zeros": 128 * 1024, "given": {}, "reason": "unopened",
    }));
}

fn hkdf(key: &[u8; 32], info: &[u8]) -> [u8; 32] {
    let mut out = [0; 32];
    let long = hkdf::Hkdf::<sha2::Sha256>::new(None, key).expand(info, &mut out);
    if long.is_err() { unreachable!("32 bytes are one block") } else { out }
}

fn xchacha(key: &[u8; 32], nonce: &[u8; 24], aad: &[u8], msg: &[u8]) -> Vec<u8> {
    let cipher = XChaCha20Poly1305::new(key.into());
    cipher.encrypt(<&XNonce>::from(nonce), Payload { msg, aad }).unwrap_or_default()
}

fn nonce(name: &str) -> [u8; 24] {
    let hash = seed(name);
    core::array::from_fn(|i| hash[i])
}

fn leaf(epoch_key: &[u8; 32], plaintext: &[u8]) -> Value {
    let op = id("operation one");
    let key = hkdf(epoch_key, &[b"countersign-entry-key-v1".as_slice(), &op].concat());
    let aad = array([bytes(organisation()), int(3), bytes(op)]).encode();
    map([
        (1, int(3)),
        (2, bytes(op)),
        (3, bytes(sha256(&[b"countersign-entry-v1", &key]))),
        (4, bytes(nonce("leaf"))),
        (5, bytes(xchacha(&key, &nonce("leaf"), &aad, plaintext))),
    ])
}

/// Sealed entries.
pub fn leaves() -> File {
    let epoch_key = seed("epoch 3");
    let given = json!({ "organisation": hex(organisation()), "epoch_key": hex(epoch_key) });
    let mut f = File::new("leaf", "Ledger leaves, opened with the epoch key.", given);
    let document = sign1("entry", &member::entry(), &ADA.seed());
    let sealed = leaf(&epoch_key, &document);
    let key = hkdf(&epoch_key, &[b"countersign-entry-key-v1".as_slice(), &id("operation one")].concat());
    f.push_good(json!({
        "name": "a signed entry", "document": hex(sealed.encode()), "plaintext": hex(&document), "given": {},
        "epoch": 3, "op_id": hex(id("operation one")), "nonce": hex(nonce("leaf")), "entry_key": hex(key),
        "epoch_commitment": hex(sha256(&[b"countersign-epoch-v1", &epoch_key])),
        "leaf_hash": hex(sha256(&[&[0], &sealed.encode()])),
    }));
    let mut bad =
        |name: &str, document: &[u8], given: Json, reason: &str| f.bad(name, document, given, reason);
    bad("another epoch key", &sealed.encode(), json!({ "epoch_key": hex(seed("epoch 4")) }), "other-key");
    bad(
        "another operation",
        &sealed.clone().with(2, bytes(id("operation two"))).encode(),
        json!({}),
        "other-key",
    );
    bad("another commitment", &sealed.clone().with(3, bytes([3; 32])).encode(), json!({}), "other-key");
    bad("another epoch number", &sealed.clone().with(1, int(4)).encode(), json!({}), "not-authentic");
    bad("another nonce", &sealed.clone().with(4, bytes([4; 24])).encode(), json!({}), "not-authentic");
    bad(
        "a bit of the ciphertext turned",
        &flipped(&sealed.encode(), sealed.encode().len() - 1),
        json!({}),
        "not-authentic",
    );
    bad(
        "opened for another organisation",
        &sealed.encode(),
        json!({ "organisation": hex(id("Other Works")) }),
        "not-authentic",
    );
    bad("something behind it", &trailed(&sealed.encode()), json!({}), "malformed/trailing");
    bad("an unknown label", &sealed.clone().with(6, int(1)).encode(), json!({}), "malformed/unknown-label");
    f
}

fn blob(name_of: &[u8], content: &[u8]) -> ([u8; 32], Value) {
    let epoch_key = seed("epoch 3");
    let (salt, own) = (id("salt blob"), seed("blob key"));
    let name = sha256(&[b"countersign-blob-name-v1", &salt, &sha256(&[name_of])]);
    let aad = array([bytes(organisation()), int(3), bytes(name)]).encode();
    let wrapping = hkdf(&epoch_key, b"countersign-blob-v1");
    let salted = map([(1, bytes(salt)), (2, bytes(content))]).encode();
    let stored = map([
        (1, int(3)),
        (2, bytes(nonce("blob wrap"))),
        (3, bytes(xchacha(&wrapping, &nonce("blob wrap"), &aad, &own))),
        (4, bytes(nonce("blob"))),
        (5, bytes(xchacha(&own, &nonce("blob"), &aad, &salted))),
    ]);
    (name, stored)
}

/// Erasable blobs.
pub fn blobs() -> File {
    let content = "Ada Example".as_bytes();
    let (name, stored) = blob(content, content);
    let given =
        json!({ "organisation": hex(organisation()), "epoch_key": hex(seed("epoch 3")), "blob": hex(name) });
    let mut f =
        File::new("blob", "Erasable blobs stored under the name `blob`, opened with the epoch key.", given);
    f.push_good(json!({ "name": "a display name", "document": hex(stored.encode()), "plaintext": hex(content), "given": {} }));
    let mut bad =
        |what: &str, document: &[u8], given: Json, reason: &str| f.bad(what, document, given, reason);
    bad("stored under another name", &stored.encode(), json!({ "blob": hex([1; 32]) }), "not-authentic");
    bad("another epoch key", &stored.encode(), json!({ "epoch_key": hex(seed("epoch 4")) }), "not-authentic");
    bad("another epoch number", &stored.clone().with(1, int(2)).encode(), json!({}), "not-authentic");
    bad(
        "a wrapped key of 47 bytes",
        &stored.clone().with(3, bytes([1; 47])).encode(),
        json!({}),
        "malformed/out-of-range",
    );
    bad("something behind it", &trailed(&stored.encode()), json!({}), "malformed/trailing");
    let (lied, other) = blob(content, b"Eve Example");
    bad(
        "content that its name does not bind",
        &other.encode(),
        json!({ "blob": hex(lied) }),
        "other-content",
    );
    f
}

fn node(l: &[u8; 32], r: &[u8; 32]) -> [u8; 32] {
    sha256(&[&[1], l, r])
}

fn split(n: usize) -> usize {
    1 << (n - 1).ilog2()
}

pub(super) fn tree(leaves: &[[u8; 32]]) -> [u8; 32] {
    match leaves {
        [] => sha256(&[]),
        [one] => *one,
        many => {
            let (l, r) = many.split_at(split(many.len()));
            node(&tree(l), &tree(r))
        }
    }
}

/// PATH of RFC 9162, 2.1.3.1.
fn path(at: usize, leaves: &[[u8; 32]]) -> Vec<[u8; 32]> {
    if leaves.len() < 2 {
        return Vec::new();
    }
    let (l, r) = leaves.split_at(split(leaves.len()));
    let (mut path, other) =
        if at < l.len() { (path(at, l), tree(r)) } else { (path(at - l.len(), r), tree(l)) };
    path.push(other);
    path
}

/// SUBPROOF of RFC 9162, 2.1.4.1.
pub(super) fn grown(old: usize, leaves: &[[u8; 32]], whole: bool) -> Vec<[u8; 32]> {
    if old == leaves.len() {
        return if whole { Vec::new() } else { vec![tree(leaves)] };
    }
    let (l, r) = leaves.split_at(split(leaves.len()));
    let (mut proof, other) = if old <= l.len() {
        (grown(old, l, whole), tree(r))
    } else {
        (grown(old - l.len(), r, false), tree(l))
    };
    proof.push(other);
    proof
}

/// The Merkle tree, checkpoints and proofs.
pub fn proofs() -> File {
    let rows: Vec<Vec<u8>> = (0..7u8).map(|i| vec![i; usize::from(i) * 3]).collect();
    let leaves: Vec<[u8; 32]> = rows.iter().map(|r| sha256(&[&[0], r])).collect();
    let roots: Vec<String> = (0..=7).map(|n| hex(tree(&leaves[..n]))).collect();
    let (seed, name) = (ADA.checkpoint(), "countersign.example/ada");
    let given = json!({ "rows": rows.iter().map(hex).collect::<Vec<_>>(), "roots": roots, "name": name, "key": hex(ed25519(&seed)) });
    let mut f = File::new(
        "proof",
        "The tree over `rows`; `roots[n]` is its root over the first n. Notes are by `key` named `name`.",
        given,
    );
    let hexes = |proof: Vec<[u8; 32]>| proof.iter().map(hex).collect::<Vec<_>>();
    for size in 1..=7usize {
        let at = size * 5 % size.max(2) % size;
        f.push_good(json!({ "name": format!("row {at} of {size}"), "inclusion": { "index": at, "size": size, "path": hexes(path(at, &leaves[..size])) } }));
        let proof = hexes(grown(size, &leaves, true));
        f.push_good(json!({ "name": format!("7 begins with {size}"), "consistency": { "old": size, "new": 7, "path": proof } }));
    }
    let origin = "countersign.example/log/made-up";
    let body = format!("{origin}\n7\n{}\n", BASE64.encode(&tree(&leaves)));
    let public = ed25519(&seed);
    let key_id = sha256(&[name.as_bytes(), b"\n\x01", &public]);
    let line = |s: &[u8]| format!("\u{2014} {name} {}\n", BASE64.encode(&[&key_id[..4], s].concat()));
    let note = format!("{body}\n{}", line(&signature(&seed, body.as_bytes())));
    f.push_good(json!({ "name": "a checkpoint", "note": note, "origin": origin, "size": 7, "root": hex(tree(&leaves)) }));
    let text = |path: Vec<[u8; 32]>| {
        let hashes: String = path.iter().map(|h| BASE64.encode(h) + "\n").collect();
        format!("c2sp.org/tlog-proof@v1\nindex 4\n{hashes}\n{note}")
    };
    f.push_good(json!({ "name": "row 4, on its own", "proof": text(path(4, &leaves)), "row": hex(&rows[4]), "index": 4 }));
    f.push_bad(json!({ "name": "another row", "proof": text(path(4, &leaves)), "row": hex(&rows[5]), "reason": "proof/wrong-root" }));
    f.push_bad(json!({ "name": "a hash missing", "proof": text(path(4, &leaves)[1..].to_vec()), "row": hex(&rows[4]), "reason": "proof/wrong-length" }));
    let forged = note.replace("\n7\n", "\n8\n");
    f.push_bad(json!({ "name": "another size", "note": forged, "reason": "bad-signature" }));
    let doubled = format!("{note}{}", line(&signature(&seed, body.as_bytes())));
    f.push_bad(json!({ "name": "signed twice", "note": doubled, "reason": "doubled" }));
    f.push_bad(json!({ "name": "an extension line", "note": sign_note(&format!("{body}more\n"), &line, &seed), "reason": "not-checkpoint" }));
    let zero = body.replace("\n7\n", "\n07\n");
    f.push_bad(json!({ "name": "a size with a leading zero", "note": sign_note(&zero, &line, &seed), "reason": "not-checkpoint" }));
    f
}

fn sign_note(body: &str, line: &impl Fn(&[u8]) -> String, seed: &[u8; 32]) -> String {
    format!("{body}\n{}", line(&signature(seed, body.as_bytes())))
}

/// Links and codes.
pub fn deliveries() -> File {
    let mut f = File::new("delivery", "Links and codes: how an envelope and its secret travel.", json!({}));
    let (cti, secret) =
        (BASE64URL_NOPAD.encode(&id("envelope one")), BASE64URL_NOPAD.encode(&seed("link secret one")));
    let read = json!({ "relay": "relay.example.com", "cti": hex(id("envelope one")), "secret": hex(seed("link secret one")) });
    for link in [
        format!("https://relay.example.com/e/{cti}#{secret}"),
        format!("countersign://e/relay.example.com/{cti}#{secret}"),
    ] {
        f.push_good(json!({ "name": "a link", "link": link, "says": read }));
    }
    let bad = [
        ("# rewritten", format!("https://relay.example.com/e/{cti}%23{secret}"), "mangled"),
        ("no secret", format!("https://relay.example.com/e/{cti}"), "no-secret"),
        ("a short secret", format!("https://relay.example.com/e/{cti}#abc"), "no-secret"),
        ("white space behind #", format!("https://relay.example.com/e/{cti}# {secret}"), "no-secret"),
        ("another scheme", format!("ftp://relay.example.com/e/{cti}#{secret}"), "not-a-link"),
        ("without TLS", format!("http://relay.example.com/e/{cti}#{secret}"), "not-a-link"),
        (
            "a host that only begins like this computer",
            format!("http://127.0.0.1.example.com/e/{cti}#{secret}"),
            "not-a-link",
        ),
        ("a user name", format!("https://you@relay.example.com/e/{cti}#{secret}"), "not-a-link"),
        ("a short id", format!("https://relay.example.com/e/abcd#{secret}"), "not-a-link"),
    ];
    for (name, link, reason) in bad {
        f.push_bad(json!({ "name": name, "link": link, "reason": reason }));
    }
    let whole: Vec<u8> = (0..1_000u32).map(|i| (i * 7 % 251) as u8).collect();
    let mark = BASE32_NOPAD.encode(&sha256(&[&whole])[..5]);
    let part = |(i, chunk): (usize, &[u8])| format!("CS1:{}/3:{mark}:{}", i + 1, base45::encode(chunk));
    let mut parts: Vec<String> = whole.chunks(420).enumerate().map(part).collect();
    f.push_good(json!({ "name": "three codes", "parts": parts, "document": hex(&whole) }));
    parts.reverse();
    f.push_good(json!({ "name": "three codes backwards", "parts": parts, "document": hex(&whole) }));
    f.push_bad(json!({ "name": "a code missing", "parts": parts[1..], "reason": "missing" }));
    let strange = parts[1].replace(&mark, "AAAAAAAA");
    f.push_bad(json!({ "name": "a code of another envelope", "parts": [&parts[0], &strange, &parts[2]], "reason": "mixed" }));
    f.push_bad(json!({ "name": "no code of ours", "parts": ["HELLO"], "reason": "not-a-part" }));
    let lied: Vec<String> = parts.iter().map(|p| p.replace(&mark, "AAAAAAAA")).collect();
    f.push_bad(json!({ "name": "codes with another mark", "parts": lied, "reason": "damaged" }));
    f.push_bad(json!({ "name": "a number with a leading zero", "parts": [parts[0].replace("CS1:3/", "CS1:03/")], "reason": "not-a-part" }));
    armored(&mut f, &whole);
    f
}

/// Documents as text, made line by line.
fn armored(f: &mut File, whole: &[u8]) {
    let lined = |label: &str, width: usize, document: &[u8]| {
        let base64 = BASE64.encode(document);
        let lines: Vec<&str> =
            base64.as_bytes().chunks(width).filter_map(|line| core::str::from_utf8(line).ok()).collect();
        format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", lines.join("\n"))
    };
    let text = lined("COUNTERSIGN", 64, whole);
    for (name, document) in
        [("a text", whole), ("a text of one line", &whole[..48]), ("a text that is padded", &whole[..49])]
    {
        f.push_good(
            json!({ "name": name, "text": lined("COUNTERSIGN", 64, document), "document": hex(document) }),
        );
    }
    let mailed = format!("\r\n {}\r\n", text.replace('\n', "\r\n"));
    f.push_good(
        json!({ "name": "a text with an e-mail's ends of lines", "text": mailed, "document": hex(whole) }),
    );
    let bad = [
        ("a text of another label", lined("CERTIFICATE", 64, whole), "not-armored"),
        ("lines of 76 characters", lined("COUNTERSIGN", 76, whole), "damaged"),
        ("a text without its end", text.replace("-----END COUNTERSIGN-----\n", ""), "damaged"),
        ("a text quoted", text.replace('\n', "\n> "), "damaged"),
        ("something behind the text", format!("{text}and more"), "damaged"),
        ("a text of nothing", lined("COUNTERSIGN", 64, &[]), "damaged"),
        ("bits behind the last byte", lined("COUNTERSIGN", 64, &[0; 1]).replace("AA==", "AB=="), "damaged"),
        ("no document", "HELLO".to_owned(), "not-armored"),
    ];
    for (name, text, reason) in bad {
        f.push_bad(json!({ "name": name, "text": text, "reason": reason }));
    }
}
