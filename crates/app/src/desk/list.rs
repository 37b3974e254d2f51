//! The list of requests as the person at this desk needs it: what waits for me first, what is late, what is new.

use std::collections::BTreeSet;

use countersign_contract::RequestView;
use countersign_documents::{
    Digest, Time,
    id::RequestId,
    policy::Severity,
    text::Line,
    time::{DAY, Seconds},
};
use countersign_domain::{
    Exchange, ExchangeState,
    findings::{self, Known},
    waiting_signers,
};
use countersign_ports::{Filter, Item, Order};

use super::Desk;
use crate::error::Result;

/// How long a partner should wait for any one step.
pub(crate) const PATIENCE: Seconds = 3 * DAY;

/// The kind of item under which the view keeps what was shown on this desk.
pub(crate) const SHOWN: &str = "shown";

/// All items of a kind.
pub(crate) const EVERYTHING: Filter = Filter {
    state: None,
    parent: None,
    text: None,
    due_before: None,
    limit: u32::MAX,
    offset: 0,
    order: Order::Oldest,
};

/// Which requests.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// Only in this state.
    pub state: Option<String>,
    /// Only where the company's name has this in it, whatever its case.
    pub partner: Option<String>,
    /// Only for this service, or `service/environment`.
    pub service: Option<String>,
    /// Only what waits for `me`, for the `partner`, or for a member whose name has this in it.
    pub waiting_for: Option<String>,
    /// Only what was never shown here.
    pub unread: bool,
    /// Only where every word occurs.
    pub text: Option<String>,
}

impl Wanted {
    fn lets(&self, view: &RequestView) -> bool {
        let has = |text: &str, part: &Option<String>| {
            part.as_ref().is_none_or(|p| text.to_lowercase().contains(&p.trim().to_lowercase()))
        };
        let waits = match self.waiting_for.as_deref().map(str::trim) {
            None => true,
            Some("me") => view.mine,
            Some("partner") => view.state == "changes-asked",
            Some(_) => has(&view.waits_for, &self.waiting_for),
        };
        let service = self.service.as_ref().is_none_or(|wanted| {
            let wanted: String = wanted.chars().filter(|c| !c.is_whitespace()).collect();
            wanted == view.service || wanted == format!("{}/{}", view.service, view.environment)
        });
        waits && service && has(&view.company, &self.partner) && (!self.unread || view.unread)
    }
}

impl Desk {
    /// Requests: what waits for this desk first, then what waits for others, longest first; what is done last, newest
    /// first.
    pub async fn requests(&self, wanted: &Wanted) -> Result<Vec<RequestView>> {
        let filter = Filter { state: wanted.state.clone(), text: wanted.text.clone(), ..EVERYTHING };
        let (shown, known) = (self.shown().await?, self.known_names().await?);
        let mut views = Vec::new();
        for item in self.ports.view.list("request", &filter).await? {
            let Ok(view) = serde_json::from_str::<RequestView>(&item.body) else { continue };
            let Some(exchange) = RequestId::parse(&view.id).and_then(|id| self.state.exchanges.get(&id))
            else {
                continue;
            };
            let blocked = self.blocking(exchange, &known).await;
            let unread = !shown.contains(&(view.id.clone(), exchange.digest.hex()));
            views.push(RequestView { blocked, unread, ..self.for_me(view, exchange) });
        }
        views.retain(|view| wanted.lets(view));
        views.sort_by_key(|v| {
            let open = v.due.is_some() || v.state == "changes-asked";
            let closed_last = if open { v.since } else { u64::MAX - v.since };
            (!v.mine, !open, v.due.is_none(), closed_last)
        });
        Ok(views)
    }

    /// Remembers in the view that a request was shown here. A view that cannot be written costs a mark, nothing else.
    pub async fn note_shown(&self, id: RequestId) {
        let Ok(exchange) = self.state.exchange(&id) else { return };
        let item = Item {
            kind: SHOWN.to_owned(),
            id: id.to_string(),
            parent: None,
            state: exchange.digest.hex(),
            due: None,
            search: String::new(),
            body: "{}".to_owned(),
        };
        let _marks_only = self.ports.view.replace(&self.head(), &[item], &[]).await;
    }

