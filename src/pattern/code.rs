//! One snippet: its import lines, its declarations and its pattern.

use std::collections::BTreeMap;

use crate::syntax::Module;
use crate::syntax::ast::{self, AnyNodeRef, Expr, Stmt};
use crate::syntax::slot::Slot;
use crate::text::{Ranged, TextRange, TextSize, slice};

use super::items::{self, Item, ItemKind};
use super::names::{self, Chain, Known, NameUse, Root};
use super::placeholder::{self, Placeholder};
use super::{Side, SnippetError, support};

/// A parsed snippet.
#[derive(Debug)]
pub struct Code {
    /// Its text, with `_` in the place of each `$`.
    pub text: String,
    /// Its parse.
    pub module: Module,
    /// What its import lines bring, in order.
    pub imported: Vec<Imported>,
    /// What it says about classes of names, in order.
    pub instances: Vec<Instance>,
    /// What its last line is.
    pub body: Body,
    /// Where the pattern is: an expression, a statement, or the name of an import.
    pub range: TextRange,
    /// The metavariables of the pattern, in order; each occurrence counts.
    pub metas: Vec<Meta>,
    /// The names of the pattern, by their places.
    pub names: BTreeMap<TextSize, NameUse>,
    /// The chains of imported names in the pattern, in order.
    pub chains: Vec<Chain>,
    /// The pattern as a row of items.
    pub items: Vec<Item>,
}

/// What a pattern is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Body {
    /// An expression.
    Expression,
    /// A statement that is more than an expression.
    Statement,
    /// The one import line, which stands for what it brings.
    Import,
}

/// A name that an import line brings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Imported {
    /// Its name in the snippet.
    pub local: String,
    /// What it is.
    pub root: Root,
    /// It has an `as`.
    pub is_renamed: bool,
    /// The name with its `as`.
    pub range: TextRange,
}

/// A line `name: Class`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Instance {
    /// The name.
    pub name: String,
    /// The classes of which it is an instance of one.
    pub classes: Vec<Chain>,
    /// The name's place.
    pub range: TextRange,
}

/// A metavariable at one place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Meta {
    /// Without dollar signs; `_` for the one that is not kept.
    pub name: String,
    /// `$$$NAME`: any number of arguments or elements.
    pub is_spread: bool,
    /// Where it is.
    pub range: TextRange,
    /// What fits there without parentheses.
    pub slot: Slot,
    /// It is inside a lambda, which evaluates it later and elsewhere.
    pub is_deferred: bool,
}

impl Meta {
    /// Whether what it stands for is not kept.
    pub fn is_anonymous(&self) -> bool {
        self.name == "_"
    }

    /// As the snippet writes it.
    pub fn written(&self) -> String {
        format!("{}{}", if self.is_spread { "$$$" } else { "$" }, self.name)
    }
}

impl Code {
    /// The snippet `text` that this was read from, as Python for people: `$NAME` is written `name`,
    /// and `$_` and `$$$NAME` as `...`.
    pub fn readable(&self, text: &str) -> String {
        let mut metas: Vec<&Meta> = self.metas.iter().collect();
        metas.sort_by_key(|meta| meta.range.start());
        let (mut readable, mut at) = (String::new(), TextSize::new(0));
        for meta in metas {
            readable.push_str(slice(text, TextRange::new(at, meta.range.start())));
            if meta.is_spread || meta.is_anonymous() {
                readable.push_str("...");
            } else {
                readable.push_str(&meta.name.to_lowercase());
            }
            at = meta.range.end();
        }
        readable.push_str(slice(text, TextRange::new(at, crate::text::size(text.len()))));
        readable
    }

