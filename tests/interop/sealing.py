"""Envelopes with made-up content, sealed by the Python client for the other side to open."""

import random

import countersign_client as client
from countersign_cbor import crockford, encode, sha256, thumbprint
from countersign_documents import APPROVE, DAY, ISSUE, VET

NAMES = ["Ada Example", "Bo Sample", "Dée Beispiel", "株式会社 見本", "Zoë Müller-Muster"]
SCOPES = ["billing:read", "orders.list", "orders:read", "orders:write"]


def made_up(seed):
    """(document, what its opener has, what it says)."""
    draw = random.Random(seed)
    now, organisation = 1_700_000_000 + draw.randrange(400_000_000), draw.randbytes(16)
    founders = [draw.randbytes(32) for _ in range(2)]
    certifiers = sorted((draw.randbytes(16), client.public_ed(f)) for f in founders)
    root = client.sign_jointly(
        "root",
        {1: organisation, 2: 1, 3: [{1: p, 2: k} for p, k in certifiers], 4: 2, 5: draw.randbytes(32), 6: now - 90 * DAY},
        founders,
    )
    identity, receiving, secret = (draw.randbytes(32) for _ in range(3))
    to = client.public_x(receiving)
    grant = grant_of(draw, organisation, thumbprint(6, client.public_ed(identity)), thumbprint(4, to), now)
    members = [member(draw, founders, organisation, [VET], now)]
    members += [member(draw, founders, organisation, [APPROVE, ISSUE], now) for _ in range(draw.randint(1, 3))]
    sealer = members[-1] if draw.random() < 0.5 else member(draw, founders, organisation, [ISSUE], now, draw.random() < 0.5)
    others, signers = [], []
    for place, one in enumerate(members):
        approval = {
            1: sha256(encode(grant)), 2: 1 if place == 0 else 2, 3: {1: draw.randrange(1 << 40), 2: draw.randbytes(32)},
            6: now - draw.randrange(3_600), 7: draw.randbytes(16),
        }
        if one is not sealer:
            others.append(one["certificate"])
        reference = 0 if one is sealer else len(others)
        signature = client.sign1("approval", approval, one["seed"])[-64:]
        signers.append({
            1: reference, 2: approval[2], 3: approval[3], 4: approval[6], 5: approval[7], 6: signature, 7: one["salt"],
            8: one["name"],
        })
    draw.shuffle(signers)
    key = "".join(chr(draw.randint(33, 126)) for _ in range(draw.randint(16, 300)))
    cti, nonce = draw.randbytes(16), draw.randbytes(32)
    places = sorted(draw.sample(range(4), draw.randint(1, 4)))
    given = [SCOPES[place] for place in places]
    plaintext = {
        1: draw.randbytes(16), 2: draw.randrange(1 << 30), 3: grant[15], 4: grant, 5: places, 6: others, 7: signers,
        8: nonce, 9: key.encode(),
    }
    expires = min([now + draw.randint(1, 30) * DAY] + [one["expires"] for one in [*members, sealer]])
    header = client.outer_header(sealer["seed"], sealer["certificate"], expires, now, cti)
    document = client.seal_envelope(client.pad(plaintext), header, sealer["seed"], to, secret, draw.randbytes(32))
    opener = {
        "root": root.hex(), "identity": grant[7].hex(), "receiving": receiving.hex(), "secret": secret.hex(),
        "now": now, "highest": now, "memory": {"opened": [], "deliveries": 0, "newest": None},
    }
    says = {"key": key, "cti": crockford(cti), "nonce": nonce.hex(), "scopes": given, "expires": expires}
    return document, opener, {**says, "digest": sha256(document).hex(), "sealer": crockford(sealer["person"])}


def member(draw, founders, organisation, rights, now, agent=False):
    seed, salt, name, person = draw.randbytes(32), draw.randbytes(16), draw.choice(NAMES), draw.randbytes(16)
    issued = now - draw.randint(1, 40) * DAY
    subject = {
        1: person, 2: draw.randbytes(16), 3: rights, 4: client.public_x(draw.randbytes(32)),
        5: client.public_ed(draw.randbytes(32)), 6: sha256(b"countersign-name-v1", salt, name.encode()),
    }
    if agent:
        subject[7] = 1
    expires = issued + draw.randint(42, 90) * DAY
    claims = {
        1: crockford(organisation), 4: expires, 6: issued,
        8: {1: {1: 1, -1: 6, -2: client.public_ed(seed)}}, -70301: subject,
    }
    certificate = client.sign_jointly("certificate", claims, founders)
    return {"seed": seed, "salt": salt, "name": name, "person": person, "expires": expires, "certificate": certificate}


def grant_of(draw, organisation, recipient, receiving, now):
    one, ends = draw.randbytes(16), now + draw.randint(1, 300) * DAY
    scopes = [{1: name, 2: 1, 3: [{1: [1, 3], 2: "/v1/" + name.replace(":", "/")}]} for name in SCOPES]
    return {
        1: one, 2: one, 3: 1, 5: organisation, 6: draw.randbytes(32), 7: recipient, 8: receiving, 9: draw.randbytes(16),
        10: "orders", 11: "sandbox", 12: scopes, 13: ["203.0.113.0/24", "2001:db8::/48"][: draw.randint(0, 2)],
        14: "https://api.example.net/" + "v" * draw.randint(1, 64), 15: ends,
        16: min(ends, now + draw.randint(0, 9) * DAY), 17: draw.randint(0, 12), 18: draw.randint(1, 3), 19: draw.randint(1, 2),
        20: "gateway", 21: draw.randbytes(32), 22: draw.randbytes(32), 23: draw.randbytes(32), 24: [],
        25: [{1: draw.randbytes(16), 2: now - DAY, 3: 1, 4: "number from the contract", 5: 1}], 26: draw.randbytes(32),
    }
