//! What runs while a module is imported: its own code, and the functions that this calls, or has
//! called by a decorator, by `with`, or by being derived from (Python reference, 3.3.3 and 3.3.9).

use rustc_hash::FxHashMap;

use super::members::{CONSTRUCTORS, Chain, ClassNode, Member, class_of_self, expression_at};
use super::{Origin, Resolution, Resolver, SymbolId};
use crate::project::{Analysis, FileId};
use crate::semantic::{
    Binding, BindingId, BindingKind, Names, Reference, ReferenceId, Scope, ScopeId, ScopeKind,
    Usage,
};
use crate::syntax::ast::{self, AnyNodeRef, Expr, ExprRef, Stmt};
use crate::syntax::suite;
use crate::text::{Ranged, TextRange};

/// Code that runs as one piece: a module's, or that of one call of a function.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
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

    /// What a call of the function runs that stands at `node`.
    fn of_function(file: FileId, names: &Names, node: TextRange) -> Option<Self> {
        let is_function = |kind| matches!(kind, ScopeKind::Function | ScopeKind::Lambda);
        let is_it = |scope: &Scope| is_function(scope.kind) && scope.node == node;
        let scope = names.scopes().find(|(_, scope)| is_it(scope))?.0;
        Some(Self { file, scope })
    }

    /// The functions directly inside of a function's code.
    fn inner(self, names: &Names) -> impl Iterator<Item = Self> {
        let is_inside = move |scope: &Scope| {
            scope.parent == Some(self.scope) && scope.kind == ScopeKind::Function
        };
        let inner = names.scopes().filter(move |(_, scope)| is_inside(scope));
        inner.map(move |(scope, _)| Self { scope, ..self })
    }
}

/// What runs with one piece of code.
#[derive(Debug, Default)]
pub(super) struct Parts {
    /// The imports, in the order in which they were read.
    pub imports: Vec<BindingId>,
    /// The names that are called.
    pub calls: Vec<ReferenceId>,
    /// The expressions that are applied otherwise.
    pub applied: Vec<(Applied, TextRange)>,
}

/// How code is run without a call of its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Applied {
    /// It decorates.
    Decorator,
    /// A class is derived from it.
    Base,
    /// It is the metaclass of a class.
    Metaclass,
    /// A `with` enters it.
    Entered,
}

/// The imports and calls of a file, by the scope of the code that they are a part of.
pub(super) fn parts(file: FileId, analysis: &Analysis) -> FxHashMap<ScopeId, Parts> {
    let names = &analysis.names;
    let mut parts: FxHashMap<ScopeId, Parts> = FxHashMap::default();
    let scripts = scripts(analysis.module.body());
    let is_left_out = |range| scripts.iter().any(|script| script.contains_range(range));
    for (id, binding) in names.bindings() {
        if binding.kind.is_import() && !binding.typing_only && !is_left_out(binding.range) {
            let code = Code::of_scope(file, names, binding.written_in);
            parts.entry(code.scope).or_default().imports.push(id);
        }
    }
    for (id, reference) in names.references() {
        if reference.called && runs(reference) && !is_left_out(reference.range) {
            let code = Code::of_scope(file, names, reference.scope);
            parts.entry(code.scope).or_default().calls.push(id);
        }
    }
    let mut applied = Vec::new();
    find_applied(analysis.module.body(), &mut applied);
    for (how, expr) in applied {
        let chain = Chain::of(analysis, ExprRef::from(callee(expr)));
        let runs = |chain: &Chain<'_>| runs(chain.reference) && !is_left_out(expr.range());
        if let Some(chain) = chain.filter(runs) {
            let code = Code::of_scope(file, names, chain.reference.scope);
            parts.entry(code.scope).or_default().applied.push((how, expr.range()));
        }
    }
    parts
}

