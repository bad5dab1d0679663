//! Strings that name a class for something that replaces it in a test.
//!
//! Finds the strings and what they name; whether a plan makes that idle is not known here.

mod kept;

use super::holder::{self, Holder};
use super::patcher::{Patcher, classify};
use super::relevance::KnownNames;
use super::singleton::ReferenceOrBinding;
use super::target::{Target, Targets};
use crate::project::{Analysis, FileId, ModuleLookup};
use crate::resolve::{Hop, Origin, Resolver};
use crate::semantic::{BindingKind, ScopeId};
use crate::strings::{Place, constant, texts};
use crate::syntax::ast::visitor::{self, Visitor};
use crate::syntax::ast::{self, Expr, ExprCall, ExprRef, Stmt};
use crate::syntax::chain::last_name;
use crate::text::{Ranged, TextRange, contains};

/// A string that names a class in a module, for a call that puts something else there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MockTarget {
    /// What it names.
    pub subject: Subject,
    /// The string, or the keyword that stands for one.
    pub range: TextRange,
    /// The call that patches, or the assignment.
    pub call: TextRange,
    /// How it is told what to patch.
    pub form: Form,
    /// The module and the name in it that is replaced.
    pub patched: Hop,
    /// The names of modules that a dotted string goes through on the way.
    pub through: Vec<Hop>,
    /// What the string has before the name: a dotted module, or nothing.
    pub prefix: String,
    /// The modules that the file may load while the patch holds: what they import is patched, too.
    pub loaded: Vec<FileId>,
}

impl MockTarget {
    /// The names of modules that it needs.
    pub fn hops(&self) -> impl Iterator<Item = (ReferenceOrBinding, Hop)> {
        let hops = self.through.iter().chain(std::iter::once(&self.patched));
        hops.map(|hop| (ReferenceOrBinding::Text(self.range), hop.clone()))
    }
}

/// What a string names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Subject {
    /// A target's class, by its place in [`Targets::all`].
    Target(usize),
    /// A symbol that a rewrite takes away, by its place in [`Targets::rules`].
    Rule(usize),
}

/// How a patch is told what to replace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// `patch("module.Name")`
    Dotted,
    /// `patch.object(module, "Name")`
    Attribute,
    /// `patch.multiple("module", Name=…)`
    Keyword,
    /// `monkeypatch.setattr("module.Name", value)`, and with the module apart.
    SetAttribute,
    /// `module.Name = value`, and what writes into the module's dict.
    Assignment,
    /// A dotted text that is kept, where a call of the file patches what it is given.
    Kept,
}

/// Finds the strings of a file, and the names of constants that hold one for other files.
pub fn find(
    resolver: &Resolver<'_, '_>,
    targets: &Targets,
    known: &KnownNames,
    file: FileId,
    analysis: &Analysis,
) -> Found {
    if targets.all.is_empty() && targets.rules.is_empty() {
        return Found::default();
    }
    let text = &analysis.source.text;
    let patches = [
        "patch", "setattr", "delattr", "setitem", "delitem", "__dict__", "vars(", "globals(", "spy",
    ];
    let place = Place { resolver, file, analysis };
    let mut finder =
        Finder { place, targets, known, found: Vec::new(), loaded: Vec::new(), given: Vec::new() };
    let is_member = |target: &Target| contains(text, &format!(".{}", target.class_name));
    if patches.iter().any(|name| contains(text, name)) || targets.all.iter().any(is_member) {
        for statement in analysis.module.body() {
            finder.visit_stmt(statement);
        }
    }
    if !finder.given.is_empty() {
        finder.add_kept();
    }
    if !finder.found.is_empty() {
        finder.add_loaded();
    }
    let constants = finder.constants();
    Found { targets: finder.found, constants }
}

struct Finder<'a> {
    place: Place<'a>,
    targets: &'a Targets,
    known: &'a KnownNames,
    found: Vec<MockTarget>,
    /// The modules that the file loads again.
    loaded: Vec<FileId>,
    /// What stands around the part that is not known of a text by which a call patches.
    given: Vec<(String, String)>,
}

/// What the strings of a file patch.
#[derive(Debug, Default)]
pub struct Found {
    /// Those that patch a name of the class.
    pub targets: Vec<MockTarget>,
    /// Names of constants that hold such a string.
    pub constants: Vec<String>,
}

