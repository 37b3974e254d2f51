//! What is typed: fingerprints, passphrases, a yes. A terminal counts as attended, a pipe does not.

use std::{
    io::{BufRead as _, IsTerminal as _, Read as _, Write as _},
    time::{Duration, Instant},
};

use countersign_contract::{Progress, Work};
use zeroize::Zeroizing;

use crate::{failure::Failure, output::fitted};

/// A line from standard input, and whether a person can have typed it.
pub(crate) struct Typed {
    pub(crate) text: Zeroizing<String>,
    pub(crate) attended: bool,
}

/// Asks on standard error, reads one line from standard input.
pub(crate) fn ask(question: &str) -> Result<Typed, Failure> {
    let attended = std::io::stdin().is_terminal();
    let mut err = std::io::stderr().lock();
    // A prompt nobody can see is no reason to fail.
    let _ = write!(err, "{question} ");
    let _ = err.flush();
    let mut text = Zeroizing::new(String::with_capacity(4096));
    let read = std::io::stdin().lock().read_line(&mut text);
    if !attended {
        let _ = writeln!(err);
    }
    if read.map_err(|_| Failure::NoInput)? == 0 {
        return Err(Failure::NoInput);
    }
    Ok(Typed { text: Zeroizing::new(text.trim().to_owned()), attended })
}

/// Says how far a long piece of work is, once a second, to a person who waits at a terminal.
pub(crate) fn watch() -> impl FnMut(Progress) + Send {
    let loud = std::io::stderr().is_terminal();
    let mut last = Instant::now();
    move |Progress { work, done, total }| {
        if !loud || last.elapsed() < Duration::from_secs(1) {
            return;
        }
        last = Instant::now();
        say(&match work {
            Work::Verify => format!("{done} of {total} entries verified"),
            Work::Stop => format!("{done} of {total} keys stopped at their issuers"),
            Work::Record => format!("{done} of {total} keys recorded"),
        });
    }
}

/// A fingerprint, as it is heard.
pub(crate) fn fingerprint(whose: &str) -> Result<Typed, Failure> {
    say(&format!(
        "Have {whose} read their fingerprint to you over a channel you know. Type what you hear: 35 digits, or nine words."
    ));
    ask("Fingerprint:")
}

/// What is said of a fingerprint that no terminal gave.
pub(crate) const UNATTENDED: &str =
    "The fingerprint did not come from a terminal: unattended, nobody is known to have heard it.";

/// Goes on only after `yes`.
pub(crate) fn confirm(question: &str) -> Result<(), Failure> {
    let typed = ask(&format!("{question} Type yes:"))?;
    if typed.text.as_str() == "yes" { Ok(()) } else { Err(Failure::NotConfirmed) }
}

/// A secret from the terminal itself, never echoed.
pub(crate) fn hidden(question: &str) -> Result<Zeroizing<String>, Failure> {
    rpassword::prompt_password(format!("{question} ")).map(Zeroizing::new).map_err(|_| Failure::NoInput)
}

/// Prose for the person, apart from the result.
pub(crate) fn say(text: &str) {
    let mut err = std::io::stderr().lock();
    let text = fitted(text, &err);
    let _ = writeln!(err, "{text}");
}

/// Whether a person sits there, who sees questions and can answer them.
pub(crate) fn interactive() -> bool {
    std::io::stdin().is_terminal() && std::io::stderr().is_terminal()
}

/// What came for a question that may be asked again.
pub(crate) enum Answer {
    /// A line, without spaces at its ends.
    Text(String),
    /// Bytes that are no text.
    NotText,
    /// Nothing more will come.
    End,
}

/// Asks on standard error and reads whatever comes as one line.
pub(crate) fn answer(question: &str) -> Result<Answer, Failure> {
    let mut err = std::io::stderr().lock();
    let _ = write!(err, "{question} ");
    let _ = err.flush();
    let mut bytes = Vec::new();
    let read = std::io::stdin().lock().take(LONGEST_ANSWER).read_until(b'\n', &mut bytes);
    match read {
        Ok(0) | Err(_) => Ok(Answer::End),
        Ok(_) => {
            Ok(String::from_utf8(bytes).map_or(Answer::NotText, |text| Answer::Text(text.trim().to_owned())))
        }
    }
}

/// More than any field takes.
const LONGEST_ANSWER: u64 = 64 * 1024;
