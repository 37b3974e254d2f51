//! Metrics, in the text format of Prometheus (0.0.4), on a listener of their own. Numbers only: no id, no address, no name.

use std::fmt::{self, Write as _};

use countersign_documents::Time;
use countersign_relay::{End, Figures, Traffic};

/// How the format names itself.
pub(crate) const MEDIA_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// What there is to tell.
pub(crate) struct Seen<'a> {
    pub(crate) traffic: &'a Traffic,
    pub(crate) figures: Figures,
    pub(crate) ready: bool,
    pub(crate) started: Time,
}

/// The whole page.
pub(crate) fn page(seen: &Seen<'_>) -> String {
    let mut page = String::new();
    // A string takes whatever is written to it.
    let _ = write(seen, &mut page);
    page
}

fn write(seen: &Seen<'_>, page: &mut String) -> fmt::Result {
    let Seen { traffic, figures, ready, started } = seen;
    let version = env!("CARGO_PKG_VERSION");
    head(page, "build_info", "gauge", "The version of the relay.")?;
    writeln!(page, "countersign_relay_build_info{{version=\"{version}\"}} 1")?;
    gauge(page, "ready", "Whether the database answers.", u64::from(*ready))?;
    gauge(page, "parcels", "Parcels that wait or were fetched.", figures.parcels)?;
    gauge(page, "parcel_bytes", "Bytes of their envelopes.", figures.bytes)?;
    gauge(page, "letters", "Letters that wait.", figures.letters)?;
    gauge(page, "connections_open", "Connections that are open.", traffic.open() as u64)?;
    head(page, "connections_total", "counter", "Connections that were let in.")?;
    writeln!(page, "countersign_relay_connections_total {}", traffic.accepted())?;
    head(
        page,
        "connections_ended_total",
        "counter",
        "Connections that ended otherwise than by their client's wish.",
    )?;
    for end in End::ALL {
        let (why, count) = (end.word(), traffic.ended(*end));
        writeln!(page, "countersign_relay_connections_ended_total{{why=\"{why}\"}} {count}")?;
    }
    head(
        page,
        "answers_total",
        "counter",
        "Answers, by what was asked and by status; 0 is any that is rare.",
    )?;
    for (act, status, count) in traffic.answers() {
        let act = act.word();
        writeln!(page, "countersign_relay_answers_total{{act=\"{act}\",status=\"{status}\"}} {count}")?;
    }
    head(page, "acts_total", "counter", "What was asked for, and how it was judged.")?;
    for (act, verdict, count) in traffic.verdicts() {
        let (act, verdict) = (act.word(), verdict.word());
        writeln!(page, "countersign_relay_acts_total{{act=\"{act}\",verdict=\"{verdict}\"}} {count}")?;
    }
    durations(page, traffic)?;
    process(page, *started)
}

fn durations(page: &mut String, traffic: &Traffic) -> fmt::Result {
    let durations = traffic.durations();
    head(page, "answer_seconds", "histogram", "From the head of a request until its answer was made.")?;
    for (millis, count) in &durations.up_to {
        let bound = Seconds(*millis);
        writeln!(page, "countersign_relay_answer_seconds_bucket{{le=\"{bound}\"}} {count}")?;
    }
    let count = durations.count;
    writeln!(page, "countersign_relay_answer_seconds_bucket{{le=\"+Inf\"}} {count}")?;
    writeln!(page, "countersign_relay_answer_seconds_sum {}", durations.sum.as_secs_f64())?;
    writeln!(page, "countersign_relay_answer_seconds_count {count}")
}

/// What the usual dashboards ask every program for.
fn process(page: &mut String, started: Time) -> fmt::Result {
    writeln!(page, "# TYPE process_start_time_seconds gauge\nprocess_start_time_seconds {}", started.0)?;
    if let Some(bytes) = resident() {
        writeln!(page, "# TYPE process_resident_memory_bytes gauge\nprocess_resident_memory_bytes {bytes}")?;
    }
    Ok(())
}

/// Memory of this process in bytes, where the system says it.
fn resident() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kilobytes: u64 = line.trim().strip_suffix(" kB")?.trim().parse().ok()?;
    Some(kilobytes * 1024)
}

fn head(page: &mut String, name: &str, kind: &str, help: &str) -> fmt::Result {
    writeln!(page, "# HELP countersign_relay_{name} {help}\n# TYPE countersign_relay_{name} {kind}")
}

fn gauge(page: &mut String, name: &str, help: &str, value: u64) -> fmt::Result {
    head(page, name, "gauge", help)?;
    writeln!(page, "countersign_relay_{name} {value}")
}

/// Milliseconds, written in seconds without losing any.
struct Seconds(u64);

impl fmt::Display for Seconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:03}", self.0 / 1000, self.0 % 1000)
    }
}
