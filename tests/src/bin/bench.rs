//! Sealing and opening, compared with the primitives they cannot do without.
//!
//! Rounds are interleaved and timed by the processor time of this thread, so that other work on the machine counts
//! as little as it can; the lower quartile of the rounds stands. The limit of sealing is one X25519 base
//! multiplication, one X25519 agreement, one Ed25519 signature and one AEAD; that of opening is one agreement, one
//! Ed25519 verification per signature present, and one AEAD. Messages have the lengths they really have.
#![allow(clippy::unwrap_used, reason = "a failure is to end the measurement")]
#![allow(clippy::print_stdout, reason = "the table is what this is for")]

#[path = "../../attacks/world.rs"]
#[allow(dead_code, reason = "shared with the attacks, which use all of it")]
mod world;

use std::{hint::black_box, time::Duration};

use chacha20poly1305::{
    ChaCha20Poly1305, KeyInit as _,
    aead::{Aead as _, Payload},
};
use countersign_documents::{Digest, Reader, Secret32, Writer, approval::Approval, certificate::Certificate};
use countersign_envelope::{Countersigned, Sealed, SignerProof, Unverified, letter};
use ed25519_dalek::Signer as _;
use rustix::time::{ClockId, clock_gettime};
use zeroize::Zeroizing;

use world::{Dice, NOW, Organisation, Partner, Roles, Signed, THIRD_SEALS, THREE_SIGN, TWO, deliver, open};

/// How often everything is measured.
const ROUNDS: usize = 60;
/// How often in a row within a round.
const TIMES: u32 = 12;

/// Ratios that are aimed at.
const SEAL_AIM: f64 = 1.5;
const OPEN_AIM: f64 = 1.35;
/// Bytes that an envelope with two signatures may take.
const SIZE_AIM: usize = 2_600;

fn cpu() -> Duration {
    let now = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(now.tv_sec as u64, now.tv_nsec as u32)
}

/// Microseconds of processor time that one call takes.
fn timed(mut what: impl FnMut()) -> f64 {
    let start = cpu();
    (0..TIMES).for_each(|_| what());
    (cpu() - start).as_secs_f64() * 1e6 / f64::from(TIMES)
}

