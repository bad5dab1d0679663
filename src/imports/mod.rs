//! Where an import goes: requests and removals of one file to edits.
//!
//! The caller decides which names are free, which bindings can be reused and where a name may be
//! imported; this module decides on which line that is and how the line looks. It resolves no
//! names and looks at nothing but the file, its style, and which top-level modules are the
//! project's own. Invariant: the edits are disjoint, touch import statements (and statements that
//! were asked to go) alone, and do not depend on the order of the requests.
//!
//! The rules, each with a test of its number:
//!
//! - 8 to 11, which statement a name joins and in which layout: `merge`, `relocate`, `names`,
//!   `rewrite`;
//! - 7, 12 and 16, which run of imports a new statement joins: `block`, `place`;
//! - 13 to 15, its section and its place there: `section`, `agree`, `order`, `slot`, `insert`;
//! - 17 to 19, where there are no imports to join: `top`, `alone`;
//! - 18 and 20, blank lines and line endings: `gap`, `draft`;
//! - 21, the whole file at once: `state` and [`plan`];
//! - 25, what leaves with an import: `names`, `remove`.

pub mod request;
mod existing;
mod order;
mod draft;
pub(crate) mod pragma;
mod comments;
mod section;
mod context;
mod block;
mod names;
mod render;
mod gap;
mod slot;
mod state;
mod top;
mod merge;
mod place;
mod insert;
mod alone;
mod relocate;
mod rewrite;
mod remove;
mod agree;

use std::collections::BTreeMap;

use crate::config::python_style::ImportStyle;
use crate::syntax::Module;
use crate::text::{TextEdit, TextSize};

use context::Ctx;
use draft::Draft;
use order::Order;
use pragma::Pragmas;
use section::Sections;
use state::{Met, State};

pub use request::{
    How, Import, ImportPlan, ImportRequest, ModuleRef, Place, Placed, PlanError, Removal,
    StatementRemoval,
};

/// One file whose imports change.
pub struct File<'a> {
    /// Its text, without a byte order mark.
    pub text: &'a str,
    /// The parse of `text`.
    pub module: &'a Module,
    /// It is a `.pyi` file.
    pub is_stub: bool,
    /// The package that its relative imports start from, where it is in one.
    pub package: Option<&'a str>,
    /// How imports are sorted and laid out.
    pub style: &'a ImportStyle,
    /// Whether a module is the project's own.
    ///
    /// Asked with a dotted name: ruff takes `app.core` for first-party where a source root holds
    /// that very module, or the file lies in the package `app` itself. Where isort sorts, asked
    /// with the top-level name alone.
    pub first_party: &'a dyn Fn(&str) -> bool,
}

/// The edits that meet `requests` and make `removals` and `statements`.
///
/// Everything is planned at once: equal requests are one, and the result does not depend on the
/// order in which they are given. A request whose place is the statement of a removal takes over
/// that statement rather than adding another.
///
/// # Errors
/// A range that is not the one of a statement or name of the kind that is needed, a name that is
/// none, or no place above the first use.
pub fn plan(
    file: &File,
    requests: &[ImportRequest],
    removals: &[Removal],
    statements: &[StatementRemoval],
) -> Result<ImportPlan, PlanError> {
    for request in requests {
        check(&request.import)?;
    }
    let mut state = state_of(file);
    state.remove(removals, statements)?;
    let mut distinct: Vec<&ImportRequest> = requests.iter().collect();
    distinct.sort_by(|a, b| (&a.place, &a.import).cmp(&(&b.place, &b.import)));
    distinct.dedup();
    let mut met: BTreeMap<(Place, Import), Met> = BTreeMap::new();
    for request in distinct {
        let how = state.assign(request)?;
        met.insert((request.place.clone(), request.import.clone()), how);
    }
    for (start, moved) in state.relocate() {
        for how in met.values_mut() {
            if matches!(how, Met::Changed(at, _) if *at == start) {
                *how = moved.clone();
            }
        }
    }
    state.settle();
    for index in 0..state.fresh.len() {
        state.place(index)?;
    }
    let starts: Vec<TextSize> = state.changed.keys().copied().collect();
    for start in starts {
        state.rewrite(start);
    }
    state.remove_all();
    let placed = requests
        .iter()
        .map(|request| {
            let met = met.get(&(request.place.clone(), request.import.clone()));
            placed(&state, met).ok_or_else(|| PlanError::NoPlace(request.import.to_string()))
        })
        .collect::<Result<_, _>>()?;
    let edits = TextEdit::new(state.draft.finish(state.inside))?;
    Ok(ImportPlan { edits: edits.edits().to_vec(), placed, emptied: state.emptied })
}

/// Whether the file's imports are sorted already, for what it says of modules.
pub fn are_sorted(file: &File) -> bool {
    state_of(file).agrees()
}

fn state_of<'a>(file: &File<'a>) -> State<'a> {
    let draft = Draft::new(file.text, file.module);
    let pragmas = Pragmas::new(file.text, file.module, &draft);
    let ctx = Ctx {
        text: file.text,
        module: file.module,
        style: file.style,
        package: file.package,
        is_stub: file.is_stub,
        pragmas,
        sections: Sections::new(file.style, file.first_party),
        orders: Order::candidates(file.style),
    };
    State {
        ctx,
        draft,
        inside: Vec::new(),
        changed: BTreeMap::new(),
        whole: BTreeMap::new(),
        fresh: Vec::new(),
        emptied: Vec::new(),
    }
}

/// What became of a request that was met in this way.
fn placed(state: &State, met: Option<&Met>) -> Option<Placed> {
    match met? {
        Met::Already(placed) => Some(placed.clone()),
        Met::Fresh(index) => state.fresh.get(*index)?.placed.clone(),
        Met::Changed(start, what) => {
            let changed = state.changed.get(start)?;
            let how = changed.how();
            let why = match how {
                How::Replaced { .. } => format!("put in the place of the names of {what}"),
                _ => format!("added to {what}"),
            };
            Some(Placed { how, offset: changed.existing.range.end(), why })
        }
    }
}

/// Names come from a configuration; what is no name must not get into a file.
fn check(import: &Import) -> Result<(), PlanError> {
    let is_name = |name: &str| {
        let mut chars = name.chars();
        chars.next().is_some_and(|c| c.is_alphabetic() || c == '_')
            && chars.all(|c| c.is_alphanumeric() || c == '_')
            && !KEYWORDS.contains(&name)
    };
    let is_dotted = |name: &str| name.split('.').all(is_name);
    let (is_valid, alias) = match import {
        Import::From { module, member, alias } => {
            let has_module =
                if module.name.is_empty() { module.level > 0 } else { is_dotted(&module.name) };
            (has_module && is_name(member), alias)
        }
        Import::Module { name, alias } => (is_dotted(name), alias),
    };
    if is_valid && alias.as_deref().is_none_or(is_name) {
        Ok(())
    } else {
        Err(PlanError::BadName(import.to_string()))
    }
}

/// The words that Python reserves; soft keywords are names.
const KEYWORDS: [&str; 35] = [
    "False", "None", "True", "and", "as", "assert", "async", "await", "break", "class", "continue",
    "def", "del", "elif", "else", "except", "finally", "for", "from", "global", "if", "import",
    "in", "is", "lambda", "nonlocal", "not", "or", "pass", "raise", "return", "try", "while",
    "with", "yield",
];
