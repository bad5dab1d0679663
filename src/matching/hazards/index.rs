//! The names of one file as nodes of its tree: which expression is which use, which attribute
//! belongs to which class.
//!
//! Built once for a file that has sites. Knows nothing of the sites.

mod places;

use std::cell::{OnceCell, RefCell};

use rustc_hash::{FxHashMap, FxHashSet};

use super::flow;
use super::follow::How;
use crate::matching::fixtures::fixture_name;
use crate::project::Analysis;
use crate::semantic::{BindingId, BindingKind, NameId, ReferenceId, ScopeId};
use crate::syntax::ast::{self, AnyNodeRef, Expr};
use crate::syntax::tree::{NodeId, Tree};
use crate::text::{RangeMap, Ranged, TextRange};

/// A class of the file, by its place among them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ClassId(usize);

/// A class of which objects are followed, by its place among those that the index was made for; the
/// first one by default.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct FluentId(pub usize);

/// What a chain of attributes starts from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Root {
    /// An instance of a class of the file, or the class: `self`, `cls`, its name.
    Class(ClassId),
    /// A name of a scope.
    Name(ScopeId, NameId),
    /// A parameter of this name, of any function.
    Parameter(NameId),
}

/// What a call runs.
#[derive(Debug, Clone, Copy)]
pub enum Callee<'a> {
    /// A function of the file.
    Function(&'a ast::StmtFunctionDef),
    /// The constructor of a class of the file.
    Class(ClassId),
}

/// A chain of attributes: where an object may be kept.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Place {
    /// What it starts from.
    pub root: Root,
    /// The attributes, at least one.
    pub path: Vec<NameId>,
}

/// The index of one file.
///
/// Most files have one site, which asks for little: each table is made when it is asked for.
#[derive(Debug)]
pub struct Index<'a> {
    /// The file.
    pub analysis: &'a Analysis,
    /// Its nodes.
    pub tree: &'a Tree<'a>,
    bindings: OnceCell<RangeMap<BindingId>>,
    /// The classes, in the order of the text.
    classes: Vec<Class<'a>>,
    class_names: FxHashSet<&'a str>,
    /// The functions, in the order of the text.
    functions: Vec<(NodeId, &'a ast::StmtFunctionDef)>,
    /// The names that hold an instance of a class of the file, or the class.
    selves: OnceCell<FxHashMap<BindingId, ClassId>>,
    places: RefCell<Places>,
    /// The attributes of classes that hold objects of classes of the file.
    held: OnceCell<FxHashMap<(ClassId, NameId), ClassId>>,
    fixture_parameters: OnceCell<FxHashMap<String, Vec<BindingId>>>,
    /// The parameters of functions, by name; those of methods that are the object are not there.
    parameters: OnceCell<FxHashMap<NameId, Vec<BindingId>>>,
    /// The methods and properties that give the object itself, or may, for each class of which
    /// objects are followed.
    fluent: Vec<FxHashSet<String>>,
}

#[derive(Debug)]
struct Class<'a> {
    node: &'a ast::StmtClassDef,
    /// The classes of the file that it is derived from, and that are derived from it.
    related: Vec<ClassId>,
    /// Those of them that it is derived from.
    above: Vec<ClassId>,
}

/// The places whose paths begin with the attributes that were asked for.
#[derive(Debug, Default)]
struct Places {
    read: FxHashSet<NameId>,
    nodes: FxHashMap<Place, Vec<NodeId>>,
}

impl<'a> Index<'a> {
    /// Reads the file.
    pub fn new(analysis: &'a Analysis, tree: &'a Tree<'a>) -> Self {
        let (mut classes, mut functions) = (Vec::new(), Vec::new());
        for (id, node) in tree.nodes() {
            match node {
                AnyNodeRef::StmtClassDef(node) => {
                    classes.push(Class { node, related: Vec::new(), above: Vec::new() });
                }
                AnyNodeRef::StmtFunctionDef(function) => functions.push((id, function)),
                _ => {}
            }
        }
        let class_names = classes.iter().map(|class| class.node.name.as_str()).collect();
        let mut index = Self {
            analysis,
            tree,
            bindings: OnceCell::new(),
            classes,
            class_names,
            functions,
            selves: OnceCell::new(),
            places: RefCell::default(),
            held: OnceCell::new(),
            fixture_parameters: OnceCell::new(),
            parameters: OnceCell::new(),
            fluent: Vec::new(),
        };
        index.derivations();
        index
    }