    /// Parses a snippet.
    pub(super) fn parse(side: Side, text: &str) -> Result<Self, Vec<SnippetError>> {
        let one = |range, message: String| vec![SnippetError::new(side, range, message)];
        let replaced =
            placeholder::replace(text).map_err(|(range, message)| one(range, message))?;
        let module = Module::parse(&replaced.text).map_err(|error| {
            let range = TextRange::empty(error.offset.min(crate::text::size(text.len())));
            one(range, format!("no Python: {}", error.message))
        })?;
        let mut reader = Reader {
            side,
            module: &module,
            imported: Vec::new(),
            instances: Vec::new(),
            errors: Vec::new(),
        };
        let pattern = reader.lines();
        let (imported, instances) = (reader.imported, reader.instances);
        let mut errors = reader.errors;
        let (body, range) = match pattern {
            Some(Stmt::Expr(statement)) => (Body::Expression, statement.value.range()),
            Some(statement) => (Body::Statement, statement.range()),
            None => match imported.as_slice() {
                [only] if instances.is_empty() => (Body::Import, only.range),
                _ => {
                    let range = module.body().last().map(Ranged::range).unwrap_or_default();
                    let message = "the snippet has no pattern: its last line is an expression or a \
                                   simple statement";
                    errors.push(SnippetError::new(side, range, message));
                    return Err(errors);
                }
            },
        };
        let metas = metas(side, &module, &replaced.found, range, &mut errors);
        let mut code = Self {
            text: replaced.text,
            imported,
            instances,
            body,
            range,
            metas,
            names: BTreeMap::new(),
            chains: Vec::new(),
            items: Vec::new(),
            module,
        };
        if let Some(statement) = code.pattern_statement() {
            let known = Known {
                side,
                imported: &code.imported,
                instances: &code.instances,
                metas: &code.metas,
            };
            let found = names::read(&known, statement);
            errors.extend(found.errors);
            (code.names, code.chains) = (found.names, found.chains);
        } else if let Some(only) = code.imported.first() {
            code.chains.push(only.chain());
            code.names.insert(range.start(), NameUse::Chain(0));
        }
        errors.extend(support::check(side, &code));
        code.items = match body {
            Body::Import => {
                vec![Item { kind: ItemKind::Name(NameUse::Chain(0)), range, depth: 0 }]
            }
            _ => items::items(&code.text, &code.module, range, &code.names, &code.chains),
        };
        if errors.is_empty() { Ok(code) } else { Err(errors) }
    }

    /// The statement that is the pattern, or holds it; `None` for an import line.
    pub fn pattern_statement(&self) -> Option<&Stmt> {
        self.module.body().last().filter(|_| self.body != Body::Import)
    }

    /// The pattern, where it is an expression.
    pub fn expression(&self) -> Option<&Expr> {
        match self.pattern_statement()? {
            Stmt::Expr(statement) if self.body == Body::Expression => Some(&statement.value),
            _ => None,
        }
    }

    /// The pattern, where it is a statement.
    pub fn statement(&self) -> Option<&Stmt> {
        self.pattern_statement().filter(|_| self.body == Body::Statement)
    }

    /// The chain that is all of the pattern.
    pub fn bare_chain(&self) -> Option<&Chain> {
        match self.chains.as_slice() {
            [only] if only.range == self.range => Some(only),
            _ => None,
        }
    }

    /// What a name of the pattern is, by where it starts.
    pub fn name_at(&self, offset: TextSize) -> Option<&NameUse> {
        self.names.get(&offset)
    }

    /// The metavariables of this name.
    pub fn metas_named<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Meta> {
        self.metas.iter().filter(move |meta| meta.name == name)
    }
}

impl Imported {
    /// The chain that is the imported name alone.
    fn chain(&self) -> Chain {
        Chain {
            range: self.range,
            root: self.root.clone(),
            root_range: self.range,
            attributes: Vec::new(),
            import: 0,
        }
    }
}

fn metas(
    side: Side,
    module: &Module,
    found: &[Placeholder],
    pattern: TextRange,
    errors: &mut Vec<SnippetError>,
) -> Vec<Meta> {
    let mut metas = Vec::new();
    for placeholder in found {
        let range = placeholder.range;
        let mut path = module.path_to(range);
        let is_name =
            matches!(path.last(), Some(AnyNodeRef::ExprName(name)) if name.range == range);
        if !is_name || !pattern.contains_range(range) {
            let message = if pattern.contains_range(range) {
                "a metavariable stands for an expression, and there is none here"
            } else {
                "a metavariable stands in the pattern, the last line of its snippet"
            };
            errors.push(SnippetError::new(side, range, message));
            continue;
        }
        path.pop();
        metas.push(Meta {
            name: placeholder.name.clone(),
            is_spread: placeholder.is_spread,
            range,
            slot: Slot::of(&path, range),
            is_deferred: path.iter().any(|node| matches!(node, AnyNodeRef::ExprLambda(_))),
        });
    }
    metas
}

