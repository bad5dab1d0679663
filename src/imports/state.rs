//! What is known and decided of a file's imports while its plan is made.

use std::collections::BTreeMap;

use crate::text::{Edit, Ranged, TextRange, TextSize};

use super::context::Ctx;
use super::draft::Draft;
use super::existing::{Existing, Suite};
use super::order::{Member, Sortable};
use super::request::{How, Placed, PlanError, Removal, StatementRemoval};

/// A statement that goes as a whole.
#[derive(Debug, Clone, Copy)]
pub(super) struct Whole<'a> {
    /// Where it is.
    pub(super) suite: Suite<'a>,
    /// Its index there.
    pub(super) index: usize,
    /// Its comments stay.
    pub(super) keeps_comments: bool,
    /// A new statement has taken its lines.
    pub(super) is_replaced: bool,
}

/// A name that an existing statement gets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Addition {
    /// The name.
    pub(super) member: Member,
    /// The name whose position it takes in an unsorted list.
    pub(super) instead: Option<TextRange>,
}

/// An import statement whose names change.
#[derive(Debug, Clone)]
pub(super) struct Changed<'a> {
    /// The statement.
    pub(super) existing: Existing<'a>,
    /// Where it is.
    pub(super) suite: Suite<'a>,
    /// Its index there.
    pub(super) index: usize,
    /// The names that go.
    pub(super) gone: Vec<TextRange>,
    /// The names that come.
    pub(super) added: Vec<Addition>,
}

impl Changed<'_> {
    /// The names that stay.
    pub(super) fn kept(&self) -> impl Iterator<Item = Member> {
        self.existing
            .names
            .iter()
            .filter(|alias| !self.gone.contains(&alias.range()))
            .map(|alias| (alias.name.to_string(), alias.asname.as_ref().map(ToString::to_string)))
    }

    /// How its new names are bound.
    pub(super) fn how(&self) -> How {
        let statement = self.existing.range;
        if self.kept().next().is_some() {
            How::Merged { statement }
        } else {
            How::Replaced { statement }
        }
    }

    /// The names that it has afterwards.
    pub(super) fn members(&self) -> Vec<Member> {
        self.kept().chain(self.added.iter().map(|addition| addition.member.clone())).collect()
    }
}

/// Where a new statement goes.
#[derive(Debug, Clone, Copy)]
pub(super) enum Target<'a> {
    /// Module level.
    Module { first_use: Option<TextSize>, instead_of: Option<TextRange> },
    /// The suite of a statement, beside that.
    ///
    /// `run` is where the imports begin that it joins; the statement's own start where there are
    /// none.
    Beside { suite: Suite<'a>, index: usize, replaces_it: bool, run: TextSize },
    /// The top of a function's body.
    Function { suite: Suite<'a> },
}

impl<'a> Target<'a> {
    /// The suite that gets the statement.
    pub(super) fn suite(&self, ctx: &Ctx<'a>) -> Suite<'a> {
        match self {
            Self::Module { .. } => Suite::of_module(ctx.module),
            Self::Beside { suite, .. } | Self::Function { suite } => *suite,
        }
    }

    /// The same place, so that two requests can share a statement.
    pub(super) fn is_like(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Module { .. }, Self::Module { .. }) => true,
            (Self::Beside { run, .. }, Self::Beside { run: other, .. }) => run == other,
            (Self::Function { suite }, Self::Function { suite: other }) => {
                suite.key() == other.key()
            }
            _ => false,
        }
    }

    /// Both places in one: before both first uses, in place of either's statement.
    pub(super) fn join(&mut self, other: &Self) {
        if let (
            Self::Module { first_use, instead_of },
            Self::Module { first_use: other_use, instead_of: other_instead },
        ) = (self, other)
        {
            *first_use = match (*first_use, *other_use) {
                (Some(a), Some(b)) => Some(a.min(b)),
                (a, b) => a.or(b),
            };
            *instead_of = match (*instead_of, *other_instead) {
                (Some(a), Some(b)) => Some(if b.start() < a.start() { b } else { a }),
                (a, b) => a.or(b),
            };
        }
    }
}