    /// What depends on who looks, and when.
    pub(crate) fn for_me(&self, view: RequestView, exchange: &Exchange) -> RequestView {
        RequestView {
            since: since(exchange).0,
            due: waits_here(exchange).then(|| since(exchange).plus(self.patience()).0),
            mine: self.waits_for_me(exchange),
            ..view
        }
    }

    pub(crate) fn waits_for_me(&self, exchange: &Exchange) -> bool {
        let me = self.own.thumbprint();
        waiting_signers(&self.state, exchange, self.time()).iter().any(|m| m.key.thumbprint() == me)
    }

    /// The revisions that were shown here: request and digest.
    async fn shown(&self) -> Result<BTreeSet<(String, String)>> {
        let marks = self.ports.view.list(SHOWN, &EVERYTHING).await?;
        Ok(marks.into_iter().map(|mark| (mark.id, mark.state)).collect())
    }

    /// How partners are called, with whose name it is: of requests from the view, not for each from its document.
    async fn known_names(&self) -> Result<Vec<(String, Known)>> {
        let mut names = Vec::new();
        for item in self.ports.view.list("request", &EVERYTHING).await? {
            let body: Option<serde_json::Value> = serde_json::from_str(&item.body).ok();
            let name = body.as_ref().and_then(|b| b["company"].as_str()).and_then(|n| Line::parse(n).ok());
            names.extend(item.parent.zip(name));
        }
        let old: BTreeSet<(Digest, Digest)> =
            self.state.all_keys().filter_map(|key| Some((key.holder, key.legacy?))).collect();
        for (holder, blob) in old {
            names.extend(self.old_holder(blob).await.ok().map(|name| (holder.hex(), name)));
        }
        names.sort_unstable();
        names.dedup();
        Ok(names.into_iter().map(|(whose, name)| (whose, Known::new(name))).collect())
    }

    /// Nobody waits longer than signatures are good for.
    pub(crate) fn patience(&self) -> Seconds {
        PATIENCE.min(self.state.policy().approval_days.saturating_mul(DAY))
    }

    async fn blocking(&self, exchange: &Exchange, known: &[(String, Known)]) -> Vec<String> {
        if exchange.state != ExchangeState::Received {
            return Vec::new();
        }
        let identity = exchange.identity.hex();
        let accepted = self.accepted_names(&exchange.identity).await;
        let texts = match self.request_document(exchange.id).await {
            Ok(document) => {
                let applicant = &document.request.applicant;
                let called = &applicant.company;
                let accepted = accepted.contains(called);
                let of_another = |(whose, other): &&(String, Known)| {
                    *whose != identity && !(accepted && other.name == *called)
                };
                findings::textual_among(applicant, known.iter().filter(of_another).map(|(_, other)| other))
            }
            Err(_) => Vec::new(),
        };
        let sponsor = self.me().is_ok_and(|me| me.person == exchange.sponsor);
        let found = findings::all(&self.state, exchange, texts, sponsor).unwrap_or_default();
        let open = found.iter().filter(|f| f.severity == Severity::Blocking && f.justified.is_none());
        open.map(|f| f.code.to_string()).collect()
    }
}

/// Whether it waits for somebody of the organisation.
pub(crate) fn waits_here(exchange: &Exchange) -> bool {
    match exchange.state {
        ExchangeState::Received | ExchangeState::Vetted | ExchangeState::Countersigned => true,
        ExchangeState::ChangesAsked
        | ExchangeState::Issued
        | ExchangeState::Declined
        | ExchangeState::Withdrawn => false,
    }
}

/// Since when it waits for what it waits for: the last signature, or else the newest revision.
pub(crate) fn since(exchange: &Exchange) -> Time {
    let signed = exchange.signed.as_ref().and_then(|s| s.approvals.last());
    signed.map_or(exchange.received, |approval| approval.time)
}
