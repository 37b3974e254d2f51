"""Leaves, blobs, the Merkle tree, checkpoints and proofs of spec/ledger.md; links and codes of spec/delivery.md."""

import base64
import hmac
import re
import struct

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from countersign_cbor import (
    Refused, blob, crockford, decode, digest, encode, ident, raw, record, refuse_unless, sha256, uint, verify,
)
from countersign_documents import identity_check

leaf_format = record(L1=uint, L2=ident, L3=digest, L4=raw(24), L5=blob)
blob_format = record(L1=uint, L2=raw(24), L3=raw(48), L4=raw(24), L5=blob)
content_format = record(L1=ident, L2=blob)

# --- Events ----------------------------------------------------------------------------------------------------

member_checked = record(L1=digest, L2=identity_check)


def read_event(entry, signer):
    """What the event of an entry says on its own, where this reader knows its code: so far a comparison of fingerprints."""
    code, told = decode(entry[5])
    if code != 40:
        return {}
    member_checked(told)
    check = told[2]
    refuse_unless(check[2] <= entry[4], "compared later than it was recorded")
    refuse_unless(told[1] != signer, "compared with oneself")
    return {
        "compared": {
            "identity": told[1].hex(),
            "person": crockford(check[1]),
            "time": check[2],
            "channel": ("phone", "video", "in-person")[check[3] - 1],
            "source": check[4],
            "attended": check[5] == 1,
        }
    }


# --- Sealed rows -----------------------------------------------------------------------------------------------


def hkdf(key, info):
    return HKDF(hashes.SHA256(), 32, None, info).derive(key)


def hchacha20(key, nonce):
    """draft-irtf-cfrg-xchacha-03, section 2.2."""
    s = list(struct.unpack("<16I", b"expand 32-byte k" + key + nonce))

    def quarter(a, b, c, d):
        for x, y, z, turn in ((a, b, d, 16), (c, d, b, 12), (a, b, d, 8), (c, d, b, 7)):
            s[x] = (s[x] + s[y]) & 0xFFFFFFFF
            mixed = s[z] ^ s[x]
            s[z] = (mixed << turn | mixed >> (32 - turn)) & 0xFFFFFFFF

    for _ in range(10):
        for column in range(4):
            quarter(column, column + 4, column + 8, column + 12)
        for a, b, c, d in ((0, 5, 10, 15), (1, 6, 11, 12), (2, 7, 8, 13), (3, 4, 9, 14)):
            quarter(a, b, c, d)
    return struct.pack("<8I", *s[:4], *s[12:])


def xchacha_open(key, nonce, aad, ciphertext):
    try:
        return ChaCha20Poly1305(hchacha20(key, nonce[:16])).decrypt(bytes(4) + nonce[16:], ciphertext, aad)
    except Exception:
        raise Refused("does not open") from None


def open_leaf(stored, organisation, epoch_key):
    leaf = decode(stored, 65_536 + 128)
    leaf_format(leaf)
    entry_key = hkdf(epoch_key, b"countersign-entry-key-v1" + leaf[2])
    commitment = sha256(b"countersign-entry-v1", entry_key)
    refuse_unless(hmac.compare_digest(commitment, leaf[3]), "commits to another key")
    entry = xchacha_open(entry_key, leaf[4], encode([organisation, leaf[1], leaf[2]]), leaf[5])
    return {
        "plaintext": entry.hex(),
        "epoch": leaf[1],
        "op_id": leaf[2].hex(),
        "nonce": leaf[4].hex(),
        "entry_key": entry_key.hex(),
        "epoch_commitment": sha256(b"countersign-epoch-v1", epoch_key).hex(),
        "leaf_hash": leaf_hash(stored).hex(),
    }


def open_blob(stored, name, organisation, epoch_key):
    sealed = decode(stored, (8 << 20) + 192)
    blob_format(sealed)
    aad = encode([organisation, sealed[1], name])
    own = xchacha_open(hkdf(epoch_key, b"countersign-blob-v1"), sealed[2], aad, sealed[3])
    content = decode(xchacha_open(own, sealed[4], aad, sealed[5]), 8 << 20)
    content_format(content)
    refuse_unless(sha256(b"countersign-blob-name-v1", content[1], sha256(content[2])) == name, "another name")
    return content[2]


