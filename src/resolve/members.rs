//! Classes and functions of the project as syntax: what `self.name` may be, and what a function
//! returns.

use super::{Origin, Resolution, Resolver, SymbolId};
use crate::project::{Analysis, FileId};
use crate::semantic::{BindingKind, Reference, ScopeId};
use crate::syntax::ast::visitor::{self, Visitor};
use crate::syntax::ast::{self, AnyNodeRef, Expr, ExprRef, Stmt};
use crate::text::{Ranged, TextRange};

/// A class of the project.
#[derive(Debug, Clone, Copy)]
pub struct ClassNode<'a> {
    /// Its file.
    pub file: FileId,
    /// The file's names.
    pub analysis: &'a Analysis,
    /// The statement.
    pub node: &'a ast::StmtClassDef,
}

/// What an attribute of an instance may be.
#[derive(Clone, Copy)]
pub enum Member<'a> {
    /// It is given this value, in the class's body or by a method.
    Value(&'a Expr),
    /// A method, or what a property computes.
    Method(&'a ast::StmtFunctionDef),
}

/// The methods that building an object runs: of the class, or else of the classes below it.
pub const CONSTRUCTORS: [&str; 4] = ["__new__", "__init__", "__post_init__", "__attrs_post_init__"];

/// Base classes are followed this far.
const MAX_BASES: u32 = 6;

/// The class whose instance the first name of a reference is: `self` in one of its methods.
pub fn class_of_self<'a>(
    file: FileId,
    analysis: &'a Analysis,
    reference: &Reference,
) -> Option<ClassNode<'a>> {
    let names = &analysis.names;
    let reach = names.reach(reference);
    let [only] = reach.bindings.as_slice() else { return None };
    let binding = names.binding(*only);
    if binding.kind != BindingKind::Parameter {
        return None;
    }
    let path = analysis.module.path_to(binding.range);
    let at = path.iter().rposition(AnyNodeRef::is_stmt_function_def)?;
    let AnyNodeRef::StmtFunctionDef(function) = path.get(at)? else { return None };
    let AnyNodeRef::StmtClassDef(node) = path.get(at.checked_sub(1)?)? else { return None };
    let first = first_parameter(function)?;
    (first.range == binding.range && !has_decorator(function, "staticmethod"))
        .then_some(ClassNode { file, analysis, node })
}

/// The name of a function's first parameter.
pub fn first_parameter(function: &ast::StmtFunctionDef) -> Option<&ast::Identifier> {
    let mut all = function.parameters.posonlyargs.iter().chain(&function.parameters.args);
    all.next().map(|parameter| &parameter.parameter.name)
}

/// Whether a function has a decorator of this last name.
pub fn has_decorator(function: &ast::StmtFunctionDef, name: &str) -> bool {
    function.decorator_list.iter().any(|decorator| match &decorator.expression {
        Expr::Name(found) => found.id.as_str() == name,
        Expr::Attribute(found) => found.attr.as_str() == name,
        _ => false,
    })
}

