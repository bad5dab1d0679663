//! What every hazard needs to look at a use, and how it says what it saw.

use rustc_hash::FxHashSet;

use super::class::origin_of;
use super::follow::{How, Objects, Step, Use};
use super::start::Start;
use crate::matching::target::Target;
use crate::project::Analysis;
use crate::site::Reason;
use crate::strings::Place;
use crate::syntax::ast::{self, AnyNodeRef, Expr};
use crate::syntax::tree::{NodeId, Tree};
use crate::text::{Ranged, TextRange, slice};

/// Where hazards are looked for.
#[derive(Clone, Copy)]
pub(super) struct Scene<'a> {
    /// The file.
    pub(super) place: Place<'a>,
    pub(super) objects: &'a Objects<'a>,
    pub(super) target: &'a Target,
    /// The target of each followed object.
    pub(super) targets: &'a [usize],
    /// Which of them `target` is.
    pub(super) target_index: usize,
    /// Where the followed objects are built.
    pub(super) starts: &'a [Start],
    /// The expressions that give another object whenever they are evaluated.
    pub(super) fresh: &'a FxHashSet<NodeId>,
}

/// A hazard at one use of an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Detected {
    pub(super) reason: Reason,
    /// The use.
    pub(super) used: Use,
    /// What happens to it: the rest of a sentence that begins with the object.
    pub(super) said: String,
    /// It is a hazard only for objects other than these alone.
    pub(super) against: Option<Vec<usize>>,
}

impl Detected {
    pub(super) fn new(reason: Reason, used: Use, said: String) -> Self {
        Self { reason, used, said, against: None }
    }

    /// Whether it is a hazard for the object of this start.
    pub(super) fn concerns(&self, start: usize) -> bool {
        self.against.as_ref().is_none_or(|others| others.iter().any(|&other| other != start))
    }
}

impl<'a> Scene<'a> {
    pub(super) fn tree(&self) -> &'a Tree<'a> {
        self.objects.index.tree
    }

    /// The line of a node.
    pub(super) fn line(&self, node: NodeId) -> u32 {
        let start = self.tree().node(node).range().start();
        self.objects.index.analysis.lines().position(start).line
    }

    /// The text of a node, in backquotes, on one line and not too long.
    pub(super) fn quoted(&self, node: NodeId) -> String {
        quoted(self.objects.index.analysis, self.tree().node(node).range())
    }

    /// The `await` around a node, or the node.
    pub(super) fn awaited(&self, node: NodeId) -> NodeId {
        match self.tree().parent(node) {
            Some(parent) if matches!(self.tree().node(parent), AnyNodeRef::ExprAwait(_)) => parent,
            _ => node,
        }
    }

    /// The call that a node is an argument of.
    pub(super) fn call_of_argument(&self, node: NodeId) -> Option<(NodeId, &'a ast::ExprCall)> {
        let tree = self.tree();
        let around = tree.ancestors(node).find(|&id| {
            !matches!(tree.node(id), AnyNodeRef::Arguments(_) | AnyNodeRef::Keyword(_))
        })?;
        match tree.node(around) {
            AnyNodeRef::ExprCall(call) if call.func.range() != tree.node(node).range() => {
                Some((around, call))
            }
            _ => None,
        }
    }

    /// Whether an expression is the target's class: its name, or `type(r)` of one of its objects.
    pub(super) fn is_class(&self, expr: &Expr) -> bool {
        if let Expr::Call(call) = expr {
            let argument = call.arguments.args.first().and_then(|one| self.tree().id_of(one));
            return call.func.as_name_expr().is_some_and(|name| name.id.as_str() == "type")
                && argument.is_some_and(|one| !self.objects.starts_of(one).is_empty());
        }
        let Place { resolver, file, analysis } = self.place;
        origin_of(resolver, file, analysis, expr)
            .is_some_and(|origin| self.target.is_origin(&origin))
    }

    /// Whether the method `name` ends the object, and who says so.
    pub(super) fn closing(&self, name: &str) -> Option<Says<'a>> {
        let target = self.target;
        if target.closes.iter().any(|method| method == name) || is_exit(name) {
            return Some(Says::Transform);
        }
        if name == "start" && target.facts.is_one_shot() {
            return Some(Says::Once);
        }
        let found = target.facts.closing.iter().find(|(method, _)| method == name);
        found.map(|(_, why)| Says::Class(why.as_str()))
    }

    /// Where a followed object is built.
    pub(super) fn start_range(&self, start: usize) -> Option<TextRange> {
        self.starts.get(start).map(|start| start.range)
    }

    /// Whether a followed object is one of this target's.
    pub(super) fn is_of_target(&self, start: usize) -> bool {
        self.targets.get(start) == Some(&self.target_index)
    }

    /// Whether an expression gives another object whenever it is evaluated.
    pub(super) fn is_fresh(&self, node: NodeId) -> bool {
        self.fresh.contains(&node)
    }

    /// The loop whose body a node stands in, in the same function.
    pub(super) fn loop_around(&self, node: NodeId) -> Option<NodeId> {
        let tree = self.tree();
        let range = tree.node(node).range();
        for id in tree.ancestors(node) {
            match tree.node(id) {
                AnyNodeRef::StmtFor(one)
                    if one.body.iter().any(|statement| statement.range().contains_range(range)) =>
                {
                    return Some(id);
                }
                AnyNodeRef::StmtWhile(_) => return Some(id),
                AnyNodeRef::StmtFunctionDef(_)
                | AnyNodeRef::ExprLambda(_)
                | AnyNodeRef::StmtClassDef(_) => return None,
                _ => {}
            }
        }
        None
    }

    /// The object as a sentence begins with it.
    pub(super) fn subject(&self, used: Use, step: Option<&Step>) -> String {
        let Some(Step { how, line }) = step else { return "it".to_owned() };
        let text = self.quoted(used.source);
        match how {
            How::Assigned => format!("{text}, assigned on line {line},"),
            How::Entered => format!("{text}, which the `with` on line {line} gives,"),
            How::Default => format!("{text}, whose default it is,"),
            How::Held => format!("{text}, had from what is made on line {line},"),
            How::Looped => format!("{text}, which the loop on line {line} goes through,"),
            How::Returned(_) => format!("{text}, which returns it,"),
            How::Passed(function) => {
                format!("{text}, as which `{function}` gets it on line {line},")
            }
            How::Asked => format!("{text}, asked for on line {line},"),
            How::Received => format!("{text}, given to it on line {line},"),
            How::Imported => format!("{text}, imported on line {line},"),
            How::Inherited => format!("{text}, which a related class of another file sets,"),
            How::Fixture(_) => format!("{text}, which the fixture on line {line} gives,"),
        }
    }
}

/// The text of a place, in backquotes, on one line and not too long.
pub(super) fn quoted(analysis: &Analysis, range: TextRange) -> String {
    let text = slice(&analysis.source.text, range);
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut shown: String = text.chars().take(LONGEST_QUOTE).collect();
    if shown.len() < text.len() {
        shown.push('…');
    }
    format!("`{shown}`")
}

/// Who says that a method ends the object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Says<'a> {
    /// The transform lists it, or Python calls it itself.
    Transform,
    /// This method of the class.
    Class(&'a str),
    /// Python: what is done can be done once for each object.
    Once,
}

fn is_exit(name: &str) -> bool {
    matches!(name, "__exit__" | "__aexit__" | "__del__")
}

/// In characters.
const LONGEST_QUOTE: usize = 60;
