//! The access list, over Tauri's mock runtime.
