//! The Countersign window: unpacks a call, asks the host, shows the answer.
//!
//! Here live windows, the clipboard and the system's dialogues. What may not live here: a rule, a format, an `if` about
//! requests or keys. What each window may call is made from the contract by `build.rs`.

mod arguments;
mod calls;
mod idle;
mod neighbours;
mod notice;
mod shell;
#[cfg(target_os = "linux")]
mod sleep;
mod windows;

use std::{process::ExitCode, sync::Arc};

use countersign_contract::Window;
use countersign_host::{Host, claim};
use tauri::{Builder, Context, Manager as _, RunEvent, Runtime};

pub use arguments::Arguments;

/// The application, ready to be built: every area of the contract, and a host over this runtime's windows.
pub fn builder<R: Runtime>(builder: Builder<R>, arguments: Arguments) -> Builder<R> {
    calls::register(builder).plugin(windows::places()).setup(move |app| {
        let shell = Arc::new(shell::TauriShell::new(app.handle().clone()));
        let host = Host::new(shell, arguments.profile, arguments.key_file);
        let host = Arc::new(host.with_given(arguments.files, arguments.link));
        let idle = Arc::new(idle::Idle::new());
        tauri::async_runtime::spawn(idle::watch(Arc::clone(&idle), Arc::clone(&host)));
        #[cfg(target_os = "linux")]
        tauri::async_runtime::spawn(sleep::watch(Arc::clone(&host)));
        tauri::async_runtime::spawn(neighbours::watch(Arc::clone(&host)));
        app.manage(idle);
        app.manage(host);
        windows::open(app.handle(), Window::Start)?;
        Ok(())
    })
}

/// What was built into the application: pages, access list, content security policy.
#[must_use]
pub fn context<R: Runtime>() -> Context<R> {
    tauri::generate_context!()
}

/// Runs it until the last window is closed.
#[must_use]
pub fn run() -> ExitCode {
    let arguments = match Arguments::parse(std::env::args_os().skip(1)) {
        Ok(arguments) => arguments,
        Err(sentence) => return end(2, sentence),
    };
    #[cfg(target_os = "linux")]
    countersign_sandbox::enter();
    // A second start ends before it shows anything. Whoever claims the folder between this look and the host's own claim
    // is found then.
    if let Some(Err(error @ countersign_host::Error::InUse)) = arguments.profile.as_deref().map(claim) {
        return end(4, &format!("{error} {}", error.advice()));
    }
    let app = builder(Builder::default().plugin(tauri_plugin_dialog::init()), arguments).build(context());
    match app {
        Ok(app) => {
            app.run(|app, event| {
                if let RunEvent::Exit = event {
                    tauri::async_runtime::block_on(app.state::<Arc<Host>>().end());
                }
            });
            ExitCode::SUCCESS
        }
        Err(error) => end(
            4,
            &format!(
                "The window could not be opened ({error}). Nothing was changed. Without a display, use the command line: countersign --help."
            ),
        ),
    }
}

/// Says why it ends at once.
fn end(code: u8, sentence: &str) -> ExitCode {
    use std::io::Write as _;
    let _ = writeln!(std::io::stderr(), "countersign-desktop: {sentence}");
    ExitCode::from(code)
}
