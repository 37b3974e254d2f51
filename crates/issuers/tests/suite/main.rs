//! The hash file on real file systems: behaviour, faults, and what a gateway makes of it.

#[cfg(test)]
mod behaviour;
#[cfg(test)]
mod crash;
#[cfg(test)]
mod faults;
#[cfg(test)]
mod gateway;
#[cfg(test)]
mod support;