/// A new statement.
#[derive(Debug, Clone)]
pub(super) struct Fresh<'a> {
    /// What it imports; members are sorted when it is written.
    pub(super) import: Sortable,
    /// Where it goes.
    pub(super) target: Target<'a>,
    /// The request has a reason of its own for not sharing a statement that is there.
    pub(super) reason: Option<&'static str>,
    /// Its lines, where an old statement moves; the first one without indentation.
    pub(super) lines: Option<Vec<String>>,
    /// How its names are bound.
    pub(super) how: How,
    /// The run that it has joined, by its start.
    pub(super) run: Option<TextSize>,
    /// What became of it.
    pub(super) placed: Option<Placed>,
}

/// How a request is met.
#[derive(Debug, Clone)]
pub(super) enum Met {
    /// By what is there.
    Already(Placed),
    /// By the changed statement that begins here.
    Changed(TextSize, &'static str),
    /// By the new statement with this index.
    Fresh(usize),
}

/// The plan in the making.
pub(super) struct State<'a> {
    pub(super) ctx: Ctx<'a>,
    pub(super) draft: Draft<'a>,
    /// Edits inside lines that stay.
    pub(super) inside: Vec<Edit>,
    /// Statements whose names change, by their starts.
    pub(super) changed: BTreeMap<TextSize, Changed<'a>>,
    /// Statements that go, by their starts.
    pub(super) whole: BTreeMap<TextSize, Whole<'a>>,
    pub(super) fresh: Vec<Fresh<'a>>,
    pub(super) emptied: Vec<TextRange>,
}

impl<'a> State<'a> {
    /// Takes note of what goes.
    pub(super) fn remove(
        &mut self,
        removals: &[Removal],
        statements: &[StatementRemoval],
    ) -> Result<(), PlanError> {
        for removal in removals {
            let changed = self.changed(removal.statement)?;
            if !changed.existing.names.iter().any(|alias| alias.range() == removal.alias) {
                return Err(PlanError::NoAlias(removal.alias));
            }
            if !changed.gone.contains(&removal.alias) {
                changed.gone.push(removal.alias);
                changed.gone.sort_by_key(Ranged::start);
            }
        }
        for removal in statements {
            self.remove_whole(removal.statement, true)?;
        }
        Ok(())
    }

    /// The statement at `range` goes.
    pub(super) fn remove_whole(
        &mut self,
        range: TextRange,
        keeps_comments: bool,
    ) -> Result<(), PlanError> {
        let (suite, index) =
            Suite::holding(self.ctx.module, range).ok_or(PlanError::NoStatement(range))?;
        let whole = Whole { suite, index, keeps_comments, is_replaced: false };
        self.whole.entry(range.start()).or_insert(whole);
        Ok(())
    }

    /// The import statement at `range`, to be changed.
    pub(super) fn changed(&mut self, range: TextRange) -> Result<&mut Changed<'a>, PlanError> {
        if !self.changed.contains_key(&range.start()) {
            let changed = self.unchanged(range)?;
            self.changed.insert(range.start(), changed);
        }
        self.changed.get_mut(&range.start()).ok_or(PlanError::NoStatement(range))
    }

    /// The import statement at `range` as it stands in the plan.
    pub(super) fn current(&self, range: TextRange) -> Result<Changed<'a>, PlanError> {
        match self.changed.get(&range.start()) {
            Some(changed) => Ok(changed.clone()),
            None => self.unchanged(range),
        }
    }

    fn unchanged(&self, range: TextRange) -> Result<Changed<'a>, PlanError> {
        let (suite, index) =
            Suite::holding(self.ctx.module, range).ok_or(PlanError::NoStatement(range))?;
        let stmt = suite.body.get(index).ok_or(PlanError::NoStatement(range))?;
        let existing = Existing::new(stmt)
            .ok_or(PlanError::WrongStatement { range, expected: "an import" })?;
        Ok(Changed { existing, suite, index, gone: Vec::new(), added: Vec::new() })
    }

    /// The statement that begins at `start` is not in the new text.
    pub(super) fn is_gone(&self, start: TextSize) -> bool {
        self.whole.contains_key(&start)
            || self.changed.get(&start).is_some_and(|changed| changed.members().is_empty())
    }
}
