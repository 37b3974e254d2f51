//! Envelopes, on both sides, and running a command with a key.

use std::path::{Path, PathBuf};

use countersign_app::inbox::{
    Delivered, Inbox, Posted, compose_secret, dotenv, kubernetes_secret, variable_name,
};
use countersign_contract::EnvelopeView;
use countersign_envelope::LinkSecret;
use countersign_host::{
    files::{self, Together},
    ways,
};
use serde_json::json;
use zeroize::Zeroizing;

use super::{
    deliver::{self, AsFiles},
    post,
};
use crate::{
    args::{Envelope, Run, Save, Source},
    failure::Failure,
    link,
    output::{Done, fields, path, time},
    prompt,
    session::Session,
};

pub(crate) async fn run(s: &Session, verb: Envelope) -> Result<Done, Failure> {
    match verb {
        Envelope::Deliver { key, out, secret_out, qr_dir, qr_terminal } => {
            let files = AsFiles { out: &out, secret_out: &secret_out, qr_dir, qr_terminal };
            deliver::as_files(s, key.as_deref(), files).await
        }
        Envelope::Inspect { source } => {
            let came = came(s, source).await?;
            let view = came.inbox.inspect(&came.envelope, &came.secret).await?;
            Ok(Done::new(&view, envelope_text(&view)))
        }
        Envelope::Open { source, save, receipt_out } => open(s, source, &save, receipt_out.as_deref()).await,
        Envelope::Save { key, save } => {
            check_targets(&save, None)?;
            let delivered = held(&s.inbox().await?, key.as_deref()).await?;
            put(&delivered, &save, None)?;
            told(&delivered, &save, Receipt::Later)
        }
        Envelope::Receipt { key, out } => receipt(s, key.as_deref(), out.as_deref()).await,
    }
}

/// An envelope and what opens it.
struct Came {
    inbox: Inbox,
    envelope: Zeroizing<Vec<u8>>,
    secret: LinkSecret,
    by_link: bool,
}

async fn came(s: &Session, source: Source) -> Result<Came, Failure> {
    match link::read(&source)? {
        link::From::Files(files) => {
            let envelope = ways::read(&files)?;
            let inbox = s.inbox().await?;
            Ok(Came { inbox, envelope, secret: secret(source.secret_file)?, by_link: false })
        }
        link::From::Link(link) => {
            let inbox = s.inbox().await?;
            let envelope = Zeroizing::new(inbox.fetch_link(&link).await?);
            Ok(Came { inbox, envelope, secret: link.secret, by_link: true })
        }
    }
}

async fn open(s: &Session, source: Source, save: &Save, out: Option<&Path>) -> Result<Done, Failure> {
    check_targets(save, out)?;
    let came = came(s, source).await?;
    let delivered = came.inbox.open_envelope(&came.envelope, &came.secret).await?;
    put(&delivered, save, out)?;
    let key = delivered.held.key;
    let receipt = match out {
        Some(out) => {
            // A mark that cannot be written costs a reminder, nothing else.
            let _only_a_mark = came.inbox.note_receipt(&key).await;
            Receipt::Written(out)
        }
        // The relay that gave the envelope is told; opened it is, whatever becomes of that.
        None if came.by_link => match came.inbox.send_receipt(&key).await {
            Ok(posted) => Receipt::Posted(posted),
            Err(error) => {
                prompt::say(&format!("Note: the receipt was not sent. {error}"));
                Receipt::Later
            }
        },
        None => Receipt::Later,
    };
    told(&delivered, save, receipt)
}

async fn receipt(s: &Session, key: Option<&str>, out: Option<&Path>) -> Result<Done, Failure> {
    out.map(files::check_new).transpose()?;
    let inbox = s.inbox().await?;
    let Some(out) = out else {
        let key = inbox.held_key(key).await?;
        let posted = inbox.send_receipt(&key).await?;
        let text = post::text("The receipt", posted)?;
        return Ok(Done::said(text, json!({ "key": key, "posted": post::json(posted) })));
    };
    let delivered = held(&inbox, key).await?;
    ways::write(out, &delivered.held.receipt.0)?;
    let _only_a_mark = inbox.note_receipt(&delivered.held.key).await;
    Ok(Done::said(
        "Receipt written. Send it to the organisation.",
        json!({ "key": delivered.held.key, "written": path(out) }),
    ))
}

fn secret(file: Option<PathBuf>) -> Result<LinkSecret, Failure> {
    let text = match file {
        Some(path) => files::read_text(&path)?,
        None => prompt::ask("The secret that came over the other channel (43 characters):")?.text,
    };
    // People paste the whole link as well; the secret is what follows #.
    let text = text.trim();
    let secret = text.rsplit_once('#').map_or(text, |(_, secret)| secret);
    LinkSecret::parse(secret)
        .ok_or(Failure::Usage("A secret has 43 letters, digits, hyphens and underscores."))
}

async fn held(inbox: &Inbox, key: Option<&str>) -> Result<Delivered, Failure> {
    let id = inbox.held_key(key).await?;
    Ok(inbox.take_out(&id).await?)
}

fn targets(save: &Save) -> impl Iterator<Item = &PathBuf> {
    [&save.dotenv, &save.kubernetes, &save.compose].into_iter().flatten()
}

