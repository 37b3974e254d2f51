//! The two signatures. What is signed is drawn up from the state at that very moment, and what was shown must be it.

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
};
use countersign_ports::Tag;

use super::{Desk, Recorded};
use crate::{
    error::{Error, Result},
    random::make_bytes,
};

impl Desk {
    /// The grant and vetting record this reviewer would sign now.
    pub async fn draft(&self, request: RequestId) -> Result<(Grant, Vetting)> {
        let texts = self.textual(request).await?;
        let ctx = self.context()?;
        self.draft_at(request, &ctx, GrantId([0; 16]), texts)
    }

    fn draft_at(
        &self,
        request: RequestId,
        ctx: &Context,
        id: GrantId,
        texts: Vec<(countersign_documents::policy::FindingCode, countersign_domain::findings::Detail)>,
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
        let tag = Tag {
            key: countersign_documents::id::KeyId([0; 16]),
            service: exchange.asked.service.to_string(),
            environment: exchange.asked.environment.to_string(),
            scopes: exchange.terms.scopes.iter().map(|s| s.to_string()).collect(),
            networks: exchange.terms.networks.iter().map(|n| n.to_string()).collect(),
            not_after: countersign_documents::Time(exchange.terms.days),
            inert: true,
        };
        Ok(self.ports.issuers.connect(&issuer.terms)?.plan(&tag))
    }

    /// The first signature, over the grant as it is drawn up now. Returns the grant's digest.
    pub async fn vet(&mut self, request: RequestId) -> Result<(Recorded, Digest)> {
        self.check_own_certificate()?;
        let texts = self.textual(request).await?;
        let id = GrantId(make_bytes(&*self.ports.entropy)?);
        let cti = Cti(make_bytes(&*self.ports.entropy)?);
        let op_id = self.make_op()?;
        let mut digest = None;
        let recorded = self
            .record_with(op_id, &mut |desk, ctx| {
                let (grant, vetting) = desk.draft_at(request, ctx, id, texts.clone())?;
                digest = Some(grant.digest());
                let approval = desk.approve(&grant, Step::Vetted, ctx, cti);
                Ok(Event::Vetted(Vetted { request, grant, vetting, approval }))
            })
            .await?;
        Ok((recorded, digest.ok_or(Refusal::NotVetted)?))
    }

    /// The second signature, over exactly the grant whose digest was shown.
    pub async fn countersign(&mut self, request: RequestId, shown: Digest) -> Result<Recorded> {
        self.check_own_certificate()?;
        // The second signer's own core reads the request again: the ledger's word for it is not enough.
        self.request_document(request).await?;
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
