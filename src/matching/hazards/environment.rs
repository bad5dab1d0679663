//! TM115: the object is built while something is patched that its constructor would read.
//!
//! A patch holds for what stands in its `with`, for the function or class that it decorates, for
//! the rest of the function in which it is made, there or by a helper that is called, for tests
//! that get a fixture which makes it, or whose `setUp` does, and for what is called meanwhile.

use std::rc::Rc;

use super::detect::{Detected, Scene};
use super::follow::{Objects, Use};
use super::functions;
use super::index::last_name;
use super::standing::{Code, Codes, Held};
use crate::matching::fixtures::{Fixture, fixture_name};
use crate::resolve::members::{CONSTRUCTORS, ClassNode, Member};
use crate::site::Reason;
use crate::strings::{Place, assigned_once};
use crate::syntax::ast::{self, AnyNodeRef, Expr, ExprRef, Stmt};
use crate::syntax::tree::NodeId;
use crate::text::{Ranged, TextRange, TextSize};

/// What is patched where the object is built, if the constructor may read it.
pub(super) fn detect(scene: &Scene<'_>, codes: &Codes<'_>, used: Use) -> Option<Detected> {
    if !used.builds() {
        return None;
    }
    let constructor = &scene.target.facts.constructor;
    if constructor.environment.is_empty()
        && constructor.reads.is_empty()
        && constructor.unseen.is_empty()
    {
        return None;
    }
    let own = codes.own();
    let mut patches = Patches::new(scene.objects, codes, 0);
    patches.imported = patches.import_of(own.tree.node(used.node).range());
    patches.around(used.node);
    let mut found = patches.found;
    found.retain(|held| !is_part_of(&own, used.node, held));
    found.sort_by_key(|held| (held.file != own.file, held.file, held.range.start()));
    let (held, why) = found
        .into_iter()
        .find_map(|held| Some((codes.matters(scene.target_index, constructor, &held)?, held)))
        .map(|(why, held)| (held, why))?;
    let line = held.analysis.lines().position(held.range.start()).line;
    let quoted = super::detect::quoted(held.analysis, held.range);
    let place = if held.file == own.file {
        String::new()
    } else {
        format!(" of {}", codes.resolver.project().path(held.file))
    };
    let said = format!("is built while {quoted} holds, made on line {line}{place}: {why}");
    Some(Detected::new(Reason::Environment, used, said))
}

/// Whether the object is what a patch puts somewhere: it is built before that holds.
///
/// Ex) `self.settings.content = C()`, but not `patch("app.make", lambda: C())`
fn is_part_of(own: &Code<'_>, site: NodeId, held: &Held<'_>) -> bool {
    let tree = &own.tree;
    let around = tree.ancestors(site).map(|id| tree.node(id));
    let mut around = around.take_while(|node| held.range.contains_range(node.range()));
    held.file == own.file
        && held.range.contains_range(tree.node(site).range())
        && !around.any(|node| node.is_expr_lambda())
}

/// Functions whose callers call functions are followed this far.
const MAX_DEPTH: u32 = 8;

struct Patches<'c, 'a> {
    objects: &'c Objects<'c>,
    codes: &'c Codes<'a>,
    own: Rc<Code<'a>>,
    found: Vec<Held<'a>>,
    /// Where the class of the object is imported last, for all that is known.
    imported: Option<TextSize>,
    /// How many calls are between this and the place that builds the object.
    depth: u32,
    /// The fixtures that were looked at.
    seen: Vec<*const ast::StmtFunctionDef>,
}

impl<'c, 'a> Patches<'c, 'a> {
    fn new(objects: &'c Objects<'c>, codes: &'c Codes<'a>, depth: u32) -> Self {
        let (found, seen) = (Vec::new(), Vec::new());
        Self { objects, codes, own: codes.own(), found, imported: None, depth, seen }
    }

    /// The patches that hold at `site`.
    fn around(&mut self, site: NodeId) {
        let own = Rc::clone(&self.own);
        let tree = &own.tree;
        let mut range = tree.node(site).range();
        let mut function = None;
        for id in tree.ancestors(site) {
            match tree.node(id) {
                AnyNodeRef::StmtWith(with) => {
                    for item in &with.items {
                        if item.range().end() <= range.start() {
                            self.expression(&own, &item.context_expr);
                        }
                    }
                }
                AnyNodeRef::StmtFunctionDef(definition) => {
                    let is_inside = definition
                        .body
                        .iter()
                        .any(|statement| statement.range().contains_range(range));
                    if !is_inside {
                        continue;
                    }
                    self.decorators(&own, &definition.decorator_list);
                    let made = self.codes.before(&own, id, range);
                    self.found.extend(made.into_iter().map(|(_, held)| held));
                    self.of_test(&own, id, definition);
                    self.at_calls(id, definition);
                    function = Some(definition);
                    // What is patched before a nested function is there holds when it runs.
                    range = definition.range;
                }
                AnyNodeRef::StmtClassDef(class) => {
                    let Some(function) = function else { continue };
                    self.decorators(&own, &class.decorator_list);
                    self.set_up(class, function);
                }
                _ => {}
            }
        }
        if function.is_none() {
            self.at_module_level(site, range);
        }
    }

