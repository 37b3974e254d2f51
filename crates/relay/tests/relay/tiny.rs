//! A store that looks first and changes afterwards, as the race must not find it.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use async_trait::async_trait;
use countersign_documents::{
    Digest, Head, Secret32, Time,
    id::{Cti, OrganisationId},
    relay::{Parcel, Waiting},
};
use countersign_relay::{
    Relay,
    store::{
        Acknowledged, Acquaintance, Allowance, Arrival, Claim, Fetched, Letter, Lock, Mailbox, Posted,
        Result, Share, Standing, Store, StoreError, Stored, StoredCard, Swept, TicketUse, Uploaded,
        Withdrawal,
    },
};

use crate::{
    organisation::{ORIGIN, line},
    stage::{Hands, quota},
};

/// What there is, by cti.
#[derive(Default)]
pub(crate) struct SelectThenDelete {
    parcels: Mutex<BTreeMap<Cti, (OrganisationId, Arrival)>>,
    /// How much longer it takes over what it has.
    dawdles: Duration,
}

impl SelectThenDelete {
    pub(crate) async fn relay(cards: Vec<Vec<u8>>, hands: &Hands) -> Arc<Relay> {
        Self::dawdling(Duration::ZERO, cards, hands).await
    }

    /// One that takes so much longer over what it has, so that whoever waits can tell.
    pub(crate) async fn dawdling(dawdles: Duration, cards: Vec<Vec<u8>>, hands: &Hands) -> Arc<Relay> {
        let store = Self { dawdles, ..Self::default() };
        let relay = Relay::over(Arc::new(store), line(ORIGIN), cards, quota(), hands.clock()).await;
        relay.expect("it opens")
    }

    fn select(&self, cti: Cti) -> Option<(OrganisationId, Arrival)> {
        self.parcels.lock().expect("nobody panicked").get(&cti).cloned()
    }
}

const AWAY: StoreError = StoreError::Unavailable;

#[async_trait]
impl Store for SelectThenDelete {
    fn is_shared(&self) -> bool {
        false
    }

    async fn ready(&self) -> Result<()> {
        Ok(())
    }

    async fn nonce_key(&self) -> Result<Secret32> {
        Ok(Secret32::new([5; 32]))
    }

    async fn witness_seed(&self, fresh: Secret32) -> Result<Secret32> {
        Ok(fresh)
    }

    async fn head(&self, _: OrganisationId) -> Result<Option<Head>> {
        Ok(None)
    }

    async fn advance(&self, _: OrganisationId, _: Option<Head>, _: Head) -> Result<bool> {
        Err(AWAY)
    }

    async fn forget_head(&self, _: OrganisationId, _: Head) -> Result<bool> {
        Err(AWAY)
    }

    async fn acquaint(&self, _: Acquaintance) -> Result<()> {
        Ok(())
    }

    async fn checkpoint_keys(&self, _: OrganisationId, _: Time) -> Result<Vec<[u8; 32]>> {
        Ok(Vec::new())
    }

    async fn cards(&self) -> Result<Vec<StoredCard>> {
        Ok(Vec::new())
    }

    async fn card_versions(&self) -> Result<Vec<(OrganisationId, u64)>> {
        Ok(Vec::new())
    }

    async fn keep_card(&self, _: StoredCard) -> Result<bool> {
        Ok(true)
    }

    async fn remove(&self, _: Standing, _: Digest, _: Time) -> Result<bool> {
        Err(AWAY)
    }

    async fn is_removed(&self, _: Standing) -> Result<bool> {
        Ok(false)
    }

    async fn upload(&self, by: Standing, arrival: Arrival, _: Share, _: Time) -> Result<Uploaded> {
        self.parcels.lock().expect("nobody panicked").insert(arrival.cti, (by.organisation, arrival));
        Ok(Uploaded::Stored)
    }

    async fn lock(&self, cti: Cti) -> Result<Option<Lock>> {
        let found = self.select(cti);
        let since = Instant::now();
        while found.is_some() && since.elapsed() < self.dawdles {
            std::hint::spin_loop();
        }
        Ok(found.map(|(_, parcel)| Lock { recipient: parcel.recipient, pick_up: parcel.pick_up }))
    }

    async fn fetch(&self, claim: Claim, _: Time) -> Result<Option<Fetched>> {
        let found = self.select(claim.cti);
        Ok(found.map(|(organisation, parcel)| Fetched {
            envelope: parcel.envelope,
            first: false,
            organisation,
        }))
    }

    async fn acknowledge(&self, claim: Claim, _: Letter, _: Time) -> Result<Acknowledged> {
        let Some((organisation, _)) = self.select(claim.cti) else { return Ok(Acknowledged::Nothing) };
        // As long as a disk takes: others look meanwhile.
        tokio::time::sleep(Duration::from_millis(2)).await;
        self.parcels.lock().expect("nobody panicked").remove(&claim.cti);
        Ok(Acknowledged::Done(organisation))
    }

    async fn withdraw(&self, _: Standing, _: Cti, _: Time) -> Result<Withdrawal> {
        Err(AWAY)
    }

    async fn parcels(&self, _: OrganisationId, _: Time) -> Result<Vec<Parcel>> {
        Ok(Vec::new())
    }

    async fn post(
        &self,
        _: Mailbox,
        _: Option<TicketUse>,
        _: Letter,
        _: Allowance,
        _: Time,
    ) -> Result<Posted> {
        Err(AWAY)
    }

    async fn dispatch(&self, _: Standing, _: Mailbox, _: Letter, _: Allowance, _: Time) -> Result<Posted> {
        Err(AWAY)
    }

    async fn done(&self, _: Mailbox, _: Vec<u64>) -> Result<()> {
        Err(AWAY)
    }

    async fn letters(&self, _: Mailbox, _: u64) -> Result<Vec<Waiting>> {
        Ok(Vec::new())
    }

    async fn sweep(&self, _: Time) -> Result<Swept> {
        Err(AWAY)
    }

    async fn stored(&self) -> Result<Stored> {
        Err(AWAY)
    }
}
