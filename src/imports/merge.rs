//! Which statement takes a request (rules 8, 10 and 11, and which requests share a new one).
//!
//! Decides, and changes no text.

use crate::text::{Ranged, TextRange, slice};

use super::block::{self, Run};
use super::existing::{Existing, Suite, absolute, function};
use super::order::{Member, Sortable};
use super::pragma::{self, Silence};
use super::request::{How, Import, ImportRequest, ModuleRef, Place, Placed, PlanError};
use super::state::{Addition, Changed, Fresh, Met, State, Target};

/// Why a comment such as `# noqa` keeps a name out of a statement.
const SILENCED: &str = "the comment there would silence findings about the new name";

/// The name is one of the statement's names, or cannot be.
enum Fit {
    /// It is there.
    Has,
    /// It can join.
    Joins,
    /// It needs a statement of its own, and why.
    Apart(&'static str),
}

/// What became of a request for a statement.
enum Joined<'a> {
    /// The statement, or one beside it, has the name.
    Met(Met),
    /// The name goes beside the statement; perhaps there is a reason to tell.
    Beside(Target<'a>, Option<&'static str>),
}

impl<'a> State<'a> {
    /// Decides how `request` is met.
    pub(super) fn assign(&mut self, request: &ImportRequest) -> Result<Met, PlanError> {
        let (target, mut reason) = match request.place {
            Place::Statement { statement, replaces } => {
                match self.join_statement(request, statement, replaces)? {
                    Joined::Met(met) => return Ok(met),
                    Joined::Beside(target, reason) => (target, reason),
                }
            }
            Place::Module { first_use, instead_of } => {
                (Target::Module { first_use, instead_of }, None)
            }
            Place::Beside { statement, replaces_it } => {
                let (suite, index) = Suite::holding(self.ctx.module, statement)
                    .ok_or(PlanError::NoStatement(statement))?;
                if replaces_it {
                    match suite.body.get(index).and_then(Existing::new) {
                        // Names that another request adds to it keep it.
                        Some(import) => {
                            let names = import.names.iter().map(Ranged::range).collect();
                            self.changed(statement)?.gone = names;
                        }
                        None => self.remove_whole(statement, true)?,
                    }
                }
                (self.beside(suite, index, replaces_it), None)
            }
            Place::Function { function: range } => {
                let (_, suite) = function(self.ctx.module, range)
                    .ok_or(PlanError::WrongStatement { range, expected: "a function" })?;
                (Target::Function { suite }, None)
            }
        };
        if let Some(met) = self.join_neighbour(request, &target, &mut reason)? {
            return Ok(met);
        }
        Ok(Met::Fresh(self.request_fresh(&request.import, target, reason)))
    }

    fn beside(&self, suite: Suite<'a>, index: usize, replaces_it: bool) -> Target<'a> {
        let run = block::run_touching(&self.ctx, &self.draft, suite, index)
            .map(|run| run.start)
            .or_else(|| suite.body.get(index).map(Ranged::start));
        Target::Beside { suite, index, replaces_it, run: run.unwrap_or_default() }
    }

    /// Puts the request into `statement` if it fits there; otherwise says where it goes and why.
    fn join_statement(
        &mut self,
        request: &ImportRequest,
        statement: TextRange,
        replaces: Option<TextRange>,
    ) -> Result<Joined<'a>, PlanError> {
        let changed = self.current(statement)?;
        let beside = self.beside(changed.suite, changed.index, false);
        let Import::From { module, member, alias } = &request.import else {
            return Ok(Joined::Beside(beside, Some("`import` statements stand alone")));
        };
        let member = (member.clone(), alias.clone());
        if !self.is_from(&changed.existing, module) {
            return Ok(Joined::Beside(beside, None));
        }
        if let Some(other) = self.same_beside(&changed, module, &member)? {
            return Ok(Joined::Met(other));
        }
        Ok(match self.fit(&changed, &member) {
            Fit::Has => Joined::Met(already(&changed)),
            Fit::Apart(reason) => Joined::Beside(beside, Some(reason)),
            Fit::Joins => {
                let start = statement.start();
                self.changed(statement)?.added.push(Addition { member, instead: replaces });
                Joined::Met(Met::Changed(start, "the import that serves here"))
            }
        })
    }

