//! What is installed as `countersign-desktop` on Linux: looks whether pages can be locked up, then becomes the window.

use std::{io::Write as _, process::ExitCode};

fn main() -> ExitCode {
    #[cfg(target_os = "linux")]
    let why = countersign_sandbox::launch();
    #[cfg(not(target_os = "linux"))]
    let why = "this program is for Linux";
    let _ = writeln!(
        std::io::stderr(),
        "countersign-desktop: The window could not be started ({why}). Nothing was changed. Install Countersign again; until then, use the command line: countersign --help."
    );
    ExitCode::from(4)
}
