//! Asking the relay once, for a while, or on and on.

use std::{
    collections::BTreeSet,
    io::ErrorKind,
    time::{Duration, Instant},
};

use countersign_app::{Error as AppError, RelayFault};
use countersign_documents::relay::PATIENCE;
use countersign_host::files;
use serde_json::{Value, json};

use crate::{
    failure::Failure,
    output::{Done, SOMETHING, fitted, write_out},
    prompt,
};

/// What one question to the relay brought, for people and for programs.
pub(super) struct News {
    /// Whether anything came in or moved.
    pub(super) came: bool,
    /// What, one paragraph each.
    pub(super) lines: Vec<String>,
    /// What could not be taken in, or not be brought there. The next question may bring the same again.
    pub(super) stuck: Vec<String>,
    /// All of it.
    pub(super) json: Value,
    /// Why a relay was not reached, where others may have been.
    pub(super) failed: Option<RelayFault>,
}

/// A profile that has a relay to ask.
pub(super) trait Side {
    /// Asks, and waits up to so many seconds where nothing is there.
    async fn ask(&mut self, patience: u64) -> Result<News, Failure>;
    /// How much is due for its person.
    async fn count_due(&self) -> Result<usize, Failure>;
}

pub(super) async fn sync(
    json: bool,
    mut side: impl Side,
    wait: Option<u64>,
    follow: bool,
) -> Result<Done, Failure> {
    if follow {
        return on_and_on(json, side).await;
    }
    let news = once(&mut side, Duration::from_secs(wait.unwrap_or(0))).await?;
    let due = side.count_due().await?;
    if let Some(fault) = news.failed
        && !news.came
    {
        news.stuck.iter().for_each(|line| prompt::say(line));
        return Err(AppError::from(fault).into());
    }
    let mut lines = news.lines;
    if lines.is_empty() {
        lines.push("Nothing came in.".to_owned());
    }
    lines.extend(news.stuck);
    lines.extend(news.failed.map(|fault| format!("Not reached: {fault}")));
    lines.extend(due_text(due));
    let exit = match news.failed {
        Some(fault) => AppError::from(fault).exit(),
        None if due > 0 => SOMETHING,
        None => 0,
    };
    let mut whole = news.json;
    whole["due"] = json!(due);
    Ok(Done::said(lines.join("\n"), whole).with_exit(exit))
}

fn due_text(due: usize) -> Option<String> {
    match due {
        0 => None,
        1 => Some("One thing is due for you: 'due' says what.".to_owned()),
        _ => Some(format!("{due} things are due for you: 'due' lists them.")),
    }
}

/// Until something comes, or the time is over.
async fn once(side: &mut impl Side, wait: Duration) -> Result<News, Failure> {
    let begun = Instant::now();
    loop {
        let left = wait.saturating_sub(begun.elapsed());
        let patience = left.as_secs().min(PATIENCE);
        let asked = Instant::now();
        let news = side.ask(patience).await?;
        if news.came || patience == 0 || !waited(asked, patience) {
            return Ok(news);
        }
    }
}

/// Whether a relay was there to wait at: where none is, asking again at once is of no use.
fn waited(asked: Instant, patience: u64) -> bool {
    asked.elapsed() + Duration::from_secs(1) >= Duration::from_secs(patience)
}

/// Between two questions to a relay that does not answer: longer each time, up to the last.
const PAUSES: [u64; 5] = [1, 2, 5, 15, 30];

/// Until it is stopped. A relay that does not answer is asked again; everything else ends it.
async fn on_and_on(json: bool, mut side: impl Side) -> Result<Done, Failure> {
    let (mut told, mut down, mut failures) = (BTreeSet::new(), None, 0);
    loop {
        let asked = Instant::now();
        let news = match side.ask(PATIENCE).await {
            Err(Failure::App(AppError::Relay(fault))) if AppError::from(fault).exit() == NOT_AVAILABLE => {
                None
            }
            Err(failure) => return Err(failure),
            Ok(news) => Some(news),
        };
        let failed = match &news {
            Some(news) => news.failed.map(|fault| fault.to_string()),
            None => Some("The relay does not answer.".to_owned()),
        };
        say_changes(&mut down, failed);
        let came = news.as_ref().is_some_and(|news| news.came);
        if let Some(news) = news {
            let due = side.count_due().await?;
            if !tell(json, news, due, &mut told)? {
                return Ok(Done::said("", Value::Null));
            }
        }
        if came || waited(asked, PATIENCE) {
            failures = 0;
        } else {
            tokio::time::sleep(Duration::from_secs(PAUSES[failures])).await;
            failures = (failures + 1).min(PAUSES.len() - 1);
        }
    }
}

/// The exit code of what may be available later.
const NOT_AVAILABLE: u8 = 4;

fn say_changes(down: &mut Option<String>, failed: Option<String>) {
    match (&down, &failed) {
        (Some(before), Some(now)) if before == now => {}
        (_, Some(now)) => prompt::say(&format!("{now} It is asked again.")),
        (Some(_), None) => prompt::say("The relay answers again."),
        (None, None) => {}
    }
    *down = failed;
}

/// Shows what is new, once. Whether anybody still reads it.
fn tell(json: bool, news: News, due: usize, told: &mut BTreeSet<String>) -> Result<bool, Failure> {
    let stuck: Vec<String> = news.stuck.into_iter().filter(|line| told.insert(line.clone())).collect();
    if !news.came && stuck.is_empty() {
        return Ok(true);
    }
    let text = if json {
        let mut whole = news.json;
        whole["due"] = json!(due);
        whole.to_string()
    } else {
        let lines: Vec<String> = news.lines.into_iter().chain(stuck).chain(due_text(due)).collect();
        fitted(&lines.join("\n"), &std::io::stdout())
    };
    match write_out(format!("{text}\n").as_bytes()) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(false),
        Err(error) => Err(Failure::Output(files::flaw_of(&error))),
    }
}
