//! `self: TestCase`: whether a name is an instance of a class, as the first parameter of a method.
//!
//! A class is followed to its bases through the files of the project. A base from elsewhere may be
//! derived from anything, so that the answer is that it cannot be told.

use super::FileNames;
use super::rule::Rule;
use crate::pattern::{ItemKind, NameUse};
use crate::project::{Analysis, FileId};
use crate::resolve::{Origin, Resolver, SymbolId};
use crate::semantic::{BindingKind, Names, ReferenceId, Scope, ScopeId, ScopeKind};
use crate::syntax::ast::helpers::map_subscript;
use crate::syntax::ast::{Expr, Stmt, StmtClassDef, StmtFunctionDef};
use crate::syntax::suite;
use crate::text::{Ranged, TextRange};

/// The answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It is an instance.
    Is,
    /// It may be one; says why that cannot be told.
    MayBe(String),
    /// It is the first parameter of a method of another class; says which.
    Other(String),
    /// It is no such parameter.
    No,
}

/// Whether a reference is an instance as a declaration of the rule says.
pub(super) fn verdict(
    names: &mut FileNames<'_>,
    rule_index: usize,
    rule: &Rule,
    instance: usize,
    id: ReferenceId,
) -> Verdict {
    let all = &names.analysis.names;
    let reference = all.reference(id);
    let Some(owner) = reference.owner else { return Verdict::No };
    let is_first = |binding| is_first_parameter(names.analysis, owner, binding);
    let reach = all.reach(reference);
    let parameters = reach.bindings.iter().filter(|&&binding| is_first(binding)).count();
    if parameters == 0 {
        return Verdict::No;
    }
    if parameters < reach.bindings.len() {
        let name = all.text(reference.name);
        return Verdict::MayBe(format!("`{name}` is given another value in this method"));
    }
    let key = (rule_index, instance, owner);
    if let Some(known) = names.instances.get(&key) {
        return known.clone();
    }
    let verdict = of_method(names, rule, instance, owner);
    names.instances.insert(key, verdict.clone());
    verdict
}

fn of_method(names: &FileNames<'_>, rule: &Rule, instance: usize, function: ScopeId) -> Verdict {
    let Some(class) = class_around(&names.analysis.names, function) else { return Verdict::No };
    let range = names.analysis.names.scope(class).node;
    let Some(Stmt::ClassDef(class)) = suite::statement_at(&names.analysis.module, range) else {
        return Verdict::No;
    };
    let wanted: Vec<&Origin> = rule
        .instances
        .get(instance)
        .map(|links| links.iter().filter_map(super::Link::whole).collect())
        .unwrap_or_default();
    let mut search = Search {
        resolver: names.resolver,
        wanted,
        attributes: attributes_of(rule, instance),
        seen: Vec::new(),
    };
    match search.class(names.file, names.analysis, class) {
        Lead::Wanted => Verdict::Is,
        Lead::Unknown(why) => Verdict::MayBe(why),
        Lead::Own(name, class) => {
            Verdict::Other(format!("`{class}` defines a `{name}` of its own"))
        }
        Lead::Elsewhere => {
            let declared = rule.rewrite.before.instances.get(instance);
            let classes: Vec<String> = declared
                .map(|declared| declared.classes.iter().map(|class| format!("`{class}`")).collect())
                .unwrap_or_default();
            Verdict::Other(format!("`{}` is no {}", class.name, classes.join(" or ")))
        }
    }
}

/// The attributes that the pattern reads from an instance.
fn attributes_of(rule: &Rule, instance: usize) -> Vec<String> {
    rule.rewrite
        .before
        .items
        .windows(3)
        .filter_map(|items| match items {
            [of, dot, name]
                if of.kind == ItemKind::Name(NameUse::Instance(instance))
                    && matches!(&dot.kind, ItemKind::Token { text, .. } if text == ".") =>
            {
                match &name.kind {
                    ItemKind::Token { text, .. } => Some(text.clone()),
                    ItemKind::Name(_) => None,
                }
            }
            _ => None,
        })
        .collect()
}

/// The class in whose body a function is defined.
fn class_around(names: &Names, function: ScopeId) -> Option<ScopeId> {
    names
        .scopes_around(function)
        .skip(1)
        .find(|&scope| names.scope(scope).kind != ScopeKind::TypeParameters)
        .filter(|&scope| names.scope(scope).kind == ScopeKind::Class)
}

/// Whether a binding is the first parameter of a method that gets an instance.
fn is_first_parameter(
    analysis: &Analysis,
    function: ScopeId,
    binding: crate::semantic::BindingId,
) -> bool {
    let names = &analysis.names;
    let binding = names.binding(binding);
    let scope = names.scope(function);
    if binding.kind != BindingKind::Parameter || scope.kind != ScopeKind::Function {
        return false;
    }
    let Some(Stmt::FunctionDef(function)) = suite::statement_at(&analysis.module, scope.node)
    else {
        return false;
    };
    let first = function.parameters.posonlyargs.first().or(function.parameters.args.first());
    first.is_some_and(|first| first.parameter.name.range == binding.range)
        && !gets_no_instance(function)
}

