//! What a contact fills in, and the rules of each field: the same for a file, an answer at a terminal, and a revision.

use std::collections::BTreeMap;

use countersign_documents::{
    card::Card,
    catalogue::{Environment, Question},
    network::Network,
    request::{Answer, Applicant, Asked, Purpose, Request},
    text::{Line, Prose, ScopeName, Slug},
};
use countersign_domain::Refusal;
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

/// What a contact fills in: the text of a request file.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RequestForm {
    /// The company.
    pub company: String,
    /// The person who asks.
    pub person: String,
    /// That person's role.
    pub role: String,
    /// Where the person is reached.
    pub email: String,
    /// Who is reached, day and night, when a key leaks.
    pub incident_contact: String,
    /// Why the key is needed.
    pub why: String,
    /// The workflow it serves.
    pub workflow: String,
    /// How the interface will be used.
    pub usage: String,
    /// Which data it touches.
    pub data: String,
    /// Encryption and other safeguards.
    pub safeguards: String,
    /// Service, by its short name.
    pub service: String,
    /// Environment, by its short name.
    pub environment: String,
    /// Scopes.
    pub scopes: Vec<String>,
    /// Source networks; may be empty.
    #[serde(default)]
    pub networks: Vec<String>,
    /// For how many days.
    pub days: u64,
    /// What is to be renewed: a key that is held, or the id of a grant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub renews: Option<String>,
    /// Answers to the organisation's questions, by their short names.
    #[serde(default)]
    pub answers: BTreeMap<String, String>,
}

impl RequestForm {
    /// What was filled in for a request.
    pub(crate) fn of(request: &Request) -> Self {
        let (a, p, asked) = (&request.applicant, &request.purpose, &request.asked);
        Self {
            company: a.company.to_string(),
            person: a.person.to_string(),
            role: a.role.to_string(),
            email: a.email.to_string(),
            incident_contact: a.incident_contact.to_string(),
            why: p.why.to_string(),
            workflow: p.workflow.to_string(),
            usage: p.usage.to_string(),
            data: p.data.to_string(),
            safeguards: p.safeguards.to_string(),
            service: asked.service.to_string(),
            environment: asked.environment.to_string(),
            scopes: asked.scopes.iter().map(|s| s.to_string()).collect(),
            networks: asked.networks.iter().map(|n| n.to_string()).collect(),
            days: asked.days,
            renews: request.predecessor.map(|g| g.to_string()),
            answers: request.answers.iter().map(|a| (a.question.to_string(), a.text.to_string())).collect(),
        }
    }

    pub(crate) fn applicant(&self) -> Result<Applicant> {
        Ok(Applicant {
            company: check_line("company", &self.company)?,
            person: check_line("person", &self.person)?,
            role: check_line("role", &self.role)?,
            email: check_email(&self.email)?,
            incident_contact: check_line("incident_contact", &self.incident_contact)?,
        })
    }

    pub(crate) fn purpose(&self) -> Result<Purpose> {
        Ok(Purpose {
            why: check_prose("why", &self.why)?,
            workflow: check_prose("workflow", &self.workflow)?,
            usage: check_prose("usage", &self.usage)?,
            data: check_prose("data", &self.data)?,
            safeguards: check_prose("safeguards", &self.safeguards)?,
        })
    }

    pub(crate) fn asked(&self) -> Result<Asked> {
        let scope = |s: &String| ScopeName::parse(s.trim()).map_err(Error::text("scopes"));
        let mut scopes = self.scopes.iter().map(scope).collect::<Result<Vec<_>>>()?;
        scopes.sort_unstable();
        scopes.dedup();
        let mut networks =
            self.networks.iter().map(|text| check_network(text)).collect::<Result<Vec<_>>>()?;
        networks.sort_unstable();
        networks.dedup();
        if scopes.is_empty() {
            return Err(Refusal::NothingGranted.into());
        }
        if self.days == 0 {
            return Err(Refusal::LifetimeZero.into());
        }
        Ok(Asked {
            service: Slug::parse(self.service.trim()).map_err(Error::text("service"))?,
            environment: Slug::parse(self.environment.trim()).map_err(Error::text("environment"))?,
            scopes,
            networks,
            days: self.days,
        })
    }

    pub(crate) fn answers(&self, card: &Card) -> Result<Vec<Answer>> {
        let questions = &card.catalogue.questions;
        if self.answers.keys().any(|id| !questions.iter().any(|q| q.id.as_str() == id)) {
            return Err(Error::Value("The request answers a question that the card does not ask."));
        }
        let answer = |q: &Question| {
            let text = self
                .answers
                .get(q.id.as_str())
                .ok_or(Error::Value("A question of the organisation is not answered."))?;
            Ok(Answer { question: q.id.clone(), text: check_prose("answers", text)? })
        };
        questions.iter().map(answer).collect()
    }
}

/// One line.
pub fn check_line(field: &'static str, text: &str) -> Result<Line> {
    Line::parse(text.trim()).map_err(Error::text(field))
}

/// One or several lines.
pub fn check_prose(field: &'static str, text: &str) -> Result<Prose> {
    Prose::parse(text.trim()).map_err(Error::text(field))
}

/// An address that mail could reach.
pub fn check_email(text: &str) -> Result<Line> {
    let email = check_line("email", text)?;
    let plausible = email
        .as_str()
        .split_once('@')
        .is_some_and(|(user, host)| !user.is_empty() && host.contains('.') && !email.as_str().contains(' '));
    if plausible { Ok(email) } else { Err(Error::Value("The field 'email' does not look like an address.")) }
}

/// A network that can be the source of calls.
pub fn check_network(text: &str) -> Result<Network> {
    let network = Network::parse(text.trim())?;
    if network.is_private() { Err(Error::PrivateNetwork) } else { Ok(network) }
}

/// A lifetime the environment allows.
pub fn check_day_count(days: u64, environment: &Environment) -> Result<()> {
    match days {
        0 => Err(Refusal::LifetimeZero.into()),
        days if days > environment.longest_days => Err(Refusal::LifetimeTooLong.into()),
        _ => Ok(()),
    }
}
