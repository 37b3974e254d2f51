//! The log: one JSON object a line, on standard error. Which events there are and what stands in them is closed here:
//! nobody's address, no address of a link, no name and no secret can come into a line, since none has a place for it.

use std::{collections::BTreeMap, io::Write as _, net::SocketAddr};

use countersign_documents::{Time, id::OrganisationId};
use serde::Serialize;

/// What happened.
#[derive(Debug, Serialize)]
#[serde(tag = "event", rename_all = "kebab-case", rename_all_fields = "kebab-case")]
pub(crate) enum Note<'a> {
    /// The relay knows its cards and its database.
    Started { version: &'static str, origin: &'a str, database: &'static str, organisations: usize },
    /// A card counts from now on.
    CardTaken { organisation: OrganisationId },
    /// An address is listened on.
    Listening { what: &'static str, address: SocketAddr, tls: bool },
    /// Fewer connections are possible than were asked for: the system lets it have no more files.
    FewerConnections { connections: usize },
    /// Certificate and key were read again, and count for new connections.
    CertificateRead,
    /// They were to be read again, and the former ones stay.
    CertificateKept { why: &'static str },
    /// What was over was erased.
    Sweep { parcels: u64, letters: u64 },
    /// It could not be.
    SweepFailed,
    /// The database answers again.
    Ready,
    /// The database does not answer.
    NotReady,
    /// Connections that ended otherwise than by their client's wish within the last minute, by why.
    TurnedAway {
        #[serde(flatten)]
        why: BTreeMap<&'static str, u64>,
    },
    /// Requests within the last minute that got something else than they asked for, by status (0 for a rare one).
    Refused {
        #[serde(flatten)]
        status: BTreeMap<u16, u64>,
    },
    /// It was asked to stop, and lets what runs finish.
    Stopping,
    /// It stopped; so many connections had to be cut off.
    Stopped { cut_off: usize },
}

#[derive(Serialize)]
struct Line<'a> {
    at: String,
    #[serde(flatten)]
    note: &'a Note<'a>,
}

/// One line of the log.
pub(crate) fn note(now: Time, note: &Note<'_>) {
    let line = line(now, note);
    // Where nobody reads the log any more, the relay goes on.
    let _ = std::io::stderr().lock().write_all(line.as_bytes());
}

fn line(now: Time, note: &Note<'_>) -> String {
    let seconds = i64::try_from(now.0).unwrap_or(i64::MAX);
    let at = jiff::Timestamp::from_second(seconds).unwrap_or(jiff::Timestamp::MAX).to_string();
    let mut line = serde_json::to_string(&Line { at, note }).unwrap_or_default();
    line.push('\n');
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_one_object_with_a_time_and_an_event() {
        let said = line(Time(1_700_000_000), &Note::Sweep { parcels: 2, letters: 3 });
        assert_eq!(
            said,
            "{\"at\":\"2023-11-14T22:13:20Z\",\"event\":\"sweep\",\"parcels\":2,\"letters\":3}\n"
        );
        let said = line(Time(0), &Note::Refused { status: BTreeMap::from([(404, 2), (429, 1)]) });
        assert_eq!(said, "{\"at\":\"1970-01-01T00:00:00Z\",\"event\":\"refused\",\"404\":2,\"429\":1}\n");
        let said = line(Time(0), &Note::Stopped { cut_off: 1 });
        assert_eq!(said, "{\"at\":\"1970-01-01T00:00:00Z\",\"event\":\"stopped\",\"cut-off\":1}\n");
    }
}
