//! What a name means at each place: scopes, bindings and the flow of control between them.
//!
//! Each case is a module. A comment `#? name: 1 3` on a line says that the uses of `name` on that
//! line are reached by the bindings of lines 1 and 3; `unbound` that it may have no value of this
//! file's; `typing` after the lines that only a type checker reads it.

use tiermod::semantic::{Names, Usage};
use tiermod::syntax::Module;
use tiermod::text::Lines;

#[track_caller]
fn check(source: &str) {
    let module = Module::parse(source).unwrap_or_else(|error| panic!("{error}\n{source}"));
    let names = Names::new(&module, source);
    let lines = Lines::new(source);
    let mut asked = 0;
    for (index, text) in source.lines().enumerate() {
        let line = u32::try_from(index).expect("a short source") + 1;
        let Some((_, questions)) = text.split_once("#? ") else { continue };
        for question in questions.split("; ") {
            asked += 1;
            let (name, expected) = question.split_once(':').expect("a question has a colon");
            let found: Vec<String> = names
                .references()
                .filter(|(_, reference)| names.text(reference.name) == name)
                .filter(|(_, reference)| lines.position(reference.range.start()).line == line)
                .map(|(_, reference)| {
                    let reach = names.reach(reference);
                    let mut parts: Vec<String> = reach
                        .bindings
                        .iter()
                        .map(|&id| lines.position(names.binding(id).range.start()).line.to_string())
                        .collect();
                    parts.dedup();
                    if reach.may_be_unbound {
                        parts.push("unbound".to_owned());
                    }
                    if reference.usage == Usage::Typing {
                        parts.push("typing".to_owned());
                    }
                    parts.join(" ")
                })
                .collect();
            assert!(!found.is_empty(), "no use of `{name}` on line {line} of\n{source}");
            for found in found {
                assert_eq!(found, expected.trim(), "`{name}` on line {line} of\n{source}");
            }
        }
    }
    assert!(asked > 0, "the case asks nothing");
}

#[test]
fn the_last_binding_before_a_use_reaches_it() {
    check("x = 1\nx = 2\nprint(x) #? x: 2\nx = 3\n");
    check("print(x) #? x: unbound\nx = 1\n");
    check("x = 1\ndel x\nprint(x) #? x: unbound\n");
    check("x = 1\nx += 1 #? x: 1\nprint(x) #? x: 2\n");
    check("x: int\nprint(x) #? x: unbound\nx = 2\nprint(x) #? x: 3\n");
}

#[test]
fn branches_join() {
    check("if a:\n    x = 1\nelse:\n    x = 2\nprint(x) #? x: 2 4\n");
    check("if a:\n    x = 1\nprint(x) #? x: 2 unbound\n");
    check("x = 0\nif a:\n    x = 1\nelif b:\n    pass\nprint(x) #? x: 1 3\n");
    check(
        "if a:\n    x = 1\nelif (x := 2):\n    pass\nelse:\n    print(x) #? x: 3\nprint(x) #? x: 2 3\n",
    );
    check("x = 1\nif a:\n    x = 2\n    raise E\nprint(x) #? x: 1\n");
    check("x = a and (y := 1)\nprint(y) #? y: 1 unbound\n");
    check("x = (y := 1) if a else (y := 2)\nprint(y) #? y: 1\n");
    check("match a:\n    case 1:\n        x = 1\n    case _:\n        x = 2\nprint(x) #? x: 3 5\n");
    check(
        "match a:\n    case [x, *y]:\n        pass\n    case {'k': z, **x}:\n        print(x) #? x: 4\nprint(x) #? x: 2 4 unbound\n",
    );
}

#[test]
fn loops_come_round_again() {
    check("for i in a:\n    print(x) #? x: 3 unbound\n    x = 1\nprint(x) #? x: 3 unbound\n");
    check(
        "x = 0\nwhile a:\n    print(x) #? x: 1 4\n    x = 1\nelse:\n    x = 2\nprint(x) #? x: 6\n",
    );
    check("x = 0\nwhile True:\n    x = 1\n    if a:\n        break\n    x = 2\nprint(x) #? x: 3\n");
    check("while True:\n    x = 1\nprint(x) #? x: unbound\n");
    check("while True:\n    if a:\n        break\nelse:\n    x = 1\nprint(x) #? x: unbound\n");
    check("while a:\n    break\nelse:\n    x = 1\nprint(x) #? x: 4 unbound\n");
    check("x = 0\nfor x in a:\n    pass\nprint(x) #? x: 1 2\n");
    check(
        "for a in b:\n    for c in d:\n        print(x) #? x: 5 unbound\n        pass\n    x = 1\n",
    );
    check("for a in b:\n    x = 1\n    print(x) #? x: 2\n    continue\n    x = 2\n");
    check(
        "for a in b:\n    if c:\n        x = 1\n        break\nelse:\n    x = 2\nprint(x) #? x: 3 6\n",
    );
}

