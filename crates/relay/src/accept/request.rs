//! One request: whether it can be read in one way only, whether its client may have another, and its body, all of it and
//! in time. Only then does the router see it.

use std::{
    net::IpAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use axum::{
    Router,
    body::{Body, Bytes},
    extract::Request,
    http::{HeaderMap, HeaderValue, Method, StatusCode, Version, header, request::Parts},
    response::{IntoResponse as _, Response},
};
use http_body_util::BodyExt as _;
use hyper::body::{Body as _, Incoming};
use ipnet::IpNet;
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::timeout,
};
use tower_service::Service as _;

use super::{
    Limits,
    places::{Client, Shares},
    traffic::{Act, End, Traffic},
    verdict::Verdict,
    wire::Due,
};

/// How much of a body that is too large is taken and thrown away, so that its sender comes to read the answer.
const THROWN_AWAY: u64 = 1024 * 1024;

/// Room is taken in pieces of so many bytes.
const STEP: u32 = 4096;

/// Who answers requests, and what they may cost.
pub(super) struct Reception {
    router: Router,
    limits: Limits,
    traffic: Arc<Traffic>,
    proxies: Vec<IpNet>,
    /// Requests at once of each client behind a proxy: its connections are the proxy's.
    shares: Arc<Shares>,
    /// Bytes of bodies that are held, over all connections.
    room: Arc<Semaphore>,
}

/// Why a request does not come before the router.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Refused {
    Ambiguous,
    TooSlow,
    TooLarge,
    TooMany,
}

impl Refused {
    fn answer(self) -> Response {
        let (status, verdict, sentence) = match self {
            Self::Ambiguous => {
                (StatusCode::BAD_REQUEST, Verdict::Ambiguous, "This is no request as the relay takes them.\n")
            }
            Self::TooSlow => {
                (StatusCode::REQUEST_TIMEOUT, Verdict::Slow, "The request took too long to arrive.\n")
            }
            Self::TooLarge => {
                (StatusCode::PAYLOAD_TOO_LARGE, Verdict::TooLarge, "The request is too large.\n")
            }
            Self::TooMany => {
                (StatusCode::TOO_MANY_REQUESTS, Verdict::Crowded, "Too much at once. Try again later.\n")
            }
        };
        let mut response = (status, sentence).into_response();
        verdict.mark(&mut response);
        let headers = response.headers_mut();
        for (name, value) in [
            // What is left of such a request is never read as another one.
            (header::CONNECTION, "close"),
            (header::CACHE_CONTROL, "no-store"),
            (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        ] {
            headers.insert(name, HeaderValue::from_static(value));
        }
        if self == Self::TooMany {
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
        }
        response
    }
}

impl Reception {
    pub(super) fn new(router: Router, limits: Limits, traffic: Arc<Traffic>, proxies: Vec<IpNet>) -> Self {
        let room = Arc::new(Semaphore::new(limits.room.min(Semaphore::MAX_PERMITS)));
        let shares = Shares::new(limits.share);
        Self { router, limits, traffic, proxies, shares, room }
    }

    /// Whether connections from there are a proxy's.
    pub(super) fn is_proxy(&self, address: IpAddr) -> bool {
        trusted(&self.proxies, address)
    }

    pub(super) fn count_end(&self, end: End) {
        self.traffic.count_end(end);
    }

