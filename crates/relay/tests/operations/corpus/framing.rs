//! Where a body ends: lengths, codings, both at once, chunks.

use super::{Group, inner, named, post};

/// Content-Length, wrong or twice.
pub(super) fn lengths() -> Group {
    let inner = inner();
    let n = inner.len();
    let values = [
        "+5",
        "-5",
        "0x5",
        "5x",
        "5 5",
        "5,5",
        "5, 6",
        "5;5",
        "\"5\"",
        "5.0",
        "5e0",
        "٥",
        "",
        " ",
        "18446744073709551616",
        "99999999999999999999999999",
        "1_0",
        "0b1",
        "NaN",
        "5\t5",
        "5\u{a0}",
    ];
    let mut all = named("length", values.map(|value| post(&format!("content-length: {value}"))));
    let twice = [("5", "6"), ("0", "5"), ("5", "0"), ("5", "+5"), ("5", "05"), ("00", "5"), ("5", "")];
    all.extend(named(
        "two lengths",
        twice.map(|(a, b)| post(&format!("content-length: {a}\r\ncontent-length: {b}"))),
    ));
    let spaced = [
        "content-length : 5",
        "content-length\t: 5",
        " content-length: 5",
        "content-length:\u{b}5",
        "content-length:\u{c}5",
    ];
    all.extend(named("a length with a space", spaced.map(post)));
    // The second request is the body, by one reading.
    all.extend(named(
        "a body that is a request",
        [
            format!("POST /e/a HTTP/1.1\r\nhost: a\r\ncontent-length: {n}\r\n\r\n{inner}"),
            format!(
                "POST /e/a HTTP/1.1\r\nhost: a\r\ncontent-length: {n}\r\ncontent-length: {n}\r\n\r\n{inner}"
            ),
            format!("GET /e/a HTTP/1.1\r\nhost: a\r\ncontent-length: {n}\r\n\r\n{inner}"),
            format!("HEAD /e/a HTTP/1.1\r\nhost: a\r\ncontent-length: {n}\r\n\r\n{inner}"),
            format!("DELETE /e/a HTTP/1.1\r\nhost: a\r\ncontent-length: {n}\r\n\r\n{inner}"),
            format!("OPTIONS /e/a HTTP/1.1\r\nhost: a\r\ncontent-length: {n}\r\n\r\n{inner}"),
            format!("POST /e/a HTTP/1.0\r\ncontent-length: {n}\r\n\r\n{inner}"),
            format!("POST /e/a HTTP/1.1\r\nhost: a\r\n\r\n{inner}"),
            format!(
                "POST /e/a HTTP/1.1\r\nhost: a\r\nexpect: 100-continue\r\ncontent-length: {n}\r\n\r\n{inner}"
            ),
            format!(
                "GET /e/a HTTP/1.1\r\nhost: a\r\nexpect: 100-continue\r\ncontent-length: {n}\r\n\r\n{inner}"
            ),
            format!("POST /e/a HTTP/1.1\r\nhost: a\r\nexpect: 200-ok\r\ncontent-length: {n}\r\n\r\n{inner}"),
        ],
    ));
    all
}

