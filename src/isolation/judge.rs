//! A key against the form that it has to have.
//!
//! Two questions: is the key of that form whatever its holes hold, as long as each holds one value,
//! and those that tell users apart hold what they are called; and can it be of that form at all, if
//! a hole may hold anything. What is neither the one nor excluded by the other cannot be told.

use rustc_hash::FxHashSet;

use super::Verdict;
use crate::config::Template;
use crate::config::template::Part;
use crate::strings::{Extent, Piece, Text, Value, words};

/// Judges a key.
pub(super) fn judge(form: &Template, key: &Text) -> Verdict {
    let form = Form::new(form);
    let matches = |is_open| {
        let symbols = symbols(&form, key, is_open);
        form.matches(&Key { symbols: &symbols, is_open })
    };
    if matches(false) {
        Verdict::Namespaced
    } else if matches(true) {
        Verdict::CannotTell
    } else {
        Verdict::NotNamespaced
    }
}

/// Whether a key has the form and says the same user, or whatever the form is about, each time.
pub(super) fn is_constant(form: &Template, key: &Text) -> bool {
    let mut form = Form::new(form);
    for step in &mut form.steps {
        if let Step::Hole { must_vary, .. } = step {
            *must_vary = false;
        }
    }
    let symbols = symbols(&form, key, false);
    let key = Key { symbols: &symbols, is_open: false };
    form.matches(&key)
}

/// A step of the form.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Step {
    Char(char),
    Hole {
        name: String,
        /// It names a user: the same for all is not enough.
        must_vary: bool,
        /// The text that ends it.
        end: Vec<char>,
    },
}

struct Form {
    steps: Vec<Step>,
}

/// A step of the key.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Symbol {
    Char(char),
    /// One value, which belongs to the hole of this name where there is one.
    Value(Option<String>),
    /// Anything.
    Open,
}

struct Key<'k> {
    symbols: &'k [Symbol],
    /// Holes may hold anything.
    is_open: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
struct State {
    step: usize,
    symbol: usize,
    is_filled: bool,
    varies: bool,
    /// The last symbol was a value: where another follows, nobody can tell where it ends.
    is_after_value: bool,
}

impl Form {
    fn new(template: &Template) -> Self {
        let names: Vec<&str> = template.holes().collect();
        let is_id = |name: &str| name.to_ascii_lowercase().ends_with("id");
        let has_id = names.iter().any(|name| is_id(name));
        let mut steps = Vec::new();
        let mut parts = template.parts().iter().peekable();
        let mut is_first = true;
        while let Some(part) = parts.next() {
            match part {
                Part::Text(text) => steps.extend(text.chars().map(Step::Char)),
                Part::Hole(name) => {
                    let must_vary = if has_id { is_id(name) } else { is_first };
                    is_first = false;
                    let end = match parts.peek() {
                        Some(Part::Text(text)) => text.chars().collect(),
                        _ => Vec::new(),
                    };
                    steps.push(Step::Hole { name: name.clone(), must_vary, end });
                }
            }
        }
        Self { steps }
    }

    /// The hole that a value is for.
    fn hole_of(&self, value: &Value) -> Option<String> {
        self.steps.iter().find_map(|step| match step {
            Step::Hole { name, .. } if is_for(value, name) => Some(name.clone()),
            _ => None,
        })
    }

    /// Whether the key may have the form. Each state is looked at once.
    fn matches(&self, key: &Key<'_>) -> bool {
        let mut seen = FxHashSet::default();
        let mut open = vec![State::default()];
        while let Some(at) = open.pop() {
            if at.step == self.steps.len() && at.symbol == key.symbols.len() {
                return true;
            }
            if seen.insert(at) {
                self.next(key, at, &mut open);
            }
        }
        false
    }