# --- Tree ------------------------------------------------------------------------------------------------------


def leaf_hash(row):
    return sha256(b"\x00", row)


def node(left, right):
    return sha256(b"\x01", left, right)


def split(size):
    return 1 << (size - 1).bit_length() - 1


def tree(leaves):
    if len(leaves) < 2:
        return leaves[0] if leaves else sha256()
    middle = split(len(leaves))
    return node(tree(leaves[:middle]), tree(leaves[middle:]))


def root_of_path(hash_, index, size, path):
    """The root that a path leads to, from the recursion of RFC 9162, 2.1.3.1 read upwards."""
    if size == 1:
        refuse_unless(not path, "a path too long")
        return hash_
    refuse_unless(path, "a path too short")
    middle = split(size)
    if index < middle:
        return node(root_of_path(hash_, index, middle, path[:-1]), path[-1])
    return node(path[-1], root_of_path(hash_, index - middle, size - middle, path[:-1]))


def check_inclusion(hash_, index, size, path, root):
    refuse_unless(index < size, "outside the tree")
    refuse_unless(root_of_path(hash_, index, size, path) == root, "another root")


def check_consistency(old, old_root, new, new_root, path):
    refuse_unless(old <= new, "a tree that shrank")
    if old in (0, new):
        refuse_unless(not path and (old_root == sha256() if old == 0 else old_root == new_root), "another root")
        return

    def both(size, wanted, whole, rest):
        """The roots of the first `wanted` of `size` leaves, and of all of them."""
        if wanted == size:
            if whole:
                refuse_unless(not rest, "a proof too long")
                return old_root, old_root
            refuse_unless(len(rest) == 1, "a proof of another length")
            return rest[0], rest[0]
        refuse_unless(rest, "a proof too short")
        middle = split(size)
        if wanted <= middle:
            first, all_ = both(middle, wanted, whole, rest[:-1])
            return first, node(all_, rest[-1])
        first, all_ = both(size - middle, wanted - middle, False, rest[:-1])
        return node(rest[-1], first), node(rest[-1], all_)

    refuse_unless(both(new, old, True, path) == (old_root, new_root), "another root")


# --- Notes -----------------------------------------------------------------------------------------------------


def b64(text):
    try:
        value = base64.b64decode(text, validate=True)
    except ValueError:
        raise Refused("no base64") from None
    refuse_unless(base64.b64encode(value).decode() == text, "base64 in another spelling")
    return value


def decimal(text):
    refuse_unless(re.fullmatch("0|[1-9][0-9]{0,18}", text), "a number in another spelling")
    return int(text)


def signature_lines(note):
    """The text of a note and its signature lines: (name, key id, signature)."""
    refuse_unless(len(note.encode()) <= 65_536 and not re.search("[\x00-\x09\x0b-\x1f]", note), "no note")
    text, blank, rest = note.rpartition("\n\n")
    refuse_unless(blank and rest.endswith("\n"), "no note")
    text += "\n"
    lines = []
    for row in rest[:-1].split("\n"):
        parts = re.fullmatch(r"\u2014 ([^\s+]+) (\S+)", row)
        refuse_unless(parts, "no signature line")
        signed = b64(parts[2])
        refuse_unless(len(signed) > 4, "no signature")
        lines.append((parts[1], signed[:4], signed[4:]))
    return text, lines


def key_id(name, type_, key):
    return sha256(name.encode(), b"\n", bytes([type_]), key)[:4]


def signed_once(lines, name, type_, key):
    mine = [signed for named, id_, signed in lines if (named, id_) == (name, key_id(name, type_, key))]
    refuse_unless(len(mine) == 1, "not signed once by this key")
    return mine[0]


