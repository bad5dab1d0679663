//! The names of a module in the words of Python's `symtable` module.

use std::collections::BTreeMap;
use std::fmt::Write;

use tiermod::semantic::{NameScope, Names, Scope, ScopeId, ScopeKind, SymbolFlags};
use tiermod::syntax::Module;
use tiermod::syntax::ast::AnyNodeRef;
use tiermod::syntax::ast::token::TokenKind;
use tiermod::text::{Lines, Ranged};

/// One line per scope and name: `kind name line: symbol facts…`, sorted.
pub(crate) fn table(text: &str) -> Result<String, String> {
    let module = Module::parse(text).map_err(|error| error.to_string())?;
    let names = Names::new(&module, text);
    let lines = Lines::new(text);
    let mut rows = Vec::new();
    for (id, scope) in names.scopes() {
        let line = if id == ScopeId::MODULE { 0 } else { line_of(&module, &lines, scope) };
        let title = format!("{} {line}", title(scope));
        rows.push(title.clone());
        for (name, facts) in symbols(&names, id) {
            rows.push(format!("{title}: {name} {facts}"));
        }
    }
    rows.sort();
    Ok(rows.join("\n"))
}

fn title(scope: &Scope) -> String {
    match scope.kind {
        ScopeKind::Module => "module top".to_owned(),
        ScopeKind::Class => format!("class {}", scope.name),
        ScopeKind::Function => format!("function {}", scope.name),
        ScopeKind::Lambda => "function lambda".to_owned(),
        ScopeKind::Comprehension => "function comprehension".to_owned(),
        ScopeKind::Generator => "function genexpr".to_owned(),
        ScopeKind::TypeParameters => format!("type parameters {}", scope.name),
        ScopeKind::TypeExpression => format!("type expression {}", scope.name),
    }
}

/// The line that CPython gives: that of `def` or `class`, not of the first decorator.
fn line_of(module: &Module, lines: &Lines, scope: &Scope) -> u32 {
    let range = if scope.kind == ScopeKind::Generator { scope.body } else { scope.node };
    let path = module.path_to(range);
    let decorators = path.iter().rev().find_map(|node| match node {
        AnyNodeRef::StmtFunctionDef(def) if def.range() == scope.node => {
            Some(def.decorator_list.last())
        }
        AnyNodeRef::StmtClassDef(def) if def.range() == scope.node => {
            Some(def.decorator_list.last())
        }
        _ => None,
    });
    let is_bare = path.iter().any(|node| {
        matches!(node, AnyNodeRef::ExprGenerator(generator)
            if generator.range == range && !generator.parenthesized)
    });
    if is_bare {
        // Ex) `f(x for x in y)`: CPython counts the call's parenthesis in.
        let before = module.tokens().before(range.start());
        let open = before.iter().rfind(|token| token.kind() == TokenKind::Lpar);
        return lines.position(open.map_or(range.start(), Ranged::start)).line;
    }
    let mut line = lines.position(range.start()).line;
    if let Some(Some(last)) = decorators {
        // Comments and blank lines may stand between the decorator and the definition.
        line = lines.position(last.range().end()).line + 1;
        loop {
            let text = lines.line_text(line);
            let text = text.trim_start();
            if text.starts_with("def") || text.starts_with("class") || text.starts_with("async") {
                break;
            }
            line += 1;
        }
    }
    line
}

fn symbols(names: &Names, id: ScopeId) -> BTreeMap<String, String> {
    let scope = names.scope(id);
    let mut rows = BTreeMap::new();
    for &name in &scope.names {
        let flags = names.symbol(id, name).map(|symbol| symbol.flags).unwrap_or_default();
        rows.insert(names.text(name).to_owned(), facts(names.name_scope(id, name), flags, id));
    }
    // CPython also lists names that only pass through on their way to a nested scope.
    for (inner, _) in names.scopes().filter(|(inner, _)| *inner != id) {
        let mut around = names.scopes_around(inner).skip(1);
        if !around.any(|around| around == id) {
            continue;
        }
        for &name in &names.scope(inner).names {
            let NameScope::Free(owner) = names.name_scope(inner, name) else { continue };
            let passes = owner != id
                && names
                    .scopes_around(inner)
                    .take_while(|&around| around != owner)
                    .any(|s| s == id);
            if passes {
                rows.entry(names.text(name).to_owned())
                    .or_insert_with(|| facts(NameScope::Free(owner), SymbolFlags::empty(), id));
            }
        }
    }
    if matches!(scope.kind, ScopeKind::Comprehension | ScopeKind::Generator) {
        rows.insert(".0".to_owned(), facts(NameScope::Local, SymbolFlags::PARAMETER, id));
    }
    rows
}

fn facts(found: NameScope, flags: SymbolFlags, scope: ScopeId) -> String {
    let is_module = scope == ScopeId::MODULE;
    let is_bound = flags.intersects(SymbolFlags::BOUND);
    let global = matches!(found, NameScope::GlobalExplicit | NameScope::GlobalImplicit);
    let mut facts = String::new();
    for (name, holds) in [
        ("annotated", flags.contains(SymbolFlags::ANNOTATED)),
        ("assigned", flags.contains(SymbolFlags::ASSIGNED)),
        ("declared_global", found == NameScope::GlobalExplicit),
        ("free", matches!(found, NameScope::Free(_))),
        ("global", global || (is_module && is_bound)),
        ("imported", flags.contains(SymbolFlags::IMPORTED)),
        ("local", found == NameScope::Local || (is_module && is_bound)),
        ("nonlocal", flags.contains(SymbolFlags::NONLOCAL)),
        ("parameter", flags.contains(SymbolFlags::PARAMETER)),
        ("referenced", flags.contains(SymbolFlags::USED)),
    ] {
        if holds {
            let _ = write!(facts, "{}{name}", if facts.is_empty() { "" } else { " " });
        }
    }
    facts
}
