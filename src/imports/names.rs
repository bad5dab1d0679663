//! The names of one import statement, with the white space, commas and comments around them
//! (rules 9, 10 and 25).
//!
//! A list is taken apart into cells, one a name. Names come and go; what stays keeps its bytes.
//! Invariant: putting the cells of an unchanged list together gives the old text.

mod fill;

use crate::syntax::Module;
use crate::syntax::ast::Alias;
use crate::syntax::ast::token::TokenKind;
use crate::text::{Ranged, TextRange, TextSize, slice};

use super::order::{Member, Order};
use super::pragma;

/// What stands between one name and the next, or after the last one.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Gap {
    /// White space: both are on one line.
    Same(String),
    /// At least one line break.
    Below {
        /// Up to the first line break, that included; a backslash where there are no parentheses.
        join: String,
        /// The lines between, with their endings: comments and blank ones.
        above: Vec<String>,
        /// The white space at the start of the last line.
        indent: String,
    },
}

impl Gap {
    fn new(text: &str) -> Self {
        let mut lines: Vec<String> = Vec::new();
        let mut rest = text;
        while let Some(at) = rest.find(['\n', '\r']) {
            let end = if rest.get(at..).is_some_and(|tail| tail.starts_with("\r\n")) {
                at + 2
            } else {
                at + 1
            };
            let Some((line, next)) = rest.split_at_checked(end) else { break };
            lines.push(line.to_owned());
            rest = next;
        }
        if lines.is_empty() {
            return Self::Same(text.to_owned());
        }
        let join = lines.remove(0);
        Self::Below { join, above: lines, indent: rest.to_owned() }
    }

    fn push_to(&self, text: &mut String) {
        match self {
            Self::Same(white) => text.push_str(white),
            Self::Below { join, above, indent } => {
                text.push_str(join);
                for line in above {
                    text.push_str(line);
                }
                text.push_str(indent);
            }
        }
    }

    fn is_below(&self) -> bool {
        matches!(self, Self::Below { .. })
    }

    /// The comment and blank lines in it.
    fn above(&self) -> &[String] {
        match self {
            Self::Same(_) => &[],
            Self::Below { above, .. } => above,
        }
    }

    fn has_comment(&self) -> bool {
        self.above().iter().any(|line| line.contains('#'))
    }

    /// The same line break without comments.
    fn bare(&self) -> Self {
        match self {
            Self::Same(white) => Self::Same(white.clone()),
            Self::Below { join, indent, .. } => {
                Self::Below { join: join.clone(), above: Vec::new(), indent: indent.clone() }
            }
        }
    }
}

/// One name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Cell {
    before: Gap,
    /// The name as written, with its `as`.
    pub(super) name: String,
    /// From the name to its comma, or to the comment on the same line.
    after: String,
    /// Where in `after` the comma is.
    comma: Option<usize>,
    /// What it means.
    pub(super) member: Member,
    /// Where it is in the old text; `None` for a new name.
    pub(super) range: Option<TextRange>,
}

impl Cell {
    /// The comment on the name's own line.
    pub(super) fn comment(&self) -> Option<&str> {
        let from = self.comma.map_or(0, |comma| comma + 1);
        let rest = self.after.get(from..)?;
        rest.find('#').and_then(|at| rest.get(at..))
    }

    fn set_comma(&mut self, is_wanted: bool) {
        match (self.comma, is_wanted) {
            (Some(at), false) => {
                self.comma = None;
                let end = self.after.split_off(at);
                let end = end.strip_prefix(',').unwrap_or(&end);
                if self.after.contains('#') || end.contains('#') {
                    self.after.push_str(end);
                } else {
                    self.after.clear();
                }
            }
            (None, true) => {
                self.after.insert(0, ',');
                self.comma = Some(0);
            }
            _ => {}
        }
    }
}

/// The list of names of an import statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Names {
    /// The list in the old text, without its parentheses.
    pub(super) range: TextRange,
    /// It stands in parentheses.
    pub(super) is_parenthesised: bool,
    /// What follows the opening parenthesis on its line: a comment as a rule.
    pub(super) head: String,
    /// The names.
    pub(super) cells: Vec<Cell>,
    tail: Gap,
    has_trailing_comma: bool,
    line_ending: &'static str,
}

