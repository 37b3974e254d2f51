//! Envelopes on their way out: by a link through the relay, or as a file and its secret apart.

use std::path::{Path, PathBuf};

use countersign_app::desk::Desk;
#[cfg(not(feature = "mutants"))]
use countersign_app::desk::Release;
use countersign_documents::{id::KeyId, relay::Outcome};
use countersign_domain::{KeyState, event::Way as Handing};
use countersign_host::{
    FileFlaw,
    files::{self, Together},
    message::{dress, message},
    paper::Language,
    qr,
};
use serde_json::json;
use zeroize::Zeroizing;

use crate::{
    args::{Deliver, Way},
    failure::Failure,
    layout,
    output::{Done, path, short, time},
    prompt,
    session::Session,
};

pub(crate) async fn run(s: &Session, deliver: Deliver) -> Result<Done, Failure> {
    let Deliver { key, way, link_out, out, secret_out, qr_dir, qr_terminal } = deliver;
    let by_file = out.as_ref().zip(secret_out.as_ref());
    match (way, by_file) {
        (None | Some(Way::File), Some((out, secret_out))) => {
            as_files(s, key.as_deref(), AsFiles { out, secret_out, qr_dir, qr_terminal }).await
        }
        (None | Some(Way::Link), None) => by_link(s, key.as_deref(), link_out.as_deref()).await,
        (Some(Way::File), None) => Err(Failure::Usage("Name two files: --out FILE --secret-out FILE.")),
        (Some(Way::Link), Some(_)) => {
            Err(Failure::Usage("A link is no file: leave --out out, or name its message with --link-out."))
        }
    }
}

async fn by_link(s: &Session, key: Option<&str>, out: Option<&Path>) -> Result<Done, Failure> {
    out.map(files::check_new).transpose()?;
    if s.json && out.is_none() {
        return Err(Failure::Usage(
            "A link is a secret, and none stands in JSON: name a file for its message with --link-out.",
        ));
    }
    let mut desk = s.desk().await?;
    let id = find(&desk, key)?;
    let release = desk.send_link(id).await?;
    let whose = desk.organisation_view().await?.name;
    let until = time(release.expires.0);
    match out {
        None => {
            prompt::say(&format!(
                "The envelope is at the relay; it opens until {until}. Send the partner this message:\n"
            ));
            let message = message(Language::English, &whose, &release);
            Ok(Done::raw(Zeroizing::new(message.as_bytes().to_vec())))
        }
        Some(out) => {
            files::write_new(out, &dress(out, Language::English, &whose, &release)?)?;
            Ok(Done::said(
                format!(
                    "The envelope is at the relay; it opens until {until}. Send the partner the message, and delete the file."
                ),
                json!({ "key": id, "way": "link", "message": path(out), "cti": release.cti, "expires": release.expires }),
            ))
        }
    }
}

/// Takes an envelope back. That its reader was faster is no failure of the relay, but not what was asked for.
pub(crate) async fn withdraw(s: &Session, key: &str) -> Result<Done, Failure> {
    let mut desk = s.desk().await?;
    let id = super::key::find(&desk, key)?;
    let answer = desk.withdraw_delivery(id).await?;
    let short = short(&id.to_string());
    let on = answer.at.map(|at| format!(" on {}", time(at.0))).unwrap_or_default();
    let revoke = format!(
        "If the key must not be used, revoke it:\n  countersign key revoke --key {short} --reason precaution"
    );
    let (text, exit) = match answer.outcome {
        Outcome::Withdrawn => (
            format!(
                "Taken back: nobody ever had a byte of it, and its link opens nothing. Another one within the grant:\n  countersign key rotate {short}"
            ),
            0,
        ),
        Outcome::Fetched => {
            (format!("Its reader was faster: it was fetched{on}. Nobody can fetch it again. {revoke}"), 1)
        }
        Outcome::Acknowledged => (format!("Its reader was faster: it was opened{on}. {revoke}"), 1),
        Outcome::Expired => (format!("There was nothing left to take back: it had ended{on}."), 0),
    };
    let json = json!({ "key": id, "outcome": answer.outcome.word(), "at": answer.at });
    Ok(Done::said(text, json).with_exit(exit))
}

/// Where the files go.
pub(crate) struct AsFiles<'p> {
    pub(crate) out: &'p Path,
    pub(crate) secret_out: &'p Path,
    pub(crate) qr_dir: Option<PathBuf>,
    pub(crate) qr_terminal: bool,
}

pub(crate) async fn as_files(s: &Session, key: Option<&str>, to: AsFiles<'_>) -> Result<Done, Failure> {
    let AsFiles { out, secret_out, qr_dir, qr_terminal } = to;
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
    if qr_terminal {
        // Wrapped codes are read by nobody, and a release that went wrong cannot be taken back.
        let (wide, needed) = (layout::width_of(&std::io::stdout()), qr::columns()?);
        if s.json || wide.is_some_and(|wide| wide < needed) {
            return Err(Failure::NoRoomForCodes { needed });
        }
    }
    let mut desk = s.desk().await?;
    let id = find(&desk, key)?;
    let way = if qr_dir.is_some() || qr_terminal { Handing::Qr } else { Handing::File };
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

/// The key that is named, or the only one whose envelope can still be handed over.
fn find(desk: &Desk, typed: Option<&str>) -> Result<KeyId, Failure> {
    if let Some(typed) = typed {
        return super::key::find(desk, typed);
    }
    let waits = |k: &&countersign_domain::KeyRecord| {
        k.stop.is_none()
            && matches!(k.state, KeyState::Sealed | KeyState::HandedOver)
            && k.parcel.is_none_or(|parcel| parcel.withdrawn.is_none())
    };
    Ok(countersign_app::only("key", desk.state().all_keys().filter(waits).map(|k| k.id))?)
}

#[cfg(feature = "mutants")]
use crate::mutants::release;

/// The record of the envelope is durable before its first byte is written.
#[cfg(not(feature = "mutants"))]
async fn release(
    desk: &mut Desk,
    key: KeyId,
    way: Handing,
    out: &Path,
    files: &mut Together,
) -> Result<Release, Failure> {
    let release = desk.hand_over(key, way).await?;
    files.write(out, &countersign_host::ways::dress(out, &release.envelope)?)?;
    Ok(release)
}
