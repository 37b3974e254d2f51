//! What belongs to one envelope, put into another: all ordered pairs of fifty, by outsiders and by insiders.

use countersign_documents::{Kind, Reader, cbor::Blob, cose, id::Cti};
use countersign_envelope::{Delivery, LinkSecret, Sealed, Signature, SignerProof};

use crate::{
    changes::Survey,
    raw::{self, Parts},
    sealing::Agreed,
    world::{
        Dice, Member, Organisation, Partner, Roles, Signed, THIRD_SEALS, THREE_SIGN, TWO, deliver, open,
    },
};

/// One envelope with all that was needed to make it.
pub(crate) struct Case<'a> {
    pub(crate) from: &'a Organisation,
    pub(crate) to: &'a Partner,
    pub(crate) signed: Signed,
    pub(crate) sealer: &'a Member,
    pub(crate) sealed: Sealed,
    pub(crate) parts: Parts,
    /// What is inside, decrypted once.
    pub(crate) plaintext: Vec<u8>,
    /// What seals again to the same recipient under the same header, agreed on once.
    pub(crate) agreed: Agreed,
}

/// Five organisations and five partners.
pub(crate) struct Field {
    organisations: Vec<Organisation>,
    partners: Vec<Partner>,
}

impl Field {
    /// The same every time.
    pub(crate) fn new() -> Self {
        Self {
            organisations: (50..55).map(Organisation::new).collect(),
            partners: (50..55).map(Partner::new).collect(),
        }
    }

    /// So many envelopes. The first 25 are of every organisation to every partner; later ones repeat the pairs with
    /// other grants and other keys.
    pub(crate) fn cases(&self, count: usize) -> Vec<Case<'_>> {
        let roles = [TWO, THIRD_SEALS, THREE_SIGN];
        (0..count).map(|i| self.case(i, roles[i % 3])).collect()
    }

    fn case(&self, number: usize, roles: Roles) -> Case<'_> {
        let (from, to) = (&self.organisations[number % 5], &self.partners[number / 5 % 5]);
        let mut dice = Dice::new("case", number as u64);
        let signed = Signed::new(from, to, roles, &mut dice);
        let key = dice.key();
        let sealed = deliver(from, to, &signed.countersigned(from), roles.sealer, &key, &mut dice);
        Case::new(from, to, signed, &from.members[roles.sealer], sealed)
    }
}

impl<'a> Case<'a> {
    /// From an envelope with everything that was needed to make it.
    pub(crate) fn new(
        from: &'a Organisation,
        to: &'a Partner,
        signed: Signed,
        sealer: &'a Member,
        sealed: Sealed,
    ) -> Self {
        let parts = Parts::read(&sealed.bytes).unwrap();
        let info = raw::info(&parts.protected);
        let plaintext = parts.plaintext(to.receiving.expose(), &sealed.secret, &info).unwrap();
        let agreed = parts.agreed(to.receiving.public().as_bytes(), &sealed.secret, &info);
        Self { from, to, signed, sealer, sealed, parts, plaintext, agreed }
    }

    /// What its recipient makes of these bytes.
    pub(crate) fn accepts(&self, bytes: &[u8], secret: &LinkSecret) -> bool {
        open(bytes, &self.from.root, self.to, secret).is_ok()
    }

    fn own(&self, bytes: &[u8]) -> bool {
        self.accepts(bytes, &self.sealed.secret)
    }

    /// What is inside, read by hand.
    pub(crate) fn delivery(&self) -> Delivery {
        raw::decode(&self.plaintext)
    }

    /// Sealed again by its own sealer, with another inside.
    pub(crate) fn resealed(&self, delivery: &Delivery) -> Vec<u8> {
        self.parts.resealed(&raw::encode(delivery), &self.agreed, &self.sealer.key)
    }
}

/// What needs no key: parts of A in B, with B's signature or A's.
pub(crate) fn by_outsiders(a: &Parts, b: &Parts) -> Vec<(&'static str, Parts)> {
    let (kid_of_a, psk_of_a) = (inner_with(&a.inner, &b.inner, KID), inner_with(&a.inner, &b.inner, PSK_ID));
    vec![
        ("header of A", Parts { protected: a.protected.clone(), ..b.clone() }),
        (
            "header and signature of A",
            Parts { protected: a.protected.clone(), signature: a.signature, ..b.clone() },
        ),
        ("signature of A", Parts { signature: a.signature, ..b.clone() }),
        ("payload of A", Parts { protected: b.protected.clone(), signature: b.signature, ..a.clone() }),
        ("ek of A", Parts { ek: a.ek, ..b.clone() }),
        ("ciphertext of A", Parts { ciphertext: a.ciphertext.clone(), ..b.clone() }),
        ("ek and ciphertext of A", Parts { ek: a.ek, ciphertext: a.ciphertext.clone(), ..b.clone() }),
        ("inner header of A", Parts { inner: a.inner.clone(), ..b.clone() }),
        ("kid of A", Parts { inner: kid_of_a, ..b.clone() }),
        ("psk_id of A", Parts { inner: psk_of_a, ..b.clone() }),
    ]
}

