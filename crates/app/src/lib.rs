//! The use cases, one file per verb, over ports.
