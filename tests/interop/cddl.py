"""Holds spec/countersign.cddl against the vectors: every document, header, payload and plaintext by its own rule.

The validator mistakes `.cbor` inside arrays, so that is taken out of the text, and each embedded item is held against
the rule it names instead.
"""

import json
import re

import pycddl
from countersign_cbor import Refused, decode, encode

# Kind: rules of the document, its protected header, each signer's header, its payload.
RULES = {
    "root": ("root", "root-header", "cosigner-header", "root-claims"),
    **{
        kind: (kind, f"{kind}-header", None, f"{kind}-claims")
        for kind in ("founding-offer", "founding-answer", "succession-offer", "succession-answer")
    },
    "certificate": ("certificate", "certificate-header", "cosigner-header", "certificate-claims"),
    "card": ("card", "card-header", "certified-cosigner-header", "card-claims"),
    "identity-card": ("identity-card", "identity-card-header", None, "identity-card-claims"),
    "request": ("request", "request-header", None, "request-claims"),
    "approval": ("approval", "approval-header", None, "approval-claims"),
    "receipt": ("receipt", "receipt-header", None, "receipt-claims"),
    "order": ("order", "order-header", None, "order-claims"),
    "message": ("message", "message-header", None, "message-claims"),
    "notice": ("notice", "notice-header", None, "notice-claims"),
    "entry": ("entry", "entry-header", None, "entry-claims"),
    "envelope": ("envelope", "envelope-header", None, "sealed"),
    "letter": ("letter", "letter-header", None, None),
    "leaf": ("leaf", None, None, None),
    "blob": ("blob", None, None, None),
}

# The same of relay.json, where each vector names its kind; the others there are no CBOR.
RELAY = {
    **{
        kind: (kind, f"{kind}-header", None, f"{kind}-claims")
        for kind in ("pick-up", "post", "poll", "upload", "withdraw", "dispatch", "removal", "ticket")
    },
    **{kind: (kind, None, None, None) for kind in ("invitation", "body", "outcome", "mail")},
}

# What a schema sees: a label, a type or an algorithm that is another.
SHAPELESS = re.compile("(document/)?(malformed/(unknown-label|missing-label|wrong-type)|wrong-(headers|kind|algorithm))$")


# What this validator cannot see: encodings, what stands beside an empty map or a nested one, text for bytes of a size.
BLIND = ("R04", "R06", "R15", "R21")


# Flaws of what is inside a byte string of a vector, or beside its document.
ELSEWHERE = (
    "with a root for a certificate", "by the pick-up key, signed as a poll", "the ticket's key signs a poll",
    "with card and ticket exchanged",
)


# What stands beside the optional label of a map in a list.
NESTED = "a parcel with a fifth label"


def unseen(name):
    return "unprotected" in name or name.startswith("plaintext") or name.endswith(ELSEWHERE) or name == NESTED


class Rules:
    def __init__(self, text):
        self.text = re.sub(r"bstr \.cbor [a-z-]+", "bstr", text)
        self.known = {}

    def matches(self, name, data):
        if name not in self.known:
            self.known[name] = pycddl.Schema(f"start = {name}\n{self.text}")
        try:
            self.known[name].validate_cbor(data)
            return True
        except pycddl.ValidationError:
            return False


def embedded(kind, document):
    """Each item of a document with the rule it is under."""
    whole, header, signer, payload = RULES.get(kind) or RELAY[kind]
    items = [(whole, document)]
    if header:
        parts = decode(document, 1 << 20).value
        items.append((header, parts[0]))
        if payload:
            items.append((payload, parts[2]))
        items += [(signer, part[0]) for part in (parts[3] if signer else [])]
    if kind == "envelope":
        items.append(("sealed-header", decode(parts[2]).value[0]))
    if kind == "entry":
        items.append(("event", decode(parts[2])[5]))
    return items


def fits(rules, kind, document):
    return all(rules.matches(name, data) for name, data in embedded(kind, document))


def check(spec):
    """(matched, refused, flaws)."""
    rules = Rules((spec / "countersign.cddl").read_text())
    matched, refused, flaws = 0, 0, []

    def must(name, data, what):
        nonlocal matched
        matched += 1
        if not rules.matches(name, data):
            flaws.append(f"{what}: rule {name} does not match")

    def must_not(bad):
        nonlocal refused
        for kind, vector in bad:
            if not SHAPELESS.match(vector["reason"]) or vector.get("line") in BLIND or unseen(vector["name"]):
                continue
            try:
                holds = fits(rules, kind, bytes.fromhex(vector["document"]))
            except (Refused, AttributeError, KeyError, TypeError, ValueError):  # not even COSE
                continue
            refused += 1
            if holds:
                flaws.append(f"{kind}: {vector['name']}: its rules match what they must not")

    for kind in RULES:
        file = json.loads((spec / "vectors" / f"{kind}.json").read_text())
        bad = [(kind, vector) for vector in file["bad"]]
        for vector in file["good"]:
            for name, data in embedded(kind, bytes.fromhex(vector["document"])):
                must(name, data, f"{kind}: {vector['name']}")
        if kind == "envelope":
            refusals = json.loads((spec / "vectors/envelope-refused.json").read_text())["bad"]
            bad = [(kind, vector) for vector in refusals]
            for vector in file["good"]:
                plaintext = bytes.fromhex(vector["plaintext"])
                must("delivery", plaintext, vector["name"])
                must("grant", encode(decode(plaintext)[4]), vector["name"])
        must_not(bad)
    file = json.loads((spec / "vectors/relay.json").read_text())
    good, bad = ([(v["kind"], v) for v in file[half] if v["kind"] in RELAY] for half in ("good", "bad"))
    for kind, vector in good:
        for name, data in embedded(kind, bytes.fromhex(vector["document"])):
            must(name, data, f"relay: {vector['name']}")
    must_not(bad)
    keys = json.loads((spec / "vectors/keys.json").read_text())
    must("policy", bytes.fromhex(keys["standard_policy"]), "the standard policy")
    return matched, refused, flaws

