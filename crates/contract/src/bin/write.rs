//! Writes what is made from the contract into the tree: `contract-write ROOT`.

use std::{fs, path::PathBuf};

use countersign_contract::written;

fn main() -> std::io::Result<()> {
    let root = PathBuf::from(std::env::args_os().nth(1).unwrap_or_else(|| ".".into()));
    for (path, text) in written::files() {
        let path = root.join(path);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::write(path, text)?;
    }
    Ok(())
}