impl Names {
    /// Takes the names of the statement at `statement` apart.
    ///
    /// `None` where the tokens are not those of an import statement.
    pub(super) fn new(
        text: &str,
        module: &Module,
        statement: TextRange,
        aliases: &[Alias],
        line_ending: &'static str,
    ) -> Option<Self> {
        let first = aliases.first()?;
        let last = aliases.last()?;
        let tokens = module.tokens_in(statement);
        let keyword = tokens
            .iter()
            .rfind(|token| token.kind() == TokenKind::Import && token.end() <= first.start())?;
        let open = module
            .tokens_in(TextRange::new(keyword.end(), first.start()))
            .iter()
            .find(|token| token.kind() == TokenKind::Lpar);
        let range = match open {
            Some(open) => {
                let close = tokens.iter().rfind(|token| token.kind() == TokenKind::Rpar)?;
                TextRange::new(open.end(), close.start())
            }
            None => TextRange::new(keyword.end(), last.end()),
        };
        let mut head = String::new();
        let mut cells: Vec<Cell> = Vec::new();
        let mut start = range.start();
        for alias in aliases {
            let comma = module
                .tokens_in(TextRange::new(alias.end(), range.end()))
                .iter()
                .find(|token| {
                    !matches!(token.kind(), TokenKind::NonLogicalNewline | TokenKind::Comment)
                })
                .filter(|token| token.kind() == TokenKind::Comma);
            let mut end = comma.map_or(alias.end(), Ranged::end);
            if let Some(comment) = comment_on_line(text, module, end, range.end()) {
                end = comment.end();
            }
            let mut before = slice(text, TextRange::new(start, alias.start()));
            if cells.is_empty()
                && open.is_some()
                && let Some(line_end) = before.find(['\n', '\r'])
                && let Some((on_line, below)) = before.split_at_checked(line_end)
            {
                on_line.clone_into(&mut head);
                before = below;
            }
            cells.push(Cell {
                before: Gap::new(before),
                name: slice(text, alias.range()).to_owned(),
                after: slice(text, TextRange::new(alias.end(), end)).to_owned(),
                comma: comma.map(|comma| usize::from(comma.start() - alias.end())),
                member: (alias.name.to_string(), alias.asname.as_ref().map(ToString::to_string)),
                range: Some(alias.range()),
            });
            start = end;
        }
        let tail = Gap::new(slice(text, TextRange::new(start, range.end())));
        let has_trailing_comma = cells.last().is_some_and(|cell| cell.comma.is_some());
        let is_parenthesised = open.is_some();
        Some(Self { range, is_parenthesised, head, cells, tail, has_trailing_comma, line_ending })
    }

    /// The list as text.
    pub(super) fn to_text(&self) -> String {
        let mut text = self.head.clone();
        for cell in &self.cells {
            cell.before.push_to(&mut text);
            text.push_str(&cell.name);
            text.push_str(&cell.after);
        }
        self.tail.push_to(&mut text);
        text
    }

    /// The list is on one line.
    pub(super) fn is_on_one_line(&self) -> bool {
        !self.to_text().contains(['\n', '\r'])
    }

    /// Some comment stands inside the list.
    pub(super) fn has_comments(&self) -> bool {
        self.head.contains('#')
            || self.tail.has_comment()
            || self.cells.iter().any(|cell| cell.before.has_comment() || cell.after.contains('#'))
    }

    /// The list ends in a comma, which keeps it on several lines where that is the convention.
    pub(super) fn has_trailing_comma(&self) -> bool {
        self.has_trailing_comma
    }

    /// The names' meanings.
    pub(super) fn members(&self) -> Vec<Member> {
        self.cells.iter().map(|cell| cell.member.clone()).collect()
    }