    /// The very name in another import of the same run.
    fn same_beside(
        &self,
        changed: &Changed<'a>,
        module: &ModuleRef,
        member: &Member,
    ) -> Result<Option<Met>, PlanError> {
        let runs = block::runs(&self.ctx, &self.draft, changed.suite);
        let run = runs.iter().find(|run| run.contains(changed.index));
        for (_, import) in run.into_iter().flat_map(Run::imports) {
            if import.range == changed.existing.range || !self.is_from(&import, module) {
                continue;
            }
            let other = self.current(import.range)?;
            if other.kept().any(|kept| kept == *member) {
                return Ok(Some(already(&other)));
            }
            if other.added.iter().any(|addition| addition.member == *member) {
                return Ok(Some(Met::Changed(import.range.start(), "the import beside it")));
            }
        }
        Ok(None)
    }

    /// Puts the request into an import that its place allows and that is there already.
    fn join_neighbour(
        &mut self,
        request: &ImportRequest,
        target: &Target<'a>,
        reason: &mut Option<&'static str>,
    ) -> Result<Option<Met>, PlanError> {
        let suite = target.suite(&self.ctx);
        let runs = block::runs(&self.ctx, &self.draft, suite);
        let limit = match target {
            Target::Module { first_use, .. } => *first_use,
            _ => None,
        };
        let candidates: Vec<Existing> = match target {
            Target::Module { .. } => suite.body.iter().filter_map(Existing::new).collect(),
            Target::Beside { index, .. } => runs
                .iter()
                .filter(|run| run.contains(*index))
                .flat_map(Run::imports)
                .map(|(_, import)| import)
                .collect(),
            Target::Function { .. } => runs
                .iter()
                .filter(|run| run.contains(suite.after_docstring()))
                .flat_map(Run::imports)
                .map(|(_, import)| import)
                .collect(),
        };
        let star = match target {
            Target::Module { .. } => block::last_star(&suite, limit),
            _ => None,
        };
        let usable = |import: &Existing| {
            limit.is_none_or(|limit| import.range.end() <= limit)
                && star.is_none_or(|star| import.range.start() > star)
                && !import.is_star()
        };
        for import in candidates.iter().filter(|import| usable(import)) {
            match &request.import {
                Import::Module { name, alias } => {
                    let changed = self.current(import.range)?;
                    let wanted = (name.clone(), alias.clone());
                    if import.from.is_none() && changed.kept().any(|member| member == wanted) {
                        return Ok(Some(already(&changed)));
                    }
                }
                Import::From { module, member, alias } => {
                    if !self.is_from(import, module)
                        || self.whole.contains_key(&import.range.start())
                    {
                        continue;
                    }
                    let changed = self.current(import.range)?;
                    let member = (member.clone(), alias.clone());
                    match self.fit(&changed, &member) {
                        Fit::Has => return Ok(Some(already(&changed))),
                        Fit::Joins if self.ctx.pragmas.frozen(import.range).is_some() => {}
                        Fit::Apart(apart) => *reason = reason.or(Some(apart)),
                        Fit::Joins => {
                            self.changed(import.range)?
                                .added
                                .push(Addition { member, instead: None });
                            let start = import.range.start();
                            return Ok(Some(Met::Changed(start, "the import of this module")));
                        }
                    }
                }
            }
        }
        Ok(None)
    }