/// Where the two digests stand in an inner header.
const KID: core::ops::Range<usize> = 7..39;
const PSK_ID: core::ops::Range<usize> = 42..74;

/// The inner header of B with one digest of A.
fn inner_with(a: &[u8], b: &[u8], place: core::ops::Range<usize>) -> Vec<u8> {
    let mut inner = b.to_vec();
    inner[place.clone()].copy_from_slice(&a[place]);
    inner
}

/// What B's sealer can put inside, taken from A. What comes out equal is no splice and is left out.
pub(crate) fn by_insiders(a: &Case<'_>, b: &Case<'_>) -> Vec<(&'static str, Delivery)> {
    let (from_a, rightful) = (a.delivery(), raw::encode(&b.delivery()));
    let sealer = &b.sealer.document;
    let with = |change: &dyn Fn(&mut Delivery)| {
        let mut delivery = b.delivery();
        change(&mut delivery);
        delivery
    };
    let proofs = |take: &dyn Fn(&mut SignerProof, &SignerProof)| {
        with(&|d| d.signers.iter_mut().zip(&from_a.signers).for_each(|(own, other)| take(own, other)))
    };
    let signatures = |take: &dyn Fn(usize) -> bool| {
        let pick = |(i, own)| a.signed.signatures.get(i).filter(|_| take(i)).unwrap_or(own).clone();
        let mixed: Vec<Signature> = b.signed.signatures.iter().enumerate().map(pick).collect();
        with(&|d| raw::put_signatures(d, &mixed, sealer))
    };
    let mut all = vec![
        ("grant of A", with(&|d| d.grant = from_a.grant.clone())),
        ("recipient of A", with(&|d| d.grant.recipient = from_a.grant.recipient)),
        ("receiving key of A", with(&|d| d.grant.receiving = from_a.grant.receiving)),
        ("organisation of A", with(&|d| d.grant.organisation = from_a.grant.organisation)),
        ("names of A", proofs(&|own, other| (own.salt, own.name) = (other.salt, other.name.clone()))),
        ("lone signatures of A", proofs(&|own, other| own.signature = other.signature)),
        ("heads of A", proofs(&|own, other| own.head = other.head)),
        ("ids of A's approvals", proofs(&|own, other| own.cti = other.cti)),
        ("certificates of A", with(&|d| d.certificates = from_a.certificates.clone())),
        ("approvals of A", signatures(&|_| true)),
        ("first approval of A", signatures(&|i| i == 0)),
        ("second approval of A", signatures(&|i| i == 1)),
    ];
    // Whoever may issue may seal any key under a grant two people signed for the same partner: that is no splice.
    if a.from.root.organisation != b.from.root.organisation
        || from_a.grant.recipient != b.delivery().grant.recipient
    {
        let grant_and_approvals = with(&|d| {
            d.grant = from_a.grant.clone();
            raw::put_signatures(d, &a.signed.signatures, sealer);
        });
        all.push(("grant and approvals of A", grant_and_approvals));
    }
    all.retain(|(_, delivery)| raw::encode(delivery) != rightful);
    all
}

fn survey_pair(survey: &mut Survey, a: &Case<'_>, b: &Case<'_>, name: &str) {
    survey.attempt(|| format!("{name}: secret of A"), || b.accepts(&b.sealed.bytes, &a.sealed.secret));
    let same_recipient = a.signed.grant.recipient == b.signed.grant.recipient;
    let same_organisation = a.from.root.organisation == b.from.root.organisation;
    if !(same_recipient && same_organisation) {
        survey.attempt(|| format!("{name}: recipient of A"), || a.accepts(&b.sealed.bytes, &b.sealed.secret));
    }
    survey.attempt(|| format!("{name}: recipient and secret of A"), || a.own(&b.sealed.bytes));
    for (what, parts) in by_outsiders(&a.parts, &b.parts) {
        let made = [("", parts.assemble()), (", signed again", parts.signed_by(&b.sealer.key))];
        // Where A and B have a part in common, or the signature is made anew, B itself may come out: no splice.
        for (how, bytes) in
            made.iter().filter(|(_, bytes)| *bytes != b.sealed.bytes && *bytes != a.sealed.bytes)
        {
            survey.attempt(|| format!("{name}: {what}{how}, opened by B"), || b.own(bytes));
            survey.attempt(|| format!("{name}: {what}{how}, opened by A"), || a.own(bytes));
        }
    }
    let taken_over = taken_over(a, b);
    if taken_over != a.sealed.bytes {
        survey.attempt(|| format!("{name}: A's envelope under B's name"), || a.own(&taken_over));
    }
    for (what, delivery) in by_insiders(a, b) {
        let sealed = b.resealed(&delivery);
        survey.attempt(|| format!("{name}: {what}, sealed again"), || b.own(&sealed));
    }
}

