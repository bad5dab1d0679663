//! Which expressions and statements patch the environment, settings, or any other name.
//!
//! Reads one node at a time; which of them hold where an object is built is for `environment`.

use std::cell::RefCell;
use std::rc::Rc;

use rustc_hash::FxHashMap;

use super::index::last_name;
use crate::syntax::ast::{self, AnyNodeRef, Expr};
use crate::syntax::tree::{NodeId, Tree};
use crate::text::Ranged;

/// Something that is patched.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Patched<'a> {
    /// Environment variables: these, or nobody can tell which.
    Environment(Option<Vec<&'a str>>),
    /// A name, by an expression whose text mocks take: `"app.config.settings.url"`.
    Dotted(&'a Expr),
    /// What the value of an expression holds, as a dict does; or of what a text names.
    Contents(&'a Expr),
    /// An attribute of the value of an expression.
    Attribute(&'a Expr, &'a str),
    /// A name of the module, which a function declares as `global`.
    Global(&'a str),
    /// Settings of these names, as a framework keeps them.
    Settings(Vec<&'a str>),
    /// An attribute of the object or class whose method does it.
    Own(&'a str),
    /// The folder that relative paths begin at.
    Folder,
}

/// Something that a function's own code does to patches.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Event<'a> {
    /// It patches.
    Made(Patched<'a>),
    /// It takes all of its patches back.
    Undone,
    /// It calls something that may patch.
    Called,
}

/// All patches of a file, by the function whose own code makes them.
#[derive(Debug)]
pub(super) struct FilePatches<'a> {
    tree: Rc<Tree<'a>>,
    /// Those of the functions that were asked after.
    events: RefCell<FxHashMap<NodeId, Events<'a>>>,
    /// The functions of the file.
    pub(super) functions: Vec<(NodeId, &'a ast::StmtFunctionDef)>,
}

/// What the own code of one function does, and where, in the order of the text.
pub(super) type Events<'a> = Rc<[(NodeId, Event<'a>)]>;

impl<'a> FilePatches<'a> {
    /// Those of the file whose tree this is.
    pub(super) fn new(tree: Rc<Tree<'a>>) -> Self {
        let functions = tree.nodes().filter_map(|(id, node)| match node {
            AnyNodeRef::StmtFunctionDef(function) => Some((id, function)),
            _ => None,
        });
        Self { functions: functions.collect(), events: RefCell::default(), tree }
    }

    /// What the own code of a function, or of the module, does.
    pub(super) fn of(&self, owner: NodeId) -> Events<'a> {
        if let Some(known) = self.events.borrow().get(&owner) {
            return Rc::clone(known);
        }
        let globals: Vec<&str> = self
            .own_code(owner)
            .filter_map(|(_, node)| match node {
                AnyNodeRef::StmtGlobal(global) => Some(&global.names),
                _ => None,
            })
            .flatten()
            .map(ast::Identifier::as_str)
            .collect();
        let found: Events<'a> = self
            .own_code(owner)
            .flat_map(|(id, node)| {
                let global = assigned_global(node, &globals);
                let made = global.map(|name| (id, Event::Made(Patched::Global(name))));
                events(id, node).into_iter().chain(made)
            })
            .collect();
        self.events.borrow_mut().insert(owner, Rc::clone(&found));
        found
    }

    /// The nodes that run when `owner` is called: nothing of functions and classes inside it, nor
    /// its decorators and defaults, which are evaluated elsewhere.
    fn own_code(&self, owner: NodeId) -> impl Iterator<Item = (NodeId, AnyNodeRef<'a>)> {
        let begins = match self.tree.node(owner) {
            AnyNodeRef::StmtFunctionDef(function) => function.body.first().map(Ranged::start),
            _ => None,
        };
        let mut skipped: Option<NodeId> = None;
        self.tree.inside(owner).skip(1).filter(move |(id, node)| {
            // What is inside a node stands right behind it.
            let is_inside = |outer| self.tree.parent(*id).is_some_and(|parent| parent >= outer);
            if skipped.is_some_and(is_inside) {
                return false;
            }
            let is_apart = matches!(
                node,
                AnyNodeRef::StmtFunctionDef(_)
                    | AnyNodeRef::ExprLambda(_)
                    | AnyNodeRef::StmtClassDef(_)
            );
            skipped = is_apart.then_some(*id);
            !is_apart && begins.is_none_or(|begins| node.start() >= begins)
        })
    }
}

/// The name of the module that a statement of a function assigns.
fn assigned_global<'a>(node: AnyNodeRef<'a>, globals: &[&str]) -> Option<&'a str> {
    let target = match node {
        AnyNodeRef::StmtAssign(assign) => assign.targets.first()?,
        AnyNodeRef::StmtAugAssign(assign) => &*assign.target,
        AnyNodeRef::StmtAnnAssign(assign) => &*assign.target,
        _ => return None,
    };
    target.as_name_expr().map(|name| name.id.as_str()).filter(|name| globals.contains(name))
}

