"""What spec/relay.md describes: nonces, acts, tickets, invitations, answers."""

import hmac

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

import countersign_client as client
import countersign_documents as documents
from countersign_cbor import (
    Tag, array, blob, decode, digest, ed25519_key, encode, ident, itself, line, number, raw, record, refuse_unless,
    sha256, thumbprint, time, uint,
)
from countersign_documents import ADMIN, APPROVE, CERTIFIED, DAY, ISSUE, PLAIN, VET, Certificate, Sign1, payload

FRESH, PATIENCE, DONE, BODY = 120, 15, 64, 160 * 1024
SPEAKERS, ANY = {VET, APPROVE, ADMIN}, {VET, APPROVE, ISSUE, ADMIN}

moment = record(L1=line, L2=digest, L3=time)
documents.PAYLOADS |= {
    "pick-up": record(L1=moment, L2=ident, L3=ed25519_key, L4=number(1, 2), O5=digest),
    "post": record(L1=moment, L2=ident, L3=ed25519_key, L4=digest, O5=ident),
    "poll": record(L1=moment, L2=ident, L3=ed25519_key, L4=uint, L5=number(0, PATIENCE), L6=array(uint, 0, DONE, itself)),
    "upload": record(L1=moment, L2=ident, L3=digest, L4=ed25519_key, L5=digest),
    "withdraw": record(L1=moment, L2=ident),
    "dispatch": record(L1=moment, L2=digest, L3=digest),
    "removal": record(L1=moment, L2=digest),
    "ticket": record(L1=ident, L2=ident, L3=ed25519_key, L4=time, L5=time),
}
ANSWERS = {
    "outcome": record(L1=number(1, 4), O2=time),
    "mail": record(
        L1=array(record(L1=uint, L2=time, L3=blob)), L2=array(record(L1=ident, L2=number(1, 5), L3=time, O4=time))
    ),
}


class Relay:
    """What a relay knows by itself."""

    def __init__(self, origin, key, now, root):
        self.origin, self.key, self.now, self.root = origin, key, now, root

    def read_nonce(self, nonce):
        raw(32)(nonce)
        own = hmac.compare_digest(hmac.digest(self.key, nonce[:16], "sha256")[:16], nonce[16:])
        made = int.from_bytes(nonce[:8], "big")
        refuse_unless(own and abs(made - self.now) <= FRESH, "stale")
        return {"time": made, "random": nonce[8:16].hex()}

    def refuse_unless_meant(self, act):
        refuse_unless(act[1][1] == self.origin and abs(act[1][3] - self.now) <= DAY, "stale")
        self.read_nonce(act[1][2])

    # --- Acts of a partner ---

    def read_pick_up(self, document, second, pick_up):
        act = by_named_key("pick-up", document)
        self.refuse_unless_meant(act)
        refuse_unless((act[4] == 2) == (5 in act), "a letter where none belongs, or none where one does")
        refuse_unless(documents.read1("pick-up", second, pick_up) == act, "the two keys sign different acts")
        return act

    def read_post(self, document, second, ticket):
        act = by_named_key("post", document)
        self.refuse_unless_meant(act)
        refuse_unless((5 in act) == (second is not None), "a ticket that is not there, or not named")
        if second is not None:
            given = read_ticket(ticket, self.root)
            refuse_unless(self.now < given[5], "the ticket is over")
            refuse_unless(given[1] == act[2] and given[2] == act[5], "another ticket than it names")
            refuse_unless(documents.read1("post", second, given[3]) == act, "the two keys sign different acts")
        return act

    def read_poll(self, document, certificate):
        act = by_named_key("poll", document)
        self.refuse_unless_meant(act)
        if certificate is not None:
            member = Certificate(certificate, self.root)
            refuse_unless(act[2] == self.root[1] and act[3] == member.key, "another member's poll")
            self.refuse_unless_member(member, ANY)
        return act

    # --- Acts of a member ---

    def refuse_unless_member(self, member, rights):
        member.refuse_unless_valid(self.now)
        refuse_unless(rights & set(member.rights), "a member without the right to it")

    def read_act(self, kind, document):
        act, member = by_certified_key(kind, document, self.root)
        self.refuse_unless_meant(act)
        self.refuse_unless_member(member, {"upload": {ISSUE}, "removal": {ADMIN}}.get(kind, ANY))
        return act

    def read_upload(self, document, envelope):
        act = self.read_act("upload", document)
        if envelope is not None:
            refuse_unless_sealed(envelope, act[2], self.root)
        return act


def by_named_key(kind, document):
    """The payload of a document whose payload names the key it is signed with, under label 3."""
    signed = Sign1(kind, PLAIN, document)
    act = payload(kind, signed.payload)
    signed.verify(act[3])
    return act


