//! TM109: the object takes the place of the shared one, or of what gives it.
//!
//! `mod.m = C()` where `mod.m` is the shared object asks for another one. To put the shared object
//! there would leave everything as it was.

use super::arms;
use super::class::origin_of;
use super::detect::{Detected, Scene};
use super::flow;
use super::follow::{CarrierId, Use};
use super::functions;
use super::index::last_name;
use super::shared::is_built;
use crate::matching::holder;
use crate::project::{FileId, ModuleLookup};
use crate::resolve::Origin;
use crate::semantic::BindingKind;
use crate::site::Reason;
use crate::strings::{Place, constant};
use crate::syntax::ast::{self, AnyNodeRef, Expr, ExprRef};
use crate::syntax::tree::NodeId;
use crate::text::{Ranged, TextRange};

/// An object, or what gives one when it is called.
#[derive(Debug, Clone, Copy)]
struct StandIn {
    node: NodeId,
    is_called: bool,
}

/// Whether the object takes the shared one's place where it is used.
pub(super) fn detect(scene: &Scene<'_>, used: Use) -> Option<Detected> {
    let stand_in = outwards(scene, StandIn { node: used.node, is_called: false });
    let replaced = Replaced { scene, place: &scene.place, stand_in };
    let said = replaced.said().or_else(|| replaced.said_of_attribute(used.node));
    said.map(|said| Detected::new(Reason::Identity, used, said))
}

/// Whether the function whose result the object is takes the place of one that gives the shared
/// object.
pub(super) fn of_function(scene: &Scene<'_>, carrier: CarrierId) -> Vec<Detected> {
    let Some(function) = scene.objects.function(carrier) else { return Vec::new() };
    let found = functions::names(scene.objects.index, function).into_iter().filter_map(|node| {
        let stand_in = StandIn { node, is_called: true };
        let said = Replaced { scene, place: &scene.place, stand_in }.said()?;
        let used = Use { node, source: node, is_fresh: false };
        Some(Detected::new(Reason::Identity, used, said))
    });
    found.collect()
}

/// From an object to the lambda or mock that gives it.
fn outwards(scene: &Scene<'_>, mut at: StandIn) -> StandIn {
    let tree = scene.tree();
    while let Some(parent) = tree.parent(at.node) {
        at.node = match tree.node(parent) {
            AnyNodeRef::ExprLambda(_) => parent,
            // Ex) `Mock(return_value=C())`
            AnyNodeRef::Keyword(keyword)
                if keyword.arg.as_ref().is_some_and(|name| name == "return_value") =>
            {
                match scene.call_of_argument(at.node) {
                    Some((node, call))
                        if last_name(&call.func).is_some_and(|name| name.ends_with("Mock")) =>
                    {
                        node
                    }
                    _ => return at,
                }
            }
            _ => return at,
        };
        at.is_called = true;
    }
    at
}

struct Replaced<'a> {
    scene: &'a Scene<'a>,
    place: &'a Place<'a>,
    stand_in: StandIn,
}

impl<'a> Replaced<'a> {
    fn said(&self) -> Option<String> {
        let scene = self.scene;
        let node = self.assigned().or_else(|| self.put())?;
        let what = if self.stand_in.is_called {
            "what gives the shared object"
        } else {
            "the shared object"
        };
        let (line, quoted) = (scene.line(node), scene.quoted(node));
        Some(format!("takes the place of {what} on line {line}: {quoted}"))
    }

    /// `m.items = C().items` where `m` is the shared object: one is made for what it has at first.
    fn said_of_attribute(&self, object: NodeId) -> Option<String> {
        let index = self.scene.objects.index;
        let tree = index.tree;
        let (mut value, mut names) = (object, Vec::new());
        while let Some(parent) = tree.parent(value)
            && let AnyNodeRef::ExprAttribute(attribute) = tree.node(parent)
        {
            names.push(attribute.attr.as_str());
            value = parent;
        }
        let is_own = |target: &Expr| {
            let mut of = target;
            for name in names.iter().rev() {
                let Expr::Attribute(attribute) = of else { return false };
                if attribute.attr.as_str() != *name {
                    return false;
                }
                of = &attribute.value;
            }
            let Place { resolver, file, analysis } = *self.place;
            origin_of(resolver, file, analysis, of)
                .is_some_and(|origin| self.is_any(&origin, false))
        };
        let targets = flow::targets(index, value);
        if names.is_empty() || !targets.iter().any(|(target, _)| is_own(target)) {
            return None;
        }
        let node = tree.parent(value).unwrap_or(value);
        let (line, quoted) = (self.scene.line(node), self.scene.quoted(node));
        Some(format!(
            "gives the shared object an attribute of a fresh one on line {line}: {quoted}"
        ))
    }