/// What would be refused after opening is refused before.
fn check_targets(save: &Save, receipt: Option<&Path>) -> Result<(), Failure> {
    let mut all: Vec<&Path> = targets(save).map(PathBuf::as_path).chain(receipt).collect();
    all.iter().try_for_each(|path| files::check_new(path))?;
    all.sort_unstable();
    if all.windows(2).any(|w| w[0] == w[1]) {
        return Err(Failure::Usage("Two things cannot be written to one file."));
    }
    save.name.as_deref().map(variable_name).transpose()?;
    Ok(())
}

/// Writes the key where it was asked for, and the receipt: all of it or nothing.
fn put(delivered: &Delivered, save: &Save, receipt: Option<&Path>) -> Result<(), Failure> {
    let held = &delivered.held;
    let name = variable(delivered, save.name.as_deref())?;
    let mut files = Together::default();
    if let Some(out) = receipt {
        files.write(out, &ways::dress(out, &held.receipt.0)?)?;
    }
    if let Some(out) = &save.dotenv {
        files.write(out, &dotenv(&name, &delivered.key))?;
    }
    if let Some(out) = &save.kubernetes {
        files.write(out, &kubernetes_secret(&format!("{}-key", held.service), &name, &delivered.key)?)?;
    }
    if let Some(out) = &save.compose {
        files.write(out, &compose_secret(&delivered.key))?;
    }
    files.keep();
    Ok(())
}

/// What became of a receipt.
#[derive(Clone, Copy)]
enum Receipt<'p> {
    Written(&'p Path),
    Posted(Posted),
    Later,
}

fn told(delivered: &Delivered, save: &Save, receipt: Receipt<'_>) -> Result<Done, Failure> {
    let held = &delivered.held;
    if let Some(warning) = &delivered.warning {
        prompt::say(&format!("Note: {warning}"));
    }
    if save.stdout {
        let mut bytes = Zeroizing::new(Vec::with_capacity(delivered.key.expose().len() + 1));
        bytes.extend_from_slice(delivered.key.expose());
        bytes.push(b'\n');
        return Ok(Done::raw(bytes));
    }
    let name = variable(delivered, save.name.as_deref())?;
    let places: Vec<&PathBuf> = targets(save).collect();
    let kept = if places.is_empty() {
        "It is kept in this profile: 'envelope save' or 'run' takes it out."
    } else {
        "It is kept in this profile and saved where you asked."
    };
    let (next, written, posted) = match receipt {
        Receipt::Written(out) => {
            ("Send the receipt to the organisation now.".to_owned(), Some(path(out)), None)
        }
        Receipt::Posted(posted) => (post::text("The receipt", posted)?, None, Some(post::json(posted))),
        Receipt::Later => {
            let text = "'envelope receipt' sends the receipt the organisation waits for.";
            (text.to_owned(), None, None)
        }
    };
    let text = format!(
        "Opened: {} / {}, until {}. {kept}\n{next} Never send the key on.",
        held.service,
        held.environment,
        time(held.expires.0)
    );
    let json = json!({ "key": held.key, "service": held.service, "environment": held.environment, "expires": held.expires,
        "scopes": held.scopes, "base_url": held.base_url, "saved": places.iter().map(|p| path(p)).collect::<Vec<_>>(),
        "receipt": written, "posted": posted, "variable": name });
    Ok(Done::said(text, json))
}

fn variable(delivered: &Delivered, name: Option<&str>) -> Result<String, Failure> {
    match name {
        Some(name) => Ok(variable_name(name)?),
        None => Ok(variable_name(&format!("{}-api-key", delivered.held.service))?),
    }
}

fn envelope_text(view: &EnvelopeView) -> String {
    let seal =
        |s: &countersign_contract::SignatureView| format!("{} by {} on {}", s.step, s.name, time(s.time));
    fields(&[
        ("From", view.organisation.clone()),
        ("For", format!("{} / {}", view.service, view.environment)),
        ("Scopes", view.scopes.join(" ")),
        (
            "From networks",
            if view.networks.is_empty() { "(anywhere)".to_owned() } else { view.networks.join(", ") },
        ),
        ("Base URL", view.base_url.clone()),
        ("Signed", view.signatures.iter().map(seal).collect::<Vec<_>>().join("\n")),
        ("Opens until", time(view.expires)),
        ("Key ends", time(view.key_expires)),
        (
            "Works",
            if view.on_receipt { "once the organisation has your receipt" } else { "at once" }.to_owned(),
        ),
        ("Note", view.notes.join("\n")),
    ])
}

/// The key stands in the environment of the command and its children, and nowhere else.
pub(crate) async fn run_command(s: &Session, run: Run) -> Result<Done, Failure> {
    let delivered = held(&s.inbox().await?, run.key.as_deref()).await?;
    let name = variable(&delivered, run.name.as_deref())?;
    let (program, arguments) =
        run.command.split_first().ok_or(Failure::Usage("Name the command after --."))?;
    let key = core::str::from_utf8(delivered.key.expose()).map_err(|_| Failure::NotStarted)?;
    let status = tokio::process::Command::new(program).args(arguments).env(name, key).status().await;
    let status = status.map_err(|_| Failure::NotStarted)?;
    Ok(Done::exited(status.code().and_then(|c| u8::try_from(c).ok()).unwrap_or(1)))
}
