//! One walk over a module: scopes, bindings, references and the flow between them.
//!
//! Function bodies are read after the scope around them is finished, as they run later; class
//! bodies and comprehensions are read where they stand. Whose name a reference is can be said only
//! when every scope is finished, so each reference first notes what reaches it in every scope that
//! runs at that point, and [`Builder::finish`] picks the owner's.

mod annotations;
mod control;
mod expressions;
mod statements;
mod types;

use rustc_hash::FxHashMap;

use super::Names;
use super::binding::{Binding, BindingId, BindingKind};
use super::exports::DunderAll;
use super::flow::{Branch, Flow, Mark, ReachSet, normalize};
use super::name::{Interner, NameId, mangle};
use super::reference::{Reference, ReferenceId, Usage};
use super::scope::{Scope, ScopeId, ScopeKind, Symbol, SymbolFlags};
use crate::syntax::{Module, ast};
use crate::text::{Ranged, TextRange};

/// Reads `module`.
pub(super) fn build(module: &Module, text: &str) -> Names {
    let mut builder = Builder::new(text);
    builder.future_annotations = annotations::has_future_import(module.body());
    let root = module.root().range();
    let id = builder.add_scope(ScopeKind::Module, None, root, root, "", false);
    builder.enter(id);
    for statement in module.body() {
        ast::visitor::Visitor::visit_stmt(&mut builder, statement);
    }
    let module_flow = std::mem::take(builder.flow());
    builder.leave();
    builder.run_deferred();
    builder.finish(&module_flow)
}

// What memory is asked for at first. Most files of the libraries of PyPI have fewer than one in so
// many bytes; lists that grow leave pieces of memory behind that no other list fits.
const BYTES_PER_REFERENCE: usize = 32;
const BYTES_PER_BINDING: usize = 80;
const BYTES_PER_SCOPE: usize = 400;

struct Builder<'a> {
    text: &'a str,
    interner: Interner,
    scopes: Vec<Scope>,
    symbols: FxHashMap<(ScopeId, NameId), Symbol>,
    bindings: Vec<Binding>,
    references: Vec<Reference>,
    /// What reaches references in the scopes around their own that run at the same time; in the
    /// order of the references, innermost first.
    around: Vec<Around>,
    dunder_all: DunderAll,
    future_annotations: bool,
    /// The scopes that run at this point, outermost first; only the first may be other than eager.
    running: Vec<Running>,
    /// The flow of a scope that was left, whose memory the next one takes.
    spare: Flow,
    deferred: Vec<Deferred<'a>>,
    /// The class whose private names are mangled here.
    class: Option<&'a str>,
    /// The statement that is being read.
    statement: TextRange,
    /// How many blocks of the running scope that may be skipped or left early are open.
    conditional: u32,
    typing_only: bool,
    /// Set while an annotation is read.
    annotation: Option<Annotation>,
}

/// What reaches a reference in a scope around its own.
struct Around {
    reference: ReferenceId,
    scope: ScopeId,
    reach: ReachSet,
}

struct Running {
    scope: ScopeId,
    flow: Flow,
    loops: Vec<LoopFrame>,
    conditional: u32,
}

/// The loop around a `break`.
struct LoopFrame {
    mark: Mark,
    breaks: Vec<Branch>,
}

#[derive(Debug, Clone, Copy)]
struct Annotation {
    usage: Usage,
    /// Strings and subscripts are types here, not values.
    is_type: bool,
    /// CPython's symbol table counts the names in it.
    is_counted: bool,
}

/// Code that runs later: read once the scope around it is finished.
struct Deferred<'a> {
    scope: ScopeId,
    code: DeferredCode<'a>,
    class: Option<&'a str>,
    typing_only: bool,
    statement: TextRange,
    annotation: Option<Annotation>,
}

