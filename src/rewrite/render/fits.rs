//! Whether a replacement can be what it would be: every check that can hold a match back.

use super::{Writer, held};
use crate::matching::snippets::{Argument, InString};
use crate::pattern::Meta;
use crate::rewrite::decide::Part;
use crate::site::Reason;
use crate::spelling::Held;
use crate::syntax::ast::AnyNodeRef;
use crate::text::{Ranged, TextRange};

impl Writer<'_> {
    /// Whether arguments can stand in the list that the template has for them.
    pub(super) fn arguments_fit(&self, variable: &Meta, many: &[Argument]) -> Result<(), Held> {
        let written = variable.written();
        let keywords: Vec<&Option<String>> =
            many.iter().filter_map(|argument| argument.keyword.as_ref()).collect();
        let path = self.rewrite.after.module.path_to(variable.range);
        let call = path.iter().rev().find_map(|node| match node {
            AnyNodeRef::Arguments(arguments) => Some(Some(*arguments)),
            AnyNodeRef::ExprName(_) => None,
            _ => Some(None),
        });
        let Some(Some(call)) = call else {
            if keywords.is_empty() {
                return Ok(());
            }
            return Err(held(&format!("`{written}` has keyword arguments, and is no call there")));
        };
        for keyword in &call.keywords {
            let Some(name) = &keyword.arg else { continue };
            for given in &keywords {
                let message = match given {
                    Some(given) if given == name.as_str() => {
                        format!("`{name}` would be given twice")
                    }
                    None => format!("`**` may give `{name}` a second time"),
                    Some(_) => continue,
                };
                return Err(Held { reason: Reason::Arguments, message });
            }
        }
        let is_before_positional = call.args.iter().any(|argument| {
            argument.start() > variable.range.start() && !argument.is_starred_expr()
        });
        if is_before_positional && !keywords.is_empty() {
            let message =
                format!("the keyword arguments of `{written}` would stand before a positional one");
            return Err(Held { reason: Reason::Arguments, message });
        }
        Ok(())
    }

    /// A comment that no piece keeps would be lost.
    pub(super) fn keeps_comments(&self, parts: &[Part]) -> Result<(), Held> {
        if matches!(self.context.string, Some(InString::Plain | InString::Mixed)) {
            return Ok(());
        }
        let is_kept = |comment: &TextRange| {
            parts
                .iter()
                .any(|part| matches!(part, Part::Copy(copy) if copy.contains_range(*comment)))
        };
        let comments = self.analysis.module.comments_in(self.site);
        if comments.iter().all(is_kept) { Ok(()) } else { Err(held("its comments would be lost")) }
    }

    /// New text inside a string must not end it.
    pub(super) fn fits_string(&self, parts: &[Part]) -> Result<(), Held> {
        let Some(string) = self.context.string else { return Ok(()) };
        let ends = |char: char| matches!(char, '"' | '\'' | '\\' | '\n' | '\r' | '#');
        let is_fit = parts.iter().all(|part| match part {
            Part::Literal(text) => {
                let is_brace = string == InString::Interpolation && text.contains(['{', '}']);
                !text.contains(ends) && !is_brace
            }
            Part::Copy(_) => true,
        });
        match (string, is_fit) {
            (InString::Mixed, _) => {
                Err(held("it is in a string of several parts, or with escapes"))
            }
            (_, false) => Err(held("what takes its place cannot stand in a string")),
            (_, true) => Ok(()),
        }
    }
}
