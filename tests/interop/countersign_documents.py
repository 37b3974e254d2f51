"""Every signed document of spec/, read and verified."""

import pathlib
import re

from countersign_cbor import (
    Refused, Tag, array, blob, crockford, decode, digest, ed25519_key, encode, flag, ident, itself, line, network,
    network_order, number, path, prose, raw, record, refuse_unless, scope_name, sha256, slug, thumbprint, time, uint,
    verify, x25519_key,
)

DAY, SKEW = 86_400, 120
VET, APPROVE, ISSUE, ADMIN, AUDIT = 1, 2, 3, 4, 5
PLAIN, CERTIFIED, SEALED = {1, 4, 16}, {1, 4, 13, 16}, {1, 3, 4, 13, 15, 16}

# --- Payloads --------------------------------------------------------------------------------------------------

head = record(L1=uint, L2=digest)
endpoint = record(L1=array(number(1, 6), 1, rising=itself), L2=path)
scope = record(L1=scope_name, L2=number(1, 3), L3=array(endpoint, 1))
environment = record(L1=slug, L2=number(1, 2), L3=line, L4=number(1, 730), L5=slug)
service = record(L1=slug, L2=line, O3=prose, L4=array(environment, 1), L5=array(scope, 1))
catalogue = record(L1=uint, L2=array(service), L3=array(record(L1=slug, L2=line)))
certifier = record(L1=ident, L2=ed25519_key)
asked = record(
    L1=slug, L2=slug, L3=array(scope_name, 1, 50, itself), L4=array(network, 0, 50, network_order), L5=number(1, 730)
)
identity_check = record(L1=ident, L2=time, L3=number(1, 3), L4=line, L5=flag)
grant = record(
    L1=ident, L2=ident, L3=number(1, 3), O4=ident, L5=ident, L6=digest, L7=digest, L8=digest, L9=ident, L10=slug,
    L11=slug, L12=array(scope), L13=array(network), L14=line, L15=time, L16=time, L17=uint, L18=number(1, 3),
    L19=number(1, 2), L20=slug, L21=digest, L22=digest, L23=digest, L24=array(line), L25=array(identity_check), L26=digest,
)
membership = record(
    L1=ident, L2=ident, L3=array(number(1, 5), 1, rising=itself), L4=x25519_key, L5=ed25519_key, L6=digest, O7=number(1, 1)
)
cnf = record(L1=record(L1=number(1, 1), L_1=number(6, 6), L_2=ed25519_key))

PAYLOADS = {
    "root": record(
        L1=ident, L2=number(1, 1 << 62), L3=array(certifier, 2, rising=lambda c: c[1]), L4=number(2, 2), L5=digest,
        L6=time, O7=digest, O8=array(ed25519_key, 2, 2), O9=number(1, 1),
    ),
    "certificate": record(L1=lambda v: None, L4=time, L6=time, L8=cnf, L_70301=membership),
    "card": record(
        L1=ident, L2=uint, L3=line, L4=array(blob, 1), L5=x25519_key, L6=catalogue, L7=time, L8=time, O9=line
    ),
    "identity-card": record(L1=ed25519_key, L2=x25519_key, L3=time, O4=ed25519_key, O5=line),
    "request": record(
        L1=ident, L2=number(1, 1 << 62), L3=ident, L4=digest, L5=blob, L6=time, L7=number(1, 2), O8=ident,
        L9=record(L1=line, L2=line, L3=line, L4=line, L5=line),
        L10=record(L1=prose, L2=prose, L3=prose, L4=prose, L5=prose),
        L11=asked, L12=array(record(L1=slug, L2=prose)),
    ),
    "approval": record(L1=digest, L2=number(1, 2), L3=head, L6=time, L7=ident),
    "receipt": record(L1=ident, L2=digest, L3=digest, L4=ident, L5=ident, L6=head, L7=time),
    "order": record(
        L1=ident, L2=ident, L3=number(1, 2), L4=array(ident, 1, rising=itself), L5=number(1, 6), L6=time, L7=head
    ),
    "message": record(L1=ident, L2=digest, L3=ident, L4=time, L5=number(1, 3), L6=prose),
    "notice": record(L1=ident, O2=ident, O3=ident, L4=number(1, 2), L5=time, O6=prose),
    "entry": record(L1=ident, L2=ident, L3=head, L4=time, L5=blob),
}

