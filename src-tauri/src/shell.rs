//! What the host asks of the system: windows, clipboard, dialogues.

use std::{path::PathBuf, sync::Mutex, time::Duration};

use arboard::Clipboard;
use countersign_contract::{FileWish, Progress, Window};
use countersign_host::{Change, Picture, Shell};
use tauri::{AppHandle, Emitter as _, Manager as _, Runtime};
use tauri_plugin_dialog::DialogExt as _;
use zeroize::Zeroizing;

use crate::notice;

/// The shell over Tauri.
pub(crate) struct TauriShell<R: Runtime> {
    app: AppHandle<R>,
    /// Kept: on X11 the clipboard is served by whoever filled it.
    clipboard: Mutex<Option<Clipboard>>,
}

impl<R: Runtime> TauriShell<R> {
    pub(crate) fn new(app: AppHandle<R>) -> Self {
        Self { app, clipboard: Mutex::new(None) }
    }

    fn with_clipboard<T>(&self, act: impl FnOnce(&mut Clipboard) -> Option<T>) -> Option<T> {
        let mut slot = self.clipboard.lock().ok()?;
        if slot.is_none() {
            *slot = Clipboard::new().ok();
        }
        act(slot.as_mut()?)
    }
}

#[async_trait::async_trait]
impl<R: Runtime> Shell for TauriShell<R> {
    fn open(&self, window: Window) {
        let app = self.app.clone();
        // Windows belong to the main thread. A window that cannot be opened leaves the call that wanted it unanswered,
        // and nothing signed.
        let _ = self.app.run_on_main_thread(move || {
            let _ = crate::windows::open(&app, window);
        });
    }

    fn close(&self, window: Window) {
        let app = self.app.clone();
        let _ = self.app.run_on_main_thread(move || crate::windows::close(&app, window));
    }

    fn tell(&self, change: Change) {
        let _ = self.app.emit(change.name(), ());
    }

    fn progress(&self, progress: Progress) {
        let _ = self.app.emit("progress", progress);
    }

    fn notify(&self, sentence: &str) {
        let looked_at = |window: tauri::WebviewWindow<R>| window.is_focused().unwrap_or(false);
        if !self.app.webview_windows().into_values().any(looked_at) {
            notice::show(self.app.clone(), sentence.to_owned());
        }
    }

    async fn choose_file(&self, wish: FileWish, name: Option<String>) -> Option<PathBuf> {
        let mut dialog = self.app.dialog().file();
        if let Some(name) = name {
            dialog = dialog.set_file_name(name);
        }
        let (answer, chosen) = tokio::sync::oneshot::channel();
        let done = move |path: Option<tauri_plugin_dialog::FilePath>| {
            let _ = answer.send(path);
        };
        match wish {
            FileWish::Open => dialog.pick_file(done),
            FileWish::Save => dialog.save_file(done),
            FileWish::Folder => dialog.pick_folder(done),
        }
        chosen.await.ok().flatten()?.into_path().ok()
    }

    fn take_clipboard(&self) -> Option<Zeroizing<String>> {
        self.with_clipboard(|clipboard| {
            let text = clipboard.get_text().ok().map(Zeroizing::new)?;
            let _ = clipboard.clear();
            Some(text)
        })
    }

    fn clipboard_picture(&self) -> Option<Picture> {
        self.with_clipboard(|clipboard| {
            let image = clipboard.get_image().ok()?;
            let (width, height) = (u32::try_from(image.width).ok()?, u32::try_from(image.height).ok()?);
            Some(Picture { width, height, rgba: image.bytes.into_owned() })
        })
    }

    fn lend_clipboard(&self, text: Zeroizing<String>, seconds: u64) -> bool {
        let lent = self.with_clipboard(|clipboard| {
            let set = clipboard.set();
            #[cfg(target_os = "linux")]
            let set = arboard::SetExtLinux::exclude_from_history(set);
            #[cfg(windows)]
            let set = arboard::SetExtWindows::exclude_from_history(set);
            #[cfg(target_os = "macos")]
            let set = arboard::SetExtApple::exclude_from_history(set);
            set.text(text.as_str()).ok()
        });
        if lent.is_none() {
            return false;
        }
        let app = self.app.clone();
        tauri::async_runtime::spawn(async move {
            tokio::time::sleep(Duration::from_secs(seconds)).await;
            app.state::<std::sync::Arc<countersign_host::Host>>().end_loan(&text);
        });
        true
    }

    fn end_loan(&self, text: &str) {
        self.with_clipboard(|clipboard| {
            let still = clipboard.get_text().ok().map(Zeroizing::new)?;
            if still.as_str() == text { clipboard.clear().ok() } else { None }
        });
    }
}
