//! Envelopes, on both sides, and running a command with a key.

use std::path::{Path, PathBuf};

#[cfg(not(feature = "mutants"))]
use countersign_app::desk::Release;
use countersign_app::{
    desk::Desk,
    inbox::{Delivered, Inbox, compose_secret, dotenv, kubernetes_secret, variable_name},
};
use countersign_contract::EnvelopeView;
use countersign_documents::id::KeyId;
use countersign_domain::event::Way;
use countersign_envelope::LinkSecret;
use countersign_host::{
    FileFlaw,
    files::{self, Together},
    qr, ways,
};
use serde_json::json;
use zeroize::Zeroizing;

use crate::{
    args::{Envelope, Run, Save},
    failure::Failure,
    output::{Done, fields, path, time},
    prompt,
    session::Session,
};

pub(crate) async fn run(s: &Session, verb: Envelope) -> Result<Done, Failure> {
    match verb {
        Envelope::Deliver { key, out, secret_out, qr_dir, qr_terminal } => {
            deliver(s, key.as_deref(), &out, &secret_out, qr_dir, qr_terminal).await
        }
        Envelope::Inspect { file, secret_file } => {
            let envelope = ways::read(&file)?;
            let inbox = s.inbox().await?;
            let view = inbox.inspect(&envelope, &secret(secret_file)?).await?;
            Ok(Done::new(&view, envelope_text(&view)))
        }
        Envelope::Open { file, secret_file, save, receipt_out } => {
            check_targets(&save, receipt_out.as_deref())?;
            let envelope = ways::read(&file)?;
            let inbox = s.inbox().await?;
            let delivered = inbox.open_envelope(&envelope, &secret(secret_file)?).await?;
            let done = put(&delivered, &save, receipt_out.as_deref())?;
            if receipt_out.is_some() {
                // A mark that cannot be written costs a reminder, nothing else.
                let _only_a_mark = inbox.note_receipt(&delivered.held.key).await;
            }
            Ok(done)
        }
        Envelope::Save { key, save } => {
            check_targets(&save, None)?;
            let delivered = held(&s.inbox().await?, key.as_deref()).await?;
            put(&delivered, &save, None)
        }
        Envelope::Receipt { key, out } => {
            files::check_new(&out)?;
            let inbox = s.inbox().await?;
            let delivered = held(&inbox, key.as_deref()).await?;
            ways::write(&out, &delivered.held.receipt.0)?;
            let _only_a_mark = inbox.note_receipt(&delivered.held.key).await;
            Ok(Done::said(
                "Receipt written. Send it to the organisation.",
                json!({ "key": delivered.held.key, "written": path(&out) }),
            ))
        }
    }
}

async fn deliver(
    s: &Session,
    key: Option<&str>,
    out: &Path,
    secret_out: &Path,
    qr_dir: Option<PathBuf>,
    qr_terminal: bool,
) -> Result<Done, Failure> {
    if out == secret_out {
        return Err(Failure::Usage("Envelope and secret travel apart: name two files."));
    }
    files::check_new(out)?;
    files::check_new(secret_out)?;
    if let Some(folder) = &qr_dir
        && !folder.is_dir()
    {
        return Err(files::fail(folder, FileFlaw::Missing).into());
    }
    let mut desk = s.desk().await?;
    let id = match key {
        Some(key) => super::key::find(&desk, key)?,
        None => only_to_deliver(&desk)?,
    };
    let way = if qr_dir.is_some() || qr_terminal { Way::Qr } else { Way::File };
    let mut files = Together::default();
    let release = release(&mut desk, id, way, out, &mut files).await?;
    files.write(secret_out, format!("{}\n", *release.secret.to_text()).as_bytes())?;
    let mut text = format!(
        "Envelope written; it opens until {}. Send it to the partner, and its secret over another channel.",
        time(release.expires.0)
    );
    let mut pictures = Vec::new();
    if let Some(folder) = &qr_dir {
        pictures = qr::write(&release.envelope, folder, &mut files)?;
        text.push_str(&format!("\n{} codes written; the secret is not among them.", pictures.len()));
    }
    if qr_terminal {
        text = format!("{text}\n{}", qr::terminal(&release.envelope)?);
    }
    files.keep();
    let json = json!({
        "key": id, "envelope": path(out), "secret": path(secret_out), "codes": pictures.iter().map(|p| path(p)).collect::<Vec<_>>(), "expires": release.expires,
        "bytes": release.envelope.len(), "entry": release.recorded.seq,
    });
    Ok(Done::said(text, json))
}

/// The only key whose envelope can still be handed over.
fn only_to_deliver(desk: &Desk) -> Result<KeyId, Failure> {
    use countersign_domain::KeyState;
    let waits = |k: &&countersign_domain::KeyRecord| {
        k.stop.is_none() && matches!(k.state, KeyState::Sealed | KeyState::HandedOver)
    };
    Ok(countersign_app::only("key", desk.state().keys.values().filter(waits).map(|k| k.id))?)
}

#[cfg(feature = "mutants")]
use crate::mutants::release;

/// The record of the envelope is durable before its first byte is written.
#[cfg(not(feature = "mutants"))]
async fn release(
    desk: &mut Desk,
    key: KeyId,
    way: Way,
    out: &Path,
    files: &mut Together,
) -> Result<Release, Failure> {
    let release = desk.hand_over(key, way).await?;
    files.write(out, &ways::dress(out, &release.envelope)?)?;
    Ok(release)
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

fn put(delivered: &Delivered, save: &Save, receipt: Option<&Path>) -> Result<Done, Failure> {
    let held = &delivered.held;
    if let Some(warning) = &delivered.warning {
        prompt::say(&format!("Note: {warning}"));
    }
    let name = variable(delivered, save.name.as_deref())?;
    let mut files = Together::default();
    if let Some(out) = receipt {
        files.write(out, &held.receipt.0)?;
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
    if save.stdout {
        let mut bytes = Zeroizing::new(Vec::with_capacity(delivered.key.expose().len() + 1));
        bytes.extend_from_slice(delivered.key.expose());
        bytes.push(b'\n');
        return Ok(Done::raw(bytes));
    }
    let places: Vec<&PathBuf> = targets(save).collect();
    let kept = if places.is_empty() {
        "It is kept in this profile: 'envelope save' or 'run' takes it out."
    } else {
        "It is kept in this profile and saved where you asked."
    };
    let next = match receipt {
        Some(_) => "Send the receipt to the organisation now.",
        None => "'envelope receipt' writes the receipt the organisation waits for.",
    };
    let text = format!(
        "Opened: {} / {}, until {}. {kept}\n{next} Never send the key on.",
        held.service,
        held.environment,
        time(held.expires.0)
    );
    let json = json!({ "key": held.key, "service": held.service, "environment": held.environment, "expires": held.expires,
        "scopes": held.scopes, "base_url": held.base_url, "saved": places.iter().map(|p| path(p)).collect::<Vec<_>>(), "receipt": receipt.map(path), "variable": name });
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
