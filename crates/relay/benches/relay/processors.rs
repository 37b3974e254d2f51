//! Where the processors' time goes: what clients, relay and database server take for an act, as the system counts it.

use std::path::Path;

use crate::{database::Database, program::Program};

/// Microseconds that a tick of the system's clock has (`USER_HZ`, proc(5): a hundred ticks a second).
const TICK: f64 = 10_000.0;

/// Processor time, in microseconds.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Spent {
    pub(crate) clients: f64,
    pub(crate) relay: f64,
    pub(crate) server: f64,
}

impl Spent {
    /// Since each of them started.
    pub(crate) fn so_far(database: &Database, program: Option<&Program>) -> Self {
        let server = database.server().map_or(0.0, |server| {
            let own = taken(server).map_or(0.0, |own| own.ticks + own.gone);
            let children = children(server).into_iter().filter_map(taken);
            TICK * (own + children.map(|child| child.ticks).sum::<f64>())
        });
        let of = |id: u32| TICK * taken(id).map_or(0.0, |taken| taken.ticks);
        Self {
            clients: of(std::process::id()),
            relay: program.map_or(0.0, |program| of(program.id())),
            server,
        }
    }

    pub(crate) fn since(self, before: Self) -> Self {
        Self {
            clients: self.clients - before.clients,
            relay: self.relay - before.relay,
            server: self.server - before.server,
        }
    }

    pub(crate) fn add(&mut self, more: Self) {
        self.clients += more.clients;
        self.relay += more.relay;
        self.server += more.server;
    }

    pub(crate) fn each(self, acts: usize) -> Self {
        let each = |all: f64| all / acts as f64;
        Self { clients: each(self.clients), relay: each(self.relay), server: each(self.server) }
    }

    pub(crate) fn all(self) -> f64 {
        self.clients + self.relay + self.server
    }
}

/// What one process took, in ticks.
struct Taken {
    parent: u32,
    ticks: f64,
    /// What children took that are gone.
    gone: f64,
}

/// From `/proc/PID/stat` (proc(5)); the name in it may have spaces, and ends at the last parenthesis.
fn taken(id: u32) -> Option<Taken> {
    let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
    let fields: Vec<&str> = stat.rsplit_once(") ")?.1.split(' ').collect();
    let number = |field: usize| fields.get(field - 3).and_then(|text| text.parse::<f64>().ok());
    Some(Taken {
        parent: fields.get(1)?.parse().ok()?,
        ticks: number(14)? + number(15)?,
        gone: number(16)? + number(17)?,
    })
}

fn children(parent: u32) -> Vec<u32> {
    let Ok(all) = std::fs::read_dir(Path::new("/proc")) else { return Vec::new() };
    all.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
        .filter(|id| taken(*id).is_some_and(|taken| taken.parent == parent))
        .collect()
}