# --- COSE ------------------------------------------------------------------------------------------------------


def typ(word):
    return f"application/vnd.countersign.{word}-v1+cose"


class Sign1:
    """A COSE_Sign1 of one kind, its signature not verified yet."""

    def __init__(self, word, labels, document):
        outer = decode(document)
        refuse_unless(isinstance(outer, Tag) and outer.tag == 18, "no COSE_Sign1")
        refuse_unless(isinstance(outer.value, list) and len(outer.value) == 4, "not four parts")
        self.protected, unprotected, self.payload, self.signature = outer.value
        for part, length in ((self.protected, None), (self.payload, None), (self.signature, 64)):
            raw(length)(part)
        refuse_unless(unprotected == {}, "an unprotected label")
        self.header = decode(self.protected)
        refuse_unless(isinstance(self.header, dict) and self.header.keys() == labels, "other labels than this kind has")
        refuse_unless(self.header[1] == -19, "another algorithm")
        refuse_unless(self.header[16] == typ(word), "another kind")
        digest(self.header[4])
        if 13 in labels:
            blob(self.header[13])

    def verify(self, key):
        refuse_unless(thumbprint(6, key) == self.header[4], "another key")
        verify(key, encode(["Signature1", self.protected, b"", self.payload]), self.signature)


def read1(word, document, key, labels=PLAIN):
    """The payload of a document with one signature by a key that is known."""
    signed = Sign1(word, labels, document)
    signed.verify(key)
    return payload(word, signed.payload)


def payload(word, data):
    body = decode(data)
    PAYLOADS[word](body)
    return body


def read_joint(word, document, find, certified=False):
    """Payload and signers' thumbprints of a jointly signed document; `find(kid, certificate)` gives each key."""
    outer = decode(document)
    refuse_unless(isinstance(outer, Tag) and outer.tag == 98, "no COSE_Sign")
    refuse_unless(isinstance(outer.value, list) and len(outer.value) == 4, "not four parts")
    protected, unprotected, data, signatures = outer.value
    blob(protected), blob(data)
    refuse_unless(decode(protected) == {16: typ(word)} and unprotected == {}, "other labels than this kind has")
    refuse_unless(isinstance(signatures, list) and 2 <= len(signatures) <= 16, "too few signatures")
    body, last, kids = payload(word, data), b"", []
    for part in signatures:
        refuse_unless(isinstance(part, list) and len(part) == 3 and part[1] == {}, "no signature")
        blob(part[0]), raw(64)(part[2])
        refuse_unless(part[0] > last, "signatures out of order")
        last, signer = part[0], decode(part[0])
        labels = {1, 4, 13} if certified else {1, 4}
        refuse_unless(isinstance(signer, dict) and signer.keys() == labels and signer[1] == -19, "other signer labels")
        key = find(body, signer[4], signer.get(13))
        refuse_unless(key is not None and thumbprint(6, key) == signer[4] and signer[4] not in kids, "another key")
        verify(key, encode(["Signature", protected, part[0], b"", data]), part[2])
        kids.append(signer[4])
    return body, kids


# --- Organisation ----------------------------------------------------------------------------------------------


def certifying(root, kid):
    return next((c[2] for c in root[3] if thumbprint(6, c[2]) == kid), None)


def persons(root, kids):
    return sum(thumbprint(6, c[2]) in kids for c in root[3])