#[test]
fn a_try_may_stop_anywhere() {
    check("try:\n    from a import x\nexcept ImportError:\n    x = None\nprint(x) #? x: 2 4\n");
    check(
        "x = 0\ntry:\n    x = 1\n    x = 2\nexcept E:\n    print(x) #? x: 1 3 4\nprint(x) #? x: 1 3 4\n",
    );
    check("try:\n    x = 1\nexcept E:\n    raise\nprint(x) #? x: 2\n");
    check("try:\n    x = 1\nfinally:\n    print(x) #? x: 2 unbound\nprint(x) #? x: 2\n");
    check("x = 0\ntry:\n    x = 1\nfinally:\n    x = 2\nprint(x) #? x: 5\n");
    check("try:\n    pass\nexcept E as x:\n    print(x) #? x: 3\nprint(x) #? x: unbound\n");
    check("try:\n    x = 1\nexcept E:\n    pass\nelse:\n    print(x) #? x: 2\n");
    check(
        "def f():\n    try:\n        return 1\n    finally:\n        x = 2\n        print(x) #? x: 5\n",
    );
    check("try:\n    x = 1\nexcept* E:\n    x = 2\nprint(x) #? x: 2 4\n");
}

#[test]
fn a_with_runs_its_body_unless_it_swallows() {
    check("with a as x, b(x) as y: #? x: 1\n    z = y #? y: 1\nprint(z) #? z: 2\n");
    check("with suppress(ImportError):\n    from a import x\nprint(x) #? x: 2 unbound\n");
    check("with contextlib.suppress(E):\n    x = 1\nprint(x) #? x: 2 unbound\n");
    check("with raises(E) as x:\n    y = 1\nprint(x) #? x: 1\nprint(y) #? y: 2 unbound\n");
    check("with suppress(E), f() as x:\n    pass\nprint(x) #? x: 1 unbound\n");
}

#[test]
fn code_after_a_stop_is_not_reached() {
    check("def f():\n    x = 1\n    return x #? x: 2\n    x = 2\n");
    check("def f(a):\n    if a:\n        x = 1\n    else:\n        return\n    print(x) #? x: 3\n");
}

#[test]
fn other_scopes_see_every_binding() {
    check("def f():\n    return x #? x: 3 4\nx = 1\nx = 2\n");
    check("x = 1\nf = lambda: x #? x: 1 3\nx = 2\n");
    check("x = 1\ny = (x for _ in a) #? x: 1 3\nx = 2\n");
    check(
        "def f():\n    x = 1\n    def g():\n        return x #? x: 2 5\n    x = 2\n    return g\n",
    );
    check(
        "def f():\n    x = 1\n    def g():\n        nonlocal x\n        x = 2\n    print(x) #? x: 2 5\n",
    );
    check("def f():\n    global x\n    x = 1\nprint(x) #? x: 3 unbound\n");
    check("x = 1\ndef f():\n    print(x) #? x: unbound\n    x = 2\n");
}

#[test]
fn eager_scopes_see_what_holds_where_they_stand() {
    check("x = 1\ny = [x for _ in a] #? x: 1\nx = 2\n");
    check("x = 1\nclass A:\n    y = x #? x: 1\nx = 2\n");
    check("x = 1\nclass A:\n    x = x #? x: 1\n    y = x #? x: 3\n");
    check("class A:\n    x = 1\n    def f(self):\n        return x #? x: unbound\n");
    check("class A:\n    x = [1]\n    y = [1 for _ in x] #? x: 2\n");
    check("def f():\n    x = 1\n    class A:\n        x = x #? x: unbound\n");
    check("x = [y for y in a if y] #? y: 1\n");
    check("print([y := 1 for _ in a], y) #? y: 1 unbound\n");
}

