//! Whether a relay is set up right, as far as it shows from here. Nothing is written there, and nothing of it is believed.

mod certificate;
mod page;
mod probe;

use countersign_adapters::SystemClock;
use countersign_app::{Error as AppError, RelayFault, desk::Desk};
use countersign_documents::{
    Time,
    card::Card,
    relay::BODY_LIMIT,
    time::{DAY, MINUTE},
};
use countersign_host::wiring;
use countersign_ports::{Clock as _, RelayError};
use serde::Serialize;
use serde_json::json;

use self::probe::{Answer, Probe};
use crate::{
    failure::Failure,
    output::{Done, table, time},
};

/// How grave a finding is.
#[derive(Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Mark {
    Ok,
    Warn,
    Bad,
}

#[derive(Serialize)]
struct Finding {
    mark: Mark,
    /// What was looked at, in a word that never changes.
    what: &'static str,
    text: String,
}

/// What was found so far.
#[derive(Default)]
struct Findings(Vec<Finding>);

impl Findings {
    fn add(&mut self, mark: Mark, what: &'static str, text: impl Into<String>) {
        self.0.push(Finding { mark, what, text: text.into() });
    }

    fn count(&self, mark: Mark) -> usize {
        self.0.iter().filter(|finding| finding.mark == mark).count()
    }
}

/// A certificate that ends sooner is to be replaced now.
const SOON: u64 = 14;

pub(super) async fn run(desk: &Desk, url: Option<String>) -> Result<Done, Failure> {
    let named = desk.relay();
    let url = url.or_else(|| named.clone()).ok_or(AppError::from(RelayFault::None))?;
    let probe = Probe::new(&url).ok_or(Failure::Usage(
        "A relay is an https origin, such as https://keys.example.com, and nothing stands behind it.",
    ))?;
    let now = SystemClock.now().ok_or(AppError::NoClock)?;
    let mut found = Findings::default();
    match named {
        Some(named) if named == url => {
            found.add(Mark::Ok, "origin", "The newest card names exactly this relay.")
        }
        Some(named) => found.add(
            Mark::Bad,
            "origin",
            format!("The newest card names {named}: what is signed for that counts nowhere else."),
        ),
        None => {
            found.add(Mark::Bad, "origin", "The newest card names no relay: 'card propose --relay ORIGIN'.")
        }
    }
    if answers(&url, &mut found).await {
        let first = probe.get("/v1/nonce").await;
        tls(&probe, first.as_ref(), now, &mut found);
        clock(first.as_ref(), now, &mut found);
        ready(&probe, &mut found).await;
        card(desk, &url, &mut found).await?;
        bodies(&probe, &mut found).await;
        page::judge(&probe, &mut found).await;
        hidden(&probe, &mut found).await;
        in_the_clear(&probe, &mut found).await;
    }
    Ok(report(&url, &found))
}

fn report(url: &str, found: &Findings) -> Done {
    let word = |mark| match mark {
        Mark::Ok => "ok",
        Mark::Warn => "WARN",
        Mark::Bad => "BAD",
    };
    let row = |f: &Finding| vec![word(f.mark).to_owned(), f.what.to_owned(), f.text.clone()];
    let (warn, bad) = (found.count(Mark::Warn), found.count(Mark::Bad));
    let end = match (bad, warn) {
        (0, 0) => "Everything is set up right, as far as it shows from here.".to_owned(),
        (0, _) => format!("It works; {warn} to look at."),
        _ => format!("{bad} to be set right, {warn} to look at."),
    };
    let rows: Vec<_> = found.0.iter().map(row).collect();
    let text = format!("{url}\n\n{}\n\n{end}", table(&["", "WHAT", "FINDING"], &rows));
    let json = json!({ "relay": url, "findings": found.0, "warn": warn, "bad": bad });
    Done::said(text, json).with_exit(u8::from(bad > 0))
}

/// Whether a relay answers there at all, as desks and partners ask it.
async fn answers(url: &str, found: &mut Findings) -> bool {
    let relay = wiring::relay();
    match (relay.nonce(url).await, relay.nonce(url).await) {
        (Ok(first), Ok(second)) if first != second => {
            found.add(Mark::Ok, "answers", "It gives something fresh to sign, another one each time.");
            true
        }
        (Ok(_), Ok(_)) => {
            let text =
                "It gave the same nonce twice: something before it keeps answers that are not to be kept.";
            found.add(Mark::Bad, "answers", text);
            true
        }
        (Err(error), _) | (_, Err(error)) => {
            let hint = match error {
                RelayError::Insecure => " Look at its certificate, and at the names in it.",
                RelayError::Unexpected => " Look at what stands before it: a redirect is no answer.",
                _ => "",
            };
            found.add(Mark::Bad, "answers", format!("It does not answer as a relay does: {error}.{hint}"));
            false
        }
    }
}

fn tls(probe: &Probe, answer: Option<&Answer>, now: Time, found: &mut Findings) {
    if !probe.is_secure() {
        found.add(Mark::Warn, "tls", "Without TLS it is for this computer alone: no partner reaches it.");
        return;
    }
    let ends = answer.and_then(|answer| certificate::ends(answer.certificate.as_deref()?));
    let Some(ends) = ends else {
        found.add(Mark::Warn, "tls", "Its certificate counts here, but not until when.");
        return;
    };
    let days = ends.since(now) / DAY;
    let text = format!("Its certificate counts here and ends on {}, in {days} days.", time(ends.0));
    found.add(if days < SOON { Mark::Warn } else { Mark::Ok }, "tls", text);
}

