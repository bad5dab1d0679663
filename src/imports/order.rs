//! The order of imports and of their members (rules 10 and 14): ruff's isort keys.
//!
//! An [`Order`] is one convention. A project that keeps its imports in another order than the
//! configured one is recognised by trying the conventions in turn.

use std::cmp::{Ordering, Reverse};

use unicode_width::UnicodeWidthStr;

use crate::config::python_style::{ImportStyle, Section};

use super::request::ModuleRef;

/// Text in natural order: `a2` before `a10`.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Natural(String);

impl Ord for Natural {
    fn cmp(&self, other: &Self) -> Ordering {
        natord::compare(&self.0, &other.0)
    }
}

impl PartialOrd for Natural {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum MemberKind {
    Constant,
    Class,
    Variable,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Distance {
    Nearest(u32),
    Furthest(Reverse<u32>),
}

/// The sort key of one imported member.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct MemberKey {
    is_not_star: bool,
    kind: Option<MemberKind>,
    length: Option<usize>,
    folded: Option<Natural>,
    name: Natural,
    alias: Option<Natural>,
}

/// The sort key of one import statement inside its section.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct StatementKey {
    form: u8,
    is_not_forced_to_top: bool,
    length: Option<usize>,
    distance: Distance,
    folded: Option<Natural>,
    name: Option<Natural>,
    first_member: Option<MemberKey>,
    alias: Option<Natural>,
}

/// A name and its `as` name.
pub(super) type Member = (String, Option<String>);

/// An import as far as its order is concerned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Sortable {
    /// Where its names come from, for `from` statements.
    pub(super) from: Option<ModuleRef>,
    /// The names; one module or more for `import` statements.
    pub(super) members: Vec<Member>,
}

/// A convention for sorting.
#[derive(Debug, Clone, Copy)]
#[expect(clippy::struct_excessive_bools, reason = "each is a setting of the tools that sort")]
pub(super) struct Order<'a> {
    style: &'a ImportStyle,
    mixes_forms: bool,
    from_first: bool,
    by_type: bool,
    case_sensitive: bool,
}

impl<'a> Order<'a> {
    /// The configured convention.
    pub(super) fn configured(style: &'a ImportStyle) -> Self {
        Self {
            style,
            mixes_forms: style.force_sort_within_sections,
            from_first: style.from_first,
            by_type: style.order_by_type,
            case_sensitive: style.case_sensitive,
        }
    }

    /// The configured convention, then others that projects keep by hand.
    pub(super) fn candidates(style: &'a ImportStyle) -> Vec<Self> {
        let configured = Self::configured(style);
        let mut orders = vec![configured];
        for (mixes_forms, from_first) in [(false, false), (true, false), (false, true)] {
            for (by_type, case_sensitive) in
                [(configured.by_type, configured.case_sensitive), (false, false), (false, true)]
            {
                orders.push(Self { style, mixes_forms, from_first, by_type, case_sensitive });
            }
        }
        orders
    }

    /// The key of a member.
    pub(super) fn member(&self, name: &str, alias: Option<&str>) -> MemberKey {
        MemberKey {
            is_not_star: name != "*",
            kind: self.by_type.then(|| self.kind(name)),
            length: self.style.length_sort.then(|| name.width()),
            folded: (!self.case_sensitive).then(|| Natural(name.to_lowercase())),
            name: Natural(name.to_owned()),
            alias: alias.map(|alias| Natural(alias.to_owned())),
        }
    }

    /// The key of a statement in `section`.
    pub(super) fn statement(&self, import: &Sortable, section: &Section) -> StatementKey {
        let is_from = import.from.is_some();
        let form = if *section == Section::Future {
            u8::from(!is_from)
        } else if self.mixes_forms {
            0
        } else {
            u8::from(is_from != self.from_first)
        };
        let (level, name, alias) = match &import.from {
            Some(module) => (module.level, Some(module.name.as_str()), None),
            None => match import.members.first() {
                Some((name, alias)) => (0, Some(name.as_str()), alias.as_deref()),
                None => (0, None, None),
            },
        };
        let name = name.filter(|name| !name.is_empty());
        let by_length = self.style.length_sort || (self.style.length_sort_straight && !is_from);
        let dots = usize::try_from(level).unwrap_or(usize::MAX);
        let first_member = is_from
            .then(|| {
                import.members.iter().map(|(name, alias)| self.member(name, alias.as_deref())).min()
            })
            .flatten();
        StatementKey {
            form,
            is_not_forced_to_top: !name.is_some_and(|name| self.style.force_to_top.contains(name)),
            length: by_length.then(|| name.map_or(0, UnicodeWidthStr::width).saturating_add(dots)),
            distance: if self.style.closest_first {
                Distance::Nearest(level)
            } else {
                Distance::Furthest(Reverse(level))
            },
            folded: name.filter(|_| !self.case_sensitive).map(|name| Natural(name.to_lowercase())),
            name: name.map(|name| Natural(name.to_owned())),
            first_member,
            alias: alias.map(|alias| Natural(alias.to_owned())),
        }
    }

    /// `members` are in this order.
    pub(super) fn sorts_members(&self, members: &[Member]) -> bool {
        members.is_sorted_by_key(|(name, alias)| self.member(name, alias.as_deref()))
    }

    /// Constants, classes and variables are told apart by their spelling, as isort does it.
    fn kind(&self, name: &str) -> MemberKind {
        let has_upper = name.chars().any(char::is_uppercase);
        let has_lower = name.chars().any(char::is_lowercase);
        if self.style.constants.contains(name) {
            MemberKind::Constant
        } else if self.style.classes.contains(name) {
            MemberKind::Class
        } else if self.style.variables.contains(name) {
            MemberKind::Variable
        } else if name.len() > 1 && has_upper && !has_lower {
            MemberKind::Constant
        } else if name.chars().next().is_some_and(char::is_uppercase) {
            MemberKind::Class
        } else {
            MemberKind::Variable
        }
    }
}
