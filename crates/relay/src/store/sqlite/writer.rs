//! The one connection that writes. What comes while the disk is busy shares the next commit: each act is still a
//! transaction of its own in effect, since they run one after the other, and no answer leaves before the disk has all.

use async_trait::async_trait;
use countersign_documents::Secret32;
use sqlx::{Connection as _, SqliteConnection};
use tokio::sync::{mpsc, oneshot};

use super::connect::{Recipe, begin, commit, rollback};
use crate::store::{Result, StoreError};

/// The most that share one commit.
const TOGETHER: usize = 64;
/// The most that wait for their turn; beyond it callers wait to be let in.
const QUEUE: usize = 1024;

/// One act, as it changes the database. It may be run again after a failed commit, so it does the same when done twice.
#[async_trait]
pub(super) trait Write: Send + Sync + 'static {
    /// What it answers.
    type Answer: Send + 'static;

    /// Whether the write-ahead log is emptied behind it: what was erased lies about in there until then.
    const EMPTIES: bool = false;

    /// Reads, judges and changes, inside a transaction. An error undoes everything.
    async fn apply(&self, conn: &mut SqliteConnection) -> Result<Self::Answer>;
}

/// Where acts are handed in.
pub(super) struct Writer {
    jobs: mpsc::Sender<Box<dyn Job>>,
}

impl Writer {
    /// Takes over an open connection until it is dropped.
    pub(super) fn start(recipe: Recipe, conn: SqliteConnection, nonce_key: Secret32) -> Self {
        let (jobs, incoming) = mpsc::channel(QUEUE);
        tokio::spawn(Desk { recipe, conn: Some(conn), nonce_key }.work(incoming));
        Self { jobs }
    }

    /// Runs it to its end, also when the caller goes away. The answer comes when it is durable.
    pub(super) async fn write<W: Write>(&self, write: W) -> Result<W::Answer> {
        let (reply, answer) = oneshot::channel();
        let job = Box::new(Pending { write, answer: None, reply });
        self.jobs.send(job).await.map_err(|_| StoreError::Unavailable)?;
        answer.await.unwrap_or(Err(StoreError::Unavailable))
    }
}

/// An act and whoever waits for it.
#[async_trait]
trait Job: Send {
    async fn run(&mut self, conn: &mut SqliteConnection) -> Result<()>;
    fn empties(&self) -> bool;
    fn answer(self: Box<Self>, committed: Result<()>);
}

struct Pending<W: Write> {
    write: W,
    answer: Option<W::Answer>,
    reply: oneshot::Sender<Result<W::Answer>>,
}

#[async_trait]
impl<W: Write> Job for Pending<W> {
    async fn run(&mut self, conn: &mut SqliteConnection) -> Result<()> {
        self.answer = Some(self.write.apply(conn).await?);
        Ok(())
    }

    fn empties(&self) -> bool {
        W::EMPTIES
    }

    fn answer(self: Box<Self>, committed: Result<()>) {
        let Self { answer, reply, .. } = *self;
        // Whoever asked may have gone.
        let _ = reply.send(committed.and_then(|()| answer.ok_or(StoreError::Unavailable)));
    }
}

struct Desk {
    recipe: Recipe,
    /// None after an error: nothing that a connection holds may be believed after a failed flush.
    conn: Option<SqliteConnection>,
    nonce_key: Secret32,
}

impl Desk {
    async fn work(mut self, mut incoming: mpsc::Receiver<Box<dyn Job>>) {
        let mut jobs = Vec::with_capacity(TOGETHER);
        while incoming.recv_many(&mut jobs, TOGETHER).await > 0 {
            let committed = self.together(&mut jobs).await;
            if committed.is_err() && jobs.len() > 1 {
                // One of them may be the reason: the others do not suffer for it.
                for job in jobs.drain(..) {
                    let mut alone = vec![job];
                    let committed = self.together(&mut alone).await;
                    alone.into_iter().for_each(|job| job.answer(committed));
                }
            }
            jobs.drain(..).for_each(|job| job.answer(committed));
        }
        if let Some(conn) = self.conn {
            let _ = conn.close().await;
        }
    }

    async fn together(&mut self, jobs: &mut [Box<dyn Job>]) -> Result<()> {
        let mut conn = match self.conn.take() {
            Some(conn) => conn,
            None => self.recipe.writer(self.nonce_key.expose()).await?,
        };
        match run(&mut conn, jobs).await {
            Ok(()) => {
                self.conn = Some(conn);
                Ok(())
            }
            Err(error) => {
                let _ = rollback(&mut conn).await;
                let _ = conn.close().await;
                Err(error)
            }
        }
    }
}

async fn run(conn: &mut SqliteConnection, jobs: &mut [Box<dyn Job>]) -> Result<()> {
    begin(conn).await?;
    for job in jobs.iter_mut() {
        job.run(conn).await?;
    }
    commit(conn).await?;
    if jobs.iter().any(|job| job.empties()) {
        // Where somebody reads just now, the next time will do.
        let _ = sqlx::raw_sql("PRAGMA wal_checkpoint(TRUNCATE)").execute(conn).await;
    }
    Ok(())
}
