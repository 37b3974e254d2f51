//! A map format as a struct: labels, order and closedness in one place, so that code reads like its CDDL.

/// Declares a struct that is one CBOR map with integer labels.
///
/// `1 => name: Type` is demanded, `1 => name?: Type` may be absent (an `Option`). Labels must rise in canonical
/// order, which is checked when this is compiled; a label that is not listed is refused when reading.
#[macro_export]
macro_rules! record {
    ($(#[$meta:meta])* pub struct $name:ident { $($body:tt)* }) => {
        $crate::record!(@fields [$(#[$meta])*] $name [] $($body)*);
    };
    (@fields $meta:tt $name:ident [$($done:tt)*] $(#[$doc:meta])* $label:literal => $field:ident ?: $ty:ty, $($rest:tt)*) => {
        $crate::record!(@fields $meta $name [$($done)* { [$(#[$doc])*] $label $field opt $ty }] $($rest)*);
    };
    (@fields $meta:tt $name:ident [$($done:tt)*] $(#[$doc:meta])* $label:literal => $field:ident : $ty:ty, $($rest:tt)*) => {
        $crate::record!(@fields $meta $name [$($done)* { [$(#[$doc])*] $label $field req $ty }] $($rest)*);
    };
    (@fields [$($meta:tt)*] $name:ident [$({ [$($doc:tt)*] $label:literal $field:ident $need:ident $ty:ty })*]) => {
        $($meta)*
        #[derive(Debug, Clone, PartialEq, Eq, ::serde::Serialize, ::serde::Deserialize)]
        pub struct $name {
            $($($doc)* pub $field: $crate::record!(@type $need $ty),)*
        }
        const _: () = assert!($crate::cbor::rising(&[$($label),*]), "labels out of canonical order");
        impl $crate::cbor::Encode for $name {
            fn encode(&self, w: &mut $crate::cbor::Writer) {
                let len = 0 $(+ $crate::record!(@count $need self.$field))*;
                w.map(len);
                $($crate::record!(@encode $need w $label self.$field);)*
            }
        }
        impl<'a> $crate::cbor::Decode<'a> for $name {
            fn decode(r: &mut $crate::cbor::Reader<'a>) -> ::core::result::Result<Self, $crate::cbor::Malformed> {
                let mut labels = r.map()?;
                $(let $field = $crate::record!(@decode $need r labels $label $ty);)*
                labels.end(r)?;
                Ok(Self { $($field),* })
            }
        }
    };
    (@type req $ty:ty) => { $ty };
    (@type opt $ty:ty) => { Option<$ty> };
    (@count req $e:expr) => { 1 };
    (@count opt $e:expr) => { usize::from($e.is_some()) };
    (@encode req $w:ident $label:literal $e:expr) => {
        $w.int($label);
        $crate::cbor::Encode::encode(&$e, $w);
    };
    (@encode opt $w:ident $label:literal $e:expr) => {
        if let Some(value) = &$e {
            $w.int($label);
            $crate::cbor::Encode::encode(value, $w);
        }
    };
    (@decode req $r:ident $labels:ident $label:literal $ty:ty) => {{
        $labels.demand($r, $label)?;
        <$ty as $crate::cbor::Decode>::decode($r)?
    }};
    (@decode opt $r:ident $labels:ident $label:literal $ty:ty) => {
        if $labels.offer($r, $label)? { Some(<$ty as $crate::cbor::Decode>::decode($r)?) } else { None }
    };
}

/// Declares an enum whose variants are written as one small number, and named in JSON and on screens by one word.
#[macro_export]
macro_rules! words {
    ($(#[$meta:meta])* pub enum $name:ident { $($(#[$doc:meta])* $code:literal => $variant:ident = $word:literal,)* }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, ::serde::Serialize, ::serde::Deserialize)]
        pub enum $name {
            $($(#[$doc])* #[serde(rename = $word)] $variant,)*
        }
        impl $name {
            /// All of them, in the order of their codes.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];
            /// The number it is written as.
            pub const fn code(self) -> u64 {
                match self { $(Self::$variant => $code,)* }
            }
            /// The word it is known by.
            pub const fn word(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }
            /// The one with this word.
            pub fn from_word(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$variant),)* _ => None }
            }
        }
        impl ::core::fmt::Display for $name {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                f.write_str(self.word())
            }
        }
        impl $crate::cbor::Encode for $name {
            fn encode(&self, w: &mut $crate::cbor::Writer) {
                w.uint(self.code());
            }
        }
        impl $crate::cbor::Decode<'_> for $name {
            fn decode(r: &mut $crate::cbor::Reader<'_>) -> ::core::result::Result<Self, $crate::cbor::Malformed> {
                match r.uint()? {
                    $($code => Ok(Self::$variant),)*
                    _ => Err($crate::cbor::Malformed::OutOfRange),
                }
            }
        }
    };
}
