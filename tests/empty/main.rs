//! An empty window with one field, on the same web view, features and profile as ours: what speed is measured beside.
//!
//! Nothing else may live here; `tests/windows/speed.py` starts it.
#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

use std::process::ExitCode;

fn main() -> ExitCode {
    let ended = tauri::Builder::default().run(tauri::generate_context!());
    if ended.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
