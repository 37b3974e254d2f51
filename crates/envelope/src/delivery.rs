//! What is inside an envelope.

use countersign_documents::{
    Decode, Digest, Encode, Key, Malformed, Reader, Time, Writer,
    cbor::Blob,
    grant::Grant,
    id::{Cti, KeyId, OrganisationId},
    record,
    text::{Line, ScopeName},
};
use zeroize::Zeroizing;

record! {
    /// One of the signatures under the grant, with what shows whose it is.
    pub struct SignerProof {
        /// The approval, a complete document.
        1 => approval: Blob,
        /// Whose certificate: 0 is the sealer's in the outer header, n the n-th of the delivery's certificates.
        2 => certificate: u64,
        /// Opens the name digest of the certificate.
        3 => salt: [u8; 16],
        /// The name it opens to.
        4 => name: Line,
    }
}

/// The plaintext of an envelope. Holds the key, hence without Debug and Clone.
pub struct Delivery {
    /// Label 1: whose key it is.
    pub organisation: OrganisationId,
    /// Label 2: the key's id, kept in the ledger.
    pub key_id: KeyId,
    /// Label 3: thumbprint of the recipient's identity.
    pub recipient: Digest,
    /// Label 4: rises within a lineage.
    pub seq: u64,
    /// Label 5: when the key dies.
    pub key_expires: Time,
    /// Label 6: where the interface answers.
    pub base_url: Line,
    /// Label 7: the same as outside.
    pub cti: Cti,
    /// Label 8: the grant.
    pub grant: Grant,
    /// Label 9: names of the scopes that were really given, in rising order.
    pub scopes: Vec<ScopeName>,
    /// Label 10: certificates of the signers, but for the sealer's.
    pub certificates: Vec<Blob>,
    /// Label 11: the signatures.
    pub signers: Vec<SignerProof>,
    /// Label 12: the receipt proves knowledge of it.
    pub nonce: Digest,
    /// Label 13: the key.
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
    /// Its encoding, padded with zeros (label 14) to a multiple of 64 bytes.
    pub(crate) fn encode(&self) -> Zeroizing<Vec<u8>> {
        let grant = countersign_documents::encode(&self.grant);
        let nested = self.certificates.iter().map(|c| c.0.len() + 8);
        let proofs = self.signers.iter().map(|s| s.approval.0.len() + 256);
        // One buffer that never grows: growing would leave copies of the key behind.
        let room = 2048 + grant.len() + self.key.expose().len() + nested.chain(proofs).sum::<usize>();
        let mut w = Writer::with_capacity(room + self.scopes.len() * 64);
        w.map(14);
        let mut field = |label: i64, value: &dyn Encode| {
            w.int(label);
            value.encode(&mut w);
        };
        field(1, &self.organisation);
        field(2, &self.key_id);
        field(3, &self.recipient);
        field(4, &self.seq);
        field(5, &self.key_expires);
        field(6, &self.base_url);
        field(7, &self.cti);
        w.int(8);
        w.raw(&grant);
        let mut field = |label: i64, value: &dyn Encode| {
            w.int(label);
            value.encode(&mut w);
        };
        field(9, &self.scopes);
        field(10, &self.certificates);
        field(11, &self.signers);
        field(12, &self.nonce);
        w.int(13);
        w.bytes(self.key.expose());
        w.int(14);
        w.bytes(&[0; PADDING][..padding(w.len())]);
        Zeroizing::new(w.finish())
    }

    /// Reads a plaintext, strictly.
    pub(crate) fn read(bytes: &[u8]) -> Result<Self, Malformed> {
        let mut r = Reader::new(bytes);
        let r = &mut r;
        let mut labels = r.map()?;
        labels.demand(r, 1)?;
        let organisation = Decode::decode(r)?;
        labels.demand(r, 2)?;
        let key_id = Decode::decode(r)?;
        labels.demand(r, 3)?;
        let recipient = Decode::decode(r)?;
        labels.demand(r, 4)?;
        let seq = Decode::decode(r)?;
        labels.demand(r, 5)?;
        let key_expires = Decode::decode(r)?;
        labels.demand(r, 6)?;
        let base_url = Decode::decode(r)?;
        labels.demand(r, 7)?;
        let cti = Decode::decode(r)?;
        labels.demand(r, 8)?;
        let grant = Decode::decode(r)?;
        labels.demand(r, 9)?;
        let scopes = Decode::decode(r)?;
        labels.demand(r, 10)?;
        let certificates = Decode::decode(r)?;
        labels.demand(r, 11)?;
        let signers = Decode::decode(r)?;
        labels.demand(r, 12)?;
        let nonce = Decode::decode(r)?;
        labels.demand(r, 13)?;
        let key = Key::parse(Zeroizing::new(r.bytes()?.to_vec())).ok_or(Malformed::OutOfRange)?;
        labels.demand(r, 14)?;
        let before = bytes.len() - r.rest().len();
        let zeros = r.bytes()?;
        labels.end(r)?;
        r.end()?;
        if zeros.iter().any(|b| *b != 0) || zeros.len() != padding(before) {
            return Err(Malformed::OutOfRange);
        }
        Ok(Self {
            organisation,
            key_id,
            recipient,
            seq,
            key_expires,
            base_url,
            cti,
            grant,
            scopes,
            certificates,
            signers,
            nonce,
            key,
        })
    }
}
