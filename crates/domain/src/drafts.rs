//! What is put before people to sign, made from the state alone: the same for the first signer, the second, and an audit.

use countersign_documents::{
    Digest, Time,
    catalogue::EnvironmentClass,
    certificate::Right,
    encode,
    grant::{Activation, Grant, KeyForm, Vetting},
    id::{Cti, GrantId, KeyId, RequestId},
    policy::Policy,
    text::Line,
    time::DAY,
};

use crate::{
    event::{Intended, IssuerKind},
    findings::{self, Detail},
    refusal::Refusal,
    state::{Exchange, ExchangeState, Member, State},
    terms::look_up,
};

/// How many persons must sign this grant.
pub fn quorum(policy: &Policy, class: EnvironmentClass, grant: &Grant) -> u64 {
    policy.quorum_for(class, grant.has_admin_scope())
}

/// What a grant has beside what follows from the state.
#[derive(Debug, Clone)]
pub struct GrantIds {
    /// A fresh id.
    pub id: GrantId,
    /// When the draft is made: lifetimes count from here.
    pub now: Time,
    /// What the issuer says it cannot enforce.
    pub unenforceable: Vec<Line>,
    /// Whether the issuer can keep a key inert until the receipt.
    pub can_hold: bool,
}

/// The grant and vetting record that a reviewer would sign now.
pub fn draft_grant(
    state: &State,
    reviewer: &Member,
    request: &RequestId,
    ids: GrantIds,
    texts: Vec<(countersign_documents::policy::FindingCode, Detail)>,
) -> Result<(Grant, Vetting), Refusal> {
    let exchange = state.exchange(request)?;
    let sponsor_signs = exchange.sponsor == reviewer.person;
    let vetting = Vetting {
        checks: exchange.checks.values().cloned().collect(),
        findings: findings::all(state, exchange, texts, sponsor_signs)?,
    };
    let not_after = ids.now.plus(exchange.terms.days * DAY);
    let frame = Grant {
        id: ids.id,
        not_after,
        deliver_by: ids.now.plus(state.policy().approval_days * DAY).min(not_after),
        unenforceable: ids.unenforceable,
        activation: if ids.can_hold { Activation::OnReceipt } else { Activation::AtOnce },
        vetting: Digest::of(&encode(&vetting)),
        ..blank(state, exchange)?
    };
    Ok((expected_grant(state, exchange, &frame, ids.now)?, vetting))
}

/// The only grant these circumstances allow, but for what the reviewer's desk chose: id, times within their bounds,
/// the issuer's words.
pub(crate) fn expected_grant(
    state: &State,
    exchange: &Exchange,
    proposed: &Grant,
    now: Time,
) -> Result<Grant, Refusal> {
    let latest = now.plus(exchange.terms.days * DAY);
    let deliver = now.plus(state.policy().approval_days * DAY);
    if proposed.not_after > latest || proposed.deliver_by > deliver {
        return Err(Refusal::LifetimeTooLong);
    }
    if proposed.not_after <= now || proposed.deliver_by < now || proposed.deliver_by > proposed.not_after {
        return Err(Refusal::DeliveryOver);
    }
    exchange.terms.within(&exchange.asked)?;
    Ok(Grant {
        id: proposed.id,
        lineage: exchange.predecessor.map_or(Ok(proposed.id), |p| lineage_of(state, &p))?,
        not_after: proposed.not_after,
        deliver_by: proposed.deliver_by,
        activation: proposed.activation,
        unenforceable: proposed.unenforceable.clone(),
        vetting: proposed.vetting,
        ..blank(state, exchange)?
    })
}

fn lineage_of(state: &State, grant: &GrantId) -> Result<GrantId, Refusal> {
    let request = state.grants.get(grant).ok_or(Refusal::BadLineage)?;
    state.exchange(request)?.signed.as_ref().map(|s| s.grant.lineage).ok_or(Refusal::BadLineage)
}

/// Everything of a grant that the state fixes.
fn blank(state: &State, exchange: &Exchange) -> Result<Grant, Refusal> {
    let policy = state.policy();
    let catalogue = state.catalogue.as_ref().ok_or(Refusal::UnknownService)?;
    let (service, environment) = look_up(&exchange.asked, catalogue, &policy)?;
    let issuer =
        state.issuers.get(&environment.issuer).filter(|i| !i.stopped).ok_or(Refusal::UnknownIssuer)?;
    let scopes: Option<Vec<_>> =
        exchange.terms.scopes.iter().map(|name| service.scope(name).cloned()).collect();
    let checks = state.partners.get(&exchange.identity).ok_or(Refusal::NoSuchIdentity)?.checks.clone();
    Ok(Grant {
        id: GrantId([0; 16]),
        lineage: GrantId([0; 16]),
        mode: exchange.mode,
        predecessor: exchange.predecessor,
        organisation: state.trust()?.root.organisation,
        request: exchange.digest,
        recipient: exchange.identity,
        receiving: exchange.receiving.thumbprint(),
        sponsor: exchange.sponsor,
        service: service.id.clone(),
        environment: environment.id.clone(),
        scopes: scopes.ok_or(Refusal::UnknownScope)?,
        networks: exchange.terms.networks.clone(),
        base_url: environment.base_url.clone(),
        not_after: Time(0),
        deliver_by: Time(0),
        rotations: policy.rotations,
        form: match issuer.terms.kind {
            IssuerKind::HashFile => KeyForm::Minted,
            IssuerKind::Manual => KeyForm::Pasted,
        },
        activation: Activation::AtOnce,
        issuer: environment.issuer.clone(),
        policy: policy.digest(),
        catalogue: catalogue.digest(),
        issuer_terms: issuer.terms.digest(),
        unenforceable: Vec::new(),
        identity_checks: checks,
        vetting: Digest([0; 32]),
    })
}

/// The intent to make the next key under a request's grant.
pub fn intend(state: &State, request: &RequestId, key: KeyId, cti: Cti) -> Result<Intended, Refusal> {
    let exchange = state.exchange(request)?;
    let signed = exchange.signed.as_ref().ok_or(Refusal::NotCountersigned)?;
    let seq = state.lineages.get(&signed.grant.lineage).copied().unwrap_or(0) + 1;
    Ok(Intended { request: *request, grant: signed.grant.id, key, seq, cti })
}

/// Who could give the next signature, so that a refusal can say who to ask.
pub fn waiting_signers<'a>(state: &'a State, exchange: &Exchange, now: Time) -> Vec<&'a Member> {
    let anew = state.signatures_hold(exchange, now).is_err();
    let right = match exchange.state {
        _ if anew => Right::Vet,
        ExchangeState::Received => Right::Vet,
        ExchangeState::Vetted => Right::Approve,
        ExchangeState::Countersigned => Right::Issue,
        ExchangeState::ChangesAsked
        | ExchangeState::Issued
        | ExchangeState::Declined
        | ExchangeState::Withdrawn => return Vec::new(),
    };
    // Who gave a signature that holds no more may give a new one.
    let standing = exchange.signed.iter().filter(|_| !anew);
    let standing: Vec<_> = standing.flat_map(|s| &s.approvals).map(|a| a.person).collect();
    let signed = |m: &&Member| standing.contains(&m.person);
    let barred = |m: &&Member| {
        right != Right::Issue
            && (signed(m) || (!state.policy().sponsor_signs.0 && exchange.sponsor == m.person))
    };
    state.active().filter(|m| m.may(right)).filter(|m| !barred(m)).collect()
}
