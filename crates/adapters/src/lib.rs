//! Clock, randomness and the key store of the operating system.
