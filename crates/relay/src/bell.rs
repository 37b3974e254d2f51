//! Wakes those who wait for mail.

use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::Notify;

use crate::store::Mailbox;

/// Mailboxes share a bell when they must: whoever is woken looks, and waits again where there is nothing. So the bells
/// need no more memory however many mailboxes there are.
const BELLS: usize = 1024;

pub(crate) struct Bells {
    bells: Vec<Notify>,
    /// Whether nobody is to wait any more.
    all: AtomicBool,
}

impl Bells {
    pub(crate) fn new() -> Self {
        Self { bells: (0..BELLS).map(|_| Notify::new()).collect(), all: AtomicBool::new(false) }
    }

    pub(crate) fn of(&self, mailbox: &Mailbox) -> &Notify {
        let place = mailbox
            .key()
            .iter()
            .fold(0usize, |sum, byte| sum.wrapping_mul(31).wrapping_add(usize::from(*byte)));
        &self.bells[place % BELLS]
    }

    pub(crate) fn ring(&self, mailbox: &Mailbox) {
        self.of(mailbox).notify_waiters();
    }

    /// Wakes all of them, and whoever would wait from now on.
    pub(crate) fn ring_all(&self) {
        self.all.store(true, Ordering::SeqCst);
        self.bells.iter().for_each(Notify::notify_waiters);
    }

    /// Whether nobody is to wait any more. To be asked after [`Notify::notified`] was enabled: then none is missed.
    pub(crate) fn ring_for_all(&self) -> bool {
        self.all.load(Ordering::SeqCst)
    }
}
