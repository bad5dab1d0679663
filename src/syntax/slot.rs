//! Whether an expression needs parentheses where it stands.
//!
//! A [`Slot`] is a place for an expression in its parent, a [`Shape`] is what an expression looks
//! like from outside. The rules are those of the full grammar in the Python reference, chapter
//! 10, and of "Operator precedence", section 6.17; where the grammar depends on the version, the
//! older one counts.

use bitflags::bitflags;
use ruff_python_ast::{
    self as ast, AnyNodeRef, Expr, ExprRef, Number, Operator, OperatorPrecedence as Precedence,
    UnaryOp,
};

use crate::text::{Ranged, TextRange};

bitflags! {
    /// What a place takes without parentheses besides operators.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    struct Takes: u8 {
        /// `x := 1`
        const NAMED = 1;
        /// `yield x`
        const YIELD = 1 << 1;
        /// `a, b`
        const TUPLE = 1 << 2;
        /// `x for x in y`, as the only argument of a call.
        const GENERATOR = 1 << 3;
        /// `*x`
        const STARRED = 1 << 4;
        /// `1`, which `.name` would make a float.
        const INTEGER = 1 << 5;
    }
}

/// A place for an expression.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Slot {
    min: Precedence,
    /// The same precedence is too little: the right operand of `-`.
    is_strict: bool,
    takes: Takes,
    /// A pattern of a `match`, in which only names are allowed.
    names: Names,
}

/// Which names a place is restricted to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Names {
    Any,
    /// `case x.y:`; a plain name there would be a capture.
    Dotted,
    /// `case x(…)` and `case x.y(…)`.
    Chain,
}

/// What an expression looks like from outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shape {
    precedence: Precedence,
    kind: Kind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Plain,
    Name,
    Dotted,
    Named,
    Yield,
    Tuple,
    Generator,
    Starred,
    Integer,
}

/// What has to be done to put an expression into a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fit {
    /// Nothing.
    Bare,
    /// It needs parentheses.
    Parenthesised,
    /// It cannot stand there.
    Never,
}

impl Shape {
    /// A name.
    pub const NAME: Self = Self { precedence: Precedence::Atomic, kind: Kind::Name };
    /// A name and attributes of it.
    pub const DOTTED: Self = Self { precedence: Precedence::CallAttribute, kind: Kind::Dotted };
    /// A lambda.
    pub const LAMBDA: Self = Self { precedence: Precedence::Lambda, kind: Kind::Plain };
    /// Anything in parentheses.
    pub const PARENTHESISED: Self = Self { precedence: Precedence::Atomic, kind: Kind::Plain };

    /// The shape of `expr` without the parentheses around it.
    pub fn of(expr: &Expr) -> Self {
        let kind = match expr {
            Expr::Name(_) => Kind::Name,
            Expr::Attribute(attribute) if is_chain(&attribute.value) => Kind::Dotted,
            Expr::Named(_) => Kind::Named,
            Expr::Yield(_) | Expr::YieldFrom(_) => Kind::Yield,
            Expr::Tuple(tuple) if !tuple.parenthesized => Kind::Tuple,
            Expr::Generator(generator) if !generator.parenthesized => Kind::Generator,
            Expr::Starred(_) => Kind::Starred,
            Expr::NumberLiteral(number) if matches!(number.value, Number::Int(_)) => Kind::Integer,
            _ => Kind::Plain,
        };
        Self { precedence: Precedence::from_expr(expr), kind }
    }

    /// Whether it is a generator expression without parentheses, the only argument of a call.
    pub fn is_bare_generator(self) -> bool {
        self.kind == Kind::Generator
    }
}

fn is_chain(expr: &Expr) -> bool {
    match expr {
        Expr::Name(_) => true,
        Expr::Attribute(attribute) => is_chain(&attribute.value),
        _ => false,
    }
}

impl Slot {
    /// The place of a whole expression, such as a type in a string.
    pub const WHOLE: Self = Self::new(Precedence::Lambda, Takes::TUPLE);

    const fn new(min: Precedence, takes: Takes) -> Self {
        let takes = takes.union(Takes::INTEGER);
        Self { min, is_strict: false, takes, names: Names::Any }
    }

