//! Runs of import statements, and the leading import block (rules 7, 12 and 16).
//!
//! A run is what isort sorts as one: imports of one suite with nothing but comments between them.
//! What stands between runs is classed by whether imports below it may depend on it.

use crate::syntax::ast::{Expr, Stmt};
use crate::text::{Ranged, TextRange, TextSize};

use super::context::Ctx;
use super::draft::Draft;
use super::existing::{Existing, Suite, children};

/// Statements that share their lines; one, as a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Unit {
    /// The index of the first one in its suite.
    pub(super) first: usize,
    /// The index after the last one.
    pub(super) end: usize,
}

impl Unit {
    /// The statements.
    pub(super) fn statements<'a>(&self, suite: &Suite<'a>) -> &'a [Stmt] {
        suite.body.get(self.first..self.end).unwrap_or_default()
    }

    /// From the first to the last of them.
    pub(super) fn range(&self, suite: &Suite) -> TextRange {
        let statements = self.statements(suite);
        match (statements.first(), statements.last()) {
            (Some(first), Some(last)) => TextRange::new(first.start(), last.end()),
            _ => TextRange::default(),
        }
    }

    /// Nothing else stands on the lines.
    pub(super) fn is_single(&self) -> bool {
        self.end == self.first + 1
    }

    fn is_import(&self, suite: &Suite) -> bool {
        let statements = self.statements(suite);
        statements.iter().all(|stmt| matches!(stmt, Stmt::Import(_) | Stmt::ImportFrom(_)))
    }
}

/// Import statements that are sorted together.
#[derive(Debug, Clone)]
pub(super) struct Run<'a> {
    /// Where they are.
    pub(super) suite: Suite<'a>,
    /// The statements, by line; none where a run begins with new imports.
    pub(super) units: Vec<Unit>,
    /// Where it begins, which tells it from the other runs of its suite.
    pub(super) start: TextSize,
    /// The comment that new imports here must have.
    pub(super) comment: Option<String>,
    /// Linters report imports here as not being at the top of the file (E402).
    pub(super) is_late: bool,
    /// Set-up of paths, environment or libraries comes before it.
    pub(super) is_after_barrier: bool,
}

impl<'a> Run<'a> {
    /// The imports, one for a line.
    pub(super) fn imports(&self) -> impl Iterator<Item = (Unit, Existing<'a>)> {
        self.units.iter().filter_map(|unit| {
            let stmt = unit.statements(&self.suite).first()?;
            Some((*unit, Existing::new(stmt)?))
        })
    }

    /// A run that has only new imports, of which the first was put at `start`.
    pub(super) fn of_new(suite: Suite<'a>, start: TextSize, comment: Option<String>) -> Self {
        let (is_late, is_after_barrier) = (false, false);
        Self { suite, units: Vec::new(), start, comment, is_late, is_after_barrier }
    }

    /// It holds the statement with this index.
    pub(super) fn contains(&self, index: usize) -> bool {
        self.units.iter().any(|unit| (unit.first..unit.end).contains(&index))
    }

    /// Nothing but `from __future__` imports.
    fn is_future(&self) -> bool {
        self.imports().all(|(_, import)| {
            import.from.is_some_and(|module| module.level == 0 && module.name == "__future__")
        })
    }
}

/// The statements of `suite` by line.
pub(super) fn units(suite: &Suite, draft: &Draft) -> Vec<Unit> {
    let mut units: Vec<Unit> = Vec::new();
    let mut last_row = None;
    for (index, stmt) in suite.body.iter().enumerate() {
        let row = draft.row_at(stmt.start());
        match units.last_mut() {
            Some(unit) if last_row == Some(row) => unit.end = index + 1,
            _ => units.push(Unit { first: index, end: index + 1 }),
        }
        last_row = Some(draft.row_at(stmt.end()));
    }
    units
}

/// The run of `suite` that the statement `index` is in or directly below.
pub(super) fn run_touching<'a>(
    ctx: &Ctx,
    draft: &Draft,
    suite: Suite<'a>,
    index: usize,
) -> Option<Run<'a>> {
    let runs = runs(ctx, draft, suite);
    let above = index.checked_sub(1);
    let position = runs
        .iter()
        .position(|run| run.contains(index))
        .or_else(|| above.and_then(|above| runs.iter().position(|run| run.contains(above))))?;
    runs.into_iter().nth(position)
}

