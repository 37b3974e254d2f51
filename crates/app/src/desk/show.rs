//! What a desk shows, re-read from the verified state.

use countersign_contract::{
    ChangeView, Failure, FindingView, IdentityCheckView, MemberView, OrganisationView, RequestDetail,
    RequestView, SignatureView,
};
use countersign_documents::{
    approval::Step,
    grant::{Grant, IdentityCheck, Vetting},
    id::{PersonId, RequestId},
};
use countersign_domain::{Change, Exchange, ExchangeState, KeyState, Refusal, State, waiting_signers};

use super::Desk;
use crate::error::{Error, Result};

impl Desk {
    /// The organisation.
    pub async fn organisation_view(&self) -> Result<OrganisationView> {
        let trust = self.state.trust()?;
        Ok(OrganisationView {
            id: self.organisation.to_string(),
            name: self.state.name.as_ref().map(|n| n.to_string()).unwrap_or_default(),
            fingerprint: trust.fingerprint().to_read_aloud(),
            words: trust.fingerprint().to_read_as_words(),
            root: trust.root.version,
            members: self.state.active().count(),
            entries: self.head().size,
            policy: self.state.policy().version,
            catalogue: self.state.catalogue.as_ref().map_or(0, |c| c.version),
            card: self.state.card_version,
            compared: self.comparison_views(self.state.comparisons(&trust.pinned)).await,
            unheard: self.unheard_founders(&self.state).await,
        })
    }

    /// Which founders have not compared each other in this state, by name.
    pub(crate) async fn unheard_founders(&self, state: &State) -> Vec<(String, String)> {
        let mut names = Vec::new();
        for (by, whom) in state.unheard_founders() {
            names.push((self.person_name(by).await, self.person_name(whom).await));
        }
        names
    }

    /// Members.
    pub async fn members(&self) -> Vec<MemberView> {
        let me = self.own.thumbprint();
        let mut views = Vec::new();
        for member in self.state.members.values() {
            views.push(MemberView {
                id: member.id.to_string(),
                person: member.person.to_string(),
                name: self.display_name(member.name).await,
                rights: member.rights.iter().map(|r| r.to_string()).collect(),
                agent: member.agent,
                suspended: member.suspended,
                expires: member.expires.0,
                me: member.key.thumbprint() == me,
                compared: self.comparison_views(self.state.comparisons(&member.key.thumbprint())).await,
            });
        }
        views
    }

    /// Changes that wait.
    pub async fn changes(&self) -> Vec<ChangeView> {
        use countersign_documents::certificate::Right;
        let me = self.me().ok().map(|m| (m.person, m.may(Right::Admin), m.agent || m.may(Right::Audit)));
        let mut views = Vec::new();
        for (id, pending) in &self.state.pending {
            views.push(ChangeView {
                id: id.to_string(),
                what: pending.proposed.change.word().to_owned(),
                whose: self.whose(&pending.proposed.change).await,
                by: self.person_name(pending.person).await,
                time: pending.time.0,
                mine: me.is_some_and(|(person, admin, reads_only)| {
                    let suspension = matches!(pending.proposed.change, Change::Suspension(_));
                    person != pending.person && (admin || (suspension && !reads_only))
                }),
                body: serde_json::to_string(&pending.proposed.change).unwrap_or_default(),
                compared: match self.state.admitted(&pending.proposed.change) {
                    Some(identity) => self.comparison_views(self.state.comparisons(&identity)).await,
                    None => Vec::new(),
                },
            });
        }
        views
    }

    /// What a change is about, where there are several of its kind.
    async fn whose(&self, change: &Change) -> String {
        match change {
            Change::Admission(admission) => self.display_name(admission.name).await,
            Change::Suspension(suspended) => match self.state.members.get(&suspended.member) {
                Some(member) => self.display_name(member.name).await,
                None => "(unknown)".to_owned(),
            },
            Change::Issuer(terms) => terms.id.to_string(),
            Change::Policy(_) | Change::Catalogue(_) | Change::Card(_) => String::new(),
        }
    }

    /// How a person is called, unless that was erased.
    pub async fn person_name(&self, person: PersonId) -> String {
        match self.state.members.values().find(|m| m.person == person) {
            Some(member) => self.display_name(member.name).await,
            None => "(unknown)".to_owned(),
        }
    }

    pub(crate) async fn request_view(&self, id: RequestId) -> Result<RequestView> {
        let exchange = self.state.exchange(&id)?;
        let (company, contact) = match self.request_document(id).await {
            Ok(document) => (
                document.request.applicant.company.to_string(),
                document.request.applicant.person.to_string(),
            ),
            Err(Error::BlobErased) => ("(erased)".to_owned(), "(erased)".to_owned()),
            Err(_) => ("(missing)".to_owned(), "(missing)".to_owned()),
        };
        Ok(RequestView {
            id: id.to_string(),
            company,
            contact,
            service: exchange.asked.service.to_string(),
            environment: exchange.asked.environment.to_string(),
            scopes: exchange.asked.scopes.iter().map(|s| s.to_string()).collect(),
            days: exchange.asked.days,
            state: self.state_word(exchange),
            received: exchange.received.0,
            waits_for: self.waits_for(exchange).await,
            keys: exchange.keys.iter().map(|k| k.to_string()).collect(),
            since: super::list::since(exchange).0,
            due: None,
            mine: false,
            unread: false,
            blocked: Vec::new(),
        })
    }

