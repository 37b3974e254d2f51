"""Envelopes and letters of spec/: opened with every check, and sealed."""

import hmac

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from pyhpke import AEADId, CipherSuite, KDFId, KEMId, KEMKey

from countersign_cbor import (
    Refused, Tag, array, blob, crockford, decode, digest, encode, ident, itself, line, number, raw, record, refuse_unless,
    sha256, thumbprint, time, uint,
)
from countersign_documents import (
    DAY, ISSUE, SEALED, SKEW, Certificate, Sign1, check_approvals, grant, head, refuse_unless_sound, typ,
)

SUITE = CipherSuite.new(KEMId.DHKEM_X25519_HKDF_SHA256, KDFId.HKDF_SHA256, AEADId.CHACHA20_POLY1305)
PADDINGS = {*range(64), 87}

claims = record(L4=time, L5=time, L6=time, L7=ident)
signer_proof = record(L1=uint, L2=number(1, 2), L3=head, L4=time, L5=ident, L6=raw(64), L7=ident, L8=line)
delivery = record(
    L1=ident, L2=uint, L3=time, L4=grant, L5=array(uint, 1, rising=itself), L6=array(blob), L7=array(signer_proof),
    L8=digest, L9=blob, L10=blob,
)


def public_ed(seed):
    return Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


def public_x(secret):
    return X25519PrivateKey.from_private_bytes(secret).public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


def hpke_open(secret, info, aad, ek, ciphertext, psk=b"", psk_id=b""):
    key = KEMKey.from_pyca_cryptography_key(X25519PrivateKey.from_private_bytes(secret))
    try:
        context = SUITE.create_recipient_context(ek, key, info=info, psk=psk, psk_id=psk_id)
        return context.open(ciphertext, aad)
    except Exception:
        raise Refused("does not decrypt") from None


def hpke_seal(to, info, aad, plaintext, ikm, psk=b"", psk_id=b""):
    key = KEMKey.from_pyca_cryptography_key(X25519PublicKey.from_public_bytes(to))
    pair = SUITE.kem.derive_key_pair(ikm)
    ek, context = SUITE.create_sender_context(key, info=info, psk=psk, psk_id=psk_id, eks=pair)
    return ek, context.seal(plaintext, aad)


def enc_structure(protected):
    return encode(["Encrypt0", protected, b""])


def read_encrypt0(data, limit):
    outer = decode(data, limit)
    refuse_unless(isinstance(outer, Tag) and outer.tag == 16, "no COSE_Encrypt0")
    refuse_unless(isinstance(outer.value, list) and len(outer.value) == 3, "not three parts")
    protected, unprotected, ciphertext = outer.value
    blob(protected), blob(ciphertext)
    refuse_unless(isinstance(unprotected, dict) and unprotected.keys() == {-4}, "other unprotected labels than ek")
    raw(32)(unprotected[-4])
    return protected, unprotected[-4], ciphertext


# --- Opening ---------------------------------------------------------------------------------------------------


class Me:
    """Who opens: pinned root (read already), own identity, receiving key, link secret, clock and memory."""

    def __init__(self, root, identity, receiving, secret, now, highest, opened=(), deliveries=0, newest=None):
        self.root, self.identity, self.receiving, self.secret = root, identity, receiving, secret
        self.now, self.later, self.highest = now, max(now, highest), highest
        self.opened, self.deliveries, self.newest = set(opened), deliveries, newest


def open_envelope(document, me):
    """All of envelope.md, in its order; what the envelope says, with the key."""
    signed = Sign1("envelope", SEALED, document)
    refuse_unless(signed.header[3] == 16, "another content type")
    claims(signed.header[15])
    sealer = Certificate(signed.header[13], me.root)
    signed.verify(sealer.key)
    refuse_unless(ISSUE in sealer.rights, "a sealer who may not issue")
    times = signed.header[15]
    check_times(times, sealer, me)
    plaintext = decrypt(signed, me)
    refuse_unless(len(plaintext) % 64 == 0, "no multiple of 64 bytes")
    body = decode(plaintext)
    delivery(body)
    refuse_unless(len(body[10]) in PADDINGS and not any(body[10]), "no padding")
    refuse_unless(16 <= len(body[9]) <= 512 and all(33 <= b <= 126 for b in body[9]), "no key")
    given = body[4]
    mine = thumbprint(4, public_x(me.receiving))
    refuse_unless(given[5] == me.root[1], "by another organisation")
    refuse_unless(given[7] == me.identity and given[8] == mine, "for somebody else")
    signers = check_signers(signed.header[13], body, times, me)
    check_grant(body, given, times[6], me)
    return {
        "key": body[9].decode(),
        "key_id": crockford(body[1]),
        "cti": crockford(times[7]),
        "nonce": body[8].hex(),
        "grant": crockford(given[1]),
        "base_url": given[14],
        "scopes": [given[12][place][1] for place in body[5]],
        "signers": [{"name": s["name"], "person": s["person"]} for s in signers],
        "sealer": crockford(sealer.person),
        "expires": times[4],
        "digest": sha256(document).hex(),
    }, plaintext


def check_times(times, sealer, me):
    expires, begins, issued = times[4], times[5], times[6]
    refuse_unless(issued == begins < expires <= begins + 30 * DAY, "times out of order")
    sealer.refuse_unless_valid(issued)
    refuse_unless(expires <= sealer.expires, "it outlives the sealer's certificate")
    refuse_unless(me.later + DAY >= begins, "not valid yet")
    refuse_unless(me.now + DAY >= me.highest, "the clock is behind")
    refuse_unless(me.later < expires + SKEW, "expired")
    sealer.refuse_unless_valid(max(me.later, issued))
    refuse_unless(times[7] not in me.opened, "opened before")


