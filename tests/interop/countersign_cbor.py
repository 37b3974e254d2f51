"""The CBOR profile of spec/cbor.md: a strict reader, and the values formats are made of."""

import hashlib
import ipaddress
import re
import unicodedata
from collections import namedtuple

import cbor2
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

LIMIT = 65_536
Tag = namedtuple("Tag", "tag value")


class Refused(Exception):
    """Nothing of the document counts. The text is for the local screen only."""


def refuse_unless(holds, why):
    if not holds:
        raise Refused(why)


def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


# --- Reading ---------------------------------------------------------------------------------------------------


def decode(data, limit=LIMIT):
    """Exactly one item in the one encoding it has."""
    refuse_unless(len(data) <= limit, "too large")
    value, at = _item(data, 0, 0)
    refuse_unless(at == len(data), "bytes are left over")
    return value


def _take(data, at, count):
    refuse_unless(at + count <= len(data), "the bytes end too early")
    return data[at : at + count], at + count


def _head(data, at):
    first, at = _take(data, at, 1)
    major, info = first[0] >> 5, first[0] & 31
    if info < 24:
        return major, info, at
    refuse_unless(info <= 27, "an indefinite or reserved length")
    width = 1 << (info - 24)
    raw, at = _take(data, at, width)
    value = int.from_bytes(raw, "big")
    least = 24 if width == 1 else 1 << (4 * width)
    refuse_unless(value >= least, "a number is not in its shortest form")
    return major, value, at


def _item(data, at, depth):
    refuse_unless(depth <= 16, "nested too deeply")
    refuse_unless(at < len(data), "the bytes end too early")
    refuse_unless(data[at] >> 5 != 7, "a float or simple value")
    major, value, at = _head(data, at)
    if major == 0:
        return value, at
    if major == 1:
        refuse_unless(value < 1 << 63, "a number out of range")
        return -1 - value, at
    if major in (2, 3):
        raw, at = _take(data, at, value)
        if major == 2:
            return raw, at
        try:
            return raw.decode("utf-8"), at
        except UnicodeDecodeError:
            raise Refused("text is not UTF-8") from None
    if major == 6:
        refuse_unless(value in (16, 18, 98), "an unknown tag")
        inner, at = _item(data, at, depth + 1)
        return Tag(value, inner), at
    refuse_unless(value <= len(data) - at, "a length beyond the end")
    if major == 4:
        items = []
        for _ in range(value):
            item, at = _item(data, at, depth + 1)
            items.append(item)
        return items, at
    pairs, last = {}, b""
    for _ in range(value):
        begin = at
        label, at = _item(data, at, depth + 1)
        refuse_unless(isinstance(label, int), "a label is no integer")
        refuse_unless(data[begin:at] > last, "labels out of order or doubled")
        last = data[begin:at]
        pairs[label], at = _item(data, at, depth + 1)
    return pairs, at


def encode(value):
    """Maps are written in the order they have: callers list labels in canonical order."""
    return cbor2.dumps(_plain(value))


def _plain(value):
    if isinstance(value, Tag):
        return cbor2.CBORTag(value.tag, _plain(value.value))
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {label: _plain(item) for label, item in value.items()}
    return value


# --- Values ----------------------------------------------------------------------------------------------------


def record(**fields):
    """A map with exactly these labels: `L1=uint`, `L_70301=…` for negative ones, `O7=…` for optional ones."""
    known = {}
    for name, kind in fields.items():
        label = -int(name[2:]) if name[1] == "_" else int(name[1:])
        known[label] = (kind, name[0] == "O")

    def check(value):
        refuse_unless(isinstance(value, dict), "a map was due")
        refuse_unless(value.keys() <= known.keys(), "an unknown label")
        for label, (kind, optional) in known.items():
            refuse_unless(optional or label in value, f"label {label} is missing")
            if label in value:
                kind(value[label])

    return check


def array(kind, least=0, most=1 << 20, rising=None):
    def check(value):
        refuse_unless(isinstance(value, list) and least <= len(value) <= most, "an array of another length was due")
        for item in value:
            kind(item)
        if rising:
            keys = [rising(item) for item in value]
            refuse_unless(all(a < b for a, b in zip(keys, keys[1:])), "a list is out of order or holds something twice")

    return check


