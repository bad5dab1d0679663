//! What a class's constructor reads: the environment, and names that can be patched.
//!
//! Follows calls of the project's own functions and methods. What it cannot follow it lists, so
//! that "reads nothing" is said only where all was seen.

mod look;

use std::collections::VecDeque;
use std::rc::Rc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::class::{Lineage, methods, own_name};
use super::vocabulary::HARMLESS_BASES;
use crate::project::{Analysis, FileId};
use crate::resolve::members::{CONSTRUCTORS, ClassNode};
use crate::resolve::{Hop, Origin, Resolver, SymbolId};
use crate::semantic::{BindingKind, ReferenceId};
use crate::syntax::ast::visitor::Visitor;
use crate::syntax::ast::{self, Expr, Stmt};
use crate::syntax::suite;
use crate::text::TextRange;
use look::Look;

/// What happens when an object is built.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Constructor {
    /// Reads of environment variables.
    pub environment: Vec<EnvironmentRead>,
    /// Reads of names.
    pub reads: Vec<Read>,
    /// The project's classes that it builds objects of, with their bases, its own among them.
    pub built: Vec<Origin>,
    /// What is called and cannot be looked into, as it is written.
    pub unseen: Vec<String>,
}

/// One read of the environment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnvironmentRead {
    /// The variable, where it is written out.
    pub variable: Option<String>,
    /// Where, as `file:line`.
    pub place: String,
}

/// One read of a name or chain of attributes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Read {
    /// The file.
    pub file: FileId,
    /// What `a`, `a.b` and `a.b.c` of the chain `a.b.c` lead to.
    pub origins: Vec<Origin>,
    /// The names of modules that it reads, whatever they lead to.
    pub names: Vec<Hop>,
    /// The chain, as it is written.
    pub text: String,
    /// Where, as `file:line`.
    pub place: String,
}

/// More functions than any constructor calls.
const MOST_FUNCTIONS: usize = 200;

/// Reads the constructor of a class.
pub fn read<'p>(resolver: &Resolver<'p, '_>, lineage: &Lineage<'p>) -> Constructor {
    let mut walk = Walk {
        resolver,
        found: Constructor::default(),
        queue: VecDeque::new(),
        seen: Vec::new(),
        chains: FxHashMap::default(),
        objects: Vec::new(),
        asked: FxHashSet::default(),
    };
    walk.construct(lineage);
    loop {
        while let Some(body) = walk.queue.pop_front() {
            walk.body(&body);
        }
        if !walk.methods_of_objects() {
            break;
        }
    }
    let mut found = walk.found;
    found.unseen.sort();
    found.unseen.dedup();
    found
}

/// A function whose code runs.
struct Body<'p> {
    file: FileId,
    analysis: &'p Analysis,
    function: &'p ast::StmtFunctionDef,
    /// The class of its first parameter.
    lineage: Option<Rc<Vec<ClassNode<'p>>>>,
}

struct Walk<'r, 'p, 't> {
    resolver: &'r Resolver<'p, 't>,
    found: Constructor,
    queue: VecDeque<Body<'p>>,
    seen: Vec<(FileId, TextRange)>,
    /// The chains of each file, by their ranges.
    chains: FxHashMap<FileId, FxHashMap<TextRange, ReferenceId>>,
    /// The classes, each with its bases, of which the constructor may have objects.
    objects: Vec<Rc<Vec<ClassNode<'p>>>>,
    /// The attributes that it asks of values which are not followed.
    asked: FxHashSet<String>,
}

impl<'p> Walk<'_, 'p, '_> {
    /// What runs when a class is called.
    fn construct(&mut self, lineage: &Lineage<'p>) {
        for unseen in &lineage.unseen {
            if !HARMLESS_BASES.contains(&last_part(unseen)) {
                self.found.unseen.push(format!("`{unseen}`"));
            }
        }
        self.found.built.extend(lineage.classes.iter().map(|class| {
            let name = class.node.name.to_string();
            Origin::Symbol(SymbolId { file: class.file, name })
        }));
        let classes = Rc::new(lineage.classes.clone());
        self.objects.push(Rc::clone(&classes));
        for name in CONSTRUCTORS {
            // A constructor may call those of the base classes, and mostly does.
            for &defined in &lineage.classes {
                for function in methods(defined.node).filter(|one| one.name.as_str() == name) {
                    self.enqueue(defined.file, defined.analysis, function, Some(&classes));
                }
            }
        }
        for &defined in &lineage.classes {
            self.factories(defined, &classes);
        }
    }

