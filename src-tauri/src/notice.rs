//! Notices of the system: one sentence, and the way back to the window.

use countersign_contract::Window;
use notify_rust::Notification;
use tauri::{AppHandle, Manager as _, Runtime};

/// Shows one. Whoever presses it comes to the desk or the inbox. Where nobody shows notices, nothing happens: the window has it too.
pub(crate) fn show<R: Runtime>(app: AppHandle<R>, sentence: String) {
    // It waits until the notice is gone, in a thread that nothing waits for.
    std::thread::spawn(move || {
        let mut notice = Notification::new();
        notice.appname("Countersign").summary("Countersign").body(&sentence);
        #[cfg(all(unix, not(target_os = "macos")))]
        notice.icon("countersign").action("default", "Countersign");
        let Ok(shown) = notice.show() else { return };
        #[cfg(all(unix, not(target_os = "macos")))]
        shown.wait_for_action(|action| {
            let there = [Window::Desk, Window::Inbox, Window::Start];
            let window = there.iter().find_map(|each| app.get_webview_window(each.label()));
            if let (Some(window), "default") = (window, action) {
                let _ = window.unminimize().and_then(|()| window.set_focus());
            }
        });
        #[cfg(not(all(unix, not(target_os = "macos"))))]
        let _ = (shown, app);
    });
}
