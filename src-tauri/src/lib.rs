//! The Countersign window: unpacks a call, asks the host, shows the answer.
//!
//! Here live windows, the clipboard and the system's dialogues. What may not live here: a rule, a format, an `if` about
//! requests or keys. What each window may call is made from the contract by `build.rs`.

mod arguments;
mod calls;
mod idle;
mod neighbours;
mod notice;
mod others;
mod shell;
#[cfg(target_os = "linux")]
mod sleep;
mod windows;

use std::{process::ExitCode, sync::Arc};

use countersign_contract::Window;
use countersign_host::{Host, Placed, place};
use tauri::{AppHandle, Builder, Context, Manager as _, RunEvent, Runtime, WindowEvent};

pub use arguments::Arguments;

/// The application, ready to be built: every area of the contract, and a host over this runtime's windows.
pub fn builder<R: Runtime>(builder: Builder<R>, arguments: Arguments) -> Builder<R> {
    calls::register(builder).plugin(windows::places()).setup(move |app| {
        let shell = Arc::new(shell::TauriShell::new(app.handle().clone()));
        let host = Host::new(shell, arguments.profile, arguments.key_file);
        let host = Arc::new(host.with_given(arguments.given));
        let idle = Arc::new(idle::Idle::new());
        tauri::async_runtime::spawn(idle::watch(Arc::clone(&idle), Arc::clone(&host)));
        #[cfg(target_os = "linux")]
        tauri::async_runtime::spawn(sleep::watch(Arc::clone(&host)));
        tauri::async_runtime::spawn(neighbours::watch(Arc::clone(&host)));
        tauri::async_runtime::spawn(answer_the_door(Arc::clone(&host)));
        tauri::async_runtime::spawn(listen(Arc::clone(&host)));
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

/// Listens at relays for as long as the program runs.
async fn listen(host: Arc<Host>) {
    host.listen().await;
}

/// Claims the profile, and takes what a second start hands over, for as long as the program runs.
async fn answer_the_door(host: Arc<Host>) {
    host.settle().await;
    host.attend().await;
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
    let arguments = match arguments.with_handed(std::io::stdin().lock()) {
        Ok(arguments) => arguments,
        Err(sentence) => return end(2, sentence),
    };
    let threads = match threads() {
        Ok(threads) => threads,
        Err(error) => return end(4, &format!("The program could not begin ({error}). Nothing was changed.")),
    };
    tauri::async_runtime::set(threads.handle().clone());
    // A second start ends before it shows anything: the window that is there has taken over.
    let arguments = match placed(arguments) {
        Ok(Some(arguments)) => arguments,
        Ok(None) => return ExitCode::SUCCESS,
        Err(error) => return end(4, &format!("{error} {}", error.advice())),
    };
    let app = builder(Builder::default().plugin(tauri_plugin_dialog::init()), arguments).build(context());
    match app {
        Ok(app) => {
            app.run(heard);
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

/// Room for what one call does at once. The sample plays a whole exchange between several people in one, and in a program
/// that is not optimised that takes more than a thread has by itself.
const STACK: usize = 16 * 1024 * 1024;

/// The threads on which the core works.
fn threads() -> std::io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread().enable_all().thread_stack_size(STACK).build()
}

/// What is left to be shown here; none where all of it is shown elsewhere.
fn placed(mut arguments: Arguments) -> Result<Option<Arguments>, countersign_host::Error> {
    let (profile, given) = (arguments.profile.take(), std::mem::take(&mut arguments.given));
    match tauri::async_runtime::block_on(place(profile, given))? {
        Placed::Elsewhere => Ok(None),
        Placed::Here { profile, given, others } => {
            others::start(others);
            (arguments.profile, arguments.given) = (profile, given);
            Ok(Some(arguments))
        }
    }
}

/// What the system says to the running program.
#[allow(clippy::needless_pass_by_value, reason = "Tauri hands events over")]
fn heard<R: Runtime>(app: &AppHandle<R>, event: RunEvent) {
    match event {
        RunEvent::Exit => tauri::async_runtime::block_on(app.state::<Arc<Host>>().end()),
        RunEvent::WindowEvent { label, event: WindowEvent::CloseRequested { .. }, .. } => {
            if let Some(window) = Window::from_label(&label) {
                let host = Arc::clone(&app.state::<Arc<Host>>());
                tauri::async_runtime::spawn(async move { host.closed(window).await });
            }
        }
        // There a second start is none: the system speaks to the program that runs.
        #[cfg(target_os = "macos")]
        RunEvent::Opened { urls } => {
            let host = Arc::clone(&app.state::<Arc<Host>>());
            let mut given = countersign_host::Given::default();
            for url in urls {
                // What is not ours is passed over: there is nobody to tell.
                let _ = arguments::add(&mut given, url.as_str().as_ref());
            }
            tauri::async_runtime::spawn(async move { others::start(host.receive(given).await) });
        }
        _ => {}
    }
}

/// Says why it ends at once.
fn end(code: u8, sentence: &str) -> ExitCode {
    use std::io::Write as _;
    let _ = writeln!(std::io::stderr(), "countersign-desktop: {sentence}");
    ExitCode::from(code)
}
