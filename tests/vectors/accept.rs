//! How each kind of vector is read by the code that ships.

use countersign_documents::{
    Digest, Malformed, ReceivingSecret, Rejected, Secret32, SigningKey, Time, Verified, VerifyingKey,
    approval::Approval,
    card::Card,
    certificate::Certificate,
    decode,
    entry::Entry,
    fingerprint::Fingerprint,
    founding::{self, Answered, PaperFlaw},
    id::OrganisationId,
    identity::IdentityCard,
    letters::{Message, Notice},
    order::Order,
    receipt::Receipt,
    request::Request,
    root::Root,
    succession,
};
use countersign_domain::Event;
use countersign_envelope::{Link, armor, letter, parts};
use countersign_ledger as ledger;
use countersign_tests::opening::{self, spelled};
use data_encoding::HEXLOWER;
use serde_json::{Value, json};

/// What a vector is given, its own before the file's.
pub(crate) struct Given<'a> {
    /// What the file gives.
    pub(crate) file: &'a Value,
    /// The vector.
    pub(crate) vector: &'a Value,
}

impl<'a> Given<'a> {
    /// One thing that is given.
    pub(crate) fn of(&self, name: &str) -> Option<&'a Value> {
        self.vector["given"].get(name).or_else(|| self.file["given"].get(name))
    }

    /// Bytes that are given.
    pub(crate) fn bytes(&self, name: &str) -> Vec<u8> {
        hex(self.of(name).unwrap_or_else(|| panic!("{name} is given")))
    }

    /// Bytes of a length that is given.
    pub(crate) fn array<const N: usize>(&self, name: &str) -> [u8; N] {
        self.bytes(name).try_into().unwrap_or_else(|_| panic!("{name} has {N} bytes"))
    }

    /// A time that is given.
    pub(crate) fn time(&self, name: &str) -> Time {
        Time(self.of(name).and_then(Value::as_u64).unwrap())
    }

    fn key(&self) -> VerifyingKey {
        VerifyingKey::parse(&self.array("key")).unwrap()
    }

    /// The root that is given.
    pub(crate) fn root(&self) -> Root {
        Root::verify_first(&self.bytes("root")).unwrap().body
    }

    /// The document, with its zeros.
    pub(crate) fn document(&self) -> Vec<u8> {
        let mut document = hex(&self.vector["document"]);
        document.resize(document.len() + self.vector["append_zeros"].as_u64().unwrap_or(0) as usize, 0);
        document
    }
}

/// Bytes from hexadecimal.
pub(crate) fn hex(value: &Value) -> Vec<u8> {
    HEXLOWER.decode(value.as_str().unwrap().as_bytes()).unwrap()
}

/// What a vector says, or why it is refused.
pub(crate) type Outcome = Result<Value, String>;

fn said<T: serde::Serialize>(read: Result<Verified<T>, Rejected>) -> Outcome {
    read.map(|v| serde_json::to_value(v.body).unwrap()).map_err(spelled)
}

/// Reads a vector of this file: what it says, or why it is refused.
pub(crate) fn read(file: &str, given: &Given<'_>) -> Outcome {
    let document = if given.vector.get("document").is_some() { given.document() } else { Vec::new() };
    match file {
        "root" => root(given, &document),
        "founding-offer" | "founding-answer" | "succession-offer" | "succession-answer" => {
            paper(file, given, &document).map_err(spelled)
        }
        "certificate" => certificate(given, &document),
        "card" => {
            let pinned = Digest(given.array("pinned"));
            Card::verify(&document, Some(pinned), given.time("now"))
                .map(|v| serde_json::to_value(v.card).unwrap())
                .map_err(spelled)
        }
        "identity-card" => {
            IdentityCard::verify(&document).map(|v| printed(&v.body, v.body.fingerprint())).map_err(spelled)
        }
        "request" => {
            Request::verify(&document).map(|v| serde_json::to_value(v.request).unwrap()).map_err(spelled)
        }
        "approval" => said(Approval::verify(&document, &given.key())),
        "receipt" => said(Receipt::verify(&document, &given.key())),
        "order" => said(Order::verify(&document, &given.key())),
        "notice" => said(Notice::verify(&document, &given.key())),
        "message" => said(Message::verify(&document, &given.root(), given.time("now"))),
        "entry" => entry(given, &document),
        "envelope" | "envelope-refused" => opening::open(&document, |name| given.of(name)),
        "letter" => open_letter(given, &document),
        "leaf" => leaf(given, &document),
        "blob" => {
            let key = ledger::EpochKey::new(Secret32::new(given.array("epoch_key")));
            let organisation = OrganisationId(given.array("organisation"));
            let content = ledger::open_blob(&key, organisation, Digest(given.array("blob")), &document)
                .map_err(spelled)?;
            Ok(json!({ "plaintext": HEXLOWER.encode(&content) }))
        }
        "proof" => proof(given),
        "delivery" => delivery(given.vector),
        "relay" => crate::relay::read(given, &document),
        "witness" => crate::witness::read(given),
        "cbor" => walk(&document),
        other => panic!("nobody knows how to read {other}.json"),
    }
}

