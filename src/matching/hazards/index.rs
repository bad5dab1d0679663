//! The names of one file as nodes of its tree: which expression is which use, which attribute
//! belongs to which class.
//!
//! Built once for a file that has sites. Knows nothing of the sites.

use rustc_hash::FxHashMap;

use crate::matching::fixtures::fixture_name;
use crate::project::Analysis;
use crate::semantic::{BindingId, BindingKind, NameId, ReferenceId, ScopeId};
use crate::syntax::ast::{self, AnyNodeRef, Expr};
use crate::syntax::tree::{NodeId, Tree};
use crate::text::{Ranged, TextRange};

/// A class of the file, by its place among them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ClassId(usize);

/// What a chain of attributes starts from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Root {
    /// An instance of a class of the file, or the class: `self`, `cls`, its name.
    Class(ClassId),
    /// A name of a scope.
    Name(ScopeId, NameId),
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
#[derive(Debug)]
pub struct Index<'a> {
    /// The file.
    pub analysis: &'a Analysis,
    /// Its nodes.
    pub tree: &'a Tree<'a>,
    bindings: FxHashMap<TextRange, BindingId>,
    references: FxHashMap<(ScopeId, NameId), Vec<ReferenceId>>,
    reference_at: FxHashMap<TextRange, ReferenceId>,
    classes: Vec<Class<'a>>,
    class_of_node: FxHashMap<TextRange, ClassId>,
    /// The parameters that hold an instance of their class, or the class.
    selves: FxHashMap<BindingId, ClassId>,
    places: FxHashMap<Place, Vec<NodeId>>,
    /// The functions, by their names' ranges.
    functions: FxHashMap<TextRange, &'a ast::StmtFunctionDef>,
    fixture_parameters: FxHashMap<&'a str, Vec<BindingId>>,
}

#[derive(Debug)]
struct Class<'a> {
    node: &'a ast::StmtClassDef,
    /// The classes of the file that it is derived from, and that are derived from it.
    related: Vec<ClassId>,
}

impl<'a> Index<'a> {
    /// Reads the file.
    pub fn new(analysis: &'a Analysis, tree: &'a Tree<'a>) -> Self {
        let names = &analysis.names;
        let mut index = Self {
            analysis,
            tree,
            bindings: names.bindings().map(|(id, binding)| (binding.range, id)).collect(),
            references: FxHashMap::default(),
            reference_at: FxHashMap::default(),
            classes: Vec::new(),
            class_of_node: FxHashMap::default(),
            selves: FxHashMap::default(),
            places: FxHashMap::default(),
            functions: FxHashMap::default(),
            fixture_parameters: FxHashMap::default(),
        };
        for (id, reference) in names.references().filter(|(_, reference)| !reference.in_string) {
            index.reference_at.insert(reference.range, id);
            if let Some(owner) = reference.owner {
                index.references.entry((owner, reference.name)).or_default().push(id);
            }
        }
        index.classes();
        index.places();
        index
    }

    /// The binding whose name is written at `range`.
    pub fn binding_at(&self, range: TextRange) -> Option<BindingId> {
        self.bindings.get(&range).copied()
    }

    /// The use of a name that is written at `range`.
    pub fn reference_at(&self, range: TextRange) -> Option<ReferenceId> {
        self.reference_at.get(&range).copied()
    }

    /// The uses that a binding may reach.
    pub fn uses(&self, binding: BindingId) -> Vec<ReferenceId> {
        let names = &self.analysis.names;
        let bound = names.binding(binding);
        let candidates = self.references.get(&(bound.scope, bound.name));
        let reaches =
            |id: &ReferenceId| names.reach(names.reference(*id)).bindings.contains(&binding);
        candidates.into_iter().flatten().copied().filter(reaches).collect()
    }

    /// The expression that is a use's name alone.
    pub fn name_node(&self, reference: ReferenceId) -> Option<NodeId> {
        self.tree.expression_at(self.analysis.names.reference(reference).range)
    }