/// A's encryption and claims, but B's sealer signs: "my key for you".
pub(crate) fn taken_over(a: &Case<'_>, b: &Case<'_>) -> Vec<u8> {
    let claims = claims_of(&a.parts.protected);
    let kid = b.sealer.key.public().thumbprint();
    let protected = cose::protected(Kind::Envelope, &kid, Some(&b.sealer.document), Some(&claims));
    Parts { protected, ..a.parts.clone() }.signed_by(&b.sealer.key)
}

fn claims_of(protected: &[u8]) -> cose::Claims {
    let mut r = Reader::new(protected);
    let mut labels = r.map().unwrap();
    labels.demand(&mut r, 1).unwrap();
    r.int().unwrap();
    labels.demand(&mut r, 3).unwrap();
    r.uint().unwrap();
    for label in [4, 13] {
        labels.demand(&mut r, label).unwrap();
        r.bytes().unwrap();
    }
    labels.demand(&mut r, 15).unwrap();
    countersign_documents::Decode::decode(&mut r).unwrap()
}

#[test]
fn nothing_of_one_envelope_is_accepted_in_another() {
    let field = Field::new();
    let cases = field.cases(50);
    for case in &cases {
        assert!(case.own(&case.sealed.bytes), "by rights it opens");
        assert!(
            case.own(&case.resealed(&case.delivery())),
            "and so it does when it is sealed by hand: the splices are fair"
        );
    }
    let half = |start: usize| {
        let mut survey = Survey::new("splices");
        for (i, a) in cases.iter().enumerate().skip(start).step_by(2) {
            for (j, b) in cases.iter().enumerate().filter(|(j, _)| *j != i) {
                survey_pair(&mut survey, a, b, &format!("{i} in {j}"));
            }
        }
        survey
    };
    let mut survey = half_in_parallel(half);
    survey.attempt(
        || "an approval's id of zeros".to_owned(),
        || {
            let mut delivery = cases[0].delivery();
            delivery.signers[0].cti = Cti([0; 16]);
            cases[0].own(&cases[0].resealed(&delivery))
        },
    );
    survey.assert_all_refused(2_450 * 45);
}

fn half_in_parallel(half: impl Fn(usize) -> Survey + Sync) -> Survey {
    std::thread::scope(|scope| {
        let other = scope.spawn(|| half(1));
        let mut all = half(0);
        all.add(other.join().unwrap());
        all
    })
}

/// Puts the inside in another order.
type Arrange<'a> = &'a dyn Fn(&mut Delivery);

#[test]
fn one_person_alone_makes_no_envelope_however_the_inside_is_arranged() {
    let field = Field::new();
    let cases = field.cases(3);
    let mut survey = Survey::new("insider alone");
    for case in &cases {
        let signatures = &case.signed.signatures;
        let (first, second) = (signatures[0].clone(), signatures[1].clone());
        let mut renamed = first.clone();
        renamed.name = second.name.clone();
        let lists = [
            ("nobody", vec![]),
            ("the first only", vec![first.clone()]),
            ("the second only", vec![second.clone()]),
            ("the first twice", vec![first.clone(), first.clone()]),
            ("the second twice", vec![second.clone(), second.clone()]),
            ("both and the first again", vec![first.clone(), second.clone(), first.clone()]),
            ("another name", vec![renamed, second.clone()]),
        ];
        for (name, list) in lists {
            let mut delivery = case.delivery();
            raw::put_signatures(&mut delivery, &list, &case.sealer.document);
            let sealed = case.resealed(&delivery);
            survey.attempt(|| name.to_owned(), || case.own(&sealed));
        }
        let arranged: [(&str, Arrange<'_>); 5] = [
            ("a certificate nobody uses", &|d| {
                d.certificates.push(Blob(case.from.members[4].document.clone()))
            }),
            ("a certificate twice", &|d| d.certificates.push(d.certificates[0].clone())),
            ("a certificate beyond the list", &|d| d.signers[0].certificate = 9),
            ("the sealer's certificate again", &|d| d.certificates.push(Blob(case.sealer.document.clone()))),
            ("a certificate number beyond every list", &|d| d.signers[0].certificate = u64::MAX),
        ];
        for (name, arrange) in arranged {
            let mut delivery = case.delivery();
            arrange(&mut delivery);
            let sealed = case.resealed(&delivery);
            survey.attempt(|| name.to_owned(), || case.own(&sealed));
        }
    }
    survey.assert_all_refused(3 * 12);
}
