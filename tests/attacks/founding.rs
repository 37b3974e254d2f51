//! What two founders exchange, and two who use the keys on paper: one spelling each, no changed bit accepted, and
//! whatever an honest pair signs is a root with two members.

use countersign_documents::{
    Blob, ReceivingSecret, Secret32, SigningKey, Verified,
    certificate::Certificate,
    cose::Rejected,
    founding::{self, Founder, PaperFlaw},
    id::{MemberId, OrganisationId, PersonId},
    identity::IdentityCard,
    root::{Root, Trust},
    succession::{self, Known},
};
use proptest::prelude::*;

use crate::{
    changes::Survey,
    formats::{Any, cases, one_spelling},
    world::{Dice, NOW, line},
};

/// Somebody who founds or succeeds, with all keys.
struct Person {
    part: Founder,
    seed: Secret32,
    signing: SigningKey,
    certifying: SigningKey,
    offline: SigningKey,
}

impl Person {
    fn new(name: &str, dice: &mut Dice) -> Self {
        let seed = dice.secret();
        let (signing, certifying, offline) = (SigningKey::from_seed(&seed), dice.signing(), dice.signing());
        let card = IdentityCard {
            signing: signing.public(),
            receiving: ReceivingSecret::new(dice.secret()).public(),
            made: NOW,
            checkpoint: Some(dice.signing().public()),
            name: Some(line(name)),
        };
        let part = Founder {
            person: PersonId(dice.id()),
            member: MemberId(dice.id()),
            identity: Blob(card.sign(&signing)),
            certifying: certifying.public(),
            offline: offline.public(),
            salt: dice.id(),
        };
        Self { part, seed, signing, certifying, offline }
    }

    /// The same person on the same desk, with new keys for a new root.
    fn again(&self, dice: &mut Dice) -> Self {
        let (certifying, offline) = (dice.signing(), dice.signing());
        let part =
            Founder { certifying: certifying.public(), offline: offline.public(), ..self.part.clone() };
        let seed = self.seed.duplicate();
        Self { part, signing: SigningKey::from_seed(&seed), seed, certifying, offline }
    }
}

fn offer(first: &Person, sample: bool, dice: &mut Dice) -> Vec<u8> {
    let offer = founding::Offer {
        organisation: OrganisationId(dice.id()),
        name: line("Example Works"),
        founder: first.part.clone(),
        made: NOW,
        sample: sample.then_some(1),
    };
    offer.sign(&first.signing)
}

fn answer(offer: &Verified<founding::Offer>, second: &Person) -> Vec<u8> {
    let drawn = offer.body.draw_up(&second.part, NOW).unwrap();
    let answer = founding::Answer {
        offer: offer.digest,
        founder: second.part.clone(),
        made: NOW,
        root: drawn.sign_root(&second.certifying),
        certificates: drawn.sign_certificates(&second.certifying),
    };
    answer.sign(&second.signing)
}

/// A founded organisation: its first root, signed by both.
fn found(first: &Person, second: &Person, sample: bool, dice: &mut Dice) -> Vec<u8> {
    let offer = founding::Offer::verify(&offer(first, sample, dice)).unwrap();
    let answer = founding::Answer::verify(&answer(&offer, second)).unwrap().body;
    answer.check(&offer).unwrap().complete_root(&[&first.certifying])
}

fn succession_offer(first: &Person, before: &Person, others: &[&Person], root: &[u8]) -> Vec<u8> {
    let known = |p: &&Person| Known {
        key: p.signing.public().thumbprint(),
        person: p.part.person,
        member: p.part.member,
    };
    let offer = succession::Offer {
        organisation: Root::verify_first(root).unwrap().body.organisation,
        roots: vec![Blob(root.to_vec())],
        first: first.part.clone(),
        revealed: before.offline.public(),
        members: others.iter().map(known).collect(),
        made: NOW,
    };
    offer.sign(&first.signing)
}

fn succession_answer(
    offer: &(Verified<succession::Offer>, Trust),
    second: &Person,
    half: &SigningKey,
) -> Vec<u8> {
    let drawn = offer.0.body.draw_up(&offer.1, &second.part, half.public(), NOW).unwrap();
    let answer = succession::Answer {
        offer: offer.0.digest,
        second: second.part.clone(),
        revealed: half.public(),
        made: NOW,
        root: vec![drawn.sign_root(half), drawn.sign_root(&second.certifying)],
        certificates: drawn.sign_certificates(&second.certifying),
    };
    answer.sign(&second.signing)
}

#[test]
fn no_change_of_what_founders_exchange_is_accepted() {
    let mut dice = Dice::new("founders", 1);
    let (ada, bo) = (Person::new("Ada Example", &mut dice), Person::new("Bo Sample", &mut dice));
    let offered = offer(&ada, false, &mut dice);
    let read = founding::Offer::verify(&offered).unwrap();
    let survey = Survey::of("founding offer", &offered, |b| founding::Offer::verify(b).is_ok());
    survey.assert_all_refused(offered.len() * 18);
    let answered = answer(&read, &bo);
    let accepted = |b: &[u8]| founding::Answer::verify(b).and_then(|answer| answer.body.check(&read)).is_ok();
    Survey::of("founding answer", &answered, accepted).assert_all_refused(answered.len() * 18);
}