def itself(value):
    return value


def number(least, most):
    def check(value):
        refuse_unless(isinstance(value, int) and least <= value <= most, "a number out of range")

    return check


uint = number(0, (1 << 64) - 1)
time = number(0, (1 << 53) - 1)
flag = number(0, 1)


def raw(length=None):
    def check(value):
        refuse_unless(isinstance(value, bytes) and length in (None, len(value)), "a byte string of another length was due")

    return check


ident, digest, blob = raw(16), raw(32), raw()

BAD = re.compile(
    "[\x00-\x1f\x7f-\x9f\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\u00ad\u034f\u115f\u1160\u17b4\u17b5"
    "\u180b-\u180f\u200b-\u200d\u2060-\u2065\u206a-\u206f\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff\ue000-\uf8ff\ufdd0-\ufdef\ufffc-\uffff"
    "\U000f0000-\U0010ffff\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]"
)


def _text(value, longest, lines):
    refuse_unless(isinstance(value, str) and 1 <= len(value.encode()) <= longest, "a text of another length was due")
    refuse_unless(not BAD.search(value.replace("\n", " " if lines else "\n")), "a text that could deceive")
    refuse_unless(unicodedata.is_normalized("NFC", value), "a text not in normal form C")
    refuse_unless(value == value.strip() and (lines or "  " not in value), "spaces in a text")
    marks = 0
    for char in value:
        marks = marks + 1 if unicodedata.category(char).startswith("M") else 0
        refuse_unless(marks <= 8, "too many combining marks")


def line(value):
    _text(value, 200, False)


def prose(value):
    _text(value, 8_000, True)


def pattern(expression, longest):
    compiled = re.compile(expression)

    def check(value):
        holds = isinstance(value, str) and len(value) <= longest and compiled.fullmatch(value)
        refuse_unless(holds, "a text of another form was due")

    return check


slug = pattern(r"[a-z][a-z0-9-]*", 40)
scope_name = pattern(r"[a-z][a-z0-9._:-]*", 60)
_path = pattern(r"/[!-~]*", 120)


def path(value):
    _path(value)
    refuse_unless(not set(value) & set("?#\\\"'<>%"), "a path with a query or quotes")
    refuse_unless(not {".", ".."} & set(value.split("/")), "a path that climbs")


def network(value):
    refuse_unless(isinstance(value, str), "a network was due")
    try:
        net = ipaddress.ip_network(value)
    except ValueError:
        raise Refused("no network") from None
    refuse_unless(str(net) == value and net.prefixlen > 0, "a network in another spelling")


def network_order(value):
    net = ipaddress.ip_network(value)
    return net.version, int(net.network_address), net.prefixlen


P = (1 << 255) - 19
LOW_ORDER = {
    bytes.fromhex(h)
    for h in (
        "0100000000000000000000000000000000000000000000000000000000000000",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0000000000000000000000000000000000000000000000000000000000000080",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
    )
}


def point(value):
    """A canonical Ed25519 point that is not of small order."""
    y = int.from_bytes(value, "little") & ((1 << 255) - 1)
    refuse_unless(y < P and value not in LOW_ORDER, "a point that is not canonical or of small order")


def ed25519_key(value):
    digest(value)
    point(value)


def x25519_key(value):
    digest(value)
    refuse_unless(int.from_bytes(value, "little") < 2**255 - 19, "a receiving key in a second spelling")
    try:
        X25519PrivateKey.from_private_bytes(b"\x42" * 32).exchange(X25519PublicKey.from_public_bytes(value))
    except ValueError:
        raise Refused("a receiving key of small order") from None


def verify(key, message, signature):
    """Strict: canonical, no small order; S below the order is checked by the library."""
    refuse_unless(len(signature) == 64, "a signature has 64 bytes")
    point(key)
    point(signature[:32])
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, message)
    except Exception:
        raise Refused("a signature does not verify") from None


def thumbprint(curve, key):
    return sha256(encode({1: 1, -1: curve, -2: key}))


ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"


def crockford(value):
    number_ = int.from_bytes(value, "big") << 2
    return "".join(ALPHABET[(number_ >> (5 * i)) & 31] for i in range(25, -1, -1))