    /// The index for objects of one more class, of which these methods and properties give the
    /// object itself.
    #[must_use]
    pub fn with_fluent<'n>(mut self, names: impl IntoIterator<Item = &'n String>) -> Self {
        self.fluent.push(names.into_iter().cloned().collect());
        self
    }

    /// The expression that gives the object itself where `attribute` is read from it: that, or its
    /// call.
    pub fn fluent(&self, of: FluentId, attribute: NodeId) -> Option<NodeId> {
        let AnyNodeRef::ExprAttribute(read) = self.tree.node(attribute) else { return None };
        let names = self.fluent.get(of.0)?;
        if !read.ctx.is_load() || !names.contains(read.attr.as_str()) {
            return None;
        }
        let parent = self.tree.parent(attribute)?;
        match self.tree.node(parent) {
            AnyNodeRef::ExprCall(call) if call.func.range() == read.range => Some(parent),
            _ => Some(attribute),
        }
    }

    /// The bindings of a name that are parameters of functions, where one of them is `binding`: what
    /// a framework hands to several functions has one name in them.
    pub fn parameters_like(&self, binding: BindingId) -> &[BindingId] {
        let names = &self.analysis.names;
        let parameters = self.parameters.get_or_init(|| {
            let selves = self.selves.get_or_init(|| self.selves());
            let mut all: FxHashMap<NameId, Vec<BindingId>> = FxHashMap::default();
            for (id, binding) in names.bindings() {
                if binding.kind == BindingKind::Parameter && !selves.contains_key(&id) {
                    all.entry(binding.name).or_default().push(id);
                }
            }
            all
        });
        let like = parameters.get(&names.binding(binding).name);
        like.filter(|like| like.contains(&binding)).map_or(&[], |like| like)
    }

    /// The binding whose name is written at `range`.
    pub fn binding_at(&self, range: TextRange) -> Option<BindingId> {
        let bindings = self.bindings.get_or_init(|| {
            let all = self.analysis.names.bindings();
            all.map(|(id, binding)| (binding.range, id)).collect()
        });
        bindings.last(range).copied()
    }

    /// The use of a name that is written at `range`.
    pub fn reference_at(&self, range: TextRange) -> Option<ReferenceId> {
        self.analysis.names.reference_at(range)
    }

    /// The uses that a binding may reach.
    pub fn uses(&self, binding: BindingId) -> Vec<ReferenceId> {
        let names = &self.analysis.names;
        let bound = names.binding(binding);
        let candidates = names.references_to(bound.scope, bound.name).iter().copied();
        let reaches =
            |id: &ReferenceId| names.reach(names.reference(*id)).bindings.contains(&binding);
        candidates.filter(reaches).collect()
    }

    /// The expression that is a use's name alone.
    pub fn name_node(&self, reference: ReferenceId) -> Option<NodeId> {
        self.tree.expression_at(self.analysis.names.reference(reference).range)
    }

    /// The function whose name stands last before `name`, which is its parameter if it is one.
    pub fn parameters_of(&self, name: TextRange) -> Option<&'a ast::StmtFunctionDef> {
        let after = self.functions.partition_point(|(_, one)| one.name.start() < name.start());
        self.functions.get(after.checked_sub(1)?).map(|(_, function)| *function)
    }

    /// The function that a binding defines.
    pub fn function(&self, binding: BindingId) -> Option<&'a ast::StmtFunctionDef> {
        let name = self.analysis.names.binding(binding).range;
        let start = |(_, function): &(_, &ast::StmtFunctionDef)| function.name.range.start();
        let at = self.functions.binary_search_by_key(&name.start(), start).ok()?;
        self.functions.get(at).map(|(_, function)| *function).filter(|one| one.name.range == name)
    }

    /// The function or class of the file that a name means where it is called.
    pub fn called(&self, name: TextRange) -> Option<Callee<'a>> {
        let names = &self.analysis.names;
        let reach = names.reach(names.reference(self.reference_at(name)?));
        let [id] = reach.bindings.as_slice() else { return None };
        let binding = names.binding(*id);
        match binding.kind {
            BindingKind::Function => self.function(*id).map(Callee::Function),
            BindingKind::Class => self.class_at(binding.statement).map(Callee::Class),
            // PEP 8: "Always use cls for the first argument to class methods."
            BindingKind::Parameter if names.text(binding.name) == "cls" => {
                let selves = self.selves.get_or_init(|| self.selves());
                selves.get(id).copied().map(Callee::Class)
            }
            _ => None,
        }
    }

    /// The function that this statement defines.
    pub fn function_at(&self, range: TextRange) -> Option<NodeId> {
        let start = |(_, function): &(_, &ast::StmtFunctionDef)| function.range.start();
        let at = self.functions.binary_search_by_key(&range.start(), start).ok()?;
        self.functions.get(at).filter(|(_, one)| one.range == range).map(|(id, _)| *id)
    }

    /// The parameters by which tests and fixtures of the file ask for a fixture.
    pub fn fixture_parameters(&self, name: &str) -> Vec<BindingId> {
        let parameters = self.fixture_parameters.get_or_init(|| self.fixtures_wanted());
        parameters.get(name).cloned().unwrap_or_default()
    }

    /// The calls by which tests and fixtures of the file ask for a fixture while they run:
    /// `request.getfixturevalue("name")`.
    pub fn fixture_values(&self, name: &str) -> Vec<NodeId> {
        let asks = |call: &&&ast::ExprCall| {
            last_name(&call.func) == Some("getfixturevalue")
                && call.arguments.find_argument_value("argname", 0).is_some_and(|asked| {
                    let asked = asked.as_string_literal_expr();
                    asked.is_some_and(|asked| asked.value.to_str() == name)
                })
        };
        let calls = self.tree.calls().iter().filter(asks);
        calls.filter_map(|call| self.tree.expression_at(call.range)).collect()
    }

    /// The class that this statement defines.
    pub fn class_at(&self, range: TextRange) -> Option<ClassId> {
        let start = |class: &Class<'_>| class.node.range.start();
        let at = self.classes.binary_search_by_key(&range.start(), start).ok()?;
        self.classes.get(at).filter(|class| class.node.range == range).map(|_| ClassId(at))
    }

    /// The class whose body a node stands in directly: no function is between them.
    pub fn class_around(&self, node: NodeId) -> Option<ClassId> {
        let around = self.tree.ancestors(node).map(|id| self.tree.node(id));
        let mut around = around.filter(|node| {
            matches!(
                node,
                AnyNodeRef::StmtClassDef(_)
                    | AnyNodeRef::StmtFunctionDef(_)
                    | AnyNodeRef::ExprLambda(_)
            )
        });
        around.next().and_then(|node| self.class_at(node.range()))
    }

    /// The statement that defines a class.
    pub fn class(&self, id: ClassId) -> Option<&'a ast::StmtClassDef> {
        self.classes.get(id.0).map(|class| class.node)
    }

    /// A class, the classes of the file that it is derived from, and those derived from it.
    pub fn family(&self, id: ClassId) -> impl Iterator<Item = ClassId> {
        let related = self.classes.get(id.0).map_or(&[][..], |class| &class.related);
        std::iter::once(id).chain(related.iter().copied())
    }

    /// The first parameters of methods.
    fn selves(&self) -> FxHashMap<BindingId, ClassId> {
        let mut selves = FxHashMap::default();
        for (id, function) in &self.functions {
            let Some(class) = self.class_around(*id) else { continue };
            let is_static = function
                .decorator_list
                .iter()
                .any(|decorator| last_name(&decorator.expression) == Some("staticmethod"));
            let parameters = &function.parameters;
            let first = parameters.posonlyargs.iter().chain(&parameters.args).next();
            if let Some(first) = first.filter(|_| !is_static)
                && let Some(binding) = self.binding_at(first.parameter.name.range)
            {
                selves.insert(binding, class);
            }
        }
        self.add_declared(&mut selves);
        self.add_objects(&mut selves);
        selves
    }

    /// Adds the parameters that are declared to be objects of a class of the file.
    fn add_declared(&self, selves: &mut FxHashMap<BindingId, ClassId>) {
        if self.classes.is_empty() {
            return;
        }
        for (_, function) in &self.functions {
            for parameter in function.parameters.iter_non_variadic_params() {
                let declared = parameter.parameter.annotation.as_deref();
                let class = declared.and_then(Expr::as_name_expr);
                if let Some(class) = class.and_then(|name| self.class_named(name))
                    && let Some(binding) = self.binding_at(parameter.parameter.name.range)
                {
                    selves.insert(binding, class);
                }
            }
        }
    }

    /// Adds the names of objects that are built here, and those that are other names of one.
    fn add_objects(&self, selves: &mut FxHashMap<BindingId, ClassId>) {
        if self.classes.is_empty() {
            return;
        }
        let names = &self.analysis.names;
        let calls = self.built();
        let built: FxHashMap<TextRange, ClassId> = calls.iter().copied().collect();
        for (id, binding) in names.bindings() {
            let BindingKind::Assignment { value, alias_of, .. } = &binding.kind else { continue };
            let class = match alias_of {
                // Ex) `me = self`
                Some(reference) if names.reference(*reference).attributes.is_empty() => {
                    let reach = names.reach(names.reference(*reference));
                    reach.bindings.iter().find_map(|binding| selves.get(binding).copied())
                }
                // Ex) `service = Service(…)`
                _ => value.and_then(|value| built.get(&value).copied()),
            };
            if let Some(class) = class {
                selves.insert(id, class);
            }
        }
        // Ex) `first, second = Service(), Service()`
        for (range, class) in calls.into_iter().filter(|(range, _)| self.is_in_tuple(*range)) {
            let node = self.tree.expression_at(range);
            let targets = node.map(|node| flow::targets(self, node)).unwrap_or_default();
            let assigned = targets.into_iter().filter(|(_, how)| *how == How::Assigned);
            selves.extend(
                assigned.filter_map(|(name, _)| Some((self.binding_at(name.range())?, class))),
            );
        }
    }

    fn is_in_tuple(&self, range: TextRange) -> bool {
        let parent = self.tree.expression_at(range).and_then(|node| self.tree.parent(node));
        parent.is_some_and(|parent| self.tree.node(parent).is_expr_tuple())
    }

    /// The class of the file that a name may mean.
    fn class_named(&self, name: &ast::ExprName) -> Option<ClassId> {
        if !self.class_names.contains(name.id.as_str()) {
            return None;
        }
        let names = &self.analysis.names;
        let reach = names.reach(names.reference(self.reference_at(name.range)?));
        let found = reach.bindings.iter().map(|&id| names.binding(id));
        let mut found = found.filter(|binding| binding.kind == BindingKind::Class);
        found.find_map(|binding| self.class_at(binding.statement))
    }

    /// The calls that build an object of a class, or of one that is derived from it.
    pub fn builds(&self, class: ClassId) -> Vec<NodeId> {
        let is_it = |other: ClassId| {
            let above = self.classes.get(other.0).map(|class| &class.above);
            other == class || above.is_some_and(|above| above.contains(&class))
        };
        let built = self.built().into_iter().filter(|(_, class)| is_it(*class));
        built.filter_map(|(range, _)| self.tree.expression_at(range)).collect()
    }

    /// The calls of the file's classes by their names, in order.
    fn built(&self) -> Vec<(TextRange, ClassId)> {
        let calls =
            self.tree.calls().iter().filter_map(|call| {
                Some((call.range, self.class_named(call.func.as_name_expr()?)?))
            });
        calls.collect()
    }

    /// The parameters that pytest fills with fixtures, by name.
    fn fixtures_wanted(&self) -> FxHashMap<String, Vec<BindingId>> {
        let mut wanted: FxHashMap<String, Vec<BindingId>> = FxHashMap::default();
        for (_, function) in &self.functions {
            let is_asked = function.name.starts_with("test") || fixture_name(function).is_some();
            if !is_asked {
                continue;
            }
            let parameters = &function.parameters;
            for parameter in parameters.args.iter().chain(&parameters.kwonlyargs) {
                let name = &parameter.parameter.name;
                if let Some(binding) = self.binding_at(name.range) {
                    wanted.entry(name.to_string()).or_default().push(binding);
                }
            }
        }
        wanted
    }

    /// Which classes are derived from which.
    fn derivations(&mut self) {
        let names = &self.analysis.names;
        let mut bases: Vec<Vec<ClassId>> = Vec::new();
        for class in &self.classes {
            let arguments = class.node.arguments.as_deref();
            let given = arguments.map_or(&[][..], |arguments| &arguments.args);
            let found = given.iter().filter_map(|base| {
                let reference = names.reference(self.reference_at(base.range())?);
                let reach = names.reach(reference);
                reach.bindings.iter().find_map(|&id| self.class_at(names.binding(id).statement))
            });
            bases.push(found.collect());
        }
        for start in (0..bases.len()).map(ClassId) {
            let mut above = vec![start];
            let mut next = 0;
            while let Some(&class) = above.get(next) {
                next += 1;
                for &base in bases.get(class.0).into_iter().flatten() {
                    if !above.contains(&base) {
                        above.push(base);
                    }
                }
            }
            for &base in above.iter().skip(1) {
                if let Some(class) = self.classes.get_mut(start.0) {
                    class.related.push(base);
                    class.above.push(base);
                }
                if let Some(class) = self.classes.get_mut(base.0) {
                    class.related.push(start);
                }
            }
        }
    }
}

/// The last name of a callee or decorator: `c` of `a.b.c`, of `a.b.c(…)` and of `c[T]`.
pub fn last_name(expr: &Expr) -> Option<&str> {
    match expr {
        Expr::Name(name) => Some(name.id.as_str()),
        Expr::Attribute(attribute) => Some(attribute.attr.as_str()),
        Expr::Subscript(subscript) => last_name(&subscript.value),
        Expr::Call(call) => last_name(&call.func),
        _ => None,
    }
}
