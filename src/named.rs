//! Enums whose values have names: states, reasons, outcomes, formats.
//!
//! The names are part of the interface. They appear in columns, in manifests, on the command line and in messages, so
//! each is written once, beside its value. `named_enum!` makes everything else from that table: the list of values,
//! the way from a value to its name and back, `Display`, `Serialize` and `Deserialize`.
//!
//! A row has one of three shapes:
//!
//! ```text
//! Value = "name",
//! Value = "name": "one line for a person",
//! Value = "name": "one line for a person"; "where it is defined",
//! ```
//!
//! The second adds `explanation()`, the third `source()` as well. Values order as their rows do.

/// Declares an enum whose values have names; the module says how.
macro_rules! named_enum {
    ($(#[$meta:meta])* $vis:vis enum $kind:ident { $($(#[$doc:meta])* $value:ident = $name:literal),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        $vis enum $kind { $($(#[$doc])* $value,)+ }

        #[allow(dead_code, reason = "no set of values needs all of these")]
        impl $kind {
            /// Every value, in order.
            pub(crate) const ALL: &'static [Self] = &[$(Self::$value),+];

            /// Every name, in the same order.
            pub(crate) const NAMES: &'static [&'static str] = &[$($name),+];

            /// The name of this value. It never changes.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$value => $name,)+ }
            }

            /// The value of this name.
            pub(crate) fn from_name(name: &str) -> Option<Self> {
                match name { $($name => Some(Self::$value),)+ _ => None }
            }
        }

        impl std::fmt::Display for $kind {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.name())
            }
        }

        impl serde::Serialize for $kind {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
                serializer.serialize_str(self.name())
            }
        }

        impl<'de> serde::Deserialize<'de> for $kind {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
                let name = <std::borrow::Cow<'de, str> as serde::Deserialize<'de>>::deserialize(deserializer)?;
                Self::from_name(&name)
                    .ok_or_else(|| <D::Error as serde::de::Error>::unknown_variant(&name, Self::NAMES))
            }
        }
    };
    ($(#[$meta:meta])* $vis:vis enum $kind:ident {
        $($(#[$doc:meta])* $value:ident = $name:literal: $explanation:literal),+ $(,)?
    }) => {
        named_enum! {
            $(#[$meta])*
            $vis enum $kind { $($(#[$doc])* #[doc = $explanation] $value = $name,)+ }
        }

        impl $kind {
            /// One line for a person.
            pub(crate) const fn explanation(self) -> &'static str {
                match self { $(Self::$value => $explanation,)+ }
            }
        }
    };
    ($(#[$meta:meta])* $vis:vis enum $kind:ident {
        $($(#[$doc:meta])* $value:ident = $name:literal: $explanation:literal; $source:literal),+ $(,)?
    }) => {
        named_enum! {
            $(#[$meta])*
            $vis enum $kind { $($(#[$doc])* $value = $name: $explanation,)+ }
        }

        impl $kind {
            /// Where it is defined.
            pub(crate) const fn source(self) -> &'static str {
                match self { $(Self::$value => $source,)+ }
            }
        }
    };
}

#[cfg(test)]
mod tests {
    named_enum! {
        /// How a light can be.
        #[derive(Default)]
        pub(crate) enum Light {
            #[default]
            Dark = "dark": "it is off"; "a switch",
            HalfLit = "half_lit": "it is dimmed"; "a dimmer",
        }
    }

    #[test]
    fn names_lead_to_values_and_back() {
        assert_eq!(Light::ALL, [Light::Dark, Light::HalfLit]);
        assert_eq!(Light::NAMES, ["dark", "half_lit"]);
        assert!(Light::ALL.iter().all(|light| Light::from_name(light.name()) == Some(*light)));
        assert_eq!(Light::from_name("Dark"), None);
        assert_eq!(format!("[{:>9}]", Light::HalfLit), "[ half_lit]");
        assert_eq!((Light::HalfLit.explanation(), Light::Dark.source()), ("it is dimmed", "a switch"));
        assert!(Light::default() < Light::HalfLit);
    }

    #[test]
    fn names_are_what_serde_reads_and_writes() {
        assert_eq!(serde_json::to_string(&Light::HalfLit).expect("a text"), "\"half_lit\"");
        assert_eq!(serde_json::from_str::<Light>("\"dark\"").expect("a name"), Light::Dark);
        let error = serde_json::from_str::<Light>("\"bright\"").expect_err("no name").to_string();
        assert!(error.starts_with("unknown variant `bright`, expected `dark` or `half_lit`"), "{error}");
    }
}