/// The runs of `suite`, with what comes before them at module level taken into account.
pub(super) fn runs<'a>(ctx: &Ctx, draft: &Draft, suite: Suite<'a>) -> Vec<Run<'a>> {
    let mut runs: Vec<Run> = Vec::new();
    let mut before: Option<TextSize> = None;
    let mut is_late = false;
    let mut is_after_barrier = false;
    for unit in units(&suite, draft) {
        let range = unit.range(&suite);
        let is_sorted = unit.is_import(&suite) && !ctx.pragmas.is_unsorted(range);
        if !is_sorted {
            before = None;
            for stmt in unit.statements(&suite) {
                let between = classify(stmt, unit.first);
                is_late |= between.ends_top && suite.owner.is_none();
                is_after_barrier |= between.is_barrier;
            }
            continue;
        }
        let joins = before.is_some_and(|end| !ctx.pragmas.splits(end, range.start()));
        before = Some(range.end());
        match runs.last_mut() {
            Some(run) if joins => run.units.push(unit),
            _ => runs.push(Run {
                suite,
                units: vec![unit],
                start: range.start(),
                comment: None,
                is_late,
                is_after_barrier,
            }),
        }
    }
    runs
}

/// The runs of the leading import block that begin before `limit`.
///
/// The block ends at the first function or class, and at the first other code that no later import
/// follows.
pub(super) fn leading_runs<'a>(
    ctx: &Ctx<'a>,
    draft: &Draft,
    limit: Option<TextSize>,
) -> Vec<Run<'a>> {
    let suite = Suite::of_module(ctx.module);
    let definition = suite
        .body
        .iter()
        .find(|stmt| matches!(stmt, Stmt::FunctionDef(_) | Stmt::ClassDef(_)))
        .map(Ranged::start);
    let mut runs = runs(ctx, draft, suite);
    runs.retain(|run| {
        let start = run.start;
        limit.is_none_or(|limit| start < limit) && definition.is_none_or(|end| start < end)
    });
    // Dunders such as `__all__` belong between `__future__` and the other imports.
    if let [only] = runs.as_slice()
        && only.is_future()
        && only.units.last().is_some_and(|unit| suite.body.get(unit.end).is_some_and(is_dunder))
    {
        runs.clear();
    }
    runs
}

/// A linter may report an import at the statement `index` of `suite` as not being at the top (E402).
pub(super) fn is_late(suite: &Suite, index: usize) -> bool {
    let above = suite.body.get(..index).unwrap_or_default();
    suite.owner.is_none()
        && above.iter().enumerate().any(|(i, stmt)| {
            let above = classify(stmt, i);
            above.ends_top || above.is_barrier
        })
}

/// Barriers that linters let pass between imports, below the last run and before `limit`: where
/// the last of them ends.
pub(super) fn trailing_barrier(
    suite: &Suite,
    run: Option<&Run>,
    limit: Option<TextSize>,
) -> Option<usize> {
    let first = run.and_then(|run| run.units.last()).map_or(0, |unit| unit.end);
    let mut last = None;
    for (index, stmt) in suite.body.iter().enumerate().skip(first) {
        if limit.is_some_and(|limit| stmt.end() > limit) {
            break;
        }
        let between = classify(stmt, index);
        if between.ends_top || (between.is_barrier && !between.sets_path) {
            break;
        }
        if between.sets_path {
            last = Some(index);
        }
    }
    last
}

/// The last `from m import *` of the module's own statements that begins before `limit`.
pub(super) fn last_star(suite: &Suite, limit: Option<TextSize>) -> Option<TextSize> {
    suite
        .body
        .iter()
        .filter(|stmt| limit.is_none_or(|limit| stmt.start() < limit))
        .filter(|stmt| Existing::new(stmt).is_some_and(|import| import.is_star()))
        .map(Ranged::start)
        .next_back()
}

/// What a statement means for the imports below it.
#[derive(Debug, Clone, Copy, Default)]
struct Between {
    /// pycodestyle and ruff take it for the end of the imports.
    ends_top: bool,
    /// Imports below may depend on it.
    is_barrier: bool,
    /// It changes `sys.path` or the environment, and linters know that.
    sets_path: bool,
}

