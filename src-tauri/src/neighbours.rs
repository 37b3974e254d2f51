//! Other desks write to the same ledger: the windows hear of it.

use std::{sync::Arc, time::Duration};

use countersign_host::Host;

/// How often the ledger is looked at: one short read of a file.
const STEP: Duration = Duration::from_secs(2);

/// Looks for as long as the program runs.
pub(crate) async fn watch(host: Arc<Host>) {
    loop {
        tokio::time::sleep(STEP).await;
        host.notice().await;
    }
}
