//! Other desks write to the same ledger, and keys come to their end: the windows hear of it.

use std::{sync::Arc, time::Duration};

use countersign_host::Host;

/// How often the ledger is looked at: one short read of a file.
const STEP: Duration = Duration::from_secs(2);

/// After how many looks an inbox is asked what is due: it changes by the passing of days.
const REMINDER: u32 = 150;

/// Looks for as long as the program runs.
pub(crate) async fn watch(host: Arc<Host>) {
    for look in (1..=REMINDER).cycle() {
        tokio::time::sleep(STEP).await;
        host.notice().await;
        if look == REMINDER {
            host.remind().await;
        }
    }
}
