//! What only a shell can do.

use std::path::PathBuf;

use countersign_contract::{FileWish, Progress, Window};
use zeroize::Zeroizing;

/// What the windows are told, so that they ask again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// The profile was locked or unlocked.
    Session,
    /// Something that lists show is different now.
    Content,
    /// How windows look.
    Settings,
    /// Something is to be opened.
    Given,
}

impl Change {
    /// Its name on the way to the pages.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Session => "session",
            Self::Content => "content",
            Self::Settings => "settings",
            Self::Given => "given",
        }
    }
}

/// A picture in memory.
#[derive(Debug)]
pub struct Picture {
    /// Points from left to right.
    pub width: u32,
    /// Points from top to bottom.
    pub height: u32,
    /// Red, green, blue and alpha of each point, row by row.
    pub rgba: Vec<u8>,
}

/// Windows, clipboard and the system's dialogues.
#[async_trait::async_trait]
pub trait Shell: Send + Sync {
    /// Opens a window, or brings it to the front. The vault's, the confirm and the reveal window begin again.
    fn open(&self, window: Window);
    /// Closes it, if it is there.
    fn close(&self, window: Window);
    /// Tells all windows.
    fn tell(&self, change: Change);
    /// Tells all windows how far a long piece of work is.
    fn progress(&self, progress: Progress);
    /// Tells a person who looks elsewhere, by the system's notices. Whoever looks at a window sees it there.
    fn notify(&self, sentence: &str);
    /// Asks the person for a file. `None` where nothing was chosen.
    async fn choose_file(&self, wish: FileWish, name: Option<String>) -> Option<PathBuf>;
    /// Takes the text out of the clipboard, which is empty afterwards.
    fn take_clipboard(&self) -> Option<Zeroizing<String>>;
    /// The picture that the clipboard holds, which stays there.
    fn clipboard_picture(&self) -> Option<Picture>;
    /// Lends a text to the clipboard for so many seconds, kept out of histories where the system knows how.
    fn lend_clipboard(&self, text: Zeroizing<String>, seconds: u64) -> bool;
    /// Empties the clipboard if it still holds this text.
    fn end_loan(&self, text: &str);
}