    /// How far a request is: where what was signed leads to no key, it is to be vetted.
    fn state_word(&self, exchange: &Exchange) -> String {
        word(if self.falls(exchange).is_some() { ExchangeState::Received } else { exchange.state })
    }

    async fn waits_for(&self, exchange: &Exchange) -> String {
        let what = match exchange.state {
            _ if self.falls(exchange).is_some() => "a new first signature",
            ExchangeState::Received => "the first signature",
            ExchangeState::Vetted => "the countersignature",
            ExchangeState::Countersigned => "the key to be issued",
            ExchangeState::ChangesAsked => return "the partner's revision".to_owned(),
            ExchangeState::Issued | ExchangeState::Declined | ExchangeState::Withdrawn => {
                return "nothing".to_owned();
            }
        };
        let mut names = Vec::new();
        for member in waiting_signers(&self.state, exchange, self.time()) {
            let name = self.display_name(member.name).await;
            if !names.contains(&name) {
                names.push(name);
            }
        }
        if names.is_empty() {
            format!("{what}; nobody here can give it")
        } else {
            format!("{what}: {}", names.join(", "))
        }
    }

    /// Answers beside the questions as they are put now; beside their short names where they are not put any more.
    fn asked(&self, answers: Pairs) -> Pairs {
        let questions = self.state.catalogue.as_ref().map_or(&[][..], |c| &c.questions);
        let text = |id: String| {
            questions.iter().find(|q| q.id.as_str() == id).map_or(id, |question| question.text.to_string())
        };
        answers.into_iter().map(|(id, answer)| (text(id), answer)).collect()
    }

    /// One request in full.
    pub async fn request(&self, id: RequestId) -> Result<RequestDetail> {
        let exchange = self.state.exchange(&id)?;
        let (applicant, purpose, answers) = match self.request_document(id).await {
            Ok(document) => texts(&document.request),
            Err(Error::BlobErased) => Default::default(),
            Err(error) => return Err(error),
        };
        let draft = self.draft(id).await;
        // Of a key that was issued counts what was found before: the key itself would be found now.
        let findings = match &exchange.signed {
            Some(signed) if exchange.state == ExchangeState::Issued => signed.vetting.findings.clone(),
            Some(_) | None => self.findings(id).await.unwrap_or_default(),
        };
        let catalogue = self.state.catalogue.as_ref();
        let environment = catalogue
            .and_then(|c| c.service(&exchange.asked.service)?.environment(&exchange.asked.environment));
        let policy = self.state.policy();
        let admin = exchange.signed.as_ref().map_or_else(
            || draft.as_ref().is_ok_and(|(g, _)| g.has_admin_scope()),
            |s| s.grant.has_admin_scope(),
        );
        let class =
            environment.map_or(countersign_documents::catalogue::EnvironmentClass::Production, |e| e.class);
        let refusal = self.would_refuse(exchange).await;
        let anew = self.falls(exchange).map(|why| failure(&Error::Refused(why)));
        let not_yet = if refusal.is_none() { self.stands_against(exchange, draft) } else { None };
        let calls = self.calls(id).await?;
        Ok(RequestDetail {
            summary: self.for_me(self.request_view(id).await?, exchange),
            applicant,
            purpose,
            answers: self.asked(answers),
            networks: exchange.asked.networks.iter().map(|n| n.to_string()).collect(),
            granted_scopes: exchange.terms.scopes.iter().map(|s| s.to_string()).collect(),
            granted_networks: exchange.terms.networks.iter().map(|n| n.to_string()).collect(),
            granted_days: exchange.terms.days,
            unenforceable: self.plan(id).map(|p| p.unenforceable).unwrap_or_default(),
            findings: findings
                .iter()
                .map(|f| FindingView {
                    code: f.code.to_string(),
                    severity: f.severity.to_string(),
                    detail: f.detail.as_ref().map(|d| d.to_string()),
                    justified: f.justified.is_some(),
                })
                .collect(),
            checks: self.checks(exchange).await?,
            identity_checks: self.identity_checks(exchange).await,
            calls_needed: calls.needed,
            callers: calls.persons,
            call_mine: calls.mine,
            call_others: calls.others,
            signatures: self.signatures(exchange).await,
            quorum: policy.quorum_for(class, admin),
            grant: exchange.signed.as_ref().map(|s| s.grant.digest().hex()),
            history: self.history(exchange).await?,
            refusal,
            not_yet,
            anew,
        })
    }

