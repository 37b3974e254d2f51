//! Each rule with the case it refuses and the neighbour it lets pass.

mod asking;
mod changes;
mod compared;
mod delivery;
mod founding;
mod grants;
mod issuing;
mod keys;
mod leaks;
mod members;
mod root;
mod signatures;
mod stopping;
mod vetting;
mod witness;

use countersign_documents::certificate::Right;
use countersign_domain::{Event, Refusal, event::Proposed};

use crate::world::{Desk, World, people::ALL_RIGHTS};

/// Another person with every right.
fn officer(world: &mut World, name: &str) -> Desk {
    member(world, name, ALL_RIGHTS)
}

fn member(world: &mut World, name: &str, rights: &[Right]) -> Desk {
    let desk = Desk::new(name, rights);
    world.admit(&desk);
    desk
}

/// What happens when the first founder proposes this.
fn proposing(world: &World, proposed: Proposed) -> Result<(), Refusal> {
    world.check(&world.founders[0], &Event::Proposed(proposed))
}
