//! Heads: where lines end, targets, methods, hosts, lines that others would have written, sizes.

use super::{Group, inner, named};

/// Lines that end in something else than CR LF.
pub(super) fn line_ends() -> Group {
    let inner = inner();
    named(
        "a line's end",
        [
            format!("GET /e/a HTTP/1.1\nhost: a\n\n{inner}"),
            format!("GET /e/a HTTP/1.1\nhost: a\r\n\r\n{inner}"),
            format!("GET /e/a HTTP/1.1\r\nhost: a\n\r\n{inner}"),
            format!("GET /e/a HTTP/1.1\r\nhost: a\r\nx: a\n\n{inner}"),
            format!("GET /e/a HTTP/1.1\r\nhost: a\r\nx: a\n\r\n{inner}"),
            format!("GET /e/a HTTP/1.1\r\nhost: a\r\n\n{inner}"),
            format!("GET /e/a HTTP/1.1\rhost: a\r\r{inner}"),
            format!("GET /e/a HTTP/1.1\r\r\nhost: a\r\n\r\n{inner}"),
            format!("GET /e/a HTTP/1.1\r\nhost: a\r\r\n\r\n{inner}"),
            format!("GET /e/a HTTP/1.1\n\rhost: a\n\r\n\r{inner}"),
            format!("\nGET /e/a HTTP/1.1\r\nhost: a\r\n\r\n{inner}"),
            format!("\r\n\r\nGET /e/a HTTP/1.1\r\nhost: a\r\n\r\n{inner}"),
            format!("POST /e/a HTTP/1.1\r\nhost: a\r\ncontent-length: 0\n\r\n\r\n{inner}"),
            format!("POST /e/a HTTP/1.1\r\nhost: a\r\nx: a\ncontent-length: {}\r\n\r\n{inner}", inner.len()),
            format!("GET /e/a HTTP/1.1\u{85}host: a\r\n\r\n{inner}"),
            format!("GET /e/a HTTP/1.1\u{2028}host: a\r\n\r\n{inner}"),
        ],
    )
}

/// What stands where a path should.
pub(super) fn targets() -> Group {
    let inner = inner();
    let targets = [
        "http://a/e/a",
        "http://b/e/a",
        "https://a/e/a",
        "http://a:80/e/a",
        "http://user@a/e/a",
        "ftp://a/e/a",
        "//a/e/a",
        "*",
        "a",
        "e/a",
        "a:80",
        "/e/a HTTP/1.1\r\nx: y",
        "/e/a\0",
        "/e/a\u{1}",
        "/e/\u{7f}",
        "/e/a b",
        "/e/a\tb",
        "/e/a#b",
        "/e/ä",
        "\\e\\a",
        "/e/%00",
        "/e/%0d%0aGET%20/healthz",
        "/e/a?%0d%0ahost:%20b",
        "http://",
        "http:///e/a",
        "",
        "/e/..%2fhealthz",
        "/e/a;x=y",
        "http://a/e/a#x",
        "HTTP://A/e/a",
    ];
    let mut all =
        named("a target", targets.map(|target| format!("GET {target} HTTP/1.1\r\nhost: a\r\n\r\n{inner}")));
    let versions =
        ["HTTP/0.9", "HTTP/1.2", "HTTP/2.0", "HTTP/1", "http/1.1", "HTTP/1.1x", "HTTP/01.1", "HTTP 1.1", ""];
    all.extend(named(
        "a version",
        versions.map(|version| format!("GET /e/a {version}\r\nhost: a\r\n\r\n{inner}")),
    ));
    all.extend(named("another protocol", [format!("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n{inner}")]));
    all
}