    async fn identity_checks(&self, exchange: &Exchange) -> Vec<IdentityCheckView> {
        let partner = self.state.partners.get(&exchange.identity);
        self.comparison_views(partner.map(|p| p.checks.as_slice()).unwrap_or_default()).await
    }

    async fn comparison_views(&self, checks: &[IdentityCheck]) -> Vec<IdentityCheckView> {
        let mut views = Vec::new();
        for check in checks {
            views.push(IdentityCheckView {
                by: self.person_name(check.person).await,
                time: check.time.0,
                channel: check.channel.to_string(),
                source: check.source.to_string(),
                attended: check.attended.0,
            });
        }
        views
    }

    async fn signatures(&self, exchange: &Exchange) -> Vec<SignatureView> {
        let mut views = Vec::new();
        for (i, approval) in exchange.signed.iter().flat_map(|s| &s.approvals).enumerate() {
            let step = if i == 0 { Step::Vetted } else { Step::Countersigned };
            views.push(SignatureView {
                name: self.person_name(approval.person).await,
                person: approval.person.to_string(),
                step: step.to_string(),
                time: approval.time.0,
            });
        }
        views
    }

    /// Why what was signed leads to no key any more, if so: the request has to be vetted anew.
    pub(crate) fn falls(&self, exchange: &Exchange) -> Option<Refusal> {
        self.state.signatures_hold(exchange, self.time()).err()
    }

    /// Why the next signature would be refused as things are, whoever gives it.
    fn stands_against(&self, exchange: &Exchange, draft: Result<(Grant, Vetting)>) -> Option<Failure> {
        let refused = match exchange.state {
            _ if self.falls(exchange).is_some() => draft.and_then(|draft| self.may_vet(exchange.id, &draft)),
            ExchangeState::Received | ExchangeState::ChangesAsked => {
                draft.and_then(|draft| self.may_vet(exchange.id, &draft))
            }
            ExchangeState::Vetted => self.may_countersign(exchange.id),
            ExchangeState::Countersigned
            | ExchangeState::Issued
            | ExchangeState::Declined
            | ExchangeState::Withdrawn => Ok(()),
        };
        refused.err().map(|error| failure(&error))
    }

    /// Why this desk could not give the next signature, as far as that can be told without giving it.
    async fn would_refuse(&self, exchange: &Exchange) -> Option<Failure> {
        use countersign_documents::certificate::Right;
        let me = match self.me() {
            Ok(me) => me,
            Err(error) => return Some(failure(&error)),
        };
        let refusal = match exchange.state {
            _ if self.falls(exchange).is_some() => (!me.may(Right::Vet)).then_some(Refusal::MissingRight),
            ExchangeState::Received if !me.may(Right::Vet) => Some(Refusal::MissingRight),
            ExchangeState::Vetted
                if exchange.signed.iter().flat_map(|s| &s.approvals).any(|a| a.person == me.person) =>
            {
                Some(Refusal::SamePerson)
            }
            ExchangeState::Vetted if !me.may(Right::Approve) => Some(Refusal::MissingRight),
            ExchangeState::Countersigned if !me.may(Right::Issue) => Some(Refusal::MissingRight),
            ExchangeState::Declined | ExchangeState::Withdrawn | ExchangeState::Issued => {
                Some(Refusal::RequestClosed)
            }
            ExchangeState::Received
            | ExchangeState::ChangesAsked
            | ExchangeState::Vetted
            | ExchangeState::Countersigned => None,
        };
        refusal.map(|r| failure(&Error::Refused(r)))
    }
}

type Pairs = Vec<(String, String)>;

fn texts(request: &countersign_documents::request::Request) -> (Pairs, Pairs, Pairs) {
    let pair = |name: &str, value: &dyn core::fmt::Display| (name.to_owned(), value.to_string());
    let a = &request.applicant;
    let p = &request.purpose;
    (
        vec![
            pair("company", &a.company),
            pair("person", &a.person),
            pair("role", &a.role),
            pair("email", &a.email),
            pair("incident contact", &a.incident_contact),
        ],
        vec![
            pair("why", &p.why),
            pair("workflow", &p.workflow),
            pair("usage", &p.usage),
            pair("data", &p.data),
            pair("safeguards", &p.safeguards),
        ],
        request.answers.iter().map(|answer| pair(answer.question.as_str(), &answer.text)).collect(),
    )
}

/// A failure as callers are told it.
pub(crate) fn failure(error: &Error) -> Failure {
    Failure { code: error.code().to_owned(), message: error.to_string(), advice: error.advice().to_owned() }
}

fn word(state: ExchangeState) -> String {
    serde_json::to_value(state).ok().and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default()
}

pub(crate) fn key_word(state: KeyState) -> String {
    serde_json::to_value(state).ok().and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default()
}
