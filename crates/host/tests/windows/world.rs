//! Three people with a host each, whose windows are a list: two found an organisation, the third is a partner.

use std::{
    collections::BTreeSet,
    path::PathBuf,
    sync::{Arc, Mutex},
    time::Duration,
};

use countersign_contract::*;
use countersign_host::{Change, Given, Host, Picture, Shell};
use tempfile::TempDir;
use zeroize::Zeroizing;

/// What a host asked of its shell.
#[derive(Default)]
pub(crate) struct Recorder {
    open: Mutex<BTreeSet<Window>>,
    told: Mutex<Vec<Change>>,
    far: Mutex<Vec<Progress>>,
    picture: Mutex<Option<Picture>>,
    notices: Mutex<Vec<String>>,
    text: Mutex<Option<Zeroizing<String>>>,
}

impl Recorder {
    /// Puts a picture into the clipboard.
    pub(crate) fn copy(&self, picture: Picture) {
        *self.picture.lock().expect("nobody panics with it") = Some(picture);
    }

    /// What the clipboard holds.
    pub(crate) fn clipboard(&self) -> Option<Zeroizing<String>> {
        self.text.lock().expect("nobody panics with it").clone()
    }

    /// Puts a text into the clipboard.
    pub(crate) fn copy_text(&self, text: &str) {
        *self.text.lock().expect("nobody panics with it") = Some(Zeroizing::new(text.to_owned()));
    }

    pub(crate) fn shows(&self, window: Window) -> bool {
        self.open.lock().expect("nobody panics with it").contains(&window)
    }

    /// How many notices were given since this was asked last.
    pub(crate) fn notices(&self) -> usize {
        std::mem::take(&mut *self.notices.lock().expect("nobody panics with it")).len()
    }

    /// How far work was said to be since this was asked last.
    pub(crate) fn far(&self) -> Vec<Progress> {
        std::mem::take(&mut self.far.lock().expect("nobody panics with it"))
    }

    /// What was told since this was asked last.
    pub(crate) fn told(&self) -> Vec<Change> {
        std::mem::take(&mut self.told.lock().expect("nobody panics with it"))
    }
}

struct Handle(Arc<Recorder>);

#[async_trait::async_trait]
impl Shell for Handle {
    fn open(&self, window: Window) {
        self.0.open.lock().expect("nobody panics with it").insert(window);
    }

    fn close(&self, window: Window) {
        self.0.open.lock().expect("nobody panics with it").remove(&window);
    }

    fn tell(&self, change: Change) {
        self.0.told.lock().expect("nobody panics with it").push(change);
    }

    fn progress(&self, progress: Progress) {
        self.0.far.lock().expect("nobody panics with it").push(progress);
    }

    fn notify(&self, sentence: &str) {
        self.0.notices.lock().expect("nobody panics with it").push(sentence.to_owned());
    }

    async fn choose_file(&self, _: FileWish, _: Option<String>) -> Option<PathBuf> {
        None
    }

    fn take_clipboard(&self) -> Option<Zeroizing<String>> {
        self.0.text.lock().expect("nobody panics with it").take()
    }

    fn clipboard_picture(&self) -> Option<Picture> {
        self.0.picture.lock().expect("nobody panics with it").take()
    }

    fn lend_clipboard(&self, text: Zeroizing<String>, _: u64) -> bool {
        *self.0.text.lock().expect("nobody panics with it") = Some(text);
        true
    }

    fn end_loan(&self, _: &str) {}
}

pub(crate) const PASSPHRASE: &str = "seven plain words that nobody guesses";

/// The answer, or why there is none.
pub(crate) fn ok<T>(answer: Result<T, Failure>) -> T {
    answer.unwrap_or_else(|f| panic!("{}: {} {}", f.code, f.message, f.advice))
}

/// The code of a call that must fail.
pub(crate) fn refused<T>(answer: Result<T, Failure>) -> String {
    match answer {
        Ok(_) => panic!("the call was to be refused"),
        Err(failure) => failure.code,
    }
}

/// One person at a machine.
pub(crate) struct Seat {
    pub(crate) host: Host,
    pub(crate) screen: Arc<Recorder>,
}

impl Seat {
    /// Nobody has a profile there yet.
    pub(crate) fn empty(folder: PathBuf) -> Self {
        let screen = Arc::new(Recorder::default());
        let host = Host::new(Arc::new(Handle(screen.clone())), Some(folder), None);
        Self { host, screen }
    }