/// Transfer-Encoding, in every way that some server took for chunked and another did not.
pub(super) fn codings() -> Group {
    let values = [
        "identity",
        "gzip",
        "gzip, chunked",
        "chunked, gzip",
        "chunked, identity",
        "identity, chunked",
        "chunked, chunked",
        "xchunked",
        "chunkedx",
        "chunked;q=1",
        "\"chunked\"",
        "'chunked'",
        "chunked,",
        ",chunked",
        " chunked",
        "CHUNKED",
        "cHuNkEd",
        "chunKed",
        "chunked\u{b}",
        "\u{b}chunked",
        "chunked\u{c}",
        "\u{1}chunked",
        "chunked\0",
        "",
        "chunk",
        "x",
    ];
    let mut all = named("coding", values.map(|value| post(&format!("transfer-encoding: {value}"))));
    let lines = [
        "transfer-encoding : chunked",
        "transfer-encoding\t: chunked",
        " transfer-encoding: chunked",
        "\ttransfer-encoding: chunked",
        "transfer_encoding: chunked",
        "transfer encoding: chunked",
        "transfer-encoding\0: chunked",
        "\0transfer-encoding: chunked",
        "transfer-encoding chunked",
        "transfer-encoding; chunked",
        "transfer-encoding:chunked\r\ntransfer-encoding: identity",
        "transfer-encoding: identity\r\ntransfer-encoding: chunked",
        "transfer-encoding: chunked\r\ntransfer-encoding: chunked",
        "x-transfer-encoding: chunked",
        "te: chunked",
        "x: a\rtransfer-encoding: chunked",
        "x: a\ntransfer-encoding: chunked",
        "transfer-encoding:\r\n chunked",
        "transfer-encoding:\n chunked",
        "transfer-encoding: chunked\r\n , identity",
        "connection: transfer-encoding\r\ntransfer-encoding: chunked",
    ];
    all.extend(named("a coding", lines.map(post)));
    all.extend(named(
        "a coding before its time",
        [format!(
            "POST /e/a HTTP/1.0\r\ntransfer-encoding: chunked\r\nconnection: keep-alive\r\n\r\n0\r\n\r\n{}",
            inner()
        )],
    ));
    all
}

/// Both at once, in either order.
pub(super) fn both() -> Group {
    let mut all = Group::new();
    for coding in
        ["transfer-encoding: chunked", "transfer-encoding: identity", "transfer-encoding: x, chunked"]
    {
        for length in ["5", "0", "6", "999"] {
            for lines in [
                format!("{coding}\r\ncontent-length: {length}"),
                format!("content-length: {length}\r\n{coding}"),
            ] {
                all.extend(named(
                    "length and coding",
                    [post(&lines), post(&format!("{lines}\r\nconnection: keep-alive"))],
                ));
            }
        }
    }
    all
}

/// Lines that go on on the next one, as they once could.
pub(super) fn folds() -> Group {
    let lines = [
        "x: a\r\n content-length: 5",
        "x: a\r\n\tcontent-length: 5",
        "x: a\r\n transfer-encoding: chunked",
        "content-length:\r\n 5",
        "content-length: 5\r\n 0",
        "content-length: 1\r\n\t0",
    ];
    named("a fold", lines.map(post))
}

/// Chunks that one server ends where another goes on.
pub(super) fn chunks() -> Group {
    let inner = inner();
    let bodies = [
        "5\r\nhello\r\n0\r\n\r\n",
        "5\nhello\n0\n\n",
        "5\rhello\r0\r\r",
        "5\r\nhello0\r\n\r\n",
        "5 \r\nhello\r\n0\r\n\r\n",
        "5;a\r\nhello\r\n0\r\n\r\n",
        "5;a=\"\r\n\"\r\nhello\r\n0\r\n\r\n",
        "5;\nhello\r\n0\r\n\r\n",
        "0x5\r\nhello\r\n0\r\n\r\n",
        "+5\r\nhello\r\n0\r\n\r\n",
        "-5\r\nhello\r\n0\r\n\r\n",
        "5_0\r\nhello\r\n0\r\n\r\n",
        "g\r\nhello\r\n0\r\n\r\n",
        "00000000000000005\r\nhello\r\n0\r\n\r\n",
        "10000000000000005\r\nhello\r\n0\r\n\r\n",
        "\r\n0\r\n\r\n",
        "0\n\r\n",
        "0\r\n\n",
        "0\r\ncontent-length: 99\r\n\r\n",
        "0\r\ntransfer-encoding: chunked\r\n\r\n",
        "0\r\nx: a\n\r\n\r\n",
        "0;a\r\n\r\n",
        "00\r\n\r\n",
        "5\r\nhello\r\n\r\n0\r\n\r\n",
        "5\r\nhello\r\n0\r\n",
        "ffffffffffffffff\r\nhello\r\n0\r\n\r\n",
        " 5\r\nhello\r\n0\r\n\r\n",
        "5\u{b}\r\nhello\r\n0\r\n\r\n",
        "5,\r\nhello\r\n0\r\n\r\n",
        "0\r\n\r\n0\r\n\r\n",
    ];
    let head = "POST /e/a HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n";
    named("chunks", bodies.map(|body| format!("{head}{body}{inner}")))
}
