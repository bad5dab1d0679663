//! Strings that hold types although they stand outside annotations: in calls of `typing`, in
//! aliases, in the arguments of generic types.
//!
//! Type checkers read them, and so does `typing.get_type_hints`: the names in them are uses. Which
//! places these are is said by the typing specification, "Type annotations", and by the
//! documentation of `typing`.

use super::Builder;
use crate::syntax::ast::{self, Expr, Operator};
use crate::syntax::chain::last_name;

impl<'a> Builder<'a> {
    /// `cast("T", x)`, `TypeVar("T", bound="T")`, `TypedDict("D", {"key": "T"})`
    pub(super) fn typing_call(&mut self, call: &'a ast::ExprCall) {
        let arguments = &call.arguments;
        let positional = &*arguments.args;
        let from = |index: usize| positional.get(index..).unwrap_or_default();
        let at = |index: usize| from(index).get(..1).unwrap_or_default();
        let (types, keywords): (&[Expr], &[&str]) = match last_name(&call.func) {
            Some("cast") => (at(0), &["typ"]),
            Some("assert_type") => (at(1), &["typ"]),
            Some("TypeVar") => (from(1), &["bound", "default"]),
            Some("ParamSpec" | "TypeVarTuple") => (&[], &["bound", "default"]),
            Some("NewType") => (at(1), &["tp"]),
            Some("TypeAliasType") => (at(1), &["value"]),
            Some("NamedTuple") => return self.fields(at(1)),
            Some("TypedDict") => return self.keys(at(1), &arguments.keywords),
            _ => return,
        };
        let given = keywords.iter().filter_map(|name| arguments.find_keyword(name));
        for type_ in types.iter().chain(given.map(|keyword| &keyword.value)) {
            self.strings_of_type(type_);
        }
    }

    /// `[("name", "T"), …]`
    fn fields(&mut self, list: &'a [Expr]) {
        let elements = list.iter().flat_map(|list| match list {
            Expr::List(list) => &*list.elts,
            Expr::Tuple(tuple) => &*tuple.elts,
            _ => &[],
        });
        for field in elements {
            if let Expr::Tuple(field) = field
                && let [_, type_] = &*field.elts
            {
                self.strings_of_type(type_);
            }
        }
    }

    /// `{"key": "T", …}`, or `key="T"` as it was until Python 3.13.
    fn keys(&mut self, dict: &'a [Expr], keywords: &'a [ast::Keyword]) {
        let items = dict.iter().filter_map(Expr::as_dict_expr).flat_map(|dict| &dict.items);
        for item in items {
            self.strings_of_type(&item.value);
        }
        for keyword in keywords {
            self.strings_of_type(&keyword.value);
        }
    }

    /// The value of `name: TypeAlias = …` (PEP 613).
    pub(super) fn alias(&mut self, assign: &'a ast::StmtAnnAssign) {
        let is_alias = last_name(&assign.annotation) == Some("TypeAlias");
        if let Some(value) = assign.value.as_deref().filter(|_| is_alias) {
            self.strings_of_type(value);
        }
    }

    /// The arguments of a generic type, wherever it stands: `dict[str, "T"]`, `Optional["T"]`.
    pub(super) fn generic(&mut self, subscript: &'a ast::ExprSubscript) {
        if last_name(&subscript.value).is_some_and(is_generic) {
            self.arguments_of_type(subscript);
        }
    }

    fn arguments_of_type(&mut self, subscript: &'a ast::ExprSubscript) {
        match (last_name(&subscript.value), &*subscript.slice) {
            (Some("Literal"), _) => {}
            (Some("Annotated"), Expr::Tuple(tuple)) => {
                if let Some(type_) = tuple.elts.first() {
                    self.strings_of_type(type_);
                }
            }
            (_, slice) => self.strings_of_type(slice),
        }
    }

    /// The strings of an expression that is a type. Those in the arguments of generic types were
    /// read with the expression.
    pub(super) fn strings_of_type(&mut self, expr: &'a Expr) {
        match expr {
            Expr::StringLiteral(string) => self.string_annotation(string),
            Expr::Subscript(subscript) if !last_name(&subscript.value).is_some_and(is_generic) => {
                self.arguments_of_type(subscript);
            }
            Expr::Tuple(tuple) => self.strings_of_types(&tuple.elts),
            Expr::List(list) => self.strings_of_types(&list.elts),
            Expr::BinOp(union) if union.op == Operator::BitOr => {
                self.strings_of_type(&union.left);
                self.strings_of_type(&union.right);
            }
            Expr::Starred(starred) => self.strings_of_type(&starred.value),
            _ => {}
        }
    }

    fn strings_of_types(&mut self, all: &'a [Expr]) {
        for expr in all {
            self.strings_of_type(expr);
        }
    }
}

/// Whether a name is that of a generic type or special form of the standard library: of `typing`,
/// of `builtins` and `collections` (PEP 585), or of `collections.abc`.
///
/// What another subscript holds may be a key.
fn is_generic(name: &str) -> bool {
    matches!(
        name,
        "AbstractSet"
            | "Annotated"
            | "AsyncContextManager"
            | "AsyncGenerator"
            | "AsyncIterable"
            | "AsyncIterator"
            | "Awaitable"
            | "ByteString"
            | "Callable"
            | "ChainMap"
            | "ClassVar"
            | "Collection"
            | "Concatenate"
            | "Container"
            | "ContextManager"
            | "Coroutine"
            | "Counter"
            | "DefaultDict"
            | "Deque"
            | "Dict"
            | "Final"
            | "FrozenSet"
            | "Generator"
            | "Generic"
            | "ItemsView"
            | "Iterable"
            | "Iterator"
            | "KeysView"
            | "List"
            | "Mapping"
            | "MappingView"
            | "MutableMapping"
            | "MutableSequence"
            | "MutableSet"
            | "NotRequired"
            | "Optional"
            | "OrderedDict"
            | "Protocol"
            | "ReadOnly"
            | "Required"
            | "Reversible"
            | "Sequence"
            | "Set"
            | "Tuple"
            | "Type"
            | "TypeGuard"
            | "TypeIs"
            | "Union"
            | "Unpack"
            | "ValuesView"
            | "defaultdict"
            | "deque"
            | "dict"
            | "frozenset"
            | "list"
            | "set"
            | "tuple"
            | "type"
    )
}