    /// The function that a binding defines.
    pub fn function(&self, binding: BindingId) -> Option<&'a ast::StmtFunctionDef> {
        self.functions.get(&self.analysis.names.binding(binding).range).copied()
    }

    /// The parameters by which tests and fixtures of the file ask for a fixture.
    pub fn fixture_parameters(&self, name: &str) -> Vec<BindingId> {
        self.fixture_parameters.get(name).cloned().unwrap_or_default()
    }

    /// The class that this statement defines.
    pub fn class_at(&self, range: TextRange) -> Option<ClassId> {
        self.class_of_node.get(&range).copied()
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

    /// The expressions that read or write a place, through any class of the family.
    pub fn at_place(&self, place: &Place) -> Vec<NodeId> {
        let mut found = Vec::new();
        match place.root {
            Root::Class(class) => {
                for root in self.family(class).map(Root::Class) {
                    let place = Place { root, path: place.path.clone() };
                    found.extend(self.places.get(&place).into_iter().flatten().copied());
                }
            }
            Root::Name(..) => found.extend(self.places.get(place).into_iter().flatten().copied()),
        }
        found.sort_unstable();
        found.dedup();
        found
    }

    /// The place that a chain of attributes is.
    pub fn place_of(&self, expr: &Expr) -> Option<Place> {
        let mut path = Vec::new();
        let mut root = expr;
        while let Expr::Attribute(attribute) = root {
            path.push(self.analysis.names.id(attribute.attr.as_str())?);
            root = &attribute.value;
        }
        path.reverse();
        let root = self.root(self.reference_at(root.range())?);
        (!path.is_empty()).then_some(Place { root, path })
    }

    fn root(&self, id: ReferenceId) -> Root {
        let names = &self.analysis.names;
        let reference = names.reference(id);
        let class = names.reach(reference).bindings.iter().find_map(|&binding| {
            let is_class = names.binding(binding).kind == BindingKind::Class;
            let class = || self.class_at(names.binding(binding).statement);
            self.selves.get(&binding).copied().or_else(|| is_class.then(class).flatten())
        });
        match class {
            Some(class) => Root::Class(class),
            None => Root::Name(reference.owner.unwrap_or(ScopeId::MODULE), reference.name),
        }
    }

    fn classes(&mut self) {
        let tree = self.tree;
        for (_, node) in tree.nodes() {
            let AnyNodeRef::StmtClassDef(class) = node else { continue };
            let id = ClassId(self.classes.len());
            self.classes.push(Class { node: class, related: Vec::new() });
            self.class_of_node.insert(class.range, id);
        }
        self.derivations();
        for (id, node) in tree.nodes() {
            let AnyNodeRef::StmtFunctionDef(function) = node else { continue };
            self.functions.insert(function.name.range, function);
            self.fixtures_wanted(function);
            let Some(class) = self.class_around(id) else { continue };
            let is_static = function
                .decorator_list
                .iter()
                .any(|decorator| last_name(&decorator.expression) == Some("staticmethod"));
            let parameters = &function.parameters;
            let first = parameters.posonlyargs.iter().chain(&parameters.args).next();
            if let Some(first) = first.filter(|_| !is_static)
                && let Some(binding) = self.binding_at(first.parameter.name.range)
            {
                self.selves.insert(binding, class);
            }
        }
    }

    /// The parameters that pytest fills with fixtures.
    fn fixtures_wanted(&mut self, function: &'a ast::StmtFunctionDef) {
        let is_asked = function.name.starts_with("test") || fixture_name(function).is_some();
        if !is_asked {
            return;
        }
        let parameters = &function.parameters;
        for parameter in parameters.args.iter().chain(&parameters.kwonlyargs) {
            let name = &parameter.parameter.name;
            if let Some(binding) = self.binding_at(name.range) {
                self.fixture_parameters.entry(name.as_str()).or_default().push(binding);
            }
        }
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
                }
                if let Some(class) = self.classes.get_mut(base.0) {
                    class.related.push(start);
                }
            }
        }
    }

    fn places(&mut self) {
        let names = &self.analysis.names;
        let mut places: FxHashMap<Place, Vec<NodeId>> = FxHashMap::default();
        for (id, reference) in names.references() {
            if reference.in_string || reference.attributes.is_empty() {
                continue;
            }
            let root = self.root(id);
            let Some(mut node) = self.name_node(id) else { continue };
            let mut path = Vec::new();
            for &attribute in &reference.attributes {
                let Some(parent) = self.tree.parent(node) else { break };
                node = parent;
                path.push(attribute);
                places.entry(Place { root, path: path.clone() }).or_default().push(node);
            }
        }
        self.places = places;
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
