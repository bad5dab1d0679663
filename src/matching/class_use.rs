//! What is done with a class where its name stands.

use crate::syntax::Module;
use crate::syntax::ast::{self, AnyNodeRef, Expr};
use crate::text::{Ranged, TextRange};

/// What is done with a class at one place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClassUse {
    /// It is instantiated: `C(…)`, `C[T](…)`.
    Call {
        /// The whole call.
        call: TextRange,
        /// The parentheses and what is between them.
        arguments: TextRange,
        /// The keywords' names, if every argument is a plain keyword; `None` where there are
        /// positional or unpacked arguments.
        keywords: Option<Vec<String>>,
    },
    /// It is given to something that calls it without arguments: `default_factory=C`.
    Factory,
    /// A class is derived from it.
    Base,
    /// It goes where it cannot be followed; says where.
    Value(&'static str),
    /// Anything that only asks about the class: `isinstance`, annotations, `C.attribute`.
    Ordinary,
}

impl ClassUse {
    /// What is done with the class whose expression is at `expr`.
    pub fn of(module: &Module, expr: TextRange) -> Self {
        let path = module.path_to(expr);
        let mut inner = expr;
        let mut is_element = false;
        let mut is_choice = false;
        let mut is_named_choice = false;
        // From the expression outwards.
        let mut outwards = path.iter().rev().copied().peekable();
        outwards.next_if(|node| node.range() == expr);
        while let Some(node) = outwards.next() {
            let in_class_body = matches!(outwards.peek(), Some(AnyNodeRef::StmtClassDef(_)));
            // Ex) `known += [C]`, `known = [C] + others`
            let is_assigned =
                matches!(node, AnyNodeRef::StmtAssign(_) | AnyNodeRef::StmtAugAssign(_));
            if is_element && is_assigned {
                return Self::Value("an element of a container");
            }
            match step(node, inner, in_class_body) {
                // Ex) `(given or C)()`, `(C if flag else D)()`, `[C, D][at]()`
                Step::Found(Self::Call { .. }) if is_choice => {
                    return Self::Value("one of several, of which one is called");
                }
                // Ex) `cls = given or C`
                Step::Found(Self::Ordinary) if is_choice && is_assigned && inner != expr => {
                    return Self::Value("one of several that a name is given");
                }
                // Ex) `if cls := given or C: …`
                Step::Found(Self::Ordinary) if is_named_choice => {
                    return Self::Value("one of several that a name is given");
                }
                Step::Found(found) => return found,
                Step::Climb => {
                    is_element |=
                        matches!(node, AnyNodeRef::ExprTuple(_) | AnyNodeRef::ExprList(_));
                    is_named_choice |= is_choice && node.is_expr_named();
                    is_choice |= !matches!(node, AnyNodeRef::ExprSubscript(_));
                    inner = node.range();
                }
                Step::Skip => {}
            }
        }
        Self::Ordinary
    }
}

enum Step {
    Found(ClassUse),
    /// The value of the node is the class, or one of several values that may be it.
    Climb,
    /// The node around this one says what is done.
    Skip,
}

#[expect(clippy::match_same_arms, reason = "each arm is one construct, told apart by its comment")]
fn step(node: AnyNodeRef<'_>, inner: TextRange, in_class_body: bool) -> Step {
    use AnyNodeRef as Node;
    let found = match node {
        Node::ExprCall(call) if call.func.range() == inner => instantiation(call),
        Node::Arguments(_) => return Step::Skip,
        Node::Keyword(_) => return Step::Climb,
        Node::ExprCall(call) => argument(call, inner),
        Node::StmtClassDef(class) => match class.arguments.as_deref() {
            Some(arguments) if arguments.args.iter().any(|base| base.range() == inner) => {
                ClassUse::Base
            }
            _ => ClassUse::Ordinary,
        },
        // Ex) `C[T]()`
        Node::ExprSubscript(subscript) if subscript.value.range() == inner => return Step::Climb,
        Node::ExprSubscript(_) | Node::ExprCompare(_) => ClassUse::Ordinary,
        Node::ExprIf(choice) if choice.test.range() == inner => ClassUse::Ordinary,
        Node::ExprIf(_)
        | Node::ExprBoolOp(_)
        | Node::ExprNamed(_)
        | Node::ExprStarred(_)
        | Node::ExprTuple(_)
        | Node::ExprList(_)
        | Node::ExprBinOp(_) => return Step::Climb,
        Node::ExprDict(dict) if dict.items.iter().any(|item| item.value.range() == inner) => {
            ClassUse::Value("a value of a dict")
        }
        Node::ExprSet(_)
        | Node::ExprListComp(_)
        | Node::ExprSetComp(_)
        | Node::ExprGenerator(_) => ClassUse::Value("an element of a container"),
        Node::ExprDictComp(comp) if comp.value.range() == inner => {
            ClassUse::Value("a value of a dict")
        }
        Node::ExprLambda(_) => ClassUse::Value("the value of a lambda"),
        Node::StmtReturn(_) | Node::ExprYield(_) | Node::ExprYieldFrom(_) => {
            ClassUse::Value("returned")
        }
        Node::Decorator(_) => ClassUse::Value("a decorator"),
        Node::Parameter(_) => ClassUse::Ordinary,
        Node::ParameterWithDefault(parameter)
            if parameter.default.as_ref().is_some_and(|default| default.range() == inner) =>
        {
            ClassUse::Value("the default of a parameter")
        }
        Node::StmtAssign(assign) => assigned(assign, inner, in_class_body),
        Node::StmtAnnAssign(assign) => match &assign.value {
            Some(value)
                if value.range() == inner
                    && !value.is_name_expr()
                    && !value.is_attribute_expr()
                    // Ex) `Ints: TypeAlias = C[int]`
                    && !value.is_subscript_expr() =>
            {
                ClassUse::Value("an element of a container")
            }
            Some(value)
                if value.range() == inner && (in_class_body || !assign.target.is_name_expr()) =>
            {
                ClassUse::Value("kept in an attribute")
            }
            _ => ClassUse::Ordinary,
        },
        Node::StmtFor(loop_) if loop_.iter.range() == inner => {
            ClassUse::Value("an element of what is looped over")
        }
        Node::Comprehension(generator) if generator.iter.range() == inner => {
            ClassUse::Value("an element of what is looped over")
        }
        _ => ClassUse::Ordinary,
    };
    Step::Found(found)
}

