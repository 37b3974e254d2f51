//! Wakes those who wait for mail.

use tokio::sync::Notify;

use crate::store::Mailbox;

/// Mailboxes share a bell when they must: whoever is woken looks, and waits again where there is nothing. So the bells
/// need no more memory however many mailboxes there are.
const BELLS: usize = 1024;

pub(crate) struct Bells {
    bells: Vec<Notify>,
}

impl Bells {
    pub(crate) fn new() -> Self {
        Self { bells: (0..BELLS).map(|_| Notify::new()).collect() }
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
}
