//! Places: chains of attributes by which an object is kept and had again.

use rustc_hash::{FxHashMap, FxHashSet};

use super::super::class::methods;
use super::super::flow::{function_around, is_decorated, is_super};
use super::{Callee, ClassId, Index, Place, Root};
use crate::semantic::{BindingId, BindingKind, NameId, Reference, ReferenceId, ScopeId, mangle};
use crate::syntax::ast::{self, AnyNodeRef, Expr};
use crate::syntax::tree::NodeId;
use crate::text::Ranged;

impl<'a> Index<'a> {
    /// The expressions that read or write a place, through any class of the family.
    pub fn at_place(&self, place: &Place) -> Vec<NodeId> {
        let Some(&first) = place.path.first() else { return Vec::new() };
        let mut places = self.places.borrow_mut();
        if places.read.insert(first) {
            self.read_places(first, &mut places.nodes);
        }
        let mut found = Vec::new();
        match place.root {
            Root::Class(class) => {
                for root in self.family(class).map(Root::Class) {
                    let place = Place { root, path: place.path.clone() };
                    found.extend(places.nodes.get(&place).into_iter().flatten().copied());
                }
            }
            Root::Name(..) | Root::Parameter(_) => {
                found.extend(places.nodes.get(place).into_iter().flatten().copied());
            }
        }
        found.sort_unstable();
        found.dedup();
        found
    }

    /// The place that a chain of attributes is; `getattr(x, "name")` is one of its links, too.
    pub fn place_of(&self, expr: &Expr) -> Option<Place> {
        let mut path = Vec::new();
        let mut root = expr;
        loop {
            let (of, name) = match root {
                Expr::Attribute(attribute) => {
                    let class = self.tree.id_of(root).and_then(|id| self.class_named_around(id));
                    (&*attribute.value, self.member_id(class, attribute.attr.as_str())?)
                }
                // A name that is text stays as it is.
                Expr::Call(call) => match attribute_read(call) {
                    Some((of, name)) => (of, self.analysis.names.id(name)?),
                    None => break,
                },
                _ => break,
            };
            path.push(name);
            root = of;
        }
        path.reverse();
        let root = self.root_of(root)?;
        (!path.is_empty()).then(|| self.shortened(Place { root, path }))
    }

    /// The expressions of the file that are objects of a class or of its family, in the order of the
    /// text: where they are built, names, and attributes.
    pub fn instances(&self, class: ClassId) -> Vec<NodeId> {
        let names = &self.analysis.names;
        let family: FxHashSet<ClassId> = self.family(class).collect();
        let selves = self.selves.get_or_init(|| self.selves()).iter();
        let objects = selves.filter(|(id, class)| {
            family.contains(class) && names.text(names.binding(**id).name) != "cls"
        });
        let mut found: Vec<NodeId> = objects
            .flat_map(|(&id, _)| self.uses(id))
            .filter_map(|id| self.name_node(id))
            .collect();
        let built = self.built().into_iter().filter(|(_, class)| family.contains(class));
        found.extend(built.filter_map(|(range, _)| self.tree.expression_at(range)));
        let held = self.held.get_or_init(|| self.objects_in_attributes()).iter();
        let held = held.filter(|(_, class)| family.contains(class));
        found.extend(held.flat_map(|(&(of, name), _)| {
            self.at_place(&Place { root: Root::Class(of), path: vec![name] })
        }));
        found.sort_unstable();
        found.dedup();
        found
    }

    /// What a chain starts from: a name, or an object that is built there.
    fn root_of(&self, expr: &Expr) -> Option<Root> {
        match expr {
            Expr::Call(call) => match self.called(call.func.range())? {
                Callee::Class(class) => Some(Root::Class(class)),
                Callee::Function(_) => None,
            },
            expr => self.reference_at(expr.range()).map(|id| self.root(id)),
        }
    }

