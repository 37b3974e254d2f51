//! Connectors to the systems that really make and stop keys.