/// An entry with its event. Of a comparison, what it says too.
fn entry(given: &Given<'_>, document: &[u8]) -> Outcome {
    let read = Entry::verify(document, &given.key()).map_err(spelled)?;
    let event: Event = decode(&read.body.event.0).map_err(|flaw| spelled(Rejected::from(flaw)))?;
    let mut said = serde_json::to_value(&read.body).unwrap();
    if let Event::MemberChecked(heard) = &event {
        heard.stands_alone(&given.key().thumbprint(), read.body.time).map_err(spelled)?;
        let check = &heard.check;
        said["compared"] = json!({
            "identity": heard.identity, "person": check.person, "time": check.time, "channel": check.channel.word(),
            "source": check.source, "attended": check.attended.0,
        });
    }
    Ok(said)
}

/// What a document says, with the fingerprint its owner reads aloud.
fn printed<T: serde::Serialize>(body: &T, fingerprint: Fingerprint) -> Value {
    let mut said = serde_json::to_value(body).unwrap();
    said["fingerprint"] = fingerprint.to_read_aloud().into();
    said["words"] = fingerprint.to_read_as_words().into();
    said
}

fn root(given: &Given<'_>, document: &[u8]) -> Outcome {
    if given.of("before").is_none() {
        let print = |v: Verified<Root>| printed(&v.body, Fingerprint::of(&v.digest));
        return Root::verify_first(document).map(print).map_err(spelled);
    }
    let before = Root::verify_first(&given.bytes("before")).unwrap();
    let succession = given.of("succession").is_some();
    let next = if succession { Root::verify_succession } else { Root::verify_next };
    said(next(&before.body, &before.digest, document))
}

/// What two founders exchange, or two who use the keys on paper; an answer as far as the other side completes it.
fn paper(kind: &str, given: &Given<'_>, document: &[u8]) -> Result<Value, PaperFlaw> {
    let key = |name: &str| SigningKey::from_seed(&Secret32::new(given.array(name)));
    match kind {
        "founding-offer" => Ok(serde_json::to_value(founding::Offer::verify(document)?.body).unwrap()),
        "succession-offer" => Ok(serde_json::to_value(succession::Offer::verify(document)?.0.body).unwrap()),
        "founding-answer" => {
            let offer = founding::Offer::verify(&given.bytes("offer"))?;
            let answered = founding::Answer::verify(document)?.body.check(&offer)?;
            Ok(completed(&answered, &[&key("certifying")], &key("certifying")))
        }
        _ => {
            let (offer, trust) = succession::Offer::verify(&given.bytes("offer"))?;
            let answered = succession::Answer::verify(document)?.body.check(&offer, &trust)?;
            Ok(completed(&answered, &[&key("half"), &key("certifying")], &key("certifying")))
        }
    }
}

fn completed(answered: &Answered, root: &[&SigningKey], certifying: &SigningKey) -> Value {
    let certificates = answered.complete_certificates(certifying);
    let certificates: Vec<_> = certificates.iter().map(|c| HEXLOWER.encode(&c.0)).collect();
    json!({ "root": HEXLOWER.encode(&answered.complete_root(root)), "certificates": certificates })
}

fn certificate(given: &Given<'_>, document: &[u8]) -> Outcome {
    let read = Certificate::verify(document, &given.root()).map_err(spelled)?;
    if read.body.valid_at(given.time("at")) {
        Ok(serde_json::to_value(read.body).unwrap())
    } else {
        Err(spelled(Rejected::WrongTime))
    }
}

fn open_letter(given: &Given<'_>, document: &[u8]) -> Outcome {
    let purpose = match given.of("purpose").and_then(Value::as_str) {
        Some("to-organisation") => letter::Purpose::ToOrganisation,
        Some("to-partner") => letter::Purpose::ToPartner,
        _ => letter::Purpose::SharedKey,
    };
    let receiving = ReceivingSecret::new(Secret32::new(given.array("receiving")));
    let opened = letter::open(purpose, OrganisationId(given.array("organisation")), &receiving, document)
        .map_err(spelled)?;
    Ok(json!({ "plaintext": HEXLOWER.encode(&opened) }))
}

fn leaf(given: &Given<'_>, document: &[u8]) -> Outcome {
    let key = ledger::EpochKey::new(Secret32::new(given.array("epoch_key")));
    let sealed = ledger::SealedLeaf::parse(document).map_err(spelled)?;
    let organisation = OrganisationId(given.array("organisation"));
    let entry = ledger::open(&key, organisation, &sealed).map_err(spelled)?;
    let entry_key = ledger::entry_key(&key, sealed.op_id);
    assert_eq!(
        ledger::open_with_entry_key(&entry_key, organisation, &sealed),
        Ok(entry.clone()),
        "the disclosed key opens it too"
    );
    Ok(json!({
        "plaintext": HEXLOWER.encode(&entry),
        "epoch": sealed.epoch,
        "op_id": HEXLOWER.encode(&sealed.op_id.0),
        "nonce": HEXLOWER.encode(&sealed.nonce),
        "entry_key": HEXLOWER.encode(entry_key.secret().expose()),
        "epoch_commitment": key.commitment(),
        "leaf_hash": ledger::leaf_hash(document),
    }))
}

