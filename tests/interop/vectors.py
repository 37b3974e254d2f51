"""Reads spec/vectors with the Python client: every good vector must be accepted, every bad one refused."""

import json

import countersign_client as client
import countersign_documents as documents
import countersign_founding as founding
import countersign_ledger as ledger
import countersign_relay as relay
import countersign_witness as witness
from countersign_cbor import Refused, decode, encode, sha256, thumbprint


def given_of(file, vector):
    return {**file["given"], **vector.get("given", {})}


def document_of(vector):
    return bytes.fromhex(vector.get("document", "")) + bytes(vector.get("append_zeros", 0))


def me_of(given):
    memory = given["memory"]
    return client.Me(
        documents.read_root(bytes.fromhex(given["root"])),
        bytes.fromhex(given["identity"]),
        bytes.fromhex(given["receiving"]),
        bytes.fromhex(given["secret"]),
        given["now"],
        given["highest"],
        [bytes.fromhex(c) for c in memory["opened"]],
        memory["deliveries"],
        memory["newest"],
    )


def read(kind, file, vector):
    """What a vector says, as far as it is compared; raises `Refused`."""
    given, document = given_of(file, vector), document_of(vector)
    if kind == "witness":
        return witness.read(vector, given)
    hexed = {k: bytes.fromhex(v) for k, v in given.items() if isinstance(v, str) and k not in ("name", "purpose", "origin")}
    if kind in ("envelope", "envelope-refused"):
        said, plaintext = client.open_envelope(document, me_of(given))
        return {**said, "plaintext": plaintext.hex()}
    if kind == "root":
        before = hexed.get("before")
        before = (documents.read_root(before), sha256(before)) if before else None
        root = documents.read_root(document, before, given.get("succession", False))
        return {**body(root), "fingerprint": documents.fingerprint(sha256(document)), "words": documents.fingerprint_words(sha256(document))}
    if kind == "certificate":
        documents.Certificate(document, documents.read_root(hexed["root"])).refuse_unless_valid(given["at"])
        return body(decode(decode(document).value[2]))
    if kind == "card":
        return body(documents.read_card(document, hexed["pinned"], given["now"]))
    if kind == "identity-card":
        card = documents.read_identity_card(document)
        thumb = thumbprint(6, card[1])
        return {**body(card), "fingerprint": documents.fingerprint(thumb), "words": documents.fingerprint_words(thumb)}
    if kind == "request":
        return body(documents.read_request(document))
    if kind == "notice":
        return body(documents.read_notice(document, hexed["key"]))
    if kind == "message":
        return body(documents.read_message(document, documents.read_root(hexed["root"]), given["now"]))
    if kind == "entry":
        entry = documents.read1(kind, document, hexed["key"])
        return {**body(entry), **ledger.read_event(entry, thumbprint(6, hexed["key"]))}
    if kind in ("approval", "receipt", "order"):
        return body(documents.read1(kind, document, hexed["key"]))
    if kind in founding.PAPERS:
        return founding.read(kind, document, hexed)
    if kind == "relay":
        return relay.read(vector, given, hexed, document)
    if kind == "letter":
        return {"plaintext": client.open_letter(document, given["purpose"], hexed["organisation"], hexed["receiving"]).hex()}
    if kind == "leaf":
        return ledger.open_leaf(document, hexed["organisation"], hexed["epoch_key"])
    if kind == "blob":
        return {"plaintext": ledger.open_blob(document, hexed["blob"], hexed["organisation"], hexed["epoch_key"]).hex()}
    if kind == "cbor":
        return {"document": encode(decode(document)).hex()}
    return read_unsigned(given, vector)


def body(payload):
    return {"payload": encode(payload).hex()}


