//! A second implementation, in Python and written from `spec/` alone, against the shipping code.
//!
//! `COUNTERSIGN_PYTHON` names its interpreter, which has what `requirements.txt` pins. Without it the test says so and
//! skips, but never where `CI` is `true`.
#![allow(clippy::expect_used, clippy::panic, reason = "a failure is to end the test")]
#![allow(clippy::print_stdout, reason = "counts are printed")]

use std::{env, io::Write as _, path::PathBuf, process::Command};

#[test]
fn a_client_written_from_the_pages_agrees_with_the_shipping_code() {
    let Ok(python) = env::var("COUNTERSIGN_PYTHON") else {
        assert!(
            env::var("CI").as_deref() != Ok("true"),
            "COUNTERSIGN_PYTHON must name an interpreter where CI is true"
        );
        let why = "the second reader: COUNTERSIGN_PYTHON names no interpreter with tests/interop/requirements.txt installed";
        println!("SKIP: {why}");
        if let Some(path) = env::var_os("COUNTERSIGN_SKIPS") {
            let file = std::fs::File::options().append(true).create(true).open(path);
            writeln!(file.expect("the list of skips opens"), "{why}").expect("a line");
        }
        return;
    };
    let here = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let count = env::var("COUNTERSIGN_INTEROP_COUNT").unwrap_or_else(|_| "100".to_owned());
    let run = Command::new(python)
        .arg("-B")
        .arg(here.join("interop/run.py"))
        .arg(here.join("../spec"))
        .arg(env!("CARGO_BIN_EXE_interop"))
        .args(["--count", &count])
        .output()
        .expect("the interpreter starts");
    let said = String::from_utf8_lossy(&run.stdout);
    println!("{said}");
    assert!(
        run.status.success(),
        "the two implementations differ:\n{said}{}",
        String::from_utf8_lossy(&run.stderr)
    );
    assert!(said.contains(&format!("{count} sealed here and opened there")), "the run ended early:\n{said}");
}