fn proof(given: &Given<'_>) -> Outcome {
    let (file, vector) = (&given.file["given"], given.vector);
    let rows: Vec<Vec<u8>> = file["rows"].as_array().unwrap().iter().map(hex).collect();
    let digest = |v: &Value| Digest::from_hex(v.as_str().unwrap()).unwrap();
    let root = |size: &Value| digest(&file["roots"][size.as_u64().unwrap() as usize]);
    let path = |v: &Value| v["path"].as_array().unwrap().iter().map(digest).collect::<Vec<_>>();
    let (name, key) = (file["name"].as_str().unwrap(), given.array::<32>("key"));
    let tree = ledger::Tree::from_leaf_hashes(rows.iter().map(|r| ledger::leaf_hash(r)));
    if let Some(p) = vector.get("inclusion") {
        let (at, size) = (p["index"].as_u64().unwrap(), p["size"].as_u64().unwrap());
        assert_eq!(tree.root_at(size), Some(root(&p["size"])), "the tree has the published root");
        assert_eq!(tree.inclusion_proof(at, size), Some(path(p)), "the tree gives the published path");
        let hash = ledger::leaf_hash(&rows[at as usize]);
        return ledger::verify_inclusion(hash, at, size, &path(p), root(&p["size"]))
            .map(|()| json!({}))
            .map_err(spelled);
    }
    if let Some(p) = vector.get("consistency") {
        let head =
            |size: &Value| countersign_documents::Head { size: size.as_u64().unwrap(), root: root(size) };
        assert_eq!(
            tree.consistency_proof(head(&p["old"]).size, head(&p["new"]).size),
            Some(path(p)),
            "the tree gives this proof"
        );
        return ledger::verify_consistency(head(&p["old"]), head(&p["new"]), &path(p))
            .map(|()| json!({}))
            .map_err(spelled);
    }
    if let Some(text) = vector.get("proof").and_then(Value::as_str) {
        let read = ledger::LeafProof::parse(text).map_err(spelled)?;
        read.verify(&hex(&vector["row"]), name, &key).map_err(spelled)?;
        return Ok(json!({ "index": read.index() }));
    }
    let note = ledger::UnverifiedNote::parse(vector["note"].as_str().unwrap()).map_err(spelled)?;
    let read = note.verify(name, &key).map_err(spelled)?;
    Ok(json!({ "origin": read.origin, "size": read.head.size, "root": read.head.root }))
}

fn delivery(vector: &Value) -> Outcome {
    if let Some(link) = vector.get("link").and_then(Value::as_str) {
        let read = Link::parse(link).map_err(spelled)?;
        let secret = HEXLOWER.encode(read.secret.expose().expose());
        return Ok(json!({ "relay": read.relay, "cti": HEXLOWER.encode(&read.cti.0), "secret": secret }));
    }
    if let Some(text) = vector.get("text").and_then(Value::as_str) {
        let document = armor::decode(text).map_err(spelled)?;
        return Ok(json!({ "document": HEXLOWER.encode(&document) }));
    }
    let codes: Vec<&str> = vector["parts"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    let whole = parts::join(codes.iter().copied()).map_err(spelled)?;
    let again = parts::split(&whole).unwrap();
    assert!(codes.iter().all(|code| again.iter().any(|a| a == code)), "the same codes are made of it");
    Ok(json!({ "document": HEXLOWER.encode(&whole) }))
}

/// Any one value of the profile, which no format reads as such.
fn walk(document: &[u8]) -> Outcome {
    fn one(r: &mut countersign_documents::Reader<'_>) -> Result<(), Malformed> {
        use countersign_documents::cbor::Major;
        match r.peek()? {
            (Major::Unsigned | Major::Negative, _) => r.int().map(|_| ()),
            (Major::Bytes, _) => r.bytes().map(|_| ()),
            (Major::Text, _) => r.text().map(|_| ()),
            (Major::Array, _) => {
                let count = r.array()?;
                (0..count).try_for_each(|_| one(r))
            }
            (Major::Map, count) => {
                let mut labels = r.map()?;
                let mut last: Vec<i64> = Vec::new();
                for _ in 0..count {
                    let label = r.clone().int()?;
                    labels.demand(r, label)?;
                    last.push(label);
                    one(r)?;
                }
                labels.end(r)
            }
            (Major::Tag, tag) => {
                r.tag(tag)?;
                one(r)
            }
        }
    }
    let mut r = countersign_documents::Reader::new(document);
    one(&mut r).and_then(|()| r.end()).map(|()| json!({})).map_err(spelled)
}