/// What one node does to patches.
fn events(id: NodeId, node: AnyNodeRef<'_>) -> Vec<(NodeId, Event<'_>)> {
    let made = match node {
        AnyNodeRef::ExprCall(call) => {
            let made = by_call(call);
            match last_name(&call.func) {
                Some("undo") => return vec![(id, Event::Undone)],
                Some(_) if made.is_empty() => return vec![(id, Event::Called)],
                _ => made,
            }
        }
        node => by_assignment(node),
    };
    made.into_iter().map(|patched| (id, Event::Made(patched))).collect()
}

/// What a call patches while it holds, or from there on.
pub(super) fn by_call(call: &ast::ExprCall) -> Vec<Patched<'_>> {
    let Some(name) = last_name(&call.func) else { return Vec::new() };
    let argument = |name, at| call.arguments.find_argument_value(name, at);
    let first = call.arguments.args.first();
    let is_method = call.func.is_attribute_expr();
    match name {
        "patch" => argument("target", 0).map(dotted).into_iter().collect(),
        "dict" if is_patch(&call.func) => dict(call, argument("in_dict", 0)).into_iter().collect(),
        "object" if is_method => {
            attribute(argument("target", 0), argument("attribute", 1)).into_iter().collect()
        }
        "multiple" if is_method => {
            let Some(target) = argument("target", 0) else { return Vec::new() };
            let named = keyword_names(call).into_iter().filter(|name| *name != "target");
            named.map(|name| Patched::Attribute(target, name)).collect()
        }
        "setenv" | "delenv" if is_method => {
            vec![Patched::Environment(argument("name", 0).and_then(text).map(|name| vec![name]))]
        }
        "setitem" | "delitem" if is_method && argument("dic", 0).is_some_and(is_environ) => {
            vec![Patched::Environment(argument("name", 1).and_then(text).map(|name| vec![name]))]
        }
        "setitem" | "delitem" if is_method => {
            argument("dic", 0).and_then(contents).into_iter().collect()
        }
        // `monkeypatch.setattr("app.conf.url", value)` has no name apart.
        "setattr" | "delattr" => match (argument("target", 0), argument("name", 1)) {
            (Some(target), Some(name)) if text(target).is_none() => {
                attribute(Some(target), Some(name)).into_iter().collect()
            }
            (target, _) => target.map(dotted).into_iter().collect(),
        },
        "update" | "setdefault" | "pop" | "clear" | "popitem" if is_method => {
            environ_method(call, name).into_iter().collect()
        }
        "putenv" | "unsetenv" => {
            vec![Patched::Environment(first.and_then(text).map(|name| vec![name]))]
        }
        // Ex) `os.chdir(path)`, `monkeypatch.chdir(path)`, `contextlib.chdir(path)`
        "chdir" | "fchdir" => vec![Patched::Folder],
        "override_settings" | "modify_settings" => {
            vec![Patched::Settings(keyword_names(call))]
        }
        "load_dotenv"
        | "EnvironmentVarGuard"
        | "temp_environ"
        | "temp_env"
        | "set_env"
        | "override_env"
        | "mock_env"
        | "modified_environ"
        | "patch_env"
        | "environ" => {
            vec![Patched::Environment(None)]
        }
        _ => Vec::new(),
    }
}

