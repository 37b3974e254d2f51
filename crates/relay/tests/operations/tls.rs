//! TLS by certificate files.

use std::{
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use rcgen::{CertifiedKey, generate_simple_self_signed};
use rustix::process::Signal;
use tokio::{io::AsyncWriteExt as _, net::TcpStream};
use tokio_rustls::{
    TlsConnector,
    client::TlsStream,
    rustls::{
        ClientConfig, ProtocolVersion, RootCertStore, SupportedProtocolVersion,
        crypto::ring::default_provider,
        pki_types::{CertificateDer, ServerName, pem::PemObject as _},
        version::{TLS12, TLS13},
    },
};

use crate::{
    client::{HONEST, Heard, PATIENCE},
    program::{Place, Program},
};

const NAME: &str = "relay.example";
const OPTIONS: &str = "--tls-certificate chain.pem --tls-key key.pem";

/// A certificate and its key, in the files that the relay reads; the certificate as clients know it.
fn put_certificate(place: &Place) -> CertificateDer<'static> {
    let CertifiedKey { cert, signing_key } =
        generate_simple_self_signed([NAME.to_owned()]).expect("a certificate");
    place.put("chain.pem", cert.pem().as_bytes());
    place.put("key.pem", signing_key.serialize_pem().as_bytes());
    CertificateDer::from_pem_slice(cert.pem().as_bytes()).expect("PEM")
}

async fn connect(
    address: SocketAddr,
    trusted: &CertificateDer<'static>,
    version: &'static SupportedProtocolVersion,
) -> std::io::Result<TlsStream<TcpStream>> {
    let mut roots = RootCertStore::empty();
    roots.add(trusted.clone()).expect("a certificate");
    let config = ClientConfig::builder_with_provider(Arc::new(default_provider()))
        .with_protocol_versions(&[version])
        .expect("a version")
        .with_root_certificates(roots)
        .with_no_client_auth();
    let stream = TcpStream::connect(address).await?;
    let name = ServerName::try_from(NAME).expect("a name");
    TlsConnector::from(Arc::new(config)).connect(name, stream).await
}

async fn honest(address: SocketAddr, trusted: &CertificateDer<'static>) -> u16 {
    let mut stream = connect(address, trusted, &TLS13).await.expect("agreed");
    stream.write_all(HONEST).await.expect("sent");
    Heard::all(&mut stream).await.status()
}

#[tokio::test(flavor = "multi_thread")]
async fn both_versions_of_tls_are_spoken_and_nothing_in_the_clear() {
    let place = Place::new();
    let trusted = put_certificate(&place);
    let mut program = place.start(OPTIONS);
    let note = program.waits_for("listening");
    assert_eq!(note["tls"], true);
    let address = note["address"].as_str().expect("text").parse().expect("an address");
    for (version, spoken) in [(&TLS12, ProtocolVersion::TLSv1_2), (&TLS13, ProtocolVersion::TLSv1_3)] {
        let mut stream = connect(address, &trusted, version).await.expect("agreed");
        assert_eq!(stream.get_ref().1.protocol_version(), Some(spoken));
        stream.write_all(HONEST).await.expect("sent");
        assert_eq!(Heard::all(&mut stream).await.status(), 200, "{spoken:?}");
    }
    let mut clear = TcpStream::connect(address).await.expect("it accepts");
    clear.write_all(HONEST).await.expect("sent");
    assert!(Heard::all(&mut clear).await.statuses().is_empty(), "no answer in the clear");
}