    /// Adds `member` at its sorted place by `order`; in an unsorted list at `instead` or at the
    /// end.
    ///
    /// `gone` are the names that will be removed: they do not count for the order.
    pub(super) fn add(
        &mut self,
        member: &Member,
        order: Option<&Order>,
        gone: &[TextRange],
        instead: Option<TextRange>,
    ) {
        let is_gone = |cell: &Cell| cell.range.is_some_and(|range| gone.contains(&range));
        let index = match order {
            Some(order) => {
                let key = order.member(&member.0, member.1.as_deref());
                let above = self.cells.iter().rposition(|cell| {
                    !is_gone(cell) && order.member(&cell.member.0, cell.member.1.as_deref()) <= key
                });
                above.map_or(0, |above| above + 1)
            }
            None => instead
                .and_then(|instead| self.cells.iter().position(|cell| cell.range == Some(instead)))
                .map_or(self.cells.len(), |index| index + 1),
        };
        self.insert(index, member);
    }

    fn insert(&mut self, index: usize, member: &Member) {
        let is_last = index >= self.cells.len();
        let below = self.line_break();
        let is_one_a_line = self.is_one_a_line();
        let before = match (index, self.cells.first_mut()) {
            (0, Some(first)) => {
                let before = first.before.bare();
                if !first.before.is_below() {
                    // Ex) `(a,` and `b` aligned below it: the old first name joins `b`.
                    first.before = if is_one_a_line { below } else { Gap::Same(" ".to_owned()) };
                }
                before
            }
            _ if is_one_a_line => below,
            _ => {
                let comment_above = self.cells.get(index.wrapping_sub(1)).and_then(Cell::comment);
                if comment_above.is_some() { below } else { Gap::Same(" ".to_owned()) }
            }
        };
        let mut cell = Cell {
            before,
            name: spelled(member),
            after: String::new(),
            comma: None,
            member: member.clone(),
            range: None,
        };
        cell.set_comma(!is_last || self.has_trailing_comma);
        if let Some(above) = index.checked_sub(1).and_then(|above| self.cells.get_mut(above)) {
            above.set_comma(true);
        }
        self.cells.insert(index.min(self.cells.len()), cell);
    }

    /// Every name begins a line, but perhaps the first one.
    pub(super) fn is_one_a_line(&self) -> bool {
        match self.cells.as_slice() {
            [] => false,
            [only] => only.before.is_below() && self.is_parenthesised,
            [_, rest @ ..] => rest.iter().all(|cell| cell.before.is_below()),
        }
    }

    /// The indentation of names that begin a line.
    fn indent(&self) -> String {
        let rest = self.cells.iter().skip(1).chain(self.cells.first());
        rest.into_iter()
            .find_map(|cell| match &cell.before {
                Gap::Below { indent, .. } => Some(indent.clone()),
                Gap::Same(_) => None,
            })
            .unwrap_or_else(|| "    ".to_owned())
    }

    /// What stands before a name that begins a line.
    fn line_break(&self) -> Gap {
        Gap::Below { join: self.join(), above: Vec::new(), indent: self.indent() }
    }

    /// A line break, as the list is written.
    fn join(&self) -> String {
        if self.is_parenthesised {
            self.line_ending.to_owned()
        } else {
            format!(" \\{}", self.line_ending)
        }
    }

    /// Puts new names on lines of their own where they share one with the name before.
    pub(super) fn break_before_new(&mut self) {
        let below = self.line_break();
        for cell in self.cells.iter_mut().skip(1).filter(|cell| cell.range.is_none()) {
            if !cell.before.is_below() {
                cell.before = below.clone();
            }
        }
    }

    /// Puts the names after new ones on lines of their own where they share one with them.
    pub(super) fn break_after_new(&mut self) {
        let below = self.line_break();
        let mut is_after_new = false;
        for cell in &mut self.cells {
            if is_after_new && !cell.before.is_below() {
                cell.before = below.clone();
            }
            is_after_new = cell.range.is_none();
        }
    }

