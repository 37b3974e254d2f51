//! What a sample begins with: two founders, a partner, one key in use, and a request that waits for its first signature.
//! Every step is the one that people take by hand, through the same use cases.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use countersign_adapters::{SystemClock, SystemEntropy};
use countersign_app::{
    ProfileKind,
    desk::{Desk, Evidences, Heard},
    inbox::{Inbox, RequestForm},
};
use countersign_contract::SamplePerson;
use countersign_documents::{
    grant::Channel,
    id::{ChangeId, RequestId},
    policy::Check,
    text::Line,
};
use countersign_domain::{Refusal, event::Way};
use countersign_vault::{KeyFile, NewSlot, VaultFile};

use super::key_file;
use crate::{
    failure::{Error, FileFlaw},
    files, forms,
    founding::{self, Papers},
    profile, wiring,
};

const ORGANISATION: &str = "Larkfield Logistics";
const SOURCE: &str = "the sample";
const ISSUERS: [&str; 2] = [
    include_str!("../../../../examples/issuer-gateway.toml"),
    include_str!("../../../../examples/issuer-billing.toml"),
];
const CATALOGUE: &str = include_str!("../../../../examples/catalogue.toml");
const REQUEST: &str = include_str!("../../../../examples/request.toml");

/// Somebody, just made.
struct Person {
    folder: PathBuf,
    name: &'static str,
    vault: Arc<VaultFile>,
    fingerprint: String,
}

impl Person {
    async fn make(folder: &Path, short: &str, kind: ProfileKind, name: &'static str) -> Result<Self, Error> {
        let folder = folder.join(short);
        let key = KeyFile::make(&key_file(&folder), &SystemEntropy)?;
        let (vault, own) = profile::make(&folder, &[NewSlot::KeyFile(&key)], kind, name, true).await?;
        let fingerprint = own.fingerprint().to_read_aloud();
        Ok(Self { folder, name, vault: Arc::new(vault), fingerprint })
    }

    fn view(&self, role: &str) -> SamplePerson {
        SamplePerson {
            name: self.name.to_owned(),
            role: role.to_owned(),
            folder: self.folder.to_string_lossy().into_owned(),
            here: false,
            fingerprint: self.fingerprint.clone(),
        }
    }
}

/// Fills an empty folder.
pub(super) async fn furnish(folder: &Path) -> Result<Vec<SamplePerson>, Error> {
    let alice = Person::make(folder, "alice", ProfileKind::Desk, "Alice Lindqvist").await?;
    let ben = Person::make(folder, "ben", ProfileKind::Desk, "Ben Okafor").await?;
    let noor = Person::make(folder, "noor", ProfileKind::Inbox, "Noor Haddad").await?;
    let (mut first, mut second) = found(folder, &alice, &ben).await?;
    set_up(folder, &mut first, &mut second).await?;

    let clock = Arc::new(SystemClock);
    let inbox = Inbox::open(clock, Arc::new(SystemEntropy), noor.vault.clone(), wiring::relay()).await?;
    let organisation = first.organisation_view().await?;
    inbox.pin(first.card()?, Some(&heard(&organisation.fingerprint))).await?;

    let mut form: RequestForm = forms::parse(REQUEST, "request")?;
    let request = ask(&inbox, &form, &mut first).await?;
    sign(&mut first, &mut second, request, &noor.fingerprint).await?;
    hand_out(&inbox, &mut second, request).await?;

    "sandbox".clone_into(&mut form.environment);
    form.days = 60;
    ask(&inbox, &form, &mut first).await?;
    Ok(vec![alice.view("vetter"), ben.view("countersigner"), noor.view("partner")])
}

/// A fingerprint, as it was read.
fn heard(read: &str) -> Heard<'_> {
    Heard { typed: read, channel: Channel::Phone, source: SOURCE, attended: true }
}