fn instantiation(call: &ast::ExprCall) -> ClassUse {
    let arguments = &call.arguments;
    let keywords: Option<Vec<String>> = arguments
        .keywords
        .iter()
        .map(|keyword| keyword.arg.as_ref().map(ToString::to_string))
        .collect();
    let keywords = keywords.filter(|_| arguments.args.is_empty());
    ClassUse::Call { call: call.range, arguments: arguments.range, keywords }
}

/// What a call does with a class that it gets.
#[expect(clippy::match_same_arms, reason = "each arm is one kind of callee")]
fn argument(call: &ast::ExprCall, inner: TextRange) -> ClassUse {
    let callee = last_name(&call.func).unwrap_or_default();
    let keyword = call.arguments.keywords.iter().find(|keyword| keyword.range() == inner);
    let position = call.arguments.args.iter().position(|argument| argument.range() == inner);
    if let Some(keyword) = keyword {
        let is_whole = matches!(keyword.value, Expr::Name(_) | Expr::Attribute(_));
        return match (keyword.arg.as_ref().map_or("", |name| name.as_str()), callee) {
            ("default_factory", _) | ("factory", "field" | "ib" | "attrib") if is_whole => {
                ClassUse::Factory
            }
            ("spec" | "spec_set" | "autospec" | "class_" | "klass" | "bound", _) => {
                ClassUse::Ordinary
            }
            _ => ClassUse::Value("an argument"),
        };
    }
    let is_whole = position
        .and_then(|at| call.arguments.args.get(at))
        .is_some_and(|argument| matches!(argument, Expr::Name(_) | Expr::Attribute(_)));
    match (callee, position) {
        ("defaultdict", Some(0)) if is_whole => ClassUse::Factory,
        (callee, _) if only_asks(callee) => ClassUse::Ordinary,
        // A mock's first argument is its specification.
        (
            "Mock"
            | "MagicMock"
            | "AsyncMock"
            | "NonCallableMock"
            | "NonCallableMagicMock"
            | "create_autospec",
            Some(0),
        ) => ClassUse::Ordinary,
        // Ex) `patch.object(C, "method")`
        ("object", Some(0)) => ClassUse::Ordinary,
        _ => ClassUse::Value("an argument"),
    }
}

/// Functions that ask about a class and never call it.
fn only_asks(callee: &str) -> bool {
    matches!(
        callee,
        "isinstance"
            | "issubclass"
            | "cast"
            | "super"
            | "TypeVar"
            | "NewType"
            | "Generic"
            | "getattr"
            | "hasattr"
            | "setattr"
            | "delattr"
            | "type"
            | "id"
            | "repr"
            | "str"
            | "print"
            | "vars"
            | "dir"
            | "callable"
            | "signature"
            | "getsource"
            | "getmembers"
            | "get_type_hints"
            | "fields"
            | "is_dataclass"
            | "iscoroutinefunction"
            | "isclass"
            | "assertIsInstance"
            | "assertNotIsInstance"
            | "assertIsSubclass"
            | "assertIs"
            | "assertEqual"
            | "assertTrue"
            | "assertIsNotNone"
            | "raises"
            | "assertRaises"
    )
}

fn assigned(assign: &ast::StmtAssign, inner: TextRange, in_class_body: bool) -> ClassUse {
    if assign.value.range() != inner {
        return ClassUse::Ordinary;
    }
    match &*assign.value {
        // A plain name is followed.
        _ if !in_class_body && assign.targets.iter().all(Expr::is_name_expr) => ClassUse::Ordinary,
        _ if assign.targets.iter().any(Expr::is_subscript_expr) => {
            ClassUse::Value("an element of a container")
        }
        _ => ClassUse::Value("kept in an attribute"),
    }
}

fn last_name(expr: &Expr) -> Option<&str> {
    match expr {
        Expr::Name(name) => Some(name.id.as_str()),
        Expr::Attribute(attribute) => Some(attribute.attr.as_str()),
        Expr::Subscript(subscript) => last_name(&subscript.value),
        _ => None,
    }
}