def read_checkpoint(note, name, key):
    text, signatures = signature_lines(note)
    verify(key, text.encode(), signed_once(signatures, name, 1, key))
    lines = text.split("\n")
    refuse_unless(len(lines) == 4 and lines[0] and lines[3] == "", "no checkpoint")
    root = b64(lines[2])
    digest(root)
    return {"origin": lines[0], "size": decimal(lines[1]), "root": root.hex()}


def read_leaf_proof(text, row, name, key):
    first, blank, note = text.partition("\n\n")
    lines = first.split("\n")
    refuse_unless(blank and lines[0] == "c2sp.org/tlog-proof@v1" and lines[1].startswith("index "), "no proof")
    index, hashes_ = decimal(lines[1][6:]), [b64(h) for h in lines[2:]]
    refuse_unless(len(hashes_) <= 64 and all(len(h) == 32 for h in hashes_), "no hashes")
    checkpoint = read_checkpoint(note, name, key)
    check_inclusion(leaf_hash(row), index, checkpoint["size"], hashes_, bytes.fromhex(checkpoint["root"]))
    return {"index": index, **checkpoint}


# --- Delivery --------------------------------------------------------------------------------------------------


def b64url(text, length):
    refuse_unless(re.fullmatch("[A-Za-z0-9_-]*", text), "no base64url")
    value = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    refuse_unless(len(value) == length and base64.urlsafe_b64encode(value).decode().rstrip("=") == text, "another spelling")
    return value


def read_link(text):
    parts = re.fullmatch(r"(?:https://|countersign://e/|(?=http://127\.0\.0\.1[:/]))(.+)#(.*)", text.strip())
    refuse_unless(parts, "no link")
    address = parts[1].removeprefix("http://")
    host, _, cti = address.rpartition("/")
    host = host if text.strip().startswith("countersign:") else host.removesuffix("/e")
    refuse_unless(host and not set(host) & set("/?@") and (address.startswith(host + "/")), "no link")
    return {"relay": host, "cti": b64url(cti, 16).hex(), "secret": b64url(parts[2], 32).hex()}


ALPHABET45 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"


def base45(text):
    refuse_unless(set(text) <= set(ALPHABET45) and len(text) % 3 != 1, "no base45")
    out = b""
    for at in range(0, len(text), 3):
        chunk = [ALPHABET45.index(c) for c in text[at : at + 3]]
        value, width = sum(n * 45**i for i, n in enumerate(chunk)), len(chunk) - 1
        refuse_unless(value < 256**width, "no base45")
        out += value.to_bytes(width, "big")
    return out


def read_armor(text):
    lines = text.strip().replace("\r\n", "\n").split("\n")
    refuse_unless(len(lines) > 2 and lines[0] == "-----BEGIN COUNTERSIGN-----" and lines[-1] == "-----END COUNTERSIGN-----", "no text")
    inside = lines[1:-1]
    refuse_unless(all(len(line) == 64 for line in inside[:-1]) and 1 <= len(inside[-1]) <= 64, "other lines")
    refuse_unless(re.fullmatch(r"[A-Za-z0-9+/]+={0,2}", "".join(inside)) and len("".join(inside)) % 4 == 0, "no base64")
    document = base64.b64decode("".join(inside))
    refuse_unless(base64.b64encode(document).decode() == "".join(inside), "not canonical")
    return document


def read_parts(parts):
    found, same = {}, set()
    for part in parts:
        read = re.fullmatch(r"CS1:([1-9]\d?)/([1-9]\d?):([A-Z2-7]{8}):(.+)", part.strip())
        refuse_unless(read and int(read[1]) <= int(read[2]), "no part")
        data = base45(read[4])
        refuse_unless(1 <= len(data) <= 420 and found.get(int(read[1]), data) == data, "a damaged part")
        found[int(read[1])] = data
        same.add((int(read[2]), read[3]))
    refuse_unless(len(same) == 1, "parts of different envelopes")
    count, mark = same.pop()
    refuse_unless(len(found) == count, "parts are missing")
    whole = b"".join(found[i] for i in range(1, count + 1))
    refuse_unless(base64.b32encode(sha256(whole)[:5]).decode() == mark, "another mark")
    return whole
