//! What became of stopping keys, and how lists say it.

use countersign_contract::StopView;
use countersign_documents::{
    id::KeyId,
    order::{Act, Reason},
};
use countersign_domain::KeyRecord;

use super::Desk;

/// What became of one key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StopOutcome {
    /// What the issuing system did.
    pub end: StopEnd,
    /// Why the ledger does not say so yet; none where it does.
    pub unrecorded: Option<String>,
    /// Whether this desk keeps the order, and goes on with it by itself until it is done and on the record.
    pub kept: bool,
}

/// What the issuing system did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StopEnd {
    /// It was read again and does not accept the key.
    Confirmed,
    /// Nothing: a member has to do it by hand and confirm with evidence.
    ByHand {
        /// What to do.
        instructions: String,
    },
    /// It did not work.
    Failed {
        /// Why.
        why: String,
    },
}

impl StopOutcome {
    /// One word: a key that nobody recorded as stopped is *ordered*, however dead it is.
    fn state(&self) -> &'static str {
        match (&self.end, &self.unrecorded) {
            (StopEnd::Failed { .. }, _) => "failed",
            (StopEnd::Confirmed, None) => "confirmed",
            (StopEnd::Confirmed | StopEnd::ByHand { .. }, _) => "ordered",
        }
    }

    fn detail(&self) -> String {
        match (&self.end, &self.unrecorded) {
            (StopEnd::Confirmed, None) => {
                "the issuing system was read again and does not accept it".to_owned()
            }
            (StopEnd::Confirmed, Some(_)) => "done at the issuing system, not yet on the record".to_owned(),
            (StopEnd::ByHand { instructions }, None) => format!("by hand: {instructions}"),
            (StopEnd::ByHand { instructions }, Some(_)) => {
                format!("not yet on the record; by hand: {instructions}")
            }
            (StopEnd::Failed { why }, _) if self.kept => format!("{why}; it will be tried again"),
            (StopEnd::Failed { why }, _) => {
                format!("{why}; the order could not be kept here either: give it again")
            }
        }
    }
}

impl Desk {
    /// Outcomes as a list shows them.
    pub async fn stop_views(&self, outcomes: &[(KeyId, StopOutcome)]) -> Vec<StopView> {
        let mut views = Vec::new();
        for (id, outcome) in outcomes {
            let key = self.state.keys.get(id);
            let terms = key
                .and_then(|k| k.issuer.as_ref())
                .and_then(|issuer| self.state.issuers.get(issuer))
                .map(|known| &known.terms);
            views.push(StopView {
                key: id.to_string(),
                holder: match key {
                    Some(key) => self.holder_name(key).await,
                    None => String::new(),
                },
                service: key.map(|k| k.service.to_string()).unwrap_or_default(),
                environment: key.map(|k| k.environment.to_string()).unwrap_or_default(),
                state: outcome.state().to_owned(),
                detail: outcome.detail(),
                by_hand: matches!(outcome.end, StopEnd::ByHand { .. }),
                recorded: outcome.unrecorded.is_none(),
                kept: outcome.kept,
                why: match &outcome.end {
                    StopEnd::Failed { why } => Some(why.clone()),
                    StopEnd::Confirmed | StopEnd::ByHand { .. } => None,
                },
                issuer: terms.map(|t| t.id.to_string()),
                instructions: match &outcome.end {
                    StopEnd::ByHand { instructions } if terms.is_some() => Some(instructions.clone()),
                    _ => terms.and_then(|t| t.instructions.as_ref()).map(ToString::to_string),
                },
            });
        }
        views
    }

    /// An order of this desk against a key that the ledger does not know of yet.
    pub(crate) fn unrecorded_order(&self, key: &KeyRecord) -> Option<(Act, Reason)> {
        let (act, reason) = self.waiting.get(&key.id)?;
        let recorded = key.stop.as_ref().is_some_and(|stop| stop.act == *act || stop.act == Act::Revoke);
        (!recorded).then_some((*act, *reason))
    }
}
