//! The one state machine: decide and fold.