def read_root(document, before=None, succession=False):
    """The first version, or the one after `before`, which is (root, digest)."""
    old = before[0] if before else None

    def find(body, kid, _):
        offline = next((k for k in body.get(8, []) if thumbprint(6, k) == kid), None)
        return certifying(body, kid) or (certifying(old, kid) if old else None) or offline

    root, kids = read_joint("root", document, find)
    keys = [c[2] for c in root[3]]
    refuse_unless(len(set(keys)) == len(keys), "a key twice")
    refuse_unless((root[2] == 1) == (7 not in root), "a version before the first, or none before a later one")
    refuse_unless(persons(root, kids) >= 2, "fewer than two of its own persons")
    if not before:
        refuse_unless(root[2] == 1 and 8 not in root, "not the first version")
        return root
    refuse_unless(root[1] == old[1] and root.get(9) == old.get(9), "another organisation")
    refuse_unless(root[2] == old[2] + 1 and root[7] == before[1] and root[6] >= old[6], "does not follow")
    if not succession:
        refuse_unless(8 not in root and persons(old, kids) >= 2, "not signed by two persons before")
        return root
    prints = sorted(thumbprint(6, k) for k in root.get(8, []))
    refuse_unless(sha256(b"countersign-successor-v1", *prints) == old[5], "other offline keys")
    refuse_unless(set(prints) <= set(kids), "not signed by both offline keys")
    return root


def follow(roots, pinned=None):
    """All versions from 1 on. The newest succession, or version 1, is what people compared."""
    root, last = read_root(roots[0]), sha256(roots[0])
    compared = last
    for document in roots[1:]:
        outer = decode(document)
        refuse_unless(isinstance(outer, Tag) and isinstance(outer.value, list) and len(outer.value) == 4, "no COSE_Sign")
        offline = 8 in payload("root", outer.value[2])
        root, last = read_root(document, (root, last), offline), sha256(document)
        compared = last if offline else compared
    refuse_unless(pinned in (None, compared), "another root is pinned")
    return root


class Certificate:
    """A member, under a root."""

    def __init__(self, document, root):
        body, kids = read_joint("certificate", document, lambda _, kid, __: certifying(root, kid))
        refuse_unless(persons(root, kids) >= 2, "not signed by two persons")
        refuse_unless(body[1] == crockford(root[1]), "another organisation")
        refuse_unless(body[6] < body[4] <= body[6] + 90 * DAY, "valid for too long")
        self.key, self.issued, self.expires = body[8][1][-2], body[6], body[4]
        subject = body[-70301]
        self.person, self.member, self.rights, self.name = subject[1], subject[2], subject[3], subject[6]
        self.agent = 7 in subject
        refuse_unless(AUDIT not in self.rights or self.rights == [AUDIT], "audit and something else")
        refuse_unless(not self.agent or self.rights == [ISSUE], "an agent that does more than issue")

    def valid_at(self, now):
        return self.issued <= now + SKEW and now < self.expires

    def refuse_unless_valid(self, now):
        refuse_unless(self.valid_at(now), "a certificate that is not valid then")


def distinct(items):
    names = [item[1] for item in items]
    return len(set(names)) == len(names)


def https(url):
    rest = url[8:] if url.startswith("https://") else ""
    return rest and rest[0] != "/" and not set(rest) & set("@?#\\\"'<> ") and rest.isascii()


def read_card(document, pinned, now):
    admins = {}

    def find(body, kid, certificate):
        if not admins:
            admins["root"] = follow(body[4], pinned)
        member = Certificate(certificate, admins["root"])
        member.refuse_unless_valid(body[7])
        refuse_unless(ADMIN in member.rights and member.person not in admins, "not two different admins")
        admins[member.person] = member
        return member.key

    card, _ = read_joint("card", document, find, certified=True)
    refuse_unless(card[1] == admins["root"][1], "another organisation")
    refuse_unless(card[7] < card[8] <= card[7] + 90 * DAY, "valid for too long")
    refuse_unless(now < card[8] and card[7] <= now + SKEW, "not valid now")
    refuse_unless(distinct(card[6][2]) and distinct(card[6][3]), "a short name twice")
    for one in card[6][2]:
        refuse_unless(distinct(one[4]) and distinct(one[5]) and all(https(e[3]) for e in one[4]), "no sound service")
    relay = card.get(9, "https://none.example")
    origin = https(relay) and "/" not in relay[8:]
    refuse_unless(origin or re.fullmatch(r"http://127\.0\.0\.1:[0-9]{1,5}", relay), "no origin of a relay")
    return card


