//! Chooses the place of a new statement: which run it joins, or that it stands alone (rules 7, 12
//! and 16).

use crate::text::{Ranged, TextRange, TextSize};

use super::block::{self, Run};
use super::existing::{Existing, Suite, first_part};
use super::order::{Order, Sortable};
use super::request::{ModuleRef, Placed, PlanError};
use super::state::{State, Target};

impl<'a> State<'a> {
    /// Writes the new statement with this index.
    pub(super) fn place(&mut self, index: usize) -> Result<(), PlanError> {
        let Some(fresh) = self.fresh.get(index) else { return Ok(()) };
        let (target, reason) = (fresh.target, fresh.reason);
        let mut import = fresh.import.clone();
        let order = Order::configured(self.ctx.style);
        import.members.sort_by_cached_key(|(name, alias)| order.member(name, alias.as_deref()));
        let mut placed = match target {
            Target::Module { first_use, instead_of } => {
                self.place_in_module(index, &import, first_use, instead_of)?
            }
            Target::Beside { suite, index: statement, replaces_it, .. } => {
                self.place_beside(index, &import, suite, statement, replaces_it)
            }
            Target::Function { suite } => {
                let first = suite.after_docstring();
                let runs = block::runs(&self.ctx, &self.draft, suite);
                match runs.into_iter().find(|run| run.contains(first)) {
                    Some(run) if self.ctx.begins_line(&self.draft, run.start) => {
                        self.place_in_run(index, &import, &run, None)
                    }
                    _ => self.place_in_suite(index, &import, suite, first),
                }
            }
        };
        if let Some(reason) = reason {
            placed.why = format!("{}, as {reason}", placed.why);
        }
        if let Some(fresh) = self.fresh.get_mut(index) {
            fresh.import = import;
            placed.how = fresh.how;
            fresh.placed = Some(placed);
        }
        Ok(())
    }

    fn place_in_module(
        &mut self,
        index: usize,
        import: &Sortable,
        first_use: Option<TextSize>,
        instead_of: Option<TextRange>,
    ) -> Result<Placed, PlanError> {
        let suite = Suite::of_module(self.ctx.module);
        let is_early = |range: &TextRange| first_use.is_none_or(|limit| range.start() < limit);
        let replaced = instead_of.filter(is_early).and_then(|range| {
            let (at, index) = Suite::holding(self.ctx.module, range)?;
            at.owner.is_none().then_some((range, index))
        });
        if let Some((range, at)) = replaced {
            let runs = block::runs(&self.ctx, &self.draft, suite);
            return Ok(match runs.into_iter().find(|run| run.contains(at)) {
                Some(run) => self.place_in_run(index, import, &run, Some(range)),
                None => self.place_beside(index, import, suite, at, true),
            });
        }
        let star = block::last_star(&suite, first_use);
        let runs = block::leading_runs(&self.ctx, &self.draft, first_use);
        let Some(run) = self.choose_run(&runs, import, star) else {
            let below_star =
                star.map(|star| suite.body.partition_point(|stmt| stmt.start() <= star));
            return self.place_at_top(index, import, below_star.unwrap_or(0), first_use);
        };
        let needs_path =
            !self.ctx.sections.comes_with_python(&module_of(import)) && !has_package(run, import);
        match block::trailing_barrier(&suite, runs.last(), first_use) {
            Some(barrier) if needs_path => self.place_at_top(index, import, barrier + 1, first_use),
            _ => Ok(self.place_in_run(index, import, &run.clone(), None)),
        }
    }

    /// The run of the leading block that suits a new import.
    ///
    /// Next to imports of the same package; otherwise with its section, and what does not come
    /// with Python below any set-up that others of its kind need.
    fn choose_run<'r>(
        &self,
        runs: &'r [Run<'a>],
        import: &Sortable,
        star: Option<TextSize>,
    ) -> Option<&'r Run<'a>> {
        let end = |run: &Run| run.units.last().map(|unit| unit.range(&run.suite).end());
        let allowed: Vec<&Run> =
            runs.iter().filter(|run| star.is_none_or(|star| end(run) > Some(star))).collect();
        if let Some(run) = allowed.iter().rev().find(|run| has_package(run, import)) {
            return Some(run);
        }
        let module = module_of(import);
        let section = self.ctx.sections.of(&module);
        let has_section = |run: &&&Run| {
            run.imports().any(|(_, other)| self.ctx.sections.of(&other.module()) == section)
        };
        if self.ctx.sections.comes_with_python(&module) {
            let with_section = allowed.iter().find(has_section);
            return with_section.or_else(|| allowed.first()).copied();
        }
        allowed
            .iter()
            .rev()
            .filter(|run| !run.is_late || run.is_after_barrier)
            .find(has_section)
            .or_else(|| allowed.iter().rev().find(|run| !run.is_late))
            .or_else(|| allowed.first())
            .copied()
    }

    /// In the suite of a statement: among the imports around it, or directly above it.
    fn place_beside(
        &mut self,
        index: usize,
        import: &Sortable,
        suite: Suite<'a>,
        statement: usize,
        replaces_it: bool,
    ) -> Placed {
        let Some(stmt) = suite.body.get(statement) else {
            return self.place_in_suite(index, import, suite, statement);
        };
        let range = stmt.range();
        let touching = |index| block::run_touching(&self.ctx, &self.draft, suite, index);
        let below = || touching(statement + 1).filter(|_| replaces_it);
        if self.ctx.begins_line(&self.draft, suite.key())
            && let Some(run) = touching(statement).or_else(below)
        {
            let instead = replaces_it.then_some(range);
            return self.place_in_run(index, import, &run, instead);
        }
        if replaces_it {
            return self.place_instead(index, import, range);
        }
        self.place_in_suite(index, import, suite, statement)
    }
}

impl Existing<'_> {
    /// Where its first name comes from.
    pub(super) fn module(&self) -> ModuleRef {
        self.from.clone().unwrap_or_else(|| {
            let name = self.names.first().map(|alias| alias.name.to_string());
            ModuleRef::absolute(name.unwrap_or_default())
        })
    }
}

/// Where the first name comes from.
pub(super) fn module_of(import: &Sortable) -> ModuleRef {
    import.from.clone().unwrap_or_else(|| {
        let name = import.members.first().map(|(name, _)| name.clone());
        ModuleRef::absolute(name.unwrap_or_default())
    })
}

/// The top-level package of an import, as [`Existing::top_level`] has it.
pub(super) fn top_level(import: &Sortable) -> String {
    let module = module_of(import);
    if module.level > 0 { ".".to_owned() } else { first_part(&module.name).to_owned() }
}

fn has_package(run: &Run, import: &Sortable) -> bool {
    let top = top_level(import);
    run.imports().any(|(_, existing)| existing.top_level() == top)
}