/// What a statement or expression other than a call patches from there on.
pub(super) fn by_assignment(node: AnyNodeRef<'_>) -> Vec<Patched<'_>> {
    let targets: Vec<&Expr> = match node {
        AnyNodeRef::StmtAssign(assign) => assign.targets.iter().collect(),
        AnyNodeRef::StmtAugAssign(assign) => vec![&assign.target],
        AnyNodeRef::StmtDelete(delete) => delete.targets.iter().collect(),
        _ => return Vec::new(),
    };
    let mut found = Vec::new();
    for target in targets.into_iter().flat_map(parts) {
        match target {
            Expr::Subscript(subscript) if is_environ(&subscript.value) => {
                found.push(Patched::Environment(text(&subscript.slice).map(|name| vec![name])));
            }
            // Ex) `conf.OPTIONS["url"] = "x"`
            Expr::Subscript(subscript) => found.extend(contents(&subscript.value)),
            // Ex) `os.environ |= {…}`, `os.environ = {…}`
            Expr::Attribute(_) if is_environ(target) => found.push(Patched::Environment(None)),
            // Whose attribute it is, is asked where an object is built meanwhile.
            Expr::Attribute(attribute) if is_own(&attribute.value) => {
                found.push(Patched::Own(attribute.attr.as_str()));
            }
            Expr::Attribute(attribute) => {
                found.push(Patched::Attribute(&attribute.value, attribute.attr.as_str()));
            }
            _ => {}
        }
    }
    found
}

/// The targets that a target is made of.
///
/// Ex) `before, config.URL = config.URL, "x"`
fn parts(target: &Expr) -> Vec<&Expr> {
    match target {
        Expr::Tuple(tuple) => tuple.elts.iter().flat_map(parts).collect(),
        Expr::List(list) => list.elts.iter().flat_map(parts).collect(),
        Expr::Starred(starred) => parts(&starred.value),
        target => vec![target],
    }
}

/// Whether an expression is the object or class whose method this is, by the names of PEP 8.
pub(super) fn is_own(expr: &Expr) -> bool {
    matches!(expr, Expr::Name(name) if matches!(name.id.as_str(), "self" | "cls"))
}

/// What says which environment variable a call or statement sets.
pub(super) fn variable(node: AnyNodeRef<'_>) -> Option<&Expr> {
    match node {
        AnyNodeRef::ExprCall(call) => match last_name(&call.func)? {
            "setitem" | "delitem" => call.arguments.args.get(1),
            _ => call.arguments.args.first(),
        },
        AnyNodeRef::StmtAssign(assign) => match assign.targets.first()? {
            Expr::Subscript(subscript) => Some(&subscript.slice),
            _ => None,
        },
        AnyNodeRef::StmtDelete(delete) => match delete.targets.first()? {
            Expr::Subscript(subscript) => Some(&subscript.slice),
            _ => None,
        },
        _ => None,
    }
}

/// Whether a name is one under which programs keep their settings.
pub(super) fn is_settings(name: &str) -> bool {
    let name = name.to_lowercase();
    let is_last = |word: &&str| {
        let before = name.strip_suffix(word);
        before.is_some_and(|before| before.is_empty() || before.ends_with('_'))
    };
    ["settings", "config", "conf", "cfg", "env", "environ"].iter().any(is_last)
        || name.contains("settings")
        || name.contains("config")
}

fn dotted(path: &Expr) -> Patched<'_> {
    if text(path).is_some_and(is_environ_path) {
        Patched::Environment(None)
    } else {
        Patched::Dotted(path)
    }
}

/// Whether a dotted name is that of the environment, or of something in it.
pub(super) fn is_environ_path(path: &str) -> bool {
    ["os.environ", "os.getenv"].iter().any(|name| {
        path == *name
            || path.starts_with(&format!("{name}."))
            || path.ends_with(&format!(".{name}"))
    })
}