/// Reads the lines above a pattern.
struct Reader<'a> {
    side: Side,
    module: &'a Module,
    imported: Vec<Imported>,
    instances: Vec<Instance>,
    errors: Vec<SnippetError>,
}

impl<'a> Reader<'a> {
    fn error(&mut self, range: TextRange, message: impl Into<String>) {
        self.errors.push(SnippetError::new(self.side, range, message));
    }

    /// The statement that is the pattern.
    fn lines(&mut self) -> Option<&'a Stmt> {
        let mut pattern: Option<&'a Stmt> = None;
        for statement in self.module.body() {
            if let Some(first) = pattern {
                let message = match statement {
                    Stmt::Import(_) | Stmt::ImportFrom(_) => {
                        "the imports of a snippet come before its pattern"
                    }
                    _ => "the snippet has two patterns: it has one, in its last line",
                };
                let _ = first;
                self.error(statement.range(), message);
                continue;
            }
            match statement {
                Stmt::Import(import) => self.import(import),
                Stmt::ImportFrom(import) => self.import_from(import),
                Stmt::AnnAssign(declaration) if is_declaration(declaration) => {
                    self.declaration(declaration);
                }
                other => pattern = Some(other),
            }
        }
        pattern
    }

    fn import(&mut self, import: &ast::StmtImport) {
        for alias in &import.names {
            let module = alias.name.to_string();
            let first = module.split('.').next().unwrap_or(&module).to_owned();
            let local = alias.asname.as_ref().map_or(first, ToString::to_string);
            self.imported.push(Imported {
                local,
                root: Root::Module(module),
                is_renamed: alias.asname.is_some(),
                range: alias.range,
            });
        }
    }

    fn import_from(&mut self, import: &ast::StmtImportFrom) {
        let module = import.module.as_ref().map_or("", |module| module.as_str());
        if import.level > 0 {
            self.error(import.range, "a snippet names modules in full, not relative to another");
            return;
        }
        if module == "__future__" {
            self.error(import.range, "a `__future__` import brings no name");
            return;
        }
        for alias in &import.names {
            let name = alias.name.to_string();
            if name == "*" {
                let message = "a snippet imports names one by one, so that it says what they mean";
                self.error(alias.range, message);
                continue;
            }
            self.imported.push(Imported {
                local: alias.asname.as_ref().map_or_else(|| name.clone(), ToString::to_string),
                root: Root::Member { module: module.to_owned(), name },
                is_renamed: alias.asname.is_some(),
                range: alias.range,
            });
        }
    }

    /// `self: TestCase`, or `self: TestCase | AsyncTestCase`.
    fn declaration(&mut self, declaration: &ast::StmtAnnAssign) {
        let Expr::Name(name) = &*declaration.target else { return };
        if self.side == Side::After {
            let message = "what a name is an instance of is said in `before`";
            self.error(declaration.range, message);
            return;
        }
        let mut classes = Vec::new();
        self.classes(&declaration.annotation, &mut classes);
        self.instances.push(Instance { name: name.id.to_string(), classes, range: name.range });
    }

    fn classes(&mut self, expr: &Expr, classes: &mut Vec<Chain>) {
        if let Expr::BinOp(union) = expr
            && union.op == ast::Operator::BitOr
        {
            self.classes(&union.left, classes);
            self.classes(&union.right, classes);
            return;
        }
        let known = Known { side: self.side, imported: &self.imported, instances: &[], metas: &[] };
        if let Some(chain) = names::chain_of(&known, expr) {
            classes.push(chain);
        } else {
            let message = "a class is named as an import line of the snippet brings it";
            self.error(expr.range(), message);
        }
    }
}

/// `name: Type` without a value.
fn is_declaration(statement: &ast::StmtAnnAssign) -> bool {
    statement.value.is_none() && statement.target.is_name_expr()
}