#[test]
fn parameters_and_defaults() {
    check("x = 1\ndef f(x=x): #? x: 1\n    return x #? x: 2\n");
    check(
        "def f(a, /, b, *c, d, **e):\n    return a, b, c, d, e #? a: 1; b: 1; c: 1; d: 1; e: 1\n",
    );
    check("x = 1\n@x #? x: 1\ndef x(): pass\nprint(x) #? x: 3\n");
    check("f = lambda x, y=1: (x, y) #? x: 1; y: 1\n");
}

#[test]
fn names_are_mangled_and_normalized() {
    check("class A:\n    __x = 1\n    y = __x #? _A__x: 2\n");
    check("ﬁ = 1\nprint(fi) #? fi: 1\n");
}

#[test]
fn type_parameters_have_a_scope_of_their_own() {
    check("T = 1\ndef f[T](x: T) -> T: #? T: 2\n    return T #? T: 2\nprint(T) #? T: 1\n");
    check("class A[T]:\n    x: T #? T: 1\n    def f(self):\n        return T #? T: 1\n");
    check("type A[T] = list[T] #? T: 1\nprint(A) #? A: 1\n");
}

#[test]
fn typing_only_code_is_not_run() {
    check(
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from a import x\nprint(x) #? x: unbound\n",
    );
    check("if typing.TYPE_CHECKING:\n    from a import x\nelse:\n    x = None\nprint(x) #? x: 4\n");
    check("if not TYPE_CHECKING:\n    x = 1\nelse:\n    x = 2\nprint(x) #? x: 2\n");
    check("if TYPE_CHECKING:\n    from a import x\ndef f(a: 'x'): #? x: 2 typing\n    pass\n");
    check(
        "from __future__ import annotations\nif TYPE_CHECKING:\n    from a import x\ny: x = 1 #? x: unbound\n",
    );
}

#[test]
fn strings_that_are_types_are_uses() {
    check("from a import x\ndef f(a: 'list[x]') -> \"x\": #? x: 1 typing\n    pass\n");
    check("from a import x\ny = cast('x', 1) #? x: 1 typing\n");
    check("from a import x\nT = TypeVar('T', bound='x') #? x: 1 typing\n");
    for line in [
        "X: TypeAlias = 'x | None'",
        "X: t.TypeAlias = dict[str, 'x']",
        "X = Optional['x']",
        "X = t.Callable[[int, 'list[x]'], None] | None",
        "X = dict[str, list['x']]",
        "X = Annotated['x', 'kept']",
        "class C(list['x']): pass",
        "class C(Generic[T], Sequence['x']): pass",
        "type X = 'x'",
        "type X[T] = Other['x']",
        "def f[T: 'x'](a: T): pass",
        "y = t.cast(typ='x', val=None)",
        "y = cast('x' | None, 1)",
        "assert_type(y, 'x')",
        "T = TypeVar('T', 'x', 'int')",
        "T = TypeVar('T', default='x')",
        "N = NewType('N', 'x')",
        "A = TypeAliasType('A', 'x')",
        "P = NamedTuple('P', [('a', 'x'), ('b', int)])",
        "D = TypedDict('D', {'a': 'x'}, total=False)",
        "D = TypedDict('D', a=Required['x'])",
    ] {
        check(&format!("from a import x\n{line} #? x: 1 typing\n"));
    }
}

#[test]
fn strings_that_are_values_are_no_uses() {
    for line in [
        "y = handlers['x']",
        "y = Literal['x']",
        "y = Optional[Literal['x']]",
        "y = Annotated[int, 'x']",
        "y = cast(int, 'x')",
        "y: Alias = 'x'",
        "T = TypeVar('x')",
        "N = NewType('x', int)",
        "P = NamedTuple('x', [('x', int)])",
        "D = TypedDict('x', {'x': int})",
        "y = list('x')",
    ] {
        let source = format!("from a import x\n{line}\n");
        let module = Module::parse(&source).unwrap_or_else(|error| panic!("{error}\n{source}"));
        let names = Names::new(&module, &source);
        let used = names.references().find(|(_, reference)| names.text(reference.name) == "x");
        assert!(used.is_none(), "{line}: {used:?}");
    }
}
