//! The access list, over Tauri's mock runtime: the same list, plugins and context as in the shipped program, every window
//! against every call.
#![allow(clippy::expect_used, clippy::panic, reason = "a failure is to end the test")]
#![allow(clippy::print_stdout, reason = "counts are printed")]

use countersign_contract::{SURFACE, Window};
use countersign_desktop::{Arguments, builder, context};
use serde_json::{Value, json};
use tauri::{
    App, Manager as _, WebviewUrl, WebviewWindow, WebviewWindowBuilder,
    ipc::{CallbackFn, InvokeBody},
    test::{INVOKE_KEY, MockRuntime, get_ipc_response, mock_builder},
    webview::InvokeRequest,
};

/// The application's own pages, and pages from elsewhere.
const OWN: &str = if cfg!(windows) { "http://tauri.localhost" } else { "tauri://localhost" };
const FOREIGN: [&str; 4] = [
    "https://countersign.example/desk.html",
    "http://localhost/desk.html",
    "file:///desk.html",
    "data:text/html,desk",
];

/// Tauri's own calls that a page could do harm with, or learn from.
const CORE: [&str; 20] = [
    "plugin:app|version",
    "plugin:app|set_app_theme",
    "plugin:dialog|open",
    "plugin:dialog|save",
    "plugin:dialog|message",
    "plugin:event|emit",
    "plugin:event|emit_to",
    "plugin:image|from_path",
    "plugin:menu|new",
    "plugin:path|resolve_directory",
    "plugin:resources|close",
    "plugin:webview|create_webview_window",
    "plugin:webview|get_all_webviews",
    "plugin:webview|internal_toggle_devtools",
    "plugin:webview|webview_close",
    "plugin:window-state|restore_state",
    "plugin:window-state|save_window_state",
    "plugin:window|close",
    "plugin:window|create",
    "plugin:window|set_title",
];

#[test]
fn each_window_makes_exactly_the_calls_of_the_contract() {
    let app = app();
    let (mut allowed, mut refused) = (0, 0);
    for window in Window::ALL {
        let page = open(&app, window.label());
        for (area, command, windows) in calls() {
            let answer = call(&page, OWN, &format!("plugin:{area}|{command}"));
            if windows.contains(&window) {
                assert_eq!(
                    code(&answer),
                    Some("call-not-understood"),
                    "{window:?} may call {area}/{command}: {answer:?}"
                );
                allowed += 1;
            } else {
                assert!(was_denied(&answer), "{window:?} must not reach {area}/{command}: {answer:?}");
                refused += 1;
            }
        }
        for command in CORE {
            let answer = call(&page, OWN, command);
            assert!(was_denied(&answer), "{window:?} must not reach {command}: {answer:?}");
            refused += 1;
        }
    }
    let there: usize = calls().map(|(_, _, windows)| windows.len()).sum();
    assert_eq!(allowed, there, "every allowed call of the contract was made");
    println!("access list: {allowed} calls allowed, {refused} refused");
}

#[test]
fn a_window_that_the_contract_does_not_know_reaches_nothing() {
    let app = app();
    for label in ["desk2", "main", "Desk"] {
        let page = open(&app, label);
        for (area, command, _) in calls() {
            let answer = call(&page, OWN, &format!("plugin:{area}|{command}"));
            assert!(was_denied(&answer), "{label} must not reach {area}/{command}: {answer:?}");
        }
        let listening = call(&page, OWN, "plugin:event|listen");
        assert!(was_denied(&listening), "{label} must not hear of changes: {listening:?}");
    }
}

#[test]
fn a_page_from_elsewhere_reaches_nothing_from_any_window() {
    let app = app();
    for window in Window::ALL {
        let page = open(&app, window.label());
        for origin in FOREIGN {
            for (area, command, _) in calls() {
                let answer = call(&page, origin, &format!("plugin:{area}|{command}"));
                assert!(
                    was_denied(&answer),
                    "{origin} in {window:?} must not reach {area}/{command}: {answer:?}"
                );
            }
            for command in CORE.into_iter().chain(["plugin:event|listen"]) {
                let answer = call(&page, origin, command);
                assert!(was_denied(&answer), "{origin} in {window:?} must not reach {command}: {answer:?}");
            }
        }
    }
}

#[test]
fn a_call_that_no_area_has_is_refused() {
    let app = app();
    let page = open(&app, "desk");
    for command in
        ["plugin:requests|approve_all", "plugin:nothing|list", "requests", "list", "plugin:host|status"]
    {
        let answer = call(&page, OWN, command);
        assert!(answer.is_err() && code(&answer) != Some("call-not-understood"), "{command}: {answer:?}");
    }
}

/// The application as it ships, with its first window open.
fn app() -> App<MockRuntime> {
    let mut app =
        builder(mock_builder(), Arguments::default()).build(context()).expect("the application is built");
    #[allow(deprecated, reason = "it is called once, for the set-up alone")]
    app.run_iteration(|_, _| {});
    app
}

fn open(app: &App<MockRuntime>, label: &str) -> WebviewWindow<MockRuntime> {
    app.get_webview_window(label).unwrap_or_else(|| {
        let page = WebviewUrl::App("desk.html".into());
        WebviewWindowBuilder::new(app, label, page).build().expect("the window opens")
    })
}

fn calls() -> impl Iterator<Item = (&'static str, &'static str, &'static [Window])> {
    SURFACE
        .iter()
        .flat_map(|area| area.commands.iter().map(|command| (area.name, command.name, command.windows)))
}

/// A call whose request has no shape of the contract's: who is let through is told so, and nothing happens.
fn call(page: &WebviewWindow<MockRuntime>, origin: &str, command: &str) -> Result<Value, Value> {
    let request = InvokeRequest {
        cmd: command.to_owned(),
        callback: CallbackFn(0),
        error: CallbackFn(1),
        url: origin.parse().expect("an address"),
        body: InvokeBody::Json(json!({ "request": { "no": "such field" } })),
        headers: Default::default(),
        invoke_key: INVOKE_KEY.to_owned(),
    };
    get_ipc_response(page, request).map(|body| body.deserialize().expect("JSON"))
}

fn code(answer: &Result<Value, Value>) -> Option<&str> {
    answer.as_ref().err()?.get("code")?.as_str()
}

/// Refused by Tauri's own list, before anything of ours ran: its refusals are sentences, ours are objects.
fn was_denied(answer: &Result<Value, Value>) -> bool {
    answer.as_ref().err().and_then(Value::as_str).is_some_and(|said| said.contains("not allowed"))
}