    /// What holds where a function of the file is called, by its name or as a constructor.
    fn at_calls(&mut self, id: NodeId, function: &ast::StmtFunctionDef) {
        let key = (id, self.imported);
        if let Some(known) = self.codes.at_calls.borrow().get(&key) {
            return self.found.extend(known.iter().cloned());
        }
        if self.depth > MAX_DEPTH {
            return;
        }
        // One that calls itself is called by others, too.
        self.codes.at_calls.borrow_mut().insert(key, Rc::default());
        let index = self.objects.index;
        let mut calls = functions::calls(self.objects.index, id);
        if CONSTRUCTORS.contains(&function.name.as_str())
            && let Some(class) = index.class_around(id)
        {
            calls.extend(index.builds(class));
        }
        let mut patches = Patches::new(self.objects, self.codes, self.depth + 1);
        patches.imported = self.imported;
        for call in calls {
            patches.around(call);
        }
        let found = Rc::new(patches.found);
        self.codes.at_calls.borrow_mut().insert(key, Rc::clone(&found));
        self.found.extend(found.iter().cloned());
    }

    /// What holds in what these decorate.
    fn decorators(&mut self, code: &Rc<Code<'a>>, decorators: &[ast::Decorator]) {
        for decorator in decorators {
            self.expression(code, &decorator.expression);
            self.found.extend(self.codes.wrapped(code, &decorator.expression));
        }
    }

    /// A patch that is made by an expression: a call, or several in one.
    fn expression(&mut self, code: &Rc<Code<'a>>, expr: &Expr) {
        let place =
            Place { resolver: self.codes.resolver, file: code.file, analysis: code.analysis };
        // Ex) `@ENV`, where the module has `ENV = patch.dict(os.environ, A="b")`
        let named = assigned_once(&place, ExprRef::from(expr)).map(|value| value.range());
        let Some(node) = code.tree.expression_at(named.unwrap_or(expr.range())) else { return };
        let calls = code.tree.inside(node).filter(|(_, node)| node.is_expr_call());
        for (id, _) in calls.collect::<Vec<_>>() {
            self.found.extend(self.codes.entered(code, id));
        }
    }

    /// What pytest does before it runs a test or fixture.
    fn of_test(&mut self, code: &Rc<Code<'a>>, id: NodeId, function: &'a ast::StmtFunctionDef) {
        let is_test = function.name.starts_with("test");
        if !is_test && fixture_name(function).is_none() {
            return;
        }
        let mut names = parameters(function);
        let mut marks: Vec<&Expr> =
            function.decorator_list.iter().map(|decorator| &decorator.expression).collect();
        let classes = code.tree.ancestors(id).filter_map(|id| match code.tree.node(id) {
            AnyNodeRef::StmtClassDef(class) => Some(class),
            _ => None,
        });
        for class in classes {
            marks.extend(class.decorator_list.iter().map(|decorator| &decorator.expression));
            marks.extend(pytest_marks(&class.body));
        }
        marks.extend(pytest_marks(code.analysis.module.body()));
        names.extend(marks.into_iter().flat_map(used_fixtures));
        let asker = function.range;
        let codes = self.codes;
        for name in names {
            if let Some(fixture) = codes.fixtures().named(name, asker) {
                self.fixture(fixture, asker);
            }
        }
        for fixture in codes.fixtures().automatic(asker) {
            self.fixture(fixture, asker);
        }
        if is_test {
            self.of_module();
        }
    }

    /// What a fixture patches, and those that it asks for.
    fn fixture(&mut self, fixture: &Fixture<'a>, asker: TextRange) {
        let function = fixture.function;
        // One does not run for itself.
        if self.seen.iter().any(|&seen| std::ptr::eq(seen, function)) || function.range == asker {
            return;
        }
        self.seen.push(function);
        let Some(code) = self.codes.code(fixture.file) else { return };
        let Some((id, _)) = code.function_at(function.range) else { return };
        self.decorators(&code, &function.decorator_list);
        self.left_by(&code, id);
        let marks = function.decorator_list.iter().map(|decorator| &decorator.expression);
        let mut names = parameters(function);
        names.extend(marks.flat_map(used_fixtures));
        let codes = self.codes;
        for name in names {
            let next = if name == fixture.name {
                codes.fixtures().above(fixture, asker)
            } else {
                codes.fixtures().named(name, asker)
            };
            if let Some(next) = next {
                self.fixture(next, asker);
            }
        }
    }

