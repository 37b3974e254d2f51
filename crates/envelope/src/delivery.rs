//! What is inside an envelope.

use countersign_documents::{
    Decode, Digest, Encode, Head, Key, LoneSignature, Malformed, Reader, Rejected, Time, Writer,
    approval::{Approval, Step},
    cbor::{Blob, Labels},
    grant::Grant,
    id::{Cti, KeyId},
    text::Line,
};
use zeroize::Zeroizing;

use crate::approvals::Signature;

/// One of the signatures under the grant, with what shows whose it is. Of the approval here stands only what nothing else
/// in the envelope says: its header follows from the certificate, and what it approves is the grant beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignerProof {
    /// Label 1: whose certificate. 0 is the sealer's in the outer header, n the n-th of the delivery's certificates.
    pub certificate: u64,
    /// Label 2: which signature.
    pub step: Step,
    /// Label 3: the verified log it was decided on.
    pub head: Head,
    /// Label 4: when.
    pub issued: Time,
    /// Label 5: the approval's own id.
    pub cti: Cti,
    /// Label 6: over the approval as a document.
    pub signature: LoneSignature,
    /// Label 7: opens the name digest of the certificate.
    pub salt: [u8; 16],
    /// Label 8: the name it opens to.
    pub name: Line,
}

impl SignerProof {
    /// From a signature whose certificate has this number. The approval must be over the grant that is sent with it.
    pub fn new(signature: &Signature, certificate: u64) -> Result<Self, Rejected> {
        let (Approval { step, head, issued, cti, .. }, lone) = Approval::take_apart(&signature.approval)?;
        let (salt, name) = (signature.salt, signature.name.clone());
        Ok(Self { certificate, step, head, issued, cti, signature: lone, salt, name })
    }

    /// The approval it is a signature under, where `grant` is the grant beside it.
    pub fn approval(&self, grant: Digest) -> Approval {
        Approval { grant, step: self.step, head: self.head, issued: self.issued, cti: self.cti }
    }
}

impl Encode for SignerProof {
    fn encode(&self, w: &mut Writer) {
        let fields: [&dyn Encode; 8] = [
            &self.certificate,
            &self.step,
            &self.head,
            &self.issued,
            &self.cti,
            &self.signature,
            &self.salt,
            &self.name,
        ];
        w.map(fields.len());
        for (label, value) in (1..).zip(fields) {
            w.int(label);
            value.encode(w);
        }
    }
}

impl Decode<'_> for SignerProof {
    fn decode(r: &mut Reader<'_>) -> Result<Self, Malformed> {
        let mut labels = r.map()?;
        let proof = Self {
            certificate: field(&mut labels, r, 1)?,
            step: field(&mut labels, r, 2)?,
            head: field(&mut labels, r, 3)?,
            issued: field(&mut labels, r, 4)?,
            cti: field(&mut labels, r, 5)?,
            signature: field(&mut labels, r, 6)?,
            salt: field(&mut labels, r, 7)?,
            name: field(&mut labels, r, 8)?,
        };
        labels.end(r)?;
        Ok(proof)
    }
}

/// The plaintext of an envelope. Holds the key, hence without Debug and Clone. Organisation, recipient and base URL are
/// the grant's; times and cti are the outer header's, which the encryption is tied to.
pub struct Delivery {
    /// Label 1: the key's id, kept in the ledger.
    pub key_id: KeyId,
    /// Label 2: rises within a lineage.
    pub seq: u64,
    /// Label 3: when the key dies.
    pub key_expires: Time,
    /// Label 4: the grant.
    pub grant: Grant,
    /// Label 5: which of the grant's scopes were really given: their places, from 0, rising.
    pub scopes: Vec<u64>,
    /// Label 6: certificates of the signers, but for the sealer's.
    pub certificates: Vec<Blob>,
    /// Label 7: the signatures.
    pub signers: Vec<SignerProof>,
    /// Label 8: the receipt proves knowledge of it.
    pub nonce: Digest,
    /// Label 9: the key.
    pub key: Key,
}

/// Plaintexts are padded to a multiple of this: sizes tell less.
const STEP: usize = 64;
/// The longest padding there is.
const PADDING: usize = STEP + 23;

/// How many zeros follow `before` bytes: the fewest that, with the head of their string, fill a multiple of 64. A head
/// takes one byte for up to 23 zeros and two for more, so 24 missing bytes are only filled by going a step further.
const fn padding(before: usize) -> usize {
    match (STEP - (before + 1) % STEP) % STEP {
        missing @ 0..24 => missing,
        24 => PADDING,
        missing => missing - 1,
    }
}

impl Delivery {
    /// Its encoding, padded with zeros (label 10) to a multiple of 64 bytes.
    pub(crate) fn encode(&self) -> Zeroizing<Vec<u8>> {
        let grant = countersign_documents::encode(&self.grant);
        let nested = self.certificates.iter().map(|c| c.0.len() + 8);
        // One buffer that never grows: growing would leave copies of the key behind.
        let room = 1024 + grant.len() + self.key.expose().len() + nested.sum::<usize>();
        let mut w = Writer::with_capacity(room + self.signers.len() * 512 + self.scopes.len() * 9);
        w.map(10);
        let mut field = |label: i64, value: &dyn Encode| {
            w.int(label);
            value.encode(&mut w);
        };
        field(1, &self.key_id);
        field(2, &self.seq);
        field(3, &self.key_expires);
        w.int(4);
        w.raw(&grant);
        let mut field = |label: i64, value: &dyn Encode| {
            w.int(label);
            value.encode(&mut w);
        };
        field(5, &self.scopes);
        field(6, &self.certificates);
        field(7, &self.signers);
        field(8, &self.nonce);
        w.int(9);
        w.bytes(self.key.expose());
        w.int(10);
        w.bytes(&[0; PADDING][..padding(w.len())]);
        Zeroizing::new(w.finish())
    }

    /// Reads a plaintext, strictly.
    pub(crate) fn read(bytes: &[u8]) -> Result<Self, Malformed> {
        let mut r = Reader::new(bytes);
        let r = &mut r;
        let mut labels = r.map()?;
        let key_id = field(&mut labels, r, 1)?;
        let seq = field(&mut labels, r, 2)?;
        let key_expires = field(&mut labels, r, 3)?;
        let grant = field(&mut labels, r, 4)?;
        let scopes = field(&mut labels, r, 5)?;
        let certificates = field(&mut labels, r, 6)?;
        let signers = field(&mut labels, r, 7)?;
        let nonce = field(&mut labels, r, 8)?;
        labels.demand(r, 9)?;
        let key = Key::parse(Zeroizing::new(r.bytes()?.to_vec())).ok_or(Malformed::OutOfRange)?;
        labels.demand(r, 10)?;
        let before = bytes.len() - r.rest().len();
        let zeros = r.bytes()?;
        labels.end(r)?;
        r.end()?;
        if zeros.iter().any(|b| *b != 0) || zeros.len() != padding(before) {
            return Err(Malformed::OutOfRange);
        }
        Ok(Self { key_id, seq, key_expires, grant, scopes, certificates, signers, nonce, key })
    }
}

fn field<'a, T: Decode<'a>>(labels: &mut Labels, r: &mut Reader<'a>, label: i64) -> Result<T, Malformed> {
    labels.demand(r, label)?;
    T::decode(r)
}
