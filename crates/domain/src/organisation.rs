//! Founding, members, and everything two admins must sign. One admin alone may only take away.

mod alone;
mod changes;
mod compared;
mod founding;
mod keyring;
mod root;

pub use keyring::due;
