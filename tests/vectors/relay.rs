//! How the vectors of the relay are read by the code that ships. What a relay or a client knows beside one document
//! (its own nonces, its clock, what comes with an act) is given, and judged here.

use countersign_documents::{
    Digest, Rejected, Secret32, Time, VerifyingKey,
    certificate::{Certificate, Right},
    decode,
    relay::{
        APART, BODY_LIMIT, Dispatch, FRESH, Invitation, Mail, Moment, PickUp, Poll, Post, Removal, Ticket,
        Upload, Withdraw, Withdrawn, unpack,
    },
};
use countersign_envelope::{LinkSecret, Unverified};
use countersign_tests::opening::spelled;
use data_encoding::HEXLOWER;
use hkdf::hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::{Value, json};
use sha2::Sha256;

use crate::accept::{Given, Outcome, hex};

type Judged = Result<(), String>;

/// Reads a vector of the kind it names.
pub(crate) fn read(given: &Given<'_>, document: &[u8]) -> Outcome {
    match given.vector["kind"].as_str().unwrap() {
        "nonce" => nonce(given, document),
        "pick-up-key" => Ok(pick_up_key(document)),
        "pick-up" => pick_up(given, document),
        "post" => post(given, document),
        "poll" => poll(given, document),
        "upload" => upload(given, document),
        "withdraw" => {
            let (act, by) = Withdraw::verify(document, &given.root()).map_err(spelled)?;
            fresh(given, &act.body.moment)?;
            member(given, &by, &ANY)?;
            said(&act.body)
        }
        "dispatch" => {
            let (act, by) = Dispatch::verify(document, &given.root()).map_err(spelled)?;
            fresh(given, &act.body.moment)?;
            member(given, &by, &ANY)?;
            beside(given, "letter", act.body.letter)?;
            said(&act.body)
        }
        "removal" => {
            let (act, by) = Removal::verify(document, &given.root()).map_err(spelled)?;
            fresh(given, &act.body.moment)?;
            member(given, &by, &[Right::Admin])?;
            said(&act.body)
        }
        "ticket" => said(&Ticket::verify(document, &given.root()).map_err(spelled)?),
        "invitation" => invitation(given, document),
        "body" => {
            let parts = unpack(document, BODY_LIMIT).map_err(Rejected::from).map_err(spelled)?;
            Ok(json!({ "parts": parts.into_iter().map(|part| HEXLOWER.encode(part)).collect::<Vec<_>>() }))
        }
        "outcome" => said(&decode::<Withdrawn>(document).map_err(Rejected::from).map_err(spelled)?),
        "mail" => said(&decode::<Mail>(document).map_err(Rejected::from).map_err(spelled)?),
        other => panic!("nobody knows how to read a {other}"),
    }
}

fn said<T: serde::Serialize>(body: &T) -> Outcome {
    Ok(serde_json::to_value(body).unwrap())
}

fn holds(rule: bool, reason: &str) -> Judged {
    if rule { Ok(()) } else { Err(reason.to_owned()) }
}

// --- Moments ---

fn fresh(given: &Given<'_>, moment: &Moment) -> Judged {
    let now = given.time("now");
    let here = given.of("origin").and_then(Value::as_str) == Some(moment.origin.as_str());
    let clocks = apart(moment.time, now) <= APART;
    holds(here && clocks && nonce(given, &moment.nonce.0).is_ok(), "stale")
}

fn apart(a: Time, b: Time) -> u64 {
    a.0.abs_diff(b.0)
}

fn nonce(given: &Given<'_>, nonce: &[u8]) -> Outcome {
    let mut mac = Hmac::<Sha256>::new_from_slice(&given.bytes("nonce_key")).unwrap();
    let (made, mark) = nonce.split_at(16);
    mac.update(made);
    let time = Time(u64::from_be_bytes(made[..8].try_into().unwrap()));
    let own = mac.finalize().into_bytes()[..16] == *mark;
    holds(own && apart(time, given.time("now")) <= FRESH, "stale")?;
    Ok(json!({ "time": time, "random": HEXLOWER.encode(&made[8..]) }))
}

