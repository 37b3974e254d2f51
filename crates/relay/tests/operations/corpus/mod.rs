//! Requests that two servers might read in two ways, each with a second one behind it.

mod framing;
mod heads;

/// What is smuggled. Its answer would be a second one.
const INNER: &str = "GET /healthz HTTP/1.1\r\nhost: a\r\nx: ";

/// What is odd about each, and its bytes.
pub(crate) type Group = Vec<(String, Vec<u8>)>;

/// All of them.
pub(crate) fn corpus() -> Group {
    let heads =
        [heads::targets(), heads::methods(), heads::hosts(), heads::forged(), heads::sizes(), line_ends()];
    heads.into_iter().flatten().chain(framing()).collect()
}

/// Those of which it is not plain where the body ends.
pub(crate) fn framing() -> Group {
    let groups =
        [framing::lengths(), framing::codings(), framing::both(), framing::folds(), framing::chunks()];
    groups.into_iter().flatten().collect()
}

/// Those of which the lines end in something else than CR LF.
pub(crate) fn line_ends() -> Group {
    heads::line_ends()
}

/// The second request.
pub(crate) fn inner() -> String {
    format!("{INNER}\r\n\r\n")
}

/// A POST with these lines behind its first two, and behind that an end of chunks and the second request.
fn post(lines: &str) -> String {
    format!("POST /e/a HTTP/1.1\r\nhost: a\r\n{lines}\r\n\r\n0\r\n\r\n{}", inner())
}

fn named(what: &str, list: impl IntoIterator<Item = String>) -> Group {
    list.into_iter().map(|text| (format!("{what}: {:.80}", text.escape_debug()), text.into_bytes())).collect()
}
