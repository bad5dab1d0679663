//! What functions leave patched: helpers that are called, context managers that are entered,
//! fixtures and `setUp`, in any file of the project.
//!
//! A patch holds for what stands in its `with`, and else for the rest of the function in which it
//! is made and for whoever called that. Knows nothing of the object that is built meanwhile.

use std::cell::{OnceCell, RefCell};
use std::rc::Rc;

use rustc_hash::FxHashMap;

use super::constructor::Constructor;
use super::flow::is_decorated;
use super::index::last_name;
use super::matters::matters;
use super::patches::{Event, FilePatches, Patched, by_call, is_scoped};
use super::told;
use crate::matching::fixtures::Fixtures;
use crate::project::{Analysis, FileId};
use crate::resolve::members::{Chain, ClassNode, Member, class_of_self};
use crate::resolve::{Origin, Resolver, SymbolId};
use crate::syntax::ast::{self, AnyNodeRef, Expr, ExprRef};
use crate::syntax::tree::{NodeId, Tree};
use crate::text::{Ranged, TextRange, TextSize, slice};

/// A patch that holds.
#[derive(Debug, Clone)]
pub(super) struct Held<'a> {
    pub(super) file: FileId,
    pub(super) analysis: &'a Analysis,
    /// The expression or statement that makes it.
    pub(super) range: TextRange,
    pub(super) patched: Patched<'a>,
}

/// A file whose code is looked at.
#[derive(Debug)]
pub(super) struct Code<'a> {
    pub(super) file: FileId,
    pub(super) analysis: &'a Analysis,
    pub(super) tree: Rc<Tree<'a>>,
    /// Made when it is asked for.
    patches: OnceCell<FilePatches<'a>>,
}

/// What a function leaves patched.
pub(super) type Left<'a> = Rc<Vec<Held<'a>>>;

/// Functions that call functions are followed this far.
const MAX_DEPTH: u32 = 5;

/// The files that the code of one file leads to, each read once.
pub(super) struct Codes<'a> {
    pub(super) resolver: &'a Resolver<'a, 'a>,
    own: Rc<Code<'a>>,
    others: RefCell<FxHashMap<FileId, Option<Rc<Code<'a>>>>>,
    left: RefCell<FxHashMap<(FileId, NodeId), Left<'a>>>,
    /// What each call leaves patched, as many sites ask after the same calls.
    by_call: RefCell<FxHashMap<(FileId, NodeId), Left<'a>>>,
    fixtures: OnceCell<Fixtures<'a>>,
    /// What holds where each function of the file is called, as seen by a class that is imported
    /// there.
    pub(super) at_calls: RefCell<FxHashMap<(NodeId, Option<TextSize>), Left<'a>>>,
    /// Why each patch matters to the constructor of a target, as many sites ask after the same.
    mattering: RefCell<FxHashMap<(usize, FileId, TextRange), Answers<'a>>>,
}

/// The patches of one expression or statement, and what is known of each.
type Answers<'a> = Vec<(Patched<'a>, Option<String>)>;

/// What a call leads to.
pub(super) struct Callee<'a> {
    pub(super) code: Rc<Code<'a>>,
    pub(super) node: NodeId,
    pub(super) function: &'a ast::StmtFunctionDef,
    /// What it patches lasts as long as the `with` whose object it makes.
    is_context: bool,
}

impl<'a> Codes<'a> {
    pub(super) fn new(
        resolver: &'a Resolver<'a, 'a>,
        file: FileId,
        analysis: &'a Analysis,
        tree: Rc<Tree<'a>>,
    ) -> Self {
        Self {
            resolver,
            own: Rc::new(Code { file, analysis, tree, patches: OnceCell::new() }),
            others: RefCell::default(),
            left: RefCell::default(),
            by_call: RefCell::default(),
            fixtures: OnceCell::new(),
            at_calls: RefCell::default(),
            mattering: RefCell::default(),
        }
    }

