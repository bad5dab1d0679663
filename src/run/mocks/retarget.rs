//! The edits by which a patch of a class becomes a patch of the shared object.
//!
//! The mock of a class gives, when it is called, the mock of the object; the mock of the object is
//! that object. So what the test does with the object through `.return_value` it does directly,
//! and nothing else may be done with the mock of the class. Where a factory is called in the
//! class's place nothing but the name is another one.

use super::given::{self, Given};
use super::put;
use crate::matching::Access;
use crate::matching::mocks::{Form, MockTarget};
use crate::matching::written::{call_at, plain_content};
use crate::project::Analysis;
use crate::rewrite::Draft;
use crate::semantic::{BindingId, Reference};
use crate::syntax::ast::{self, AnyNodeRef, ExprCall};
use crate::syntax::chain::last_name;
use crate::text::{Edit, Ranged, TextRange, slice};

/// What the string says afterwards.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum NewName {
    /// The last name only is another one.
    Last(String),
    /// All of it.
    Dotted(String),
}

/// The edits of one string and of the code that goes with it.
#[derive(Debug)]
pub(super) struct Made {
    /// The string's.
    pub(super) string: Edit,
    /// The others', anywhere in the file.
    pub(super) more: Vec<MoreEdit>,
}

/// An edit beside the string.
#[derive(Debug, Clone)]
pub(super) struct MoreEdit {
    /// The edit.
    pub(super) edit: Edit,
    /// A piece of the old text, and where it is in the edit's.
    pub(super) copy: Option<(TextRange, TextRange)>,
}

impl MoreEdit {
    /// An edit that moves nothing.
    pub(super) fn plain(edit: Edit) -> Self {
        Self { edit, copy: None }
    }
}

/// Makes the edits.
///
/// # Errors
/// Why it is not certain that the test means the same afterwards.
pub(super) fn edits(
    draft: &Draft,
    mock: &MockTarget,
    access: Access,
    new: &NewName,
) -> Result<Made, String> {
    let analysis = &*draft.analysis;
    match mock.form {
        Form::Assignment => return Err("what is put there stands for the class".to_owned()),
        Form::Kept => return Err("it is not known what patches by this text".to_owned()),
        Form::Dotted | Form::Attribute | Form::Keyword | Form::SetAttribute => {}
    }
    let string = string(analysis, mock, new)?;
    let call = call_at(analysis, mock.call).ok_or("its call is not found")?;
    let more = match access {
        Access::Factory => of_factory(call)?,
        Access::Instance => of_instance(analysis, mock, call)?,
    };
    let made = Made { string: Edit { range: mock.range, text: string }, more };
    let touches = |edit: &Edit| {
        draft.decisions.iter().filter_map(|decision| decision.change.as_ref()).any(|change| {
            change.replaced().intersect(edit.range).is_some_and(|both| !both.is_empty())
        })
    };
    if made.more.iter().map(|more| &more.edit).chain([&made.string]).any(touches) {
        return Err("another change touches the same code".to_owned());
    }
    Ok(made)
}

/// The string as it is afterwards, with its quotes.
fn string(analysis: &Analysis, mock: &MockTarget, new: &NewName) -> Result<String, String> {
    let text = &analysis.source.text;
    let (content, is_dotted) = match mock.form {
        Form::Keyword | Form::Assignment | Form::Kept => (mock.range, false),
        Form::Dotted | Form::Attribute | Form::SetAttribute => {
            let content = plain_content(analysis, mock.range)
                .ok_or("the target is not written as one plain string there")?;
            (content, slice(text, content).contains('.'))
        }
    };
    let old = slice(text, content);
    let new = match new {
        NewName::Last(name) => match old.rsplit_once('.') {
            Some((module, _)) => format!("{module}.{name}"),
            None => name.clone(),
        },
        NewName::Dotted(name) if is_dotted => name.clone(),
        NewName::Dotted(name) => {
            return Err(format!("`{name}` is in another module than the one that is patched"));
        }
    };
    let before = slice(text, TextRange::new(mock.range.start(), content.start()));
    let after = slice(text, TextRange::new(content.end(), mock.range.end()));
    Ok(format!("{before}{new}{after}"))
}

/// A function that is called as the class was is patched as the class was.
fn of_factory(call: &ExprCall) -> Result<Vec<MoreEdit>, String> {
    let is_about_class = |keyword: &&ast::Keyword| {
        let name = keyword.arg.as_ref().map_or("", |name| name.as_str());
        matches!(name, "" | "spec" | "spec_set" | "autospec")
    };
    if last_name(&call.func) == Some("spy") {
        return Err("a spy is made from the class".to_owned());
    }
    match call.arguments.keywords.iter().find(is_about_class) {
        Some(keyword) => Err(about_class(keyword)),
        None => Ok(Vec::new()),
    }
}

