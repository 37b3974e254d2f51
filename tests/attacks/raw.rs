//! Envelopes taken apart and put together by hand: what an insider with a key of the organisation can make.

use countersign_documents::{Decode, Encode, Key, Reader, SigningKey, Writer, cbor::Blob, cose};
use countersign_envelope::{Delivery, LinkSecret, Signature, SignerProof};
use zeroize::Zeroizing;

use crate::sealing::{self, Agreed, Mode};

/// The parts of an envelope.
#[derive(Clone)]
pub(crate) struct Parts {
    pub(crate) protected: Vec<u8>,
    pub(crate) inner: Vec<u8>,
    pub(crate) ek: [u8; 32],
    pub(crate) ciphertext: Vec<u8>,
    pub(crate) signature: [u8; 64],
}

impl Parts {
    /// Takes an envelope apart.
    pub(crate) fn read(envelope: &[u8]) -> Option<Self> {
        let mut r = Reader::new(envelope);
        r.tag(18).ok()?;
        r.array_exact(4).ok()?;
        let protected = r.bytes().ok()?.to_vec();
        let labels = r.map().ok()?;
        labels.end(&mut r).ok()?;
        let mut p = Reader::new(r.bytes().ok()?);
        let signature = r.array_of().ok()?;
        p.tag(16).ok()?;
        p.array_exact(3).ok()?;
        let inner = p.bytes().ok()?.to_vec();
        let mut labels = p.map().ok()?;
        labels.demand(&mut p, -4).ok()?;
        let ek = p.array_of().ok()?;
        let ciphertext = p.bytes().ok()?.to_vec();
        Some(Self { protected, inner, ek, ciphertext, signature })
    }

    /// The COSE_Encrypt0.
    pub(crate) fn payload(&self) -> Vec<u8> {
        let mut w = Writer::default();
        w.tag(16);
        w.array(3);
        w.bytes(&self.inner);
        w.map(1);
        w.int(-4);
        w.bytes(&self.ek);
        w.bytes(&self.ciphertext);
        w.finish()
    }

    /// The envelope with the signature it has, right or wrong.
    pub(crate) fn assemble(&self) -> Vec<u8> {
        let mut w = Writer::default();
        w.tag(18);
        w.array(4);
        w.bytes(&self.protected);
        w.map(0);
        w.bytes(&self.payload());
        w.bytes(&self.signature);
        w.finish()
    }

    /// The envelope, signed anew.
    pub(crate) fn signed_by(&self, key: &SigningKey) -> Vec<u8> {
        cose::sign1(&self.protected, &self.payload(), key)
    }

    /// Decrypts as the recipient can.
    pub(crate) fn plaintext(&self, with: &[u8; 32], secret: &LinkSecret, info: &[u8]) -> Option<Vec<u8>> {
        let id = secret.id();
        let mode = Mode::Psk(secret.expose().expose(), &id.0);
        sealing::open(
            &mode,
            with,
            &self.ek,
            info,
            &sealing::enc_structure(&self.inner, &[]),
            &self.ciphertext,
        )
    }

    /// An agreement with the recipient under this inner header.
    pub(crate) fn agreed(&self, to: &[u8; 32], secret: &LinkSecret, info: &[u8]) -> Agreed {
        let id = secret.id();
        Agreed::new(&Mode::Psk(secret.expose().expose(), &id.0), to, info, [0x5a; 32])
    }

    /// The same outside with another inside, encrypted and signed as if by rights.
    pub(crate) fn resealed(&self, plaintext: &[u8], agreed: &Agreed, key: &SigningKey) -> Vec<u8> {
        let ciphertext = agreed.seal(&sealing::enc_structure(&self.inner, &[]), plaintext);
        Self { ek: agreed.ek, ciphertext, ..self.clone() }.signed_by(key)
    }
}

/// HPKE `info` of an envelope.
pub(crate) fn info(protected: &[u8]) -> Vec<u8> {
    let mut w = Writer::default();
    w.array(2);
    w.text("countersign-envelope-v1");
    w.bytes(protected);
    w.finish()
}

/// The plaintext of a delivery, padded.
pub(crate) fn encode(delivery: &Delivery) -> Vec<u8> {
    let bare = encode_padded(delivery, 0).len();
    let missing = (64 - bare % 64) % 64;
    // A string of 24 bytes or more takes a longer head; 24 missing bytes can only be made up for in the next step.
    let pad = match missing {
        0..24 => missing,
        24 => 64 + 23,
        _ => missing - 1,
    };
    encode_padded(delivery, pad)
}

fn encode_padded(delivery: &Delivery, pad: usize) -> Vec<u8> {
    let mut w = Writer::default();
    w.map(10);
    let fields: [&dyn Encode; 8] = [
        &delivery.key_id,
        &delivery.seq,
        &delivery.key_expires,
        &delivery.grant,
        &delivery.scopes,
        &delivery.certificates,
        &delivery.signers,
        &delivery.nonce,
    ];
    for (label, field) in (1..).zip(fields) {
        w.int(label);
        field.encode(&mut w);
    }
    w.int(9);
    w.bytes(delivery.key.expose());
    w.int(10);
    w.bytes(&vec![0; pad]);
    w.finish()
}

/// Reads a plaintext that was made by rights.
pub(crate) fn decode(plaintext: &[u8]) -> Delivery {
    let mut r = Reader::new(plaintext);
    let mut labels = r.map().unwrap();
    macro_rules! field {
        ($label:literal) => {{
            labels.demand(&mut r, $label).unwrap();
            Decode::decode(&mut r).unwrap()
        }};
    }
    Delivery {
        key_id: field!(1),
        seq: field!(2),
        key_expires: field!(3),
        grant: field!(4),
        scopes: field!(5),
        certificates: field!(6),
        signers: field!(7),
        nonce: field!(8),
        key: {
            labels.demand(&mut r, 9).unwrap();
            Key::parse(Zeroizing::new(r.bytes().unwrap().to_vec())).unwrap()
        },
    }
}

/// Puts these signatures into a delivery that this certificate seals.
pub(crate) fn put_signatures(delivery: &mut Delivery, signatures: &[Signature], sealer: &[u8]) {
    delivery.certificates.clear();
    delivery.signers.clear();
    for signature in signatures {
        let blob = Blob(signature.certificate.clone());
        let certificate = if blob.0 == sealer {
            0
        } else {
            if !delivery.certificates.contains(&blob) {
                delivery.certificates.push(blob.clone());
            }
            delivery.certificates.iter().position(|c| *c == blob).unwrap() as u64 + 1
        };
        delivery.signers.push(SignerProof::new(signature, certificate).unwrap());
    }
}