// --- Partners ---

fn pick_up_key(secret: &[u8]) -> Value {
    let secret = LinkSecret::new(Secret32::from_slice(secret).unwrap());
    let public = secret.pick_up_key().public();
    let seed = HEXLOWER.encode(secret.pick_up_seed().expose());
    json!({ "seed": seed, "public": HEXLOWER.encode(public.as_bytes()) })
}

fn second(given: &Given<'_>) -> Option<Vec<u8>> {
    given.vector.get("second").map(hex)
}

fn pick_up(given: &Given<'_>, document: &[u8]) -> Outcome {
    let key = VerifyingKey::parse(&given.array("pick_up")).unwrap();
    let act = PickUp::verify(document, &second(given).unwrap(), &key).map_err(spelled)?;
    fresh(given, &act.moment)?;
    if let Some(letter) = act.letter {
        beside(given, "letter", letter)?;
    }
    said(&act)
}

fn post(given: &Given<'_>, document: &[u8]) -> Outcome {
    let act = Post::verify(document).map_err(spelled)?;
    fresh(given, &act.moment)?;
    beside(given, "letter", act.letter)?;
    let Some(second) = second(given) else {
        holds(act.ticket.is_none(), "bad-content")?;
        return said(&act);
    };
    let ticket = Ticket::verify(&given.bytes("ticket"), &given.root()).map_err(spelled)?;
    holds(given.time("now") < ticket.expires, "wrong-time")?;
    act.verify_ticket(&second, &ticket).map_err(spelled)?;
    said(&act)
}

fn poll(given: &Given<'_>, document: &[u8]) -> Outcome {
    let act = Poll::verify(document).map_err(spelled)?;
    fresh(given, &act.moment)?;
    if given.of("certificate").is_some() {
        let root = given.root();
        holds(act.organisation == root.organisation, "wrong-organisation")?;
        let certificate = Certificate::verify(&given.bytes("certificate"), &root).map_err(spelled)?.body;
        holds(certificate.key() == act.key, "wrong-key")?;
        member(given, &certificate, &ANY)?;
    }
    said(&act)
}

// --- Members ---

/// Everything but the right to audit alone.
const ANY: [Right; 4] = [Right::Vet, Right::Approve, Right::Issue, Right::Admin];

fn member(given: &Given<'_>, certificate: &Certificate, rights: &[Right]) -> Judged {
    holds(certificate.valid_at(given.time("now")), "wrong-time")?;
    holds(rights.iter().any(|right| certificate.may(*right)), "wrong-key")
}

fn beside(given: &Given<'_>, name: &str, digest: Digest) -> Judged {
    holds(given.of(name).is_none() || Digest::of(&given.bytes(name)) == digest, "bad-content")
}

fn upload(given: &Given<'_>, document: &[u8]) -> Outcome {
    let root = given.root();
    let (act, by) = Upload::verify(document, &root).map_err(spelled)?;
    fresh(given, &act.body.moment)?;
    member(given, &by, &[Right::Issue])?;
    beside(given, "envelope", act.body.envelope)?;
    if given.of("envelope").is_some() {
        let (envelope, now) = (given.bytes("envelope"), given.time("now"));
        let outer = Unverified::new(&envelope).outer(&root, now, now).map_err(|e| spelled(e.reason()))?;
        holds(outer.claims.cti == act.body.cti, "bad-content")?;
    }
    said(&act.body)
}

// --- What is handed over ---

fn invitation(given: &Given<'_>, document: &[u8]) -> Outcome {
    let read = Invitation::parse(document).ok_or("no-invitation")?;
    let pinned = Digest(given.array("pinned"));
    let (card, ticket) = read.verify(Some(pinned), given.time("now")).map_err(spelled)?;
    assert_eq!(*read.to_bytes(), document, "what was read is written as the same bytes");
    let card = card.card;
    Ok(json!({ "organisation": card.organisation, "relay": card.relay, "ticket": ticket.id }))
}
