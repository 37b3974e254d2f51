//! Writes the published vectors: `vectors spec/vectors`.
#![allow(clippy::print_stdout, reason = "a program for the terminal")]

use std::{env, fs, path::Path, process::ExitCode};

fn main() -> ExitCode {
    let Some(folder) = env::args_os().nth(1) else {
        println!("usage: vectors FOLDER");
        return ExitCode::from(2);
    };
    let folder = Path::new(&folder);
    for (name, text) in countersign_tests::vectors::files() {
        let path = folder.join(name);
        if let Err(error) = fs::create_dir_all(folder).and_then(|()| fs::write(&path, text)) {
            println!("{}: {error}", path.display());
            return ExitCode::FAILURE;
        }
        println!("{}", path.display());
    }
    ExitCode::SUCCESS
}
