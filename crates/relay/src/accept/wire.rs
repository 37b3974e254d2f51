//! The bytes of one connection, between the socket and the HTTP parser.
//!
//! A byte reaches the parser when it is due and not before: a head, then as much of a body as the head announced. Whoever
//! speaks again before the answer is out has it and no other, so that no second request hides behind a first one, however
//! differently two servers read the same bytes. Line ends in a head are CR LF: whatever else some servers take for one
//! spoils it. And whoever does not take the answer in time is let go.

use std::{
    io,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, Waker, ready},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    time::{Instant, Sleep, sleep_until},
};

use super::{places::Place, scan::Scan};

/// The most that is read ahead of what is due.
const AHEAD: usize = 4096;

/// How much of a body is still to come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Due {
    /// So many bytes.
    Exactly(u64),
    /// Chunks say how many. Nothing is read behind them: the connection ends with the answer.
    Chunks,
}

/// How far a request is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// Its head is read.
    Head,
    /// Its head was handed on, and is not understood yet.
    Given,
    /// It is answered; so much of its body is due.
    Asked(Due),
    /// Its answer is made and goes out.
    Answered(Due),
    /// Nothing more is read.
    Over,
}

/// What the line and the answering side know of each other.
#[derive(Debug)]
pub(super) struct Talk(Mutex<State>);

#[derive(Debug)]
struct State {
    phase: Phase,
    scan: Scan,
    place: Place,
    /// Of a reader that waits for something to become due.
    waker: Option<Waker>,
}

impl Talk {
    pub(super) fn new(place: Place) -> Arc<Self> {
        Arc::new(Self(Mutex::new(State { phase: Phase::Head, scan: Scan::default(), place, waker: None })))
    }

    /// A head was understood; this much of a body belongs to it.
    pub(super) fn asked(&self, due: Due) {
        let mut state = self.state();
        state.place.works();
        state.turn(Phase::Asked(due));
    }

    /// The answer is made, and goes out.
    pub(super) fn answered(&self) {
        let mut state = self.state();
        if let Phase::Asked(due) = state.phase {
            state.phase = Phase::Answered(due);
        }
    }

    /// The answer is out. `spoken` says whether the client spoke again before.
    fn rests(&self, spoken: bool) {
        let mut state = self.state();
        if let Phase::Answered(due) = state.phase {
            state.place.rests();
            state.scan = Scan::default();
            // What is left of a body is no head.
            let next = due == Due::Exactly(0) && !spoken;
            state.turn(if next { Phase::Head } else { Phase::Over });
        }
    }

    /// Whether something is under way, if only the first byte of a head.
    pub(super) fn has_begun(&self) -> bool {
        let state = self.state();
        state.phase != Phase::Head || state.scan.has_begun()
    }