impl<'a> Visitor<'a> for Finder<'_> {
    fn visit_stmt(&mut self, statement: &'a Stmt) {
        if let Stmt::Assign(assign) = statement {
            for target in &assign.targets {
                self.assigned(target, assign.range);
            }
        }
        visitor::walk_stmt(self, statement);
    }

    fn visit_expr(&mut self, expr: &'a Expr) {
        if let Expr::Call(call) = expr {
            self.call(call);
            let first = call.arguments.args.first();
            if let Some(module) = first.filter(|_| last_name(&call.func) == Some("reload")) {
                let module = holder::module(&self.place, ExprRef::from(module));
                self.loaded.extend(module.map(|module| module.file));
            }
        }
        visitor::walk_expr(self, expr);
    }
}

impl Finder<'_> {
    /// The module's names that are a string which names a target: others may patch by them.
    fn constants(&self) -> Vec<String> {
        let texts =
            self.place.analysis.module.body().iter().filter_map(|statement| match statement {
                Stmt::Assign(assign) => Some((&*assign.value, assign.targets.first()?)),
                Stmt::AnnAssign(assign) => Some((assign.value.as_deref()?, &*assign.target)),
                _ => None,
            });
        texts
            .filter_map(|(value, target)| {
                let Expr::Name(name) = target else { return None };
                let text = match value {
                    Expr::StringLiteral(literal) => literal.value.to_str().to_owned(),
                    Expr::FString(_) | Expr::BinOp(_) => {
                        constant(&self.place, ExprRef::from(value))?
                    }
                    _ => return None,
                };
                let (prefix, last) = text.rsplit_once('.')?;
                let is_known = self.known.contains(last);
                let module = is_known.then(|| holder::module_by_path(&self.place, prefix))??;
                self.subject(module.file, last).map(|_| name.id.to_string())
            })
            .collect()
    }

    fn call(&mut self, call: &ExprCall) {
        let Some(patcher) = self.patcher(call) else { return };
        let arguments = &call.arguments;
        match patcher {
            Patcher::Patch => {
                if let Some(target) = arguments.find_argument_value("target", 0) {
                    self.dotted(call, target, Form::Dotted);
                }
            }
            Patcher::Object => {
                let object = arguments.find_argument_value("target", 0);
                // `spy(obj, name)` says it otherwise.
                let object = object.or_else(|| arguments.find_argument_value("obj", 0));
                let name = arguments.find_argument_value("attribute", 1);
                let name = name.or_else(|| arguments.find_argument_value("name", 1));
                if let (Some(object), Some(name)) = (object, name) {
                    self.attribute(call, object, name, Form::Attribute);
                }
            }
            Patcher::Multiple => {
                if let Some(target) = arguments.find_argument_value("target", 0) {
                    self.multiple(call, target);
                }
            }
            Patcher::SetAttribute => {
                let target = arguments.find_argument_value("target", 0);
                let name = arguments.find_argument_value("name", 1);
                let Some(target) = target else { return };
                let is_named = name.is_some_and(|name| {
                    let name = constant(&self.place, ExprRef::from(name));
                    name.is_some_and(|name| self.known.contains(&name))
                });
                match name {
                    Some(name) if is_named => {
                        self.attribute(call, target, name, Form::SetAttribute);
                    }
                    _ => self.dotted(call, target, Form::SetAttribute),
                }
            }
            Patcher::Dict => {
                let Some(dict) = arguments.find_argument_value("in_dict", 0) else { return };
                let values = arguments.find_argument_value("values", 1);
                for key in values
                    .and_then(Expr::as_dict_expr)
                    .into_iter()
                    .flat_map(ast::ExprDict::iter_keys)
                    .flatten()
                {
                    self.item(call.range, dict, key);
                }
                let named = arguments.keywords.iter().filter_map(|keyword| keyword.arg.as_ref());
                for name in named {
                    self.written(call.range, dict, name.range, name.as_str());
                }
            }
            Patcher::SetItem => {
                let dict = arguments.find_argument_value("dic", 0);
                if let (Some(dict), Some(key)) = (dict, arguments.find_argument_value("name", 1)) {
                    self.item(call.range, dict, key);
                }
            }
        }
    }

    /// `module.__dict__["Name"]`
    fn item(&mut self, statement: TextRange, dict: &Expr, key: &Expr) {
        if let Some(name) = constant(&self.place, ExprRef::from(key)) {
            self.written(statement, dict, key.range(), &name);
        }
    }

    /// The name at `range` of the module whose dict is `dict` gets another value.
    fn written(&mut self, statement: TextRange, dict: &Expr, range: TextRange, name: &str) {
        if self.known.contains(name)
            && let Some(module) = holder::namespace(&self.place, dict)
        {
            self.add(statement, range, Form::Assignment, module, name, "");
        }
    }

    /// What a callee does, by its names and by what they lead to.
    fn patcher(&self, call: &ExprCall) -> Option<Patcher> {
        let callee = &*call.func;
        let (last, before) = match callee {
            Expr::Name(name) => (name.id.as_str(), None),
            Expr::Attribute(attribute) => {
                let before = match &*attribute.value {
                    Expr::Name(name) => Some(name.id.as_str()),
                    Expr::Attribute(before) => Some(before.attr.as_str()),
                    _ => Some(""),
                };
                (attribute.attr.as_str(), before)
            }
            _ => return None,
        };
        let by_name = classify(last, before);
        let may_be_renamed = callee.is_name_expr() || before.is_some_and(|name| name != last);
        // Names are followed for calls that say what they patch, or are called as those that do.
        if by_name.is_none() && !(may_be_renamed && self.says_name(call)) {
            return None;
        }
        let range = callee.range();
        let names = &self.place.analysis.names;
        let mut references = names.references();
        let Some((_, reference)) = references.find(|(_, one)| one.chain == range) else {
            // Ex) `get_mocker().patch("…")`
            return by_name;
        };
        let Place { resolver, file, analysis } = self.place;
        let prefixes = resolver.reference(file, analysis, reference, &mut Vec::new());
        let found = prefixes.last()?;
        if found.origins.is_empty() {
            return by_name;
        }
        let mut all = found.origins.iter().map(|(origin, _)| match origin {
            Origin::External(dotted) => {
                let mut parts = dotted.rsplit('.');
                classify(parts.next().unwrap_or_default(), parts.next())
            }
            // What a fixture or a class of the tests gives.
            Origin::Local(_) | Origin::Unknown(_) => by_name,
            // A function of the project that is called so.
            Origin::Symbol(_) if callee.is_name_expr() => None,
            Origin::Symbol(_) => by_name.filter(|_| reference.attributes.len() > 1),
            Origin::Module(_) | Origin::Broken(_) => None,
        });
        all.find_map(|found| found)
    }

    /// Whether a literal or a keyword among the arguments ends in a name that is looked for.
    fn says_name(&self, call: &ExprCall) -> bool {
        let keywords = &call.arguments.keywords;
        let values = call.arguments.args.iter().chain(keywords.iter().map(|one| &one.value));
        let mut named = keywords.iter().filter_map(|keyword| keyword.arg.as_ref());
        named.any(|name| self.known.contains(name.as_str()))
            || values.into_iter().any(|value| match value {
                Expr::StringLiteral(literal) => {
                    let text = literal.value.to_str();
                    let last = text.rsplit('.').next();
                    last.is_some_and(|last| self.known.contains(last))
                }
                _ => false,
            })
    }

    /// `module.Name = value`
    fn assigned(&mut self, target: &Expr, statement: TextRange) {
        match target {
            Expr::Tuple(tuple) => {
                tuple.elts.iter().for_each(|target| self.assigned(target, statement));
            }
            Expr::Attribute(attribute) if self.known.contains(&attribute.attr) => {
                let module = holder::module(&self.place, ExprRef::from(&*attribute.value));
                let Some(module) = module else { return };
                let name = &attribute.attr;
                self.add(statement, name.range, Form::Assignment, module, name, "");
            }
            Expr::Subscript(item) => self.item(statement, &item.value, &item.slice),
            _ => {}
        }
    }

    /// Modules that are loaded again, and those that a function imports and the file does not:
    /// they may be loaded while a patch holds.
    fn add_loaded(&mut self) {
        let Place { resolver, file, analysis } = self.place;
        let project = resolver.project();
        let (mut early, mut late) = (Vec::new(), Vec::new());
        for (_, binding) in analysis.names.bindings() {
            let modules = match &binding.kind {
                BindingKind::Import { module, .. } => vec![project.module(module, Some(file))],
                BindingKind::ImportFrom { level, module, member, .. } => {
                    let from = project.imported_module(file, *level, module);
                    let below = project.submodule(&from, member);
                    vec![from, below]
                }
                _ => continue,
            };
            let is_early = binding.written_in == ScopeId::MODULE;
            let files = modules.into_iter().filter_map(|module| module.file());
            if is_early { early.extend(files) } else { late.extend(files) }
        }
        late.retain(|module| !early.contains(module));
        late.append(&mut self.loaded);
        late.sort_unstable();
        late.dedup();
        for mock in &mut self.found {
            mock.loaded.clone_from(&late);
        }
    }

    /// `"module.Name"`
    fn dotted(&mut self, call: &ExprCall, expr: &Expr, form: Form) {
        let texts = texts(&self.place, ExprRef::from(expr));
        if let [text] = texts.as_slice()
            && let Some(text) = text.as_fixed()
        {
            self.dotted_text(call.range, expr.range(), form, text);
            return;
        }
        // Ex) `monkeypatch.setattr(service, "name", value)` says what it patches.
        let second = call.arguments.args.get(1);
        if !second.is_some_and(Expr::is_string_literal_expr) {
            self.given.extend(texts.iter().map(kept::around_hole));
        }
    }

    fn dotted_text(&mut self, call: TextRange, range: TextRange, form: Form, text: &str) {
        let Some((prefix, name)) = text.rsplit_once('.') else { return };
        if !self.known.contains(name) {
            return;
        }
        let Some(module) = holder::module_by_path(&self.place, prefix) else { return };
        self.add(call, range, form, module, name, prefix);
    }

    /// `module, "Name"`
    fn attribute(&mut self, call: &ExprCall, object: &Expr, name: &Expr, form: Form) {
        let Some(text) = constant(&self.place, ExprRef::from(name)) else { return };
        if !self.known.contains(&text) {
            return;
        }
        let Some(module) = holder::module(&self.place, ExprRef::from(object)) else { return };
        self.add(call.range, name.range(), form, module, &text, "");
    }

    /// `"module", Name=…`
    fn multiple(&mut self, call: &ExprCall, target: &Expr) {
        let keywords = &call.arguments.keywords;
        let named = keywords.iter().filter_map(|keyword| keyword.arg.as_ref());
        let named: Vec<_> = named.filter(|name| self.known.contains(name.as_str())).collect();
        // Ex) `patch.multiple("module", **{"Name": …})`
        let unpacked = keywords.iter().filter(|keyword| keyword.arg.is_none());
        let unpacked = unpacked.filter_map(|keyword| keyword.value.as_dict_expr());
        let keys: Vec<(&Expr, String)> = unpacked
            .flat_map(ast::ExprDict::iter_keys)
            .flatten()
            .filter_map(|key| Some((key, constant(&self.place, ExprRef::from(key))?)))
            .filter(|(_, name)| self.known.contains(name))
            .collect();
        if named.is_empty() && keys.is_empty() {
            return;
        }
        let module = match constant(&self.place, ExprRef::from(target)) {
            Some(text) => holder::module_by_path(&self.place, &text),
            None => holder::module(&self.place, ExprRef::from(target)),
        };
        let Some(module) = module else { return };
        for name in named {
            self.add(call.range, name.range(), Form::Keyword, module.clone(), name.as_str(), "");
        }
        for (key, name) in keys {
            self.add(call.range, key.range(), Form::Assignment, module.clone(), &name, "");
        }
    }

    fn add(
        &mut self,
        call: TextRange,
        range: TextRange,
        form: Form,
        module: Holder,
        name: &str,
        prefix: &str,
    ) {
        let Some(subject) = self.subject(module.file, name) else { return };
        let Holder { file, through, .. } = module;
        let patched = Hop { file, name: name.to_owned() };
        let (prefix, loaded) = (prefix.to_owned(), Vec::new());
        self.found.push(MockTarget {
            subject,
            range,
            call,
            form,
            patched,
            through,
            prefix,
            loaded,
        });
    }

    /// What a module's name leads to.
    fn subject(&self, module: FileId, name: &str) -> Option<Subject> {
        let found = self.place.resolver.attribute_of(&ModuleLookup::File(module), name);
        let target = self.targets.all.iter().position(|target| target.may_be(&found));
        target.map(Subject::Target).or_else(|| {
            let mut rules = self.targets.rules.iter();
            let rule = rules.position(|rule| {
                let mut links = rule.before.iter();
                links.any(|link| {
                    link.origins
                        .iter()
                        .any(|origin| !matches!(origin, Origin::Module(_)) && found.may_be(origin))
                })
            });
            rule.map(Subject::Rule)
        })
    }
}