    /// Nobody said which profile.
    pub(crate) fn without() -> Self {
        let screen = Arc::new(Recorder::default());
        let host = Host::new(Arc::new(Handle(screen.clone())), None, None);
        Self { host, screen }
    }

    /// The program was started with this.
    pub(crate) fn giving(self, given: Given) -> Self {
        Self { host: self.host.with_given(given), screen: self.screen }
    }

    /// Takes what came through the door until the windows are told of this.
    pub(crate) async fn until_told(&self, change: Change) {
        let told = async {
            while !self.screen.told().contains(&change) {
                tokio::task::yield_now().await;
            }
        };
        tokio::select! {
            () = self.host.attend() => panic!("a window listens for as long as it is open"),
            () = told => {}
        }
    }

    /// A profile, made as a person makes one.
    pub(crate) async fn made(folder: PathBuf, kind: ProfileKind, name: &str) -> Self {
        let seat = Self::empty(folder);
        ok(Profiles::make(&seat.host, MakeProfile { kind, name: name.to_owned() }).await);
        let shown = ok(seat.types(PASSPHRASE, Some(PASSPHRASE)).await);
        let code = shown.recovery.expect("the recovery code is shown once");
        assert_eq!(ok(seat.types(&code, None).await).step, "done", "the code that was typed is the code");
        seat
    }

    /// What is typed in the vault's window.
    pub(crate) async fn types(&self, typed: &str, again: Option<&str>) -> Result<VaultQuestion, Failure> {
        let answer = VaultAnswer { typed: typed.to_owned(), again: again.map(str::to_owned) };
        Vault::answer(&self.host, answer).await
    }

    pub(crate) async fn status(&self) -> StatusView {
        ok(Session::status(&self.host, Nothing {}).await)
    }

    pub(crate) async fn fingerprint(&self) -> String {
        self.status().await.fingerprint.expect("an open profile has one")
    }

    /// What the confirm window shows, read as long as it must be.
    pub(crate) async fn reads(&self) -> ConfirmView {
        let view = ok(Confirm::read(&self.host, Nothing {}).await);
        tokio::time::sleep(Duration::from_millis(u64::from(view.armed_after) + 20)).await;
        view
    }

    /// Answers a question that was read.
    pub(crate) async fn answers(&self, id: &str, yes: bool) -> Result<Vec<StopView>, Failure> {
        Confirm::answer(&self.host, ConfirmAnswer { id: id.to_owned(), yes }).await
    }

    pub(crate) async fn request(&self, id: &str) -> RequestDetail {
        ok(Requests::show(&self.host, ById { id: id.to_owned() }).await)
    }
}

pub(crate) struct World {
    pub(crate) dir: TempDir,
    pub(crate) alice: Seat,
    pub(crate) ben: Seat,
}

impl World {
    /// Two desks, and nothing founded.
    pub(crate) async fn of_two() -> Self {
        let dir = tempfile::tempdir().expect("a folder");
        let alice = Seat::made(dir.path().join("alice"), ProfileKind::Desk, "Alice Example").await;
        let ben = Seat::made(dir.path().join("ben"), ProfileKind::Desk, "Ben Example").await;
        Self { dir, alice, ben }
    }

    pub(crate) fn path(&self, name: &str) -> String {
        self.dir.path().join(name).to_string_lossy().into_owned()
    }

    pub(crate) fn found(&self) -> Found {
        let name = "Northwind Example".to_owned();
        Found { name, offer: self.path("offer"), half: self.path("half-a") }
    }

    pub(crate) async fn answering(&self) -> AnswerFounding {
        let heard = heard(self.alice.fingerprint().await);
        AnswerFounding {
            offer: self.path("offer"),
            heard,
            answer: self.path("answer"),
            half: self.path("half-b"),
        }
    }

    pub(crate) async fn completing(&self, ledger: &str) -> CompleteFounding {
        let heard = heard(self.ben.fingerprint().await);
        CompleteFounding { answer: self.path("answer"), heard, ledger: self.path(ledger) }
    }

    /// Founded, and both desks at the ledger.
    pub(crate) async fn founded() -> Self {
        let world = Self::of_two().await;
        ok(Founding::begin(&world.alice.host, world.found()).await);
        ok(Founding::answer(&world.ben.host, world.answering().await).await);
        ok(Founding::complete(&world.alice.host, world.completing("ledger.db").await).await);
        ok(Founding::attach(&world.ben.host, Attach { ledger: world.path("ledger.db"), heard: None }).await);
        world
    }

