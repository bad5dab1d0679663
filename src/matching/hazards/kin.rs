//! The classes of other files that are derived from a class of this one, or that it is derived from:
//! what one of them keeps in an attribute, the others read from it.
//!
//! Only files are read that derive a class from that name. Objects of the classes under other names
//! are not looked for.

use super::class::{Lineage, origin_of};
use super::elsewhere::{Arrival, TooMany};
use super::start::{Shape, Start, What};
use crate::project::FileId;
use crate::resolve::{Origin, Resolver, SymbolId};
use crate::semantic::BindingKind;
use crate::strings::Place;
use crate::syntax::ast::{self, Stmt};
use crate::syntax::suite;
use crate::text::TextRange;

/// More than most classes have; a bound on what large projects cost.
const MOST_CLASSES: usize = 500;

/// The related classes of other files that know all the names of `path`, which begins with an
/// attribute of `class`.
///
/// # Errors
/// More classes may be derived from it than are read.
pub(super) fn find(
    place: &Place<'_>,
    class: &ast::StmtClassDef,
    path: &[String],
    shape: &Shape,
) -> Result<Vec<Arrival>, TooMany> {
    let Place { resolver, file, analysis } = *place;
    let project = resolver.project();
    // What a function or a class defines inside has no name that other files know.
    let origin = Origin::Symbol(SymbolId { file, name: class.name.to_string() });
    let lineage = Lineage::of(resolver, &origin).classes;
    if lineage.first().is_none_or(|own| own.node.range != class.range) {
        return Ok(Vec::new());
    }
    debug_assert!(lineage.iter().any(|own| std::ptr::eq(own.analysis, analysis)), "{origin:?}");
    let mut related: Vec<(FileId, TextRange)> =
        lineage.iter().map(|class| (class.file, class.node.range)).collect();
    let mut derived = vec![(file, class.name.to_string())];
    let mut next = 0;
    while let Some((file, name)) = derived.get(next).cloned() {
        next += 1;
        for &other in project.deriving(&name) {
            for (name, range) in subclasses(resolver, other, (file, &name)) {
                if !derived.contains(&(other, name.clone())) {
                    derived.push((other, name));
                    related.push((other, range));
                }
            }
        }
        if derived.len() > MOST_CLASSES {
            return Err(TooMany);
        }
    }
    let mut found: Vec<Arrival> = Vec::new();
    for (other, range) in related.into_iter().filter(|(other, _)| *other != file) {
        let names = project.analysis(other).ok().map(|analysis| &analysis.names);
        if names.is_some_and(|names| path.iter().all(|name| names.id(name).is_some())) {
            let start = Start { range, what: What::Kept(path.to_vec()), shape: shape.clone() };
            found.push(Arrival { file: other, starts: vec![start] });
        }
    }
    Ok(found)
}

/// The classes of a file that have the class `name` of `home` as a base, by their names.
fn subclasses(
    resolver: &Resolver<'_, '_>,
    file: FileId,
    (home, name): (FileId, &str),
) -> Vec<(String, TextRange)> {
    let Ok(analysis) = resolver.project().analysis(file) else { return Vec::new() };
    let sought = Origin::Symbol(SymbolId { file: home, name: name.to_owned() });
    let is_it = |base: &ast::Expr| {
        origin_of(resolver, file, analysis, base).is_some_and(|origin| origin == sought)
    };
    let classes = analysis.names.bindings().filter(|(_, one)| one.kind == BindingKind::Class);
    classes
        .filter_map(|(_, binding)| suite::statement_at(&analysis.module, binding.statement))
        .filter_map(Stmt::as_class_def_stmt)
        .filter(|class| class.arguments.iter().any(|bases| bases.args.iter().any(is_it)))
        .map(|class| (class.name.to_string(), class.range))
        .collect()
}
