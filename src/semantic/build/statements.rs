//! Statements that bind names, and the scopes that they make.

use super::{Builder, DeferredCode};
use crate::semantic::binding::BindingKind;
use crate::semantic::name::mangle;
use crate::semantic::scope::{ScopeKind, SymbolFlags};
use crate::syntax::ast::visitor::{self, Visitor};
use crate::syntax::ast::{self, Expr, Stmt};
use crate::text::{Ranged, TextRange};

impl<'a> Builder<'a> {
    pub(super) fn statement(&mut self, statement: &'a Stmt) {
        let around = std::mem::replace(&mut self.statement, statement.range());
        match statement {
            Stmt::FunctionDef(function) => self.function(function),
            Stmt::ClassDef(class) => self.class(class),
            Stmt::Import(import) => self.import(import),
            Stmt::ImportFrom(import) => self.import_from(import),
            Stmt::Assign(assign) => self.assign(assign),
            Stmt::AnnAssign(assign) => self.annotated(assign),
            Stmt::AugAssign(assign) => self.augmented(assign),
            Stmt::Delete(delete) => {
                for target in &delete.targets {
                    self.target(target, &|_| BindingKind::Deletion);
                }
            }
            Stmt::TypeAlias(alias) => self.type_alias(alias),
            Stmt::Global(global) => {
                for name in &global.names {
                    self.declare(name, SymbolFlags::GLOBAL);
                }
            }
            Stmt::Nonlocal(nonlocal) => {
                for name in &nonlocal.names {
                    self.declare(name, SymbolFlags::NONLOCAL);
                }
            }
            Stmt::If(branch) => self.branch(branch),
            Stmt::For(loop_) => self.for_loop(loop_),
            Stmt::While(loop_) => self.while_loop(loop_),
            Stmt::Try(try_) => self.try_(try_),
            Stmt::With(with) => self.with(with),
            Stmt::Match(match_) => self.match_(match_),
            Stmt::Return(_) | Stmt::Raise(_) => {
                visitor::walk_stmt(self, statement);
                self.flow().stop();
            }
            Stmt::Break(_) => self.break_(),
            Stmt::Continue(_) => self.flow().stop(),
            Stmt::Expr(_) | Stmt::Assert(_) | Stmt::Pass(_) | Stmt::IpyEscapeCommand(_) => {
                visitor::walk_stmt(self, statement);
            }
        }
        self.statement = around;
    }

    fn declare(&mut self, name: &ast::Identifier, flag: SymbolFlags) {
        let id = self.intern(name.as_str());
        let scope = self.scope();
        self.flag(scope, id, flag);
        if flag == SymbolFlags::GLOBAL {
            // CPython marks the name in the module's table as well.
            self.flag(super::ScopeId::MODULE, id, flag);
        }
    }

    fn function(&mut self, function: &'a ast::StmtFunctionDef) {
        for decorator in &function.decorator_list {
            self.visit_decorator(decorator);
        }
        self.defaults(&function.parameters);
        let is_generic = function.type_params.is_some();
        if let Some(parameters) = function.type_params.as_deref() {
            self.enter_type_parameters(parameters, function.range, function.name.as_str());
        }
        for parameter in function.parameters.iter_source_order() {
            if let Some(annotation) = parameter.annotation() {
                self.annotation(annotation, false);
            }
        }
        if let Some(returns) = &function.returns {
            self.annotation(returns, false);
        }
        let parent = Some(self.scope());
        let body = body_range(function.parameters.range, &function.body);
        let scope = self.add_scope(
            ScopeKind::Function,
            parent,
            function.range,
            body,
            function.name.as_str(),
            function.is_async,
        );
        self.defer(scope, DeferredCode::Function(function));
        if is_generic {
            self.leave();
        }
        let name = &function.name;
        self.bind(name.as_str(), name.range, SymbolFlags::ASSIGNED, BindingKind::Function);
    }

    pub(super) fn function_body(&mut self, function: &'a ast::StmtFunctionDef) {
        self.parameters(&function.parameters);
        for statement in &function.body {
            self.statement(statement);
        }
    }