def read_unsigned(given, vector):
    if "link" in vector:
        return {"says": ledger.read_link(vector["link"])}
    if "text" in vector:
        return {"document": ledger.read_armor(vector["text"]).hex()}
    if "parts" in vector:
        return {"document": ledger.read_parts(vector["parts"]).hex()}
    key, name = bytes.fromhex(given["key"]), given["name"]
    rows = [bytes.fromhex(r) for r in given["rows"]]
    leaves = [ledger.leaf_hash(r) for r in rows]
    roots = [bytes.fromhex(r) for r in given["roots"]]
    assert [ledger.tree(leaves[:n]) for n in range(8)] == roots, "the tree has other roots"
    if "inclusion" in vector:
        p = vector["inclusion"]
        path = [bytes.fromhex(h) for h in p["path"]]
        return ledger.check_inclusion(leaves[p["index"]], p["index"], p["size"], path, roots[p["size"]]) or {}
    if "consistency" in vector:
        p = vector["consistency"]
        path = [bytes.fromhex(h) for h in p["path"]]
        return ledger.check_consistency(p["old"], roots[p["old"]], p["new"], roots[p["new"]], path) or {}
    if "proof" in vector:
        return ledger.read_leaf_proof(vector["proof"], bytes.fromhex(vector["row"]), name, key)
    return ledger.read_checkpoint(vector["note"], name, key)


def signing_seeds(value):
    """The seeds of all signing keys in keys.json, by the thumbprints of the keys."""
    if not isinstance(value, dict):
        return {}
    found = {bytes.fromhex(value["thumbprint"]): bytes.fromhex(value["seed"])} if "seed" in value else {}
    for inner in value.values():
        found |= signing_seeds(inner)
    return found


def remade(kind, file, vector, seeds):
    """The document made again from its seeds; None where a vector does not give them."""
    given = given_of(file, vector)
    if kind == "relay":
        return relay.remade(vector, seeds)
    if kind in founding.PAPERS:
        hexed = {name: bytes.fromhex(value) for name, value in given.items()}
        return founding.remade(kind, bytes.fromhex(vector["document"]), hexed, seeds)
    if kind == "letter":
        to = client.public_x(bytes.fromhex(given["receiving"]))
        plaintext, ikm = bytes.fromhex(vector["plaintext"]), bytes.fromhex(vector["ikm"])
        return client.seal_letter(given["purpose"], bytes.fromhex(given["organisation"]), to, plaintext, ikm)
    if kind == "envelope":
        seed, ikm = bytes.fromhex(vector["sealer_seed"]), bytes.fromhex(vector["ikm"])
        header = decode(decode(bytes.fromhex(vector["document"])).value[0])
        times = header[15]
        made = client.outer_header(seed, header[13], times[4], times[6], times[7])
        to = client.public_x(bytes.fromhex(given["receiving"]))
        plaintext = decode(bytes.fromhex(vector["plaintext"]))
        plaintext.pop(10)
        return client.seal_envelope(client.pad(plaintext), made, seed, to, bytes.fromhex(given["secret"]), ikm)
    return None


# Kinds of which `says` is compared too.
SAYING = ("envelope", "identity-card", "root", "relay", "founding-answer", "succession-answer", "witness")


def check(folder):
    """(good, bad, made again, flaws)."""
    good = bad = again = 0
    flaws, seeds = [], signing_seeds(json.loads((folder / "keys.json").read_text()))
    for path in sorted(folder.glob("*.json")):
        kind, file = path.stem, json.loads(path.read_text())
        if kind == "keys":
            continue
        for vector in file["good"]:
            good += 1
            try:
                said = read(kind, file, vector)
            except Refused as why:
                flaws.append(f"{kind}: {vector['name']}: refused: {why}")
                continue
            stated = {**vector, **(vector["says"] if kind in SAYING else {})}
            flaws += [f"{kind}: {vector['name']}: {k} is {v}" for k, v in said.items() if k in stated and stated[k] != v]
            made = remade(kind, file, vector, seeds)
            if made is not None:
                again += 1
                if made.hex() != vector["document"]:
                    flaws.append(f"{kind}: {vector['name']}: made again, it is another document")
        for vector in file["bad"]:
            bad += 1
            try:
                read(kind, file, vector)
                flaws.append(f"{kind}: {vector['name']}: ACCEPTED")
            except Refused:
                pass
    return good, bad, again, flaws
