//! What a call says of the patches that its function makes: which variables they are of, and whose
//! attributes.

use super::patches::{Patched, is_own, variable};
use super::standing::{Callee, Code, Held};
use crate::syntax::ast::{self, Expr};
use crate::syntax::tree::NodeId;
use crate::text::{Ranged, slice};

/// An attribute of its own object or class that a method sets: one of what the call names.
///
/// Ex) `settings.load(url)`, which does `self.url = url`
pub(super) fn owned<'a>(
    code: &Code<'a>,
    (node, call): (NodeId, &'a ast::ExprCall),
    name: &'a str,
) -> Option<Held<'a>> {
    let method = call.func.as_attribute_expr()?;
    let patched = if is_own(&method.value) {
        Patched::Own(name)
    } else {
        Patched::Attribute(&method.value, name)
    };
    Some(code.held(node, patched))
}

/// A patch of variables that a function gets told, where the call says which.
pub(super) fn narrowed<'a>(
    callee: &Callee<'a>,
    call: &'a ast::ExprCall,
    held: &Held<'a>,
) -> Held<'a> {
    let names = match held.patched {
        Patched::Environment(None) => told(callee, call, held),
        _ => None,
    };
    match names {
        Some(names) => Held { patched: Patched::Environment(Some(names)), ..held.clone() },
        None => held.clone(),
    }
}

fn told<'a>(callee: &Callee<'a>, call: &'a ast::ExprCall, held: &Held<'a>) -> Option<Vec<&'a str>> {
    let parameters = &callee.function.parameters;
    if held.file != callee.code.file || !callee.function.range.contains_range(held.range) {
        return None;
    }
    let node = callee.code.tree.inside(callee.node);
    let node = node.into_iter().find(|(_, node)| node.range() == held.range)?.1;
    // Ex) `os.environ[name] = value`
    if let Some(Expr::Name(name)) = variable(node) {
        let mut positional = parameters.posonlyargs.iter().chain(&parameters.args);
        let index = positional.position(|one| one.parameter.name.as_str() == name.id.as_str());
        if let Some(index) = index {
            let given = call.arguments.find_argument_value(name.id.as_str(), index)?;
            return Some(vec![given.as_string_literal_expr()?.value.to_str()]);
        }
    }
    // Ex) `os.environ.update(values)`, where `values` are the keywords
    let keywords = parameters.kwarg.as_ref()?.name.as_str();
    let text = &callee.code.analysis.source.text;
    let is_about = slice(text, held.range).contains(keywords)
        || slice(text, callee.function.range).contains(&format!("in {keywords}.items()"));
    let is_plain = call.arguments.args.is_empty();
    let names = call.arguments.keywords.iter();
    let names: Option<Vec<&str>> =
        names.map(|keyword| keyword.arg.as_ref().map(ast::Identifier::as_str)).collect();
    names.filter(|_| is_about && is_plain)
}