    /// Adds the states that may follow.
    fn next(&self, key: &Key<'_>, at: State, open: &mut Vec<State>) {
        let Some(symbol) = key.symbols.get(at.symbol) else {
            // Only a hole may end with the key.
            if let Some(Step::Hole { must_vary, .. }) = self.steps.get(at.step) {
                open.extend(at.after_hole(*must_vary));
            }
            return;
        };
        let further = State { symbol: at.symbol + 1, ..at };
        if *symbol == Symbol::Open {
            open.push(further);
        }
        match (self.steps.get(at.step), symbol) {
            (None, _) | (Some(Step::Char(_)), Symbol::Value(_)) => {}
            (Some(Step::Char(char)), Symbol::Char(found)) => {
                if found == char {
                    open.push(State { step: at.step + 1, ..State::at(further.symbol) });
                }
            }
            (Some(Step::Char(_)), Symbol::Open) => {
                open.push(State { step: at.step + 1, ..State::at(at.symbol) });
            }
            (Some(Step::Hole { name, must_vary, end }), symbol) => {
                open.extend(at.after_hole(*must_vary));
                match symbol {
                    Symbol::Char(_) => {
                        if end.is_empty() || !starts_with(key.symbols, at.symbol, end) {
                            open.push(State { is_filled: true, is_after_value: false, ..further });
                        }
                    }
                    Symbol::Value(of) => {
                        let is_own = of.as_ref() == Some(name);
                        let is_other = of.is_some() && !is_own;
                        let is_unclear = at.is_after_value && !key.is_open;
                        let is_wrong =
                            is_other && (*must_vary || key.is_open) || is_unclear && *must_vary;
                        if !is_wrong {
                            open.push(State {
                                is_filled: true,
                                varies: at.varies || is_own || key.is_open,
                                is_after_value: true,
                                ..further
                            });
                        }
                    }
                    Symbol::Open => open.push(State { is_filled: true, varies: true, ..at }),
                }
            }
        }
    }
}

impl State {
    /// At the beginning of a step and at this symbol.
    fn at(symbol: usize) -> Self {
        Self { symbol, ..Self::default() }
    }

    /// The state behind the hole at which this one is, if it may end there.
    fn after_hole(self, must_vary: bool) -> Option<Self> {
        let may_end = self.is_filled && (self.varies || !must_vary);
        may_end.then(|| Self { step: self.step + 1, ..Self::at(self.symbol) })
    }
}

fn starts_with(key: &[Symbol], at: usize, text: &[char]) -> bool {
    text.iter().enumerate().all(
        |(offset, char)| matches!(key.get(at + offset), Some(Symbol::Char(found)) if found == char),
    )
}

/// The key's steps. A hole that certainly holds what one of the form's is for is one value of that
/// hole; in an open key every other one may hold anything, and where one comes first, the others'
/// places are not known.
fn symbols(form: &Form, key: &Text, is_open: bool) -> Vec<Symbol> {
    let mut symbols = Vec::new();
    for piece in &key.pieces {
        match piece {
            Piece::Fixed(text) => symbols.extend(text.chars().map(Symbol::Char)),
            Piece::Hole(hole) => {
                let named = form.hole_of(&hole.value);
                let is_id = hole.value.words().last().is_some_and(|last| last == "id");
                symbols.push(if is_open && named.is_none() && !is_id {
                    Symbol::Open
                } else {
                    Symbol::Value(named)
                });
            }
        }
    }
    if symbols.first() == Some(&Symbol::Open) {
        for symbol in &mut symbols {
            if let Symbol::Value(of) = symbol {
                *of = None;
            }
        }
    }
    symbols
}

/// Words before a name that say which one it is, and not that it is less: `current_user_id`.
const WHICH: &[&str] = &[
    "current",
    "this",
    "the",
    "my",
    "own",
    "given",
    "target",
    "other",
    "new",
    "old",
    "request",
    "requesting",
    "auth",
    "authenticated",
    "sender",
    "recipient",
    "from",
    "to",
    "str",
    "safe",
];

/// Whether a value is what a hole of this name is for.
fn is_for(value: &Value, hole: &str) -> bool {
    if value.extent != Extent::Whole {
        return false;
    }
    let (has, wanted) = (value.words(), words(hole));
    let is_it = |has: &[String]| {
        let before = has.strip_suffix(wanted.as_slice());
        before.is_some_and(|before| before.iter().all(|word| WHICH.contains(&word.as_str())))
    };
    let own = value.name.as_deref().map(words).unwrap_or_default();
    is_it(&has) || is_it(&own)
}
