//! What the names of a snippet mean.

use std::collections::BTreeMap;
use std::fmt;

use crate::syntax::ast::visitor::source_order::{self, SourceOrderVisitor};
use crate::syntax::ast::{Expr, ExprContext, ExprName, Stmt};
use crate::text::{Ranged, TextRange, TextSize};

use super::code::{Imported, Instance, Meta};
use super::{Side, SnippetError, builtins};

/// What a name of a pattern or template is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NameUse {
    /// A metavariable, by its place in [`super::Code::metas`].
    Meta(usize),
    /// The first name of a chain that an import gives its meaning, by its place in
    /// [`super::Code::chains`].
    Chain(usize),
    /// An instance of a declared class, by its place in [`super::Code::instances`].
    Instance(usize),
    /// One of Python's own.
    Builtin(String),
    /// A name that is matched as it is written.
    Local(String),
}

/// What an import line of a snippet brings.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Root {
    /// A module.
    Module(String),
    /// A name of a module.
    Member {
        /// The module's dotted name.
        module: String,
        /// The name there.
        name: String,
    },
}

impl fmt::Display for Root {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Module(module) => f.write_str(module),
            Self::Member { module, name } => write!(f, "{module}:{name}"),
        }
    }
}

/// An imported name and the attributes read from it: `datetime.utcnow`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chain {
    /// All of it.
    pub range: TextRange,
    /// What is imported.
    pub root: Root,
    /// The part of the chain that is the root: all of `a.b` for `import a.b`.
    pub root_range: TextRange,
    /// The attributes read from the root.
    pub attributes: Vec<String>,
    /// Which import line it is of, by its place in [`super::Code::imported`].
    pub import: usize,
}

impl Chain {
    /// The dotted name of what the chain leads to, as far as its snippet tells.
    pub fn dotted(&self) -> String {
        let mut dotted = match &self.root {
            Root::Module(module) => module.clone(),
            Root::Member { module, name } => format!("{module}.{name}"),
        };
        for attribute in &self.attributes {
            dotted.push('.');
            dotted.push_str(attribute);
        }
        dotted
    }

    /// The last of its names.
    pub fn last_name(&self) -> &str {
        let root = match &self.root {
            Root::Module(module) => module.rsplit('.').next().unwrap_or(module),
            Root::Member { name, .. } => name,
        };
        self.attributes.last().map_or(root, String::as_str)
    }

    /// The part of it that can be imported as a name of a module, and the attributes after that;
    /// `None` where all of it is a module.
    pub fn member(&self) -> Option<(&str, &str, &[String])> {
        match &self.root {
            Root::Member { module, name } => Some((module, name, &self.attributes)),
            Root::Module(module) => {
                let (name, rest) = self.attributes.split_first()?;
                Some((module, name, rest))
            }
        }
    }
}

impl fmt::Display for Chain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.member() {
            Some((module, name, rest)) => {
                write!(f, "{module}:{name}")?;
                rest.iter().try_for_each(|attribute| write!(f, ".{attribute}"))
            }
            None => self.root.fmt(f),
        }
    }
}

/// What was read of the lines above a pattern.
pub(super) struct Known<'a> {
    pub(super) side: Side,
    pub(super) imported: &'a [Imported],
    pub(super) instances: &'a [Instance],
    pub(super) metas: &'a [Meta],
}

/// The names of a pattern.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) names: BTreeMap<TextSize, NameUse>,
    pub(super) chains: Vec<Chain>,
    pub(super) errors: Vec<SnippetError>,
}

/// Reads the names of a pattern, which is all of a statement.
pub(super) fn read(known: &Known<'_>, pattern: &Stmt) -> Found {
    let mut reader = Reader { known, found: Found::default() };
    reader.visit_stmt(pattern);
    reader.found
}

/// The chain that is all of `expr`.
pub(super) fn chain_of(known: &Known<'_>, expr: &Expr) -> Option<Chain> {
    let mut reader = Reader { known, found: Found::default() };
    reader.visit_expr(expr);
    reader.found.chains.into_iter().find(|chain| chain.range == expr.range())
}