/// Measurements under their names, in the order in which they first came.
#[derive(Default)]
struct Measured(Vec<(&'static str, Vec<f64>)>);

impl Measured {
    fn add(&mut self, name: &'static str, what: impl FnMut()) {
        let value = timed(what);
        match self.0.iter_mut().find(|(n, _)| *n == name) {
            Some((_, values)) => values.push(value),
            None => self.0.push((name, vec![value])),
        }
    }

    fn quartile(&self, name: &str) -> f64 {
        let mut values = self.0.iter().find(|(n, _)| *n == name).unwrap().1.clone();
        values.sort_by(f64::total_cmp);
        values[values.len() / 4]
    }
}

/// One arrangement of people.
struct Subject {
    name: &'static str,
    roles: Roles,
    signed: Signed,
    countersigned: Countersigned,
    sealed: Sealed,
    /// Lengths of the messages under all signatures present: the envelope's, two per certificate, the approvals'.
    messages: Vec<usize>,
    plaintext: usize,
}

impl Subject {
    fn new(name: &'static str, roles: Roles, from: &Organisation, to: &Partner) -> Self {
        let mut dice = Dice::new(name, 1);
        let signed = Signed::new(from, to, roles, &mut dice);
        let countersigned = signed.countersigned(from);
        let sealed = deliver(from, to, &countersigned, roles.sealer, &dice.key(), &mut dice);
        let mut documents: Vec<&[u8]> = signed.signatures.iter().map(|s| s.certificate.as_slice()).collect();
        documents.push(&from.members[roles.sealer].document);
        documents.sort_unstable();
        documents.dedup();
        let (envelope, plaintext) = lengths(&sealed.bytes);
        let mut messages = vec![envelope];
        // What is signed of a certificate is the document without its two signatures of 100 bytes and more.
        messages.extend(documents.iter().flat_map(|d| [d.len() - 216, d.len() - 216]));
        messages.extend(signed.signatures.iter().map(|s| s.approval.len() - 70));
        Self { name, roles, signed, countersigned, sealed, messages, plaintext }
    }
}

/// Lengths of the signed message and of the plaintext of an envelope.
fn lengths(envelope: &[u8]) -> (usize, usize) {
    let mut r = Reader::new(envelope);
    r.tag(18).unwrap();
    r.array_exact(4).unwrap();
    let protected = r.bytes().unwrap();
    let labels = r.map().unwrap();
    labels.end(&mut r).unwrap();
    let payload = r.bytes().unwrap();
    let mut w = Writer::default();
    w.text("Signature1");
    let mut p = Reader::new(payload);
    p.tag(16).unwrap();
    p.array_exact(3).unwrap();
    p.bytes().unwrap();
    let mut labels = p.map().unwrap();
    labels.demand(&mut p, -4).unwrap();
    p.bytes().unwrap();
    let ciphertext = p.bytes().unwrap();
    (w.finish().len() + protected.len() + payload.len() + 8, ciphertext.len() - 16)
}

/// The primitives by themselves, with keys that are ready to use.
struct Primitives {
    mine: x25519_dalek::StaticSecret,
    theirs: x25519_dalek::PublicKey,
    signing: ed25519_dalek::SigningKey,
    cipher: ChaCha20Poly1305,
}

impl Primitives {
    fn new() -> Self {
        let mut dice = Dice::new("primitives", 1);
        Self {
            mine: x25519_dalek::StaticSecret::from(dice.bytes()),
            theirs: x25519_dalek::PublicKey::from(&x25519_dalek::StaticSecret::from(dice.bytes())),
            signing: ed25519_dalek::SigningKey::from_bytes(&dice.bytes()),
            cipher: ChaCha20Poly1305::new(&dice.bytes().into()),
        }
    }

    /// Measures what an envelope of these lengths cannot do without.
    fn measure(&self, messages: &[usize], plaintext: usize, into: &mut Measured) {
        into.add("X25519 base", || _ = black_box(x25519_dalek::PublicKey::from(black_box(&self.mine))));
        into.add("X25519 agreement", || _ = black_box(black_box(&self.mine).diffie_hellman(&self.theirs)));
        let message = vec![7; messages[0]];
        into.add("Ed25519 sign", || _ = black_box(self.signing.sign(black_box(&message))));
        let key = self.signing.verifying_key();
        let signed: Vec<_> =
            messages.iter().map(|len| vec![7; *len]).map(|m| (self.signing.sign(&m), m)).collect();
        into.add("Ed25519 verify, all", || {
            signed.iter().for_each(|(signature, m)| key.verify_strict(black_box(m), signature).unwrap());
        });
        let (text, nonce, aad) = (vec![7; plaintext], [7; 12].into(), [7; 90]);
        let payload = || Payload { msg: &text, aad: &aad };
        let sealed = self.cipher.encrypt(&nonce, payload()).unwrap();
        into.add("AEAD seal", || _ = black_box(self.cipher.encrypt(&nonce, payload()).unwrap()));
        into.add("AEAD open", || {
            _ = black_box(self.cipher.decrypt(&nonce, Payload { msg: &sealed, aad: &aad }).unwrap())
        });
    }
}

fn measure(subject: &Subject, from: &Organisation, to: &Partner) -> Measured {
    let (primitives, mut measured) = (Primitives::new(), Measured::default());
    let key = Dice::new("bench key", 1).key();
    let (mut number, sealer) = (0, subject.roles.sealer);
    for _ in 0..ROUNDS {
        measured.add("seal", || {
            number += 1;
            let mut dice = Dice::new("bench", number);
            black_box(deliver(from, to, &subject.countersigned, sealer, &key, &mut dice));
        });
        primitives.measure(&subject.messages, subject.plaintext, &mut measured);
        measured.add("open", || {
            black_box(open(&subject.sealed.bytes, &from.root, to, &subject.sealed.secret).unwrap().open());
        });
        measured.add("check", || _ = black_box(subject.signed.countersigned(from)));
        pieces(subject, from, to, &mut measured);
    }
    measured
}

/// Where the time goes beside the primitives.
fn pieces(subject: &Subject, from: &Organisation, to: &Partner, measured: &mut Measured) {
    let certificate = &from.members[subject.roles.sealer].document;
    measured.add("certificate, verified", || {
        _ = black_box(Certificate::verify(certificate, &from.root).unwrap())
    });
    let parsed = Certificate::verify(certificate, &from.root).unwrap().body;
    let payload = parsed.payload();
    measured.add("certificate, only decoded", || {
        black_box(countersign_documents::decode::<Certificate>(black_box(&payload)).unwrap());
    });
    let (approval, reviewer) = (&subject.signed.signatures[0].approval, from.members[0].key.public());
    measured.add("approval, verified", || _ = black_box(Approval::verify(approval, &reviewer).unwrap()));
    let encoded = countersign_documents::encode(&subject.signed.grant);
    measured.add("grant, decoded", || {
        black_box(
            countersign_documents::decode::<countersign_documents::grant::Grant>(black_box(&encoded))
                .unwrap(),
        );
    });
    measured.add("grant, digest", || _ = black_box(subject.signed.grant.digest()));
    let point = *reviewer.as_bytes();
    measured.add("signing key, parsed", || {
        _ = black_box(countersign_documents::VerifyingKey::parse(black_box(&point)))
    });
    let receiving = *to.receiving.public().as_bytes();
    measured.add("receiving key, parsed", || {
        _ = black_box(countersign_documents::ReceivingKey::parse(black_box(&receiving)))
    });
    measured.add("receiving key, public half", || _ = black_box(to.receiving.public()));
    let (text, seed, id) = (vec![7; subject.plaintext], Secret32::new([1; 32]), from.root.organisation);
    let (purpose, key) = (letter::Purpose::ToPartner, to.receiving.public());
    let sealed = letter::seal(purpose, id, &key, &text, &seed).unwrap();
    measured.add("HPKE of this length, sealed as a letter", || {
        _ = black_box(letter::seal(purpose, id, &key, &text, &seed))
    });
    measured.add("HPKE of this length, opened as a letter", || {
        _ = black_box(letter::open(purpose, id, &to.receiving, &sealed))
    });
    measured.add("outer signature and sealer's certificate", || {
        black_box(Unverified::new(&subject.sealed.bytes).outer(&from.root, NOW, NOW).unwrap().claims);
    });
    measured.add("SHA-256 of the envelope", || _ = black_box(Digest::of(&subject.sealed.bytes)));
    measured.add("two buffers of 64 KiB, wiped", || {
        let buffer = || Zeroizing::new(Vec::<u8>::with_capacity(countersign_envelope::LIMIT));
        black_box((buffer(), buffer()));
    });
    measured.add("randomness and consignment of the bench", || {
        let mut dice = Dice::new("bench", 1);
        black_box((dice.id(), dice.id(), dice.secret(), dice.secret(), dice.bytes()));
    });
}

/// Bytes of an envelope that two people signed for the least there is to grant.
fn leanest(from: &Organisation, to: &Partner) -> usize {
    let mut dice = Dice::new("leanest", 1);
    let mut grant = world::grant(from, to, &mut dice);
    grant.scopes.truncate(1);
    grant.networks.truncate(1);
    grant.identity_checks.truncate(1);
    grant.unenforceable.clear();
    let signed = Signed::under(grant, from, TWO, &mut dice).countersigned(from);
    deliver(from, to, &signed, TWO.sealer, &dice.key(), &mut dice).bytes.len()
}

fn main() {
    let (from, to) = (Organisation::new(1), Partner::new(1));
    let subjects = [
        Subject::new("two people, the approver seals", TWO, &from, &to),
        Subject::new("three people: two sign, a third seals", THIRD_SEALS, &from, &to),
        Subject::new("three people sign, one of them seals", THREE_SIGN, &from, &to),
    ];
    println!(
        "Processor time of one thread, microseconds, lower quartile of {ROUNDS} interleaved rounds of {TIMES}.\n"
    );
    println!(
        "| envelope | bytes | signatures | seal | its primitives | ratio | open | its primitives | ratio | check before sealing |"
    );
    println!("|---|---|---|---|---|---|---|---|---|---|");
    let measured: Vec<_> = subjects.iter().map(|subject| (subject, measure(subject, &from, &to))).collect();
    for (subject, m) in &measured {
        let q = |name| m.quartile(name);
        let seal_limit = q("X25519 base") + q("X25519 agreement") + q("Ed25519 sign") + q("AEAD seal");
        let open_limit = q("X25519 agreement") + q("Ed25519 verify, all") + q("AEAD open");
        let (size, count) = (subject.sealed.bytes.len(), subject.messages.len());
        println!(
            "| {} | {size} | {count} | {:.0} | {seal_limit:.0} | {:.2} | {:.0} | {open_limit:.0} | {:.2} | {:.0} |",
            subject.name,
            q("seal"),
            q("seal") / seal_limit,
            q("open"),
            q("open") / open_limit,
            q("check"),
        );
    }
    println!(
        "\nAims: seal <= {SEAL_AIM} and open <= {OPEN_AIM} of the primitives; two signatures in at most {SIZE_AIM} bytes."
    );
    println!("`check before sealing` verifies the approvals that are sealed; it is no part of `seal`.\n");
    println!("| piece of the first | microseconds |\n|---|---|");
    for (name, _) in &measured[0].1.0 {
        println!("| {name} | {:.1} |", measured[0].1.quartile(name));
    }
    breakdown(&subjects[0], &from, &to);
}

/// Where the bytes of an envelope go.
fn breakdown(first: &Subject, from: &Organisation, to: &Partner) {
    let whole = first.sealed.bytes.len();
    let sealers = from.members[first.roles.sealer].document.len();
    let grant = countersign_documents::encode(&first.signed.grant).len();
    let others = from.members[world::REVIEWER].document.len();
    let proofs: Vec<usize> = first
        .signed
        .signatures
        .iter()
        .map(|s| countersign_documents::encode(&SignerProof::new(s, 0).unwrap()).len())
        .collect();
    let inside = grant + others + proofs.iter().sum::<usize>();
    println!("\n| part of the first | bytes |\n|---|---|");
    println!("| the whole | {whole} |");
    println!("| outside: the sealer's certificate | {sealers} |");
    println!("| outside: headers, ek, tag of the AEAD, signature | {} |", whole - sealers - first.plaintext);
    println!("| plaintext | {} |", first.plaintext);
    println!("| of it: the grant | {grant} |");
    println!("| of it: the other signer's certificate | {others} |");
    println!("| of it: the signatures, with names | {proofs:?} |");
    println!("| of it: ids, times, scopes, nonce, the key and padding | {} |", first.plaintext - inside);
    println!("| an approval as a document of its own | {} |", first.signed.signatures[0].approval.len());
    println!("| the whole with one scope, one network and one identity check | {} |", leanest(from, to));
}
