//! TM115: the object is built while something is patched that its constructor would read.
//!
//! A patch holds for what stands in its `with`, for the function or class that it decorates, for
//! the rest of the function in which it is made, and for tests that ask for a fixture which makes
//! it, or whose `setUp` does.

use super::constructor::Read;
use super::detect::{Detected, Scene};
use super::follow::Use;
use super::index::last_name;
use super::patches::{Event, Patched, by_call, is_scoped, is_settings};
use crate::matching::fixtures::fixture_name;
use crate::project::{FileId, ModuleLookup};
use crate::resolve::{Origin, Resolver};
use crate::site::Reason;
use crate::syntax::ast::{self, AnyNodeRef, Expr};
use crate::syntax::tree::NodeId;
use crate::text::{Ranged, TextRange, TextSize, slice};

/// What is patched where the object is built, if the constructor may read it.
pub(super) fn detect(scene: &Scene<'_>, used: Use) -> Option<Detected> {
    // What has the object's value is not where it is built.
    if !used.is_fresh || used.node != used.source {
        return None;
    }
    let mut patches = Patches { scene, found: Vec::new(), fixtures: Vec::new() };
    patches.around(used.node);
    patches.found.sort_by_key(|(node, _)| *node);
    let (node, why) = patches
        .found
        .into_iter()
        .find_map(|(node, patched)| Some((node, matters(scene, &patched)?)))?;
    let said = format!(
        "is built while {} holds, made on line {}: {why}",
        scene.quoted(node),
        scene.line(node)
    );
    Some(Detected::new(Reason::Environment, used, said))
}

