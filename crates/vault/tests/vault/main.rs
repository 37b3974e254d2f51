//! The vault as its callers and its enemies meet it: real files, real SQLite, real randomness.

#[cfg(test)]
mod batches;
#[cfg(test)]
#[cfg(unix)]
mod privacy;
#[cfg(test)]
mod support;
#[cfg(test)]
mod tampering;
#[cfg(test)]
mod unlocking;
