//! Cards of organisations, as they are handed over in files: each must hold and name this very relay, and once the database
//! has added what it knows, there must be one that is valid now.

use std::path::{Path, PathBuf};

use axum::{
    Router,
    body::{Body, to_bytes},
    http::Request,
};
use countersign_documents::{
    Time,
    card::{Card, VerifiedCard},
    id::OrganisationId,
    text::Line,
};
use tower_service::Service as _;

use crate::{
    failure::{CardFlaw, Failure},
    files,
};

/// A card, and where it came from.
pub(crate) struct Handed {
    pub(crate) organisation: OrganisationId,
    pub(crate) document: Vec<u8>,
    path: PathBuf,
}

/// The cards that these files hold.
pub(crate) fn read(paths: &[PathBuf], origin: &Line) -> Result<Vec<Handed>, Failure> {
    let mut cards: Vec<Handed> = Vec::new();
    for path in paths {
        let handed = read_one(path, origin)?;
        if cards.iter().any(|known| known.organisation == handed.organisation) {
            return Err(flawed(path, CardFlaw::Twice));
        }
        cards.push(handed);
    }
    Ok(cards)
}

fn read_one(path: &Path, origin: &Line) -> Result<Handed, Failure> {
    let document = files::read(path, files::LARGEST)?.to_vec();
    // Whether it is over is asked when the database has said whether it has a newer one.
    let VerifiedCard { card, .. } =
        Card::verify_ended(&document, None).map_err(|_| flawed(path, CardFlaw::NoCard))?;
    match card.relay {
        None => Err(flawed(path, CardFlaw::NoRelay)),
        Some(named) if named != *origin => {
            Err(Failure::Origin { path: path.into(), named: named.to_string(), ours: origin.to_string() })
        }
        Some(_) => Ok(Handed { organisation: card.organisation, document, path: path.to_owned() }),
    }
}

/// Asks the relay, as anybody may, which card it goes by, and refuses one that is over or not yet valid.
pub(crate) async fn check_time(cards: &[Handed], mut relay: Router, now: Time) -> Result<(), Failure> {
    for Handed { organisation, path, .. } in cards {
        let request = Request::get(format!("/v1/card/{organisation}")).body(Body::empty());
        let Ok(answer) = relay.call(request.map_err(|_| Failure::System)?).await;
        let most = usize::try_from(files::LARGEST).unwrap_or(usize::MAX);
        let document = to_bytes(answer.into_body(), most).await.map_err(|_| Failure::System)?;
        Card::verify(&document, None, now).map_err(|_| flawed(path, CardFlaw::NotNow))?;
    }
    Ok(())
}

fn flawed(path: &Path, what: CardFlaw) -> Failure {
    Failure::Card { path: path.into(), what }
}
