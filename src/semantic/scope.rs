//! Scopes, and what a name is in each.

use bitflags::bitflags;

use super::{BindingId, BindingList, NameId, Names};
use crate::text::{TextRange, TextSize};

/// A scope of one module; [`ScopeId::MODULE`] is the module's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ScopeId(pub(super) u32);

impl ScopeId {
    /// The global scope.
    pub const MODULE: Self = Self(0);
}

/// The kinds of scope.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ScopeKind {
    /// The module.
    Module,
    /// A class body: not seen from scopes nested in it.
    Class,
    /// A function body.
    Function,
    /// A lambda.
    Lambda,
    /// A list, set or dict comprehension, which runs where it stands.
    Comprehension,
    /// A generator expression, which may run later.
    Generator,
    /// `[T]` of a generic function, class or type alias (PEP 695).
    TypeParameters,
    /// The value of a `type` statement, or a type parameter's bound or default: evaluated when
    /// somebody asks for it.
    TypeExpression,
}

impl ScopeKind {
    /// Whether code in it runs at the point where it stands, in the flow of the scope around it.
    pub fn is_eager(self) -> bool {
        matches!(self, Self::Class | Self::Comprehension | Self::TypeParameters)
    }

    /// Whether nested scopes see its names.
    pub fn is_seen_from_inside(self) -> bool {
        self != Self::Class
    }

    /// Whether it is one of PEP 695's, from which an enclosing class body is visible.
    pub(super) fn sees_class(self) -> bool {
        matches!(self, Self::TypeParameters | Self::TypeExpression)
    }
}

/// One scope.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scope {
    /// What it is.
    pub kind: ScopeKind,
    /// The scope around it.
    pub parent: Option<ScopeId>,
    /// The node that makes it: the whole `def` or `class` statement with its decorators, the
    /// lambda, the comprehension; of a generator what stands from its first `for` on.
    pub node: TextRange,
    /// The body of it: what is evaluated in the scope.
    pub body: TextRange,
    /// The function's or class's name; empty for others.
    pub name: String,
    /// Its names, in the order in which they are first met.
    pub names: Vec<NameId>,
    /// Its star imports.
    pub star_imports: Vec<BindingId>,
    /// It is an `async def`.
    pub is_async: bool,
}

bitflags! {
    /// What a scope says about one of its names, as CPython's symbol table counts it.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
    pub struct SymbolFlags: u16 {
        /// `global x`.
        const GLOBAL = 1;
        /// Assigned in any way other than an import or as a parameter.
        const ASSIGNED = 1 << 1;
        /// A parameter.
        const PARAMETER = 1 << 2;
        /// `nonlocal x`.
        const NONLOCAL = 1 << 3;
        /// Read.
        const USED = 1 << 4;
        /// Bound by an import.
        const IMPORTED = 1 << 5;
        /// Annotated: `x: T`.
        const ANNOTATED = 1 << 6;
        /// A type parameter.
        const TYPE_PARAMETER = 1 << 7;
        /// Anything that makes the name the scope's own.
        const BOUND = Self::ASSIGNED.bits() | Self::PARAMETER.bits() | Self::IMPORTED.bits()
            | Self::TYPE_PARAMETER.bits();
    }
}

/// How a scope finds a name, as CPython classifies it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum NameScope {
    /// The scope's own.
    Local,
    /// The module's, because a `global` statement says so.
    GlobalExplicit,
    /// The module's or a builtin, because no scope around has it.
    GlobalImplicit,
    /// A function's around this scope.
    Free(ScopeId),
}

/// One name of one scope.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Symbol {
    /// What the scope says about it.
    pub flags: SymbolFlags,
    /// The bindings of this scope's name, wherever they are written, in source order by scope.
    pub bindings: BindingList,
}

impl Names {
    /// How `scope` finds `name`, whether or not the name occurs in it.
    ///
    /// The rule of `analyze_name` in CPython's `symtable.c`.
    pub fn name_scope(&self, scope: ScopeId, name: NameId) -> NameScope {
        let flags = self.flags(scope, name);
        if flags.contains(SymbolFlags::GLOBAL) {
            return NameScope::GlobalExplicit;
        }
        if flags.intersects(SymbolFlags::BOUND) && !flags.contains(SymbolFlags::NONLOCAL) {
            return NameScope::Local;
        }
        let mut sees_class = self.scope(scope).kind.sees_class();
        let mut next = self.scope(scope).parent;
        while let Some(id) = next {
            let around = self.scope(id);
            let flags = self.flags(id, name);
            let is_bound = flags.intersects(SymbolFlags::BOUND);
            match around.kind {
                ScopeKind::Module => break,
                ScopeKind::Class => {
                    // A generic method's type parameters and annotations see the class body.
                    if sees_class {
                        if flags.contains(SymbolFlags::GLOBAL) {
                            return NameScope::GlobalImplicit;
                        }
                        if is_bound && !flags.contains(SymbolFlags::NONLOCAL) {
                            return NameScope::Free(id);
                        }
                    }
                    // The implicit cell that zero-argument `super()` reads.
                    if self.interner.text(name) == "__class__" {
                        return NameScope::Free(id);
                    }
                }
                _ if flags.contains(SymbolFlags::GLOBAL) => return NameScope::GlobalImplicit,
                _ if is_bound && !flags.contains(SymbolFlags::NONLOCAL) => {
                    return NameScope::Free(id);
                }
                _ => {}
            }
            sees_class &= around.kind.sees_class();
            next = around.parent;
        }
        NameScope::GlobalImplicit
    }

    /// The scope whose name `name` is when `scope` uses it; `None` where no scope binds it.
    pub fn owner(&self, scope: ScopeId, name: NameId) -> Option<ScopeId> {
        let id = match self.name_scope(scope, name) {
            NameScope::Local => scope,
            NameScope::Free(id) => id,
            NameScope::GlobalExplicit | NameScope::GlobalImplicit => ScopeId::MODULE,
        };
        let is_bound = self.symbol(id, name).is_some_and(|symbol| !symbol.bindings.is_empty());
        is_bound.then_some(id)
    }

    /// A scope.
    pub fn scope(&self, id: ScopeId) -> &Scope {
        // Ids are made by the builder and never leave their module.
        &self.scopes[id.0 as usize]
    }

    /// All scopes: parents before children, children in source order.
    pub fn scopes(&self) -> impl Iterator<Item = (ScopeId, &Scope)> {
        (0..).map(ScopeId).zip(&self.scopes)
    }

    /// What `scope` says about `name`, where the name occurs in it.
    pub fn symbol(&self, scope: ScopeId, name: NameId) -> Option<&Symbol> {
        self.symbols.get(&(scope, name))
    }

    fn flags(&self, scope: ScopeId, name: NameId) -> SymbolFlags {
        self.symbol(scope, name).map_or_else(SymbolFlags::empty, |symbol| symbol.flags)
    }

    /// The scopes around `scope`, itself first, the module last.
    pub fn scopes_around(&self, scope: ScopeId) -> impl Iterator<Item = ScopeId> {
        std::iter::successors(Some(scope), |&id| self.scope(id).parent)
    }

    /// The innermost scope in which the character at `offset` is evaluated.
    pub fn scope_at(&self, offset: TextSize) -> ScopeId {
        let mut found = ScopeId::MODULE;
        for (id, scope) in self.scopes() {
            if scope.body.contains(offset) {
                found = id;
            }
        }
        found
    }
}
