//! The sender's side: only what two people signed can be sealed.

use countersign_documents::{
    Digest, Key, Kind, ReceivingKey, Rejected, Seconds, Secret32, SigningKey, Time,
    cbor::Blob,
    certificate::{Certificate, Right},
    cose::{self, Claims},
    grant::Grant,
    id::{Cti, KeyId},
    kind::label,
    root::Root,
    text::{Line, ScopeName},
};

use crate::{
    LONGEST,
    approvals::{Moment, Presented, Signature, Signer, check_with},
    delivery::{Delivery, SignerProof},
    hybrid,
    letter::{enc_structure, encrypt0},
    link::LinkSecret,
    reason::Reason,
};

/// A grant with the signatures of two different people, checked. Nothing else can be sealed.
#[derive(Debug, Clone)]
pub struct Countersigned {
    grant: Grant,
    signatures: Vec<Signature>,
    signers: Vec<Signer>,
    /// The signers' certificates, in the order of the signatures, verified under this root.
    certificates: Vec<Certificate>,
    root: Root,
    checked: Time,
}

impl Countersigned {
    /// Checks what the opener will check, at the moment of sealing.
    pub fn check(
        grant: Grant,
        signatures: Vec<Signature>,
        root: &Root,
        now: Time,
        age: u64,
    ) -> Result<Self, Rejected> {
        grant.check()?;
        let moment = Moment { sealed: now, now, ends: now, age };
        let presented: Vec<_> = signatures.iter().map(Presented::from).collect();
        let checked = check_with(&grant.digest(), &presented, root, moment, None)?;
        if grant.organisation != root.organisation {
            return Err(Rejected::WrongOrganisation);
        }
        if now > grant.deliver_by || now >= grant.not_after {
            return Err(Rejected::WrongTime);
        }
        let (signers, certificates) = checked.into_iter().unzip();
        Ok(Self { grant, signatures, signers, certificates, root: root.clone(), checked: now })
    }

    /// The sealer's certificate: one of the signers', verified already, or verified now.
    fn sealer(&self, sealer: &Sealer<'_>) -> Result<Certificate, Reason> {
        if *sealer.root != self.root {
            return Err(Reason::Sealer(Rejected::WrongOrganisation));
        }
        match self.signatures.iter().position(|s| s.certificate == sealer.certificate) {
            Some(at) => Ok(self.certificates[at].clone()),
            None => {
                Certificate::verify(sealer.certificate, sealer.root).map(|c| c.body).map_err(Reason::Sealer)
            }
        }
    }

    /// Until when an envelope may open that is sealed for so long now: no longer than every certificate in it lasts.
    fn expiry(&self, sealer: &Certificate, lasting: Seconds) -> Result<Time, Reason> {
        let expires = self.checked.plus(lasting.min(LONGEST));
        let expires =
            self.certificates.iter().map(|c| c.expires).fold(expires.min(sealer.expires), Time::min);
        if expires > self.checked { Ok(expires) } else { Err(Reason::Times) }
    }

    /// The grant.
    pub fn grant(&self) -> &Grant {
        &self.grant
    }

    /// Who signed.
    pub fn signers(&self) -> &[Signer] {
        &self.signers
    }
}

/// Who seals.
pub struct Sealer<'a> {
    /// The signing key that the certificate names.
    pub key: &'a SigningKey,
    /// The certificate, a complete document.
    pub certificate: &'a [u8],
    /// The root it stands under.
    pub root: &'a Root,
}

/// What is sent.
pub struct Consignment<'a> {
    /// To whom: the thumbprint must be the one in the grant.
    pub to: &'a ReceivingKey,
    /// The key's id.
    pub key_id: KeyId,
    /// The key.
    pub key: &'a Key,
    /// When the key dies, as the issuer granted it.
    pub key_expires: Time,
    /// What the issuer gave, in rising order.
    pub scopes: Vec<ScopeName>,
    /// Where the interface answers.
    pub base_url: Line,
    /// From the ledger's intent.
    pub seq: u64,
    /// From the ledger's intent.
    pub cti: Cti,
    /// How long the envelope may be opened, in seconds: more than none, and cut to 30 days and to what is left of every
    /// certificate in it.
    pub lasting: Seconds,
}

/// All the randomness one envelope takes, drawn before.
pub struct Seeds {
    /// The link secret.
    pub secret: LinkSecret,
    /// For the ephemeral key.
    pub ephemeral: Secret32,
    /// The receipt nonce.
    pub nonce: Digest,
}

/// An envelope and what belongs to it.
pub struct Sealed {
    /// The envelope, a complete document.
    pub bytes: Vec<u8>,
    /// Its id.
    pub cti: Cti,
    /// SHA-256 of it.
    pub digest: Digest,
    /// Until when it opens.
    pub expires: Time,
    /// What a receipt for it must know.
    pub nonce: Digest,
    /// Travels apart from it.
    pub secret: LinkSecret,
}