/// `patch.dict(os.environ, {"A": "b"}, C="d")`
fn dict<'a>(call: &'a ast::ExprCall, target: Option<&'a Expr>) -> Option<Patched<'a>> {
    let target = target?;
    let is_environment = is_environ(target)
        || text(target).is_some_and(|path| path == "os.environ" || path.ends_with(".environ"));
    if !is_environment {
        return Some(Patched::Contents(target));
    }
    let clears = keyword(call, "clear").or(call.arguments.args.get(2));
    let is_cleared = clears
        .is_some_and(|value| value.as_boolean_literal_expr().is_none_or(|literal| literal.value));
    let values = call.arguments.args.get(1).or(keyword(call, "values"));
    let mut names: Vec<&str> = keyword_names(call);
    names.retain(|name| !matches!(*name, "clear" | "values" | "in_dict"));
    match values {
        _ if is_cleared => return Some(Patched::Environment(None)),
        None => {}
        Some(values) => match keys(values) {
            Some(keys) => names.extend(keys),
            None => return Some(Patched::Environment(None)),
        },
    }
    Some(Patched::Environment(Some(names)))
}

/// `os.environ.update({"A": "b"})`, `os.environ.pop("A")`
fn environ_method<'a>(call: &'a ast::ExprCall, name: &str) -> Option<Patched<'a>> {
    let attribute = call.func.as_attribute_expr()?;
    if !is_environ(&attribute.value) {
        return contents(&attribute.value);
    }
    let first = call.arguments.args.first();
    Some(Patched::Environment(match name {
        "setdefault" | "pop" => first.and_then(text).map(|name| vec![name]),
        "update" => {
            let mut names = keyword_names(call);
            let is_plain = call.arguments.keywords.iter().all(|keyword| keyword.arg.is_some());
            match first.map(keys) {
                None => Some(names),
                Some(Some(keys)) => {
                    names.extend(keys);
                    Some(names)
                }
                Some(None) => None,
            }
            .filter(|_| is_plain)
        }
        _ => None,
    }))
}

fn attribute<'a>(target: Option<&'a Expr>, name: Option<&'a Expr>) -> Option<Patched<'a>> {
    let (target, name) = (target?, text(name?)?);
    let is_os = last_name(target) == Some("os");
    if is_environ(target) || is_os && matches!(name, "environ" | "getenv") {
        return Some(Patched::Environment(None));
    }
    Some(Patched::Attribute(target, name))
}

/// What a name or chain of attributes holds.
fn contents(of: &Expr) -> Option<Patched<'_>> {
    matches!(of, Expr::Name(_) | Expr::Attribute(_)).then_some(Patched::Contents(of))
}

/// `os.environ`, or `environ` that was imported from there.
pub(super) fn is_environ(expr: &Expr) -> bool {
    match expr {
        Expr::Attribute(attribute) => {
            attribute.attr.as_str() == "environ" && last_name(&attribute.value) == Some("os")
        }
        Expr::Name(name) => name.id.as_str() == "environ",
        _ => false,
    }
}

/// `patch.dict`, `mock.patch.dict`, `mocker.patch.dict`.
fn is_patch(callee: &Expr) -> bool {
    callee.as_attribute_expr().is_some_and(|one| last_name(&one.value) == Some("patch"))
}

fn keyword<'a>(call: &'a ast::ExprCall, name: &str) -> Option<&'a Expr> {
    call.arguments.find_keyword(name).map(|keyword| &keyword.value)
}

fn keyword_names(call: &ast::ExprCall) -> Vec<&str> {
    let keywords = call.arguments.keywords.iter();
    keywords.filter_map(|keyword| Some(keyword.arg.as_ref()?.as_str())).collect()
}

/// The keys of a dict display, where all are written out.
fn keys(expr: &Expr) -> Option<Vec<&str>> {
    match expr {
        Expr::Dict(dict) => dict.items.iter().map(|item| text(item.key.as_ref()?)).collect(),
        Expr::Call(call)
            if last_name(&call.func) == Some("dict") && call.arguments.args.is_empty() =>
        {
            let keywords = &call.arguments.keywords;
            keywords.iter().map(|keyword| Some(keyword.arg.as_ref()?.as_str())).collect()
        }
        _ => None,
    }
}

fn text(expr: &Expr) -> Option<&str> {
    expr.as_string_literal_expr().map(|literal| literal.value.to_str())
}

/// Whether what a call patches is put back when the `with` ends whose object it is.
pub(super) fn is_scoped(item: &Expr) -> bool {
    let Expr::Call(call) = item else { return false };
    !by_call(call).is_empty()
        // Ex) `with monkeypatch.context() as m:`
        || last_name(&call.func) == Some("context")
}
