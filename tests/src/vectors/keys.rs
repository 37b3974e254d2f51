//! All private halves, so that another implementation can make the same bytes; and CBOR on its own.

use serde_json::{Map, json};

use super::{
    file::File,
    raw::{Value, bytes, ed25519, int, kid, seed, text, thumbprint, x25519},
    world::{
        ADA, ADA_LAPTOP, BO, CY, DEE, GATE, TWIN, certifying, hex, organisation, partner, partner_receiving,
        policy,
    },
};

/// `keys.json`.
pub fn keys() -> (String, String) {
    let signing = |seed: [u8; 32]| json!({ "seed": hex(seed), "public": hex(ed25519(&seed)), "thumbprint": hex(kid(&seed)) });
    let receiving = |secret: [u8; 32]| {
        let public = x25519(&secret);
        json!({ "secret": hex(secret), "public": hex(public), "thumbprint": hex(thumbprint(4, &public)) })
    };
    let mut members = Map::new();
    for member in [ADA, ADA_LAPTOP, BO, CY, DEE, TWIN, GATE] {
        let entry = json!({
            "person": hex(super::raw::id(member.person)),
            "name": member.display,
            "salt": hex(member.salt()),
            "signing": signing(member.seed()),
            "receiving": receiving(member.receiving()),
            "checkpoint": signing(member.checkpoint()),
            "certificate": hex(member.certificate()),
        });
        members.insert(format!("{} ({})", member.person, member.desk), entry);
    }
    let certifying: Map<_, _> = ["ada", "bo", "cy", "dee", "eve", "mallory", "ada two", "bo two", "dee two"]
        .map(|p| (p.to_owned(), signing(certifying(p))))
        .into_iter()
        .collect();
    let offline: Map<_, _> = ["offline left", "offline right", "offline left two", "offline right two"]
        .map(|n| (n.to_owned(), signing(seed(n))))
        .into_iter()
        .collect();
    let all = json!({
        "about": "Seeds and keys of everybody in the vectors. All are made up; none may be used for anything else.",
        "organisation": hex(organisation()),
        "partner": { "identity": signing(partner()), "receiving": receiving(partner_receiving()) },
        "members": members,
        "certifying": certifying,
        "offline": offline,
        "link_secret": hex(seed("link secret one")),
        "relay": {
            "pick_up": signing(super::relay::pick_up()),
            "ticket": signing(seed("ticket one")),
            "nonce_key": hex(super::relay::nonce_key()),
            "witness": signing(super::witness::key()),
        },
        "standard_policy": hex(policy().encode()),
    });
    ("keys.json".to_owned(), format!("{all:#}\n"))
}

/// CBOR on its own: what is deterministic here, and what is not.
pub fn encodings() -> File {
    let about = "Single values. The good ones are in the profile of cbor.md; the bad ones are not, whatever stands around them.";
    let mut f = File::new("cbor", about, json!({}));
    let good = [
        ("zero", int(0)),
        ("23", int(23)),
        ("24", int(24)),
        ("255", int(255)),
        ("256", int(256)),
        ("65536", int(65_536)),
        ("2^32", int(1 << 32)),
        ("-1", Value::Int(-1)),
        ("-70301", Value::Int(-70_301)),
        ("24 bytes", bytes([7; 24])),
        ("text", text("Dée")),
        ("a map", Value::Map(vec![(1, int(1)), (24, int(2)), (-1, int(3)), (-25, int(4))])),
    ];
    for (name, value) in good {
        f.push_good(json!({ "name": name, "document": hex(value.encode()) }));
    }
    let bad: [(&str, &[u8], &str); 20] = [
        ("nothing", &[], "truncated"),
        ("23 in two bytes", &[0x18, 23], "not-shortest"),
        ("255 in three bytes", &[0x19, 0, 255], "not-shortest"),
        ("65535 in five bytes", &[0x1a, 0, 0, 255, 255], "not-shortest"),
        ("2^32 - 1 in nine bytes", &[0x1b, 0, 0, 0, 0, 255, 255, 255, 255], "not-shortest"),
        ("a reserved head", &[0x1c], "wrong-type"),
        ("false", &[0xf4], "wrong-type"),
        ("null", &[0xf6], "wrong-type"),
        ("a simple value in two bytes", &[0xf8, 32], "wrong-type"),
        ("half a float", &[0xf9, 0x3c, 0], "wrong-type"),
        ("a float", &[0xfa, 0x3f, 0x80, 0, 0], "wrong-type"),
        ("a double", &[0xfb, 0x3f, 0xf0, 0, 0, 0, 0, 0, 0], "wrong-type"),
        ("bytes of indefinite length", &[0x5f, 0x41, 1, 0xff], "wrong-type"),
        ("an array of indefinite length", &[0x9f, 0xff], "wrong-type"),
        ("a map out of order", &[0xa2, 2, 0, 1, 0], "label-order"),
        ("a negative label first", &[0xa2, 0x20, 0, 1, 0], "label-order"),
        ("a label twice", &[0xa2, 1, 0, 1, 0], "label-order"),
        ("text that is not UTF-8", &[0x61, 0xff], "not-utf8"),
        ("a length beyond the end", &[0x5b, 0, 0, 0, 1, 0, 0, 0, 0], "truncated"),
        ("two values", &[0, 0], "trailing"),
    ];
    for (name, value, reason) in bad {
        f.bad(name, value, json!({}), reason);
    }
    f
}