struct Patches<'s, 'a> {
    scene: &'s Scene<'a>,
    found: Vec<(NodeId, Patched<'a>)>,
    fixtures: Vec<String>,
}

impl<'a> Patches<'_, 'a> {
    /// The patches that hold at `site`.
    fn around(&mut self, site: NodeId) {
        let tree = self.scene.tree();
        let range = tree.node(site).range();
        let mut function = None;
        for id in tree.ancestors(site) {
            match tree.node(id) {
                AnyNodeRef::StmtWith(with) => {
                    for item in &with.items {
                        if item.range().end() <= range.start() {
                            self.expression(&item.context_expr);
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
                    for decorator in &definition.decorator_list {
                        self.expression(&decorator.expression);
                    }
                    if function.is_none() {
                        self.earlier(id, range);
                        self.requested(definition);
                    }
                    function = Some(id);
                }
                AnyNodeRef::StmtClassDef(class) if function.is_some() => {
                    for decorator in &class.decorator_list {
                        self.expression(&decorator.expression);
                    }
                    self.fixtures_of(&marked(&class.decorator_list), false);
                    self.set_up(class, range);
                }
                _ => {}
            }
        }
        if function.is_none() {
            self.at_module_level(site, range);
        }
    }

    /// A patch that is made by an expression: a call, or several in one.
    fn expression(&mut self, expr: &'a Expr) {
        let Some(node) = self.scene.tree().id_of(expr) else { return };
        for (inner, call) in self.scene.tree().inside(node) {
            if let AnyNodeRef::ExprCall(call) = call {
                self.found.extend(by_call(call).into_iter().map(|patched| (inner, patched)));
            }
        }
    }

    /// What the statements of a function patch before `site`, and do not take back.
    fn earlier(&mut self, function: NodeId, site: TextRange) {
        let made = self.made_in(function, Some(site.start()));
        for (node, patched) in made {
            if !self.is_over(node, site) {
                self.found.push((node, patched));
            }
        }
    }

    /// Everything that a function's own code patches, before an offset.
    fn made_in(&self, function: NodeId, before: Option<TextSize>) -> Vec<(NodeId, Patched<'a>)> {
        let tree = self.scene.tree();
        let mut made: Vec<(NodeId, Patched<'a>)> = Vec::new();
        for (node, event) in self.scene.patches.of(function) {
            if before.is_some_and(|before| tree.node(*node).end() > before) {
                continue;
            }
            match event {
                Event::Made(patched) => made.push((*node, patched.clone())),
                Event::Undone => made.clear(),
            }
        }
        made
    }

    /// Whether a patch does not hold at `site`: it is the object of a `with`, or was made inside
    /// one that puts everything back, and `site` is not in it; or it is only described.
    fn is_over(&self, patch: NodeId, site: TextRange) -> bool {
        let tree = self.scene.tree();
        if !self.is_started(patch) {
            return true;
        }
        let patch_range = tree.node(patch).range();
        for id in tree.ancestors(patch) {
            match tree.node(id) {
                AnyNodeRef::StmtWith(with) => {
                    let is_left = !with.range.contains_range(site);
                    let is_put_back = with.items.iter().any(|item| {
                        item.context_expr.range().contains_range(patch_range)
                            || is_scoped(&item.context_expr)
                    });
                    if is_left && is_put_back {
                        return true;
                    }
                }
                AnyNodeRef::StmtFunctionDef(_) | AnyNodeRef::StmtClassDef(_) => break,
                _ => {}
            }
        }
        false
    }

    /// Whether a patch takes place: `patch(…)` of `unittest.mock` waits for a `with` or `start`.
    fn is_started(&self, patch: NodeId) -> bool {
        let tree = self.scene.tree();
        let AnyNodeRef::ExprCall(call) = tree.node(patch) else { return true };
        let mut root = &*call.func;
        while let Expr::Attribute(attribute) = root {
            root = &attribute.value;
        }
        let waits = matches!(
            last_name(root),
            Some("patch" | "mock" | "unittest" | "override_settings" | "EnvironmentVarGuard")
        );
        if !waits {
            return true;
        }
        let Some(parent) = tree.parent(patch) else { return false };
        match tree.node(parent) {
            AnyNodeRef::WithItem(_) | AnyNodeRef::Arguments(_) => true,
            AnyNodeRef::ExprAttribute(attribute) => {
                matches!(attribute.attr.as_str(), "start" | "enable" | "__enter__")
            }
            AnyNodeRef::StmtAssign(assign) => {
                assign.targets.iter().any(|target| self.is_started_later(parent, target))
            }
            _ => false,
        }
    }

    /// Whether `target.start()` follows in the function of `statement`.
    fn is_started_later(&self, statement: NodeId, target: &Expr) -> bool {
        let tree = self.scene.tree();
        let text = |range| slice(&self.scene.objects.index.analysis.source.text, range);
        let is_function = |id: &NodeId| matches!(tree.node(*id), AnyNodeRef::StmtFunctionDef(_));
        let Some(function) = tree.ancestors(statement).find(is_function) else { return false };
        tree.inside(function).any(|(_, node)| match node {
            AnyNodeRef::ExprAttribute(attribute) => {
                matches!(attribute.attr.as_str(), "start" | "enable" | "__enter__")
                    && text(attribute.value.range()) == text(target.range())
            }
            _ => false,
        })
    }

    /// What the fixtures patch that a function asks for, or that every test of the file gets.
    fn requested(&mut self, function: &'a ast::StmtFunctionDef) {
        let parameters = &function.parameters;
        let mut asked: Vec<&str> = parameters
            .args
            .iter()
            .chain(&parameters.kwonlyargs)
            .map(|parameter| parameter.parameter.name.as_str())
            .collect();
        asked.extend(marked(&function.decorator_list));
        self.fixtures_of(&asked, function.name.starts_with("test"));
    }

    /// What these fixtures patch, and those that every test gets.
    fn fixtures_of(&mut self, asked: &[&str], is_test: bool) {
        let scene = self.scene;
        for &(id, fixture) in &scene.patches.functions {
            let Some(name) = fixture_name(fixture) else { continue };
            let is_asked = asked.contains(&name) || is_test && is_automatic(fixture);
            if !is_asked || self.fixtures.iter().any(|seen| seen == name) {
                continue;
            }
            self.fixtures.push(name.to_owned());
            for decorator in &fixture.decorator_list {
                self.expression(&decorator.expression);
            }
            self.lasting(id);
            self.requested(fixture);
        }
    }

    /// What a fixture or `setUp` patches for as long as the test runs.
    fn lasting(&mut self, function: NodeId) {
        let tree = self.scene.tree();
        let gives = tree
            .inside(function)
            .find(|(_, node)| matches!(node, AnyNodeRef::ExprYield(_) | AnyNodeRef::StmtReturn(_)))
            .map(|(_, node)| node.range());
        for (node, patched) in self.made_in(function, gives.map(TextRange::start)) {
            let over = match gives {
                Some(gives) => self.is_over(node, gives),
                None => self.is_over(node, TextRange::default()),
            };
            if !over {
                self.found.push((node, patched));
            }
        }
    }

    /// What the `setUp` of a test case patches.
    fn set_up(&mut self, class: &'a ast::StmtClassDef, site: TextRange) {
        let scene = self.scene;
        for &(id, function) in &scene.patches.functions {
            let is_one = matches!(
                function.name.as_str(),
                "setUp" | "setUpClass" | "asyncSetUp" | "setup_method" | "setup_class"
            );
            if is_one
                && class.range.contains_range(function.range)
                && !function.range.contains_range(site)
            {
                self.lasting(id);
            }
        }
    }

    /// At module level only what is patched after the class was imported counts: the shared
    /// object has read what was set before.
    fn at_module_level(&mut self, site: NodeId, range: TextRange) {
        let tree = self.scene.tree();
        let Some(root) = tree.ancestors(site).last() else { return };
        let imported = self.import_of(range);
        for (node, patched) in self.made_in(root, Some(range.start())) {
            let is_after = imported.is_some_and(|import| tree.node(node).range().start() > import);
            if is_after && !self.is_over(node, range) {
                self.found.push((node, patched));
            }
        }
    }

    /// Where the last import stands that the class at `site` may come from.
    fn import_of(&self, site: TextRange) -> Option<TextSize> {
        let index = self.scene.objects.index;
        let names = &index.analysis.names;
        let tree = self.scene.tree();
        let site = tree.expression_at(site)?;
        let (_, name) =
            tree.inside(site).find(|(_, node)| matches!(node, AnyNodeRef::ExprName(_)))?;
        let reference = names.reference(index.reference_at(name.range())?);
        let reach = names.reach(reference);
        reach.bindings.iter().map(|&id| names.binding(id).statement.start()).max()
    }
}

/// Ex) `@pytest.mark.usefixtures("url")`
fn marked(decorators: &[ast::Decorator]) -> Vec<&str> {
    let calls = decorators.iter().filter_map(|decorator| decorator.expression.as_call_expr());
    calls
        .filter(|call| last_name(&call.func) == Some("usefixtures"))
        .flat_map(|call| &call.arguments.args)
        .filter_map(|name| Some(name.as_string_literal_expr()?.value.to_str()))
        .collect()
}

fn is_automatic(fixture: &ast::StmtFunctionDef) -> bool {
    fixture.decorator_list.iter().any(|decorator| {
        decorator.expression.as_call_expr().is_some_and(|call| {
            call.arguments.find_keyword("autouse").is_some_and(|keyword| {
                keyword.value.as_boolean_literal_expr().is_some_and(|literal| literal.value)
            })
        })
    })
}

/// Why a patch matters to the constructor; `None` where it certainly does not.
fn matters(scene: &Scene<'_>, patched: &Patched<'_>) -> Option<String> {
    let constructor = &scene.target.facts.constructor;
    let cannot_tell = || {
        let shown: Vec<&str> = constructor.unseen.iter().take(3).map(String::as_str).collect();
        let shown = shown.join(", ");
        (!shown.is_empty())
            .then(|| format!("what its constructor reads cannot all be seen: it calls {shown}"))
    };
    match patched {
        Patched::Environment(Some(names)) if names.is_empty() => None,
        Patched::Environment(names) => {
            let read = constructor.environment.iter().find(|read| {
                let (Some(names), Some(variable)) = (names, &read.variable) else { return true };
                names.contains(&variable.as_str())
            });
            match read {
                Some(read) => {
                    let what = match &read.variable {
                        Some(variable) => format!("`{variable}`"),
                        None => "the environment".to_owned(),
                    };
                    Some(format!("its constructor reads {what} ({})", read.place))
                }
                None => cannot_tell(),
            }
        }
        Patched::Settings(names) => {
            let is_read = |read: &&Read| {
                let mut parts = read.text.split('.');
                parts.any(|part| part == "settings" || names.contains(&part))
            };
            said(constructor.reads.iter().find(is_read)).or_else(cannot_tell)
        }
        Patched::Dotted(path) => {
            let (owner, name) = path.rsplit_once('.')?;
            let home = owner_of(scene.resolver, owner);
            match &home {
                Some(home) => said(read_of(scene.resolver, constructor.reads.iter(), home, name)),
                None => None,
            }
            .or_else(|| path.split('.').any(is_settings).then(cannot_tell).flatten())
        }
        Patched::Attribute(owner, name) => {
            let origin = origin_in(scene, owner);
            let read = if let Some(home) = &origin {
                read_of(scene.resolver, constructor.reads.iter(), home, name)
            } else {
                // A fixture or local: its name is all that there is to go by.
                let owner = last_name(owner).filter(|owner| is_settings(owner))?;
                let is_named = |part: &str| part == owner || part == *name;
                constructor.reads.iter().find(|read| read.text.split('.').any(is_named))
            };
            let is_settings = last_name(owner).is_some_and(is_settings);
            said(read).or_else(|| is_settings.then(cannot_tell).flatten())
        }
    }
}

fn said(read: Option<&Read>) -> Option<String> {
    read.map(|read| format!("its constructor reads `{}` ({})", read.text, read.place))
}

/// What the dotted path of a patch's owner leads to: the longest module, then its attributes.
fn owner_of(resolver: &Resolver<'_, '_>, path: &str) -> Option<Origin> {
    let parts: Vec<&str> = path.split('.').collect();
    for length in (1..=parts.len()).rev() {
        let (module, rest) = parts.split_at_checked(length)?;
        let found = resolver.project().module(&module.join("."), None);
        if found == ModuleLookup::Missing {
            continue;
        }
        let mut origin = Origin::Module(found);
        for name in rest {
            origin = member(resolver, &origin, name)?;
        }
        return Some(origin);
    }
    None
}

/// What the expression leads to that a patch names as the owner of an attribute.
fn origin_in(scene: &Scene<'_>, owner: &Expr) -> Option<Origin> {
    let index = scene.objects.index;
    let names = &index.analysis.names;
    let mut root = owner;
    while let Expr::Attribute(attribute) = root {
        root = &attribute.value;
    }
    let reference = names.reference(index.reference_at(root.range())?);
    let prefixes = scene.resolver.reference(scene.file, index.analysis, reference, &mut Vec::new());
    let depth = slice(&index.analysis.source.text, owner.range()).matches('.').count();
    match prefixes.get(depth)?.certain()? {
        Origin::Local(_) | Origin::Broken(_) | Origin::Unknown(_) => None,
        origin => Some(origin.clone()),
    }
}

fn member(resolver: &Resolver<'_, '_>, of: &Origin, name: &str) -> Option<Origin> {
    let mut resolution = crate::resolve::Resolution::default();
    resolution.add(of.clone(), Vec::new());
    resolver.attribute_of_each(&resolution, name).certain().cloned()
}

/// The read that gets something else when `name` of `home` is patched.
fn read_of<'r>(
    resolver: &Resolver<'_, '_>,
    mut reads: impl Iterator<Item = &'r Read>,
    home: &Origin,
    name: &str,
) -> Option<&'r Read> {
    let patched = member(resolver, home, name)?;
    let module: Option<FileId> = match home {
        Origin::Module(ModuleLookup::File(file)) => Some(*file),
        _ => None,
    };
    reads.find(|read| {
        let is_it = read.origins.contains(&patched);
        // The name of a module is another one than the name under which somebody imported it.
        let sees_module_name =
            module.is_none_or(|module| read.file == module || read.origins.contains(home));
        is_it && sees_module_name
    })
}
