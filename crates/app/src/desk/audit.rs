//! The audit: everything is derived again from the raw entries, from the first on, and held against what people signed.

use countersign_contract::AuditView;
use countersign_documents::Head;
use countersign_domain::State;
use countersign_ledger::{Auditor, Judge, SealedLeaf};

use super::{
    Desk,
    read::{Flaw, read_row},
};
use crate::error::{Error, Result};

struct Replay<'a> {
    desk: &'a Desk,
    state: State,
    at_known: Option<countersign_documents::Digest>,
}

impl Judge for Replay<'_> {
    type Flaw = Flaw;

    fn entry(&mut self, _seq: u64, head: &Head, leaf: &[u8]) -> core::result::Result<(), Flaw> {
        if self.desk.known.is_some_and(|known| known.size == head.size) {
            self.at_known = Some(head.root);
        }
        let leaf = SealedLeaf::parse(leaf).map_err(|_| Flaw::NotALeaf)?;
        let key = self.desk.keys.get(&leaf.epoch);
        let (ctx, _, event) = read_row(self.desk.organisation, &self.state, *head, key, &leaf)?;
        self.state.fold(&ctx, &event).map_err(Flaw::Refused)
    }
}

impl Desk {
    /// Reads the whole log again, whatever this desk believes of it. `progress` is told how far it is.
    pub async fn audit(&mut self, mut progress: impl FnMut(u64, u64)) -> Result<AuditView> {
        let total = self.ports.log.head().await?;
        let mut auditor = Auditor::default();
        let mut from = 0;
        let mut replay_state = State::default();
        let mut at_known = None;
        loop {
            let rows = self.ports.log.read(from, 500).await?;
            let Some(last) = rows.last() else { break };
            from = last.seq + 1;
            self.obtain_ledger_keys(&rows).await?;
            let mut replay = Replay { desk: self, state: replay_state, at_known };
            for row in &rows {
                auditor.row(row.seq, row.op_id, &row.leaf, &mut replay);
            }
            (replay_state, at_known) = (replay.state, replay.at_known);
            progress(from, total.size);
        }
        let end = *auditor.head();
        if self.known.is_some_and(|known| known.size == end.size) {
            at_known = Some(end.root);
        }
        let mut notes = self.hold_against_known(end, at_known);
        let checkpoint_by =
            self.hold_against_checkpoint(end, &total.checkpoint, &mut notes, &replay_state).await;
        let erased = self.count_blobs(&replay_state, &mut notes).await?;
        let report = auditor.finish();
        for gap in &report.gaps.listed {
            notes.push(format!("entry {} is missing: {} stands in its place", gap.due, gap.found));
        }
        for doubled in &report.doubled.listed {
            notes.push(format!(
                "operation {} stands at {} and again at {}",
                doubled.op_id, doubled.first, doubled.again
            ));
        }
        let mut bad: Vec<(u64, String)> =
            report.bad.listed.iter().map(|b| (b.seq, b.flaw.to_string())).collect();
        bad.extend(report.mislabelled.listed.iter().map(|seq| (*seq, Flaw::OtherOperation.to_string())));
        bad.sort();
        Ok(AuditView {
            clean: bad.is_empty() && notes.is_empty() && report.is_clean(),
            size: report.head.size,
            root: report.head.root.hex(),
            first_bad: bad.first().cloned(),
            bad,
            notes,
            erased,
            checkpoint_by,
        })
    }

    fn hold_against_known(&self, end: Head, at_known: Option<countersign_documents::Digest>) -> Vec<String> {
        match (self.known, at_known) {
            (Some(known), _) if known.size > end.size => {
                vec![format!(
                    "the ledger ends at {}, but this desk has verified {} entries",
                    end.size, known.size
                )]
            }
            (Some(known), Some(root)) if known.root != root => {
                vec![format!("the first {} entries are not those this desk verified earlier", known.size)]
            }
            (Some(_) | None, _) => Vec::new(),
        }
    }

    async fn hold_against_checkpoint(
        &self,
        end: Head,
        note: &str,
        notes: &mut Vec<String>,
        state: &State,
    ) -> Option<String> {
        if end.size == 0 {
            return None;
        }
        match self.verify_checkpoint_in(state, note, end) {
            Ok(member) => {
                let name = state.members.get(&member).map(|m| m.name);
                match name {
                    Some(name) => Some(self.display_name(name).await),
                    None => Some(member.to_string()),
                }
            }
            Err(_) => {
                notes.push(
                    "the newest checkpoint is not signed by a member, or is for other entries".to_owned(),
                );
                None
            }
        }
    }

    /// Erased blobs are counted as erased, not as bad; one that is missing without a record is.
    async fn count_blobs(&self, state: &State, notes: &mut Vec<String>) -> Result<usize> {
        for exchange in state.exchanges.values() {
            if state.erased.contains_key(&exchange.blob) {
                continue;
            }
            match self.blob(exchange.blob).await {
                Ok(_) | Err(Error::BlobErased) => {}
                Err(Error::Log(error)) => return Err(error.into()),
                Err(_) => {
                    notes.push(format!("the document of request {} is missing or altered", exchange.id))
                }
            }
        }
        Ok(state.erased.len())
    }
}
