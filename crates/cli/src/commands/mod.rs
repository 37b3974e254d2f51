//! What the verbs do: each asks the use case, and says what came of it as text and as JSON.
//!
//! Nouns that are used together share a file (`organisation` has members too, `desk` has changes). What may not live here: a
//! rule, or text that a window would have to say again (`host` and `contract` have that).

mod asking;
mod deliver;
mod desk;
mod detail;
mod due;
mod envelope;
mod finish;
mod key;
mod laid_out;
mod leak;
mod ledger;
mod organisation;
mod partner;
mod post;
mod profile;
mod relay;
mod request;
mod requests;
mod root;

use clap::CommandFactory as _;
use countersign_host::{files, forms};
use serde::de::DeserializeOwned;

use crate::{
    args::{Cli, Leak, Noun},
    failure::Failure,
    output::Done,
    session::Session,
};

pub(crate) async fn dispatch(cli: Cli) -> Result<Done, Failure> {
    let session = Session::new(&cli)?;
    let s = &session;
    match cli.noun {
        Noun::Profile(verb) => profile::run(s, verb).await,
        Noun::Org(verb) => organisation::org(s, verb).await,
        Noun::Member(verb) => organisation::member(s, verb).await,
        Noun::Policy(verb) => desk::policy(s, verb).await,
        Noun::Catalogue(verb) => desk::catalogue(s, verb).await,
        Noun::Issuer(verb) => desk::issuer(s, verb).await,
        Noun::Card(verb) => partner::card(s, verb).await,
        Noun::Change(verb) => desk::change(s, verb).await,
        Noun::Identity(verb) => profile::identity(s, verb).await,
        Noun::Due(due) => due::run(s, due).await,
        Noun::Request(verb) => request::run(s, verb).await,
        Noun::Key(verb) => key::run(s, verb).await,
        Noun::Envelope(verb) => envelope::run(s, verb).await,
        Noun::Relay(verb) => relay::run(s, verb).await,
        Noun::Leak(Leak::Find { file, revoke }) => leak::find_leaks(s, &file, revoke).await,
        Noun::Leak(Leak::List) => leak::leak_reports(s).await,
        Noun::Leak(Leak::Report { key, text, out }) => {
            partner::report_leak(s, key.as_deref(), &text, out.as_deref()).await
        }
        Noun::Ledger(verb) => ledger::run(s, verb).await,
        Noun::Blob(verb) => ledger::blob(s, verb).await,
        Noun::Run(run) => envelope::run_command(s, run).await,
        Noun::Completions { shell } => {
            let mut out = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "countersign", &mut out);
            Ok(Done::raw(out.into()))
        }
        Noun::Man { out } => man(&out),
    }
}

fn man(folder: &std::path::Path) -> Result<Done, Failure> {
    clap_mangen::generate_to(Cli::command(), folder)
        .map_err(|error| files::fail(folder, files::flaw_of(&error)))?;
    Ok(Done::said("Manual pages written.", serde_json::json!({ "written": true })))
}

/// A TOML file, refused with the parser's own words.
pub(crate) fn read_toml<T: DeserializeOwned>(
    path: &std::path::Path,
    what: &'static str,
) -> Result<T, Failure> {
    let text = files::read_text(path)?;
    Ok(forms::parse(&text, what)?)
}
