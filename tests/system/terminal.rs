//! The program at a terminal, with somebody who types.

use std::process::Command;

use serde_json::{Value, json};

use crate::world::{UNATTENDED, World, feed, program};

/// What was on the screen, and how it ended.
pub(crate) struct Screen {
    pub(crate) text: String,
    /// The exit code; negative for a signal.
    pub(crate) code: i64,
}

impl World {
    /// Runs a command at a terminal of 80 columns and types one answer at every question; `^C` and `^D` are keys,
    /// and what begins with `hidden:` is typed once nothing is shown.
    pub(crate) fn typed(&self, who: &str, words: &[&str], answers: &[&str]) -> Screen {
        let mut args = vec![program().display().to_string()];
        args.extend(self.args(who, words).into_iter().filter(|a| a != "--json" && a != UNATTENDED));
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/system/terminal.py");
        let asked = json!({
            "args": args, "folder": self.dir.path(), "columns": 80, "answers": answers,
        });
        let mut command = Command::new("python3");
        command.arg(script);
        let out = feed(command, asked.to_string().as_bytes());
        assert!(out.status.success(), "the terminal works: {}", String::from_utf8_lossy(&out.stderr));
        let seen: Value = serde_json::from_slice(&out.stdout).expect("what was seen");
        let text = seen["text"].as_str().unwrap_or_default().to_owned();
        assert_eq!(seen["unused"], json!([]), "every answer was asked for: {text}");
        Screen { text, code: seen["code"].as_i64().unwrap_or(-1) }
    }
}
