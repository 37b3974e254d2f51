//! After many deliveries through the real program, nothing that opens anything is anywhere in it: on its disk, in its
//! memory, in what it says.

use std::{
    collections::BTreeMap,
    fs::File,
    os::unix::fs::FileExt as _,
    path::{Path, PathBuf},
};

use countersign_documents::{Key, time::HOUR};
use data_encoding::{BASE64_NOPAD, BASE64URL_NOPAD, HEXLOWER, HEXUPPER};
use zeroize::Zeroizing;

use crate::{
    client::Client,
    cluster::{Cluster, skipped},
    organisation::Organisation,
    partner::{Parcel, Partner},
    program::{Program, system_time},
    sealed::sealed,
    stage::ALL,
};

/// How many deliveries: a thousand when soaking.
fn deliveries() -> usize {
    if std::env::var_os("COUNTERSIGN_SOAK").is_some() { 1000 } else { 100 }
}

/// How many of the first bytes of a needle it is looked up by.
const START: usize = 8;

/// Everything that is looked for, in every spelling, by its first bytes.
#[derive(Default)]
struct Needles {
    by_start: BTreeMap<[u8; START], Vec<(Vec<u8>, String)>>,
    /// Whether any needle starts with these two bytes: nearly every place in a haystack is passed over by this.
    likely: Vec<bool>,
}

impl Needles {
    fn add(&mut self, name: &str, secret: &[u8]) {
        for spelling in spellings(secret) {
            let start: [u8; START] = spelling[..START].try_into().expect("long enough");
            self.likely.resize(1 << 16, false);
            self.likely[usize::from(u16::from_be_bytes([start[0], start[1]]))] = true;
            self.by_start.entry(start).or_default().push((spelling, name.to_owned()));
        }
    }

    fn found_in(&self, haystack: &[u8]) -> Vec<&str> {
        let mut found = Vec::new();
        for at in 0..haystack.len().saturating_sub(START) {
            if !self.likely[usize::from(u16::from_be_bytes([haystack[at], haystack[at + 1]]))] {
                continue;
            }
            let rest = &haystack[at..];
            let start: [u8; START] = rest[..START].try_into().expect("so many are left");
            let candidates = self.by_start.get(&start).into_iter().flatten();
            found.extend(
                candidates.filter(|(needle, _)| rest.starts_with(needle)).map(|(_, name)| name.as_str()),
            );
        }
        found
    }
}

/// Raw, hexadecimal, base64 at each of three phases, UTF-16.
fn spellings(secret: &[u8]) -> Vec<Vec<u8>> {
    let mut all =
        vec![secret.to_vec(), HEXLOWER.encode(secret).into_bytes(), HEXUPPER.encode(secret).into_bytes()];
    for phase in 0..3 {
        for encoding in [BASE64_NOPAD, BASE64URL_NOPAD] {
            let text = encoding.encode(&[vec![0; phase], secret.to_vec()].concat());
            // The first and last characters mix with their neighbours; what lies between is the secret's alone.
            all.push(text.as_bytes()[4..text.len() - 4].to_vec());
        }
    }
    all.push(secret.iter().flat_map(|byte| [*byte, 0]).collect());
    all
}

fn files_below(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    entries.flat_map(|path| if path.is_dir() { files_below(&path) } else { vec![path] }).collect()
}

/// All of a process's memory that can be read.
fn memory_of(process: u32) -> Vec<Vec<u8>> {
    let maps = std::fs::read_to_string(format!("/proc/{process}/maps")).expect("its map");
    let memory = File::open(format!("/proc/{process}/mem")).expect("its memory");
    let mut regions = Vec::new();
    for line in maps.lines().filter(|line| !line.contains("[v")) {
        let (range, rest) = line.split_once(' ').expect("a range");
        let (from, to) = range.split_once('-').expect("from and to");
        let [from, to] = [from, to].map(|text| u64::from_str_radix(text, 16).expect("a number"));
        if !rest.starts_with('r') {
            continue;
        }
        let mut region = vec![0; usize::try_from(to - from).expect("it fits")];
        // Some pages are reserved and not there.
        if memory.read_exact_at(&mut region, from).is_ok() {
            regions.push(region);
        }
    }
    regions
}

/// Where a relay could hold something, by name.
fn places(program: &Program, cluster: Option<&Cluster>) -> Vec<(String, Vec<u8>)> {
    let mut files = files_below(program.folder());
    if let Some(cluster) = cluster {
        cluster.settle();
        files.extend(files_below(cluster.folder()));
    }
    // A server takes files away while it runs, and a socket is none.
    let read = |path: PathBuf| Some((path.display().to_string(), std::fs::read(&path).ok()?));
    let mut places: Vec<_> = files.into_iter().filter_map(read).collect();
    places.extend(memory_of(program.id()).into_iter().map(|region| ("memory".to_owned(), region)));
    places.push(("log".to_owned(), program.log.clone().into_bytes()));
    places
}

