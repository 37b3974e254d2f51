//! The record.

use std::path::Path;

use countersign_contract::*;

use super::{Answer, PAGE};
use crate::{
    exports::{canonical_json, entries_csv},
    failure::Error,
    files,
    host::Host,
};

impl Ledger for Host {
    async fn entries(&self, wish: EntriesWish) -> Answer<Vec<EntryView>> {
        let mut desk = self.desk().await?;
        Ok(desk.entries(wish.from, wish.limit.min(PAGE)).await.map_err(Error::from)?)
    }

    async fn cut_off(&self, _: Nothing) -> Answer<Option<Failure>> {
        let mut desk = self.desk_as_it_is().await?;
        let wrong = desk.catch_up_to_stop().await.map_err(Error::from)?;
        Ok(wrong.map(|error| Error::from(error).into()))
    }

    async fn verify(&self, _: Nothing) -> Answer<AuditView> {
        let mut desk = self.desk_as_it_is().await?;
        // A ledger that does not hold is audited all the same: what is wrong with it is what the audit says.
        let _audited_anyway = desk.catch_up().await;
        let watch = |done, total| self.shell.progress(Progress { work: Work::Verify, done, total });
        tokio::select! {
            view = desk.audit(watch) => Ok(view.map_err(Error::from)?),
            () = self.enough.notified() => Err(Error::Cancelled.into()),
        }
    }

    async fn stop_verifying(&self, _: Nothing) -> Answer<Nothing> {
        self.enough.notify_waiters();
        Ok(Nothing {})
    }

    async fn prove(&self, wish: Prove) -> Answer<Nothing> {
        let out = Path::new(&wish.out);
        files::check_new(out).map_err(Error::from)?;
        let evidence = self.desk().await?.prove(wish.seq).await.map_err(Error::from)?;
        files::write_new(out, &canonical_json(&evidence)).map_err(Error::from)?;
        Ok(Nothing {})
    }

    async fn export(&self, wish: Export) -> Answer<Nothing> {
        let out = Path::new(&wish.out);
        files::check_new(out).map_err(Error::from)?;
        let mut desk = self.desk().await?;
        let mut entries = Vec::new();
        while (entries.len() as u64) < desk.head().size {
            let page = desk.entries(entries.len() as u64, PAGE).await.map_err(Error::from)?;
            if page.is_empty() {
                break;
            }
            entries.extend(page);
        }
        let bytes = match wish.form {
            ExportForm::Json => canonical_json(&entries),
            ExportForm::Csv => entries_csv(&entries),
        };
        files::write_new(out, &bytes).map_err(Error::from)?;
        Ok(Nothing {})
    }
}