/// What runs where the file is the program, and not where it is imported.
///
/// See `__main__` in the library reference.
fn scripts(body: &[Stmt]) -> Vec<TextRange> {
    let is_name = |expr: &Expr| expr.as_name_expr().is_some_and(|name| name.id == "__name__");
    let is_main = |expr: &Expr| {
        let text = expr.as_string_literal_expr();
        text.is_some_and(|text| text.value.to_str() == "__main__")
    };
    let tests = body.iter().filter_map(Stmt::as_if_stmt).filter(|one| {
        let Some(test) = one.test.as_compare_expr() else { return false };
        let ([ast::CmpOp::Eq], [right]) = (&*test.ops, &*test.comparators) else { return false };
        is_name(&test.left) && is_main(right) || is_main(&test.left) && is_name(right)
    });
    let ends = |one: &ast::StmtIf| Some((one.body.first()?.start(), one.body.last()?.end()));
    tests.filter_map(ends).map(|(start, end)| TextRange::new(start, end)).collect()
}

fn runs(reference: &Reference) -> bool {
    reference.usage == Usage::Runtime && !reference.in_string && !reference.unreachable
}

fn find_applied<'a>(statements: &'a [Stmt], found: &mut Vec<(Applied, &'a Expr)>) {
    for statement in statements {
        let decorators = match statement {
            Stmt::FunctionDef(function) => &function.decorator_list[..],
            Stmt::ClassDef(class) => &class.decorator_list,
            _ => &[],
        };
        let expressions = decorators.iter().map(|decorator| &decorator.expression);
        found.extend(expressions.map(|expr| (Applied::Decorator, expr)));
        match statement {
            Stmt::ClassDef(class) => {
                found.extend(class.bases().iter().map(|base| (Applied::Base, base)));
                let metaclass = class.keywords().iter().filter(|keyword| is_metaclass(keyword));
                found.extend(metaclass.map(|keyword| (Applied::Metaclass, &keyword.value)));
            }
            Stmt::With(with) => {
                found.extend(with.items.iter().map(|item| (Applied::Entered, &item.context_expr)));
            }
            _ => {}
        }
        for suite in suite::suites(AnyNodeRef::from(statement)) {
            find_applied(suite, found);
        }
    }
}

fn is_metaclass(keyword: &ast::Keyword) -> bool {
    keyword.arg.as_ref().is_some_and(|name| name.as_str() == "metaclass")
}

