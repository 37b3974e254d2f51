//! The access list of the windows, from the contract: one inlined plugin per area, each call a permission of its own.

use countersign_contract::SURFACE;
use tauri_build::{Attributes, InlinedPlugin};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    // The pages are compiled in: new pages, new program.
    println!("cargo:rerun-if-changed=ui/dist");
    let mut attributes = Attributes::new().capabilities_path_pattern("src-tauri/capabilities/*.json");
    for area in SURFACE {
        // tauri-build wants names that live for ever; a build script is short.
        let names: Vec<&'static str> = area.commands.iter().map(|command| command.name).collect();
        attributes = attributes.plugin(area.name, InlinedPlugin::new().commands(Vec::leak(names)));
    }
    Ok(tauri_build::try_build(attributes)?)
}
