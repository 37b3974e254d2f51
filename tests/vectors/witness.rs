//! How the vectors of the witness are read by the code that ships, in the order in which a relay judges.

use countersign_documents::{Digest, Head, Secret32};
use countersign_tests::opening::spelled;
use countersign_tlog::{
    AddCheckpoint, Advance, Cosignature, NoteError, UnverifiedNote, WitnessKey, advance, cosign,
};
use data_encoding::HEXLOWER;
use serde_json::{Value, json};

use crate::accept::{Given, Outcome};

/// Reads a vector of the kind it names.
pub(crate) fn read(given: &Given<'_>) -> Outcome {
    let text = |name: &str| given.of(name).and_then(Value::as_str).unwrap();
    match given.vector["kind"].as_str().unwrap() {
        "add-checkpoint" => add_checkpoint(given).map_err(|status| {
            if let Status::Stands(size) = status {
                assert_eq!(given.vector["size"], size, "409 names where the witness stands");
            }
            format!("status/{}", status.code())
        }),
        "cosignature" => {
            let note = given.vector["note"].as_str().unwrap();
            let read = Cosignature::verify(note, text("witness"), &given.array("witness_key"));
            read.map(|read| json!({ "time": read.time })).map_err(spelled)
        }
        _ => {
            let key = WitnessKey::parse(given.vector["text"].as_str().unwrap()).ok_or("no-key")?;
            assert_eq!(key.to_text(), given.vector["text"].as_str().unwrap(), "it has one spelling");
            Ok(json!({ "name": key.name, "key": HEXLOWER.encode(&key.public) }))
        }
    }
}

enum Status {
    Form,
    OtherLog,
    NotSigned,
    Stands(u64),
    Unproven,
}

impl Status {
    fn code(&self) -> u16 {
        match self {
            Self::Form => 400,
            Self::NotSigned => 403,
            Self::OtherLog => 404,
            Self::Stands(_) => 409,
            Self::Unproven => 422,
        }
    }
}

fn add_checkpoint(given: &Given<'_>) -> Result<Value, Status> {
    let text = |name: &str| given.of(name).and_then(Value::as_str).unwrap();
    let asked = AddCheckpoint::parse(given.vector["asked"].as_str().unwrap()).ok_or(Status::Form)?;
    let note = UnverifiedNote::parse(&asked.checkpoint).map_err(|_| Status::Form)?;
    if note.unverified_origin() != text("origin") {
        return Err(Status::OtherLog);
    }
    let checkpoint = note.verify(text("name"), &given.array("key")).map_err(|flaw| match flaw {
        NoteError::NotCheckpoint => Status::Form,
        _ => Status::NotSigned,
    })?;
    let known = given.of("known").filter(|known| !known.is_null()).map(|known| Head {
        size: known["size"].as_u64().unwrap(),
        root: Digest::from_hex(known["root"].as_str().unwrap()).unwrap(),
    });
    match advance(known, asked.old, &asked.proof, checkpoint.head) {
        Advance::To(head) => {
            let seed = Secret32::new(given.array("witness_seed"));
            let line = cosign(&checkpoint, given.time("time"), text("witness"), &seed).unwrap();
            assert_eq!(asked.to_text(), given.vector["asked"].as_str().unwrap(), "a body has one spelling");
            Ok(json!({ "size": head.size, "root": head.root, "cosignature": line }))
        }
        Advance::From(size) => Err(Status::Stands(size)),
        Advance::Backwards => Err(Status::Form),
        Advance::Unproven(_) => Err(Status::Unproven),
    }
}
