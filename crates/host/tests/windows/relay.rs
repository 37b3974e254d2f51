//! The way through a real relay, as windows go it: everybody listens, and nobody imports a file.

use std::{net::SocketAddr, path::PathBuf, sync::Arc};

use countersign_adapters::SystemClock;
use countersign_contract::*;
use countersign_documents::text::Line;
use countersign_host::Change;
use countersign_ports::Clock as _;
use countersign_relay::{DatabaseAt, Limits, OpenSettings, Quota, Relay as Server, serve};
use tokio::{net::TcpListener, sync::oneshot, task::JoinHandle};

use crate::world::{Seat, World, form, heard, ok, refused};

/// A relay that runs, and can be stopped and started again at its place.
struct Running {
    stop: oneshot::Sender<()>,
    served: JoinHandle<std::io::Result<()>>,
}

impl Running {
    async fn start(listener: TcpListener, database: PathBuf, card: Vec<u8>) -> Self {
        let origin = origin(listener.local_addr().expect("an address"));
        let relay = Server::open(OpenSettings {
            database: DatabaseAt::Sqlite(database),
            origin: Line::parse(&origin).expect("a line"),
            cards: vec![card],
            quota: Quota { room: 0, ..Quota::default() },
            clock: Arc::new(|| SystemClock.now().expect("the clock can be read")),
        });
        let router = relay.await.expect("it opens").router();
        let (stop, stopped) = oneshot::channel();
        let stopped = async move {
            let _ = stopped.await;
        };
        let served = tokio::spawn(serve(listener, router, Limits::default(), Arc::default(), stopped));
        Self { stop, served }
    }

    async fn stop(self) {
        let _ = self.stop.send(());
        self.served.await.expect("it ends").expect("it served");
    }
}

fn origin(address: SocketAddr) -> String {
    format!("http://{address}")
}

fn by_id(id: &str) -> ById {
    ById { id: id.to_owned() }
}

/// An organisation whose card names a relay, and a partner who pinned its invitation.
struct Stage {
    world: World,
    pat: Seat,
    organisation: String,
    address: SocketAddr,
}

impl Stage {
    async fn set() -> (Self, Running) {
        let world = World::founded().await;
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        world.offers_at(Some(origin(address))).await;
        let card = world.path("card");
        ok(Rules::write_organisation_card(&world.ben.host, ByPath { path: card.clone() }).await);
        let card = std::fs::read(card).expect("the card");
        let relay = Running::start(listener, world.dir.path().join("relay.db"), card).await;
        let invitation = world.path("invitation");
        ok(Relay::invite(&world.alice.host, ByPath { path: invitation.clone() }).await);
        let pat = Seat::made(world.dir.path().join("pat"), ProfileKind::Inbox, "Pat Example").await;
        let spoken = ok(Team::organisation(&world.ben.host, Nothing {}).await).fingerprint;
        let pin = PinCard { card: Incoming::file(invitation), heard: Some(heard(spoken)) };
        let organisation = ok(Organisations::pin(&pat.host, pin).await).id;
        (Self { world, pat, organisation, address }, relay)
    }

    async fn start_again(&self) -> Running {
        let listener = TcpListener::bind(self.address).await.expect("the same port");
        let card = std::fs::read(self.world.path("card")).expect("the card");
        Running::start(listener, self.world.dir.path().join("relay.db"), card).await
    }

    /// Everybody's windows are open while this goes on.
    async fn listening<T>(&self, goes_on: impl Future<Output = T>) -> T {
        tokio::select! {
            done = goes_on => done,
            () = self.world.alice.host.listen() => panic!("a window listens for as long as it is open"),
            () = self.world.ben.host.listen() => panic!("a window listens for as long as it is open"),
            () = self.pat.host.listen() => panic!("a window listens for as long as it is open"),
        }
    }

    async fn asks(&self) -> OwnRequestView {
        let wish = SendForm { form: form(self.organisation.clone()), out: String::new() };
        ok(Asks::send(&self.pat.host, wish).await)
    }

    /// A request that came through the relay, signed for by both, and its key sealed at Ben's desk.
    async fn sealed(&self) -> String {
        let request = self.asks().await.id;
        until(async || {
            let all = ListWish { state: None, text: None, limit: 10, offset: 0 };
            ok(Requests::list(&self.world.alice.host, all).await).iter().any(|each| each.id == request)
        })
        .await;
        self.world.looked_into(&self.pat, &request).await;
        for (desk, vetting) in [(&self.world.alice, true), (&self.world.ben, false)] {
            let id = by_id(&request);
            ok(if vetting {
                Requests::vet(&desk.host, id).await
            } else {
                Requests::countersign(&desk.host, id).await
            });
            let view = desk.reads().await;
            ok(desk.answers(&view.id, true).await);
        }
        let issue = Issue { request, pasted: None, path: None };
        ok(Keys::issue(&self.world.ben.host, issue).await).id
    }

