//! The commands by which whoever runs the relay looks at its witness, and makes it forget.

use std::io::Write as _;

use countersign_documents::id::OrganisationId;
use countersign_relay::{DatabaseAt, Operator};

use crate::{
    config::{Database, Kept},
    failure::{Failure, FileFlaw},
    operate::{of_open, of_store},
};

/// What forgetting means, said before it is done.
const WARNING: &str = "\
Warning: from now on this relay signs whatever history of this ledger it is shown first, and no longer knows what it saw.
Do this only where a member brought it a forked ledger, and two admins have compared the right one on their desks: its
size and its root. Desks say that the relay went back, once. Write down who asked for it, and the lines below.";

async fn open(kept: Kept) -> Result<Operator, Failure> {
    let database = match kept.database {
        Database::Sqlite(folder) => {
            let file = folder.join("relay.db");
            // Nothing is made here: another folder than the relay's would have another witness.
            if !file.is_file() {
                return Err(Failure::file(&file, FileFlaw::Missing));
            }
            DatabaseAt::Sqlite(file)
        }
        Database::Postgres(address) => DatabaseAt::Postgres(address),
    };
    Operator::open(&database, &kept.origin).await.map_err(of_open)
}

fn say(text: &str) -> Result<(), Failure> {
    std::io::stdout().lock().write_all(text.as_bytes()).map_err(|_| Failure::System)
}

/// The key, as desks accept it, and how far each ledger was seen.
pub(crate) async fn show(kept: Kept) -> Result<(), Failure> {
    let operator = open(kept).await?;
    let mut text = operator.key();
    for (organisation, head) in operator.heads().await.map_err(|e| Failure::Database(of_store(e)))? {
        text += &match head {
            Some(head) => format!("{organisation} {} {}\n", head.size, head.root.hex()),
            None => format!("{organisation} 0\n"),
        };
    }
    say(&text)
}

/// Forgets the head of one ledger, where the witness stands where its operator thinks.
pub(crate) async fn forget(kept: Kept, organisation: &str, size: u64) -> Result<(), Failure> {
    let Some(organisation) = OrganisationId::parse(organisation) else {
        return Err(Failure::Usage("That is no id of an organisation."));
    };
    let operator = open(kept).await?;
    let failed = |error| Failure::Database(of_store(error));
    let heads = operator.heads().await.map_err(failed)?;
    let Some((_, head)) = heads.into_iter().find(|(known, _)| *known == organisation) else {
        return Err(Failure::Usage("This relay has no card of that organisation."));
    };
    let Some(head) = head.filter(|head| head.size == size) else {
        return Err(Failure::Stands { organisation, size: head.map_or(0, |head| head.size) });
    };
    let _ = writeln!(std::io::stderr(), "{WARNING}");
    if !operator.forget(organisation, head).await.map_err(failed)? {
        return Err(Failure::Stands { organisation, size: head.size });
    }
    say(&format!("{organisation} {} {} is forgotten\n", head.size, head.root.hex()))
}
