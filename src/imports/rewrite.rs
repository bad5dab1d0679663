//! Changes of an import statement that stays: its names come and go in the layout that it has
//! (rules 8 to 10).

use crate::text::{Edit, TextRange, TextSize, slice};

use super::block;
use super::draft::trimmed;
use super::names::Names;
use super::pragma::{self, Silence};
use super::render::{Statement, code_width};
use super::state::{Changed, State};

impl State<'_> {
    /// Writes the statement that begins at `start` with its new names.
    pub(super) fn rewrite(&mut self, start: TextSize) {
        let Some(changed) = self.changed.get(&start) else { return };
        if changed.members().is_empty() || self.whole.contains_key(&start) {
            return;
        }
        let edit = self.rewritten(changed);
        self.inside.extend(edit);
    }

    /// The edit that gives the statement its new names.
    pub(super) fn rewritten(&self, changed: &Changed) -> Option<Edit> {
        let range = changed.existing.range;
        let text = self.ctx.text;
        let ending = self.draft.line_ending(self.draft.row_at(range.start()) + 1);
        let old = Names::new(text, self.ctx.module, range, changed.existing.names, ending)?;
        let mut names = old.clone();
        let members = old.members();
        let order = self.ctx.orders.iter().find(|order| order.sorts_members(&members));
        for addition in &changed.added {
            names.add(&addition.member, order, &changed.gone, addition.instead);
        }
        for gone in &changed.gone {
            names.remove(*gone);
        }
        if self.inherits_silence(changed)
            && let Some(edit) = self.without_silence(changed, &names)
        {
            return Some(edit);
        }
        if names.is_on_one_line() {
            if self.is_too_wide(changed, &old, &names) {
                return Some(self.wrapped(changed, &names));
            }
        } else if self.should_join(changed, &old, &names) {
            return Some(self.joined(changed, &names));
        } else if let Some(filled) = self.filled(range, &old, &names) {
            names = filled;
        } else {
            self.fill(range, &mut names);
        }
        Some(trimmed(text, names.range, &names.to_text()))
    }

    /// A comment about all of the statement would silence findings about new names.
    fn inherits_silence(&self, changed: &Changed) -> bool {
        let keeps = changed.kept().next().is_some();
        keeps && !changed.added.is_empty() && self.silence(changed.existing.range) == Silence::Names
    }

    /// One name a line, the comment standing on the lines of the old names alone.
    ///
    /// `None` where other comments have no place then, or the lines may not be changed.
    fn without_silence(&self, changed: &Changed, names: &Names) -> Option<Edit> {
        let range = changed.existing.range;
        let comment = self.statement_comment(range)?;
        let noqa = slice(self.ctx.text, comment).trim_end();
        if !self.may_reflow(range) {
            return None;
        }
        // What it says of the statement itself stays on the statement's line.
        let late = pragma::late_import_pragma(noqa)
            .filter(|_| block::is_late(&changed.suite, changed.index));
        if names.is_parenthesised && !names.is_on_one_line() {
            let mut names = names.clone();
            if !names.is_one_a_line() {
                return None;
            }
            names.head = late.map(|late| format!("  {late}")).unwrap_or_default();
            names.comment_old(noqa);
            return Some(trimmed(self.ctx.text, names.range, &names.to_text()));
        }
        let statement = Statement {
            prefix: self.prefix(changed),
            names: names
                .cells
                .iter()
                .map(|cell| (cell.name.clone(), cell.range.map(|_| noqa.to_owned())))
                .collect(),
            comment: late,
        };
        Some(self.replaced(
            range,
            comment.end(),
            &statement.wrapped(
                self.ctx.style,
                &self.draft.indent_at(range.start()),
                &self.ctx.unit(),
            ),
        ))
    }

    /// The statement fits on one line no more.
    ///
    /// Where it did not before and no line length is configured, the project does not wrap.
    fn is_too_wide(&self, changed: &Changed, old: &Names, new: &Names) -> bool {
        let style = self.ctx.style;
        let range = changed.existing.range;
        let is_wide =
            |names: &Names| code_width(&self.line_with(range, names), style) > style.line_length;
        is_wide(new)
            && self.may_reflow(range)
            && (style.line_length_is_set || !old.is_on_one_line() || !is_wide(old))
            && (old.to_text() != new.to_text())
    }

    /// Several lines were needed only because one would have been too wide, and one is enough now.
    fn should_join(&self, changed: &Changed, old: &Names, new: &Names) -> bool {
        let style = self.ctx.style;
        let range = changed.existing.range;
        let fits = |names: &Names| {
            let line = self.one_line(changed, names);
            code_width(&line, style) <= style.line_length
        };
        let keeps_lines = style.magic_trailing_comma && old.has_trailing_comma();
        !keeps_lines
            && style.is_sorted_by_tool
            && self.may_reflow(range)
            && (old.has_comments() || !fits(old))
            && !new.has_comments()
            && fits(new)
    }

    /// The new names with as many on each line as there is room for, where the old ones stand so.
    ///
    /// Ex) isort's `multi_line_output = 5`
    fn filled(&self, range: TextRange, old: &Names, new: &Names) -> Option<Names> {
        let style = self.ctx.style;
        let row = self.draft.row(self.draft.row_at(range.start()))?.range.start();
        let head = slice(self.ctx.text, TextRange::new(row, old.range.start()));
        let fits = |line: &str| code_width(line, style) <= style.line_length;
        let is_so = !old.is_one_a_line()
            && old.filled(head, fits).is_some_and(|filled| filled.to_text() == old.to_text());
        (is_so && self.may_reflow(range)).then(|| new.filled(head, fits)).flatten()
    }

    /// Breaks the lines of a grid where new names make them too wide.
    fn fill(&self, range: TextRange, names: &mut Names) {
        let style = self.ctx.style;
        if !self.may_reflow(range) {
            return;
        }
        let is_wide = |names: &Names| {
            self.line_with(range, names)
                .split(['\n', '\r'])
                .any(|line| code_width(line, style) > style.line_length)
        };
        if !is_wide(names) {
            return;
        }
        let mut broken = names.clone();
        broken.break_before_new();
        if is_wide(&broken) {
            broken.break_after_new();
        }
        if !is_wide(&broken) {
            *names = broken;
        }
    }

    fn wrapped(&self, changed: &Changed, names: &Names) -> Edit {
        let range = changed.existing.range;
        let trailing = pragma::trailing_comment(self.ctx.module, &self.draft, range);
        let comment = trailing.map(|comment| slice(self.ctx.text, comment).trim_end());
        let mut statement = Statement {
            prefix: self.prefix(changed),
            names: names.cells.iter().map(|cell| (cell.name.clone(), None)).collect(),
            comment,
        };
        // A comment on a single name moves with the name; one that a tool reads stays on the line
        // where the tool looks for it.
        if let ([(_, own)], Some(text)) = (statement.names.as_mut_slice(), comment)
            && pragma::silence(text) == Silence::Nothing
        {
            *own = Some(text.to_owned());
            statement.comment = None;
        }
        let lines = statement.wrapped(
            self.ctx.style,
            &self.draft.indent_at(range.start()),
            &self.ctx.unit(),
        );
        self.replaced(range, trailing.map_or(range.end(), TextRange::end), &lines)
    }

    fn joined(&self, changed: &Changed, names: &Names) -> Edit {
        let range = changed.existing.range;
        let names = names.cells.iter().map(|cell| (cell.name.clone(), None)).collect();
        let statement = Statement { prefix: self.prefix(changed), names, comment: None };
        trimmed(self.ctx.text, range, &statement.one_line())
    }

    /// The statement on one line, with its indentation and the comment behind it.
    fn one_line(&self, changed: &Changed, names: &Names) -> String {
        let range = changed.existing.range;
        let trailing = pragma::trailing_comment(self.ctx.module, &self.draft, range);
        let statement = Statement {
            prefix: self.prefix(changed),
            names: names.cells.iter().map(|cell| (cell.name.clone(), None)).collect(),
            comment: trailing.map(|comment| slice(self.ctx.text, comment).trim_end()),
        };
        format!("{}{}", self.draft.indent_at(range.start()), statement.one_line())
    }

    /// The statement as it would be with `names`, with its indentation and what follows it on its
    /// last line.
    fn line_with(&self, range: TextRange, names: &Names) -> String {
        let text = self.ctx.text;
        let row = self.draft.row(self.draft.row_at(range.start())).map(|row| row.range.start());
        let last = self.draft.row(self.draft.row_at(range.end())).map(|row| row.range.end());
        let before = TextRange::new(row.unwrap_or(range.start()), names.range.start());
        let after = TextRange::new(names.range.end(), last.unwrap_or(range.end()).max(range.end()));
        let after = slice(text, after).trim_end();
        format!("{}{}{after}", slice(text, before), names.to_text())
    }

    /// `from m import ` as the statement has it, on one line.
    fn prefix(&self, changed: &Changed) -> String {
        let range = changed.existing.range;
        let is_lazy = slice(self.ctx.text, range).starts_with("lazy");
        let lazy = if is_lazy { "lazy " } else { "" };
        match &changed.existing.from {
            Some(module) => format!("{lazy}from {module} import "),
            None => format!("{lazy}import "),
        }
    }

    /// The lines of the statement may be broken and joined: it has them for itself, and no
    /// comment forbids it.
    fn may_reflow(&self, range: TextRange) -> bool {
        let is_single = self.ctx.begins_line(&self.draft, range.start())
            && super::existing::Suite::holding(self.ctx.module, range).is_some_and(
                |(suite, index)| {
                    let units = block::units(&suite, &self.draft);
                    units.iter().any(|unit| unit.first == index && unit.is_single())
                },
            );
        is_single && self.ctx.pragmas.frozen(range).is_none()
    }

    fn replaced(&self, range: TextRange, end: TextSize, lines: &[String]) -> Edit {
        let ending = self.draft.line_ending(self.draft.row_at(range.start()) + 1);
        trimmed(self.ctx.text, TextRange::new(range.start(), end), &lines.join(ending))
    }
}
