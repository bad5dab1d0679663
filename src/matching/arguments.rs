//! What a constructor is called with, compared with what another call gives it.
//!
//! Values are the same where both are written as the same literals, or are the same name of a
//! module that gets one value only. What cannot be read is never the same.

use std::collections::BTreeMap;

use super::hazards::class::{Lineage, methods, origin_of};
use crate::project::{Analysis, FileId};
use crate::resolve::{Origin, Resolver};
use crate::semantic::ScopeId;
use crate::syntax::ast::{self, Expr, Stmt};
use crate::syntax::chain::last_name;
use crate::text::{Ranged, slice};

/// The value of a parameter; `None` where it cannot be told from others.
type Value = Option<String>;

/// The parameters of a constructor.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Signature {
    /// Those that can be given by position, in their order.
    positional: Vec<String>,
    defaults: BTreeMap<String, Value>,
}

/// What one call gives a constructor.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Arguments {
    given: BTreeMap<String, Value>,
    /// There are `*args` or `**kwargs`: it gives more than can be read.
    is_open: bool,
}

/// Where an expression stands.
#[derive(Clone, Copy)]
struct At<'a> {
    resolver: &'a Resolver<'a, 'a>,
    file: FileId,
    analysis: &'a Analysis,
}

impl Signature {
    /// Reads the constructor of a class; `None` where nobody can tell its parameters.
    pub fn read<'p>(resolver: &Resolver<'p, '_>, lineage: &Lineage<'p>) -> Option<Self> {
        let first = lineage.classes.first()?;
        let found = lineage.method("__init__").or_else(|| lineage.method("__new__"));
        let is_generated = first.node.decorator_list.iter().any(|decorator| {
            let callee = match &decorator.expression {
                Expr::Call(call) => &*call.func,
                expr => expr,
            };
            matches!(
                last_name(callee),
                Some("dataclass" | "define" | "frozen" | "mutable" | "attrs" | "s")
            )
        });
        let mut signature = Self::default();
        match found {
            _ if is_generated
                && !methods(first.node).any(|one| one.name.as_str() == "__init__") =>
            {
                for class in lineage.classes.iter().rev() {
                    let at = At { resolver, file: class.file, analysis: class.analysis };
                    signature.fields(at, class.node);
                }
            }
            Some((class, method)) => {
                let at = At { resolver, file: class.file, analysis: class.analysis };
                signature.parameters(at, &method.parameters);
            }
            None if lineage.unseen.is_empty() => {}
            None => return None,
        }
        Some(signature)
    }

    fn parameters(&mut self, at: At<'_>, parameters: &ast::Parameters) {
        let positional = parameters.posonlyargs.iter().chain(&parameters.args);
        for parameter in positional.clone().chain(&parameters.kwonlyargs) {
            if let Some(default) = &parameter.default {
                let name = parameter.parameter.name.to_string();
                self.defaults.insert(name, value(at, default));
            }
        }
        let names = positional.map(|parameter| parameter.parameter.name.to_string());
        // The first is the object.
        self.positional.extend(names.skip(1));
    }

    /// The fields of a dataclass are the parameters.
    fn fields(&mut self, at: At<'_>, class: &ast::StmtClassDef) {
        for statement in &class.body {
            let Stmt::AnnAssign(assign) = statement else { continue };
            let Expr::Name(name) = &*assign.target else { continue };
            let name = name.id.to_string();
            self.positional.retain(|known| *known != name);
            match assign.value.as_deref() {
                Some(Expr::Call(call)) => {
                    let default = call.arguments.find_keyword("default");
                    let known = default.and_then(|keyword| value(at, &keyword.value));
                    self.defaults.insert(name.clone(), known);
                }
                Some(default) => {
                    self.defaults.insert(name.clone(), value(at, default));
                }
                None => {}
            }
            self.positional.push(name);
        }
    }
}

impl Arguments {
    /// What a call gives.
    pub fn of(
        resolver: &Resolver<'_, '_>,
        file: FileId,
        analysis: &Analysis,
        signature: Option<&Signature>,
        call: &ast::ExprCall,
    ) -> Self {
        let at = At { resolver, file, analysis };
        let mut arguments = Self::default();
        for (position, argument) in call.arguments.args.iter().enumerate() {
            if argument.is_starred_expr() {
                arguments.is_open = true;
                break;
            }
            let name = signature.and_then(|signature| signature.positional.get(position));
            // No parameter is called so.
            let name = name.cloned().unwrap_or_else(|| format!("{position}"));
            arguments.given.insert(name, value(at, argument));
        }
        for keyword in &call.arguments.keywords {
            match &keyword.arg {
                Some(name) => {
                    arguments.given.insert(name.to_string(), value(at, &keyword.value));
                }
                None => arguments.is_open = true,
            }
        }
        arguments
    }

    /// Whether both make the same object of the same class, as far as can be told; parameters that
    /// are `ignored` do not matter.
    pub fn are_those_of(
        &self,
        other: &Self,
        signature: Option<&Signature>,
        ignored: &[String],
    ) -> bool {
        let default = |name: &str| signature.and_then(|one| one.defaults.get(name));
        let of = |one: &Self, name: &String| {
            one.given.get(name).or_else(|| default(name)).cloned().flatten()
        };
        let mut names = self.given.keys().chain(other.given.keys());
        let names_agree = names.all(|name| {
            let own = of(self, name);
            ignored.contains(name) || own.is_some() && own == of(other, name)
        });
        names_agree && !self.is_open && !other.is_open
    }
}

/// What can be compared of an expression.
fn value(at: At<'_>, expr: &Expr) -> Value {
    let each = |elements: &[Expr]| -> Value {
        let known: Option<Vec<String>> = elements.iter().map(|one| value(at, one)).collect();
        known.map(|known| known.join(", "))
    };
    match expr {
        Expr::NoneLiteral(_)
        | Expr::BooleanLiteral(_)
        | Expr::EllipsisLiteral(_)
        | Expr::NumberLiteral(_)
        | Expr::BytesLiteral(_) => Some(slice(&at.analysis.source.text, expr.range()).to_owned()),
        Expr::StringLiteral(literal) => Some(format!("{:?}", literal.value.to_str())),
        Expr::UnaryOp(operation) => {
            Some(format!("{:?} {}", operation.op, value(at, &operation.operand)?))
        }
        Expr::Tuple(tuple) => Some(format!("({})", each(&tuple.elts)?)),
        Expr::List(list) => Some(format!("[{}]", each(&list.elts)?)),
        Expr::Dict(dict) => {
            let items = dict.items.iter().map(|item| {
                Some(format!("{}: {}", value(at, item.key.as_ref()?)?, value(at, &item.value)?))
            });
            Some(format!("{{{}}}", items.collect::<Option<Vec<_>>>()?.join(", ")))
        }
        Expr::Name(_) | Expr::Attribute(_) => constant(at, expr),
        _ => None,
    }
}

/// A name of a module that gets one value only.
fn constant(at: At<'_>, expr: &Expr) -> Value {
    let Origin::Symbol(symbol) = origin_of(at.resolver, at.file, at.analysis, expr)? else {
        return None;
    };
    let names = &at.resolver.project().analysis(symbol.file).ok()?.names;
    let known = names.symbol(ScopeId::MODULE, names.id(&symbol.name)?)?;
    (known.bindings.len() == 1).then(|| format!("{symbol:?}"))
}
