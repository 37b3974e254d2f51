"""What two founders exchange, and two who use the keys on paper (spec/founding.md): read, drawn up, completed, made again."""

import unicodedata

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from countersign_cbor import (
    Tag, array, blob, crockford, decode, digest, ed25519_key, encode, ident, line, number, raw, record, refuse_unless, sha256,
    thumbprint, time, verify,
)
from countersign_documents import (
    ADMIN, APPROVE, DAY, ISSUE, PAYLOADS, PLAIN, VET, Certificate, Sign1, follow, payload, read_identity_card, read_root, typ,
)

founder = record(L1=ident, L2=ident, L3=blob, L4=ed25519_key, L5=ed25519_key, L6=raw(16))
known = record(L1=digest, L2=ident, L3=ident)

PAPERS = {
    "founding-offer": (3, record(L1=ident, L2=line, L3=founder, L4=time, O5=number(1, 1))),
    "founding-answer": (2, record(L1=digest, L2=founder, L3=time, L4=blob, L5=array(blob))),
    "succession-offer": (3, record(L1=ident, L2=array(blob, 1), L3=founder, L4=ed25519_key, L5=array(known), L6=time)),
    "succession-answer": (2, record(L1=digest, L2=founder, L3=ed25519_key, L4=time, L5=array(blob), L6=array(blob))),
}
PAYLOADS.update({kind: rule for kind, (_, rule) in PAPERS.items()})

# Scripts that are written together everywhere, with each other and with Latin.
TOGETHER = {"CJK", "HIRAGANA", "KATAKANA", "HANGUL", "BOPOMOFO"}


def refuse_look_alikes(name):
    scripts = {unicodedata.name(c).split()[0] for c in name if c.isalpha()}
    apart = scripts - TOGETHER
    refuse_unless(len(apart) <= 1 and (not scripts & TOGETHER or apart <= {"LATIN"}), "letters of several scripts")


def card_of(part):
    card = read_identity_card(part[3])
    refuse_unless(4 in card and 5 in card, "no member's card")
    refuse_look_alikes(card[5])
    return card


def read_paper(kind, document):
    """The payload, signed by the key of the card in the part of whoever wrote it."""
    signed = Sign1(kind, PLAIN, document)
    body = payload(kind, signed.payload)
    signed.verify(card_of(body[PAPERS[kind][0]])[1])
    return body


def draw_up(root, parts, made):
    """(root, certificates), as payloads; `root` lacks certifiers and successor."""
    cards = [card_of(part) for part in parts]
    refuse_unless(parts[0][1] != parts[1][1] and cards[0][1] != cards[1][1], "one person twice")
    refuse_unless(parts[0][4] != parts[1][4], "one certifying key twice")
    root[3] = [{1: person, 2: key} for person, key in sorted((part[1], part[4]) for part in parts)]
    root[5] = sha256(b"countersign-successor-v1", *sorted(thumbprint(6, part[5]) for part in parts))
    root = {label: root[label] for label in sorted(root)}
    certificates = []
    for part, card in zip(parts, cards):
        subject = {
            1: part[1], 2: part[2], 3: [VET, APPROVE, ISSUE, ADMIN], 4: card[2], 5: card[4],
            6: sha256(b"countersign-name-v1", part[6], card[5].encode()),
        }
        key = {1: {1: 1, -1: 6, -2: card[1]}}
        certificates.append({1: crockford(root[1]), 4: made + 90 * DAY, 6: made, 8: key, -70301: subject})
    return encode(root), [encode(c) for c in certificates]


def to_be_signed(kind, protected, data):
    return encode(["Signature", encode({16: typ(kind)}), protected, b"", data])


def read_part(kind, data, part, key):
    """One signature under a payload that was drawn up here."""
    item = decode(part)
    refuse_unless(isinstance(item, list) and len(item) == 3 and item[1] == {}, "no signature")
    raw()(item[0]), raw(64)(item[2])
    refuse_unless(decode(item[0]) == {1: -19, 4: thumbprint(6, key)}, "another key")
    verify(key, to_be_signed(kind, item[0], data), item[2])


def read_parts(drawn, under_root, keys, under_certificates, certifying):
    root, certificates = drawn
    refuse_unless(len(under_root) == len(keys) and len(under_certificates) == 2, "another number of signatures")
    for part, key in zip(under_root, keys):
        read_part("root", root, part, key)
    for data, part in zip(certificates, under_certificates):
        read_part("certificate", data, part, certifying)


def read_founding_offer(document):
    body = read_paper("founding-offer", document)
    refuse_look_alikes(body[2])
    return body