impl<'p> Resolver<'p, '_> {
    /// What the attribute `name` of an instance may be, of the class itself, or else of its bases.
    pub fn members<'a>(&self, class: ClassNode<'a>, name: &str) -> Vec<(ClassNode<'a>, Member<'a>)>
    where
        'p: 'a,
    {
        self.members_below(class, name, 0)
    }

    fn members_below<'a>(
        &self,
        class: ClassNode<'a>,
        name: &str,
        depth: u32,
    ) -> Vec<(ClassNode<'a>, Member<'a>)>
    where
        'p: 'a,
    {
        let is_special = name.starts_with("__") && name.ends_with("__");
        let mut found = Found { name, is_special, own: None, all: Vec::new() };
        // A private name is known as what it is mangled to.
        let is_written = !is_special || class.analysis.names.id(name).is_some();
        for statement in class.node.body.iter().filter(|_| is_written) {
            found.of_class(statement);
        }
        let own: Vec<_> = found.all.into_iter().map(|member| (class, member)).collect();
        if !own.is_empty() || depth > MAX_BASES {
            return own;
        }
        let bases = class.node.arguments.iter().flat_map(|arguments| &arguments.args);
        let mut inherited = Vec::new();
        for base in bases {
            if let Some(base) = self.class_at(class, base) {
                inherited.extend(self.members_below(base, name, depth + 1));
            }
        }
        inherited
    }

    fn class_at<'a>(&self, class: ClassNode<'a>, base: &Expr) -> Option<ClassNode<'a>>
    where
        'p: 'a,
    {
        self.class_named(class.file, class.analysis, base)
    }

    /// The class of the project that an expression of a file certainly is.
    pub(super) fn class_named(
        &self,
        file: FileId,
        analysis: &Analysis,
        expr: &Expr,
    ) -> Option<ClassNode<'p>> {
        let chain = Chain::of(analysis, ExprRef::from(expr))?;
        match self.chain(file, analysis, chain).certain()? {
            Origin::Symbol(symbol) => self.class(symbol),
            _ => None,
        }
    }

    /// The class of the project that a symbol is.
    pub fn class(&self, symbol: &SymbolId) -> Option<ClassNode<'p>> {
        let analysis = self.project().analysis(symbol.file).ok()?;
        match definition(analysis, &symbol.name)? {
            Stmt::ClassDef(node) => Some(ClassNode { file: symbol.file, analysis, node }),
            _ => None,
        }
    }

    /// The class of the object that a name of a module is, where it is bound once.
    ///
    /// Ex) `settings = Settings()`
    pub fn class_of(&self, symbol: &SymbolId) -> Option<ClassNode<'p>> {
        let analysis = self.project().analysis(symbol.file).ok()?;
        let names = &analysis.names;
        let bound = names.symbol(ScopeId::MODULE, names.id(&symbol.name)?)?;
        let [only] = bound.bindings.as_slice() else { return None };
        self.class_of_object(symbol.file, analysis, names.binding(*only))
    }

    /// The function of the project that a symbol is: of a module, or of a class of one.
    pub fn function(
        &self,
        symbol: &SymbolId,
    ) -> Option<(FileId, &'p Analysis, &'p ast::StmtFunctionDef)> {
        let analysis = self.project().analysis(symbol.file).ok()?;
        let (first, rest) = match symbol.name.split_once('.') {
            Some((first, rest)) => (first, Some(rest)),
            None => (symbol.name.as_str(), None),
        };
        let node = match (definition(analysis, first)?, rest) {
            (Stmt::FunctionDef(node), None) => node,
            (Stmt::ClassDef(class), Some(name)) => {
                class.body.iter().find_map(|statement| match statement {
                    Stmt::FunctionDef(node) if node.name.as_str() == name => Some(node),
                    _ => None,
                })?
            }
            _ => return None,
        };
        Some((symbol.file, analysis, node))
    }
}

/// A name and the attributes that an expression reads from it.
#[derive(Clone, Copy)]
pub struct Chain<'a> {
    /// The reference, which may have further attributes.
    pub reference: &'a Reference,
    /// How many of its attributes are the expression's.
    pub depth: usize,
}

impl<'a> Chain<'a> {
    /// The chain that an expression is.
    pub fn of(analysis: &'a Analysis, expr: ExprRef<'_>) -> Option<Self> {
        let mut depth = 0;
        let mut name = match expr {
            ExprRef::Name(name) => return Self::at(analysis, name.range, 0),
            ExprRef::Attribute(attribute) => &*attribute.value,
            _ => return None,
        };
        loop {
            depth += 1;
            match name {
                Expr::Name(name) => return Self::at(analysis, name.range, depth),
                Expr::Attribute(attribute) => name = &attribute.value,
                _ => return None,
            }
        }
    }

    fn at(analysis: &'a Analysis, name: TextRange, depth: usize) -> Option<Self> {
        let found = analysis.names.reference_at(name)?;
        Some(Self { reference: analysis.names.reference(found), depth })
    }

    /// The attributes.
    pub fn attributes(&self) -> &'a [crate::semantic::NameId] {
        self.reference.attributes.get(..self.depth).unwrap_or_default()
    }
}