    async fn state(&self, key: &str) -> String {
        ok(Keys::show(&self.world.ben.host, by_id(key)).await).state
    }

    async fn until_state(&self, key: &str, state: &str) {
        until(async || self.state(key).await == state).await;
    }

    async fn send_link(&self, key: &str, out: Option<String>) -> Result<LinkSentView, Failure> {
        let wish = SendLink { key: key.to_owned(), language: "en".to_owned(), out };
        Relay::send_link(&self.world.ben.host, wish).await
    }

    async fn fetch(&self, from: LinkFrom, path: Option<String>) -> Result<EnvelopeView, Failure> {
        Relay::fetch(&self.pat.host, LinkSource { from, path }).await
    }
}

/// Looks until it is so: what a window shows whenever it is told that something changed.
async fn until(is_so: impl AsyncFn() -> bool) {
    while !is_so().await {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_key_travels_by_a_link_and_is_active_without_a_file_or_a_question() {
    let (stage, relay) = Stage::set().await;
    stage
        .listening(async {
            let key = stage.sealed().await;
            let sent = ok(stage.send_link(&key, None).await);
            assert_eq!((sent.key.state.as_str(), sent.seconds), ("uploaded", Some(120)));
            let message = stage.world.ben.screen.clipboard().expect("the message is lent to the clipboard");
            assert!(
                message.contains("countersign://e/127.0.0.1:") && message.contains("http://127.0.0.1:"),
                "both forms"
            );
            let secret =
                message.split('#').nth(1).expect("a secret").split_whitespace().next().expect("a secret");
            let shown = serde_json::to_string(&sent).expect("a view");
            assert!(!shown.contains(secret), "no page is told the link");

            stage.pat.screen.copy_text(&message.replace('#', "%23"));
            assert_eq!(refused(stage.fetch(LinkFrom::Clipboard, None).await), "link-mangled");
            stage.pat.screen.copy_text("nothing of ours");
            assert_eq!(refused(stage.fetch(LinkFrom::Clipboard, None).await), "no-link");
            stage.pat.screen.copy_text(&message.replace("127.0.0.1", "127.0.0.9"));
            assert_ne!(
                refused(stage.fetch(LinkFrom::Clipboard, None).await),
                "link-opened",
                "another host is not asked"
            );
            stage.pat.screen.copy_text(&message);
            let envelope = ok(stage.fetch(LinkFrom::Clipboard, None).await);
            assert_eq!(envelope.service, "shipments");
            assert!(stage.pat.screen.clipboard().is_none(), "the clipboard is cleared");
            stage.until_state(&key, "fetched").await;

            let held = ok(Relay::open(&stage.pat.host, Nothing {}).await);
            assert!(held.receipt, "the receipt left by itself");
            stage.until_state(&key, "active").await;
            assert_eq!(refused(Relay::open(&stage.pat.host, Nothing {}).await), "stale", "it is opened once");
            stage.pat.screen.copy_text(&message);
            assert_eq!(refused(stage.fetch(LinkFrom::Clipboard, None).await), "link-opened");
        })
        .await;
    relay.stop().await;
}

#[tokio::test]
async fn an_envelope_is_taken_back_before_anybody_had_it_or_it_is_said_that_somebody_did() {
    let (stage, relay) = Stage::set().await;
    stage
        .listening(async {
            let key = stage.sealed().await;
            assert_eq!(refused(Relay::take_back(&stage.world.ben.host, by_id(&key)).await), "not-at-relay");
            let file = stage.world.path("message.txt");
            let sent = ok(stage.send_link(&key, Some(file.clone())).await);
            assert_eq!(sent.seconds, None, "it is in a file");
            assert_eq!(refused(stage.send_link(&key, Some(file.clone())).await), "file-exists");
            let back = ok(Relay::take_back(&stage.world.ben.host, by_id(&key)).await);
            assert_eq!((back.outcome.as_str(), back.key.state.as_str()), ("withdrawn", "withdrawn"));
            assert_eq!(refused(stage.fetch(LinkFrom::File, Some(file)).await), "nothing-behind-link");
            assert_eq!(refused(stage.send_link(&key, None).await), "delivery-withdrawn");

            let rotate = Rotate { key, pasted: None, path: None };
            let next = ok(Keys::rotate(&stage.world.ben.host, rotate).await).id;
            let file = stage.world.path("second.txt");
            ok(stage.send_link(&next, Some(file.clone())).await);
            ok(stage.fetch(LinkFrom::File, Some(file)).await);
            let back = ok(Relay::take_back(&stage.world.ben.host, by_id(&next)).await);
            assert_eq!((back.outcome.as_str(), back.key.state.as_str()), ("fetched", "fetched"));
        })
        .await;
    relay.stop().await;
}

#[tokio::test]
async fn a_relay_that_is_away_costs_time_and_nothing_else() {
    let (stage, relay) = Stage::set().await;
    let relay = stage
        .listening(async {
            let key = stage.sealed().await;
            relay.stop().await;
            assert_eq!(refused(stage.send_link(&key, None).await), "not-uploaded");
            assert!(stage.world.ben.screen.clipboard().is_none(), "no link was made");
            let failed = async |seat: &Seat| {
                let view = ok(Relay::state(&seat.host, Nothing {}).await);
                view.relays[0].failure.is_some()
            };
            until(async || failed(&stage.pat).await && failed(&stage.world.ben).await).await;
            let waiting = stage.asks().await;
            assert_eq!(waiting.state, "unsent");
            let view = ok(Relay::sync(&stage.pat.host, Nothing {}).await);
            assert_eq!(view.waiting, 1);
            assert!(view.relays[0].reached.is_some(), "it is said when it answered last");

            let out = stage.world.path("envelope");
            let wish = HandOver { key: key.clone(), out: out.clone() };
            assert!(
                !ok(Keys::hand_over(&stage.world.ben.host, wish).await).secret.is_empty(),
                "as a file it goes at once"
            );

            stage.pat.screen.told();
            let relay = stage.start_again().await;
            until(async || {
                let asks = ok(Asks::list(&stage.pat.host, Nothing {}).await);
                asks.iter().all(|each| each.state == "sent" || each.id != waiting.id)
            })
            .await;
            assert!(stage.pat.screen.told().contains(&Change::Content), "the windows hear of it");
            until(async || !failed(&stage.world.ben).await).await;
            let file = stage.world.path("message.txt");
            ok(stage.send_link(&key, Some(file.clone())).await);
            ok(stage.fetch(LinkFrom::File, Some(file)).await);
            relay
        })
        .await;
    relay.stop().await;
}

#[tokio::test]
async fn what_comes_by_itself_ends_with_the_lock_and_without_a_relay_there_is_no_way_but_a_file() {
    let (stage, relay) = Stage::set().await;
    stage
        .listening(async {
            let request = stage.asks().await.id;
            until(async || {
                let all = ListWish { state: None, text: None, limit: 10, offset: 0 };
                !ok(Requests::list(&stage.world.alice.host, all).await).is_empty()
            })
            .await;
            let reply =
                Reply { request: request.clone(), text: "Why twelve?".to_owned(), out: String::new() };
            ok(Requests::ask(&stage.world.alice.host, reply).await);
            until(async || {
                let asks = ok(Asks::list(&stage.pat.host, Nothing {}).await);
                asks[0].message.as_deref() == Some("Why twelve?")
            })
            .await;
            stage.world.alice.host.lock().await;
            assert_eq!(refused(Relay::state(&stage.world.alice.host, Nothing {}).await), "locked");
            let back = Out { id: request, out: String::new() };
            assert_eq!(ok(Asks::withdraw(&stage.pat.host, back).await).state, "withdrawn");
            until(async || {
                let all = ListWish { state: None, text: None, limit: 10, offset: 0 };
                ok(Requests::list(&stage.world.ben.host, all).await)
                    .iter()
                    .all(|each| each.state == "withdrawn")
            })
            .await;
        })
        .await;
    relay.stop().await;

    let world = World::founded().await;
    let (partner, request) = world.asked().await;
    assert!(ok(Relay::state(&world.alice.host, Nothing {}).await).relays.is_empty());
    assert_eq!(
        refused(Relay::invite(&world.alice.host, ByPath { path: world.path("invitation") }).await),
        "no-relay"
    );
    let organisation = ok(Organisations::list(&partner.host, Nothing {}).await)[0].id.clone();
    let wish = SendForm { form: form(organisation), out: String::new() };
    let before = ok(Asks::list(&partner.host, Nothing {}).await).len();
    assert_eq!(refused(Asks::send(&partner.host, wish).await), "no-relay");
    assert_eq!(ok(Asks::list(&partner.host, Nothing {}).await).len(), before, "and nothing is kept");
    let reply = Reply { request, text: "Why twelve?".to_owned(), out: String::new() };
    assert_eq!(refused(Requests::ask(&world.alice.host, reply).await), "no-relay");
}
