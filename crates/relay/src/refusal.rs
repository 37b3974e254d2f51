//! What the relay says where it does not do what it is asked: one status each, and the same sentence whatever the reason
//! behind it. Nobody learns more than that.

use axum::{
    http::{HeaderValue, StatusCode, header::CONTENT_TYPE},
    response::{IntoResponse, Response},
};

use crate::{accept::Verdict, store::StoreError};

/// What a witness says where it stands (C2SP tlog-witness).
const TLOG_SIZE: HeaderValue = HeaderValue::from_static("text/x.tlog.size");

/// Why an act has no effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// The body is not of the form that this address takes.
    Form,
    /// For another relay, or another time: a new nonce may help.
    Stale,
    /// Whoever asks may not.
    NotAllowed,
    /// Nothing is there for whoever asks.
    Nothing,
    /// The cti is taken, or the envelope is over.
    Taken,
    /// A checkpoint does not begin where the witness stands, which is here.
    Stands(u64),
    /// A proof does not lead from there to the checkpoint.
    Unproven,
    /// The body is too large.
    TooLarge,
    /// More than a share.
    TooMuch,
    /// The disk must keep what it has free.
    NoRoom,
    /// The database does not answer.
    Unavailable,
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Full => Self::NoRoom,
            StoreError::Unavailable | StoreError::NotDurable | StoreError::Damaged | StoreError::Newer => {
                Self::Unavailable
            }
        }
    }
}

impl Refusal {
    fn verdict(self) -> Verdict {
        match self {
            Self::Form => Verdict::Form,
            Self::Stale => Verdict::Stale,
            Self::NotAllowed => Verdict::NotAllowed,
            Self::Nothing => Verdict::Nothing,
            Self::Taken => Verdict::Taken,
            Self::Stands(_) => Verdict::Elsewhere,
            Self::Unproven => Verdict::Unproven,
            Self::TooLarge => Verdict::TooLarge,
            Self::TooMuch => Verdict::Share,
            Self::NoRoom => Verdict::NoRoom,
            Self::Unavailable => Verdict::Unavailable,
        }
    }

    fn response(self) -> Response {
        let (status, sentence) = match self {
            Self::Form => (StatusCode::BAD_REQUEST, "This is no request as the relay takes them.\n"),
            Self::Stale => (StatusCode::UNAUTHORIZED, "This is not meant for now. Take a new nonce.\n"),
            Self::NotAllowed => (StatusCode::FORBIDDEN, "This does not count here.\n"),
            Self::Nothing => (StatusCode::NOT_FOUND, "There is nothing here.\n"),
            Self::Taken => (StatusCode::CONFLICT, "This cti is taken, or the envelope is over.\n"),
            Self::Stands(size) => {
                let size = format!("{size}\n");
                return (StatusCode::CONFLICT, [(CONTENT_TYPE, TLOG_SIZE)], size).into_response();
            }
            Self::Unproven => {
                (StatusCode::UNPROCESSABLE_ENTITY, "The proof does not lead to this checkpoint.\n")
            }
            Self::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "The request is too large.\n"),
            Self::TooMuch => {
                (StatusCode::TOO_MANY_REQUESTS, "This is more than the share. Try again later.\n")
            }
            Self::NoRoom => (StatusCode::INSUFFICIENT_STORAGE, "The relay has no room for this.\n"),
            Self::Unavailable => {
                (StatusCode::SERVICE_UNAVAILABLE, "The relay cannot answer. Try again later.\n")
            }
        };
        (status, sentence).into_response()
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut response = self.response();
        self.verdict().mark(&mut response);
        response
    }
}
