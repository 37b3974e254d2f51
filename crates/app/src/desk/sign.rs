//! The two signatures. What was shown is what is signed; the state machine holds it against what the state allows at that
//! very moment.

use countersign_documents::{
    Blob, Digest,
    approval::{Approval, Step},
    grant::{Grant, Vetting},
    id::{Cti, GrantId, RequestId},
    text::Line,
};
use countersign_domain::{
    Context, Event, GrantIds, Refusal, draft_grant,
    event::{Countersigned, Vetted},
    findings,
};
use countersign_ports::Wanted;

use super::{Desk, Recorded};
use crate::{
    error::{Error, Result},
    random::make_bytes,
};

impl Desk {
    /// The grant and vetting record as this reviewer would sign them: to be shown, and then signed exactly so.
    pub async fn draft(&self, request: RequestId) -> Result<(Grant, Vetting)> {
        let texts = self.textual(request).await?;
        let ctx = self.context()?;
        self.draft_at(request, &ctx, GrantId(make_bytes(&*self.ports.entropy)?), texts)
    }

    fn draft_at(
        &self,
        request: RequestId,
        ctx: &Context,
        id: GrantId,
        texts: Vec<(countersign_documents::policy::FindingCode, findings::Detail)>,
    ) -> Result<(Grant, Vetting)> {
        let plan = self.plan(request)?;
        let unenforceable: Vec<Line> =
            plan.unenforceable.iter().filter_map(|text| Line::parse(text).ok()).collect();
        if unenforceable.len() != plan.unenforceable.len() {
            return Err(Error::Issuer(countersign_ports::IssuerError::Unexpected(
                "its plan is not plain text",
            )));
        }
        let ids = GrantIds { id, now: ctx.time, unenforceable, can_hold: plan.can_hold };
        Ok(draft_grant(&self.state, self.state.actor(&ctx.signer)?, &request, ids, texts)?)
    }

    /// What the issuer would do with this request.
    pub(crate) fn plan(&self, request: RequestId) -> Result<countersign_ports::Plan> {
        let exchange = self.state.exchange(&request)?;
        let catalogue = self.state.catalogue.as_ref().ok_or(Refusal::UnknownService)?;
        let environment = catalogue.service(&exchange.asked.service).ok_or(Refusal::UnknownService)?;
        let environment =
            environment.environment(&exchange.asked.environment).ok_or(Refusal::UnknownEnvironment)?;
        let issuer = self.state.issuers.get(&environment.issuer).ok_or(Refusal::UnknownIssuer)?;
        let wanted = Wanted {
            scopes: exchange.terms.scopes.iter().map(|s| s.to_string()).collect(),
            networks: exchange.terms.networks.iter().map(|n| n.to_string()).collect(),
            inert: true,
        };
        Ok(self.ports.issuers.connect(&issuer.terms)?.plan(&wanted))
    }

    /// The first signature, over exactly the grant that was shown. If anything it rests on has changed since, it is
    /// refused, and a new draft must be shown.
    pub async fn vet(&mut self, request: RequestId, shown: (Grant, Vetting)) -> Result<Recorded> {
        self.check_own_certificate()?;
        // What was found in names and addresses is found again, in the document as it is now.
        let texts = self.textual(request).await?;
        let left_out = |code: &countersign_documents::policy::FindingCode| {
            !shown.1.findings.iter().any(|f| f.code == *code)
        };
        if texts.iter().any(|(code, _)| left_out(code)) {
            return Err(Refusal::FindingsDiffer.into());
        }
        let cti = Cti(make_bytes(&*self.ports.entropy)?);
        let op_id = self.make_op()?;
        self.record_with(op_id, &mut |desk, ctx| {
            let (grant, vetting) = shown.clone();
            let approval = desk.approve(&grant, Step::Vetted, ctx, cti);
            Ok(Event::Vetted(Vetted { request, grant, vetting, approval }))
        })
        .await
    }

    /// Whether this desk could sign this draft, before anybody is asked to read it.
    pub fn may_vet(&self, request: RequestId, draft: &(Grant, Vetting)) -> Result<()> {
        let ctx = self.context()?;
        let approval = self.approve(&draft.0, Step::Vetted, &ctx, Cti([0; 16]));
        let (grant, vetting) = draft.clone();
        Ok(self.state.check(&ctx, &Event::Vetted(Vetted { request, grant, vetting, approval }))?)
    }

    /// Whether this desk could countersign, before anybody is asked to read anything.
    pub fn may_countersign(&self, request: RequestId) -> Result<()> {
        let signed = self.state.exchange(&request)?.signed.as_ref().ok_or(Refusal::NotVetted)?;
        let ctx = self.context()?;
        let approval = self.approve(&signed.grant, Step::Countersigned, &ctx, Cti([0; 16]));
        Ok(self.state.check(&ctx, &Event::Countersigned(Countersigned { request, approval }))?)
    }

    /// The second signature, over exactly the grant whose digest was shown.
    pub async fn countersign(&mut self, request: RequestId, shown: Digest) -> Result<Recorded> {
        self.check_own_certificate()?;
        // The second signer's own core reads the request again: the ledger's word for it is not enough.
        let read = self.request_document(request).await?.request;
        let signed = self.state.exchange(&request)?.signed.as_ref().ok_or(Refusal::NotVetted)?;
        if !findings::fits(&read.applicant, &signed.vetting.findings) {
            return Err(Refusal::FindingsDiffer.into());
        }
        let cti = Cti(make_bytes(&*self.ports.entropy)?);
        let op_id = self.make_op()?;
        self.record_with(op_id, &mut |desk, ctx| {
            let signed = desk.state.exchange(&request)?.signed.as_ref().ok_or(Refusal::NotVetted)?;
            if signed.grant.digest() != shown {
                return Err(Refusal::ApprovalDiffers.into());
            }
            let approval = desk.approve(&signed.grant, Step::Countersigned, ctx, cti);
            Ok(Event::Countersigned(Countersigned { request, approval }))
        })
        .await
    }

    fn approve(&self, grant: &Grant, step: Step, ctx: &Context, cti: Cti) -> Blob {
        let approval = Approval { grant: grant.digest(), step, head: ctx.head, issued: ctx.time, cti };
        Blob(approval.sign(&self.own.signing))
    }

    /// A signature under an expired certificate would be worth nothing to the partner.
    pub(crate) fn check_own_certificate(&self) -> Result<()> {
        let ctx = self.context()?;
        if self.me()?.expires <= ctx.time { Err(Refusal::CertificateExpired.into()) } else { Ok(()) }
    }
}
