//! Names of modules that a file reaches by text: `getattr(module, "Name")`,
//! `globals()["Name"]`, `"app.service.Name"`.
//!
//! No use that the resolver sees, and yet an error at run time where the name is gone. Says which
//! names of which modules are reached, not what they are. Where the text is put together by the
//! running program, the names that the file writes out as texts of their own are taken for it.

mod code;
mod table;

use memchr::memmem;

use super::holder::{self, Holder};
use super::relevance::KnownNames;
use crate::project::{Analysis, FileId};
use crate::resolve::{Hop, Resolver};
use crate::strings::{Piece, Place, Text, assigned_once, texts};
use crate::syntax::ast::token::{Token, TokenKind};
use crate::syntax::ast::{self, AnyNodeRef, Expr, ExprRef};
use crate::syntax::chain::last_name;
use crate::syntax::tree::{LazyTree, Tree};
use crate::text::{Ranged, TextRange, contains, size, slice};

/// The names that are reached by text, each with the expression that does it.
pub fn find(
    resolver: &Resolver<'_, '_>,
    known: &KnownNames,
    file: FileId,
    analysis: &Analysis,
    tree: &LazyTree<'_>,
) -> Vec<(TextRange, Hop)> {
    let place = Place { resolver, file, analysis };
    if may_reach(known, analysis) {
        return reached(place, known, tree.get());
    }
    debug_assert!(
        reached(place, known, tree.get()).is_empty(),
        "{}: something is reached by text",
        analysis.source.path
    );
    Vec::new()
}

fn reached(place: Place<'_>, known: &KnownNames, tree: &Tree<'_>) -> Vec<(TextRange, Hop)> {
    let alone = alone(tree, known);
    let has_getters = contains(&place.analysis.source.text, "attrgetter");
    let mut finder = Finder { place, known, alone, has_getters, found: Vec::new() };
    for (_, node) in tree.nodes() {
        finder.node(node);
    }
    finder.found
}

/// Whether a known name may be reached by text at all: it is said somewhere, or a text may come
/// from anywhere or be one that nobody wrote in one piece.
fn may_reach(known: &KnownNames, analysis: &Analysis) -> bool {
    let text = &analysis.source.text;
    let mut is_after_string = false;
    known.names().iter().any(|name| is_said(analysis, name))
        || takers().any(|name| analysis.names.id(name).is_some())
        || analysis.module.tokens().iter().any(|token| {
            // Ex) `"Na" "me"`, `"N\x61me"`
            let is_string = token.kind() == TokenKind::String;
            let goes_on = is_string && is_after_string;
            is_after_string = is_string || is_after_string && token.kind().is_trivia();
            goes_on || is_string && spells_characters(slice(text, token.range()))
        })
}

/// Whether `name` is written in a string, as an attribute, or as a part of another name: as no
/// more than a name of its own it is nothing that is reached by text.
fn is_said(analysis: &Analysis, name: &str) -> bool {
    let text = &analysis.source.text;
    if !text.is_ascii() {
        return true;
    }
    let tokens: &[Token] = analysis.module.tokens();
    memmem::find_iter(text.as_bytes(), name).any(|at| {
        let written = TextRange::at(size(at), size(name.len()));
        let place = tokens.partition_point(|token| token.end() <= written.start());
        tokens.get(place).is_none_or(|token| match token.kind() {
            TokenKind::Comment => false,
            TokenKind::Name if token.range() == written => {
                let mut before = tokens.iter().take(place).rev().map(Token::kind);
                before.find(|kind| !kind.is_trivia()) == Some(TokenKind::Dot)
            }
            _ => true,
        })
    })
}

/// Whether a string has an escape that may stand for a part of a name: a character by its number
/// or its name, or a line that goes on.
fn spells_characters(string: &str) -> bool {
    memchr::memchr_iter(b'\\', string.as_bytes()).any(|at| {
        let escaped = string.as_bytes().get(at + 1);
        escaped.is_some_and(|byte| {
            matches!(byte, b'x' | b'u' | b'U' | b'N' | b'0'..=b'7' | b'\n' | b'\r')
        })
    })
}

/// Functions of an object and the name of an attribute.
const READERS: [&str; 7] =
    ["getattr", "hasattr", "delattr", "setattr", "getattr_static", "object", "spy"];

/// Functions that give the names of a module.
const NAMESPACES: [&str; 4] = ["globals", "locals", "vars", "dir"];

/// What code is called that reaches what a text says which may come from anywhere.
fn takers() -> impl Iterator<Item = &'static str> {
    let others = ["__dict__", "eval", "exec", "attrgetter"];
    READERS.into_iter().chain(NAMESPACES).chain(others)
}

fn reads_attribute(function: &str) -> bool {
    READERS.contains(&function)
}

fn is_namespace_function(name: &str) -> bool {
    NAMESPACES.contains(&name)
}

/// Longer expressions are no names.
const LONGEST: usize = 400;