/// Methods that do something else, and lines that would turn one into another.
pub(super) fn methods() -> Group {
    let inner = inner();
    let methods = [
        "TRACE", "CONNECT", "TRACK", "DEBUG", "PUT", "DELETE", "PATCH", "get", "G\0ET", "GET\u{b}", "GE T",
        "PURGE", "MOVE",
    ];
    let mut all =
        named("a method", methods.map(|method| format!("{method} /e/a HTTP/1.1\r\nhost: a\r\n\r\n{inner}")));
    let lines = [
        "x-http-method-override: POST",
        "x-http-method: DELETE",
        "x-method-override: PUT",
        "_method: DELETE",
        "upgrade: h2c\r\nconnection: upgrade, http2-settings\r\nhttp2-settings: AAMAAABkAAQAAP__",
        "upgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\nsec-websocket-version: 13",
    ];
    all.extend(named(
        "a line of method",
        lines.map(|l| format!("GET /e/a HTTP/1.1\r\nhost: a\r\n{l}\r\n\r\n{inner}")),
    ));
    all
}

/// Hosts, none or two or such as no host is named.
pub(super) fn hosts() -> Group {
    let inner = inner();
    let lines = [
        "",
        "host: a\r\nhost: b\r\n",
        "host: a\r\nhost: a\r\n",
        "host: a, b\r\n",
        "host: a/b\r\n",
        "host: a@b\r\n",
        "host: \r\n",
        "host : a\r\n",
        "host: a\0b\r\n",
        "host: a b\r\n",
        "host: http://a\r\n",
        "host: a?b\r\n",
        "host: a#b\r\n",
        "host: a\r\n b\r\n",
    ];
    named("a host", lines.map(|lines| format!("GET /e/a HTTP/1.1\r\n{lines}\r\n{inner}")))
}

/// Lines that servers in front would have written, and names that no line has.
pub(super) fn forged() -> Group {
    let inner = inner();
    let lines = [
        "x-forwarded-for: 127.0.0.1",
        "x-forwarded-for: ::1, 10.0.0.1",
        "x-real-ip: 127.0.0.1",
        "forwarded: for=127.0.0.1;proto=https",
        "x-forwarded-host: evil.example",
        "x-forwarded-proto: https",
        "x-original-url: /healthz",
        "x-rewrite-url: /healthz",
        "x-forwarded-prefix: /healthz",
        "x-accel-redirect: /healthz",
        "via: 1.1 a",
        "connection: close, host",
        "connection: content-length",
        "x: \0",
        "x\0: a",
        "x: a\0b",
        "\0: a",
        ": a",
        "x y: a",
        "x(: a",
        "x: \u{1}",
        "x: \u{7f}",
        "x",
        "x:",
        "cookie: a=b\r\ncookie: c=d",
        "range: bytes=0-1,2-3",
        "trailer: content-length",
        "content-encoding: gzip",
    ];
    named("a line", lines.map(|line| format!("GET /e/a HTTP/1.1\r\nhost: a\r\n{line}\r\n\r\n{inner}")))
}

/// Lines and heads beyond every size.
pub(super) fn sizes() -> Group {
    let inner = inner();
    let long = "a".repeat(70_000);
    named(
        "a size",
        [
            format!("GET /e/{long} HTTP/1.1\r\nhost: a\r\n\r\n{inner}"),
            format!("{long} /e/a HTTP/1.1\r\nhost: a\r\n\r\n{inner}"),
            format!("GET /e/a HTTP/1.1\r\nhost: a\r\nx: {long}\r\n\r\n{inner}"),
            format!("GET /e/a HTTP/1.1\r\nhost: a\r\n{long}: x\r\n\r\n{inner}"),
            format!("GET /e/a HTTP/1.1\r\nhost: a\r\n{}\r\n{inner}", "x: y\r\n".repeat(101)),
            format!("GET /e/a HTTP/1.1\r\nhost: a\r\n{}\r\n{inner}", "x: y\r\n".repeat(5_000)),
            format!("GET /e/a HTTP/1.1\r\nhost: {long}\r\n\r\n{inner}"),
            format!("{}GET /e/a HTTP/1.1\r\nhost: a\r\n\r\n{inner}", "\r\n".repeat(20_000)),
        ],
    )
}
