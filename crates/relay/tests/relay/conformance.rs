//! What a store promises, whichever it is: each case runs on an empty SQLite file and on an empty PostgreSQL database.

mod mail;
mod parcels;
mod witness;

use std::{path::Path, pin::Pin, sync::Arc};

use countersign_documents::{
    Digest, Secret32,
    id::{Cti, OrganisationId},
    time::DAY,
};
use countersign_relay::{
    StoreError,
    store::{
        Allowance, Arrival, Claim, Letter, Lock, Share, Standing, Store, Uploaded, postgres::PostgresStore,
        sqlite::SqliteStore,
    },
};

use self::{mail::*, parcels::*, witness::*};
use crate::{
    cluster::{Cluster, skipped},
    organisation::id,
    stage::NOW,
};

const SHARE: Share = Share { parcels: 1000, bytes: 1 << 20 };
const ALLOWANCE: Allowance = Allowance { letters: 100, posts: 100 };

fn works() -> OrganisationId {
    OrganisationId(id("works"))
}

fn member(name: &str) -> Standing {
    Standing { organisation: works(), member: Digest::of(name.as_bytes()), issued: NOW.minus(DAY) }
}

fn arrival(name: &str) -> Arrival {
    Arrival {
        cti: Cti(id(name)),
        recipient: Digest::of(b"recipient"),
        pick_up: [7; 32],
        digest: Digest::of(name.as_bytes()),
        expires: NOW.plus(DAY),
        envelope: name.as_bytes().repeat(100),
    }
}

fn claim(name: &str) -> Claim {
    Claim { cti: Cti(id(name)), lock: Lock { recipient: Digest::of(b"recipient"), pick_up: [7; 32] } }
}

fn letter(text: &str) -> Letter {
    Letter { digest: Digest::of(text.as_bytes()), bytes: text.as_bytes().to_vec() }
}

type Case = for<'a> fn(&'a dyn Store) -> Pin<Box<dyn Future<Output = ()> + Send + 'a>>;

macro_rules! cases {
    ($($case:ident)*) => { &[$((stringify!($case), |store| Box::pin($case(store)))),*] };
}

const CASES: &[(&str, Case)] = cases! {
    a_parcel_goes_one_way
    a_parcel_is_for_its_lock_alone
    an_end_is_the_same_whoever_asks_for_it
    what_is_over_is_over_without_a_sweep
    a_sweep_ends_and_forgets
    a_share_counts_what_lies_there
    a_cti_is_taken_by_one
    a_member_who_was_removed_does_not_count
    a_removal_is_never_set_back
    a_ticket_is_used_up_and_its_writer_known
    a_refused_letter_leaves_no_trace
    letters_are_numbered_and_come_once
    cards_only_rise
    parcels_are_told_newest_first
    many_at_once_have_one_winner
    a_witness_has_one_key_for_good
    a_head_goes_on_from_what_is_known_and_never_back
    a_head_is_forgotten_as_it_stands_and_another_is_the_first
    of_many_next_heads_one_is_stored
    whoever_signs_checkpoints_is_known_until_the_end
};

async fn open_sqlite(path: &Path) -> Result<Arc<dyn Store>, StoreError> {
    Ok(Arc::new(SqliteStore::open(path, Secret32::new([1; 32])).await?))
}

#[tokio::test(flavor = "multi_thread")]
async fn sqlite_keeps_every_promise() {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, case) in CASES {
        let store = open_sqlite(&folder.path().join(name)).await.expect("it opens");
        println!("sqlite: {name}");
        case(&*store).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn postgres_keeps_every_promise() {
    let cluster = match Cluster::started() {
        Ok(cluster) => cluster,
        Err(why) => return skipped("the promises of a store on PostgreSQL", &why),
    };
    for (name, case) in CASES {
        let address = cluster.database();
        let store = PostgresStore::open(&address, Secret32::new([1; 32])).await.expect("it opens");
        println!("postgres: {name}");
        case(&store).await;
    }
    let address = cluster.database();
    let (a, b) = tokio::join!(
        PostgresStore::open(&address, Secret32::new([1; 32])),
        PostgresStore::open(&address, Secret32::new([2; 32]))
    );
    let (a, b) = (a.expect("it opens"), b.expect("it opens"));
    assert!(a.nonce_key().await == b.nonce_key().await, "two that start at once share one key");
    let refused = PostgresStore::open("postgres://postgres@%2Fnowhere/relay", Secret32::new([1; 32])).await;
    assert_eq!(refused.err(), Some(StoreError::Unavailable), "no server");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_postgres_that_does_not_wait_for_its_disk_is_refused() {
    let cluster = match Cluster::started() {
        Ok(cluster) => cluster,
        Err(why) => return skipped("a PostgreSQL that does not wait for its disk", &why),
    };
    let address = cluster.database();
    let open = || PostgresStore::open(&address, Secret32::new([1; 32]));
    let store = open().await.expect("it opens");
    assert_eq!(store.ready().await, Ok(()));
    // The relay asks for this itself, whatever the server's default is.
    cluster.set("synchronous_commit = off");
    open().await.expect("it opens all the same");
    for setting in ["fsync", "full_page_writes"] {
        cluster.set(&format!("{setting} = off"));
        let mut refused = open().await.err();
        // The server takes new settings over in its own time.
        while refused.is_none() {
            refused = open().await.err();
        }
        assert_eq!(refused, Some(StoreError::NotDurable), "{setting}");
        cluster.set(&format!("{setting} = on"));
        while open().await.is_err() {}
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sqlite_file_says_whose_it_is() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("relay.db");
    let store = open_sqlite(&path).await.expect("it opens");
    assert_eq!(upload(&*store, "a").await, Uploaded::Stored);
    drop(store);
    let change = async |sql: &'static str| {
        let options = sqlx::sqlite::SqliteConnectOptions::new().filename(&path);
        let mut conn = sqlx::ConnectOptions::connect(&options).await.expect("connected");
        sqlx::raw_sql(sql).execute(&mut conn).await.expect("changed");
        sqlx::Connection::close(conn).await.expect("closed");
    };
    assert!(open_sqlite(&path).await.expect("it opens").lock(Cti(id("a"))).await.expect("asked").is_some());
    change("PRAGMA user_version = 2").await;
    assert_eq!(open_sqlite(&path).await.err(), Some(StoreError::Newer));
    change("PRAGMA user_version = 1; CREATE TABLE planted(a)").await;
    assert_eq!(open_sqlite(&path).await.err(), Some(StoreError::Damaged));
    change("DROP TABLE planted").await;
    assert!(open_sqlite(&path).await.is_ok());
    change("PRAGMA application_id = 1").await;
    assert_eq!(open_sqlite(&path).await.err(), Some(StoreError::Damaged));
}
