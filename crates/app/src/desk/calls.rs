//! Who has compared a partner's fingerprint so that it counts, and who has still to. Two calls of one person are one person.

use std::collections::BTreeSet;

use countersign_documents::{
    catalogue::{EnvironmentClass, ScopeClass},
    certificate::Right,
    id::{PersonId, RequestId},
};
use countersign_domain::{Exchange, ExchangeState, Member};

use super::Desk;
use crate::error::Result;

/// How far the calls about one request are, as this desk sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Calls {
    /// Persons whose call counts.
    pub persons: u64,
    /// Persons the policy asks for.
    pub needed: u64,
    /// Whether this person's call is still to come.
    pub mine: bool,
    /// Others who can call next, by name; empty where no further call is needed.
    pub others: Vec<String>,
}

impl Calls {
    /// Whether anybody has to call before somebody can sign.
    pub fn missing(&self) -> bool {
        self.persons < self.needed
    }
}

impl Desk {
    /// How far the calls about a request are.
    ///
    /// # Errors
    /// There is no such request.
    pub async fn calls(&self, id: RequestId) -> Result<Calls> {
        let exchange = self.state.exchange(&id)?;
        let me = self.me().ok();
        let (called, needed) = (self.callers(exchange), self.calls_needed(exchange));
        let missing = exchange.state == ExchangeState::Received && (called.len() as u64) < needed;
        let can = |m: &&Member| missing && calls(m) && !called.contains(&m.person);
        let mut others: Vec<String> = Vec::new();
        let other = |m: &&Member| me.is_none_or(|me| me.person != m.person);
        for member in self.state.active().filter(can).filter(other) {
            let name = self.display_name(member.name).await;
            if !others.contains(&name) {
                others.push(name);
            }
        }
        Ok(Calls { persons: called.len() as u64, needed, mine: me.as_ref().is_some_and(can), others })
    }

    /// Persons whose comparison counts under the policy in force.
    fn callers(&self, exchange: &Exchange) -> BTreeSet<PersonId> {
        let unattended = self.state.policy().unattended.0;
        let checks =
            self.state.partners.get(&exchange.identity).map(|p| p.checks.as_slice()).unwrap_or_default();
        checks.iter().filter(|c| c.attended.0 || unattended).map(|c| c.person).collect()
    }

    fn calls_needed(&self, exchange: &Exchange) -> u64 {
        let service = self.state.catalogue.as_ref().and_then(|c| c.service(&exchange.asked.service));
        // Where the catalogue does not offer it any more nobody signs it; the stricter number does no harm.
        let class = service
            .and_then(|s| s.environment(&exchange.asked.environment))
            .map_or(EnvironmentClass::Production, |e| e.class);
        let administers =
            |name| service.and_then(|s| s.scope(name)).is_some_and(|s| s.class == ScopeClass::Admin);
        self.state.policy().calls_for(class, exchange.terms.scopes.iter().any(administers))
    }
}

/// Whoever signs calls.
fn calls(member: &Member) -> bool {
    !member.agent && (member.may(Right::Vet) || member.may(Right::Approve))
}