/// Static and class methods, those that Python takes for such among them.
fn gets_no_instance(function: &StmtFunctionDef) -> bool {
    let is_implicit =
        matches!(function.name.as_str(), "__new__" | "__init_subclass__" | "__class_getitem__");
    is_implicit
        || function.decorator_list.iter().any(|decorator| {
            let name = match &decorator.expression {
                Expr::Name(name) => name.id.as_str(),
                Expr::Attribute(attribute) => attribute.attr.as_str(),
                _ => "",
            };
            matches!(name, "staticmethod" | "classmethod")
        })
}

/// Follows a class to its bases.
struct Search<'a> {
    resolver: &'a Resolver<'a, 'a>,
    wanted: Vec<&'a Origin>,
    attributes: Vec<String>,
    seen: Vec<(FileId, TextRange)>,
}

/// Where a class leads.
enum Lead {
    /// To one that is looked for.
    Wanted,
    /// It cannot be told; says why.
    Unknown(String),
    /// A class on the way has an attribute of the name that the pattern reads.
    Own(String, String),
    /// To other classes alone.
    Elsewhere,
}

impl Search<'_> {
    fn class(&mut self, file: FileId, analysis: &Analysis, class: &StmtClassDef) -> Lead {
        if self.seen.contains(&(file, class.range)) {
            return Lead::Elsewhere;
        }
        self.seen.push((file, class.range));
        let own = self.attributes.iter().find(|name| defines(&analysis.names, class.range, name));
        if let Some(own) = own {
            return Lead::Own(own.clone(), class.name.to_string());
        }
        let mut unknown = None;
        for base in class.bases() {
            match self.base(file, analysis, map_subscript(base)) {
                Lead::Elsewhere => {}
                Lead::Unknown(why) => {
                    unknown.get_or_insert(why);
                }
                found => return found,
            }
        }
        unknown.map_or(Lead::Elsewhere, Lead::Unknown)
    }

    fn base(&mut self, file: FileId, analysis: &Analysis, base: &Expr) -> Lead {
        let written = crate::text::slice(&analysis.source.text, base.range());
        let unknown = |why: &str| Lead::Unknown(format!("the base `{written}` {why}"));
        let names = &analysis.names;
        let reference = names
            .references()
            .map(|(_, reference)| reference)
            .find(|reference| reference.chain == base.range() && !reference.in_string);
        let Some(reference) = reference else { return unknown("is computed") };
        let prefixes = self.resolver.reference(file, analysis, reference, &mut Vec::new());
        let Some(found) = prefixes.last() else { return unknown("cannot be followed") };
        match found.certain() {
            Some(origin) if self.wanted.contains(&origin) => Lead::Wanted,
            Some(Origin::Symbol(symbol)) => self.symbol(symbol, written),
            Some(Origin::External(dotted)) => {
                Lead::Unknown(format!("what `{dotted}` is derived from is outside the project"))
            }
            Some(Origin::Broken(why) | Origin::Unknown(why)) => unknown(&format!("is lost: {why}")),
            // A class of Python's own is derived from no other.
            None if found.origins.is_empty() && reference.attributes.is_empty() => Lead::Elsewhere,
            _ => self.local(file, analysis, reference.owner, written),
        }
    }

    fn symbol(&mut self, symbol: &SymbolId, written: &str) -> Lead {
        let project = self.resolver.project();
        let unknown = |why: &str| Lead::Unknown(format!("the base `{written}` {why}"));
        let Ok(analysis) = project.analysis(symbol.file) else {
            return unknown("is in a file that does not parse");
        };
        match class_of(analysis, ScopeId::MODULE, &symbol.name) {
            Some(class) => self.class(symbol.file, analysis, class),
            None => unknown("is no class that is defined once, at the top of its module"),
        }
    }

    /// A class that is defined in a function or another class.
    fn local(
        &mut self,
        file: FileId,
        analysis: &Analysis,
        owner: Option<ScopeId>,
        written: &str,
    ) -> Lead {
        match owner.and_then(|owner| class_of(analysis, owner, written)) {
            Some(class) => self.class(file, analysis, class),
            None => Lead::Unknown(format!("the base `{written}` cannot be told")),
        }
    }
}

/// The definition of a class that is the only one of its name.
fn class_of<'a>(analysis: &'a Analysis, scope: ScopeId, name: &str) -> Option<&'a StmtClassDef> {
    let names = &analysis.names;
    let symbol = names.symbol(scope, names.id(name)?)?;
    let [only] = symbol.bindings.as_slice() else { return None };
    let binding = names.binding(*only);
    let statement = suite::statement_at(&analysis.module, binding.statement)?;
    match statement {
        Stmt::ClassDef(class) if binding.kind == BindingKind::Class => Some(class),
        _ => None,
    }
}

/// Whether the body of a class gives a name a value.
fn defines(names: &Names, class: TextRange, name: &str) -> bool {
    let Some(id) = names.id(name) else { return false };
    let mut scopes = names.scopes();
    let is_body = |scope: &Scope| scope.kind == ScopeKind::Class && scope.node == class;
    let Some((scope, _)) = scopes.find(|(_, scope)| is_body(scope)) else { return false };
    names.symbol(scope, id).is_some_and(|symbol| !symbol.bindings.is_empty())
}
