//! Places for connections: how many there are, how many of them one address may have, and who leaves when they run out.

use std::{
    collections::BTreeMap,
    net::{IpAddr, Ipv6Addr},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::sync::Notify;

use super::traffic::{End, Traffic};

/// Whoever is behind an address: one of IPv4, or the 64 bits of IPv6 that one household or office gets whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Client(IpAddr);

impl Client {
    pub(super) fn of(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V6(long) => {
                let network = u128::from(long) & !u128::from(u64::MAX);
                Self(IpAddr::V6(Ipv6Addr::from(network)))
            }
            short @ IpAddr::V4(_) => Self(short),
        }
    }
}

/// How much of something each client has at once.
#[derive(Debug)]
pub(super) struct Shares {
    most: usize,
    taken: Mutex<BTreeMap<Client, usize>>,
}

/// One client's part, given back when it is dropped.
#[derive(Debug)]
pub(super) struct Share {
    of: Arc<Shares>,
    client: Client,
}

impl Shares {
    pub(super) fn new(most: usize) -> Arc<Self> {
        Arc::new(Self { most, taken: Mutex::default() })
    }

    /// One more, unless this client has all it may have.
    pub(super) fn take(self: &Arc<Self>, client: Client) -> Option<Share> {
        let mut taken = locked(&self.taken);
        let count = taken.entry(client).or_default();
        if *count >= self.most {
            return None;
        }
        *count += 1;
        Some(Share { of: Arc::clone(self), client })
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        let mut taken = locked(&self.of.taken);
        if let Some(count) = taken.get_mut(&self.client) {
            *count -= 1;
            if *count == 0 {
                taken.remove(&self.client);
            }
        }
    }
}

/// All places.
#[derive(Debug)]
pub(super) struct Places {
    most: usize,
    shares: Arc<Shares>,
    traffic: Arc<Traffic>,
    seats: Mutex<Seats>,
}

#[derive(Debug, Default)]
struct Seats {
    taken: usize,
    /// Rises with every rest, so that the first of those who rest has rested longest.
    next: u64,
    resting: BTreeMap<u64, Arc<Notify>>,
}

/// One connection's place. It rests until a request is read, and again once the answer is out.
#[derive(Debug)]
pub(super) struct Place {
    of: Arc<Places>,
    leave: Arc<Notify>,
    rest: Option<u64>,
    _share: Option<Share>,
}

impl Places {
    pub(super) fn new(most: usize, share: usize, traffic: Arc<Traffic>) -> Arc<Self> {
        Arc::new(Self { most, shares: Shares::new(share), traffic, seats: Mutex::default() })
    }

    /// A place, for a client that is counted or for one that is not. Where all are taken, whoever has rested longest
    /// gives up its own: an honest client is at work within one way there and back, one that only holds on is not.
    pub(super) fn take(self: &Arc<Self>, client: Option<Client>) -> Result<Place, End> {
        let share = client.map(|client| self.shares.take(client).ok_or(End::Share)).transpose()?;
        let mut seats = locked(&self.seats);
        if seats.taken >= self.most {
            let (_, longest) = seats.resting.pop_first().ok_or(End::Full)?;
            longest.notify_one();
            self.traffic.count_end(End::MadeRoom);
        }
        seats.taken += 1;
        drop(seats);
        self.traffic.came_in();
        let mut place =
            Place { of: Arc::clone(self), leave: Arc::new(Notify::new()), rest: None, _share: share };
        place.rests();
        Ok(place)
    }
}

impl Place {
    /// Told when the place is needed by somebody else.
    pub(super) fn leave(&self) -> Arc<Notify> {
        Arc::clone(&self.leave)
    }

    /// Nothing is under way: whoever needs a place may have this one.
    pub(super) fn rests(&mut self) {
        self.works();
        let mut seats = locked(&self.of.seats);
        seats.next += 1;
        let number = seats.next;
        seats.resting.insert(number, Arc::clone(&self.leave));
        self.rest = Some(number);
    }

    /// A request is under way: nobody takes the place.
    pub(super) fn works(&mut self) {
        if let Some(number) = self.rest.take() {
            locked(&self.of.seats).resting.remove(&number);
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.works();
        locked(&self.of.seats).taken -= 1;
        self.of.traffic.went();
    }
}

/// A thread that panicked left whole numbers behind: there is nothing half-done in them.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(text: &str) -> Client {
        Client::of(text.parse().expect("an address"))
    }

    #[test]
    fn a_network_of_ipv6_is_one_client_and_a_mapped_address_is_the_one_it_maps() {
        assert_eq!(client("2001:db8::1"), client("2001:db8::ffff:1"), "one network of 64 bits");
        assert_ne!(client("2001:db8:0:1::1"), client("2001:db8:0:2::1"), "two networks");
        assert_eq!(client("::ffff:192.0.2.1"), client("192.0.2.1"), "the same machine");
        assert_ne!(client("192.0.2.1"), client("192.0.2.2"), "two machines");
    }

    #[test]
    fn a_client_has_its_share_and_others_have_theirs() {
        let places = Places::new(10, 2, Arc::default());
        let first = places.take(Some(client("192.0.2.1"))).expect("a place");
        let _second = places.take(Some(client("192.0.2.1"))).expect("a place");
        assert_eq!(places.take(Some(client("192.0.2.1"))).err(), Some(End::Share), "a third is too much");
        let _other = places.take(Some(client("192.0.2.2"))).expect("another client's share is its own");
        let _uncounted = places.take(None).expect("whoever is not counted has no share to use up");
        drop(first);
        assert!(places.take(Some(client("192.0.2.1"))).is_ok(), "what was given back is there again");
    }

    #[tokio::test]
    async fn whoever_rested_longest_makes_room_and_whoever_works_does_not() {
        let traffic = Arc::new(Traffic::default());
        let places = Places::new(3, 9, Arc::clone(&traffic));
        let mut worker = places.take(None).expect("a place");
        worker.works();
        let longest = places.take(None).expect("a place");
        let mut later = places.take(None).expect("a place");
        let asked = longest.leave();
        let _new = places.take(None).expect("room was made");
        asked.notified().await;
        drop(longest);
        assert_eq!((traffic.open(), traffic.ended(End::MadeRoom)), (3, 1), "one went, one came");
        later.works();
        let mut newest = places.take(None).expect("the new one rests as well, and goes");
        newest.works();
        assert_eq!(traffic.turned_away(), 0, "nobody was turned away so far");
        assert_eq!(places.take(None).err(), Some(End::Full), "all are at work");
    }

    #[test]
    fn nothing_is_kept_of_a_client_that_left() {
        let places = Places::new(10, 2, Arc::default());
        drop(places.take(Some(client("192.0.2.1"))).expect("a place"));
        assert!(locked(&places.shares.taken).is_empty(), "its address is forgotten");
        assert!(locked(&places.seats).resting.is_empty(), "and its rest");
    }
}
