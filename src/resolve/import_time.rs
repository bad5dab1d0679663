//! What runs while a module is imported: its own code, and the functions that this calls.

use rustc_hash::FxHashMap;

use super::members::{ClassNode, Member, class_of_self};
use super::{Origin, Resolver};
use crate::project::{Analysis, FileId};
use crate::semantic::{
    Binding, BindingId, BindingKind, Names, Reference, ReferenceId, Scope, ScopeId, ScopeKind,
    Usage,
};
use crate::syntax::ast::{self, AnyNodeRef, Expr};
use crate::text::TextRange;

/// Code that runs as one piece: a module's, or that of one call of a function.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Code {
    /// The file.
    pub file: FileId,
    /// The module's scope, or the function's.
    pub scope: ScopeId,
}

impl Code {
    /// What runs when the module is imported.
    pub fn of_module(file: FileId) -> Self {
        Self { file, scope: ScopeId::MODULE }
    }

    /// What the statements of `scope` are a part of: a class's body runs where it stands.
    pub fn of_scope(file: FileId, names: &Names, scope: ScopeId) -> Self {
        let mut around = names.scopes_around(scope);
        let scope = around.find(|&scope| !names.scope(scope).kind.is_eager());
        Self { file, scope: scope.unwrap_or(ScopeId::MODULE) }
    }

    /// What a call of the function runs that stands in `statement`.
    fn of_function(file: FileId, names: &Names, statement: TextRange) -> Option<Self> {
        let is_it = |scope: &Scope| scope.kind == ScopeKind::Function && scope.node == statement;
        let scope = names.scopes().find(|(_, scope)| is_it(scope))?.0;
        Some(Self { file, scope })
    }
}

/// What runs with one piece of code.
#[derive(Debug, Default)]
pub(super) struct Parts {
    /// The imports, in the order in which they were read.
    pub imports: Vec<BindingId>,
    /// The names that are called.
    pub calls: Vec<ReferenceId>,
}

/// The imports and calls of a file, by the scope of the code that they are a part of.
pub(super) fn parts(file: FileId, names: &Names) -> FxHashMap<ScopeId, Parts> {
    let mut parts: FxHashMap<ScopeId, Parts> = FxHashMap::default();
    for (id, binding) in names.bindings() {
        if binding.kind.is_import() && !binding.typing_only {
            let code = Code::of_scope(file, names, binding.written_in);
            parts.entry(code.scope).or_default().imports.push(id);
        }
    }
    for (id, reference) in names.references() {
        let runs = reference.usage == Usage::Runtime && !reference.in_string;
        if reference.called && runs && !reference.unreachable {
            let code = Code::of_scope(file, names, reference.scope);
            parts.entry(code.scope).or_default().calls.push(id);
        }
    }
    parts
}

/// The text that a call of `importlib.import_module` or `__import__` is given, where it is written
/// out.
pub(super) fn imported_by_text<'a>(
    analysis: &'a Analysis,
    reference: &Reference,
) -> Option<&'a str> {
    let names = &analysis.names;
    let called = reference.attributes.last().copied().unwrap_or(reference.name);
    if !matches!(names.text(called), "import_module" | "__import__") {
        return None;
    }
    let path = analysis.module.path_to(reference.chain);
    let call = path.iter().rev().find_map(|node| match node {
        AnyNodeRef::ExprCall(call) => Some(call),
        _ => None,
    })?;
    match call.arguments.find_argument_value("name", 0)? {
        Expr::StringLiteral(text) => Some(text.value.to_str()),
        _ => None,
    }
}

/// The methods that building an object runs: of the class, or else of the classes below it.
const CONSTRUCTORS: [&str; 3] = ["__new__", "__init__", "__post_init__"];

impl Resolver<'_, '_> {
    /// The code that a call of this name runs, as far as that is in the project: a function, a
    /// method of the same object, or a class's constructors.
    pub(super) fn called(
        &self,
        file: FileId,
        analysis: &Analysis,
        reference: &Reference,
    ) -> Vec<Code> {
        let names = &analysis.names;
        let reach = names.reach(reference).bindings;
        let bindings = reach.iter().map(|&id| names.binding(id));
        let is_method = |binding: &Binding| binding.kind == BindingKind::Parameter;
        if let [method] = *reference.attributes
            && bindings.clone().any(is_method)
        {
            let class = class_of_self(file, analysis, reference);
            return class.map_or_else(Vec::new, |class| self.methods(class, names.text(method)));
        }
        if reference.attributes.is_empty()
            && bindings.clone().any(|binding| binding.kind == BindingKind::Function)
        {
            return bindings
                .filter(|binding| binding.kind == BindingKind::Function)
                .filter_map(|binding| Code::of_function(file, names, binding.statement))
                .collect();
        }
        let prefixes = self.reference(file, analysis, reference, &mut Vec::new());
        let found = prefixes.into_iter().nth(reference.attributes.len()).unwrap_or_default();
        let symbols = found.origins.iter().filter_map(|(origin, _)| match origin {
            Origin::Symbol(symbol) => Some(symbol),
            _ => None,
        });
        symbols
            .flat_map(|symbol| {
                if let Some((file, analysis, function)) = self.function(symbol) {
                    let code = Code::of_function(file, &analysis.names, function.range);
                    return code.into_iter().collect();
                }
                let class = self.class(symbol).into_iter();
                class
                    .flat_map(|class| CONSTRUCTORS.map(|name| self.methods(class, name)))
                    .flatten()
                    .collect::<Vec<_>>()
            })
            .collect()
    }

    /// The functions that an attribute of a class's objects may be.
    fn methods(&self, class: ClassNode<'_>, name: &str) -> Vec<Code> {
        let members = self.members(class, name).into_iter();
        members
            .filter_map(|(class, member)| match member {
                Member::Method(ast::StmtFunctionDef { range, .. }) => {
                    Code::of_function(class.file, &class.analysis.names, *range)
                }
                Member::Value(_) => None,
            })
            .collect()
    }
}
