//! What the confirm window shows, and what its answer does. The lines are composed from exactly what will be hashed; the
//! page that asked for them can neither read nor answer them.

use std::time::Duration;

use countersign_app::desk::Desk;
use countersign_contract::{ConfirmAnswer, ConfirmField, ConfirmLine, ConfirmView, StopView, Window};
use countersign_documents::{
    Digest, Time,
    fingerprint::Fingerprint,
    grant::{Grant, Vetting},
    id::{ChangeId, KeyId, RequestId},
    order::{Act, Reason},
};
use countersign_domain::Terms;
use tokio::time::Instant;

use crate::{failure::Error, grant as words, host::Host, laid_out::Exact, shell::Change};

/// No answer is taken before: a click that was meant for something else signs nothing.
pub(crate) const ARMED_AFTER: Duration = Duration::from_millis(500);

/// What an answer will do.
pub(crate) enum Ask {
    /// The first signature.
    Vet {
        /// Under which request.
        request: RequestId,
        /// What is signed.
        draft: Box<(Grant, Vetting)>,
        /// What it was drawn up from.
        seen: Seen,
    },
    /// The second signature.
    Countersign {
        /// Under which request.
        request: RequestId,
        /// What is signed.
        grant: Digest,
    },
    /// A change that another admin proposed.
    Change {
        /// Which.
        id: ChangeId,
        /// What is signed.
        change: Digest,
    },
    /// Keys are to be stopped.
    Stop {
        /// Which.
        keys: Vec<KeyId>,
        /// How.
        act: Act,
        /// Why.
        reason: Reason,
    },
}

/// Which revision of a request, and what of it would be granted.
#[derive(PartialEq, Eq)]
pub(crate) struct Seen(u64, Terms);

impl Seen {
    pub(crate) fn now(desk: &Desk, request: &RequestId) -> Result<Self, Error> {
        let exchange = desk.state().exchange(request)?;
        Ok(Self(exchange.revision, exchange.terms.clone()))
    }
}

/// A question, and since when it is on the screen.
pub(crate) struct Question {
    pub(crate) ask: Ask,
    pub(crate) view: ConfirmView,
    pub(crate) shown: Option<Instant>,
}

/// What a question says: lines, a change's fields, and all of what is hashed where something is.
#[derive(Default)]
pub(crate) struct Shown {
    pub(crate) lines: Vec<ConfirmLine>,
    pub(crate) fields: Vec<ConfirmField>,
    pub(crate) exact: Option<Exact>,
}

/// One line.
pub(crate) fn line(name: &str, value: impl Into<String>) -> ConfirmLine {
    ConfirmLine { name: name.to_owned(), value: value.into(), time: None }
}

pub(crate) fn line_at(name: &str, time: Time) -> ConfirmLine {
    ConfirmLine { name: name.to_owned(), value: String::new(), time: Some(time.0) }
}

impl Host {
    /// Puts a question on the screen. One that was open before is gone.
    pub(crate) async fn ask(&self, ask: Ask, shown: Shown) -> Result<(), Error> {
        let act = match &ask {
            Ask::Vet { .. } => "vet",
            Ask::Countersign { .. } => "countersign",
            Ask::Change { .. } => "change",
            Ask::Stop { act: Act::Revoke, .. } => "stop",
            Ask::Stop { act: Act::Disable, .. } => "disable",
        };
        let mut id = [0u8; 16];
        self.entropy().fill(&mut id)?;
        let Exact { json, bytes, digest } = shown.exact.unwrap_or_default();
        let view = ConfirmView {
            id: Digest::of(&id).hex(),
            act: act.to_owned(),
            lines: shown.lines.into_iter().filter(|l| !l.value.is_empty() || l.time.is_some()).collect(),
            fields: shown.fields,
            exact: json,
            hashed: bytes,
            digest,
            armed_after: u32::try_from(ARMED_AFTER.as_millis()).unwrap_or(u32::MAX),
        };
        *self.question.lock().await = Some(Question { ask, view, shown: None });
        self.shell.open(Window::Confirm);
        Ok(())
    }

    /// What is asked. From now on the clock runs.
    pub(crate) async fn read_question(&self) -> Result<ConfirmView, Error> {
        let mut question = self.question.lock().await;
        let question = question.as_mut().ok_or(Error::Stale)?;
        question.shown.get_or_insert_with(Instant::now);
        Ok(question.view.clone())
    }