fn clock(answer: Option<&Answer>, now: Time, found: &mut Findings) {
    let Some(theirs) = answer.and_then(Answer::date) else {
        found.add(Mark::Warn, "clock", "It does not say what time it is.");
        return;
    };
    let apart = now.since(theirs).max(theirs.since(now));
    let (mark, text) = match apart {
        0..=MINUTE => {
            (Mark::Ok, format!("Its clock and this computer's agree within {} seconds.", apart.max(1)))
        }
        _ if apart < DAY => {
            (Mark::Warn, format!("Its clock and this computer's are {} minutes apart.", apart / MINUTE))
        }
        _ => (
            Mark::Bad,
            "Its clock and this computer's are more than a day apart: it refuses every act.".to_owned(),
        ),
    };
    found.add(mark, "clock", text);
}

async fn ready(probe: &Probe, found: &mut Findings) {
    match probe.get("/readyz").await {
        Some(answer) if answer.status == 200 => found.add(Mark::Ok, "ready", "Its database answers."),
        Some(answer) => found.add(
            Mark::Bad,
            "ready",
            format!("It says that it is not ready (status {}): look at its database.", answer.status),
        ),
        None => found.add(Mark::Bad, "ready", "It did not say whether it is ready."),
    }
}

/// The relay judges members by the card it has.
async fn card(desk: &Desk, url: &str, found: &mut Findings) -> Result<(), Failure> {
    let ours = desk.card()?;
    let organisation = desk.state().organisation().ok_or(countersign_domain::Refusal::NotFounded)?;
    let theirs = match wiring::relay().card(url, organisation).await {
        Ok(card) => card,
        Err(RelayError::NothingThere) => {
            let text = "It does not know this organisation: start it with --organisation CARD.";
            found.add(Mark::Bad, "card", text);
            return Ok(());
        }
        Err(error) => {
            found.add(Mark::Bad, "card", format!("It did not give the organisation's card: {error}."));
            return Ok(());
        }
    };
    let version = |card: &[u8]| Card::verify_ended(card, None).map(|verified| verified.card.version);
    let (mark, text) = match (version(ours), version(&theirs)) {
        (Ok(number), _) if theirs == ours => (Mark::Ok, format!("It has the newest card, version {number}.")),
        (Ok(number), Ok(old)) if old < number => (
            Mark::Bad,
            format!("It has version {old} of the card, the newest is {number}: 'relay sync' gives it that."),
        ),
        (Ok(number), Ok(new)) if new > number => {
            (Mark::Warn, format!("It has version {new} of the card, this desk knows {number} only."))
        }
        _ => (Mark::Bad, "It has another card under this organisation's name.".to_owned()),
    };
    found.add(mark, "card", text);
    Ok(())
}

/// Acts come as bodies of up to 160 KiB; something before the relay may take less.
async fn bodies(probe: &Probe, found: &mut Findings) {
    let (fits, larger) =
        (probe.post("/v1/poll", BODY_LIMIT).await, probe.post("/v1/poll", BODY_LIMIT + 1).await);
    let (mark, text) = match (fits.map(|a| a.status), larger.map(|a| a.status)) {
        (Some(400), Some(413)) => {
            (Mark::Ok, "It takes bodies as large as a relay does, and no larger.".to_owned())
        }
        (Some(400), Some(_)) | (Some(400), None) => {
            (Mark::Warn, "It reads bodies that are larger than a relay takes.".to_owned())
        }
        (Some(413), _) => {
            (Mark::Bad, "Something before it takes less than 160 KiB: letters would not pass.".to_owned())
        }
        (Some(status), _) => (
            Mark::Bad,
            format!("It answers with status {status} where nonsense is posted: acts do not reach it."),
        ),
        (None, _) => (Mark::Bad, "It does not answer where something is posted.".to_owned()),
    };
    found.add(mark, "bodies", text);
}

/// What is for whoever runs it, and for nobody else.
async fn hidden(probe: &Probe, found: &mut Findings) {
    match probe.get("/metrics").await {
        Some(answer) if answer.status == 404 => {
            found.add(Mark::Ok, "metrics", "Its figures are not shown to everybody.");
        }
        Some(answer) if answer.status == 200 => {
            let text = "Its figures are shown to everybody: keep --metrics on an address of its own.";
            found.add(Mark::Bad, "metrics", text);
        }
        Some(_) | None => {
            found.add(Mark::Warn, "metrics", "Something stands where a relay has nothing, at /metrics.")
        }
    }
}

/// Whether somebody answers without TLS on the same host.
async fn in_the_clear(probe: &Probe, found: &mut Findings) {
    let Some(status) = probe.in_the_clear("/e/AAAAAAAAAAAAAAAAAAAAAA").await else {
        if probe.is_secure() {
            found.add(Mark::Ok, "plain", "Nobody answers there without TLS.");
        }
        return;
    };
    match status {
        301 | 302 | 307 | 308 | 400.. => {
            found.add(Mark::Ok, "plain", format!("Without TLS nothing is shown there (status {status})."));
        }
        _ => found.add(
            Mark::Bad,
            "plain",
            format!(
                "Its host shows pages without TLS (status {status}): whoever listens there can change them."
            ),
        ),
    }
}