/// Whether a text may name something inside something else.
fn has_separator(text: &str) -> bool {
    memchr::memchr2(b'.', b':', text.as_bytes()).is_some()
}

/// Whether an expression is the names of a module or object, as a dict: `vars(x)`, `x.__dict__`.
pub(super) fn is_namespace(expr: &Expr) -> bool {
    match expr {
        Expr::Call(call) => last_name(&call.func).is_some_and(is_namespace_function),
        expr => last_name(expr) == Some("__dict__"),
    }
}

/// The known names that are texts of their own, sorted.
fn alone(tree: &Tree<'_>, known: &KnownNames) -> Vec<String> {
    let texts = tree.nodes().filter_map(|(_, node)| match node {
        AnyNodeRef::ExprStringLiteral(literal) => Some(literal.value.to_str()),
        _ => None,
    });
    let mut found: Vec<String> =
        texts.filter(|text| known.contains(text)).map(str::to_owned).collect();
    found.sort();
    found.dedup();
    found
}

struct Finder<'a> {
    place: Place<'a>,
    known: &'a KnownNames,
    /// See [`alone`].
    alone: Vec<String>,
    has_getters: bool,
    found: Vec<(TextRange, Hop)>,
}

impl Finder<'_> {
    fn node(&mut self, node: AnyNodeRef<'_>) {
        match node {
            AnyNodeRef::ExprStringLiteral(literal) => {
                self.path(literal.range, literal.value.to_str());
                self.source(literal.range, literal.value.to_str());
            }
            AnyNodeRef::ExprFString(text) => {
                self.composed(ExprRef::FString(text));
                for part in text.value.elements().filter_map(|part| part.as_literal()) {
                    self.source(text.range, &part.value);
                }
            }
            AnyNodeRef::ExprBinOp(operation) => self.composed(ExprRef::BinOp(operation)),
            AnyNodeRef::ExprAttribute(attribute)
                if self.known.contains(attribute.attr.as_str()) =>
            {
                let holder = holder::module(&self.place, ExprRef::from(&*attribute.value));
                if let Some(holder) = holder.filter(|holder| !holder.by_names) {
                    self.add(attribute.range, holder, attribute.attr.as_str());
                }
            }
            AnyNodeRef::ExprCall(call) => {
                self.call(call);
                self.loader(call);
            }
            AnyNodeRef::ExprDict(table) => self.table(table),
            // Ex) `TARGET = ("app.service", "Name")`
            AnyNodeRef::ExprTuple(tuple) => self.beside(&tuple.elts),
            AnyNodeRef::ExprList(list) => self.beside(&list.elts),
            AnyNodeRef::ExprSubscript(subscript) => self.item(&subscript.value, &subscript.slice),
            AnyNodeRef::ExprCompare(comparison) => {
                let is_in = |op: &ast::CmpOp| matches!(op, ast::CmpOp::In | ast::CmpOp::NotIn);
                if let ([op], [right]) = (&*comparison.ops, &*comparison.comparators)
                    && is_in(op)
                {
                    self.item(right, &comparison.left);
                }
            }
            _ => {}
        }
    }

    fn add(&mut self, range: TextRange, holder: Holder, name: &str) {
        let last = Hop { file: holder.file, name: name.to_owned() };
        let hops = holder.through.into_iter().chain([last]);
        self.found.extend(hops.map(|hop| (range, hop)));
    }

    /// `"app.service.Name"`, `"app.service:Name.get"`
    fn path(&mut self, range: TextRange, text: &str) {
        let is_part = |part: &str| {
            !part.is_empty() && part.chars().all(|char| char == '_' || char.is_alphanumeric())
        };
        if text.len() > LONGEST || !has_separator(text) {
            return;
        }
        let parts: Vec<&str> = text.split(['.', ':']).collect();
        if !parts.iter().copied().all(is_part) {
            return;
        }
        for (at, name) in parts.iter().enumerate().skip(1) {
            if !self.known.contains(name) {
                continue;
            }
            let before = parts.get(..at).unwrap_or_default().join(".");
            if let Some(holder) = holder::module_by_path(&self.place, &before) {
                self.add(range, holder, name);
            }
        }
    }

    /// A text that is put together and may be such a path.
    fn composed(&mut self, expr: ExprRef<'_>) {
        let source = slice(&self.place.analysis.source.text, expr.range());
        let is_about = |name: &String| source.contains(name.as_str());
        let is_candidate = source.len() <= LONGEST
            && has_separator(source)
            && (!self.alone.is_empty() || self.known.names().iter().any(is_about));
        if !is_candidate {
            return;
        }
        for text in texts(&self.place, expr) {
            match text.as_fixed() {
                Some(text) => self.path(expr.range(), text),
                None => self.open_path(expr.range(), &text),
            }
        }
    }

    /// A path whose last part is not said: `f"app.service.{name}"`.
    fn open_path(&mut self, range: TextRange, text: &Text) {
        let [Piece::Fixed(before), Piece::Hole(_)] = text.pieces.as_slice() else { return };
        let Some(before) = before.strip_suffix(['.', ':']) else { return };
        let Some(holder) = holder::module_by_path(&self.place, before) else { return };
        for name in self.alone.clone() {
            self.add(range, holder.clone(), &name);
        }
    }

    /// The known names that an expression may say.
    fn said(&self, expr: &Expr) -> Vec<String> {
        let mut said = Vec::new();
        if let Expr::StringLiteral(literal) = expr {
            let text = literal.value.to_str();
            return self.known.contains(text).then(|| text.to_owned()).into_iter().collect();
        }
        for text in texts(&self.place, ExprRef::from(expr)) {
            match text.as_fixed() {
                Some(text) => said.extend(self.known.contains(text).then(|| text.to_owned())),
                None => said.extend(self.alone.iter().cloned()),
            }
        }
        said
    }

    /// A name of a module, by an expression for each. The name's is what a patch is known by.
    fn named(&mut self, module: &Expr, name: &Expr) {
        let said = self.said(name);
        if said.is_empty() {
            return;
        }
        let Some(holder) = holder::module(&self.place, ExprRef::from(module)) else { return };
        for said in said {
            self.add(name.range(), holder.clone(), &said);
        }
    }

    /// `namespace[name]`, `name in namespace`
    fn item(&mut self, namespace: &Expr, name: &Expr) {
        // Most subscripts are of other things.
        if !(name.is_string_literal_expr() || is_namespace(namespace)) {
            return;
        }
        let said = self.said(name);
        if said.is_empty() {
            return;
        }
        let Some(holder) = self.namespace(ExprRef::from(namespace)) else { return };
        for said in said {
            self.add(name.range(), holder.clone(), &said);
        }
    }

    /// The module whose names an expression holds: `globals()`, `vars(m)`, `m.__dict__`, `dir(m)`.
    fn namespace(&self, expr: ExprRef<'_>) -> Option<Holder> {
        let module = |expr: &Expr| holder::module(&self.place, ExprRef::from(expr));
        match expr {
            ExprRef::Call(call) => match (last_name(&call.func)?, &*call.arguments.args) {
                (name, []) if is_namespace_function(name) => {
                    Some(Holder { file: self.place.file, through: Vec::new(), by_names: false })
                }
                ("vars" | "dir", [of]) => module(of),
                _ => None,
            },
            ExprRef::Attribute(attribute) if attribute.attr.as_str() == "__dict__" => {
                module(&attribute.value)
            }
            ExprRef::Name(_) => match assigned_once(&self.place, expr)? {
                ExprRef::Name(_) => None,
                value => self.namespace(value),
            },
            _ => None,
        }
    }

    fn call(&mut self, call: &ast::ExprCall) {
        let arguments = &call.arguments.args;
        match (last_name(&call.func), &**arguments) {
            (Some(function), [module, name, ..]) if reads_attribute(function) => {
                self.named(module, name);
            }
            (Some("get" | "pop" | "__getitem__" | "__contains__"), [name, ..]) => {
                if let Expr::Attribute(method) = &*call.func {
                    self.item(&method.value, name);
                }
            }
            (Some("eval" | "exec"), [code, ..]) => self.code(code),
            (Some("format"), _) => self.composed(ExprRef::Call(call)),
            (_, [of]) if self.has_getters => self.getter(call, of),
            _ => {}
        }
    }

    /// `attrgetter("Name")(module)`
    fn getter(&mut self, call: &ast::ExprCall, of: &Expr) {
        let place = self.place;
        let callee = ExprRef::from(&*call.func);
        let getter = match callee {
            ExprRef::Call(getter) => getter,
            _ => match assigned_once(&place, callee) {
                Some(ExprRef::Call(getter)) => getter,
                _ => return,
            },
        };
        if last_name(&getter.func) == Some("attrgetter") {
            for name in &getter.arguments.args {
                match name.as_string_literal_expr().map(|text| text.value.to_str()) {
                    Some(path) if path.contains('.') => self.attributes(of, path, name.range()),
                    _ => self.named(of, name),
                }
            }
        }
    }

    /// `"service.Name"`, read from an expression.
    fn attributes(&mut self, of: &Expr, path: &str, range: TextRange) {
        let Some(mut holder) = holder::module(&self.place, ExprRef::from(of)) else { return };
        for name in path.split('.') {
            if self.known.contains(name) {
                return self.add(range, holder, name);
            }
            match holder::attribute(&self.place, holder, name) {
                Some(next) => holder = next,
                None => return,
            }
        }
    }

    /// `eval("Name()")`
    fn code(&mut self, code: &Expr) {
        let own = Holder { file: self.place.file, through: Vec::new(), by_names: false };
        for text in texts(&self.place, ExprRef::from(code)) {
            for piece in &text.pieces {
                let Piece::Fixed(text) = piece else { continue };
                for word in code::words(text) {
                    if self.known.contains(word) {
                        self.add(code.range(), own.clone(), word);
                    }
                }
            }
        }
    }
}
