//! What tests share; the tests themselves are beside this folder, one binary per theme.

pub mod opening;
pub mod vectors;