struct Reader<'a> {
    known: &'a Known<'a>,
    found: Found,
}

impl<'a> SourceOrderVisitor<'a> for Reader<'_> {
    fn visit_expr(&mut self, expr: &'a Expr) {
        match root_of(expr) {
            Some((name, attributes)) => self.name(expr, name, &attributes),
            None => source_order::walk_expr(self, expr),
        }
    }
}

impl Reader<'_> {
    fn name(&mut self, expr: &Expr, name: &ExprName, attributes: &[&Expr]) {
        let known = self.known;
        let text = name.id.as_str();
        let meta = known.metas.iter().position(|meta| meta.range == name.range);
        let chain = self.chain(expr, name, attributes);
        let instance = known.instances.iter().position(|instance| instance.name == text);
        let found = if let Some(meta) = meta {
            NameUse::Meta(meta)
        } else if let Some(chain) = chain {
            self.found.chains.push(chain);
            NameUse::Chain(self.found.chains.len() - 1)
        } else if let Some(instance) = instance {
            NameUse::Instance(instance)
        } else if builtins::is_builtin(text) && name.ctx == ExprContext::Load {
            NameUse::Builtin(text.to_owned())
        } else {
            NameUse::Local(text.to_owned())
        };
        self.found.names.insert(name.start(), found);
    }

    /// The chain of an imported name; `attributes` are the expressions from `a.b` to all of it.
    fn chain(&mut self, expr: &Expr, name: &ExprName, attributes: &[&Expr]) -> Option<Chain> {
        let names: Vec<&str> = attributes
            .iter()
            .filter_map(|expr| Some(expr.as_attribute_expr()?.attr.as_str()))
            .collect();
        let text = name.id.as_str();
        // How many attributes belong to the root, and the import; the longest module counts.
        let (import, taken) = self
            .known
            .imported
            .iter()
            .enumerate()
            .filter(|(_, imported)| imported.local == text)
            .map(|(index, imported)| (index, imported.taken(&names)))
            .max_by_key(|(_, taken)| *taken)?;
        let imported = self.known.imported.get(import)?;
        let is_read = match expr {
            Expr::Name(name) => name.ctx == ExprContext::Load,
            Expr::Attribute(attribute) => attribute.ctx == ExprContext::Load,
            _ => false,
        };
        if !is_read {
            let message = "an imported name cannot be assigned to or deleted in a snippet";
            self.found.errors.push(SnippetError::new(self.known.side, expr.range(), message));
        }
        let root = match &imported.root {
            Root::Module(module) if !imported.is_renamed => {
                let parts = module.split('.').take(taken + 1);
                Root::Module(parts.collect::<Vec<_>>().join("."))
            }
            root => root.clone(),
        };
        let root_range = taken
            .checked_sub(1)
            .and_then(|last| attributes.get(last))
            .map_or(name.range, Ranged::range);
        Some(Chain {
            range: expr.range(),
            root,
            root_range,
            attributes: names.iter().skip(taken).map(ToString::to_string).collect(),
            import,
        })
    }
}

impl Imported {
    /// How many of the attributes that are read from the name belong to the module's own name.
    fn taken(&self, attributes: &[&str]) -> usize {
        match &self.root {
            Root::Module(module) if !self.is_renamed => module
                .split('.')
                .skip(1)
                .zip(attributes)
                .take_while(|(part, attribute)| part == *attribute)
                .count(),
            _ => 0,
        }
    }
}

/// The name that a chain of attributes starts with, and the expressions from its first attribute
/// to all of it.
pub(super) fn root_of(expr: &Expr) -> Option<(&ExprName, Vec<&Expr>)> {
    let mut attributes = Vec::new();
    let mut at = expr;
    loop {
        match at {
            Expr::Attribute(attribute) => {
                attributes.push(at);
                at = &attribute.value;
            }
            Expr::Name(name) => {
                attributes.reverse();
                return Some((name, attributes));
            }
            _ => return None,
        }
    }
}
