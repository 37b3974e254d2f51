//! The windows: each has a page of its own, may go nowhere else, and opens no others.

use countersign_contract::Window;
use tauri::{
    AppHandle, Manager as _, Runtime, Url, WebviewUrl, WebviewWindowBuilder, plugin::TauriPlugin,
    webview::NewWindowResponse,
};
use tauri_plugin_window_state::{AppHandleExt as _, StateFlags};

/// Width, height, smallest width, smallest height.
const fn size(window: Window) -> (f64, f64, f64, f64) {
    match window {
        Window::Desk | Window::Inbox => (1280.0, 800.0, 800.0, 560.0),
        Window::Start => (720.0, 640.0, 560.0, 480.0),
        Window::Confirm => (640.0, 760.0, 480.0, 400.0),
        Window::Vault => (520.0, 480.0, 420.0, 360.0),
        Window::Reveal => (560.0, 320.0, 420.0, 260.0),
    }
}

/// Opens a window, or brings it to the front. One that asks or shows something once begins again: what it asked before
/// is over.
pub(crate) fn open<R: Runtime>(app: &AppHandle<R>, window: Window) -> tauri::Result<()> {
    if let Some(there) = app.get_webview_window(window.label()) {
        if matches!(window, Window::Vault | Window::Confirm | Window::Reveal) {
            there.reload()?;
        }
        there.show()?;
        there.unminimize()?;
        return there.set_focus();
    }
    let (width, height, least_width, least_height) = size(window);
    let page = format!("{}.html", window.label());
    WebviewWindowBuilder::new(app, window.label(), WebviewUrl::App(page.into()))
        // Until its page says, in the language of whoever reads it, whose it is and what for.
        .title("Countersign")
        .on_document_title_changed(|window, title| {
            let _only_a_title = window.set_title(&title);
        })
        .inner_size(width, height)
        .min_inner_size(least_width, least_height)
        .prevent_overflow()
        .center()
        // Where the system can do that, nobody takes a picture of a key or a recovery code.
        .content_protected(matches!(window, Window::Vault | Window::Reveal))
        .on_navigation(own_page)
        .on_new_window(|_, _| NewWindowResponse::Deny)
        .disable_drag_drop_handler_if(!matches!(window, Window::Desk | Window::Inbox))
        .build()?;
    Ok(())
}

/// Where a desk and an inbox were, and how large, so that they open there again. The other windows are small, and stand
/// in the middle.
pub(crate) fn places<R: Runtime>() -> TauriPlugin<R> {
    tauri_plugin_window_state::Builder::new()
        .with_filename("windows.json")
        .with_state_flags(kept())
        .with_filter(|label| [Window::Desk, Window::Inbox].iter().any(|w| w.label() == label))
        .build()
}

fn kept() -> StateFlags {
    StateFlags::SIZE | StateFlags::POSITION | StateFlags::MAXIMIZED
}

/// Closes a window. Where it was is kept first: a desk is closed by a lock far more often than by the end of the program.
pub(crate) fn close<R: Runtime>(app: &AppHandle<R>, window: Window) {
    let Some(there) = app.get_webview_window(window.label()) else { return };
    let _next_time_it_stands_in_the_middle = app.save_window_state(kept());
    let _gone_already = there.destroy();
}

/// Only the application's own pages.
fn own_page(url: &Url) -> bool {
    (url.scheme() == "tauri" && url.host_str() == Some("localhost"))
        || (cfg!(windows) && url.host_str() == Some("tauri.localhost"))
}

trait DropFiles {
    fn disable_drag_drop_handler_if(self, off: bool) -> Self;
}

impl<R: Runtime, M: tauri::Manager<R>> DropFiles for WebviewWindowBuilder<'_, R, M> {
    fn disable_drag_drop_handler_if(self, off: bool) -> Self {
        if off { self.disable_drag_drop_handler() } else { self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_goes_to_its_own_pages_and_nowhere_else() {
        let goes = |url: &str| url.parse().is_ok_and(|url| own_page(&url));
        assert!(goes("tauri://localhost/desk.html"), "its own page");
        for url in [
            "https://countersign.example/desk.html",
            "http://localhost/desk.html",
            "tauri://elsewhere/desk.html",
            "file:///desk.html",
            "data:text/html,desk",
            "javascript:alert(1)",
            "about:blank",
            "countersign://e/relay.example/x",
        ] {
            assert!(!goes(url), "{url}");
        }
    }
}