    /// Puts `comment` on the line of every name that was there.
    pub(super) fn comment_old(&mut self, comment: &str) {
        for cell in self.cells.iter_mut().filter(|cell| cell.range.is_some()) {
            cell.after.push_str("  ");
            cell.after.push_str(comment);
        }
        if let Gap::Same(white) = &self.tail
            && self.cells.last().and_then(Cell::comment).is_some()
        {
            let indent = white.clone();
            self.tail = Gap::Below { join: self.join(), above: Vec::new(), indent };
        }
    }

    /// Removes the name at `range`, with the comment on its line and the one that touches it alone
    /// from above.
    pub(super) fn remove(&mut self, range: TextRange) {
        let Some(index) = self.cells.iter().position(|cell| cell.range == Some(range)) else {
            return;
        };
        let stays = self.comments_that_stay(index);
        let below = Gap::Below { join: self.join(), above: stays.clone(), indent: self.indent() };
        let cell = self.cells.remove(index);
        let is_last = index == self.cells.len();
        if is_last && let Some(last) = self.cells.last_mut() {
            last.set_comma(self.has_trailing_comma);
        }
        let comment_above =
            index.checked_sub(1).and_then(|above| self.cells.get(above)).and_then(Cell::comment);
        let must_break = comment_above.is_some();
        let next = self.cells.get_mut(index).map_or(&mut self.tail, |next| &mut next.before);
        match next {
            Gap::Below { above, .. } if !stays.is_empty() => {
                above.splice(0..0, stays);
            }
            // Ex) `(a,` and `b` aligned below it, without `a`.
            Gap::Below { above, .. }
                if above.is_empty() && index == 0 && !is_last && !cell.before.is_below() =>
            {
                *next = cell.before;
            }
            Gap::Same(_) if !stays.is_empty() || must_break => *next = below,
            Gap::Same(_) if !is_last && (index == 0 || cell.before.is_below()) => {
                *next = cell.before.bare();
            }
            Gap::Below { .. } | Gap::Same(_) => {}
        }
    }

    /// The lines above the name at `index` that do not leave with it.
    fn comments_that_stay(&self, index: usize) -> Vec<String> {
        let Some(cell) = self.cells.get(index) else { return Vec::new() };
        let lines = cell.before.above();
        let touching = lines.iter().rev().take_while(|line| line.contains('#')).count();
        let (apart, touching) = lines.split_at(lines.len() - touching);
        let others: Vec<Member> = self
            .cells
            .iter()
            .skip(index + 1)
            .take_while(|next| next.before.above().is_empty())
            .map(|next| next.member.clone())
            .collect();
        let leaves = !touching.iter().any(|line| pragma::is_directive(line.trim()))
            && (others.is_empty()
                || speaks_of(&touching.concat(), std::slice::from_ref(&cell.member), &others));
        let mut stays = apart.to_vec();
        if !leaves {
            stays.extend_from_slice(touching);
        }
        if !stays.iter().any(|line| line.contains('#')) {
            stays.clear();
        }
        stays
    }
}

/// `name as alias`.
pub(super) fn spelled((name, alias): &Member) -> String {
    match alias {
        Some(alias) => format!("{name} as {alias}"),
        None => name.clone(),
    }
}

/// `comment` names one of `members` and none of `others`.
pub(super) fn speaks_of(comment: &str, members: &[Member], others: &[Member]) -> bool {
    let words: Vec<&str> = comment.split(|c: char| !(c.is_alphanumeric() || c == '_')).collect();
    let has = |name: &str| words.contains(&name.rsplit('.').next().unwrap_or(name));
    let any = |members: &[Member]| {
        members.iter().any(|(name, alias)| has(name) || alias.as_deref().is_some_and(has))
    };
    any(members) && !any(others)
}

/// The comment after `start` on the same line, if nothing else comes first.
fn comment_on_line(
    text: &str,
    module: &Module,
    start: TextSize,
    end: TextSize,
) -> Option<TextRange> {
    let token = module.tokens_in(TextRange::new(start, end)).first()?;
    let between = slice(text, TextRange::new(start, token.start()));
    (token.kind() == TokenKind::Comment && !between.contains(['\n', '\r'])).then(|| token.range())
}
