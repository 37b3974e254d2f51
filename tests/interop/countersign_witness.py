"""A witness of spec/relay.md and C2SP tlog-witness: judges what a ledger brings, cosigns it, reads cosignatures and keys."""

import base64

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

import countersign_ledger as ledger
from countersign_cbor import Refused, refuse_unless, sha256, verify
from countersign_founding import public


class Status(Refused):
    """What is answered instead of a cosignature."""

    def __init__(self, code, size=None):
        super().__init__(f"status/{code}")
        self.code, self.size = code, size


def demand(holds, code, size=None):
    if not holds:
        raise Status(code, size)


def formed(read, *arguments):
    try:
        return read(*arguments)
    except Refused:
        raise Status(400) from None


def message(time, text):
    return f"cosignature/v1\ntime {time}\n{text}".encode()


def add_checkpoint(asked, given):
    """(size, root, cosignature line)."""
    head, blank, note = asked.partition("\n\n")
    first, *proof = head.split("\n")
    demand(blank and first.startswith("old ") and len(proof) <= 63, 400)
    old, proof = formed(ledger.decimal, first[4:]), [formed(ledger.b64, line) for line in proof]
    demand(all(len(hash_) == 32 for hash_ in proof), 400)
    text, lines = formed(ledger.signature_lines, note)
    demand(text.split("\n")[0] == given["origin"], 404)
    key = bytes.fromhex(given["key"])
    try:
        verify(key, text.encode(), ledger.signed_once(lines, given["name"], 1, key))
    except Refused:
        raise Status(403) from None
    checkpoint = formed(ledger.read_checkpoint, note, given["name"], key)
    size, root = checkpoint["size"], bytes.fromhex(checkpoint["root"])
    known = given["known"] or {"size": 0, "root": sha256().hex()}
    demand(old <= size, 400)
    demand(old == known["size"], 409, known["size"])
    demand(old != size or root.hex() == known["root"], 409, known["size"])
    try:
        ledger.check_consistency(old, bytes.fromhex(known["root"]), size, root, proof)
    except Refused:
        raise Status(422) from None
    return {"size": size, "root": root.hex(), "cosignature": cosign(text, given)}


def cosign(text, given):
    seed, time, name = bytes.fromhex(given["witness_seed"]), given["time"], given["witness"]
    signature = Ed25519PrivateKey.from_private_bytes(seed).sign(message(time, text))
    line = ledger.key_id(name, 4, public(seed)) + time.to_bytes(8, "big") + signature
    return f"\u2014 {name} {base64.b64encode(line).decode()}\n"


def cosignature(note, given):
    text, lines = ledger.signature_lines(note)
    key = bytes.fromhex(given["witness_key"])
    stamped = ledger.signed_once(lines, given["witness"], 4, key)
    refuse_unless(len(stamped) == 72, "no timestamped signature")
    time = int.from_bytes(stamped[:8], "big")
    verify(key, message(time, text), stamped[8:])
    return {"time": time}


def witness_key(text):
    parts = text.split("+", 2)
    refuse_unless(len(parts) == 3, "no key")
    name, id_, key = parts[0], parts[1], ledger.b64(parts[2])
    refuse_unless(name and not any(c.isspace() for c in name), "no name")
    refuse_unless(len(key) == 33 and key[0] == 4, "no key of a witness")
    refuse_unless(ledger.key_id(name, 4, key[1:]).hex() == id_, "another key id")
    return {"name": name, "key": key[1:].hex()}


def read(vector, given):
    if vector["kind"] == "cosignature":
        return cosignature(vector["note"], given)
    if vector["kind"] == "witness-key":
        return witness_key(vector["text"])
    try:
        return add_checkpoint(vector["asked"], given)
    except Status as why:
        # Another refusal than the right one would tell the ledger something else.
        expected = (vector.get("status"), vector.get("size"))
        assert (why.code, why.size) == expected, f"{vector['name']}: {why.code} {why.size}, not {expected}"
        raise
