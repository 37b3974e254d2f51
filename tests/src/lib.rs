//! What tests share; the tests themselves are beside this folder, one binary per theme. Here live the world that vectors are made in and
//! their generator. What may not live here: a check, which would then run nowhere.

pub mod opening;
pub mod vectors;
