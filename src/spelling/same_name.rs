//! `redis_manager = RedisManager()`: the statement whose place an import of the name can take.

use crate::imports::pragma::has_noqa_for;
use crate::matching::calls::named_calls;
use crate::project::Analysis;
use crate::semantic::{BindingId, BindingKind, ScopeId, ScopeKind};
use crate::syntax::suite;
use crate::syntax::tree::Tree;
use crate::text::TextRange;

/// The binding `name = site` in `scope`, where it is the only one of its name and nothing sees the
/// difference when the statement goes.
///
/// At module level it must run unconditionally: other modules may import the name from here. In a
/// function the name must be the function's alone and the function must not look at its own
/// variables by other means. In a class the statement makes an attribute, and stays.
pub fn removable(
    analysis: &Analysis,
    site: TextRange,
    scope: ScopeId,
    name: &str,
) -> Option<BindingId> {
    let names = &analysis.names;
    let symbol = names.symbol(scope, names.id(name)?)?;
    let [id] = *symbol.bindings.as_slice() else { return None };
    let binding = names.binding(id);
    let BindingKind::Assignment { value: Some(value), is_simple: true, .. } = &binding.kind else {
        return None;
    };
    if *value != site || binding.scope != binding.written_in {
        return None;
    }
    // Ex) `x = redis_manager` above the statement: it fails today, and an import would hide that.
    let all = names.references_to(binding.scope, binding.name).iter();
    let mut reads = all.map(|&reference| names.reach(names.reference(reference)));
    if reads.any(|reach| !reach.bindings.contains(&id)) {
        return None;
    }
    let fits = match names.scope(binding.scope).kind {
        ScopeKind::Module => {
            binding.unconditional
                && suite::of_statement(&analysis.module, binding.statement)
                    .is_some_and(|suite| suite.parent.is_mod_module())
        }
        ScopeKind::Function => {
            !looks_at_locals(analysis, binding.scope) && !is_meant_for_nobody(analysis, id)
        }
        _ => false,
    };
    fits.then_some(id)
}

/// Whether nothing reads the name, and a comment on the statement's line tells linters that this is
/// meant so: an import that nothing uses would have no such comment.
fn is_meant_for_nobody(analysis: &Analysis, id: BindingId) -> bool {
    let names = &analysis.names;
    let binding = names.binding(id);
    names.references_to(binding.scope, binding.name).is_empty()
        && has_noqa_for("F841", analysis, binding.statement)
}

/// Whether the function calls something that sees local variables by their names.
fn looks_at_locals(analysis: &Analysis, scope: ScopeId) -> bool {
    const LOOKING: [&str; 5] = ["locals", "vars", "eval", "exec", "dir"];
    // Few files have one of these names at all.
    if LOOKING.iter().all(|name| analysis.names.id(name).is_none()) {
        return false;
    }
    let node = analysis.names.scope(scope).node;
    let looks = |name: &str| LOOKING.contains(&name);
    let calls = named_calls(&Tree::new(&analysis.module), &looks);
    let mut inside = calls.iter().filter(|call| node.contains_range(call.call));
    // `vars(x)` and `dir(x)` look at `x`.
    inside.any(|call| !(call.has_argument && matches!(&*call.name, "vars" | "dir")))
}