    /// The same place from the last object on the way whose class the file has.
    ///
    /// Ex) `self.service.redis`, where `self.service` is a `Service()`: its `redis`
    fn shortened(&self, mut place: Place) -> Place {
        let held = self.held.get_or_init(|| self.objects_in_attributes());
        while let (Root::Class(class), [first, _, ..]) = (place.root, &place.path[..]) {
            let Some(&next) = held.get(&(class, *first)) else { break };
            place.root = Root::Class(next);
            place.path.remove(0);
        }
        place
    }

    /// The attributes of the file's classes that hold objects of classes of the file.
    fn objects_in_attributes(&self) -> FxHashMap<(ClassId, NameId), ClassId> {
        let mut held = FxHashMap::default();
        for (range, class) in self.built() {
            let node = self.tree.expression_at(range);
            let Some(parent) = node.and_then(|node| self.tree.parent(node)) else { continue };
            let targets: Vec<&Expr> = match self.tree.node(parent) {
                AnyNodeRef::StmtAssign(assign) => assign.targets.iter().collect(),
                AnyNodeRef::StmtAnnAssign(assign) => vec![&assign.target],
                _ => continue,
            };
            for attribute in targets.into_iter().filter_map(Expr::as_attribute_expr) {
                let around = self.tree.id_of(&attribute.value);
                let around = around.and_then(|id| self.class_named_around(id));
                let root = self.reference_at(attribute.value.range()).map(|id| self.root(id));
                if let (Some(Root::Class(of)), Some(name)) =
                    (root, self.member_id(around, attribute.attr.as_str()))
                {
                    held.insert((of, name), class);
                }
            }
        }
        held
    }