    fn left_by(&mut self, code: &Rc<Code<'a>>, function: NodeId) {
        self.found.extend(self.codes.left_by(code, function).iter().cloned());
    }

    /// What the methods patch that run before a test of the class, its own or inherited.
    fn set_up(&mut self, class: &'a ast::StmtClassDef, function: &ast::StmtFunctionDef) {
        let (file, analysis) = (self.own.file, self.own.analysis);
        let class = ClassNode { file, analysis, node: class };
        let codes = self.codes;
        for name in SET_UP {
            if function.name.as_str() == *name {
                continue;
            }
            for (defined, member) in codes.resolver.members(class, name) {
                let Member::Method(method) = member else { continue };
                let Some(code) = codes.code(defined.file) else { continue };
                if let Some((id, _)) = code.function_at(method.range) {
                    self.left_by(&code, id);
                }
            }
        }
    }

    /// What the functions patch that run before all tests of the file, or before each.
    fn of_module(&mut self) {
        let own = Rc::clone(&self.own);
        let functions = own.analysis.module.body().iter().filter_map(Stmt::as_function_def_stmt);
        for function in functions {
            let is_one = ["setUpModule", "setup_module", "setup_function"];
            if is_one.contains(&function.name.as_str())
                && let Some((id, _)) = own.function_at(function.range)
            {
                self.left_by(&own, id);
            }
        }
    }

    /// At module level only what is patched after the class was imported counts: the shared
    /// object has read what was set before.
    fn at_module_level(&mut self, site: NodeId, range: TextRange) {
        let own = Rc::clone(&self.own);
        let Some(root) = own.tree.ancestors(site).last() else { return };
        let imported = self.imported;
        for (node, held) in self.codes.before(&own, root, range) {
            let start = own.tree.node(node).range().start();
            if imported.is_some_and(|import| start > import) {
                self.found.push(held);
            }
        }
    }

    /// Where the last import stands that the class at `site` may come from.
    fn import_of(&self, site: TextRange) -> Option<TextSize> {
        let (tree, names) = (&self.own.tree, &self.own.analysis.names);
        let site = tree.expression_at(site)?;
        let (_, name) =
            tree.inside(site).find(|(_, node)| matches!(node, AnyNodeRef::ExprName(_)))?;
        let reach = names.reach(names.reference(names.reference_at(name.range())?));
        reach.bindings.iter().map(|&id| names.binding(id).statement.start()).max()
    }
}

/// The methods that run before a test.
const SET_UP: &[&str] =
    &["setUp", "setUpClass", "asyncSetUp", "setUpTestData", "setup_method", "setup_class", "setup"];

/// The names by which a function asks for fixtures.
fn parameters(function: &ast::StmtFunctionDef) -> Vec<&str> {
    let parameters = &function.parameters;
    let all = parameters.args.iter().chain(&parameters.kwonlyargs);
    all.map(|parameter| parameter.parameter.name.as_str()).collect()
}

/// What `pytestmark` is given in a module or class.
fn pytest_marks(body: &[Stmt]) -> Vec<&Expr> {
    let values = body.iter().filter_map(|statement| match statement {
        Stmt::Assign(assign) => {
            let is_it = assign.targets.iter().any(|one| last_name(one) == Some("pytestmark"));
            is_it.then_some(&*assign.value)
        }
        Stmt::AnnAssign(assign) if last_name(&assign.target) == Some("pytestmark") => {
            assign.value.as_deref()
        }
        _ => None,
    });
    values
        .flat_map(|value| match value {
            Expr::List(list) => list.elts.iter().collect::<Vec<_>>(),
            Expr::Tuple(tuple) => tuple.elts.iter().collect(),
            single => vec![single],
        })
        .collect()
}

/// Ex) `pytest.mark.usefixtures("url")`
fn used_fixtures(mark: &Expr) -> Vec<&str> {
    let Expr::Call(call) = mark else { return Vec::new() };
    if last_name(&call.func) != Some("usefixtures") {
        return Vec::new();
    }
    let names = call.arguments.args.iter();
    names.filter_map(|name| Some(name.as_string_literal_expr()?.value.to_str())).collect()
}