    /// `mod.m = C()`, `mod.__dict__["m"] = C()`, `overrides[get_m] = lambda: C()`, and a name that
    /// was imported: `global m; m = C()`
    fn assigned(&self) -> Option<NodeId> {
        let tree = self.scene.tree();
        let targets = flow::targets(self.scene.objects.index, self.stand_in.node);
        let is_shared = targets.iter().any(|(target, _)| match target {
            Expr::Attribute(attribute) => self.module(&attribute.value).is_some_and(|module| {
                self.is_shared(module, attribute.attr.as_str(), self.stand_in.is_called)
            }),
            Expr::Subscript(subscript) => self.is_item(&subscript.value, &subscript.slice),
            Expr::Name(name) => self.is_imported(name.range),
            _ => false,
        });
        let is_statement = |id: &NodeId| {
            matches!(tree.node(*id), AnyNodeRef::StmtAssign(_) | AnyNodeRef::StmtAnnAssign(_))
        };
        is_shared.then(|| {
            let around = tree.ancestors(self.stand_in.node).find(is_statement);
            around.unwrap_or(self.stand_in.node)
        })
    }

    /// The object is what a call puts somewhere.
    fn put(&self) -> Option<NodeId> {
        let tree = self.scene.tree();
        let node = self.stand_in.node;
        let range = tree.node(node).range();
        let parent = tree.parent(node)?;
        // Ex) `patch.dict(mod.__dict__, {"m": C()})`
        if let AnyNodeRef::ExprDict(dict) = tree.node(parent) {
            let item = dict.items.iter().find(|item| item.value.range() == range)?;
            let (call_node, call) = self.scene.call_of_argument(parent)?;
            let namespace = namespace_of(call)?;
            let is_put = self.is_item(namespace, item.key.as_ref()?);
            return is_put.then_some(call_node);
        }
        let (call_node, call) = self.scene.call_of_argument(node)?;
        self.is_put_by(call, range).then_some(call_node)
    }

    fn is_put_by(&self, call: &'a ast::ExprCall, value: TextRange) -> bool {
        let arguments = &call.arguments;
        let position = arguments.args.iter().position(|one| one.range() == value);
        let keywords = arguments.keywords.iter();
        let keyword = keywords
            .filter(|keyword| keyword.value.range() == value)
            .find_map(|keyword| keyword.arg.as_ref())
            .map(ast::Identifier::as_str);
        let argument = |name, position| arguments.find_argument_value(name, position);
        // What is put there when it is the mock that is called, or that a callable makes.
        let is_called = match keyword {
            Some("return_value") => true,
            Some("new_callable") => false,
            _ => self.stand_in.is_called,
        };
        let is_new = |at| {
            position == Some(at)
                || keyword == Some("new")
                || keyword == Some("return_value")
                || keyword == Some("new_callable") && self.stand_in.is_called
        };
        match last_name(&call.func) {
            Some("patch") if is_new(1) => {
                argument("target", 0).is_some_and(|target| self.is_dotted(target, is_called))
            }
            Some("object") if call.func.is_attribute_expr() && is_new(2) => {
                let names = argument("target", 0).zip(argument("attribute", 1));
                names.is_some_and(|(of, name)| self.is_attribute(of, name, is_called))
            }
            Some("setattr") => match (argument("target", 0), position, keyword) {
                (Some(of), Some(2), _) => {
                    argument("name", 1).is_some_and(|name| self.is_attribute(of, name, is_called))
                }
                (Some(of), _, Some("value")) => match argument("name", 1) {
                    Some(name) => self.is_attribute(of, name, is_called),
                    None => self.is_dotted(of, is_called),
                },
                (Some(of), Some(1), _) if arguments.len() == 2 || call.func.is_attribute_expr() => {
                    self.is_dotted(of, is_called)
                }
                _ => false,
            },
            Some("multiple") => keyword.zip(argument("target", 0)).is_some_and(|(name, of)| {
                let module = self.module(of).or_else(|| self.named_module(of));
                module.is_some_and(|module| self.is_shared(module, name, is_called))
            }),
            Some("setitem") if position == Some(2) || keyword == Some("value") => {
                let names = argument("dic", 0).zip(argument("name", 1));
                names.is_some_and(|(of, key)| self.is_item(of, key))
            }
            _ => {
                let of = namespace_of(call);
                let module = of.and_then(|of| self.namespace(of));
                keyword.zip(module).is_some_and(|(name, module)| {
                    self.is_shared(module, name, self.stand_in.is_called)
                })
            }
        }
    }

