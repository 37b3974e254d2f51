//! Private keys at rest: a random vault key, kept in slots, seals every row.