    /// Default values are evaluated where the `def` or `lambda` stands.
    pub(super) fn defaults(&mut self, parameters: &'a ast::Parameters) {
        for parameter in parameters.iter_source_order() {
            if let Some(default) = parameter.default() {
                self.visit_expr(default);
            }
        }
    }

    pub(super) fn parameters(&mut self, parameters: &'a ast::Parameters) {
        for parameter in parameters.iter_source_order() {
            let statement = std::mem::replace(&mut self.statement, parameter.range());
            let name = parameter.name();
            self.bind(name.as_str(), name.range, SymbolFlags::PARAMETER, BindingKind::Parameter);
            self.statement = statement;
        }
    }

    fn class(&mut self, class: &'a ast::StmtClassDef) {
        for decorator in &class.decorator_list {
            self.visit_decorator(decorator);
        }
        let around = self.class;
        let is_generic = class.type_params.is_some();
        if let Some(parameters) = class.type_params.as_deref() {
            self.class = Some(class.name.as_str());
            self.enter_type_parameters(parameters, class.range, class.name.as_str());
        }
        if let Some(arguments) = class.arguments.as_deref() {
            self.visit_arguments(arguments);
        }
        let parent = Some(self.scope());
        let body = body_range(class.name.range, &class.body);
        let name = class.name.as_str();
        let scope = self.add_scope(ScopeKind::Class, parent, class.range, body, name, false);
        self.enter(scope);
        self.class = Some(name);
        for statement in &class.body {
            self.statement(statement);
        }
        self.class = around;
        self.leave();
        if is_generic {
            self.leave();
        }
        self.bind(name, class.name.range, SymbolFlags::ASSIGNED, BindingKind::Class);
    }

    /// Opens the scope of `[T]`; the caller leaves it.
    fn enter_type_parameters(
        &mut self,
        parameters: &'a ast::TypeParams,
        node: TextRange,
        name: &str,
    ) {
        let parent = Some(self.scope());
        let body = TextRange::new(parameters.range.start(), node.end());
        let scope = self.add_scope(ScopeKind::TypeParameters, parent, node, body, name, false);
        self.enter(scope);
        for parameter in &parameters.type_params {
            let identifier = parameter.name();
            let statement = std::mem::replace(&mut self.statement, parameter.range());
            let flags = SymbolFlags::TYPE_PARAMETER | SymbolFlags::ASSIGNED;
            self.bind(identifier.as_str(), identifier.range, flags, BindingKind::TypeParameter);
            self.statement = statement;
            let bound = match parameter {
                ast::TypeParam::TypeVar(parameter) => parameter.bound.as_deref(),
                _ => None,
            };
            for expr in bound.into_iter().chain(parameter.default()) {
                self.type_expression(expr, identifier.as_str());
            }
        }
    }

    /// An expression that is evaluated when somebody asks the type for it.
    fn type_expression(&mut self, expr: &'a Expr, name: &str) {
        let parent = Some(self.scope());
        let range = expr.range();
        let scope = self.add_scope(ScopeKind::TypeExpression, parent, range, range, name, false);
        self.defer(scope, DeferredCode::TypeExpression(expr));
    }

    fn type_alias(&mut self, alias: &'a ast::StmtTypeAlias) {
        let Expr::Name(name) = &*alias.name else {
            return;
        };
        if let Some(parameters) = alias.type_params.as_deref() {
            self.enter_type_parameters(parameters, alias.range, name.id.as_str());
            self.type_expression(&alias.value, name.id.as_str());
            self.leave();
        } else {
            self.type_expression(&alias.value, name.id.as_str());
        }
        self.bind_name(name, BindingKind::TypeAlias);
    }

    fn import(&mut self, import: &'a ast::StmtImport) {
        for alias in &import.names {
            let module = alias.name.as_str();
            let first = module.split('.').next().unwrap_or(module);
            let first_range = TextRange::at(alias.name.start(), crate::text::size(first.len()));
            let (name, range) = alias
                .asname
                .as_ref()
                .map_or((first, first_range), |asname| (asname.as_str(), asname.range));
            let kind = BindingKind::Import {
                module: module.to_owned(),
                renamed: alias.asname.is_some(),
                alias: alias.range,
            };
            self.bind(name, range, SymbolFlags::IMPORTED, kind);
        }
    }

