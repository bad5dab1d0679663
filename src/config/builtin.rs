//! The transforms that come with tiermod, by name.
//!
//! Holds their texts and does not read them: they are transforms as any other.

/// What an entry of `transforms` begins with that names one of them.
pub const PREFIX: &str = "builtin:";

/// A transform that comes with tiermod.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Builtin {
    /// Its name.
    pub name: &'static str,
    /// The text of its file.
    pub text: &'static str,
    /// It names modules of an invented project, and is for copying.
    pub is_template: bool,
}

impl Builtin {
    /// As `transforms` names it, and messages about it.
    pub fn path(&self) -> String {
        format!("{PREFIX}{}", self.name)
    }
}

/// All of them, sorted.
pub const ALL: &[Builtin] = &[
    Builtin {
        name: "asyncio-get-event-loop",
        text: include_str!("../../transforms/asyncio-get-event-loop.toml"),
        is_template: false,
    },
    Builtin {
        name: "collections-abc",
        text: include_str!("../../transforms/collections-abc.toml"),
        is_template: false,
    },
    Builtin {
        name: "datetime-utcnow",
        text: include_str!("../../transforms/datetime-utcnow.toml"),
        is_template: false,
    },
    Builtin {
        name: "http-session",
        text: include_str!("../../transforms/http-session.toml"),
        is_template: true,
    },
    Builtin {
        name: "logging-singleton",
        text: include_str!("../../transforms/logging-singleton.toml"),
        is_template: true,
    },
    Builtin {
        name: "redis-singleton",
        text: include_str!("../../transforms/redis-singleton.toml"),
        is_template: true,
    },
    Builtin {
        name: "unittest-aliases",
        text: include_str!("../../transforms/unittest-aliases.toml"),
        is_template: false,
    },
];

/// The one of this name.
pub fn named(name: &str) -> Option<&'static Builtin> {
    ALL.iter().find(|one| one.name == name)
}
