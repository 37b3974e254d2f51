//! Which calls there are, from which windows each may come, and how a call finds its answer.
//!
//! Everything about a call stands once, in `areas`: the access list of the windows, the TypeScript types and the
//! dispatch are all made from it. A host that lacks a call does not compile.

use serde::{Deserialize, Serialize};

/// The windows. Each has a page, a web process and a list of calls of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Window {
    /// Chooses or makes a profile.
    Start,
    /// A member's desk.
    Desk,
    /// A partner's inbox.
    Inbox,
    /// Passphrases and recovery codes; short-lived.
    Vault,
    /// Shows what will be signed, and takes the answer; short-lived.
    Confirm,
    /// Shows one key to the partner who holds it; short-lived.
    Reveal,
}

impl Window {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Start, Self::Desk, Self::Inbox, Self::Vault, Self::Confirm, Self::Reveal];

    /// Its label, which is also the name of its page.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Desk => "desk",
            Self::Inbox => "inbox",
            Self::Vault => "vault",
            Self::Confirm => "confirm",
            Self::Reveal => "reveal",
        }
    }

    /// The window of a label.
    #[must_use]
    pub fn from_label(label: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|w| w.label() == label)
    }
}

/// One call.
#[derive(Debug, Clone, Copy)]
pub struct Command {
    /// Its name within the area.
    pub name: &'static str,
    /// From where it may come.
    pub windows: &'static [Window],
}

/// Calls about one subject.
#[derive(Debug, Clone, Copy)]
pub struct Area {
    /// Its name.
    pub name: &'static str,
    /// Its calls.
    pub commands: &'static [Command],
}

/// A call that takes nothing.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(deny_unknown_fields)]
pub struct Nothing {}

/// Why a call never reached its area.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Misdirected {
    /// No such call.
    Unknown,
    /// Not from this window.
    Forbidden,
    /// What came with it has another shape.
    Shape,
    /// The answer could not be written down.
    Answer,
}

/// Declares the areas: a trait for each, `SURFACE`, `dispatch`, and the TypeScript of it all.
macro_rules! surface {
    ($($(#[$doc:meta])* $area:ident: $trait:ident {
        $($(#[$call_doc:meta])* $call:ident($request:ty) -> $answer:ty, from $($window:ident)+;)*
    })*) => {
        $(
            $(#[$doc])*
            pub trait $trait: Sync {
                $(
                    $(#[$call_doc])*
                    fn $call(&self, request: $request)
                        -> impl Future<Output = Result<$answer, $crate::Failure>> + Send;
                )*
            }
        )*

        /// All calls there are.
        pub const SURFACE: &[Area] = &[$(Area {
            name: stringify!($area),
            commands: &[$(Command { name: stringify!($call), windows: &[$(Window::$window),+] }),*],
        }),*];

        /// Whoever answers all calls.
        pub trait Host: $($trait +)* {}
        impl<T: $($trait +)*> Host for T {}

        /// Carries a call from a window to its area, and the answer back.
        pub async fn dispatch<H: Host>(
            host: &H,
            caller: Window,
            area: &str,
            command: &str,
            payload: serde_json::Value,
        ) -> Result<Result<serde_json::Value, $crate::Failure>, Misdirected> {
            match (area, command) {
                $($((stringify!($area), stringify!($call)) => {
                    if ![$(Window::$window),+].contains(&caller) {
                        return Err(Misdirected::Forbidden);
                    }
                    let request: $request =
                        serde_json::from_value(payload).map_err(|_| Misdirected::Shape)?;
                    match <H as $trait>::$call(host, request).await {
                        Ok(answer) => {
                            Ok(Ok(serde_json::to_value(answer).map_err(|_| Misdirected::Answer)?))
                        }
                        Err(failure) => Ok(Err(failure)),
                    }
                })*)*
                _ => Err(Misdirected::Unknown),
            }
        }

        /// The types of requests and answers, call by call.
        #[cfg(feature = "typescript")]
        pub(crate) fn calls(config: &ts_rs::Config) -> Vec<(String, String, String)> {
            use ts_rs::TS as _;
            vec![$($((
                concat!(stringify!($area), "/", stringify!($call)).to_owned(),
                <$request>::name(config),
                <$answer>::name(config),
            )),*),*]
        }

        /// Shows every type of the contract to a visitor.
        #[cfg(feature = "typescript")]
        pub(crate) fn visit(visitor: &mut impl ts_rs::TypeVisitor) {
            $($(visitor.visit::<$request>(); visitor.visit::<$answer>();)*)*
        }
    };
}

pub(crate) use surface;
