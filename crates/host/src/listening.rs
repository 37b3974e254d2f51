//! What comes to a relay is taken in at once: while a profile is open, something waits at each of its relays, and whoever
//! works here is not kept from it. A relay that does not answer is asked less and less often, and never given up.

use std::{collections::BTreeMap, time::Duration};

use countersign_adapters::SystemClock;
use countersign_app::{
    Bell, RelayFault, Result as Answer,
    desk::{self, Desk},
    inbox::{self, Inbox},
};
use countersign_contract::{Failure, RelayView, RelaysView, WitnessedView};
use countersign_documents::id::OrganisationId;
use countersign_ports::Clock as _;
use tokio::{
    task::JoinSet,
    time::{Instant, sleep},
};

use crate::{
    failure::Error,
    host::{Host, Open},
    resume::Attempts,
    shell::Change,
};

/// How long after its first failure a relay is asked again.
const FIRST: Duration = Duration::from_secs(2);
/// How long it takes at most until it is asked again.
const LONGEST: Duration = Duration::from_secs(300);
/// How often a profile without a relay is looked at: another desk may have put one on the card.
const LOOK: Duration = Duration::from_secs(30);

/// What is known of one relay since the profile was opened.
#[derive(Debug, Default)]
struct Reached {
    at: Option<u64>,
    /// Why it does not answer.
    down: Option<Failure>,
    /// Why it did not take something, though it answers; known until it was asked again.
    fault: Option<Failure>,
    unread: Vec<Failure>,
}

/// What is known of relays, each by the organisation whose it is.
#[derive(Debug, Default)]
pub(crate) struct Relays {
    known: BTreeMap<OrganisationId, Reached>,
    /// When what waits here is brought there again, though nothing came.
    attempts: Attempts,
}

impl Relays {
    /// It answered. Whether that is news.
    fn answered(&mut self, whose: OrganisationId) -> bool {
        let reached = self.known.entry(whose).or_default();
        let first = reached.at.is_none();
        reached.at = SystemClock.now().map(|now| now.0);
        reached.down.take().is_some() || first
    }

    /// It answered, and everything was brought to it but for this. Whether that is news.
    fn asked(&mut self, whose: OrganisationId, fault: Option<RelayFault>) -> bool {
        let answered = self.answered(whose);
        let fault = fault.map(|fault| Failure::from(Error::App(fault.into())));
        let reached = self.known.entry(whose).or_default();
        let is_news = reached.fault.as_ref().map(|f| &f.code) != fault.as_ref().map(|f| &f.code);
        reached.fault = fault;
        answered || is_news
    }

    /// It did not answer. Whether that is news.
    fn failed(&mut self, whose: OrganisationId, fault: RelayFault) -> bool {
        let failure = Failure::from(Error::App(fault.into()));
        let reached = self.known.entry(whose).or_default();
        let is_news = reached.down.as_ref().is_none_or(|known| known.code != failure.code);
        reached.down = Some(failure);
        is_news
    }

    fn unread(&mut self, whose: OrganisationId, unread: Vec<Failure>) {
        self.known.entry(whose).or_default().unread = unread;
    }
}

fn not_read(code: &str, why: String) -> Failure {
    Failure { code: code.to_owned(), message: why, advice: String::new() }
}

/// A bell, how it rang, and how often it failed before.
type Rung = (Bell, u32, Answer<bool>);

async fn ring(mut bell: Bell, failures: u32) -> Rung {
    if let Some(times) = failures.checked_sub(1) {
        sleep((FIRST * 2_u32.saturating_pow(times)).min(LONGEST)).await;
    }
    let rang = bell.wait().await;
    (bell, failures, rang)
}

impl Host {
    /// Listens at the relays of whichever profile is open, for as long as the program runs.
    pub async fn listen(&self) {
        let mut sittings = self.sittings.subscribe();
        loop {
            sittings.mark_unchanged();
            let mut waiting: JoinSet<Rung> = JoinSet::new();
            for bell in self.bells().await {
                waiting.spawn(ring(bell, 0));
            }
            loop {
                let rung = tokio::select! {
                    _ = sittings.changed() => break,
                    Some(rung) = waiting.join_next() => rung,
                    () = sleep(LOOK), if waiting.is_empty() => break,
                };
                // What follows is not broken off: it writes to the ledger.
                let Ok((bell, failures, rang)) = rung else { continue };
                let failures = self.rang(&bell, failures, rang).await;
                if !self.is_current(&bell).await {
                    break;
                }
                waiting.spawn(ring(bell, failures));
            }
        }
    }

    async fn bells(&self) -> Vec<Bell> {
        let profile = self.profile.lock().await;
        match &profile.open {
            Open::Desk(_, desk) => desk.bell().await.into_iter().collect(),
            Open::Inbox(_, inbox) => inbox.bells().await.unwrap_or_default(),
            Open::Unattached(_) | Open::Locked => Vec::new(),
        }
    }

    /// Whether the card still names the relay where this bell hangs.
    async fn is_current(&self, bell: &Bell) -> bool {
        let profile = self.profile.lock().await;
        match &profile.open {
            Open::Desk(_, desk) => desk.relay().as_deref() == Some(bell.origin()),
            Open::Inbox(..) => true,
            Open::Unattached(_) | Open::Locked => false,
        }
    }