fn about_class(keyword: &ast::Keyword) -> String {
    match &keyword.arg {
        Some(name) => format!("`{name}` is about the class"),
        None => "what `**` brings may be about the class".to_owned(),
    }
}

fn of_instance(
    analysis: &Analysis,
    mock: &MockTarget,
    call: &ExprCall,
) -> Result<Vec<MoreEdit>, String> {
    match mock.form {
        Form::SetAttribute | Form::Assignment | Form::Kept => {
            return Err("what is put there stands for the class, not for the object".to_owned());
        }
        Form::Keyword => return Err("a keyword names the class".to_owned()),
        Form::Dotted | Form::Attribute => {}
    }
    if last_name(&call.func) == Some("spy") {
        return Err("a spy is made from the class".to_owned());
    }
    let own = if mock.form == Form::Dotted { 1 } else { 2 };
    if call.arguments.args.len() > own || call.arguments.args.iter().any(ast::Expr::is_starred_expr)
    {
        return Err("what is put there stands for the class, not for the object".to_owned());
    }
    let mut more = Vec::new();
    let mut gives_object = false;
    for keyword in &call.arguments.keywords {
        match &keyword.arg {
            Some(name) if matches!(name.as_str(), "target" | "attribute") => {}
            // What the class gives is what is there.
            Some(name) if name == "return_value" => {
                gives_object = true;
                more.push(MoreEdit::plain(Edit::replace(name.range, "new")));
            }
            _ => return Err(about_class(keyword)),
        }
    }
    match given::of(analysis, call)? {
        Given::Nowhere => {}
        Given::Argument(_) if gives_object => {
            return Err("the argument that the decorator adds would be missing".to_owned());
        }
        Given::Argument(binding) => uses(analysis, binding, &mut more)?,
        Given::Name(binding) => {
            let put = put::edits(analysis, call, binding).filter(|_| !gives_object);
            match put {
                Some(edits) => more.extend(edits),
                None => uses(analysis, binding, &mut more)?,
            }
        }
        Given::Here(expr) => {
            let node = analysis.module.path_to(expr);
            let around = node.iter().rev().find(|node| node.range() != expr);
            match around {
                Some(AnyNodeRef::ExprAttribute(attribute)) if is_object(attribute) => {
                    more.push(removal(analysis, expr, attribute)?);
                }
                _ => return Err("where its mock goes is not followed".to_owned()),
            }
        }
    }
    Ok(more)
}

/// Takes `.return_value` from every use of a mock.
fn uses(analysis: &Analysis, binding: BindingId, more: &mut Vec<MoreEdit>) -> Result<(), String> {
    let names = &analysis.names;
    for (_, reference) in names.references() {
        if reference.name != names.binding(binding).name {
            continue;
        }
        let reach = names.reach(reference);
        if !reach.bindings.contains(&binding) {
            continue;
        }
        let line = analysis.lines().position(reference.range.start()).line;
        if reach.bindings.as_slice() != [binding] || reference.in_string {
            return Err(format!("the name on line {line} may be another mock"));
        }
        match attribute_of(analysis, reference) {
            Some(attribute) if is_object(attribute) => {
                more.push(removal(analysis, reference.range, attribute)?);
            }
            _ => return Err(format!("line {line} uses the mock of the class itself")),
        }
    }
    Ok(())
}

fn is_object(attribute: &ast::ExprAttribute) -> bool {
    attribute.attr.as_str() == "return_value" && attribute.ctx == ast::ExprContext::Load
}

/// The first attribute that is read from a name.
fn attribute_of<'a>(
    analysis: &'a Analysis,
    reference: &Reference,
) -> Option<&'a ast::ExprAttribute> {
    let path = analysis.module.path_to(reference.range);
    let around = path.iter().rev().find(|node| node.range() != reference.range)?;
    match around {
        AnyNodeRef::ExprAttribute(attribute) if attribute.value.range() == reference.range => {
            Some(*attribute)
        }
        _ => None,
    }
}

fn removal(
    analysis: &Analysis,
    value: TextRange,
    attribute: &ast::ExprAttribute,
) -> Result<MoreEdit, String> {
    let range = TextRange::new(value.end(), attribute.range.end());
    if slice(&analysis.source.text, range) == ".return_value" {
        return Ok(MoreEdit::plain(Edit::delete(range)));
    }
    let line = analysis.lines().position(range.start()).line;
    Err(format!("`return_value` on line {line} is not written in one piece"))
}