fn classify(stmt: &Stmt, index: usize) -> Between {
    let harmless = Between::default();
    let code = Between { ends_top: true, ..harmless };
    let barrier = Between { ends_top: true, is_barrier: true, sets_path: false };
    let path = Between { ends_top: false, is_barrier: true, sets_path: true };
    match stmt {
        Stmt::Import(_) | Stmt::ImportFrom(_) => harmless,
        Stmt::Expr(node) if node.value.is_string_literal_expr() => {
            if index == 0 {
                harmless
            } else {
                code
            }
        }
        Stmt::Expr(node) => match node.value.as_ref() {
            Expr::Call(call) if is_path_change(&call.func) => path,
            Expr::Call(_) | Expr::Await(_) => barrier,
            _ => code,
        },
        Stmt::Assign(node) => match node.targets.as_slice() {
            [target] if is_dunder_name(target) => harmless,
            targets if targets.iter().any(is_path_target) => path,
            targets if targets.iter().any(|target| !target.is_name_expr()) => barrier,
            _ => code,
        },
        Stmt::AnnAssign(node) if is_dunder_name(&node.target) => harmless,
        Stmt::Delete(node) if node.targets.iter().any(is_path_target) => path,
        Stmt::AugAssign(node) if !node.target.is_name_expr() => barrier,
        Stmt::For(_) | Stmt::While(_) => barrier,
        Stmt::If(_) | Stmt::Try(_) | Stmt::With(_) | Stmt::Match(_) => {
            let inner: Vec<Between> = children(stmt)
                .iter()
                .flat_map(|suite| suite.body.iter().map(|stmt| classify(stmt, 1)))
                .collect();
            // Ex) `if __name__ == "__main__":` does more than to set up a path.
            let is_set_up = inner.iter().all(|inner| inner.sets_path || !inner.ends_top);
            Between {
                ends_top: false,
                is_barrier: inner.iter().any(|inner| inner.is_barrier),
                sets_path: is_set_up && inner.iter().any(|inner| inner.sets_path),
            }
        }
        _ => code,
    }
}

/// `sys.path.insert`, `os.environ.setdefault`, `site.addsitedir` and the like.
fn is_path_change(function: &Expr) -> bool {
    let Expr::Attribute(attribute) = function else { return false };
    is_path_object(&attribute.value)
        || matches!(
            (attribute.value.as_ref(), attribute.attr.as_str()),
            (Expr::Name(name), "addsitedir") if name.id.as_str() == "site"
        )
        || matches!(
            (attribute.value.as_ref(), attribute.attr.as_str()),
            (Expr::Name(name), "putenv" | "unsetenv") if name.id.as_str() == "os"
        )
        || matches!(
            (attribute.value.as_ref(), attribute.attr.as_str()),
            (Expr::Name(name), "use") if name.id.as_str() == "matplotlib"
        )
}

/// `os.environ["A"]`, `sys.path[0]`.
fn is_path_target(target: &Expr) -> bool {
    matches!(target, Expr::Subscript(subscript) if is_path_object(&subscript.value))
}

/// `sys.path` and `os.environ`, by whatever module they are reached.
fn is_path_object(expr: &Expr) -> bool {
    let Expr::Attribute(attribute) = expr else { return false };
    let Expr::Name(module) = attribute.value.as_ref() else { return false };
    matches!((module.id.as_str(), attribute.attr.as_str()), ("sys", "path") | ("os", "environ"))
}

/// `__all__ = …`, `__version__ = …`: what PEP 8 wants between `__future__` and the imports.
pub(super) fn is_dunder(stmt: &Stmt) -> bool {
    match stmt {
        Stmt::Assign(node) => matches!(node.targets.as_slice(), [target] if is_dunder_name(target)),
        Stmt::AnnAssign(node) => is_dunder_name(&node.target),
        _ => false,
    }
}

fn is_dunder_name(target: &Expr) -> bool {
    let Expr::Name(name) = target else { return false };
    let name = name.id.as_str();
    name.len() > 4 && name.starts_with("__") && name.ends_with("__")
}