# --- Partner and members ---------------------------------------------------------------------------------------


def read_identity_card(document):
    signed = Sign1("identity-card", PLAIN, document)
    body = payload("identity-card", signed.payload)
    signed.verify(body[1])
    return body


def fingerprint(thumb):
    number_ = int.from_bytes(sha256(b"countersign-fp-v1", thumb), "big") % 10**35
    return " ".join(f"{number_:035d}"[i : i + 5] for i in range(0, 35, 5))


WORDS = (pathlib.Path(__file__).resolve().parents[2] / "spec/words/eff-large.txt").read_text("ascii").split()


def fingerprint_words(thumb):
    number_ = int.from_bytes(sha256(b"countersign-fp-v1", thumb), "big") % 7776**9
    places = []
    for _ in range(9):
        number_, place = divmod(number_, 7776)
        places.insert(0, WORDS[place])
    return " ".join(places)


def read_request(document):
    signed = Sign1("request", PLAIN, document)
    body = payload("request", signed.payload)
    signed.verify(read_identity_card(body[5])[1])
    refuse_unless((body[7] == 2) == (8 in body), "a renewal of nothing, or a first key that renews")
    return body


def read_notice(document, key):
    body = read1("notice", document, key)
    withdraws = body[4] == 1
    refuse_unless(2 in body and 3 not in body if withdraws else 2 in body or 3 in body, "about nothing")
    return body


def read_message(document, root, now):
    signed = Sign1("message", CERTIFIED, document)
    member = Certificate(signed.header[13], root)
    signed.verify(member.key)
    body = payload("message", signed.payload)
    refuse_unless(body[1] == root[1], "another organisation")
    member.refuse_unless_valid(body[4])
    member.refuse_unless_valid(now)
    refuse_unless(body[4] <= now + SKEW, "from the future")
    refuse_unless({VET, APPROVE, ADMIN} & set(member.rights), "by somebody who does not speak for the organisation")
    return body


def refuse_unless_sound(given):
    """The rules a grant keeps by itself."""
    names, networks = [scope[1] for scope in given[12]], [network_order(n) for n in given[13]]
    refuse_unless(names and names == sorted(set(names)), "no scope, or scopes out of order")
    refuse_unless(networks == sorted(set(networks)), "networks out of order")
    refuse_unless(https(given[14]), "a base URL without TLS")
    refuse_unless(given[16] <= given[15], "to be delivered when it has ended")
    new = given[3] == 1
    refuse_unless(new == (given[2] == given[1]) == (4 not in given), "another lineage than its mode has")
    refuse_unless(given.get(4) != given[1], "it renews itself")


def check_approvals(grant_bytes, signatures, root, sealed, now, ends):
    """The rules of grant.md; `signatures` are (approval, certificate, salt, name)."""
    seen, steps, signers = set(), [], []
    for document, certificate, salt, name in signatures:
        member = Certificate(certificate, root)
        member.refuse_unless_valid(now)
        member.refuse_unless_valid(sealed)
        refuse_unless(ends <= member.expires, "it outlives a signer's certificate")
        body = read1("approval", document, member.key)
        refuse_unless(body[1] == sha256(grant_bytes), "an approval over another grant")
        right = VET if body[2] == 1 else APPROVE
        refuse_unless(right in member.rights and not member.agent, "a signature without the right to it")
        refuse_unless(sealed - 14 * DAY <= body[6] <= sealed + SKEW, "an approval too old or too new")
        member.refuse_unless_valid(body[6])
        refuse_unless(sha256(b"countersign-name-v1", salt, name.encode()) == member.name, "another name")
        marks = {("person", member.person), ("member", member.member), ("key", member.key)}
        refuse_unless(not marks & seen, "not two different people")
        seen |= marks
        steps.append(body[2])
        signers.append({"name": name, "person": crockford(member.person), "head": body[3]})
    refuse_unless(steps.count(1) == 1 and len(steps) >= 2, "not vetted once and countersigned")
    return signers
