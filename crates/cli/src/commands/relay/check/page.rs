//! The page behind a link: the same for everybody, and nothing runs in it but its own script.

use countersign_documents::Digest;
use data_encoding::BASE64;

use super::{
    Findings, Mark,
    probe::{Answer, Probe},
};

/// Two addresses that no link has.
const NOWHERE: [&str; 2] = ["/e/AAAAAAAAAAAAAAAAAAAAAA", "/e/_____________________w"];

/// What every page of a relay says to browsers.
const HEADERS: &[(&str, &str)] = &[
    ("cache-control", "no-store"),
    ("referrer-policy", "no-referrer"),
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
];

pub(super) async fn judge(probe: &Probe, found: &mut Findings) {
    let [first, second] = NOWHERE;
    let (Some(first), Some(second)) = (probe.get(first).await, probe.get(second).await) else {
        found.add(Mark::Bad, "page", "The page behind a link does not come.");
        return;
    };
    let (mark, text) = match (first.status, second.status) {
        (200, 200) if first.body == second.body => {
            (Mark::Ok, "The page behind a link is the same for every link.")
        }
        (200, 200) => (
            Mark::Bad,
            "The page behind a link differs from link to link: something before it changes pages.",
        ),
        _ => (Mark::Bad, "The page behind a link is not there: something before it keeps /e/ to itself."),
    };
    found.add(mark, "page", text);
    if mark == Mark::Ok {
        match flaws(&first) {
            none if none.is_empty() => {
                found.add(
                    Mark::Ok,
                    "headers",
                    "Nothing runs in that page but its own script, and nothing of it is kept.",
                );
            }
            flaws => found.add(
                Mark::Bad,
                "headers",
                format!("Something changes what browsers are told: {}.", flaws.join(", ")),
            ),
        }
    }
}

/// What is missing or changed, in words.
fn flaws(answer: &Answer) -> Vec<String> {
    let mut flaws: Vec<String> = HEADERS
        .iter()
        .filter(|(name, value)| answer.header(name) != Some(value))
        .map(|(name, _)| format!("{name} is not as it should be"))
        .collect();
    if answer.headers.contains_key("set-cookie") {
        flaws.push("a cookie is set".to_owned());
    }
    match answer.header("content-security-policy") {
        Some(policy) => flaws.extend(flaws_of(policy, &answer.body)),
        None => flaws.push("there is no content-security-policy".to_owned()),
    }
    flaws
}

/// Nothing by default, nobody's frame, and of scripts exactly the one that is in the page.
fn flaws_of(policy: &str, page: &[u8]) -> Vec<String> {
    let says = |name: &str| {
        let parts = policy.split(';').map(str::trim);
        parts
            .filter_map(|part| part.split_once(' '))
            .find(|(found, _)| *found == name)
            .map(|(_, value)| value.trim())
    };
    let mut flaws = Vec::new();
    for (name, value) in [("default-src", "'none'"), ("frame-ancestors", "'none'"), ("form-action", "'none'")]
    {
        if says(name) != Some(value) {
            flaws.push(format!("{name} is not {value}"));
        }
    }
    let script = script(page).map(|script| format!("'sha256-{}'", BASE64.encode(&Digest::of(script).0)));
    if script.is_none() || says("script-src") != script.as_deref() {
        flaws.push("script-src is not the page's own script".to_owned());
    }
    flaws
}

/// The one script of a page.
fn script(page: &[u8]) -> Option<&[u8]> {
    let page = core::str::from_utf8(page).ok()?;
    let (_, behind) = page.split_once("<script>")?;
    let (script, rest) = behind.split_once("</script>")?;
    (!rest.contains("<script")).then_some(script.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "<title>a</title><script>open()</script></html>";

    fn policy(script: &str) -> String {
        let name = BASE64.encode(&Digest::of(script.as_bytes()).0);
        format!(
            "default-src 'none'; script-src 'sha256-{name}'; style-src 'sha256-x'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        )
    }

    #[test]
    fn nothing_may_run_but_the_pages_own_script() {
        let good = policy("open()");
        assert_eq!(flaws_of(&good, PAGE.as_bytes()), Vec::<String>::new());
        for (flawed, page) in [
            (policy("other()"), PAGE),
            (good.replace("script-src", "script-src 'unsafe-inline'"), PAGE),
            (good.replace("default-src 'none'", "default-src *"), PAGE),
            (good.replace("frame-ancestors 'none'", "frame-ancestors *"), PAGE),
            (good.replace("; form-action 'none'", ""), PAGE),
            (good.clone(), "<script>open()</script><script src=a></script>"),
            (good.clone(), "no script at all"),
            (String::new(), PAGE),
        ] {
            assert!(!flaws_of(&flawed, page.as_bytes()).is_empty(), "{flawed} {page}");
        }
    }
}