#[tokio::test(flavor = "multi_thread")]
async fn certificates_are_read_again_when_that_is_asked_for_and_connections_stay() {
    let place = Place::new();
    let first = put_certificate(&place);
    let mut program = place.start(OPTIONS);
    let address = program.address();
    let mut before = connect(address, &first, &TLS13).await.expect("agreed");
    let second = put_certificate(&place);
    assert_eq!(honest(address, &first).await, 200, "nothing changes by itself");
    program.signal(Signal::HUP);
    program.waits_for("certificate-read");
    assert_eq!(honest(address, &second).await, 200, "the new one counts");
    assert!(connect(address, &first, &TLS13).await.is_err(), "the old one is gone");
    before.write_all(HONEST).await.expect("sent");
    assert_eq!(Heard::all(&mut before).await.status(), 200, "who is there may stay");
    // What cannot be used changes nothing.
    for (name, bytes, why) in
        [("key.pem", &b"no key"[..], "no-key"), ("chain.pem", b"no certificate", "no-certificate")]
    {
        place.put(name, bytes);
        program.signal(Signal::HUP);
        assert_eq!(program.waits_for("certificate-kept")["why"], why);
        assert_eq!(honest(address, &second).await, 200, "the former one stays");
    }
    program.signal(Signal::TERM);
    assert_eq!(program.ends().0, Some(0));
}

#[test]
fn files_that_do_not_fit_are_refused() {
    let place = Place::new();
    let fails = |word: &str, code: i32| {
        let usual =
            "--data data --organisation acme.card --listen 127.0.0.1:0 --public-url https://relay.example";
        let (status, said) = place.fails(&format!("{usual} {OPTIONS}"));
        assert_eq!((status, said.lines().count()), (Some(code), 1), "{said}");
        assert!(said.contains(word) && !said.contains("BEGIN"), "{said}");
    };
    fails("chain.pem is not there", 2);
    put_certificate(&place);
    place.chmod("key.pem", 0o604);
    fails("key.pem can be read by others", 3);
    place.put("key.pem", b"nothing");
    fails("key.pem holds no private key in PEM", 2);
    let other = generate_simple_self_signed([NAME.to_owned()]).expect("a certificate");
    place.put("key.pem", other.signing_key.serialize_pem().as_bytes());
    fails("key.pem is not the key of the certificate", 2);
    place.put("chain.pem", b"");
    fails("chain.pem holds no certificate in PEM", 2);
    let (status, said) =
        place.fails(&format!("--data data --organisation acme.card --listen 127.0.0.1:0 {OPTIONS}"));
    assert_eq!(status, Some(2), "{said}");
    assert!(said.contains("With TLS, say with --public-url how partners reach it."), "{said}");
}

/// Connections that never agree upon anything: silent ones, and such as begin and stop.
async fn half_agreed(address: SocketAddr, count: usize) -> Vec<TcpStream> {
    // The first bytes of a record with a greeting of 512 bytes.
    let begun: [&[u8]; 2] = [b"", &[0x16, 0x03, 0x01, 0x02, 0x00, 0x01]];
    let mut held = Vec::new();
    for number in 0..count {
        let mut stream = TcpStream::connect(address).await.expect("it accepts");
        stream.write_all(begun[number % 2]).await.expect("sent");
        held.push(stream);
    }
    held
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_who_never_agree_upon_tls_are_closed_and_honest_clients_do_not_notice() {
    const HELD: usize = 1000;
    let place = Place::new();
    let trusted = put_certificate(&place);
    let mut program: Program = place.start(OPTIONS);
    let address = program.address();
    assert_eq!(honest(address, &trusted).await, 200);
    let before = program.memory();
    let began = Instant::now();
    let held = half_agreed(address, HELD).await;
    let mut served = 0;
    while began.elapsed() < Duration::from_secs(5) {
        assert_eq!(honest(address, &trusted).await, 200, "an honest client is served");
        served += 1;
    }
    let each = program.memory().saturating_sub(before) / HELD as u64;
    let mut closed = 0;
    for mut stream in held {
        closed += usize::from(Heard::all(&mut stream).await.closed);
    }
    let late = began.elapsed().saturating_sub(Duration::from_secs(10));
    println!(
        "half-agreed TLS: {closed} of {HELD} closed, the last {late:?} after its time; {served} honest requests meanwhile; {each} bytes each"
    );
    assert_eq!(closed, HELD);
    assert!(late < Duration::from_secs(10).min(PATIENCE), "within ten seconds of the deadline");
}