    /// The name of the innermost class around a node, also where a function is between them.
    fn class_named_around(&self, node: NodeId) -> Option<&'a str> {
        self.tree.ancestors(node).find_map(|id| match self.tree.node(id) {
            AnyNodeRef::StmtClassDef(class) => Some(class.name.as_str()),
            _ => None,
        })
    }

    /// An attribute that is written in the body of a class: private ones are mangled.
    pub fn member_id(&self, class: Option<&str>, name: &str) -> Option<NameId> {
        self.analysis.names.id(&mangle(class, name))
    }

    /// The place that a call writes, whose argument at `position` is the value: `setattr(x, "name",
    /// …)`, `object.__setattr__(x, "name", …)`, `x.__setattr__("name", …)`.
    pub fn place_set_by(&self, call: &ast::ExprCall, position: usize) -> Option<Place> {
        let method = call.func.as_attribute_expr();
        let method = method.filter(|method| method.attr.as_str() == "__setattr__");
        let is_plain = call.func.as_name_expr().is_some_and(|name| name.id.as_str() == "setattr");
        let (of, name) = match (&*call.arguments.args, position, method) {
            ([of, name, _], 2, None) if is_plain => (of, name),
            ([of, name, _], 2, Some(_)) => (of, name),
            ([name, _], 1, Some(method)) => (&*method.value, name),
            _ => return None,
        };
        let name = name.as_string_literal_expr()?.value.to_str();
        // Ex) `super().__setattr__("name", …)`
        if is_super(of) {
            let (function, _) = function_around(self, self.tree.id_of(of)?)?;
            let root = Root::Class(self.class_around(function)?);
            return Some(Place { root, path: vec![self.analysis.names.id(name)?] });
        }
        self.attribute_of(of, name)
    }

    /// The place or name of a module that is an element of a dict: `self.__dict__["name"]`,
    /// `vars(self)["name"]`.
    pub fn place_in_dict(&self, dict: &Expr, key: &str) -> Option<Place> {
        let of = match dict {
            Expr::Attribute(attribute) if attribute.attr.as_str() == "__dict__" => &attribute.value,
            Expr::Call(call) if is_call_of(call, "vars") => call.arguments.args.first()?,
            _ => return None,
        };
        self.attribute_of(of, key)
    }

    /// The name of the module that is an element of `globals()`.
    pub fn name_in_globals(&self, dict: &Expr, key: &str) -> Option<NameId> {
        dict.as_call_expr().filter(|call| is_call_of(call, "globals"))?;
        self.analysis.names.id(key)
    }

    /// The expressions that read a name of the module, also where no statement binds it.
    pub fn globals_named(&self, name: NameId) -> Vec<NodeId> {
        let is_it = |one: &Reference| {
            one.name == name
                && !one.in_string
                && one.owner.is_none_or(|owner| owner == ScopeId::MODULE)
        };
        let read = self.analysis.names.references().filter(|(_, one)| is_it(one));
        read.filter_map(|(id, _)| self.name_node(id)).collect()
    }

    /// The setters that run where an attribute is assigned that is a property.
    pub fn setters(&self, place: &Place) -> Vec<&'a ast::StmtFunctionDef> {
        let (Root::Class(class), [name]) = (place.root, &place.path[..]) else {
            return Vec::new();
        };
        let name = self.analysis.names.text(*name);
        let classes = self.family(class).filter_map(|id| self.class(id));
        let named = classes.flat_map(methods).filter(|one| one.name.as_str() == name);
        let is_setter = |one: &&ast::StmtFunctionDef| is_decorated(one, &["setter"]);
        named.filter(is_setter).collect()
    }

    fn attribute_of(&self, of: &Expr, name: &str) -> Option<Place> {
        let name = self.analysis.names.id(name)?;
        if let Some(mut place) = self.place_of(of) {
            place.path.push(name);
            return Some(place);
        }
        Some(Place { root: self.root_of(of)?, path: vec![name] })
    }

    fn root(&self, id: ReferenceId) -> Root {
        let names = &self.analysis.names;
        let reference = names.reference(id);
        let selves = self.selves.get_or_init(|| self.selves());
        let class = names.reach(reference).bindings.iter().find_map(|&binding| {
            let is_class = names.binding(binding).kind == BindingKind::Class;
            let class = || self.class_at(names.binding(binding).statement);
            selves.get(&binding).copied().or_else(|| is_class.then(class).flatten())
        });
        let is_parameter =
            |binding: &BindingId| names.binding(*binding).kind == BindingKind::Parameter;
        match class {
            Some(class) => Root::Class(class),
            None if names.reach(reference).bindings.iter().any(is_parameter) => {
                Root::Parameter(reference.name)
            }
            None => Root::Name(reference.owner.unwrap_or(ScopeId::MODULE), reference.name),
        }
    }

    /// Where tests find what a fixture puts on their class or object: `request.cls.redis`.
    ///
    /// See `FixtureRequest.cls` and `FixtureRequest.instance` in pytest's API reference.
    pub fn places_of_tests(&self, place: &Place) -> Vec<Place> {
        let names = &self.analysis.names;
        let (Root::Parameter(root), [of, path @ ..]) = (place.root, &place.path[..]) else {
            return Vec::new();
        };
        let is_test =
            names.text(root) == "request" && matches!(names.text(*of), "cls" | "instance");
        if !is_test || path.is_empty() {
            return Vec::new();
        }
        let classes = (0..self.classes.len()).map(|at| Root::Class(ClassId(at)));
        classes.map(|root| Place { root, path: path.to_vec() }).collect()
    }

    /// Adds the elements of objects' dicts that have this name: `self.__dict__["redis"]`,
    /// `self.__dict__.pop("redis")`.
    fn read_dicts(&self, first: NameId, places: &mut FxHashMap<Place, Vec<NodeId>>) {
        let names = &self.analysis.names;
        let Some(dict) = names.id("__dict__") else { return };
        for (id, reference) in names.references() {
            let Some(at) = reference.attributes.iter().position(|&name| name == dict) else {
                continue;
            };
            let node = self.name_node(id).filter(|_| !reference.in_string);
            let node = node.and_then(|node| self.tree.ancestors(node).nth(at));
            let Some((node, key, read)) = node.and_then(|node| self.element_read(node)) else {
                continue;
            };
            let place = match self.tree.node(node) {
                AnyNodeRef::ExprAttribute(dict) => self.attribute_of(&dict.value, key),
                _ => None,
            };
            if let Some(place) = place.filter(|place| place.path.first() == Some(&first)) {
                places.entry(place).or_default().push(read);
            }
        }
    }

    /// The dict that `dict` is, and what of it is read where it stands: the key, and the expression
    /// that has the value.
    fn element_read(&self, dict: NodeId) -> Option<(NodeId, &'a str, NodeId)> {
        let parent = self.tree.parent(dict)?;
        let (key, read) = match self.tree.node(parent) {
            AnyNodeRef::ExprSubscript(one) => (&*one.slice, parent),
            AnyNodeRef::ExprAttribute(method) if matches!(method.attr.as_str(), "pop" | "get") => {
                let call = self.tree.parent(parent)?;
                let AnyNodeRef::ExprCall(called) = self.tree.node(call) else { return None };
                (called.arguments.args.first()?, call)
            }
            _ => return None,
        };
        Some((dict, key.as_string_literal_expr()?.value.to_str(), read))
    }

    /// Adds the places whose paths begin with `first`.
    fn read_places(&self, first: NameId, places: &mut FxHashMap<Place, Vec<NodeId>>) {
        for (id, reference) in self.analysis.names.references() {
            if reference.in_string || !reference.attributes.contains(&first) {
                continue;
            }
            let root = self.root(id);
            let Some(mut node) = self.name_node(id) else { continue };
            let mut path = Vec::new();
            for &attribute in &reference.attributes {
                let Some(parent) = self.tree.parent(node) else { break };
                node = parent;
                path.push(attribute);
                let place = self.shortened(Place { root, path: path.clone() });
                if place.path.first() == Some(&first) {
                    places.entry(place).or_default().push(node);
                }
            }
        }
        self.read_dicts(first, places);
        // Ex) `Service().redis`
        for (range, class) in self.built() {
            let node = self.tree.expression_at(range);
            let Some(parent) = node.and_then(|node| self.tree.parent(node)) else { continue };
            let AnyNodeRef::ExprAttribute(read) = self.tree.node(parent) else { continue };
            if self.analysis.names.id(read.attr.as_str()) == Some(first) {
                let place = Place { root: Root::Class(class), path: vec![first] };
                places.entry(place).or_default().push(parent);
            }
        }
        for call in self.tree.calls() {
            let named = attribute_read(call);
            let place = named.and_then(|(of, name)| self.attribute_of(of, name));
            let place = place.filter(|place| place.path.first() == Some(&first));
            let Some(place) = place else { continue };
            if let Some(node) = self.tree.expression_at(call.range) {
                places.entry(place).or_default().push(node);
            }
        }
    }
}

fn is_call_of(call: &ast::ExprCall, function: &str) -> bool {
    call.func.as_name_expr().is_some_and(|name| name.id.as_str() == function)
}

/// The object and the constant name of `getattr(x, "name", …)`.
fn named_attribute(call: &ast::ExprCall) -> Option<(&Expr, &str)> {
    let [of, name, ..] = &*call.arguments.args else { return None };
    let is_it = is_call_of(call, "getattr");
    let name = name.as_string_literal_expr().filter(|_| is_it)?;
    Some((of, name.value.to_str()))
}

/// The object and the name of an attribute that a call reads: `getattr(x, "name", …)`, and what
/// Flask's `g` has besides, `g.pop("name", …)` and `g.get("name")`.
fn attribute_read(call: &ast::ExprCall) -> Option<(&Expr, &str)> {
    named_attribute(call).or_else(|| {
        let method = call.func.as_attribute_expr()?;
        let is_read = matches!(method.attr.as_str(), "pop" | "get");
        let of_g = method.value.as_name_expr().is_some_and(|name| name.id.as_str() == "g");
        let name = call.arguments.args.first()?.as_string_literal_expr()?;
        (is_read && of_g).then_some((&*method.value, name.value.to_str()))
    })
}