    fn is_answered(&self) -> bool {
        matches!(self.state().phase, Phase::Answered(_))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn turn(&mut self, phase: Phase) {
        self.phase = phase;
        if let Some(waker) = self.waker.take() {
            waker.wake();
        }
    }
}

/// A connection as the parser sees it.
pub(super) struct Wire<S> {
    stream: S,
    /// Read, and not due yet.
    held: Vec<u8>,
    talk: Arc<Talk>,
    patience: Duration,
    /// Since when bytes wait to be taken.
    since: Option<Instant>,
    /// Whether the client had spoken again when the answer began to go out.
    spoken: bool,
    timer: Option<Pin<Box<Sleep>>>,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Wire<S> {
    /// `patience` is for whoever takes an answer: all of it.
    pub(super) fn new(stream: S, talk: Arc<Talk>, patience: Duration) -> Self {
        Self { stream, held: Vec::new(), talk, patience, since: None, spoken: false, timer: None }
    }

    /// Reads what is there into `held`; how much that was.
    fn read_ahead(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        let mut chunk = [0; AHEAD];
        let mut buffer = ReadBuf::new(&mut chunk);
        ready!(Pin::new(&mut self.stream).poll_read(cx, &mut buffer))?;
        self.held.extend_from_slice(buffer.filled());
        Poll::Ready(Ok(buffer.filled().len()))
    }

    /// Makes sure that something is held. `false` at the end of the stream.
    fn have_some(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<bool>> {
        if self.held.is_empty() {
            return self.read_ahead(cx).map_ok(|read| read > 0);
        }
        Poll::Ready(Ok(true))
    }

    fn hand_on(&mut self, bytes: usize, buf: &mut ReadBuf<'_>) {
        buf.put_slice(&self.held[..bytes]);
        self.held.drain(..bytes);
        if self.held.is_empty() {
            // Thousands may wait like this one.
            self.held = Vec::new();
        }
    }

    /// Nothing is due. Whether the client left is noticed all the same, unless it talks ahead.
    fn wait(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while self.held.len() < AHEAD {
            match self.read_ahead(cx)? {
                Poll::Ready(0) if self.held.is_empty() => return Poll::Ready(Ok(())),
                Poll::Ready(0) | Poll::Pending => break,
                Poll::Ready(_) => {}
            }
        }
        Poll::Pending
    }

    /// Something begins to go out. Whoever spoke by now did not wait for it; whoever speaks later may have read it already,
    /// before we come to know that all of it is out.
    fn begin(&mut self, cx: &mut Context<'_>) {
        if self.since.is_none() {
            self.since = Some(Instant::now());
            self.spoken = self.talk.is_answered()
                && (!self.held.is_empty() || matches!(self.read_ahead(cx), Poll::Ready(Ok(1..))));
        }
    }

    /// The same, unless it was to go out long ago.
    fn unless_late<T>(&mut self, cx: &mut Context<'_>, outcome: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if outcome.is_pending() {
            let deadline = self.since.unwrap_or_else(Instant::now) + self.patience;
            let timer = self.timer.get_or_insert_with(|| Box::pin(sleep_until(deadline)));
            ready!(timer.as_mut().poll(cx));
            return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
        }
        outcome
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncRead for Wire<S> {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let talk = Arc::clone(&this.talk);
        let mut state = talk.state();
        match state.phase {
            Phase::Head => {
                if !ready!(this.have_some(cx))? {
                    return Poll::Ready(Ok(()));
                }
                let room = buf.remaining().min(this.held.len());
                let (bytes, ended) = state.scan.judge(&mut this.held[..room]);
                if ended {
                    state.phase = Phase::Given;
                }
                this.hand_on(bytes, buf);
                Poll::Ready(Ok(()))
            }
            Phase::Asked(due @ (Due::Exactly(1..) | Due::Chunks)) => {
                if !ready!(this.have_some(cx))? {
                    return Poll::Ready(Ok(()));
                }
                let mut bytes = buf.remaining().min(this.held.len());
                if let Due::Exactly(left) = due {
                    bytes = usize::try_from(left).unwrap_or(usize::MAX).min(bytes);
                    state.phase = Phase::Asked(Due::Exactly(left - bytes as u64));
                }
                this.hand_on(bytes, buf);
                Poll::Ready(Ok(()))
            }
            Phase::Given | Phase::Asked(Due::Exactly(0)) | Phase::Answered(_) => {
                state.waker = Some(cx.waker().clone());
                this.wait(cx)
            }
            Phase::Over => Poll::Ready(Ok(())),
        }
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Wire<S> {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        this.begin(cx);
        let outcome = Pin::new(&mut this.stream).poll_write(cx, bytes);
        this.unless_late(cx, outcome)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        this.begin(cx);
        let outcome = Pin::new(&mut this.stream).poll_write_vectored(cx, parts);
        this.unless_late(cx, outcome)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let outcome = Pin::new(&mut this.stream).poll_flush(cx);
        if let Poll::Ready(Ok(())) = outcome {
            this.since = None;
            this.timer = None;
            if this.talk.is_answered() {
                this.talk.rests(this.spoken);
            }
        }
        this.unless_late(cx, outcome)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        this.begin(cx);
        let outcome = Pin::new(&mut this.stream).poll_shutdown(cx);
        this.unless_late(cx, outcome)
    }
}
