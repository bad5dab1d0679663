//! Whether two expressions are one attribute of two objects, each of which builds its own.
//!
//! Ex) `a.redis` and `b.redis`, where `a, b = Service(), Service()` and `Service.__init__` builds
//! `self.redis`

use super::class;
use super::detect::Scene;
use super::flow;
use super::index::{Callee, ClassId, Index};
use super::start::What;
use crate::resolve::members::has_decorator;
use crate::semantic::BindingKind;
use crate::syntax::ast::{AnyNodeRef, Expr};
use crate::syntax::tree::NodeId;
use crate::text::{Ranged, TextRange};

/// Whether `used` and an expression that `other` is or is read from are such attributes.
pub(super) fn are_two(scene: &Scene<'_>, used: NodeId, other: &Expr) -> bool {
    let index = scene.objects.index;
    let Some((class, owner)) = owner(index, index.tree.node(used).range()) else { return false };
    let mut look = vec![other];
    while let Some(expr) = look.pop() {
        match expr {
            // Ex) `id(b.redis)`
            Expr::Call(call) => {
                look.push(&call.func);
                look.extend(&call.arguments.args);
            }
            Expr::Subscript(subscript) => look.push(&subscript.value),
            Expr::Attribute(attribute) => {
                look.push(&attribute.value);
                let Some(node) = index.tree.id_of(expr) else { continue };
                let mut shared = scene.objects.starts_of(used).iter().filter(|start| {
                    scene.objects.starts_of(node).contains(start)
                        && is_built_by_each(scene, **start, class)
                });
                let is_other = |(_, other): (ClassId, TextRange)| other != owner;
                if shared.next().is_some() && self::owner(index, expr.range()).is_some_and(is_other)
                {
                    return true;
                }
            }
            _ => {}
        }
    }
    false
}

/// The class of the object whose attribute an expression is, and the call that builds that object.
fn owner(index: &Index<'_>, attribute: TextRange) -> Option<(ClassId, TextRange)> {
    let node = index.tree.expression_at(attribute)?;
    let AnyNodeRef::ExprAttribute(read) = index.tree.node(node) else { return None };
    let built = built_by(index, &read.value)?;
    let call = built.as_call_expr()?;
    match index.called(call.func.range())? {
        Callee::Class(class) => Some((class, call.range)),
        Callee::Function(_) => None,
    }
}

/// What builds the object that an expression is: itself, or what its one binding gets.
fn built_by<'a>(index: &Index<'a>, expr: &'a Expr) -> Option<&'a Expr> {
    let Expr::Name(name) = expr else { return Some(expr) };
    let names = &index.analysis.names;
    let reach = names.reach(names.reference(index.reference_at(name.range)?));
    let [binding] = reach.bindings.as_slice() else { return None };
    let binding = names.binding(*binding);
    let BindingKind::Assignment { .. } = binding.kind else { return None };
    let target = index.tree.expression_at(binding.range)?;
    let parent = index.tree.parent(target)?;
    let assigned = |id: NodeId| match index.tree.node(id) {
        AnyNodeRef::StmtAssign(assign) => Some(&*assign.value),
        AnyNodeRef::StmtAnnAssign(assign) => assign.value.as_deref(),
        _ => None,
    };
    // Ex) `a, b = Service(), Service()`
    if let AnyNodeRef::ExprTuple(targets) = index.tree.node(parent) {
        let values = assigned(index.tree.parent(parent)?)?.as_tuple_expr()?;
        let is_plain = |all: &[Expr]| !all.iter().any(Expr::is_starred_expr);
        let at = targets.elts.iter().position(|one| one.range() == binding.range)?;
        return values.elts.get(at).filter(|_| is_plain(&targets.elts) && is_plain(&values.elts));
    }
    assigned(parent)
}

/// Whether each object of a class has an object of its own of this start.
fn is_built_by_each(scene: &Scene<'_>, start: usize, class: ClassId) -> bool {
    let index = scene.objects.index;
    let Some(start) = scene.starts.get(start) else { return false };
    let Some(node) = index.tree.expression_at(start.range) else { return false };
    if start.what == What::Factory {
        return true;
    }
    let Some((function, definition)) = flow::function_around(index, node) else { return false };
    let own = class::own_name(definition);
    let is_own = |target: &Expr| match target {
        Expr::Attribute(attribute) => {
            attribute.value.as_name_expr().is_some_and(|name| name.id.as_str() == own)
        }
        _ => true,
    };
    let same = scene.objects.flow(node).same.into_iter();
    let mut targets = same.flat_map(|node| flow::targets(index, node));
    index.class_around(function).is_some_and(|by| index.family(class).any(|one| one == by))
        && !has_decorator(definition, "classmethod")
        && !has_decorator(definition, "staticmethod")
        && targets.all(|(target, _)| is_own(target))
}
