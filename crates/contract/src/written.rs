//! What is written down from the contract: its TypeScript, and the capability of each window. `make contract` writes it,
//! a test compares it.

use std::{
    any::TypeId,
    collections::{BTreeMap, BTreeSet},
};

use ts_rs::{Config, TS, TypeVisitor};

use crate::{
    areas::{SURFACE, calls, visit},
    surface::Window,
};

/// Collects declarations, each once.
pub(crate) struct Declarations<'a> {
    config: &'a Config,
    seen: BTreeSet<TypeId>,
    by_name: BTreeMap<String, String>,
}

impl TypeVisitor for Declarations<'_> {
    fn visit<T: TS + 'static + ?Sized>(&mut self) {
        if !self.seen.insert(TypeId::of::<T>()) {
            return;
        }
        if T::output_path().is_some() {
            self.by_name.insert(T::ident(self.config), T::decl(self.config));
        }
        T::visit_dependencies(self);
        T::visit_generics(self);
    }
}

/// Every file, with its path in the tree.
#[must_use]
pub fn files() -> Vec<(String, String)> {
    let mut files = vec![("ui/src/lib/contract.ts".to_owned(), typescript())];
    for window in Window::ALL {
        files.push((format!("src-tauri/capabilities/{}.json", window.label()), capability(window)));
    }
    files
}

/// What a window may call, in Tauri's words. It may hear of changes, and nothing else of Tauri's own.
fn capability(window: Window) -> String {
    let mut permissions = vec!["core:event:allow-listen".to_owned(), "core:event:allow-unlisten".to_owned()];
    for area in SURFACE {
        for command in area.commands.iter().filter(|command| command.windows.contains(&window)) {
            permissions.push(format!("{}:allow-{}", area.name, command.name.replace('_', "-")));
        }
    }
    let capability = serde_json::json!({
        "identifier": window.label(),
        "description": format!("Calls of the window {}. Written from crates/contract.", window.label()),
        "windows": [window.label()],
        "permissions": permissions,
    });
    serde_json::to_string_pretty(&capability).unwrap_or_default() + "\n"
}

fn typescript() -> String {
    let config = Config::new().with_large_int("number");
    let mut all = Declarations { config: &config, seen: BTreeSet::new(), by_name: BTreeMap::new() };
    visit(&mut all);
    all.visit::<crate::Failure>();
    all.visit::<crate::Progress>();
    let mut text =
        String::from("// Written by `make contract` from crates/contract. Never edited by hand.\n\n");
    for declaration in all.by_name.values() {
        text += &format!("export {}\n\n", tidy(declaration));
    }
    text += "export interface Calls {\n";
    for (call, request, answer) in calls(&config) {
        text += &format!("  '{call}': {{ request: {request}; answer: {answer} }};\n");
    }
    text += "}\n\n/** Which windows may make which call. */\nexport const windows: Record<keyof Calls, string[]> = {\n";
    for area in SURFACE {
        for command in area.commands {
            let labels: Vec<_> = command.windows.iter().map(|w| format!("'{}'", w.label())).collect();
            text += &format!("  '{}/{}': [{}],\n", area.name, command.name, labels.join(", "));
        }
    }
    text + "};\n"
}

/// One line for each field, without the comments: they stand in the contract.
fn tidy(declaration: &str) -> String {
    let mut text = String::new();
    let mut rest = declaration;
    while let Some((before, after)) = rest.split_once("/**") {
        text += before.trim_end();
        text += " ";
        rest = after.split_once("*/").map_or("", |(_, after)| after.trim_start());
    }
    (text + rest).replace(", };", " };").replace("{  ", "{ ")
}