def by_certified_key(kind, document, root):
    signed = Sign1(kind, CERTIFIED, document)
    member = Certificate(signed.header[13], root)
    signed.verify(member.key)
    return payload(kind, signed.payload), member


def refuse_unless_sealed(envelope, cti, root):
    """What a relay can know of an envelope: steps 1 and 2 of envelope.md."""
    signed = Sign1("envelope", documents.SEALED, envelope)
    client.claims(signed.header[15])
    member = Certificate(signed.header[13], root)
    signed.verify(member.key)
    refuse_unless(signed.header[3] == 16 and ISSUE in member.rights, "not sealed by a member who may")
    refuse_unless(signed.header[15][7] == cti, "an envelope of another cti")


def read_ticket(document, root):
    ticket, member = by_certified_key("ticket", document, root)
    refuse_unless(ticket[1] == root[1], "a ticket of another organisation")
    refuse_unless(SPEAKERS & set(member.rights), "by somebody who does not speak for the organisation")
    member.refuse_unless_valid(ticket[4])
    refuse_unless(ticket[4] < ticket[5] <= ticket[4] + 90 * DAY, "a ticket for too long")
    return ticket


def refuse_unless_beside(act, label, part):
    refuse_unless(part is None or sha256(part) == act[label], "other bytes than the act names")


# --- Several in one --------------------------------------------------------------------------------------------


def read_body(document):
    parts = decode(document, BODY)
    array(blob, 1, 4)(parts)
    return parts


def read_invitation(document, pinned, now):
    parts = decode(document, 1 << 20)
    array(blob, 3, 3)(parts)
    raw(32)(parts[2])
    card = documents.read_card(parts[0], pinned, now)
    ticket = read_ticket(parts[1], documents.follow(card[4], pinned))
    refuse_unless(client.public_ed(parts[2]) == ticket[3], "the seed of another key")
    refuse_unless(9 in card and now < ticket[5], "no relay, or a ticket that is over")
    return card, ticket


def pick_up_seed(secret):
    return HKDF(SHA256(), 32, None, b"countersign-pickup-v1").derive(secret)


# --- Vectors ---------------------------------------------------------------------------------------------------

BESIDE = {"upload": ("envelope", 5), "dispatch": ("letter", 3), "post": ("letter", 4), "pick-up": ("letter", 5)}


def read(vector, given, hexed, document):
    """What a vector of relay.json says; raises `Refused`."""
    kind = vector["kind"]
    if kind == "pick-up-key":
        seed = pick_up_seed(document)
        return {"seed": seed.hex(), "public": client.public_ed(seed).hex()}
    if kind == "body":
        return {"parts": [part.hex() for part in read_body(document)]}
    if kind in ANSWERS:
        answer = decode(document, 1 << 24)
        ANSWERS[kind](answer)
        return {"payload": encode(answer).hex()}
    if kind == "invitation":
        card, ticket = read_invitation(document, hexed["pinned"], given["now"])
        names = {"organisation": documents.crockford(card[1]), "ticket": documents.crockford(ticket[2])}
        return {**names, "relay": card[9]}
    act = read_signed(kind, vector, hexed, document, given)
    if kind == "nonce":
        return act
    if kind in BESIDE:
        name, label = BESIDE[kind]
        refuse_unless_beside(act, label, hexed.get(name))
    return {"payload": encode(act).hex()}


def read_signed(kind, vector, hexed, document, given):
    relay = Relay(given["origin"], hexed["nonce_key"], given["now"], documents.read_root(hexed["root"]))
    second = bytes.fromhex(vector["second"]) if "second" in vector else None
    if kind == "nonce":
        return relay.read_nonce(document)
    if kind == "pick-up":
        return relay.read_pick_up(document, second, hexed["pick_up"])
    if kind == "post":
        return relay.read_post(document, second, hexed["ticket"])
    if kind == "poll":
        return relay.read_poll(document, hexed.get("certificate"))
    if kind == "upload":
        return relay.read_upload(document, hexed.get("envelope"))
    if kind == "ticket":
        return read_ticket(document, relay.root)
    return relay.read_act(kind, document)


def remade(vector, seeds):
    """A signed document made again from its payload and the seed of its signer, whom its header names."""
    document = bytes.fromhex(vector["document"])
    if "payload" not in vector or vector["kind"] in ANSWERS:
        return None
    protected, _, body, _ = decode(document).value
    header = decode(protected)
    certificate = {13: header[13]} if 13 in header else {}
    made = encode({1: -19, 4: header[4], **certificate, 16: documents.typ(vector["kind"])})
    seed = seeds[header[4]]
    refuse_unless(thumbprint(6, client.public_ed(seed)) == header[4], "the seeds are of other keys")
    signature = Ed25519PrivateKey.from_private_bytes(seed).sign(encode(["Signature1", made, b"", body]))
    return encode(Tag(18, [made, {}, body, signature]))
