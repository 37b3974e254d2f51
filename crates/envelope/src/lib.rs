//! Sealing and opening: envelopes, letters and wrapped keys.