#[derive(Clone, Copy)]
enum DeferredCode<'a> {
    Function(&'a ast::StmtFunctionDef),
    Lambda(&'a ast::ExprLambda),
    Generator(&'a ast::ExprGenerator),
    TypeExpression(&'a ast::Expr),
}

impl<'a> Builder<'a> {
    fn new(text: &'a str) -> Self {
        let mut interner = Interner::default();
        let unbound = Binding {
            name: interner.intern(""),
            scope: ScopeId::MODULE,
            written_in: ScopeId::MODULE,
            range: TextRange::default(),
            statement: TextRange::default(),
            typing_only: false,
            unconditional: false,
            kind: BindingKind::Deletion,
        };
        let mut bindings = Vec::with_capacity(1 + text.len() / BYTES_PER_BINDING);
        bindings.push(unbound);
        Self {
            text,
            interner,
            scopes: Vec::with_capacity(1 + text.len() / BYTES_PER_SCOPE),
            symbols: FxHashMap::default(),
            bindings,
            references: Vec::with_capacity(text.len() / BYTES_PER_REFERENCE),
            around: Vec::new(),
            dunder_all: DunderAll::default(),
            future_annotations: false,
            running: Vec::new(),
            spare: Flow::default(),
            deferred: Vec::new(),
            class: None,
            statement: TextRange::default(),
            conditional: 0,
            typing_only: false,
            annotation: None,
        }
    }

    fn add_scope(
        &mut self,
        kind: ScopeKind,
        parent: Option<ScopeId>,
        node: TextRange,
        body: TextRange,
        name: &str,
        is_async: bool,
    ) -> ScopeId {
        let id = ScopeId(u32::try_from(self.scopes.len()).unwrap_or(u32::MAX));
        self.scopes.push(Scope {
            kind,
            parent,
            node,
            body,
            name: name.to_owned(),
            names: Vec::new(),
            star_imports: Vec::new(),
            is_async,
        });
        id
    }

    fn enter(&mut self, scope: ScopeId) {
        let conditional = std::mem::take(&mut self.conditional);
        let flow = std::mem::take(&mut self.spare).restarted();
        self.running.push(Running { scope, flow, loops: Vec::new(), conditional });
    }

    fn leave(&mut self) {
        let Some(running) = self.running.pop() else { return };
        self.conditional = running.conditional;
        self.spare = running.flow;
    }

    /// The scope whose code is being read.
    fn scope(&self) -> ScopeId {
        self.running.last().map_or(ScopeId::MODULE, |running| running.scope)
    }

    fn kind(&self, scope: ScopeId) -> ScopeKind {
        self.scopes[scope.0 as usize].kind
    }

    fn flow(&mut self) -> &mut Flow {
        // The module's scope is entered first and left last.
        &mut self.running.last_mut().expect("a scope is running").flow
    }

    fn run_deferred(&mut self) {
        // In the order in which they stand: a function's own nested functions come after it, so
        // that every scope around a body is finished when the body is read.
        while !self.deferred.is_empty() {
            for deferred in std::mem::take(&mut self.deferred) {
                self.run_one(&deferred);
            }
        }
    }

    fn run_one(&mut self, deferred: &Deferred<'a>) {
        self.class = deferred.class;
        self.typing_only = deferred.typing_only;
        self.statement = deferred.statement;
        self.annotation = deferred.annotation;
        self.enter(deferred.scope);
        match deferred.code {
            DeferredCode::Function(function) => self.function_body(function),
            DeferredCode::Lambda(lambda) => self.lambda_body(lambda),
            DeferredCode::Generator(generator) => self.generator_body(generator),
            DeferredCode::TypeExpression(expr) => {
                ast::visitor::Visitor::visit_expr(self, expr);
                self.strings_of_type(expr);
            }
        }
        self.leave();
    }

    fn defer(&mut self, scope: ScopeId, code: DeferredCode<'a>) {
        self.deferred.push(Deferred {
            scope,
            code,
            class: self.class,
            typing_only: self.typing_only,
            statement: self.statement,
            annotation: self.annotation,
        });
    }

    fn intern(&mut self, name: &str) -> NameId {
        let mangled = mangle(self.class, name);
        self.interner.intern(&mangled)
    }

    /// Adds to what a scope says about a name; gives all that it says.
    fn flag(&mut self, scope: ScopeId, name: NameId, flags: SymbolFlags) -> SymbolFlags {
        let symbol = self.symbols.entry((scope, name)).or_default();
        if symbol.flags.is_empty() {
            self.scopes[scope.0 as usize].names.push(name);
        }
        symbol.flags |= flags;
        symbol.flags
    }

    fn flags(&self, scope: ScopeId, name: NameId) -> SymbolFlags {
        self.symbols.get(&(scope, name)).map_or_else(SymbolFlags::empty, |symbol| symbol.flags)
    }

    /// Binds `name` in the running scope.
    fn bind(&mut self, name: &str, range: TextRange, flags: SymbolFlags, kind: BindingKind) {
        let name = self.intern(name);
        let scope = self.scope();
        let own = self.flag(scope, name, flags);
        let target = if own.contains(SymbolFlags::GLOBAL) { ScopeId::MODULE } else { scope };
        self.bind_in(target, name, range, kind);
    }

    /// Binds `name` of the scope `target`, which may be one around the running scope.
    fn bind_in(&mut self, target: ScopeId, name: NameId, range: TextRange, kind: BindingKind) {
        let id = BindingId(u32::try_from(self.bindings.len()).unwrap_or(u32::MAX));
        let reach: ReachSet = match kind {
            BindingKind::Declaration => ReachSet::new(),
            BindingKind::Deletion => smallvec::smallvec![BindingId::UNBOUND],
            _ => smallvec::smallvec![id],
        };
        self.bindings.push(Binding {
            name,
            scope: target,
            written_in: self.scope(),
            range,
            statement: self.statement,
            typing_only: self.typing_only,
            unconditional: self.conditional == 0,
            kind,
        });
        self.symbols.entry((target, name)).or_default().bindings.push(id);
        if reach.is_empty() {
            return;
        }
        let is_innermost = target == self.scope();
        let Some(running) = self.running.iter_mut().rev().find(|running| running.scope == target)
        else {
            return;
        };
        if is_innermost {
            running.flow.set(name, reach);
        } else {
            // `:=` in a comprehension, which may not run at all.
            let mut either = running.flow.reach(name);
            either.extend(reach);
            normalize(&mut either);
            running.flow.set(name, either);
        }
    }

    /// Notes a use of a name in the running scope.
    fn refer(&mut self, mut reference: Reference) {
        let id = ReferenceId(u32::try_from(self.references.len()).unwrap_or(u32::MAX));
        let mut running = self.running.iter().rev();
        if let Some(own) = running.next() {
            reference.reach = Some(own.flow.reach(reference.name));
            let mut inner = own.scope;
            for around in running {
                if !self.kind(inner).is_eager() {
                    break;
                }
                let (scope, reach) = (around.scope, around.flow.reach(reference.name));
                self.around.push(Around { reference: id, scope, reach });
                inner = scope;
            }
        }
        self.references.push(reference);
    }

    fn is_unreachable(&self) -> bool {
        self.running.iter().any(|running| running.flow.is_unreachable())
    }

    /// Whether annotations and typing-only blocks make the code here other than run-time code.
    fn usage(&self) -> Usage {
        match self.annotation {
            _ if self.typing_only => Usage::Typing,
            Some(annotation) => annotation.usage,
            None => Usage::Runtime,
        }
    }

    fn finish(mut self, module_flow: &Flow) -> Names {
        self.adopt_nonlocal_bindings();
        let around = std::mem::take(&mut self.around);
        let mut names = Names {
            interner: self.interner,
            scopes: self.scopes,
            symbols: self.symbols,
            bindings: self.bindings,
            references: Vec::new(),
            dunder_all: self.dunder_all,
            by_range: std::sync::OnceLock::new(),
            by_name: std::sync::OnceLock::new(),
            aliases: std::sync::OnceLock::new(),
            exit: FxHashMap::default(),
        };
        let mut references = self.references;
        let around_of = around.chunk_by(|one, next| one.reference == next.reference);
        let mut around_of = around_of.peekable();
        for (id, reference) in (0..).map(ReferenceId).zip(&mut references) {
            let around = around_of.next_if(|around| around[0].reference == id);
            names.settle(reference, around.unwrap_or_default());
        }
        names.references = references;
        let module_names = names.scope(ScopeId::MODULE).names.clone();
        names.exit = module_names.into_iter().map(|name| (name, module_flow.reach(name))).collect();
        names
    }

    /// Gives the bindings made under `nonlocal` to the function that owns the name, which could
    /// not be told while its body was not finished.
    fn adopt_nonlocal_bindings(&mut self) {
        let mut foreign = Vec::new();
        for (index, binding) in self.bindings.iter().enumerate() {
            let flags = self.flags(binding.scope, binding.name);
            if flags.contains(SymbolFlags::NONLOCAL) {
                foreign.push((index, binding.scope, binding.name));
            }
        }
        for (index, scope, name) in foreign {
            let mut around = self.scopes[scope.0 as usize].parent;
            while let Some(id) = around {
                let flags = self.flags(id, name);
                let owns = flags.intersects(SymbolFlags::BOUND)
                    && !flags.intersects(SymbolFlags::NONLOCAL | SymbolFlags::GLOBAL);
                if owns && !matches!(self.kind(id), ScopeKind::Class | ScopeKind::Module) {
                    break;
                }
                around = self.scopes[id.0 as usize].parent;
            }
            let Some(owner) = around else { continue };
            let id = BindingId(u32::try_from(index).unwrap_or(u32::MAX));
            if let Some(symbol) = self.symbols.get_mut(&(scope, name)) {
                symbol.bindings.retain(|binding| *binding != id);
            }
            self.symbols.entry((owner, name)).or_default().bindings.push(id);
            self.bindings[index].scope = owner;
        }
    }
}

impl Names {
    /// Finds the owner of a reference's name and what reaches it there.
    ///
    /// So far the reference says what reaches it in its own scope; `around` says it of the others
    /// that run at the same time.
    fn settle(&self, reference: &mut Reference, around: &[Around]) {
        let name = reference.name;
        reference.owner = self.owner(reference.scope, name);
        let own = reference.reach.take();
        let Some(owner) = reference.owner else {
            return;
        };
        let running = |scope| around.iter().find(|one| one.scope == scope).map(|one| &one.reach);
        let found = if owner == reference.scope { own } else { running(owner).cloned() };
        let Some(mut reach) = found else { return };
        // Ex) `class A: x = x` reads the global: CPython's LOAD_NAME looks there when the class
        // has no value yet.
        if self.scope(owner).kind == ScopeKind::Class && reach.contains(&BindingId::UNBOUND) {
            reach.retain(|id| *id != BindingId::UNBOUND);
            match running(ScopeId::MODULE) {
                Some(global) => reach.extend_from_slice(global),
                None => match self.symbol(ScopeId::MODULE, name) {
                    Some(symbol) => reach.extend_from_slice(&symbol.bindings),
                    None => reach.push(BindingId::UNBOUND),
                },
            }
            normalize(&mut reach);
        }
        reference.reach = Some(reach);
    }
}