def read_founding_answer(document, offered):
    offer, body = read_founding_offer(offered), read_paper("founding-answer", document)
    refuse_unless(body[1] == sha256(offered), "another offer")
    root = {1: offer[1], 2: 1, 4: 2, 6: body[3], **({9: 1} if 5 in offer else {})}
    drawn = draw_up(root, [offer[3], body[2]], body[3])
    read_parts(drawn, [body[4]], [body[2][4]], body[5], body[2][4])
    return body, drawn


def is_known(offer, part, needed):
    found = next((k for k in offer[5] if k[1] == thumbprint(6, card_of(part)[1])), None)
    same = found is not None and (found[2], found[3]) == (part[1], part[2])
    refuse_unless(same or (found is None and not needed), "a member as somebody else")


def read_succession_offer(document):
    body = read_paper("succession-offer", document)
    root = follow(body[2])
    refuse_unless(root[1] == body[1], "another organisation")
    is_known(body, body[3], True)
    return body, root


def read_succession_answer(document, offered):
    (offer, old), body = read_succession_offer(offered), read_paper("succession-answer", document)
    refuse_unless(body[1] == sha256(offered), "another offer")
    prints = sorted(thumbprint(6, key) for key in (offer[4], body[3]))
    refuse_unless(sha256(b"countersign-successor-v1", *prints) == old[5], "other keys on paper")
    is_known(offer, body[2], False)
    root = {
        1: old[1], 2: old[2] + 1, 4: 2, 6: max(body[4], old[6]), 7: sha256(offer[2][-1]), 8: [offer[4], body[3]],
        **({9: 1} if 9 in old else {}),
    }
    drawn = draw_up(root, [offer[3], body[2]], body[4])
    read_parts(drawn, body[5], [body[3], body[2][4]], body[6], body[2][4])
    return body, drawn


def read(kind, document, given):
    """What a vector says: the payload, and of an answer what it is completed to."""
    if kind == "founding-offer":
        return {"payload": encode(read_founding_offer(document)).hex()}
    if kind == "succession-offer":
        return {"payload": encode(read_succession_offer(document)[0]).hex()}
    certifying, offered = given["certifying"], given["offer"]
    if kind == "founding-answer":
        body, drawn = read_founding_answer(document, offered)
        theirs, mine = [body[4]], [certifying]
    else:
        body, drawn = read_succession_answer(document, offered)
        theirs, mine = body[5], [given["half"], certifying]
    root = join("root", drawn[0], theirs + [cosign("root", drawn[0], seed) for seed in mine])
    both = [join("certificate", data, [part, cosign("certificate", data, certifying)])
            for data, part in zip(drawn[1], body[5 if kind == "founding-answer" else 6])]
    # What comes of it holds for whoever reads roots and certificates.
    followed = read_root(root) if kind == "founding-answer" else follow(read_succession_offer(offered)[0][2] + [root])
    for certificate in both:
        Certificate(certificate, followed)
    return {"payload": encode(body).hex(), "root": root.hex(), "certificates": [c.hex() for c in both]}


def public(seed):
    return Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


def cosign(kind, data, seed):
    protected = encode({1: -19, 4: thumbprint(6, public(seed))})
    signature = Ed25519PrivateKey.from_private_bytes(seed).sign(to_be_signed(kind, protected, data))
    return encode([protected, {}, signature])


def join(kind, data, parts):
    return encode(Tag(98, [encode({16: typ(kind)}), {}, data, sorted((decode(p) for p in parts), key=lambda p: p[0])]))


def remade(kind, document, given, seeds):
    """The document again, from the seeds: what is signed under root and certificates, and the signature around it."""
    body = decode(decode(document).value[2])
    if kind.endswith("answer"):
        new = seeds[thumbprint(6, body[2][4])]
        if kind == "founding-answer":
            drawn = read_founding_answer(document, given["offer"])[1]
            body[4], at = cosign("root", drawn[0], new), 5
        else:
            drawn = read_succession_answer(document, given["offer"])[1]
            body[5], at = [cosign("root", drawn[0], seed) for seed in (seeds[thumbprint(6, body[3])], new)], 6
        body[at] = [cosign("certificate", data, new) for data in drawn[1]]
    seed = seeds[thumbprint(6, card_of(body[PAPERS[kind][0]])[1])]
    protected, data = encode({1: -19, 4: thumbprint(6, public(seed)), 16: typ(kind)}), encode(body)
    signature = Ed25519PrivateKey.from_private_bytes(seed).sign(encode(["Signature1", protected, b"", data]))
    return encode(Tag(18, [protected, {}, data, signature]))