    /// The factories of a dataclass's fields run as well.
    fn factories(&mut self, defined: ClassNode<'p>, classes: &Rc<Vec<ClassNode<'p>>>) {
        for statement in &defined.node.body {
            let Stmt::AnnAssign(assign) = statement else { continue };
            let Some(Expr::Call(call)) = assign.value.as_deref() else { continue };
            let arguments = &call.arguments;
            let factory =
                arguments.find_keyword("default_factory").or(arguments.find_keyword("factory"));
            match factory.map(|keyword| &keyword.value) {
                Some(Expr::Lambda(lambda)) => {
                    self.chains_of(defined.file, defined.analysis);
                    let lineage = Some(Rc::clone(classes));
                    let mut look = Look::new(self, defined.file, defined.analysis, "", lineage);
                    look.visit_expr(&lambda.body);
                }
                Some(expr @ (Expr::Name(_) | Expr::Attribute(_))) => {
                    self.chains_of(defined.file, defined.analysis);
                    let lineage = Some(Rc::clone(classes));
                    let mut look = Look::new(self, defined.file, defined.analysis, "", lineage);
                    look.called(expr);
                }
                _ => {}
            }
        }
    }

    fn enqueue(
        &mut self,
        file: FileId,
        analysis: &'p Analysis,
        function: &'p ast::StmtFunctionDef,
        lineage: Option<&Rc<Vec<ClassNode<'p>>>>,
    ) {
        let key = (file, function.range);
        if self.seen.contains(&key) {
            return;
        }
        if self.seen.len() >= MOST_FUNCTIONS {
            self.found.unseen.push(format!("`{}`", function.name));
            return;
        }
        self.seen.push(key);
        self.queue.push_back(Body { file, analysis, function, lineage: lineage.cloned() });
    }

    /// Looks into the methods of objects that are called by their names alone: which object a
    /// value is, is not followed. Whether there were any that nobody had looked into.
    ///
    /// Ex) `Registry().get()`, `registry = Registry()`, `registry.get()`
    fn methods_of_objects(&mut self) -> bool {
        for classes in self.objects.clone() {
            for defined in classes.iter() {
                let asked = methods(defined.node).filter(|one| self.asked.contains(&*one.name));
                for function in asked.collect::<Vec<_>>() {
                    self.enqueue(defined.file, defined.analysis, function, Some(&classes));
                }
            }
        }
        !self.queue.is_empty()
    }

    fn body(&mut self, body: &Body<'p>) {
        self.chains_of(body.file, body.analysis);
        let of = if body.lineage.is_some() { own_name(body.function) } else { "" };
        let mut look = Look::new(self, body.file, body.analysis, of, body.lineage.clone());
        for statement in &body.function.body {
            look.visit_stmt(statement);
        }
    }

    fn chains_of(&mut self, file: FileId, analysis: &Analysis) {
        self.chains.entry(file).or_insert_with(|| {
            let references = analysis.names.references();
            references.map(|(id, reference)| (reference.chain, id)).collect()
        });
    }

    /// Looks into a function or class of the project that is called; tells whether it could.
    fn enter(&mut self, symbol: &SymbolId) -> bool {
        let Some((owner, method)) = symbol.name.rsplit_once('.') else {
            return self.enter_plain(symbol);
        };
        // Ex) `Settings.from_environment()`
        let class = Origin::Symbol(SymbolId { file: symbol.file, name: owner.to_owned() });
        let lineage = Lineage::of(self.resolver, &class);
        let Some((defined, function)) = lineage.method(method) else { return false };
        let classes = Rc::new(lineage.classes);
        // Ex) `Registry.shared().get()`
        self.objects.push(Rc::clone(&classes));
        self.enqueue(defined.file, defined.analysis, function, Some(&classes));
        true
    }

    fn enter_plain(&mut self, symbol: &SymbolId) -> bool {
        let Ok(analysis) = self.resolver.project().analysis(symbol.file) else { return false };
        let analysis: &'p Analysis = analysis;
        let names = &analysis.names;
        let Some(name) = names.id(&symbol.name) else { return false };
        let bindings = names.at_exit(name).bindings;
        let mut entered = !bindings.is_empty();
        for binding in bindings {
            let binding = names.binding(binding);
            match (&binding.kind, suite::statement_at(&analysis.module, binding.statement)) {
                (BindingKind::Function, Some(Stmt::FunctionDef(function))) => {
                    self.enqueue(symbol.file, analysis, function, None);
                }
                (BindingKind::Class, Some(_)) => {
                    let class = Origin::Symbol(symbol.clone());
                    let lineage = Lineage::of(self.resolver, &class);
                    if lineage.classes.is_empty() {
                        entered = false;
                    } else {
                        self.construct(&lineage);
                    }
                }
                _ => entered = false,
            }
        }
        entered
    }
}

fn last_part(dotted: &str) -> &str {
    dotted.rsplit('.').next().unwrap_or(dotted)
}
