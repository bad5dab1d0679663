//! Snippets that are wrong: what is said of them, and where.

use crate::memory;

/// `before`, `after`, what is said, and the line of the transform's file to which it points.
const WRONG: &[(&str, &str, &str, u32)] = &[
    ("f($X)", "g($Y)", "`$Y` is not in `before`", 8),
    ("f($X)", "f($$$X)", "`before` has `$X`, and `$$$X` is another thing", 8),
    ("f($X, $$$X)", "f($X)", "`$X` and `$$$X` are different things", 5),
    ("f($_)", "g($_)", "`$_` does not say what stands there", 8),
    ("$X", "f($X)", "a pattern that is a metavariable alone would match everything", 5),
    ("f($X)", "g($X, b)", "what `b` is cannot be told", 8),
    ("f(", "g()", "no Python", 6),
    ("f($$$A, $$$B)", "f($$$A)", "is the second of its list", 5),
    ("f($$$A.x)", "f()", "stands for arguments of a call", 5),
    ("f(x for x in $X)", "f($X)", "a comprehension in `before` is compared as it is written", 5),
    ("f($X)", "[x for x in $X]", "`after` cannot make names of its own", 8),
    ("f($X)", "(x := $X)", "`after` cannot make names of its own", 8),
    ("f($X)", "return $X", "a statement cannot take its place", 8),
    ("if $X: f()", "f($X)", "a pattern is an expression or a simple statement", 5),
    ("f()\nimport lib", "g()", "the imports of a snippet come before its pattern", 6),
    ("f()\nf()", "g()", "the snippet has two patterns", 6),
    ("from . import f\nf()", "g()", "not relative", 5),
    ("from lib import *\nf()", "g()", "a snippet imports names one by one", 5),
    ("import old\nold", "import new\nnew", "a name is what can be moved", 6),
    ("from lib import f\nf($$$A)", "from lib import f\nf($$$A, x=1)", "would rewrite it again", 10),
    ("from lib import f\nf($X)", "from lib import f\nf($X, 1)\nf", "two patterns", 11),
];

#[test]
fn what_is_wrong_with_a_snippet_is_said_at_its_place() {
    for (before, after, says, line) in WRONG {
        let text = format!(
            "name = 'case'\nsummary = 'A case'\n[[rewrite]]\nbefore = '''\n{before}\n'''\n\
             after = '''\n{after}\n'''\n"
        );
        let Err(problems) = memory::parse("case", &text) else {
            panic!("{before} → {after} is taken");
        };
        let shown = problems.to_string();
        let place = format!("transforms/case.toml:{line}:");
        assert!(shown.contains(says) && shown.contains(&place), "{before} → {after}:\n{shown}");
    }
}