    /// Why a patch matters to the `constructor` of the target at this place in all; `None` where it
    /// certainly does not.
    pub(super) fn matters(
        &self,
        target: usize,
        constructor: &Constructor,
        held: &Held<'a>,
    ) -> Option<String> {
        if matches!(held.patched, Patched::Own(_)) {
            return None;
        }
        let mut all = self.mattering.borrow_mut();
        let answers = all.entry((target, held.file, held.range)).or_default();
        if let Some((_, known)) = answers.iter().find(|(patched, _)| *patched == held.patched) {
            return known.clone();
        }
        let why = matters(self.resolver, constructor, held);
        answers.push((held.patched.clone(), why.clone()));
        why
    }

    /// The file that is looked at.
    pub(super) fn own(&self) -> Rc<Code<'a>> {
        Rc::clone(&self.own)
    }

    /// Another one; `None` where it cannot be read.
    pub(super) fn code(&self, file: FileId) -> Option<Rc<Code<'a>>> {
        if file == self.own.file {
            return Some(self.own());
        }
        if let Some(known) = self.others.borrow().get(&file) {
            return known.clone();
        }
        let analysis = self.resolver.project().analysis(file).ok();
        let code = analysis.map(|analysis| {
            let tree = Rc::new(Tree::new(&analysis.module));
            Rc::new(Code { file, analysis, tree, patches: OnceCell::new() })
        });
        self.others.borrow_mut().insert(file, code.clone());
        code
    }

    /// The fixtures that the tests of the file see.
    pub(super) fn fixtures(&self) -> &Fixtures<'a> {
        let own = &self.own;
        self.fixtures.get_or_init(|| Fixtures::of(self.resolver, own.file, own.analysis))
    }

    /// What the own code of a function, or of the module, patches before `site` and has not taken
    /// back there.
    pub(super) fn before(
        &self,
        code: &Rc<Code<'a>>,
        owner: NodeId,
        site: TextRange,
    ) -> Vec<(NodeId, Held<'a>)> {
        self.made_in(code, owner, Some(site.start()), site, 0)
    }

    /// What a function leaves patched when it has returned, or yields.
    pub(super) fn left_by(&self, code: &Rc<Code<'a>>, function: NodeId) -> Left<'a> {
        self.left_below(code, function, 0)
    }

    fn left_below(&self, code: &Rc<Code<'a>>, function: NodeId, depth: u32) -> Left<'a> {
        let key = (code.file, function);
        if let Some(known) = self.left.borrow().get(&key) {
            return Rc::clone(known);
        }
        if depth > MAX_DEPTH {
            return Rc::default();
        }
        // One that calls itself leaves what else it patches.
        self.left.borrow_mut().insert(key, Rc::default());
        let yields = code.first_yield(function);
        let site = yields.unwrap_or_default();
        let made = self.made_in(code, function, yields.map(TextRange::start), site, depth);
        let left: Left<'a> = Rc::new(made.into_iter().map(|(_, held)| held).collect());
        self.left.borrow_mut().insert(key, Rc::clone(&left));
        left
    }

    /// What holds at `site` of what a function's own code patches before an offset.
    fn made_in(
        &self,
        code: &Rc<Code<'a>>,
        owner: NodeId,
        before: Option<TextSize>,
        site: TextRange,
        depth: u32,
    ) -> Vec<(NodeId, Held<'a>)> {
        let mut made: Vec<(NodeId, Held<'a>)> = Vec::new();
        for (node, event) in code.patches().of(owner).iter() {
            if before.is_some_and(|before| code.tree.node(*node).end() > before) {
                continue;
            }
            match event {
                Event::Made(patched) => made.push((*node, code.held(*node, patched.clone()))),
                Event::Undone => made.clear(),
                Event::Called => {
                    let left = self.called_once(code, *node, depth);
                    made.extend(left.iter().map(|held| (*node, held.clone())));
                }
            }
        }
        made.retain(|(node, _)| !code.is_over(*node, site));
        made
    }

    /// The same as `called`, worked out once for each call that is asked after by a site.
    fn called_once(&self, code: &Rc<Code<'a>>, node: NodeId, depth: u32) -> Left<'a> {
        let key = (code.file, node);
        if let Some(known) = self.by_call.borrow().get(&key).filter(|_| depth == 0) {
            return Rc::clone(known);
        }
        let left: Left<'a> = Rc::new(self.called(code, node, depth));
        if depth == 0 {
            self.by_call.borrow_mut().insert(key, Rc::clone(&left));
        }
        left
    }

    /// What a call of a function of the project leaves patched.
    fn called(&self, code: &Rc<Code<'a>>, node: NodeId, depth: u32) -> Vec<Held<'a>> {
        let AnyNodeRef::ExprCall(call) = code.tree.node(node) else { return Vec::new() };
        let Some(callee) = self.callee(code, &call.func) else { return Vec::new() };
        // A context manager that nobody enters does nothing.
        let is_run = if callee.is_context {
            code.is_entered(node)
        } else {
            callee.code.first_yield(callee.node).is_none()
        };
        if is_run { self.left_by_call(&callee, (code, node, call), depth) } else { Vec::new() }
    }

    /// What holds in a `with` whose object an expression makes, or in a function that it decorates.
    pub(super) fn entered(&self, code: &Rc<Code<'a>>, node: NodeId) -> Vec<Held<'a>> {
        let AnyNodeRef::ExprCall(call) = code.tree.node(node) else { return Vec::new() };
        let own = by_call(call);
        if !own.is_empty() {
            return own.into_iter().map(|patched| code.held(node, patched)).collect();
        }
        match self.callee(code, &call.func).filter(|callee| callee.is_context) {
            Some(callee) => self.left_by_call(&callee, (code, node, call), 0),
            None => Vec::new(),
        }
    }

    /// What a decorator of the project patches around what it decorates: by the functions that it
    /// is made of.
    pub(super) fn wrapped(&self, code: &Rc<Code<'a>>, decorator: &Expr) -> Vec<Held<'a>> {
        let callee = match decorator {
            Expr::Call(call) => &*call.func,
            callee => callee,
        };
        let Some(callee) = self.callee(code, callee).filter(|callee| !callee.is_context) else {
            return Vec::new();
        };
        let around = callee.function.range;
        let is_inside = |range: TextRange| range != around && around.contains_range(range);
        let mut held = Vec::new();
        for (id, function) in &callee.code.patches().functions {
            if !is_inside(function.range) {
                continue;
            }
            for (node, event) in callee.code.patches().of(*id).iter() {
                match event {
                    Event::Made(patched) => held.push(callee.code.held(*node, patched.clone())),
                    Event::Called => held.extend(self.called(&callee.code, *node, 0)),
                    Event::Undone => {}
                }
            }
        }
        held
    }

    fn left_by_call(
        &self,
        callee: &Callee<'a>,
        (code, node, call): (&Code<'a>, NodeId, &'a ast::ExprCall),
        depth: u32,
    ) -> Vec<Held<'a>> {
        let left = self.left_below(&callee.code, callee.node, depth + 1);
        let told = left.iter().filter_map(|held| match held.patched {
            Patched::Own(name) => told::owned(code, (node, call), name),
            _ => Some(told::narrowed(callee, call, held)),
        });
        told.collect()
    }

    fn callee(&self, code: &Rc<Code<'a>>, expr: &Expr) -> Option<Callee<'a>> {
        let analysis = code.analysis;
        let chain = Chain::of(analysis, ExprRef::from(expr))?;
        if let [attribute] = chain.attributes()
            && let Some(class) = class_of_self(code.file, analysis, chain.reference)
        {
            return self.method(class, analysis.names.text(*attribute));
        }
        let found = self.resolver.chain(code.file, analysis, chain);
        let Origin::Symbol(symbol) = found.certain()? else { return None };
        let code = self.code(symbol.file)?;
        if let Some(range) = code.function_named(&symbol.name) {
            return callee_of(code, range);
        }
        // Ex) `settings.load` of `settings = Settings()`
        if let Some((object, method)) = symbol.name.rsplit_once('.') {
            let object = SymbolId { file: symbol.file, name: object.to_owned() };
            return self.method(self.resolver.class_of(&object)?, method);
        }
        // A class that is a context manager.
        let range = code.function_named(&format!("{}.__enter__", symbol.name))?;
        let callee = callee_of(code, range)?;
        Some(Callee { is_context: true, ..callee })
    }

    fn method(&self, class: ClassNode<'a>, name: &str) -> Option<Callee<'a>> {
        let members = self.resolver.members(class, name);
        let [(class, Member::Method(function))] = members.as_slice() else { return None };
        callee_of(self.code(class.file)?, function.range)
    }
}

fn callee_of(code: Rc<Code<'_>>, function: TextRange) -> Option<Callee<'_>> {
    let (node, function) = code.function_at(function)?;
    let is_context = is_decorated(function, &["contextmanager", "asynccontextmanager"]);
    Some(Callee { code, node, function, is_context })
}

impl<'a> Code<'a> {
    fn patches(&self) -> &FilePatches<'a> {
        self.patches.get_or_init(|| FilePatches::new(Rc::clone(&self.tree)))
    }

    pub(super) fn held(&self, node: NodeId, patched: Patched<'a>) -> Held<'a> {
        let range = self.tree.node(node).range();
        Held { file: self.file, analysis: self.analysis, range, patched }
    }

    /// The function of this range.
    pub(super) fn function_at(
        &self,
        range: TextRange,
    ) -> Option<(NodeId, &'a ast::StmtFunctionDef)> {
        self.patches().functions.iter().copied().find(|(_, one)| one.range == range)
    }

    /// The last definition of `name`, or of `Class.name`, in the module.
    fn function_named(&self, name: &str) -> Option<TextRange> {
        let (class, name) = match name.split_once('.') {
            Some((class, name)) => (Some(class), name),
            None => (None, name),
        };
        let is_in = |id: NodeId| {
            let around = self.tree.ancestors(id).find_map(|id| match self.tree.node(id) {
                AnyNodeRef::StmtClassDef(class) => Some(Some(class.name.as_str())),
                AnyNodeRef::StmtFunctionDef(_) | AnyNodeRef::ModModule(_) => Some(None),
                _ => None,
            });
            around.flatten() == class
        };
        let mut functions = self.patches().functions.iter().rev();
        let found = functions.find(|(id, one)| one.name.as_str() == name && is_in(*id))?;
        Some(found.1.range)
    }

    /// Where a function first yields.
    fn first_yield(&self, function: NodeId) -> Option<TextRange> {
        let is_own = |id: NodeId| {
            let mut around = self.tree.ancestors(id);
            let inner = around.find(|&id| {
                matches!(
                    self.tree.node(id),
                    AnyNodeRef::StmtFunctionDef(_) | AnyNodeRef::ExprLambda(_)
                )
            });
            inner == Some(function)
        };
        self.tree.inside(function).find_map(|(id, node)| {
            let is_yield = matches!(node, AnyNodeRef::ExprYield(_) | AnyNodeRef::ExprYieldFrom(_));
            (is_yield && is_own(id)).then(|| node.range())
        })
    }

    /// Whether a patch does not hold at `site`: it is the object of a `with`, or was made inside
    /// one that puts everything back, and `site` is not in it; or it is only described.
    fn is_over(&self, patch: NodeId, site: TextRange) -> bool {
        let tree = &self.tree;
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

    /// Whether a context manager is entered that an expression makes.
    fn is_entered(&self, node: NodeId) -> bool {
        let around = self.tree.ancestors(node).find(|&id| {
            !matches!(self.tree.node(id), AnyNodeRef::Arguments(_) | AnyNodeRef::ExprAwait(_))
        });
        match around.map(|id| self.tree.node(id)) {
            Some(AnyNodeRef::WithItem(_)) => true,
            Some(AnyNodeRef::ExprCall(call)) => matches!(
                last_name(&call.func),
                Some(
                    "enter_context" | "enterContext" | "enter_async_context" | "enterClassContext"
                )
            ),
            Some(AnyNodeRef::ExprAttribute(attribute)) => attribute.attr.as_str() == "__enter__",
            _ => false,
        }
    }

    /// Whether a patch takes place: `patch(…)` of `unittest.mock` waits for a `with` or `start`.
    fn is_started(&self, patch: NodeId) -> bool {
        let tree = &self.tree;
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

    /// Whether `target.start()` follows in the function of `statement`, or `with target:`.
    fn is_started_later(&self, statement: NodeId, target: &Expr) -> bool {
        let tree = &self.tree;
        let text = |range| slice(&self.analysis.source.text, range);
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
}