    /// How often it failed by now, one after the other.
    async fn rang(&self, bell: &Bell, failures: u32, rang: Answer<bool>) -> u32 {
        let mut relays = self.relays.lock().await;
        let fault = match rang {
            Ok(is_news) => {
                let was_down = failures > 0;
                let changed = relays.answered(bell.organisation());
                let waits = relays.attempts.due(Instant::now());
                drop(relays);
                if changed {
                    self.shell.tell(Change::Content);
                }
                if is_news || was_down || (waits && self.something_waits().await) {
                    let _shown_with_the_relay = self.sync_relays().await;
                }
                return 0;
            }
            Err(countersign_app::Error::Relay(fault)) => fault,
            // This profile's own disk: whatever it is needed for next says so.
            Err(_) => return failures.saturating_add(1),
        };
        let changed = relays.failed(bell.organisation(), fault);
        drop(relays);
        if changed {
            self.shell.tell(Change::Content);
        }
        failures.saturating_add(1)
    }

    async fn something_waits(&self) -> bool {
        self.relays_view().await.is_ok_and(|view| view.waiting > 0 || !view.withdrawals.is_empty())
    }

    /// Brings to the relays what waits here and takes in what waits there. That a relay does not answer is noted, and no
    /// failure.
    pub(crate) async fn sync_relays(&self) -> Result<(), Error> {
        let mut profile = self.profile.lock().await;
        let changed = match &mut profile.open {
            Open::Desk(_, desk) => self.sync_desk(desk).await?,
            Open::Inbox(_, inbox) => self.sync_inbox(inbox).await?,
            Open::Unattached(_) | Open::Locked => return Err(Error::Locked),
        };
        drop(profile);
        if self.something_waits().await {
            self.relays.lock().await.attempts.failed(Instant::now());
        } else {
            self.relays.lock().await.attempts.over();
        }
        if changed {
            self.shell.tell(Change::Content);
            self.remind().await;
        }
        Ok(())
    }

    async fn sync_desk(&self, desk: &mut Desk) -> Result<bool, Error> {
        let whose = desk.organisation();
        let waited = desk.waiting_letters().await? + desk.waiting_withdrawals().await?.len();
        let synced = desk.sync(0).await;
        let waits = desk.waiting_letters().await? + desk.waiting_withdrawals().await?.len();
        let mut relays = self.relays.lock().await;
        let desk::Synced { imported, refused, parcels, waits: fault, witness } = match synced {
            Ok(synced) => synced,
            Err(countersign_app::Error::Relay(fault)) => return Ok(relays.failed(whose, fault)),
            Err(error) => return Err(error.into()),
        };
        let fault = fault.or(witness.map(RelayFault::Witness));
        let changed =
            relays.asked(whose, fault) || waits != waited || !imported.is_empty() || !parcels.is_empty();
        relays.unread(whose, refused.into_iter().map(|letter| not_read(letter.code, letter.why)).collect());
        Ok(changed)
    }

    async fn sync_inbox(&self, inbox: &Inbox) -> Result<bool, Error> {
        let waited = inbox.waiting_letters().await?;
        let inbox::Synced { read, unread, cards, waits } = inbox.sync(0).await?;
        let mut relays = self.relays.lock().await;
        let mut changed = inbox.waiting_letters().await? != waited || !read.is_empty() || !cards.is_empty();
        for pin in inbox.organisations().await? {
            let Some(whose) = OrganisationId::parse(&pin.id) else { continue };
            let of_it = unread.iter().filter(|letter| letter.organisation == whose);
            relays.unread(whose, of_it.map(|letter| not_read(letter.code, letter.why.clone())).collect());
            changed |= match waits.iter().find(|(organisation, _)| *organisation == whose) {
                Some((_, fault)) if fault.is_down() => relays.failed(whose, *fault),
                waits => relays.asked(whose, waits.map(|(_, fault)| *fault)),
            };
        }
        Ok(changed)
    }

    /// A relay did not answer a call.
    pub(crate) async fn note_fault(&self, whose: OrganisationId, fault: RelayFault) {
        if self.relays.lock().await.failed(whose, fault) {
            self.shell.tell(Change::Content);
        }
    }

    /// How relays are reached, and what waits for them.
    pub(crate) async fn relays_view(&self) -> Result<RelaysView, Error> {
        let profile = self.profile.lock().await;
        let mut at = Vec::new();
        let mut witnessed = None;
        let (waiting, withdrawals) = match &profile.open {
            Open::Desk(_, desk) => {
                let name = desk.state().name.as_ref().map(ToString::to_string).unwrap_or_default();
                at.extend(desk.relay().map(|origin| (desk.organisation(), name, origin)));
                witnessed = desk.witnessed().map(|w| WitnessedView { size: w.size, time: w.time.0 });
                (desk.waiting_letters().await?, desk.waiting_withdrawals().await?)
            }
            Open::Inbox(_, inbox) => {
                for pin in inbox.organisations().await? {
                    // A card that has ended names no relay.
                    let relay = inbox.offer(Some(&pin.id)).await.ok().and_then(|card| card.relay);
                    let whose = OrganisationId::parse(&pin.id).zip(relay);
                    at.extend(whose.map(|(whose, relay)| (whose, pin.name, relay.to_string())));
                }
                (inbox.waiting_letters().await?, Vec::new())
            }
            Open::Unattached(_) | Open::Locked => return Err(Error::Locked),
        };
        drop(profile);
        let relays = self.relays.lock().await;
        let view = |(whose, name, origin): (OrganisationId, String, String)| {
            let reached = relays.known.get(&whose);
            RelayView {
                organisation: whose.to_string(),
                name,
                origin,
                reached: reached.and_then(|reached| reached.at),
                failure: reached.and_then(|reached| reached.down.clone().or_else(|| reached.fault.clone())),
                unread: reached.map(|reached| reached.unread.clone()).unwrap_or_default(),
                witnessed: witnessed.clone(),
            }
        };
        Ok(RelaysView {
            relays: at.into_iter().map(view).collect(),
            waiting: u32::try_from(waiting).unwrap_or(u32::MAX),
            withdrawals: withdrawals.into_iter().map(|(key, _)| key.to_string()).collect(),
        })
    }
}
