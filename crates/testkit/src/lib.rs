//! Fixed clock, seeded randomness, people and temporary stores for tests.
