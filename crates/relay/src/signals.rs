//! What the system tells a running relay: to stop, and to read its certificate again. From the moment one of these is
//! made, its signals are kept for it and do not end the process.

use crate::failure::Failure;

#[cfg(unix)]
use tokio::signal::unix::{Signal, SignalKind, signal};

/// Whoever presses Ctrl C, or the system that wants it to end.
pub(crate) struct Stop {
    #[cfg(unix)]
    terminated: Signal,
    #[cfg(unix)]
    interrupted: Signal,
    #[cfg(windows)]
    interrupted: tokio::signal::windows::CtrlC,
}

/// SIGHUP; elsewhere nothing.
pub(crate) struct HangUp {
    #[cfg(unix)]
    hung_up: Signal,
}

#[cfg(unix)]
impl Stop {
    pub(crate) fn heard() -> Result<Self, Failure> {
        let heard = |kind| signal(kind).map_err(|_| Failure::System);
        Ok(Self { terminated: heard(SignalKind::terminate())?, interrupted: heard(SignalKind::interrupt())? })
    }

    /// Ready once it was told to stop.
    pub(crate) async fn asked(&mut self) {
        tokio::select! {
            _ = self.terminated.recv() => {}
            _ = self.interrupted.recv() => {}
        }
    }
}

#[cfg(windows)]
impl Stop {
    pub(crate) fn heard() -> Result<Self, Failure> {
        let interrupted = tokio::signal::windows::ctrl_c().map_err(|_| Failure::System)?;
        Ok(Self { interrupted })
    }

    /// Ready once it was told to stop.
    pub(crate) async fn asked(&mut self) {
        self.interrupted.recv().await;
    }
}

impl HangUp {
    #[cfg(unix)]
    pub(crate) fn heard() -> Result<Self, Failure> {
        let hung_up = signal(SignalKind::hangup()).map_err(|_| Failure::System)?;
        Ok(Self { hung_up })
    }

    #[cfg(windows)]
    pub(crate) fn heard() -> Result<Self, Failure> {
        Ok(Self {})
    }

    /// Ready each time it was told to read again.
    pub(crate) async fn asked(&mut self) {
        #[cfg(unix)]
        if self.hung_up.recv().await.is_some() {
            return;
        }
        std::future::pending().await
    }
}