/// What is called, where an expression is a call.
fn callee(expr: &Expr) -> &Expr {
    expr.as_call_expr().map_or(expr, |call| &call.func)
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

impl<'p> Resolver<'p, '_> {
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
        // What the file binds itself is there; what it has from elsewhere is followed.
        let mut run: Vec<Code> = match *reference.attributes {
            [] if names.text(reference.name) == "super" => self.by_super(file, analysis, reference),
            [] => {
                bindings.flat_map(|one| self.run_by(file, analysis, one, &CONSTRUCTORS)).collect()
            }
            [method] => {
                let method = names.text(method);
                let objects = bindings.filter_map(|one| self.class_of_object(file, analysis, one));
                objects.flat_map(|class| self.methods(class, method)).collect()
            }
            _ => Vec::new(),
        };
        let prefixes = self.reference(file, analysis, reference, &mut Vec::new());
        let found = prefixes.into_iter().nth(reference.attributes.len()).unwrap_or_default();
        run.extend(self.symbols_run(&found, &CONSTRUCTORS));
        run.sort_unstable();
        run.dedup();
        run
    }

    /// The code that an expression of a file runs by being applied.
    pub(super) fn applied(
        &self,
        file: FileId,
        analysis: &Analysis,
        (how, range): (Applied, TextRange),
    ) -> Vec<Code> {
        let Some(expr) = expression_at(analysis, range) else { return Vec::new() };
        let callee = match expr {
            ExprRef::Call(call) => ExprRef::from(&*call.func),
            expr => expr,
        };
        let Some(chain) = Chain::of(analysis, callee) else { return Vec::new() };
        let is_call = expr.range() != callee.range();
        let methods: &[&str] = match how {
            Applied::Decorator => &CONSTRUCTORS,
            Applied::Base => &["__init_subclass__"],
            Applied::Metaclass => &["__prepare__", "__new__", "__init__", "__call__"],
            Applied::Entered => &["__enter__", "__aenter__"],
        };
        let found = self.symbols_run(&self.chain(file, analysis, chain), methods);
        if !(is_call && how == Applied::Decorator) {
            return found;
        }
        // Ex) what `retry` of `@retry(3)` returns gets the function
        let inner = found.into_iter().filter_map(|code| {
            let names = &self.project().analysis(code.file).ok()?.names;
            Some(code.inner(names).collect::<Vec<_>>())
        });
        inner.flatten().collect()
    }

    /// What runs of the functions, or by these `methods` of the classes, that something may be.
    fn symbols_run(&self, found: &Resolution, methods: &[&str]) -> Vec<Code> {
        let symbols = found.origins.iter().filter_map(|(origin, _)| match origin {
            Origin::Symbol(symbol) => Some(symbol),
            _ => None,
        });
        symbols.flat_map(|symbol| self.symbol_runs(symbol, methods)).collect()
    }

    fn symbol_runs(&self, symbol: &SymbolId, methods: &[&str]) -> Vec<Code> {
        if let Some((file, analysis, function)) = self.function(symbol) {
            return Code::of_function(file, &analysis.names, function.range).into_iter().collect();
        }
        let Ok(analysis) = self.project().analysis(symbol.file) else { return Vec::new() };
        let names = &analysis.names;
        let (first, method) = match symbol.name.split_once('.') {
            Some((first, method)) => (first, Some(method)),
            None => (symbol.name.as_str(), None),
        };
        let bound = names.id(first).and_then(|name| names.symbol(ScopeId::MODULE, name));
        // Ex) one for each version of Python, or one below `@overload`
        let bindings = bound.into_iter().flat_map(|bound| &bound.bindings);
        let bindings = bindings.map(|&id| names.binding(id));
        match method {
            None => {
                bindings.flat_map(|one| self.run_by(symbol.file, analysis, one, methods)).collect()
            }
            Some(method) => bindings
                .filter_map(|one| self.class_of_object(symbol.file, analysis, one))
                .flat_map(|class| self.methods(class, method))
                .collect(),
        }
    }

    /// The class of the project whose object a binding gives: `service = Service()`.
    pub(super) fn class_of_object(
        &self,
        file: FileId,
        analysis: &Analysis,
        binding: &Binding,
    ) -> Option<ClassNode<'p>> {
        let BindingKind::Assignment { value: Some(value), .. } = binding.kind else { return None };
        let ExprRef::Call(call) = expression_at(analysis, value)? else { return None };
        self.class_named(file, analysis, &call.func)
    }

    /// What `super().method()` runs, where `reference` is its `super`.
    fn by_super(&self, file: FileId, analysis: &Analysis, reference: &Reference) -> Vec<Code> {
        let path = analysis.module.path_to(reference.range);
        let mut outwards = path.iter().rev();
        let method = outwards.find_map(|node| match node {
            AnyNodeRef::ExprAttribute(attribute) => Some(attribute.attr.as_str()),
            _ => None,
        });
        let class = outwards.find_map(|node| match node {
            AnyNodeRef::StmtClassDef(class) => Some(*class),
            _ => None,
        });
        let (Some(method), Some(class)) = (method, class) else { return Vec::new() };
        let bases = class.bases().iter();
        let bases = bases.filter_map(|base| self.class_named(file, analysis, base));
        bases.flat_map(|base| self.methods(base, method)).collect()
    }

    /// What runs when the value of a binding is called, or by these `methods` where it is a class.
    fn run_by<'a>(
        &self,
        file: FileId,
        analysis: &'a Analysis,
        binding: &Binding,
        methods: &[&str],
    ) -> Vec<Code>
    where
        'p: 'a,
    {
        let names = &analysis.names;
        match binding.kind {
            BindingKind::Function => {
                Code::of_function(file, names, binding.statement).into_iter().collect()
            }
            BindingKind::Assignment { value: Some(value), .. } => {
                Code::of_function(file, names, value).into_iter().collect()
            }
            BindingKind::Class => match suite::statement_at(&analysis.module, binding.statement) {
                Some(Stmt::ClassDef(node)) => {
                    let class = ClassNode { file, analysis, node };
                    methods.iter().flat_map(|name| self.methods(class, name)).collect()
                }
                _ => Vec::new(),
            },
            _ => Vec::new(),
        }
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
