//! Results: text for people on standard output, or one JSON document. Failures: prose on standard error.

use std::{
    io::{ErrorKind, Write as _},
    path::Path,
    process::ExitCode,
};

use countersign_documents::text::visible;
pub(crate) use countersign_host::exports::time;
use countersign_host::files;
use serde::Serialize;
use serde_json::Value;
use zeroize::Zeroizing;

use crate::{failure::Failure, layout, prompt};

/// The exit code that tells cron that something is due. No failure has it.
pub(crate) const SOMETHING: u8 = 5;

/// What a command brought.
pub(crate) struct Done {
    text: String,
    json: Value,
    /// Bytes that were asked for on standard output, such as a key: instead of everything else.
    raw: Option<Zeroizing<Vec<u8>>>,
    exit: u8,
}

impl Done {
    /// A view, with its text.
    pub(crate) fn new(view: &impl Serialize, text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            json: serde_json::to_value(view).unwrap_or(Value::Null),
            raw: None,
            exit: 0,
        }
    }

    /// One sentence, with the values that belong to it.
    pub(crate) fn said(text: impl Into<String>, json: Value) -> Self {
        Self { text: text.into(), json, raw: None, exit: 0 }
    }

    /// The same with one more paragraph for people.
    pub(crate) fn and_then_say(self, text: &str) -> Self {
        Self { text: format!("{}\n\n{text}", self.text), ..self }
    }

    /// The same, with whether a person can have typed the fingerprint it rests on.
    pub(crate) fn attended(mut self, attended: bool) -> Self {
        if let Some(fields) = self.json.as_object_mut() {
            fields.insert("attended".to_owned(), Value::Bool(attended));
        }
        if attended { self } else { self.and_then_say(prompt::UNATTENDED) }
    }

    /// The same with another exit code.
    pub(crate) fn with_exit(self, exit: u8) -> Self {
        Self { exit, ..self }
    }

    /// Bytes for standard output.
    pub(crate) fn raw(bytes: Zeroizing<Vec<u8>>) -> Self {
        Self { text: String::new(), json: Value::Null, raw: Some(bytes), exit: 0 }
    }

    /// The exit code of a command that was run.
    pub(crate) fn exited(code: u8) -> Self {
        Self { text: String::new(), json: Value::Null, raw: Some(Zeroizing::new(Vec::new())), exit: code }
    }
}

/// Shows a result. That a reader of prose went away is no failure of the command; that a key did not arrive is.
pub(crate) fn show(done: &Done, json: bool) -> ExitCode {
    let shown = match (&done.raw, json) {
        (Some(bytes), _) => write_out(bytes),
        (None, true) => write_out(format!("{:#}\n", done.json).as_bytes()),
        (None, false) if done.text.is_empty() => Ok(()),
        (None, false) => write_out(format!("{}\n", fitted(&done.text, &std::io::stdout())).as_bytes()),
    };
    match shown {
        Err(error) if done.raw.is_some() || error.kind() != ErrorKind::BrokenPipe => {
            fail(&Failure::Output(files::flaw_of(&error)), json)
        }
        Ok(()) | Err(_) => ExitCode::from(done.exit),
    }
}

/// Bytes on standard output, all of them, or the reason why not.
pub(crate) fn write_out(bytes: &[u8]) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    out.write_all(bytes)?;
    out.flush()
}

/// A path as it stands in JSON, which takes UTF-8 only.
pub(crate) fn path(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

/// Tells a failure: one sentence of what happened, one of what to do.
pub(crate) fn fail(failure: &Failure, json: bool) -> ExitCode {
    let view = failure.view();
    let text = format!("{} {}", view.message.trim(), view.advice);
    let mut err = std::io::stderr().lock();
    let text = fitted(&format!("countersign: {}", text.trim()), &err);
    let _ = writeln!(err, "{text}");
    if json {
        let _ = writeln!(std::io::stdout().lock(), "{}", serde_json::json!({ "error": view }));
    }
    ExitCode::from(failure.exit())
}

/// Fit for a terminal: nothing that deceives, no line cut in the middle of a word.
pub(crate) fn fitted(text: &str, stream: &impl std::io::IsTerminal) -> String {
    let text = visible(text);
    match layout::width_of(stream) {
        Some(width) => layout::wrap(&text, width, 0),
        None => text,
    }
}

/// `2026-11-22`
pub(crate) fn day(seconds: u64) -> String {
    time(seconds).chars().take(10).collect()
}

/// Rows under a heading, columns aligned, within the width of the terminal.
pub(crate) fn table(heads: &[&str], rows: &[Vec<String>]) -> String {
    layout::table(heads, rows, layout::width_of(&std::io::stdout()))
}

/// `name: value` lines, values aligned.
pub(crate) fn fields(pairs: &[(&str, String)]) -> String {
    let width = pairs.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0);
    let line = |(name, value): &(&str, String)| {
        let pad = " ".repeat(width - name.chars().count());
        let indent = format!("\n{}", " ".repeat(width + 2));
        let value = match layout::width_of(&std::io::stdout()) {
            // A digest is there to be copied: it stands on a line of its own rather than being cut.
            Some(columns) if layout::longest_word(value) + width + 2 > columns => {
                return format!("{name}:\n  {}", value.replace('\n', "\n  "));
            }
            Some(columns) if columns > width + 32 => layout::wrap(value, columns - width - 2, 0),
            Some(_) | None => value.clone(),
        };
        format!("{name}:{pad} {}", value.replace('\n', &indent))
    };
    pairs.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// The first ten characters of an id: enough for people, and any unique prefix is accepted.
pub(crate) fn short(id: &str) -> String {
    id.chars().take(10).collect()
}