    /// Does what was asked, or lets it be. A question is answered once; a window whose question is over can only be left.
    ///
    /// What became of keys that were stopped is answered one by one, and the window stays until somebody has read it.
    pub(crate) async fn answer_question(&self, answer: ConfirmAnswer) -> Result<Vec<StopView>, Error> {
        let question = {
            let mut open = self.question.lock().await;
            match open.as_ref() {
                Some(question) if question.view.id != answer.id => return Err(Error::Stale),
                Some(question)
                    if answer.yes && question.shown.is_none_or(|at| at.elapsed() < ARMED_AFTER) =>
                {
                    return Err(Error::TooEarly);
                }
                None if answer.yes => return Err(Error::Stale),
                Some(_) | None => open.take(),
            }
        };
        let mut outcomes = Vec::new();
        if let Some(question) = question.filter(|_| answer.yes) {
            let done = self.act(question.ask).await;
            // Refused or not: what was shown is not how it is now.
            self.shell.tell(Change::Content);
            // A card may name another relay.
            self.sittings.send_replace(());
            outcomes = done?;
        }
        if outcomes.is_empty() {
            self.shell.close(Window::Confirm);
        }
        Ok(outcomes)
    }

    async fn act(&self, ask: Ask) -> Result<Vec<StopView>, Error> {
        match ask {
            Ask::Vet { request, draft, seen } => {
                let mut desk = self.desk().await?;
                if seen != Seen::now(&desk, &request)? {
                    return Err(Error::Changed);
                }
                desk.vet(request, *draft).await?;
            }
            Ask::Countersign { request, grant } => {
                let mut desk = self.desk().await?;
                let signed = desk.state().exchange(&request)?.signed.as_ref();
                if signed.is_none_or(|signed| signed.grant.digest() != grant) {
                    return Err(Error::Changed);
                }
                desk.countersign(request, grant).await?;
            }
            Ask::Change { id, change } => {
                self.desk().await?.confirm(id, change).await?;
            }
            Ask::Stop { keys, act, reason } => {
                let mut desk = self.desk_to_stop().await?;
                let watch = &mut |progress| self.shell.progress(progress);
                let outcomes = desk.stop(&keys, act, reason, watch).await?;
                return Ok(desk.stop_views(&outcomes).await);
            }
        }
        Ok(Vec::new())
    }
}

/// A grant in full, line by line.
async fn recipient(desk: &Desk, grant: &Grant) -> String {
    // The name is the one in the request whose digest the grant holds; the fingerprint is the one that was heard.
    let digits = Fingerprint::of(&grant.recipient).to_read_aloud();
    let Some(exchange) = desk.state().exchanges.values().find(|e| e.digest == grant.request) else {
        return digits;
    };
    match desk.request(exchange.id).await {
        Ok(detail) => format!("{}\n{digits}", detail.summary.company),
        Err(_) => digits,
    }
}

pub(crate) async fn grant_lines(desk: &Desk, grant: &Grant, vetting: &Vetting) -> Vec<ConfirmLine> {
    let joined = |texts: Vec<String>| texts.join("\n");
    let mut calls = Vec::new();
    for check in &grant.identity_checks {
        let name = desk.person_name(check.person).await;
        // Codes first, where no name can stand for one: pages say them in the reader's language.
        let how = if check.attended.0 { "attended" } else { "unattended" };
        calls.push(format!("{} {how} · {name} · {}", check.channel, check.source));
    }
    let networks = joined(words::networks(grant));
    vec![
        line("recipient", recipient(desk, grant).await),
        line("service", format!("{} / {}", grant.service, grant.environment)),
        line("scopes", joined(words::scopes(grant))),
        line("networks", if networks.is_empty() { "0.0.0.0/0, ::/0".to_owned() } else { networks }),
        line("base-url", grant.base_url.to_string()),
        line_at("key-ends", grant.not_after),
        line_at("deliver-by", grant.deliver_by),
        line("keys-within", (grant.rotations + 1).to_string()),
        line("issuer", format!("{} · {} · {}", grant.issuer, grant.form, grant.activation)),
        line("unenforceable", joined(words::unenforceable(grant))),
        line("calls", joined(calls)),
        line("findings", joined(words::findings(vetting))),
    ]
}