impl Resolver<'_, '_> {
    /// What a chain leads to.
    pub fn chain(&self, file: FileId, analysis: &Analysis, chain: Chain<'_>) -> Resolution {
        let prefixes = self.reference(file, analysis, chain.reference, &mut Vec::new());
        prefixes.into_iter().nth(chain.depth).unwrap_or_default()
    }
}

/// The expression of this range.
pub fn expression_at(analysis: &Analysis, range: TextRange) -> Option<ExprRef<'_>> {
    let path = analysis.module.path_to(range);
    path.iter().filter(|node| node.range() == range).find_map(|node| node.as_expr_ref())
}

/// The only definition of a module's name, where it is a `def` or `class` statement.
fn definition<'a>(analysis: &'a Analysis, name: &str) -> Option<&'a Stmt> {
    let names = &analysis.names;
    let symbol = names.symbol(ScopeId::MODULE, names.id(name)?)?;
    let [only] = symbol.bindings.as_slice() else { return None };
    crate::syntax::suite::statement_at(&analysis.module, names.binding(*only).statement)
}

struct Found<'n, 'a> {
    name: &'n str,
    /// Python looks for it in the class alone (Python reference, 3.3.12).
    is_special: bool,
    /// The first parameter of the method that is walked.
    own: Option<&'a str>,
    all: Vec<Member<'a>>,
}

impl<'a> Found<'_, 'a> {
    fn of_class(&mut self, statement: &'a Stmt) {
        let is_named = |target: &Expr| matches!(target, Expr::Name(name) if name.id == *self.name);
        match statement {
            Stmt::Assign(assign) if assign.targets.iter().any(is_named) => {
                self.all.push(Member::Value(&assign.value));
            }
            Stmt::AnnAssign(assign) if is_named(&assign.target) => {
                self.all.extend(assign.value.as_deref().map(Member::Value));
            }
            Stmt::FunctionDef(function) => {
                if function.name.as_str() == self.name {
                    self.all.push(Member::Method(function));
                }
                if self.is_special {
                    return;
                }
                self.own = first_parameter(function).map(ast::Identifier::as_str);
                for statement in &function.body {
                    self.visit_stmt(statement);
                }
            }
            _ => {}
        }
    }

    fn is_own(&self, target: &Expr) -> bool {
        let Expr::Attribute(attribute) = target else { return false };
        let Expr::Name(name) = &*attribute.value else { return false };
        attribute.attr.as_str() == self.name && Some(name.id.as_str()) == self.own
    }
}

impl<'a> Visitor<'a> for Found<'_, 'a> {
    fn visit_stmt(&mut self, statement: &'a Stmt) {
        match statement {
            Stmt::Assign(assign) if assign.targets.iter().any(|target| self.is_own(target)) => {
                self.all.push(Member::Value(&assign.value));
            }
            Stmt::AnnAssign(assign) if self.is_own(&assign.target) => {
                self.all.extend(assign.value.as_deref().map(Member::Value));
            }
            Stmt::ClassDef(_) => {}
            _ => visitor::walk_stmt(self, statement),
        }
    }

    fn visit_expr(&mut self, _: &'a Expr) {}
}

/// The values that a function returns, in source order; `None` where it is a generator.
pub fn returned(function: &ast::StmtFunctionDef) -> Option<Vec<&Expr>> {
    let mut returns = Returns { found: Vec::new(), yields: false };
    for statement in &function.body {
        returns.visit_stmt(statement);
    }
    (!returns.yields).then_some(returns.found)
}

struct Returns<'a> {
    found: Vec<&'a Expr>,
    yields: bool,
}

impl<'a> Visitor<'a> for Returns<'a> {
    fn visit_stmt(&mut self, statement: &'a Stmt) {
        match statement {
            Stmt::Return(found) => self.found.extend(found.value.as_deref()),
            Stmt::FunctionDef(_) | Stmt::ClassDef(_) => {}
            _ => visitor::walk_stmt(self, statement),
        }
    }

    fn visit_expr(&mut self, expr: &'a Expr) {
        self.yields |= matches!(expr, Expr::Yield(_) | Expr::YieldFrom(_));
        if !matches!(expr, Expr::Lambda(_)) {
            visitor::walk_expr(self, expr);
        }
    }
}