    /// The answer, whatever it is.
    pub(super) async fn answer(&self, request: Request<Incoming>, from: IpAddr) -> Response {
        let began = Instant::now();
        let act = Act::of(request.uri().path());
        let chunked = due(request.body()) == Due::Chunks;
        let mut response = self.attend(request, from).await.unwrap_or_else(Refused::answer);
        if chunked {
            response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
        self.traffic.count_answer(act, Verdict::of(&response), response.status(), began.elapsed());
        response
    }

    async fn attend(&self, request: Request<Incoming>, from: IpAddr) -> Result<Response, Refused> {
        let (head, body) = request.into_parts();
        if !is_plain(&head, &body) {
            return Err(Refused::Ambiguous);
        }
        let _share = match self.behind_proxy(&head.headers, from) {
            Some(client) => Some(self.shares.take(Client::of(client)).ok_or(Refused::TooMany)?),
            None => None,
        };
        // Held until the answer is made.
        let mut room = None;
        let bytes = self.take_body(&head, body, &mut room).await?;
        let Ok(response) = self.router.clone().call(Request::from_parts(head, Body::from(bytes))).await;
        Ok(response)
    }

    /// Who asks, where a proxy that is trusted says so: the last address that is no such proxy's. What others write there
    /// is not looked at.
    fn behind_proxy(&self, headers: &HeaderMap, from: IpAddr) -> Option<IpAddr> {
        if !self.is_proxy(from) {
            return None;
        }
        let said: Vec<_> = headers.get_all("x-forwarded-for").iter().map(HeaderValue::to_str).collect();
        let mut last = from;
        for line in said.into_iter().rev() {
            for word in line.unwrap_or("").rsplit(',') {
                // Whatever stands before a word that is no address was written by somebody who is not trusted.
                let Some(address) = address_of(word.trim()) else { return Some(last) };
                last = address;
                if !self.is_proxy(address) {
                    return Some(last);
                }
            }
        }
        Some(last)
    }

    async fn take_body(
        &self,
        head: &Parts,
        mut body: Incoming,
        room: &mut Option<OwnedSemaphorePermit>,
    ) -> Result<Bytes, Refused> {
        let most = self.limits.body_size as u64;
        if let Due::Exactly(declared) = due(&body)
            && declared > most
        {
            // Whoever waits to be told to go on has sent nothing.
            if !head.headers.contains_key(header::EXPECT) {
                throw_away(&mut body, self.limits.silence).await;
            }
            return Err(Refused::TooLarge);
        }
        let taken = timeout(self.limits.body, self.collect(&mut body, room)).await;
        let taken = taken.unwrap_or(Err(Refused::TooSlow));
        if taken == Err(Refused::TooLarge) {
            throw_away(&mut body, self.limits.silence).await;
        }
        taken
    }

    async fn collect(
        &self,
        body: &mut Incoming,
        room: &mut Option<OwnedSemaphorePermit>,
    ) -> Result<Bytes, Refused> {
        let mut bytes = Vec::new();
        while let Some(frame) =
            timeout(self.limits.silence, body.frame()).await.map_err(|_| Refused::TooSlow)?
        {
            // Chunks that are none, or an end before the end.
            let frame = frame.map_err(|_| Refused::Ambiguous)?;
            let Some(more) = frame.data_ref() else { continue };
            if bytes.len() + more.len() > self.limits.body_size {
                return Err(Refused::TooLarge);
            }
            while bytes.len() + more.len() > room.as_ref().map_or(0, OwnedSemaphorePermit::num_permits) {
                let permit = Arc::clone(&self.room).try_acquire_many_owned(STEP);
                let permit = permit.map_err(|_| Refused::TooMany)?;
                match room {
                    Some(held) => held.merge(permit),
                    None => *room = Some(permit),
                }
            }
            // One piece, however small those are that it comes in.
            bytes.extend_from_slice(more);
        }
        Ok(Bytes::from(bytes))
    }
}

/// How much of a body belongs to a head.
pub(super) fn due(body: &Incoming) -> Due {
    body.size_hint().exact().map_or(Due::Chunks, Due::Exactly)
}

/// Whether there is one way only to read it. What the parser refuses already never comes here.
fn is_plain(head: &Parts, body: &Incoming) -> bool {
    let mut hosts = head.headers.get_all(header::HOST).iter();
    let host = hosts.next();
    // RFC 9112, 3.2: one host, no more and no less; HTTP/1.0 knew none.
    if hosts.next().is_some() || (host.is_none() && head.version != Version::HTTP_10) {
        return false;
    }
    if !host.is_none_or(|host| names_a_host(host.as_bytes())) {
        return false;
    }
    // An address that names a host, which proxies are asked for, names the same one.
    let authority = head.uri.authority().map(|authority| authority.as_str().as_bytes());
    if authority.is_some_and(|named| host.is_none_or(|host| !named.eq_ignore_ascii_case(host.as_bytes()))) {
        return false;
    }
    // No other coding than chunks.
    let coding = head.headers.get(header::TRANSFER_ENCODING);
    if coding.is_some_and(|coding| !coding.as_bytes().eq_ignore_ascii_case(b"chunked")) {
        return false;
    }
    // What only reads brings nothing, and what brings something says how much.
    match head.method {
        Method::GET | Method::HEAD | Method::TRACE | Method::CONNECT => due(body) == Due::Exactly(0),
        Method::POST | Method::PUT | Method::PATCH => {
            due(body) == Due::Chunks || head.headers.contains_key(header::CONTENT_LENGTH)
        }
        _ => true,
    }
}

/// Letters, digits, and what numbers of ports and addresses need.
fn names_a_host(host: &[u8]) -> bool {
    !host.is_empty() && host.iter().all(|byte| byte.is_ascii_alphanumeric() || b"-._~:[]%".contains(byte))
}

/// An address as proxies write it, with a port or without.
fn address_of(word: &str) -> Option<IpAddr> {
    let bare = word.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(word);
    let address = bare.parse().ok();
    address.or_else(|| word.parse().ok().map(|at: std::net::SocketAddr| at.ip()))
}

/// Whether one of these networks has this address.
fn trusted(networks: &[IpNet], address: IpAddr) -> bool {
    let address = address.to_canonical();
    networks.iter().any(|network| network.contains(&address))
}

async fn throw_away(body: &mut Incoming, patience: Duration) {
    let mut left = THROWN_AWAY;
    let thrown = async {
        while let Some(Ok(frame)) = body.frame().await {
            let more = frame.data_ref().map_or(0, |data| data.len() as u64);
            match left.checked_sub(more) {
                Some(rest) => left = rest,
                None => break,
            }
        }
    };
    // Whether all of it went is all the same: nothing behind it is read.
    let _ = timeout(patience, thrown).await;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reception(proxies: &[&str]) -> Reception {
        let proxies = proxies.iter().map(|text| text.parse().expect("a network")).collect();
        Reception::new(Router::new(), Limits::default(), Arc::default(), proxies)
    }

    fn asks(reception: &Reception, lines: &[&'static str], from: &str) -> Option<String> {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append("x-forwarded-for", HeaderValue::from_static(line));
        }
        reception.behind_proxy(&headers, from.parse().expect("an address")).map(|address| address.to_string())
    }

    #[test]
    fn what_is_said_of_a_client_counts_from_a_trusted_proxy_only() {
        let none = reception(&[]);
        assert_eq!(asks(&none, &["192.0.2.1"], "127.0.0.1"), None, "nobody is trusted unless it is said");
        let one = reception(&["10.0.0.0/8"]);
        assert_eq!(asks(&one, &["192.0.2.1"], "203.0.113.9"), None, "a stranger says what it likes");
        assert_eq!(asks(&one, &["192.0.2.1"], "10.0.0.1").as_deref(), Some("192.0.2.1"), "the proxy knows");
    }

    #[test]
    fn the_last_address_that_is_no_proxys_is_the_client() {
        let reception = reception(&["10.0.0.0/8", "fd00::/8"]);
        for (lines, client) in [
            (&["1.1.1.1, 192.0.2.1"][..], "192.0.2.1"),
            (&["1.1.1.1", "192.0.2.1"], "192.0.2.1"),
            (&["1.1.1.1, 192.0.2.1, 10.9.9.9"], "192.0.2.1"),
            (&["1.1.1.1, 192.0.2.1, fd00::1"], "192.0.2.1"),
            (&["192.0.2.1:4711"], "192.0.2.1"),
            (&["[2001:db8::1]:4711"], "2001:db8::1"),
            (&["[2001:db8::1]"], "2001:db8::1"),
            (&["::ffff:10.0.0.2"], "::ffff:10.0.0.2"),
            (&["192.0.2.1, unknown"], "10.0.0.1"),
            (&["192.0.2.1, unknown, 10.0.0.7"], "10.0.0.7"),
            (&[""], "10.0.0.1"),
            (&[], "10.0.0.1"),
        ] {
            assert_eq!(asks(&reception, lines, "10.0.0.1").as_deref(), Some(client), "{lines:?}");
        }
    }

    #[test]
    fn a_host_is_a_host() {
        for host in ["relay.example", "relay.example:443", "127.0.0.1:8480", "[::1]:80"] {
            assert!(names_a_host(host.as_bytes()), "{host}");
        }
        for host in ["", "a b", "a/b", "user@a", "a,b", "a?b", "a#b", "a\\b"] {
            assert!(!names_a_host(host.as_bytes()), "{host:?}");
        }
    }
}
