//! Terms: the access itself, asked or granted.

use countersign_documents::{
    catalogue::{Catalogue, Environment, Service},
    network::Network,
    policy::Policy,
    record,
    request::Asked,
    text::ScopeName,
};

use crate::refusal::Refusal;

record! {
    /// What may be narrowed: never service and environment.
    pub struct Terms {
        /// Names of scopes, in rising order.
        1 => scopes: Vec<ScopeName>,
        /// Source networks, in rising order.
        2 => networks: Vec<Network>,
        /// Days.
        3 => days: u64,
    }
}

impl Terms {
    /// Everything that was asked.
    pub fn of(asked: &Asked) -> Self {
        Self { scopes: asked.scopes.clone(), networks: asked.networks.clone(), days: asked.days }
    }

    /// A grant never exceeds its request: the same scopes or fewer, the same networks or narrower, no longer.
    pub fn within(&self, asked: &Asked) -> Result<(), Refusal> {
        let ordered =
            self.scopes.windows(2).all(|w| w[0] < w[1]) && self.networks.windows(2).all(|w| w[0] < w[1]);
        if self.scopes.is_empty() {
            return Err(Refusal::NothingGranted);
        }
        if self.days == 0 {
            return Err(Refusal::LifetimeZero);
        }
        let scopes = self.scopes.iter().all(|s| asked.scopes.contains(s));
        let covered = |n: &Network| asked.networks.is_empty() || asked.networks.iter().any(|a| a.covers(n));
        // No network at all means from anywhere: that is wider than any list that was asked.
        let networks =
            self.networks.iter().all(covered) && (asked.networks.is_empty() || !self.networks.is_empty());
        if ordered && scopes && networks && self.days <= asked.days {
            Ok(())
        } else {
            Err(Refusal::BeyondRequest)
        }
    }
}

/// Where the catalogue keeps what was asked; refuses what it does not have, or not for that long.
pub(crate) fn look_up<'a>(
    asked: &Asked,
    catalogue: &'a Catalogue,
    policy: &Policy,
) -> Result<(&'a Service, &'a Environment), Refusal> {
    let service = catalogue.service(&asked.service).ok_or(Refusal::UnknownService)?;
    let environment = service.environment(&asked.environment).ok_or(Refusal::UnknownEnvironment)?;
    if asked.scopes.iter().any(|name| service.scope(name).is_none()) {
        return Err(Refusal::UnknownScope);
    }
    if asked.days > longest(environment, policy) {
        return Err(Refusal::LifetimeTooLong);
    }
    Ok((service, environment))
}

/// The longest lifetime of a key here, in days.
pub(crate) fn longest(environment: &Environment, policy: &Policy) -> u64 {
    environment.longest_days.min(policy.longest_for(environment.class))
}
