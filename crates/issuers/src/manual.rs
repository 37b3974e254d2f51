//! The issuer for systems only a human can reach: keys are pasted in, and stopped by hand.

use async_trait::async_trait;
use countersign_documents::id::KeyId;
use countersign_ports::{Handle, Issued, Issuer, IssuerError, KeySource, Plan, Proof, Status, Tag, Wanted};

const HANDLE: &str = "manual:";

/// A system that makes keys in its own console, with what to do there when a key must die.
pub struct Manual {
    name: String,
    instructions: String,
}

impl Manual {
    /// `name` is what members call the system, `instructions` how a key is stopped there, both in plain words.
    pub fn new(name: impl Into<String>, instructions: impl Into<String>) -> Self {
        Self { name: name.into(), instructions: instructions.into() }
    }
}

#[async_trait]
impl Issuer for Manual {
    fn plan(&self, wanted: &Wanted) -> Plan {
        let Self { name, .. } = self;
        let mut unenforceable = Vec::new();
        if !wanted.scopes.is_empty() {
            unenforceable
                .push(format!("The scopes must be set by hand in {name}: {}.", wanted.scopes.join(", ")));
        }
        if !wanted.networks.is_empty() {
            let networks = wanted.networks.join(", ");
            unenforceable.push(format!("The source networks must be set by hand in {name}: {networks}."));
        }
        unenforceable.push(format!("The expiry must be set by hand in {name}."));
        if wanted.inert {
            unenforceable.push(format!("The key works as soon as {name} makes it: it cannot be held back."));
        }
        Plan { unenforceable, can_hold: false, makes_key: false }
    }

    async fn create(&self, tag: &Tag, source: KeySource) -> Result<Issued, IssuerError> {
        let KeySource::Pasted(key) = source else { return Err(IssuerError::NeedsKey) };
        Ok(Issued { key, handle: Handle(format!("{HANDLE}{}", tag.key)), not_after: tag.not_after })
    }

    /// Always nothing: a pasted key leaves no trace here, and after a crash it is pasted again.
    async fn find(&self, _tag: KeyId) -> Result<Option<Handle>, IssuerError> {
        Ok(None)
    }

    /// Nothing to do: the key works from the moment its own system made it.
    async fn activate(&self, handle: &Handle) -> Result<(), IssuerError> {
        named(handle).map(drop)
    }

    async fn disable(&self, handle: &Handle) -> Result<Proof, IssuerError> {
        let key = named(handle)?;
        let Self { name, instructions } = self;
        Ok(Proof::ByHand {
            instructions: format!(
                "Switch key {key} off in {name} by hand; stop it for good where it has no switch. {instructions}"
            ),
        })
    }

    async fn revoke(&self, handle: &Handle) -> Result<Proof, IssuerError> {
        let key = named(handle)?;
        let Self { name, instructions } = self;
        Ok(Proof::ByHand { instructions: format!("Stop key {key} in {name} by hand. {instructions}") })
    }

    async fn status(&self, handle: &Handle) -> Result<Status, IssuerError> {
        named(handle).map(|_| Status::Unknown)
    }
}

fn named(handle: &Handle) -> Result<KeyId, IssuerError> {
    handle.0.strip_prefix(HANDLE).and_then(KeyId::parse).ok_or(IssuerError::NoSuchKey)
}

#[cfg(test)]
mod tests {
    use countersign_documents::{Time, secret::Key};

    use super::*;

    fn manual() -> Manual {
        Manual::new("the billing console", "Open Developers, API keys, and choose Roll.")
    }

    fn tag() -> Tag {
        Tag {
            key: KeyId([7; 16]),
            service: "billing".into(),
            environment: "prod".into(),
            scopes: vec!["charges:read".into()],
            networks: vec!["203.0.113.0/24".into()],
            not_after: Time(1_900_000_000),
            inert: false,
        }
    }

    #[tokio::test]
    async fn a_pasted_key_is_handed_on_as_it_is() {
        let pasted = Key::parse(b"rk_live_0123456789abcdef".to_vec().into()).unwrap();
        let issued = manual().create(&tag(), KeySource::Pasted(pasted)).await.unwrap();
        assert_eq!(issued.key.expose(), b"rk_live_0123456789abcdef", "not a byte is changed");
        assert_eq!(
            issued.handle.0,
            format!("manual:{}", tag().key),
            "the handle is the key id, nothing secret"
        );
        assert_eq!(issued.not_after, tag().not_after, "nobody here can shorten its life");
    }

    #[tokio::test]
    async fn without_a_pasted_key_there_is_none() {
        let made = manual().create(&tag(), KeySource::Issuer).await;
        assert!(matches!(made, Err(IssuerError::NeedsKey)), "nothing is made up");
    }

    #[tokio::test]
    async fn it_claims_nothing_it_cannot_see() {
        let (manual, handle) = (manual(), Handle(format!("manual:{}", tag().key)));
        let status = manual.status(&handle).await.unwrap();
        assert_eq!(status, Status::Unknown, "neither active nor gone can be seen from here");
        assert!(manual.activate(&handle).await.is_ok(), "it works already");
        for (verb, proof) in [
            ("Switch", manual.disable(&handle).await.unwrap()),
            ("Stop", manual.revoke(&handle).await.unwrap()),
        ] {
            let Proof::ByHand { instructions } = proof else {
                panic!(
                    "only a human can prove this: a switch that nobody saw thrown is not reported as thrown"
                )
            };
            for part in [verb, tag().key.to_string().as_str(), "the billing console", "choose Roll"] {
                assert!(instructions.contains(part), "{instructions:?} must say {part:?}");
            }
        }
    }

    #[tokio::test]
    async fn a_handle_of_another_issuer_is_refused() {
        for text in [tag().key.to_string(), "manual:".into(), "manual:x".into()] {
            let handle = Handle(text);
            for proof in [manual().revoke(&handle).await, manual().disable(&handle).await] {
                assert!(matches!(proof, Err(IssuerError::NoSuchKey)), "{handle:?} was never given out here");
            }
        }
    }

    #[test]
    fn the_plan_tells_everything_that_must_be_done_by_hand() {
        let Tag { scopes, networks, inert, .. } = tag();
        let wanted = Wanted { scopes, networks, inert };
        let plan = manual().plan(&wanted);
        assert!(!plan.makes_key && !plan.can_hold, "it can do neither");
        assert_eq!(plan.unenforceable.len(), 3, "scopes, networks and expiry: {:?}", plan.unenforceable);
        let bare = Wanted { scopes: vec![], networks: vec![], ..wanted };
        assert_eq!(manual().plan(&bare).unenforceable.len(), 1, "only the expiry is left");
        let held = Wanted { inert: true, ..bare };
        assert_eq!(
            manual().plan(&held).unenforceable.len(),
            2,
            "holding back is asked for and cannot be done"
        );
    }
}