    fn import_from(&mut self, import: &'a ast::StmtImportFrom) {
        let module = import.module.as_ref().map_or("", ast::Identifier::as_str).to_owned();
        for alias in &import.names {
            let member = alias.name.as_str();
            if member == "*" {
                let kind = BindingKind::StarImport { level: import.level, module: module.clone() };
                let name = self.interner.intern("*");
                let scope = self.scope();
                let id = super::BindingId(u32::try_from(self.bindings.len()).unwrap_or(u32::MAX));
                self.bind_in(scope, name, alias.range, kind);
                self.scopes[scope.0 as usize].star_imports.push(id);
                continue;
            }
            let bound = alias.asname.as_ref().unwrap_or(&alias.name);
            let kind = BindingKind::ImportFrom {
                level: import.level,
                module: module.clone(),
                // In a class, Python looks up a private name's other form in the module, too.
                member: mangle(self.class, member).into_owned(),
                alias: alias.range,
            };
            self.bind(bound.as_str(), bound.range, SymbolFlags::IMPORTED, kind);
        }
    }

    fn assign(&mut self, assign: &'a ast::StmtAssign) {
        self.visit_expr(&assign.value);
        let value = assign.value.range();
        let alias_of = self.last_reference_at(value);
        let is_simple = matches!(assign.targets.as_slice(), [Expr::Name(_)]);
        let is_none = assign.value.is_none_literal_expr();
        for target in &assign.targets {
            self.target(target, &|whole| BindingKind::Assignment {
                value: whole.then_some(value),
                alias_of: alias_of.filter(|_| whole),
                is_none: whole && is_none,
                is_simple,
            });
        }
        if let [Expr::Name(name)] = assign.targets.as_slice()
            && name.id == "__all__"
        {
            self.assign_dunder_all(&assign.value);
        }
    }

    fn annotated(&mut self, assign: &'a ast::StmtAnnAssign) {
        let in_function = !matches!(self.kind(self.scope()), ScopeKind::Module | ScopeKind::Class);
        self.annotation(&assign.annotation, in_function);
        if let Some(value) = &assign.value {
            self.visit_expr(value);
        }
        self.alias(assign);
        let Expr::Name(name) = &*assign.target else {
            self.visit_expr(&assign.target);
            return;
        };
        let mut flags = SymbolFlags::empty();
        if assign.simple {
            flags |= SymbolFlags::ANNOTATED | SymbolFlags::ASSIGNED;
        }
        let kind = match &assign.value {
            Some(value) => {
                flags |= SymbolFlags::ASSIGNED;
                BindingKind::Assignment {
                    value: Some(value.range()),
                    alias_of: self.last_reference_at(value.range()),
                    is_none: value.is_none_literal_expr(),
                    is_simple: true,
                }
            }
            None if !assign.simple => return,
            None => BindingKind::Declaration,
        };
        self.bind(name.id.as_str(), name.range, flags, kind);
        if name.id == "__all__"
            && let Some(value) = &assign.value
        {
            self.assign_dunder_all(value);
        }
    }

    fn augmented(&mut self, assign: &'a ast::StmtAugAssign) {
        match &*assign.target {
            Expr::Name(name) => {
                self.read_augmented(name);
                self.visit_expr(&assign.value);
                self.bind_name(name, BindingKind::Augmented);
                if name.id == "__all__" {
                    self.extend_dunder_all(&assign.value);
                }
            }
            target => {
                self.visit_expr(target);
                self.visit_expr(&assign.value);
            }
        }
    }
}

/// From the parameters or name of a definition to the end of its body.
fn body_range(head: TextRange, body: &[Stmt]) -> TextRange {
    let end = body.last().map_or(head.end(), Ranged::end);
    TextRange::new(body.first().map_or(head.end(), Ranged::start), end)
}