    /// Founded, and a partner's request that is ready for the first signature: the partner, and the request's id.
    pub(crate) async fn asked(&self) -> (Seat, String) {
        self.offers().await;
        let partner = Seat::made(self.dir.path().join("pat"), ProfileKind::Inbox, "Pat Example").await;
        let pin = self.pinned(&partner).await;
        ok(Asks::send(&partner.host, SendForm { form: form(pin.id), out: self.path("letter") }).await);
        let letter = Incoming::file(self.path("letter"));
        let request = ok(Requests::import(&self.alice.host, letter).await).id;
        self.looked_into(&partner, &request).await;
        (partner, request)
    }

    /// Alice has called the partner and answered every check.
    pub(crate) async fn looked_into(&self, partner: &Seat, request: &str) {
        let heard = Typed {
            id: request.to_owned(),
            typed: partner.fingerprint().await,
            channel: CallChannel::Phone,
            source: "the contract".to_owned(),
        };
        ok(Requests::compare(&self.alice.host, heard).await);
        for check in ["who", "why", "scope", "protection"] {
            let answer = AnswerCheck {
                request: request.to_owned(),
                check: check.to_owned(),
                passed: true,
                note: Some("looked into and found in order".to_owned()),
                files: Vec::new(),
            };
            ok(Requests::check(&self.alice.host, answer).await);
        }
    }

    /// An issuer, a catalogue and a card, each confirmed by the other founder.
    pub(crate) async fn offers(&self) {
        self.offers_at(None).await;
    }

    /// The same with a relay on the card.
    pub(crate) async fn offers_at(&self, relay: Option<String>) {
        let place = self.path("keys.hashes");
        let gateway = format!("id = 'gateway'\nkind = 'hash-file'\nprefix = 'nw'\nlocation = '{place}'\n");
        for issuer in [gateway, BY_HAND.to_owned()] {
            ok(Rules::propose_issuer(&self.alice.host, Document { text: issuer }).await);
            self.confirmed().await;
        }
        ok(Rules::propose_catalogue(&self.alice.host, Document { text: CATALOGUE.to_owned() }).await);
        self.confirmed().await;
        ok(Rules::propose_card(&self.alice.host, CardWish { relay }).await);
        self.confirmed().await;
    }

    /// What waits is confirmed by Ben.
    pub(crate) async fn confirmed(&self) {
        let changes = ok(Team::changes(&self.ben.host, Nothing {}).await);
        ok(Team::confirm(&self.ben.host, ById { id: changes[0].id.clone() }).await);
        let view = self.ben.reads().await;
        ok(self.ben.answers(&view.id, true).await);
    }

    async fn pinned(&self, partner: &Seat) -> PinView {
        self.pinned_by(partner, "card").await
    }

    /// The same, by a card in a file of this name.
    pub(crate) async fn pinned_by(&self, partner: &Seat, name: &str) -> PinView {
        let card = self.path(name);
        ok(Rules::write_organisation_card(&self.ben.host, ByPath { path: card.clone() }).await);
        let spoken = ok(Team::organisation(&self.ben.host, Nothing {}).await).fingerprint;
        let pin = PinCard { card: Incoming::file(card), heard: Some(heard(spoken)) };
        ok(Organisations::pin(&partner.host, pin).await)
    }
}

/// A fingerprint, as it was read over the telephone.
pub(crate) fn heard(typed: String) -> HeardFingerprint {
    HeardFingerprint { typed, channel: CallChannel::Phone, source: "the contract".to_owned() }
}

pub(crate) fn form(organisation: String) -> Form {
    let text = str::to_owned;
    Form {
        organisation,
        revises: None,
        company: text("Fabrikam Example"),
        person: text("Pat Example"),
        role: text("Integration lead"),
        email: text("pat@fabrikam.example"),
        incident_contact: text("duty@fabrikam.example"),
        why: text("Parcels are to reach our shop without anybody typing them."),
        workflow: text("Every five minutes a job reads new shipments."),
        usage: text("One reader, twelve calls an hour."),
        data: text("Parcel numbers, no personal data."),
        safeguards: text("The key lies in a secret store; two people can read it."),
        service: text("shipments"),
        environment: text("sandbox"),
        scopes: vec![text("shipments:read")],
        networks: vec![text("203.0.113.0/28")],
        days: 30,
        answers: vec![
            (text("storage"), text("In the secret store of our cluster.")),
            (text("subcontractors"), text("No.")),
        ],
        renews: None,
    }
}

const CATALOGUE: &str = include_str!("../../../../examples/catalogue.toml");
const BY_HAND: &str = include_str!("../../../../examples/issuer-billing.toml");