async fn found(folder: &Path, alice: &Person, ben: &Person) -> Result<(Desk, Desk), Error> {
    let at = |name: &str| folder.join(name);
    let (offer, answer, ledger) = (at("founding.offer"), at("founding.answer"), at("ledger.db"));
    let (first_half, second_half) = (at("alice.half"), at("ben.half"));
    founding::begin(&alice.vault, ORGANISATION, Papers { document: &offer, half: &first_half }).await?;
    let offered = files::read(&offer, files::SMALL)?;
    let papers = Papers { document: &answer, half: &second_half };
    founding::answer(&ben.vault, &offered, &heard(&alice.fingerprint), papers).await?;
    let answered = files::read(&answer, files::SMALL)?;
    let read = heard(&ben.fingerprint);
    let first = founding::complete(&alice.folder, alice.vault.clone(), &answered, &read, &ledger).await?;
    let attaching = founding::open_to_attach(&ben.vault, &ledger).await?;
    let second = attaching.attach(&ben.folder, ben.vault.clone(), None, &ledger).await?;
    Ok((first, second))
}

/// Issuers, catalogue and card: one proposes, the other confirms.
async fn set_up(folder: &Path, first: &mut Desk, second: &mut Desk) -> Result<(), Error> {
    let gateway = folder.join("gateway");
    std::fs::create_dir(&gateway).map_err(|_| files::fail(&gateway, FileFlaw::Other))?;
    for text in ISSUERS {
        let mut terms = forms::issuer(text)?;
        if terms.location.is_some() {
            let place = gateway.join("keys.hashes").to_string_lossy().into_owned();
            terms.location = Some(Line::parse(&place).map_err(countersign_app::Error::text("location"))?);
        }
        let change = first.propose_issuer(terms).await?;
        agree(first, second, change).await?;
    }
    let change = first.propose_catalogue(forms::catalogue(CATALOGUE)?).await?;
    agree(first, second, change).await?;
    let change = first.propose_card(None).await?;
    agree(first, second, change).await?;
    Ok(())
}

async fn agree(first: &mut Desk, second: &mut Desk, id: ChangeId) -> Result<(), Error> {
    second.catch_up().await?;
    let digest = second.state().pending.get(&id).ok_or(Refusal::NoSuchChange)?.proposed.change.digest();
    second.confirm(id, digest).await?;
    Ok(first.catch_up().await?)
}

/// The partner asks, and a desk takes it in.
async fn ask(inbox: &Inbox, form: &RequestForm, desk: &mut Desk) -> Result<RequestId, Error> {
    let sent = inbox.seal(inbox.draw_up(None, form).await?).await?;
    inbox.keep(&sent).await?;
    desk.catch_up().await?;
    desk.import(&sent.letter).await?;
    Ok(sent.id)
}

/// Everything that is looked at, and both signatures.
async fn sign(first: &mut Desk, second: &mut Desk, request: RequestId, partner: &str) -> Result<(), Error> {
    second.catch_up().await?;
    second.check_identity(request, heard(partner)).await?;
    first.check_identity(request, heard(partner)).await?;
    for check in [Check::Who, Check::Why, Check::Scope, Check::Protection] {
        let evidence = Evidences { note: Some("Part of the sample."), files: Vec::new() };
        first.answer(request, check, true, evidence).await?;
    }
    let draft = first.draft(request).await?;
    let grant = draft.0.digest();
    first.vet(request, draft).await?;
    second.catch_up().await?;
    second.countersign(request, grant).await?;
    Ok(())
}

/// Issued, opened, acknowledged: the key works.
async fn hand_out(inbox: &Inbox, desk: &mut Desk, request: RequestId) -> Result<(), Error> {
    let key = desk.issue(request, None).await?.key;
    let release = desk.hand_over(key, Way::File).await?;
    let delivered = inbox.open_envelope(&release.envelope, &release.secret).await?;
    desk.import(&delivered.held.receipt.0).await?;
    Ok(inbox.note_receipt(&delivered.held.key).await?)
}
