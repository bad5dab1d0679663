//! The nodes of a module with their parents, for code that climbs.
//!
//! One walk, done where it is worth it; holds no text. Invariant: a node comes after its parent.

use std::cell::OnceCell;
use std::cmp::Reverse;
use std::rc::Rc;

use ruff_python_ast::visitor::source_order::{SourceOrderVisitor, TraversalSignal};
use ruff_python_ast::{AnyNodeRef, Expr, ExprCall};

use super::Module;
use crate::text::{Ranged, TextRange, TextSize};

/// A node of one tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(u32);

/// All nodes of a module.
#[derive(Debug)]
pub struct Tree<'a> {
    nodes: Vec<(AnyNodeRef<'a>, NodeId)>,
    calls: Vec<&'a ExprCall>,
}

/// A range in the order of the text, what is around before what is inside.
fn place(range: TextRange) -> (TextSize, Reverse<TextSize>) {
    (range.start(), Reverse(range.end()))
}

impl<'a> Tree<'a> {
    /// Walks `module`.
    pub fn new(module: &'a Module) -> Self {
        // Few nodes have no token of their own.
        let nodes = Vec::with_capacity(module.tokens().len());
        let mut walk = Walk { tree: Self { nodes, calls: Vec::new() }, open: Vec::new() };
        let root = AnyNodeRef::from(module.root());
        walk.enter_node(root);
        for statement in module.body() {
            walk.visit_stmt(statement);
        }
        walk.tree
    }

    /// The node.
    pub fn node(&self, id: NodeId) -> AnyNodeRef<'a> {
        // Ids are made by the walk and never leave their tree.
        self.nodes[id.0 as usize].0
    }

    /// The node around it; `None` for the module.
    pub fn parent(&self, id: NodeId) -> Option<NodeId> {
        let parent = self.nodes[id.0 as usize].1;
        (parent != id).then_some(parent)
    }

    /// The nodes around it, innermost first; not the node itself.
    pub fn ancestors(&self, id: NodeId) -> impl Iterator<Item = NodeId> {
        std::iter::successors(self.parent(id), |&node| self.parent(node))
    }

    /// Every node, parents before children, in the order of the text.
    pub fn nodes(&self) -> impl Iterator<Item = (NodeId, AnyNodeRef<'a>)> {
        (0..).map(NodeId).zip(self.nodes.iter().map(|(node, _)| *node))
    }

    /// The nodes inside `id`, itself first.
    pub fn inside(&self, id: NodeId) -> impl Iterator<Item = (NodeId, AnyNodeRef<'a>)> {
        // Children follow their parent, and whoever follows the last of them has a parent before.
        let is_inside = move |&(node, _): &(NodeId, AnyNodeRef<'a>)| {
            node == id || self.nodes[node.0 as usize].1 >= id && node != NodeId(0)
        };
        let rest = self.nodes.iter().skip(id.0 as usize).map(|(node, _)| *node);
        (id.0..).map(NodeId).zip(rest).take_while(is_inside)
    }

    /// Every call, in the order of the text.
    pub fn calls(&self) -> &[&'a ExprCall] {
        &self.calls
    }

    /// The expression of this range, if there is one; the outermost of several.
    pub fn expression_at(&self, range: TextRange) -> Option<NodeId> {
        let sought = place(range);
        let is_sought = |node: AnyNodeRef<'a>| node.range() == range && node.is_expression();
        let first = self.nodes.partition_point(|(node, _)| place(node.range()) < sought);
        let there = (first..).zip(self.nodes.get(first..).unwrap_or_default());
        let mut there = there.take_while(|(_, (node, _))| node.range() == range);
        if let Some((at, _)) = there.find(|(_, (node, _))| is_sought(*node)) {
            return u32::try_from(at).ok().map(NodeId);
        }
        // The walk goes by the text. Should a node be out of order, all are looked at.
        self.nodes().find(|(_, node)| is_sought(*node)).map(|(id, _)| id)
    }

    /// The node of `expr`, which is part of this tree.
    pub fn id_of(&self, expr: &Expr) -> Option<NodeId> {
        self.expression_at(expr.range())
    }
}

/// The tree of a module, made when somebody asks for it.
#[derive(Debug)]
pub struct LazyTree<'a> {
    module: &'a Module,
    tree: OnceCell<Rc<Tree<'a>>>,
}

impl<'a> LazyTree<'a> {
    /// Promises the tree of `module`.
    pub fn new(module: &'a Module) -> Self {
        Self { module, tree: OnceCell::new() }
    }

    /// The tree.
    pub fn get(&self) -> &Rc<Tree<'a>> {
        self.tree.get_or_init(|| Rc::new(Tree::new(self.module)))
    }
}

struct Walk<'a> {
    tree: Tree<'a>,
    open: Vec<NodeId>,
}

impl<'a> SourceOrderVisitor<'a> for Walk<'a> {
    fn enter_node(&mut self, node: AnyNodeRef<'a>) -> TraversalSignal {
        let id = NodeId(u32::try_from(self.tree.nodes.len()).unwrap_or(u32::MAX));
        let parent = self.open.last().copied().unwrap_or(id);
        self.tree.nodes.push((node, parent));
        if let AnyNodeRef::ExprCall(call) = node {
            self.tree.calls.push(call);
        }
        self.open.push(id);
        TraversalSignal::Traverse
    }

    fn leave_node(&mut self, _: AnyNodeRef<'a>) {
        self.open.pop();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nodes_know_what_is_around_and_inside_them() {
        let source = "def f():\n    with a.b(c) as d:\n        pass\nx = 1\n";
        let module = Module::parse(source).unwrap();
        let tree = Tree::new(&module);
        let at = u32::try_from(source.find('c').unwrap()).unwrap();
        let name = tree.expression_at(TextRange::at(at.into(), 1.into())).unwrap();
        let kinds: Vec<_> =
            tree.ancestors(name).map(|id| format!("{:?}", tree.node(id).kind())).collect();
        assert_eq!(
            kinds,
            ["Arguments", "ExprCall", "WithItem", "StmtWith", "StmtFunctionDef", "ModModule"]
        );
        let function = tree.ancestors(name).nth(4).unwrap();
        assert!(tree.inside(function).any(|(_, node)| node.is_stmt_pass()));
        assert!(!tree.inside(function).any(|(_, node)| node.is_stmt_assign()));
        let root = tree.ancestors(name).last().unwrap();
        assert_eq!(tree.inside(root).count(), tree.nodes().count());
    }
}