def decrypt(signed, me):
    protected, ek, ciphertext = read_encrypt0(signed.payload, 65_536)
    header = decode(protected)
    refuse_unless(isinstance(header, dict) and header.keys() == {1, 4, -5}, "other labels inside")
    refuse_unless(header[1] == 42, "another suite")
    digest(header[4]), digest(header[-5])
    refuse_unless(header[4] == thumbprint(4, public_x(me.receiving)), "for another receiving key")
    psk_id = sha256(b"countersign-psk-id-v1", me.secret)
    refuse_unless(hmac.compare_digest(header[-5], psk_id), "another link secret")
    info = encode(["countersign-envelope-v1", signed.protected])
    return hpke_open(me.receiving, info, enc_structure(protected), ek, ciphertext, me.secret, psk_id)


def check_signers(certificate, body, times, me):
    others = body[6]
    refuse_unless(len(set(others)) == len(others) and certificate not in others, "a certificate twice")
    used = {proof[1] for proof in body[7]} - {0}
    refuse_unless(used == set(range(1, len(others) + 1)), "a certificate unused or not there")
    known, given = [certificate, *others], encode(body[4])
    signatures = [
        (whole_approval(proof, known[proof[1]], given, me.root), known[proof[1]], proof[7], proof[8]) for proof in body[7]
    ]
    return check_approvals(given, signatures, me.root, times[6], max(me.later, times[6]), times[4])


def whole_approval(proof, certificate, given, root):
    """The document again: its header follows from the certificate, and what it approves is the grant beside it."""
    header = {1: -19, 4: thumbprint(6, Certificate(certificate, root).key), 16: typ("approval")}
    body = {1: sha256(given), 2: proof[2], 3: proof[3], 6: proof[4], 7: proof[5]}
    return encode(Tag(18, [encode(header), {}, encode(body), proof[6]]))


def check_grant(body, given, sealed, me):
    refuse_unless_sound(given)
    refuse_unless(body[5][-1] < len(given[12]), "a scope that was not granted")
    refuse_unless(body[3] <= given[15], "a key that outlives its grant")
    refuse_unless(sealed <= given[16], "sealed too late")
    refuse_unless(me.later < body[3], "the key has expired")
    refuse_unless(me.deliveries <= given[17], "too many deliveries")
    refuse_unless(me.newest is None or body[2] > me.newest, "an older delivery")


def step_of(purpose):
    return 64 if purpose == "shared-key" else 512


def open_letter(document, purpose, organisation, receiving):
    protected, ek, ciphertext = read_encrypt0(document, 131_072)
    refuse_unless(protected == encode({1: 42, 4: thumbprint(4, public_x(receiving))}), "another header")
    info = encode(["countersign-letter-v1", purpose, organisation])
    padded = hpke_open(receiving, info, enc_structure(protected), ek, ciphertext)
    content = padded.rstrip(b"\0")
    refuse_unless(content.endswith(b"\x80"), "no end of the content")
    refuse_unless(padded == pad_letter(content[:-1], step_of(purpose)), "another padding")
    return content[:-1]


# --- Sealing ---------------------------------------------------------------------------------------------------


def sign1(word, body, seed, protected=None):
    protected = protected or encode({1: -19, 4: thumbprint(6, public_ed(seed)), 16: typ(word)})
    data = body if isinstance(body, bytes) else encode(body)
    signature = Ed25519PrivateKey.from_private_bytes(seed).sign(encode(["Signature1", protected, b"", data]))
    return encode(Tag(18, [protected, {}, data, signature]))


def sign_jointly(word, body, seeds):
    protected, data, parts = encode({16: typ(word)}), encode(body), []
    for seed in seeds:
        signer = encode({1: -19, 4: thumbprint(6, public_ed(seed))})
        message = encode(["Signature", protected, signer, b"", data])
        parts.append([signer, {}, Ed25519PrivateKey.from_private_bytes(seed).sign(message)])
    return encode(Tag(98, [protected, {}, data, sorted(parts)]))


def pad(body):
    """The fewest zeros that make a multiple of 64 bytes."""
    for zeros in sorted(PADDINGS):
        data = encode({**body, 10: bytes(zeros)})
        if len(data) % 64 == 0:
            return data
    raise AssertionError("every length has its padding")


def seal_envelope(plaintext, header, sealer_seed, to, secret, ikm):
    """`header` has labels 1 to 16 of the outer header; `plaintext` is padded."""
    outer = encode(header)
    psk_id = sha256(b"countersign-psk-id-v1", secret)
    inner = encode({1: 42, 4: thumbprint(4, to), -5: psk_id})
    info = encode(["countersign-envelope-v1", outer])
    ek, ciphertext = hpke_seal(to, info, enc_structure(inner), plaintext, ikm, secret, psk_id)
    payload = encode(Tag(16, [inner, {-4: ek}, ciphertext]))
    return sign1("envelope", payload, sealer_seed, outer)


def outer_header(sealer_seed, certificate, expires, issued, cti):
    return {
        1: -19, 3: 16, 4: thumbprint(6, public_ed(sealer_seed)), 13: certificate,
        15: {4: expires, 5: issued, 6: issued, 7: cti}, 16: typ("envelope"),
    }


def pad_letter(content, step):
    marked = content + b"\x80"
    return marked + bytes(-len(marked) % step)


def seal_letter(purpose, organisation, to, plaintext, ikm):
    protected = encode({1: 42, 4: thumbprint(4, to)})
    info = encode(["countersign-letter-v1", purpose, organisation])
    ek, ciphertext = hpke_seal(to, info, enc_structure(protected), pad_letter(plaintext, step_of(purpose)), ikm)
    return encode(Tag(16, [protected, {-4: ek}, ciphertext]))
