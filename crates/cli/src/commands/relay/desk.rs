//! The relay as a member sees it.

use countersign_app::{
    Error as AppError,
    desk::{Desk, Synced},
};
use countersign_domain::KeyState;
use serde_json::json;

use super::waiting::{News, Side};
use crate::{
    commands::request::import_text,
    failure::Failure,
    output::{Done, fields, short, table, time},
};

impl Side for Desk {
    async fn ask(&mut self, patience: u64) -> Result<News, Failure> {
        let synced = self.sync(patience).await?;
        Ok(news(self, &synced))
    }

    async fn count_due(&self) -> Result<usize, Failure> {
        Ok(self.due().await?.len())
    }
}

fn news(desk: &Desk, synced: &Synced) -> News {
    let mut lines = Vec::new();
    for letter in &synced.imported {
        lines.push(format!("{}  {}", time(letter.came.0), import_text(desk, letter.what, &letter.id)));
    }
    for parcel in &synced.parcels {
        let key = short(&parcel.key.to_string());
        lines.push(format!("{}  The envelope of key {key} was fetched.", time(parcel.at.0)));
    }
    let mut stuck = Vec::new();
    for letter in &synced.refused {
        let fate = if letter.stays { "It stays at the relay, to be tried again." } else { "It is dropped." };
        stuck.push(format!(
            "{}  A letter was not taken in. {} {fate}",
            time(letter.came.0),
            letter.why.trim()
        ));
    }
    stuck.extend(synced.witness.map(|flaw| format!("{flaw} {}", flaw.advice())));
    stuck.extend(synced.waits.map(|fault| format!("Something waits here for the relay. {fault}")));
    let imported = synced.imported.iter().map(|l| json!({ "what": l.what, "id": l.id, "came": l.came }));
    let refused = synced.refused.iter().map(
        |l| json!({ "number": l.number, "came": l.came, "code": l.code, "why": l.why, "stays": l.stays }),
    );
    let parcels = synced.parcels.iter().map(|p| json!({ "key": p.key, "state": p.state.word(), "at": p.at }));
    let waits = synced.waits.map(|fault| {
        let error = AppError::from(fault);
        json!({ "code": error.code(), "why": error.to_string() })
    });
    let witness = synced.witness.map(|flaw| json!({ "code": flaw.code(), "why": flaw.to_string() }));
    News {
        came: !synced.imported.is_empty() || !synced.parcels.is_empty(),
        lines,
        stuck,
        json: json!({
            "imported": imported.collect::<Vec<_>>(), "refused": refused.collect::<Vec<_>>(),
            "parcels": parcels.collect::<Vec<_>>(), "waits": waits, "witness": witness,
        }),
        failed: None,
    }
}

/// What waits here for the relay, and whose envelopes are under way. Nobody is asked.
pub(super) async fn status(desk: &Desk) -> Result<Done, Failure> {
    let (letters, back) = (desk.waiting_letters().await?, desk.waiting_withdrawals().await?);
    let (mut rows, mut parcels) = (Vec::new(), Vec::new());
    let under_way = |k: &&countersign_domain::KeyRecord| {
        k.stop.is_none() && matches!(k.state, KeyState::Sealed | KeyState::HandedOver)
    };
    for key in desk.state().all_keys().filter(under_way) {
        let view = desk.key_view(key).await;
        let until = key.opens_until;
        rows.push(vec![
            short(&view.id),
            view.holder.clone(),
            format!("{} / {}", view.service, view.environment),
            view.state.clone(),
            until.map(|at| time(at.0)).unwrap_or_default(),
        ]);
        parcels.push(json!({ "key": key.id, "state": view.state, "opens_until": until }));
    }
    let take_back = |(key, since): &(countersign_documents::id::KeyId, countersign_documents::Time)| {
        format!("key {} since {}: its reader may still fetch it", short(&key.to_string()), time(since.0))
    };
    let none = |list: Vec<String>| if list.is_empty() { "(none)".to_owned() } else { list.join("\n") };
    let head = fields(&[
        ("Relay", desk.relay().unwrap_or_else(|| "(the newest card names none)".to_owned())),
        ("Letters that wait here", letters.to_string()),
        ("To be taken back", none(back.iter().map(take_back).collect())),
    ]);
    let list = table(&["KEY", "HOLDER", "SERVICE", "STATE", "OPENS UNTIL"], &rows);
    let withdrawals = back.iter().map(|(key, since)| json!({ "key": key, "since": since }));
    let json = json!({
        "relay": desk.relay(), "letters": letters, "withdrawals": withdrawals.collect::<Vec<_>>(), "parcels": parcels,
    });
    Ok(Done::said(format!("{head}\n\nENVELOPES UNDER WAY\n{list}"), json))
}

/// The key that the desk goes by, or a new one for it to go by.
pub(super) async fn witness(desk: &mut Desk, accept: Option<&str>) -> Result<Done, Failure> {
    let Some(told) = accept else {
        let key = desk.witness_goes_by().await?;
        let seen = desk.witnessed();
        let until = seen.map_or("nothing yet".to_owned(), |seen| {
            format!("{} entries, last at {}", seen.size, time(seen.time.0))
        });
        let text = fields(&[("Key", key.clone()), ("Witnessed", until)]);
        let json = json!({ "key": key, "size": seen.map(|s| s.size), "time": seen.map(|s| s.time) });
        return Ok(Done::said(text, json));
    };
    let (recorded, counts) = desk.accept_witness(told).await?;
    let text = if counts {
        "Recorded. Two admins have accepted this key: every desk goes by it from now on."
    } else {
        "Recorded. It counts once another admin has accepted the same key."
    };
    Ok(Done::said(text.to_owned(), json!({ "entry": recorded.seq, "counts": counts })))
}