/// Seals a key for the recipient the two people signed for. Sealed at the moment of `Countersigned::check`.
pub fn seal(
    grant: &Countersigned,
    sealer: &Sealer<'_>,
    what: Consignment<'_>,
    seeds: Seeds,
) -> Result<Sealed, Reason> {
    let now = grant.checked;
    let certificate = grant.sealer(sealer)?;
    if !certificate.may(Right::Issue)
        || !certificate.valid_at(now)
        || certificate.key() != sealer.key.public()
    {
        return Err(Reason::SealerRight);
    }
    check_consignment(&grant.grant, &what, now)?;
    let expires = grant.expiry(&certificate, what.lasting)?;
    let claims = Claims { expires, not_before: now, issued: now, cti: what.cti };
    let kid = sealer.key.public().thumbprint();
    let protected = cose::protected(Kind::Envelope, &kid, Some(sealer.certificate), Some(&claims));
    let to = *what.to;
    let delivery = put_together(grant, sealer, what, seeds.nonce)?;
    let payload = encrypt(&to, &protected, &delivery, &seeds)?;
    let bytes = cose::sign1(&protected, &payload, sealer.key);
    if bytes.len() > crate::LIMIT {
        return Err(Reason::BeyondGrant);
    }
    let digest = Digest::of(&bytes);
    Ok(Sealed { bytes, cti: claims.cti, digest, expires, nonce: seeds.nonce, secret: seeds.secret })
}

/// The same bounds the opener holds the sealer to.
fn check_consignment(grant: &Grant, what: &Consignment<'_>, now: Time) -> Result<(), Reason> {
    let granted = |name: &ScopeName| grant.scopes.iter().any(|s| s.name == *name);
    let rising = what.scopes.windows(2).all(|w| w[0] < w[1]);
    let within = what.key_expires <= grant.not_after && what.base_url == grant.base_url;
    if what.to.thumbprint() != grant.receiving {
        return Err(Reason::NotForMe);
    }
    if what.key_expires <= now {
        return Err(Reason::KeyExpired);
    }
    if within && rising && !what.scopes.is_empty() && what.scopes.iter().all(granted) {
        Ok(())
    } else {
        Err(Reason::BeyondGrant)
    }
}

fn put_together(
    grant: &Countersigned,
    sealer: &Sealer<'_>,
    what: Consignment<'_>,
    nonce: Digest,
) -> Result<Delivery, Reason> {
    let Consignment { key_id, key, key_expires, scopes, seq, .. } = what;
    let mut certificates: Vec<Blob> = Vec::new();
    let signers = grant.signatures.iter().map(|signature| {
        let certificate = if signature.certificate == sealer.certificate {
            0
        } else {
            let blob = Blob(signature.certificate.clone());
            let at = certificates.iter().position(|c| *c == blob).unwrap_or_else(|| {
                certificates.push(blob);
                certificates.len() - 1
            });
            at as u64 + 1
        };
        SignerProof::new(signature, certificate).map_err(Reason::Approvals)
    });
    let signers = signers.collect::<Result<_, _>>()?;
    let given = (0..).zip(&grant.grant.scopes).filter(|(_, scope)| scopes.contains(&scope.name));
    Ok(Delivery {
        key_id,
        seq,
        key_expires,
        scopes: given.map(|(place, _)| place).collect(),
        grant: grant.grant.clone(),
        certificates,
        signers,
        nonce,
        key: key.duplicate(),
    })
}

fn encrypt(to: &ReceivingKey, outer: &[u8], delivery: &Delivery, seeds: &Seeds) -> Result<Vec<u8>, Reason> {
    let psk_id = seeds.secret.id();
    let inner = inner_header(&to.thumbprint(), &psk_id);
    let info = info(outer);
    let context = hybrid::Context {
        psk: Some((seeds.secret.expose(), &psk_id.0)),
        info: &info,
        aad: &enc_structure(&inner),
    };
    let (ek, ciphertext) =
        hybrid::seal(to, &context, &delivery.encode(), &seeds.ephemeral).map_err(|_| Reason::Decryption)?;
    Ok(encrypt0(&inner, &ek, &ciphertext))
}

/// HPKE `info`: ties the encryption to the signer, or a signature could be stripped and replaced.
pub(crate) fn info(outer: &[u8]) -> Vec<u8> {
    let mut w = countersign_documents::Writer::with_capacity(outer.len() + 32);
    w.array(2);
    w.text("countersign-envelope-v1");
    w.bytes(outer);
    w.finish()
}

/// The protected header of the encryption layer: algorithm, recipient, commitment to the link secret.
pub(crate) fn inner_header(kid: &Digest, psk_id: &Digest) -> Vec<u8> {
    let mut w = countersign_documents::Writer::default();
    w.map(3);
    w.int(label::ALG);
    w.int(label::HPKE_4);
    w.int(label::KID);
    w.bytes(&kid.0);
    w.int(label::PSK_ID);
    w.bytes(&psk_id.0);
    w.finish()
}