#[test]
fn no_change_of_what_successors_exchange_is_accepted() {
    let mut dice = Dice::new("successors", 1);
    let (ada, bo) = (Person::new("Ada Example", &mut dice), Person::new("Bo Sample", &mut dice));
    let root = found(&ada, &bo, false, &mut dice);
    let dee = Person::new("Dee Muster", &mut dice);
    let offered = succession_offer(&ada, &ada, &[&ada, &bo], &root);
    let read = succession::Offer::verify(&offered).unwrap();
    let survey = Survey::of("succession offer", &offered, |b| succession::Offer::verify(b).is_ok());
    survey.assert_all_refused(offered.len() * 18);
    let answered = succession_answer(&read, &dee, &bo.offline);
    let accepted =
        |b: &[u8]| succession::Answer::verify(b).and_then(|a| a.body.check(&read.0, &read.1)).is_ok();
    Survey::of("succession answer", &answered, accepted).assert_all_refused(answered.len() * 18);
}

#[test]
fn one_who_answers_themselves_founds_nothing() {
    let mut dice = Dice::new("alone", 1);
    let ada = Person::new("Ada Example", &mut dice);
    let read = founding::Offer::verify(&offer(&ada, false, &mut dice)).unwrap();
    let mut again = Person::new("Ada Example", &mut dice);
    again.part.identity = ada.part.identity.clone();
    assert_eq!(
        read.body.draw_up(&again.part, NOW).unwrap_err(),
        PaperFlaw::SamePerson,
        "another person's id"
    );
    let mut again = Person::new("Ada Example", &mut dice);
    again.part.person = ada.part.person;
    assert_eq!(read.body.draw_up(&again.part, NOW).unwrap_err(), PaperFlaw::SamePerson, "another key");
    let mut again = Person::new("Bo Sample", &mut dice);
    again.part.certifying = ada.part.certifying;
    let flaw = PaperFlaw::Document(Rejected::TooFewSigners);
    assert_eq!(read.body.draw_up(&again.part, NOW).unwrap_err(), flaw, "one certifying key");
}

proptest! {
    #![proptest_config(cases())]
    #[test]
    fn what_an_honest_pair_signs_is_a_root_with_two_members(seed in any::<u64>(), sample in any::<bool>()) {
        let mut dice = Dice::new("pair", seed);
        let (ada, bo) = (Person::new("Ada Example", &mut dice), Person::new("Bo Sample", &mut dice));
        let root = found(&ada, &bo, sample, &mut dice);
        let first = Root::verify_first(&root).unwrap().body;
        prop_assert_eq!(first.sample.is_some(), sample, "the mark of the offer is the root's");
        let again = bo.again(&mut dice);
        let offer = succession_offer(&again, &ada, &[&ada, &bo], &root);
        let read = succession::Offer::verify(&offer).unwrap();
        // Bo begins with Ada's half, Ada answers with Bo's: who holds which is nobody's rule.
        let second = ada.again(&mut dice);
        let answer = succession::Answer::verify(&succession_answer(&read, &second, &bo.offline)).unwrap().body;
        let answered = answer.check(&read.0, &read.1).unwrap();
        let next = answered.complete_root(&[&ada.offline, &again.certifying]);
        let chain = [root, next].map(Blob);
        let trust = Trust::follow(&chain, None).unwrap();
        prop_assert_eq!(trust.root.version, 2);
        for certificate in answered.complete_certificates(&again.certifying) {
            prop_assert!(Certificate::verify(&certificate.0, &trust.root).is_ok(), "a member under the new root");
        }
    }
}

impl Any {
    fn founder(&mut self) -> Founder {
        let (certifying, offline) = (self.0.signing().public(), self.0.signing().public());
        Founder {
            person: PersonId(self.0.id()),
            member: MemberId(self.0.id()),
            identity: self.blob(),
            certifying,
            offline,
            salt: self.0.id(),
        }
    }

    fn founding_offer(&mut self) -> founding::Offer {
        founding::Offer {
            organisation: OrganisationId(self.0.id()),
            name: self.line(),
            founder: self.founder(),
            made: self.time(),
            sample: self.maybe(Self::number),
        }
    }

    fn founding_answer(&mut self) -> founding::Answer {
        founding::Answer {
            offer: self.digest(),
            founder: self.founder(),
            made: self.time(),
            root: self.blob(),
            certificates: self.list(3, Self::blob),
        }
    }

    fn succession_offer(&mut self) -> succession::Offer {
        succession::Offer {
            organisation: OrganisationId(self.0.id()),
            roots: self.list(3, Self::blob),
            first: self.founder(),
            revealed: self.0.signing().public(),
            members: self.list(3, |any| Known {
                key: any.digest(),
                person: PersonId(any.0.id()),
                member: MemberId(any.0.id()),
            }),
            made: self.time(),
        }
    }

    fn succession_answer(&mut self) -> succession::Answer {
        succession::Answer {
            offer: self.digest(),
            second: self.founder(),
            revealed: self.0.signing().public(),
            made: self.time(),
            root: self.list(3, Self::blob),
            certificates: self.list(3, Self::blob),
        }
    }
}

proptest! {
    #![proptest_config(cases())]
    #[test]
    fn papers_of_founders_and_successors_have_one_spelling(seed in any::<u64>()) {
        let mut any = Any(Dice::new("papers", seed));
        let offer = any.founding_offer();
        one_spelling(&offer, &mut any.0)?;
        let answer = any.founding_answer();
        one_spelling(&answer, &mut any.0)?;
        let offer = any.succession_offer();
        one_spelling(&offer, &mut any.0)?;
        let answer = any.succession_answer();
        one_spelling(&answer, &mut any.0)?;
    }
}
