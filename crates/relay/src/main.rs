//! `countersign-relay`: opens a socket, and serves until it is told to stop.

use std::{io::Write as _, net::SocketAddr, process::ExitCode, sync::Arc};

use clap::Parser;
use countersign_relay::{Limits, Traffic, router, serve};
use tokio::net::TcpListener;

/// Hands sealed parcels to their one reader, and can open none.
#[derive(Debug, Parser)]
#[command(name = "countersign-relay", version)]
struct Arguments {
    /// Where to listen; port 0 takes any that is free
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8480")]
    listen: SocketAddr,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    allow_files();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    match runtime.map(|runtime| runtime.block_on(run(&arguments))) {
        Ok(Ok(())) => ExitCode::SUCCESS,
        Ok(Err(error)) | Err(error) => {
            say(&format!(
                "countersign-relay: It cannot listen on {} ({error}). Choose another address with --listen.",
                arguments.listen
            ));
            ExitCode::from(4)
        }
    }
}

async fn run(arguments: &Arguments) -> std::io::Result<()> {
    let listener = TcpListener::bind(arguments.listen).await?;
    say(&format!("countersign-relay: listening on http://{}", listener.local_addr()?));
    serve(listener, router(), Limits::default(), Arc::new(Traffic::default()), stopped()).await
}

/// Ready when somebody presses Ctrl C, or the system asks it to end.
async fn stopped() {
    let interrupted = async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminated) = signal(SignalKind::terminate()) {
            tokio::select! {
                () = interrupted => {}
                _ = terminated.recv() => {}
            }
            return;
        }
    }
    interrupted.await;
}

/// Every connection is a file: as many as the system lets us have.
fn allow_files() {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, getrlimit, setrlimit};
        let mut limit = getrlimit(Resource::Nofile);
        limit.current = limit.maximum;
        // Without it there are fewer places, which is said by turning connections away.
        let _ = setrlimit(Resource::Nofile, limit);
    }
}

fn say(sentence: &str) {
    let _ = writeln!(std::io::stderr(), "{sentence}");
}
