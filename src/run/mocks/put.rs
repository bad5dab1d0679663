//! `mock_class.return_value = fake` right after the patch: the patch puts the object there itself.

use super::retarget::MoreEdit;
use crate::project::Analysis;
use crate::semantic::{BindingId, BindingKind};
use crate::syntax::ast::{AnyNodeRef, Expr, ExprCall, Stmt, StmtAssign};
use crate::syntax::suite;
use crate::text::{Edit, Ranged, TextRange, size, slice};

/// The edits, where that statement is all that is done with the mock and nothing comes between;
/// `None` where it is not so.
pub(super) fn edits(
    analysis: &Analysis,
    call: &ExprCall,
    binding: BindingId,
) -> Option<Vec<MoreEdit>> {
    let names = &analysis.names;
    let bound = names.binding(binding);
    let uses = names.references().filter(|(_, one)| one.name == bound.name);
    let mut uses = uses.filter(|(_, one)| names.reach(one).bindings.contains(&binding));
    let ((_, only), None) = (uses.next()?, uses.next()) else { return None };
    let put = assignment(analysis, only.range)?;
    let Expr::Name(value) = &*put.value else { return None };
    let (statement, before) = patching(analysis, call, bound.range)?;
    let follows = match statement {
        Stmt::With(with) => with.body.first().is_some_and(|first| first.range() == put.range),
        statement => next_to(analysis, statement.range())? == put.range,
    };
    if !follows || !is_there_before(analysis, value.range, statement.range()) {
        return None;
    }
    let text = &analysis.source.text;
    let arguments = &call.arguments;
    let last = arguments
        .args
        .iter()
        .map(Ranged::end)
        .chain(arguments.keywords.iter().map(Ranged::end))
        .max()?;
    let prefix = ", new=";
    let name = slice(text, value.range);
    let new = TextRange::at(size(prefix.len()), value.range.len());
    let insert = MoreEdit {
        edit: Edit::insert(last, format!("{prefix}{name}")),
        copy: Some((value.range, new)),
    };
    Some(vec![
        insert,
        MoreEdit::plain(Edit::delete(before)),
        MoreEdit::plain(without(analysis, put.range)?),
    ])
}

/// `name.return_value = value`
fn assignment(analysis: &Analysis, name: TextRange) -> Option<&StmtAssign> {
    let path = analysis.module.path_to(name);
    path.iter().rev().find_map(|node| match node {
        AnyNodeRef::StmtAssign(assign) => match assign.targets.as_slice() {
            [Expr::Attribute(target)]
                if target.attr.as_str() == "return_value" && target.value.range() == name =>
            {
                Some(*assign)
            }
            _ => None,
        },
        _ => None,
    })
}

/// The statement that patches, and the text by which it names the mock: ` as name`, `name = `.
fn patching<'a>(
    analysis: &'a Analysis,
    call: &ExprCall,
    name: TextRange,
) -> Option<(&'a Stmt, TextRange)> {
    let around = suite::statement_around(&analysis.module, call.range)?;
    let statement = suite::statement_at(&analysis.module, around)?;
    let range = match statement {
        Stmt::With(_) => TextRange::new(call.end(), name.end()),
        Stmt::Assign(assign) if assign.value.range() == call.range => {
            TextRange::new(assign.start(), call.start())
        }
        _ => return None,
    };
    let text = slice(&analysis.source.text, range);
    let own = slice(&analysis.source.text, name);
    (text == format!(" as {own}") || text == format!("{own} = ")).then_some((statement, range))
}

/// The statement after another one in its block.
fn next_to(analysis: &Analysis, statement: TextRange) -> Option<TextRange> {
    let suite = suite::of_statement(&analysis.module, statement)?;
    let at = suite.statements.iter().position(|one| one.range() == statement)?;
    suite.statements.get(at + 1).map(Ranged::range)
}

/// Whether a name has its one value before a statement runs.
fn is_there_before(analysis: &Analysis, name: TextRange, statement: TextRange) -> bool {
    let names = &analysis.names;
    let Some(id) = names.reference_at(name) else { return false };
    let reach = names.reach(names.reference(id));
    let [only] = reach.bindings.as_slice() else { return false };
    let binding = names.binding(*only);
    let is_parameter = binding.kind == BindingKind::Parameter;
    !reach.may_be_unbound && (is_parameter || binding.statement.end() <= statement.start())
}

/// Takes a statement away with its line; a block that would be left empty gets `pass`.
fn without(analysis: &Analysis, statement: TextRange) -> Option<Edit> {
    let suite = suite::of_statement(&analysis.module, statement)?;
    let first = analysis.lines().position(statement.start()).line;
    let last = analysis.lines().position(statement.end()).line;
    let lines =
        TextRange::new(analysis.lines().line_start(first), analysis.lines().line_start(last + 1));
    let text = &analysis.source.text;
    let is_alone = slice(text, lines).trim() == slice(text, statement);
    match suite.statements.len() {
        1 => Some(Edit::replace(statement, "pass")),
        _ if is_alone => Some(Edit::delete(lines)),
        _ => None,
    }
}