    /// What has to be done to put an expression of this shape here.
    pub fn fit(self, shape: Shape) -> Fit {
        let is_right_name = match self.names {
            Names::Any => true,
            Names::Dotted => shape.kind == Kind::Dotted,
            Names::Chain => matches!(shape.kind, Kind::Dotted | Kind::Name),
        };
        let needed = match shape.kind {
            Kind::Plain | Kind::Name | Kind::Dotted => None,
            Kind::Named => Some(Takes::NAMED),
            Kind::Yield => Some(Takes::YIELD),
            Kind::Tuple => Some(Takes::TUPLE),
            Kind::Generator => Some(Takes::GENERATOR),
            Kind::Starred => Some(Takes::STARRED),
            Kind::Integer => Some(Takes::INTEGER),
        };
        let fits = match needed {
            Some(needed) => self.takes.contains(needed),
            None if self.is_strict => shape.precedence > self.min,
            None => shape.precedence >= self.min,
        };
        match (fits, shape.kind) {
            _ if !is_right_name => Fit::Never,
            (true, _) => Fit::Bare,
            (false, Kind::Starred) => Fit::Never,
            (false, _) => Fit::Parenthesised,
        }
    }

    /// The place of `child` in the innermost of `parents`, which are given from outside inwards.
    pub fn of(parents: &[AnyNodeRef<'_>], child: TextRange) -> Self {
        use AnyNodeRef as Node;
        let Some((&parent, outer)) = parents.split_last() else { return Self::WHOLE };
        let expression = Self::new(Precedence::Lambda, Takes::empty());
        let primary = Self::new(Precedence::CallAttribute, Takes::empty());
        let is = |expr: &Expr| expr.range() == child;
        match parent {
            Node::Arguments(arguments) => {
                let mut takes = Takes::NAMED | Takes::STARRED;
                if arguments.len() == 1 && matches!(outer.last(), Some(Node::ExprCall(_))) {
                    takes |= Takes::GENERATOR;
                }
                Self::new(Precedence::Lambda, takes)
            }
            Node::ExprStarred(_) => match outer.last() {
                Some(Node::Arguments(_)) => expression,
                _ => Self::new(Precedence::BitOr, Takes::empty()),
            },
            Node::ExprTuple(tuple) if !tuple.parenthesized => Self::element(),
            // Sets take `:=` since Python 3.10 only.
            Node::ExprSet(_) => Self::element(),
            Node::ExprTuple(_) | Node::ExprList(_) => {
                Self::new(Precedence::Lambda, Takes::NAMED | Takes::STARRED)
            }
            Node::ExprDict(dict) => {
                let is_unpacked =
                    dict.items.iter().any(|item| item.key.is_none() && is(&item.value));
                if is_unpacked { Self::new(Precedence::BitOr, Takes::empty()) } else { expression }
            }
            Node::ExprSubscript(subscript) if is(&subscript.value) => primary,
            Node::ExprAttribute(_) => Self { takes: Takes::empty(), ..primary },
            Node::ExprCall(_) | Node::ExprAwait(_) => primary,
            Node::ExprUnaryOp(unary) => {
                let min = match unary.op {
                    UnaryOp::Not => Precedence::Not,
                    _ => Precedence::PosNegBitNot,
                };
                Self::new(min, Takes::empty())
            }
            Node::ExprBinOp(binary) => Self::operand(binary.op, is(&binary.left)),
            // `(a and b) and c` and `a and b and c` are the same.
            Node::ExprBoolOp(op) => Self::new(Precedence::from(op.op), Takes::empty()),
            Node::ExprCompare(_) => {
                let min = Precedence::ComparisonsMembershipIdentity;
                Self { is_strict: true, ..Self::new(min, Takes::empty()) }
            }
            Node::ExprIf(choice) if is(&choice.orelse) => expression,
            Node::ExprIf(_) | Node::Comprehension(_) => Self::new(Precedence::Or, Takes::empty()),
            Node::ExprSubscript(_) | Node::ExprYield(_) => {
                Self::new(Precedence::Lambda, Takes::TUPLE)
            }
            Node::ExprListComp(_)
            | Node::ExprGenerator(_)
            | Node::StmtWhile(_)
            | Node::StmtIf(_)
            | Node::ElifElseClause(_)
            | Node::MatchCase(_)
            | Node::Decorator(_) => Self::new(Precedence::Lambda, Takes::NAMED),
            Node::StmtMatch(_) => Self::new(Precedence::Lambda, Takes::NAMED | Takes::TUPLE),
            // A colon in an interpolation starts its format.
            Node::InterpolatedElement(_) => Self::new(Precedence::IfElse, Takes::TUPLE),
            Node::StmtExpr(_) => Self::new(Precedence::Lambda, Takes::TUPLE | Takes::YIELD),
            Node::ModExpression(_) | Node::StmtReturn(_) => Self::WHOLE,
            Node::StmtAssign(assign) if is(&assign.value) => Self::value(),
            Node::StmtAugAssign(assign) if is(&assign.value) => Self::value(),
            Node::StmtAnnAssign(assign) if assign.value.as_deref().is_some_and(is) => Self::value(),
            Node::StmtAnnAssign(assign) if is(&assign.annotation) => expression,
            Node::StmtFor(loop_) if is(&loop_.iter) => Self::WHOLE,
            Node::StmtAssign(_) | Node::StmtFor(_) => {
                Self::new(Precedence::CallAttribute, Takes::TUPLE | Takes::STARRED)
            }
            Node::PatternMatchValue(_) | Node::PatternMatchMapping(_) => {
                Self { names: Names::Dotted, ..expression }
            }
            Node::PatternMatchClass(_) => Self { names: Names::Chain, ..expression },
            Node::Keyword(_)
            | Node::ExprSlice(_)
            | Node::ExprLambda(_)
            | Node::ExprNamed(_)
            | Node::ExprYieldFrom(_)
            | Node::ExprSetComp(_)
            | Node::ExprDictComp(_)
            | Node::WithItem(_)
            | Node::StmtAssert(_)
            | Node::StmtRaise(_)
            | Node::Parameter(_)
            | Node::ParameterWithDefault(_)
            | Node::StmtFunctionDef(_)
            | Node::TypeParamTypeVar(_)
            | Node::TypeParamTypeVarTuple(_)
            | Node::TypeParamParamSpec(_)
            | Node::StmtTypeAlias(_)
            | Node::ExceptHandlerExceptHandler(_) => expression,
            _ => Self::new(Precedence::Atomic, Takes::empty()),
        }
    }

    /// An element that cannot be `x := 1`.
    const fn element() -> Self {
        Self::new(Precedence::Lambda, Takes::STARRED)
    }

    /// The value of an assignment.
    const fn value() -> Self {
        Self::new(Precedence::Lambda, Takes::TUPLE.union(Takes::YIELD))
    }

    fn operand(operator: Operator, is_left: bool) -> Self {
        let own = Precedence::from(operator);
        match (operator, is_left) {
            // `**` binds tighter than a unary operator on its left, less tight than one on its
            // right.
            (Operator::Pow, true) => Self::new(Precedence::Await, Takes::empty()),
            (Operator::Pow, false) => Self::new(Precedence::PosNegBitNot, Takes::empty()),
            (_, true) => Self::new(own, Takes::empty()),
            (_, false) => Self { is_strict: true, ..Self::new(own, Takes::empty()) },
        }
    }
}

/// `expr` with the parentheses around it, where it has any of its own.
pub fn with_parentheses(
    expr: &Expr,
    parent: AnyNodeRef<'_>,
    tokens: &ast::token::Tokens,
) -> TextRange {
    ast::token::parenthesized_range(ExprRef::from(expr), parent, tokens)
        .unwrap_or_else(|| expr.range())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::Module;

    /// What `new` needs in the place of the name `X` in `source`.
    fn fit(source: &str, new: &str) -> Fit {
        let module = Module::parse(source).unwrap();
        let at = u32::try_from(source.find('X').unwrap()).unwrap();
        let range = TextRange::at(at.into(), 1.into());
        let mut path = module.path_to(range);
        path.pop();
        let expr = Module::parse(&format!("f({new})\n")).unwrap();
        let ast::Stmt::Expr(statement) = &expr.body()[0] else { panic!("{new}") };
        let Expr::Call(call) = &*statement.value else { panic!("{new}") };
        Slot::of(&path, range).fit(Shape::of(&call.arguments.args[0]))
    }

    #[test]
    fn parentheses_are_asked_for_where_python_needs_them_and_only_there() {
        // The oracle is the parser: with what the slot asks for, the tree has the new expression
        // where the name was; without it, it has not.
        let places = [
            "X.a\n",
            "X()\n",
            "X[0]\n",
            "a[X]\n",
            "a[X:1]\n",
            "f(X)\n",
            "f(X, 1)\n",
            "f(a=X)\n",
            "f(*X)\n",
            "f(**X)\n",
            "[X]\n",
            "[*X]\n",
            "{X}\n",
            "{X: 1}\n",
            "{1: X}\n",
            "{**X}\n",
            "(X, 1)\n",
            "a = X, 1\n",
            "-X\n",
            "not X\n",
            "X + a\n",
            "a + X\n",
            "a - X\n",
            "X ** a\n",
            "a ** X\n",
            "X < a\n",
            "a < X\n",
            "a in X\n",
            "X and a\n",
            "a and X\n",
            "X or a\n",
            "X if a else b\n",
            "a if X else b\n",
            "a if b else X\n",
            "lambda: X\n",
            "await X\n",
            "a = X\n",
            "a += X\n",
            "a: b = X\n",
            "X\n",
            "assert X\n",
            "raise X\n",
            "def f():\n    return X\n",
            "def f():\n    yield X\n",
            "for a in X: pass\n",
            "if X: pass\n",
            "while X: pass\n",
            "with X as a: pass\n",
            "[a for a in X]\n",
            "[a for a in b if X]\n",
            "[X for a in b]\n",
            "{X: 1 for a in b}\n",
            "def f(a=X): pass\n",
            "def f(a: X): pass\n",
            "@X\ndef f(): pass\n",
            "class C(X): pass\n",
            "(a := X)\n",
            "f(X for a in b)\n",
            "a * X\n",
            "a | X\n",
            "match X:\n    case 1: pass\n",
        ];
        let news = [
            "a",
            "a.b",
            "a()",
            "1",
            "1.5",
            "-a",
            "not a",
            "a + b",
            "a * b",
            "a ** b",
            "a | b",
            "a < b",
            "a and b",
            "a or b",
            "a if b else c",
            "lambda: a",
            "await a",
            "b := a",
            // With a value: after a bare `yield` the parser takes more than CPython does.
            "(yield b)",
            "(a, b)",
            "[a]",
            "'a'",
        ];
        for place in places {
            for new in news {
                let new =
                    new.strip_prefix('(').and_then(|new| new.strip_suffix(')')).unwrap_or(new);
                let source = |text: &str| place.replacen('X', text, 1);
                let wrapped = source(&format!("({new})"));
                let Ok(expected) = Module::parse(&wrapped) else { panic!("{wrapped}") };
                let is_same = |text: &str| {
                    Module::parse(&source(text)).is_ok_and(|found| {
                        let tree = |module: &Module| -> Vec<String> {
                            let comparable = ast::comparable::ComparableStmt::from;
                            module.body().iter().map(|s| format!("{:?}", comparable(s))).collect()
                        };
                        tree(&found) == tree(&expected)
                    })
                };
                let shape = match new {
                    "yield b" => Shape { precedence: Precedence::Yield, kind: Kind::Yield },
                    "a, b" => Shape { precedence: Precedence::Atomic, kind: Kind::Tuple },
                    new => {
                        let module = Module::parse(&format!("f({new})\n")).unwrap();
                        let ast::Stmt::Expr(statement) = &module.body()[0] else { panic!() };
                        let Expr::Call(call) = &*statement.value else { panic!() };
                        Shape::of(&call.arguments.args[0])
                    }
                };
                let module = Module::parse(place).unwrap();
                let at = u32::try_from(place.find('X').unwrap()).unwrap();
                let range = TextRange::at(at.into(), 1.into());
                let mut path = module.path_to(range);
                path.pop();
                let fit = Slot::of(&path, range).fit(shape);
                let is_bare_right = is_same(new);
                match fit {
                    Fit::Bare => {
                        // `a and (b and c)` is another tree that means the same.
                        let operator = [" and ", " or "];
                        let is_same_operator =
                            operator.iter().any(|op| place.contains(op) && new.contains(op));
                        let is_right = is_bare_right || is_same_operator;
                        assert!(is_right, "{} needs parentheses", source(new));
                    }
                    Fit::Never => panic!("{}", source(new)),
                    Fit::Parenthesised => {
                        // These are written with parentheses as older versions need them.
                        let older = [("a[X]\n", "b := a"), ("{X}\n", "b := a")];
                        let is_older = older.contains(&(place, new));
                        assert!(!is_bare_right || is_older, "{} needs none", source(new));
                    }
                }
            }
        }
    }

    #[test]
    fn patterns_take_names_alone() {
        let value = "match a:\n    case X.b: pass\n".replace("X.b", "b.X");
        assert_eq!(fit("match a:\n    case X(): pass\n", "a"), Fit::Bare);
        assert_eq!(fit("match a:\n    case X(): pass\n", "a()"), Fit::Never);
        let module = Module::parse(&value).unwrap();
        let at = u32::try_from(value.find("b.X").unwrap()).unwrap();
        let range = TextRange::at(at.into(), 3.into());
        let mut path = module.path_to(range);
        path.pop();
        assert_eq!(Slot::of(&path, range).fit(Shape::NAME), Fit::Never);
    }
}
