//! What an answer means, and what is none.

use std::error::Error;

use countersign_ports::{RelayError, Witnessing};
use reqwest::{Response, StatusCode, header::CONTENT_TYPE};

/// The largest answer that is read: one letter of the largest size, and what is beside it.
const LIMIT: usize = 256 * 1024;

/// What a witness says where it stands (C2SP tlog-witness).
const TLOG_SIZE: &[u8] = b"text/x.tlog.size";

/// The body of an answer that says yes.
pub(crate) async fn read(response: Response) -> Result<Vec<u8>, RelayError> {
    verdict(response.status())?;
    whole(response).await
}

/// What a witness answers.
pub(crate) async fn read_witness(response: Response) -> Result<Witnessing, RelayError> {
    match response.status() {
        StatusCode::OK => text(response).await.map(Witnessing::Signed),
        StatusCode::CONFLICT => {
            let named = response.headers().get(CONTENT_TYPE).is_some_and(|kind| kind.as_bytes() == TLOG_SIZE);
            let text = text(response).await?;
            let size: Option<u64> = text.strip_suffix('\n').and_then(|size| size.parse().ok());
            let size = size.filter(|size| named && format!("{size}\n") == text);
            size.map(Witnessing::Stands).ok_or(RelayError::Unexpected)
        }
        StatusCode::UNPROCESSABLE_ENTITY => Ok(Witnessing::Unproven),
        other => Err(verdict(other).err().unwrap_or(RelayError::Unexpected)),
    }
}

async fn text(response: Response) -> Result<String, RelayError> {
    String::from_utf8(whole(response).await?).map_err(|_| RelayError::Unexpected)
}

async fn whole(mut response: Response) -> Result<Vec<u8>, RelayError> {
    let announced = response.content_length().unwrap_or_default();
    let mut body = Vec::new();
    if announced > LIMIT as u64 {
        return Err(RelayError::Unexpected);
    }
    while let Some(chunk) = response.chunk().await.map_err(|error| failure(&error))? {
        if body.len() + chunk.len() > LIMIT {
            return Err(RelayError::Unexpected);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

fn verdict(status: StatusCode) -> Result<(), RelayError> {
    Err(match status.as_u16() {
        200 => return Ok(()),
        401 => RelayError::Stale,
        403 => RelayError::NotTaken,
        404 => RelayError::NothingThere,
        409 => RelayError::Taken,
        413 => RelayError::TooLarge,
        429 => RelayError::TooMuch,
        507 => RelayError::Full,
        // Said by what stands before a relay that is away.
        502..=504 => RelayError::Unreachable,
        _ => RelayError::Unexpected,
    })
}

/// Why there was no answer, or not all of one.
pub(crate) fn failure(error: &reqwest::Error) -> RelayError {
    if is_of_tls(error) {
        RelayError::Insecure
    } else if error.is_timeout() {
        RelayError::TimedOut
    } else if error.is_connect() || !is_unreadable(error) {
        RelayError::Unreachable
    } else {
        RelayError::Unexpected
    }
}

/// Whether certificate, host name or protocol was the reason, as far down as it was said.
fn is_of_tls(error: &reqwest::Error) -> bool {
    any(error, |cause| cause.is::<rustls::Error>())
}

/// Whether something came that is no HTTP.
fn is_unreadable(error: &reqwest::Error) -> bool {
    any(error, |cause| cause.to_string().starts_with("invalid HTTP"))
}

fn any(error: &reqwest::Error, test: impl Fn(&(dyn Error + 'static)) -> bool) -> bool {
    let mut cause: Option<&(dyn Error + 'static)> = error.source();
    while let Some(found) = cause {
        if test(found) {
            return true;
        }
        // An error of the system holds the real one within, not behind.
        let within = found.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
        cause = match within {
            Some(within) => Some(within as &(dyn Error + 'static)),
            None => found.source(),
        };
    }
    false
}
