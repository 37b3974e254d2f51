//! The empty window asks for no call at all.

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("cargo:rerun-if-changed=page");
    Ok(tauri_build::try_build(tauri_build::Attributes::new())?)
}
