//! Locks the profile before the machine goes to sleep, where the system announces it (logind). Elsewhere, and where nobody
//! announces anything, `idle` notices afterwards by the clocks.

use std::sync::Arc;

use countersign_host::Host;
use futures_util::StreamExt as _;
use zbus::{Connection, MatchRule, MessageStream, message::Type, zvariant::OwnedFd};

const NAME: &str = "org.freedesktop.login1";
const PATH: &str = "/org/freedesktop/login1";
const INTERFACE: &str = "org.freedesktop.login1.Manager";

/// Listens for as long as the program runs and there is somebody to listen to.
pub(crate) async fn watch(host: Arc<Host>) {
    // No bus, or one that went away: the clocks are still looked at.
    let _ = listen(&host).await;
}

async fn listen(host: &Host) -> zbus::Result<()> {
    let bus = Connection::system().await?;
    // Whoever says so is believed: a false alarm costs a passphrase.
    let rule = MatchRule::builder()
        .msg_type(Type::Signal)
        .interface(INTERFACE)?
        .member("PrepareForSleep")?
        .path(PATH)?
        .build();
    let mut signals = MessageStream::for_match_rule(rule, &bus, None).await?;
    let mut delay = ask_for_delay(&bus).await;
    while let Some(signal) = signals.next().await {
        let going: bool = signal?.body().deserialize().unwrap_or(true);
        if going {
            host.lock().await;
            // Only now may it sleep.
            drop(delay.take());
        } else {
            delay = ask_for_delay(&bus).await;
        }
    }
    Ok(())
}

/// As long as this is held, the system waits a few seconds before it sleeps. `None` where it does not know of that.
async fn ask_for_delay(bus: &Connection) -> Option<OwnedFd> {
    let wish = ("sleep", "Countersign", "Forgets the keys first", "delay");
    let reply = bus.call_method(Some(NAME), PATH, Some(INTERFACE), "Inhibit", &wish).await.ok()?;
    reply.body().deserialize().ok()
}