    /// `member` can be one of the names of `changed`.
    fn fit(&self, changed: &Changed, member: &Member) -> Fit {
        let style = self.ctx.style;
        let has_old = changed.kept().next().is_some();
        if changed.members().contains(member) {
            return Fit::Has;
        }
        let members = changed.members();
        let range = changed.existing.range;
        if changed.existing.is_star() {
            return Fit::Apart("a star import stands alone");
        }
        if members.is_empty() {
            return Fit::Joins;
        }
        if self.ctx.pragmas.is_unsorted(range) {
            // No tool takes such a statement apart, but none may reflow it either.
            return match self.silence(range) {
                Silence::Names | Silence::Whole if has_old => Fit::Apart(SILENCED),
                _ => Fit::Joins,
            };
        }
        let name = changed.existing.from.as_ref().map(ToString::to_string).unwrap_or_default();
        if style.force_single_line && !style.single_line_exclusions.contains(&name) {
            return Fit::Apart("the project has one name for each import");
        }
        let is_aliased = |(_, alias): &Member| alias.is_some();
        if !style.combine_as_imports
            && !changed.existing.mixes_aliases()
            && (is_aliased(member) || members.iter().any(is_aliased))
        {
            return Fit::Apart("names with `as` have statements of their own");
        }
        if has_old && self.silence(range) == Silence::Whole && !style.is_sorted_by_tool {
            return Fit::Apart(SILENCED);
        }
        Fit::Joins
    }

    /// What the comments of the statement silence that apply to all of its names.
    pub(super) fn silence(&self, range: TextRange) -> Silence {
        self.statement_comment(range)
            .map_or(Silence::Nothing, |comment| pragma::silence(slice(self.ctx.text, comment)))
    }

    /// The comment that tools take to apply to all of the statement: the one on its first line,
    /// or on its last where backslashes join them.
    pub(super) fn statement_comment(&self, range: TextRange) -> Option<TextRange> {
        let first = self.draft.row(self.draft.row_at(range.start()))?.range;
        let module = self.ctx.module;
        let on_first = module.comments_in(range).first().copied();
        on_first.filter(|comment| first.contains(comment.start())).or_else(|| {
            let text = slice(self.ctx.text, range);
            let is_joined = !text.contains(['\n', '\r']) || !text.contains('(');
            pragma::trailing_comment(module, &self.draft, range).filter(|_| is_joined)
        })
    }

    /// `existing` imports from the module that `module` is.
    fn is_from(&self, existing: &Existing, module: &ModuleRef) -> bool {
        let Some(from) = &existing.from else { return false };
        if from == module {
            return true;
        }
        let absolute = |module| absolute(module, self.ctx.package);
        absolute(from).is_some_and(|name| Some(name) == absolute(module))
    }

    /// The names of both imports can be in one statement.
    pub(super) fn may_share(&self, a: &Sortable, b: &Sortable) -> bool {
        let style = self.ctx.style;
        let is_plain = |import: &Sortable| import.members.iter().all(|(_, alias)| alias.is_none());
        let is_single = a.from.as_ref().is_some_and(|module| {
            style.force_single_line && !style.single_line_exclusions.contains(&module.name)
        });
        a.from.is_some()
            && a.from == b.from
            && !is_single
            && (style.combine_as_imports || (is_plain(a) && is_plain(b)))
    }

    /// Gives the request a new statement, or a place in one that another request has got.
    pub(super) fn request_fresh(
        &mut self,
        import: &Import,
        target: Target<'a>,
        reason: Option<&'static str>,
    ) -> usize {
        let sortable = match import {
            Import::Module { name, alias } => {
                Sortable { from: None, members: vec![(name.clone(), alias.clone())] }
            }
            Import::From { module, member, alias } => Sortable {
                from: Some(module.clone()),
                members: vec![(member.clone(), alias.clone())],
            },
        };
        let shares = |fresh: &Fresh| {
            fresh.target.is_like(&target)
                && fresh.lines.is_none()
                && (fresh.import == sortable || self.may_share(&fresh.import, &sortable))
        };
        if let Some(index) = self.fresh.iter().position(shares)
            && let Some(fresh) = self.fresh.get_mut(index)
        {
            for member in sortable.members {
                if !fresh.import.members.contains(&member) {
                    fresh.import.members.push(member);
                }
            }
            fresh.target.join(&target);
            return index;
        }
        self.fresh.push(Fresh {
            import: sortable,
            target,
            reason,
            lines: None,
            how: How::New,
            run: None,
            placed: None,
        });
        self.fresh.len() - 1
    }
}

/// The name is there already.
fn already(changed: &Changed) -> Met {
    let statement = changed.existing.range;
    Met::Already(Placed {
        how: How::Already,
        offset: statement.end(),
        why: "it is imported there already".to_owned(),
    })
}