    /// The module whose names these are: `vars(mod)`, `mod.__dict__`, `"mod.__dict__"`
    fn namespace(&self, expr: &Expr) -> Option<FileId> {
        match expr {
            Expr::Attribute(attribute) if attribute.attr.as_str() == "__dict__" => {
                self.module(&attribute.value)
            }
            Expr::Call(call) if last_name(&call.func) == Some("vars") => {
                self.module(call.arguments.args.first()?)
            }
            Expr::StringLiteral(literal) => {
                let module = literal.value.to_str().strip_suffix(".__dict__")?;
                Some(holder::module_by_path(self.place, module)?.file)
            }
            _ => None,
        }
    }

    /// An item of a module's names, or the entry of a function that gives the shared object in a
    /// table of functions to call instead.
    fn is_item(&self, of: &Expr, key: &Expr) -> bool {
        if let Some(module) = self.namespace(of) {
            let name = constant(self.place, ExprRef::from(key));
            return name.is_some_and(|name| self.is_shared(module, &name, self.stand_in.is_called));
        }
        let Place { resolver, file, analysis } = *self.place;
        self.stand_in.is_called
            && origin_of(resolver, file, analysis, key)
                .is_some_and(|origin| self.is_any(&origin, true))
    }

    fn module(&self, expr: &Expr) -> Option<FileId> {
        Some(holder::module(self.place, ExprRef::from(expr))?.file)
    }

    fn named_module(&self, expr: &Expr) -> Option<FileId> {
        let name = constant(self.place, ExprRef::from(expr))?;
        Some(holder::module_by_path(self.place, &name)?.file)
    }

    /// `"app.m.m"`
    fn is_dotted(&self, target: &Expr, is_called: bool) -> bool {
        let Some(path) = constant(self.place, ExprRef::from(target)) else { return false };
        let Some((module, name)) = path.rsplit_once('.') else { return false };
        if let Some(module) = holder::module_by_path(self.place, module) {
            return self.is_shared(module.file, name, is_called);
        }
        self.is_any(&Origin::External(path), is_called)
    }

    /// `mod, "m"`
    fn is_attribute(&self, of: &Expr, name: &Expr, is_called: bool) -> bool {
        let name = constant(self.place, ExprRef::from(name));
        name.zip(self.module(of)).is_some_and(|(name, of)| self.is_shared(of, &name, is_called))
    }

    /// Whether a module's name is the shared object, an object of the class that this plan makes
    /// the shared one, or what gives it.
    fn is_shared(&self, module: FileId, name: &str, is_called: bool) -> bool {
        let resolver = self.place.resolver;
        let found = resolver.attribute_of(&ModuleLookup::File(module), name);
        let is_given = |symbol| {
            // Once migrated, the module calls what gives the shared object.
            let mut givers = self.scene.target.classes();
            givers.extend_from_slice(&self.scene.target.shared_facts.factories);
            is_built(resolver, &givers, symbol)
        };
        found.origins.iter().any(|(origin, _)| {
            self.is_any(origin, is_called)
                || matches!(origin, Origin::Symbol(symbol)
                    if !is_called && is_given(symbol))
        })
    }

    fn is_any(&self, origin: &Origin, is_called: bool) -> bool {
        let facts = &self.scene.target.shared_facts;
        let all = if is_called { &facts.factories } else { &facts.objects };
        all.contains(origin)
    }

    /// Whether a name of the file is imported as the shared object, and gets another one here.
    fn is_imported(&self, name: TextRange) -> bool {
        let index = self.scene.objects.index;
        let Some(id) = index.binding_at(name) else { return false };
        let Place { resolver, file, analysis } = *self.place;
        let names = &analysis.names;
        let binding = names.binding(id);
        let Some(symbol) = names.symbol(binding.scope, binding.name) else { return false };
        symbol.bindings.iter().any(|&other| {
            let imported = names.binding(other);
            let tree = self.scene.tree();
            let is_tried = || {
                let mut nodes = tree.nodes();
                let import = nodes.find(|(_, node)| node.range() == imported.statement);
                import.is_some_and(|(id, _)| arms::exclude(tree, id, self.stand_in.node))
            };
            matches!(imported.kind, BindingKind::ImportFrom { .. })
                && !is_tried()
                && resolver
                    .binding(file, analysis, other)
                    .0
                    .certain()
                    .is_some_and(|origin| self.is_any(origin, self.stand_in.is_called))
        })
    }
}

/// `names` of `patch.dict(names, …)` and of `names.update(…)`
fn namespace_of(call: &ast::ExprCall) -> Option<&Expr> {
    let method = call.func.as_attribute_expr()?;
    match method.attr.as_str() {
        "dict" => call.arguments.find_argument_value("in_dict", 0),
        "update" => Some(&method.value),
        _ => None,
    }
}
