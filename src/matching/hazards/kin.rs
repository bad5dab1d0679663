//! The classes of other files that are derived from a class of this one, or that it is derived from:
//! what one of them keeps in an attribute, the others read from it.
//!
//! Only files are parsed that derive a class from that name. Objects of the classes under other names
//! are not looked for.

use super::class::{Lineage, methods, origin_of};
use super::elsewhere::{Arrival, TooMany};
use super::flow::is_decorated;
use super::index::last_name;
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

/// To find who derives a class, all files are read. In larger projects than this that is done for
/// classes alone that are made to be derived from.
const MOST_READ: usize = 1_000;

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
    let is_searched = project.len() <= MOST_READ || is_made_as_base(class);
    while let Some((file, name)) = derived.get(next).filter(|_| is_searched).cloned() {
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

/// Whether a class says that others are derived from it: by its name, by what it leaves open, or as
/// it sets up tests and has none.
fn is_made_as_base(class: &ast::StmtClassDef) -> bool {
    let name = class.name.as_str();
    let is_named = ["Base", "Abstract", "Mixin"].iter().any(|word| name.contains(word))
        || name.ends_with("TestCase");
    let bases = class.arguments.iter().flat_map(|arguments| {
        arguments.args.iter().chain(arguments.keywords.iter().map(|keyword| &keyword.value))
    });
    let is_abstract =
        || bases.filter_map(last_name).any(|base| matches!(base, "ABC" | "ABCMeta" | "Protocol"));
    let is_open = |method: &ast::StmtFunctionDef| {
        let raised = method.body.last().and_then(Stmt::as_raise_stmt);
        let raised = raised.and_then(|raise| raise.exc.as_deref()).map(|raised| match raised {
            ast::Expr::Call(call) => &*call.func,
            raised => raised,
        });
        raised.and_then(last_name) == Some("NotImplementedError")
            || is_decorated(method, &["abstractmethod"])
    };
    let sets_up = || {
        let mut names = methods(class).map(|method| method.name.to_lowercase());
        let has_set_up = names.any(|name| name.contains("setup") || name.contains("set_up"));
        has_set_up && !methods(class).any(|method| method.name.starts_with("test"))
    };
    is_named || is_abstract() || methods(class).any(is_open) || sets_up()
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::Module;

    #[test]
    fn a_class_says_that_others_are_derived_from_it() {
        let is_base = |source: &str| {
            let module = Module::parse(source).unwrap();
            is_made_as_base(module.body().first().and_then(Stmt::as_class_def_stmt).unwrap())
        };
        for source in [
            "class BaseService:\n    pass\n",
            "class RedisMixin:\n    pass\n",
            "class RedisTestCase(unittest.TestCase):\n    pass\n",
            "class Service(abc.ABC):\n    pass\n",
            "class Service(metaclass=ABCMeta):\n    pass\n",
            "class Service:\n    @abstractmethod\n    def get(self): ...\n",
            "class Service:\n    def get(self):\n        raise NotImplementedError('get')\n",
            "class Tests:\n    def setUp(self):\n        self.r = 1\n",
            "class Tests:\n    async def asyncSetUp(self):\n        self.r = 1\n",
        ] {
            assert!(is_base(source), "{source}");
        }
        for source in [
            "class Service:\n    def __init__(self):\n        self.r = 1\n",
            "class Service(Other):\n    def get(self):\n        raise ValueError\n",
            "class Tests:\n    def setup_method(self): ...\n    def test_it(self): ...\n",
        ] {
            assert!(!is_base(source), "{source}");
        }
    }
}