/// The whole way of one parcel; every third stays as it is, and every third is taken back. What fetched it is told: whoever
/// had that could fetch again.
async fn deliver(
    client: &Client,
    works: &Organisation,
    pia: &Partner,
    number: usize,
    parcel: &Parcel,
) -> Vec<u8> {
    let bo = works.member("bo", &ALL);
    let upload = parcel.upload_body(&bo, pia, client.moment().await);
    assert_eq!(client.post("/v1/upload", &upload).await.status, 200);
    let fetch = parcel.fetch_body(pia, client.moment().await);
    assert_eq!(client.post("/v1/fetch", &fetch).await.body, parcel.envelope);
    match number % 3 {
        0 => {
            let receipt = format!("receipt {number}");
            let body = parcel.acknowledge_body(pia, client.moment().await, receipt.as_bytes());
            assert_eq!(client.post("/v1/acknowledge", &body).await.status, 200);
        }
        1 => assert_eq!(client.withdraw(&bo, parcel.cti).await.status, 200),
        _ => {}
    }
    fetch
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_that_opens_anything_is_anywhere_in_a_relay() {
    let works = Organisation::found("Example Works", system_time());
    let program = Program::start(&works);
    blind(&works, program, None).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_that_opens_anything_is_anywhere_in_a_relay_or_its_server() {
    match Cluster::started() {
        Ok(cluster) => {
            let works = Organisation::found("Example Works", system_time());
            let program = Program::on(&works, &cluster.database());
            blind(&works, program, Some(&cluster)).await;
        }
        Err(why) => skipped("what lies in the files of PostgreSQL", &why),
    }
}

async fn blind(works: &Organisation, mut program: Program, cluster: Option<&Cluster>) {
    let now = works.now;
    let client = Client { address: program.address, now };
    let pia = Partner::new("pia");
    let (mut needles, mut acts) = (Needles::default(), Needles::default());
    for number in 0..deliveries() {
        let text = format!("canary{number:04}-Zq7Xw9Vt3Rk5Lm8Pd2Hs6Bn4Fc");
        needles.add(&format!("key {number}"), text.as_bytes());
        let key = Key::parse(Zeroizing::new(text.into_bytes())).expect("a key");
        let parcel = sealed(works, &pia, &format!("parcel {number}"), &key);
        needles.add(&format!("link secret {number}"), parcel.secret.expose().expose());
        needles.add(&format!("pick-up seed {number}"), parcel.secret.pick_up_seed().expose());
        let fetch = deliver(&client, works, &pia, number, &parcel).await;
        // Its last bytes are the signature by the pick-up key.
        acts.add(&format!("act that fetches {number}"), &fetch[fetch.len() - 64..]);
    }
    let bo = works.member("bo", &ALL);
    let (ticket, key) = works.ticket(&bo, "t", HOUR);
    needles.add("seed of a ticket", crate::organisation::seed("ticket t").expose());
    assert_eq!(client.write_with(&pia, works.id(), b"a letter", ("t", &ticket, &key)).await.status, 200);

    let mut searched = BTreeMap::<&str, usize>::new();
    let all = places(&program, cluster);
    for (place, bytes) in &all {
        assert_eq!(needles.found_in(bytes), [""; 0], "{place}");
        // In memory an act stands while it is judged, and until something else takes its place; it counts for two minutes.
        if place != "memory" {
            assert_eq!(acts.found_in(bytes), [""; 0], "{place}");
        }
        *searched.entry(if place == "memory" || place == "log" { place } else { "disk" }).or_default() +=
            bytes.len();
    }
    // The control: one that was planted is found on the disk and in memory.
    let planted = b"canary9999-Zq7Xw9Vt3Rk5Lm8Pd2Hs6Bn4Fc-planted";
    needles.add("planted", planted);
    assert_eq!(client.write(&pia, works.id(), planted).await.status, 200);
    let hits: Vec<_> = places(&program, cluster)
        .into_iter()
        .filter(|(_, bytes)| needles.found_in(bytes).contains(&"planted"))
        .map(|(place, _)| place)
        .collect();
    let on = if cluster.is_some() { "postgres" } else { "sqlite" };
    println!(
        "{on}: {} deliveries, bytes searched: {searched:?}: 0 found; planted: found in {hits:?}",
        deliveries()
    );
    assert!(hits.iter().any(|place| place == "memory"), "in memory: {hits:?}");
    let kept = |place: &String| place.contains("relay.db") || place.contains("/files/base/");
    assert!(hits.iter().any(kept), "on the disk: {hits:?}");
    if cluster.is_some() {
        assert!(hits.iter().any(|place| place.contains("/pg_wal/")), "in the log of the database: {hits:?}");
    }
    // What it says when it is told to go is searched too.
    program.kill();
    assert_eq!(needles.found_in(program.log.as_bytes()), [""; 0], "in its log");
    for part in ["/e/", "fetch", &BASE64URL_NOPAD.encode(&crate::organisation::id("parcel 1"))] {
        assert!(!program.log.contains(part), "{part} in its log");
    }
}
