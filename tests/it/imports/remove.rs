//! Rule 25: what leaves with a removed name or statement, and what stays.

use super::support::case;

const M: &str = "app.redis_manager:redis_manager";

#[test]
fn g17_the_last_of_a_parenthesised_list() {
    case("from m import (\n    a,\n    b,\n)\n")
        .remove("from m", "b")
        .gives("from m import (\n    a,\n)\n");
    case("from m import (\n    a,\n    b\n)\n")
        .remove("from m", "b")
        .gives("from m import (\n    a\n)\n");
    case("from m import (a,\n               b)\n")
        .remove("from m", "b")
        .gives("from m import (a)\n");
    case("from m import (a,\n               b)\n")
        .remove("from m", "a")
        .gives("from m import (b)\n");
    case("from m import (a,  # about a\n               b)\n")
        .remove("from m", "b")
        .gives("from m import (a  # about a\n               )\n");
    case("from m import (\n    a, b,\n    c, d)\n")
        .remove("from m", "b")
        .gives("from m import (\n    a,\n    c, d)\n");
    case("from m import (\n    a, b,\n    c, d)\n")
        .remove("from m", "c")
        .gives("from m import (\n    a, b,\n    d)\n");
    case("from m import (\n    a, b,\n    c, d)\n")
        .remove("from m", "d")
        .gives("from m import (\n    a, b,\n    c)\n");
    case("from m import a, \\\n    b\n").remove("from m", "b").gives("from m import a\n");
    case("from m import a, \\\n    b\n").remove("from m", "a").gives("from m import b\n");
    case("from m import a, \\\n    b, \\\n    c\n")
        .remove("from m", "b")
        .gives("from m import a, \\\n    c\n");
    case("import a, b, c\n").remove("import a", "b").gives("import a, c\n");
    case("import a, b, c\n").remove("import a", "a").remove("import a", "c").gives("import b\n");
    case("from m import (\n    a\n    , b\n    , c\n)\n")
        .remove("from m", "c")
        .gives("from m import (\n    a\n    , b\n)\n");
}

#[test]
fn g18_comments_leave_with_what_they_are_about() {
    // In a list: on its line, and above it.
    case("from m import (\n    a,\n    # about b\n    b,  # and more\n    c,\n)\n")
        .remove("from m", "b")
        .gives("from m import (\n    a,\n    c,\n)\n");
    // A heading stays for the names below it, and goes with the last of them.
    let listed = "from m import (\n    # models\n    A,\n    B,\n    # views\n    C,\n)\n";
    case(listed)
        .remove("from m", "A")
        .gives("from m import (\n    # models\n    B,\n    # views\n    C,\n)\n");
    case(listed).remove("from m", "C").gives("from m import (\n    # models\n    A,\n    B,\n)\n");
    // Above a statement.
    case("# about os\nimport os\nimport sys\n").remove("import os", "os").gives("import sys\n");
    case("# third party\nimport attr\nimport yaml\n")
        .remove("import attr", "attr")
        .gives("# third party\nimport yaml\n");
    case("import sys\n\n# local\nfrom app import x\n\ny = 1\n")
        .remove("from app", "x")
        .gives("import sys\n\ny = 1\n");
    // Above several that all go.
    case("import sys\n\n# the old ones\nfrom app import x\nfrom app.z import z\n\ny = 1\n")
        .remove("from app import", "x")
        .remove("from app.z", "z")
        .gives("import sys\n\ny = 1\n");
    // On its line.
    case("import os  # files\nimport sys  # args\n")
        .remove("import os", "os")
        .gives("import sys  # args\n");
    // Every other one stays.
    case("import sys\n\n# apart\n\nimport os\n\n# below\nx = 1\n")
        .remove("import os", "os")
        .gives("import sys\n\n# apart\n\n# below\nx = 1\n");
    case("from m import a, b  # both\n").remove("from m", "b").gives("from m import a  # both\n");
}

#[test]
fn g19_no_blank_lines_are_left_behind() {
    case("import os\n\nimport yaml\n\nx = 1\n")
        .remove("import os", "os")
        .gives("import yaml\n\nx = 1\n");
    case("import os\n\n\ndef f():\n    pass\n")
        .remove("import os", "os")
        .gives("def f():\n    pass\n");
    case("\"\"\"docs\"\"\"\n\nimport os\n\n\ndef f():\n    pass\n")
        .remove("import os", "os")
        .gives("\"\"\"docs\"\"\"\n\n\ndef f():\n    pass\n");
    case("import os\n\nimport yaml\n\nfrom . import x\n")
        .remove("import yaml", "yaml")
        .gives("import os\n\nfrom . import x\n");
    case("def f():\n    import os\n\n    return 1\n")
        .remove("import os", "os")
        .gives("def f():\n    return 1\n");
    case("def f():\n    x = 1\n\n    y = 2\n\n\ndef g():\n    pass\n")
        .remove_statement("y = 2")
        .gives("def f():\n    x = 1\n\n\ndef g():\n    pass\n");
    case("x = 1\n\nimport os\n").remove("import os", "os").gives("x = 1\n");
    case("import os\n").remove("import os", "os").gives("");
    case("import a\nimport b\nimport c\n").remove("import b", "b").gives("import a\nimport c\n");
    // A comment that had set it off.
    case("import a\n\n# about b\nimport b\nimport c\n")
        .remove("import b", "b")
        .gives("import a\nimport c\n");
}

#[test]
fn g19_a_typing_block_goes_as_a_whole() {
    let plan = case(
        "from typing import TYPE_CHECKING\n\nif TYPE_CHECKING:\n    from app.b import C\n\nx = 1\n",
    )
    .remove("from app.b", "C")
    .gives("from typing import TYPE_CHECKING\n\nx = 1\n");
    assert_eq!(plan.emptied.len(), 1);
    case("import typing\n\nif typing.TYPE_CHECKING:\n    # for types\n    from app.b import C  # why\n\n\ndef f():\n    pass\n")
        .remove("from app.b", "C")
        .remove("import typing", "typing")
        .gives("def f():\n    pass\n");
    // Not where something else is in it, or a comment would be lost.
    case("if TYPE_CHECKING:\n    from app.b import C, D\n")
        .remove("from app.b", "C")
        .gives("if TYPE_CHECKING:\n    from app.b import D\n");
    case("if TYPE_CHECKING:\n    from app.b import C\nelse:\n    C = None\n")
        .remove("from app.b", "C")
        .gives("if TYPE_CHECKING:\n    pass\nelse:\n    C = None\n");
    let plan = case("if TYPE_CHECKING:\n    # apart\n\n    from app.b import C\n")
        .remove("from app.b", "C")
        .gives("if TYPE_CHECKING:\n    # apart\n\n    pass\n");
    assert!(plan.emptied.is_empty());
    // Nor where imports would come together that are apart.
    case("import sys\n\nif TYPE_CHECKING:\n    from app.b import C\n\nimport abc\n")
        .remove("from app.b", "C")
        .gives("import sys\n\nif TYPE_CHECKING:\n    pass\n\nimport abc\n");
    case("class A:\n    if TYPE_CHECKING:\n        from app.b import C\n")
        .remove("from app.b", "C")
        .gives("class A:\n    pass\n");
}

#[test]
fn a_block_left_empty_gets_pass() {
    case("def f():\n    redis_manager = C()\n")
        .remove_statement("redis_manager")
        .gives("def f():\n    pass\n");
    case("def f():\n    # the manager\n    redis_manager = C()  # one\n")
        .remove_statement("redis_manager")
        .gives("def f():\n    # the manager\n    # one\n    pass\n");
    case("def f():\n    \"\"\"docs\"\"\"\n    redis_manager = C()\n")
        .remove_statement("redis_manager")
        .gives("def f():\n    \"\"\"docs\"\"\"\n");
    case("if x: redis_manager = C()  # one\n")
        .remove_statement("redis_manager")
        .gives("if x: pass  # one\n");
    case("if x: a = 1; redis_manager = C()\n")
        .remove_statement("redis_manager")
        .gives("if x: a = 1\n");
    case("if x: redis_manager = C(); a = 1\n")
        .remove_statement("redis_manager")
        .gives("if x: a = 1\n");
    case("if x:\n    from app.b import C\n    d = C()\nelse:\n    d = 1\n")
        .remove("from app.b", "C")
        .remove_statement("d = C")
        .gives("if x:\n    pass\nelse:\n    d = 1\n");
    case("try:\n    import os\nfinally:\n    import sys\n")
        .remove("import sys", "sys")
        .gives("try:\n    import os\nfinally:\n    pass\n");
}

#[test]
fn the_comments_of_a_removed_statement_stay_on_lines_of_their_own() {
    case("x = 1\nredis_manager = C(  # first\n    # second\n)  # third\ny = 2\n")
        .remove_statement("redis_manager")
        .gives("x = 1\n# first\n# second\n# third\ny = 2\n");
    case("from app.b import C\n\nredis_manager = C()\n\n\ndef f():\n    pass\n")
        .replace("app.b:redis_manager", "from app.b", "C")
        .remove_statement("redis_manager")
        .gives("from app.b import redis_manager\n\n\ndef f():\n    pass\n");
    case("a = 1; redis_manager = C()  # why\n")
        .remove_statement("redis_manager")
        .gives("a = 1  # why\n");
    case("redis_manager = C(  # why\n); a = 1\n")
        .remove_statement("redis_manager")
        .gives("# why\na = 1\n");
}

#[test]
fn statements_that_share_a_line() {
    case("import os; import sys; import re\n")
        .remove("import sys", "sys")
        .gives("import os; import re\n");
    case("import os; import sys\n").remove("import os", "os").gives("import sys\n");
    case("import os; import sys  # why\n").remove("import sys", "sys").gives("import os  # why\n");
    case("import os; import sys\nx = 1\n")
        .remove("import os", "os")
        .remove("import sys", "sys")
        .gives("x = 1\n");
    case("import os;\nx = 1\n").remove("import os", "os").gives("x = 1\n");
}

#[test]
fn a_removed_import_and_a_new_one_are_planned_together() {
    case("from app.b import C\n\nx = 1\n")
        .remove("from app.b", "C")
        .module(M)
        .gives("from app.redis_manager import redis_manager\n\nx = 1\n");
    case("import os\n\nfrom app.b import C\n\n\nclass A:\n    pass\n")
        .remove("from app.b", "C")
        .module("sys")
        .gives("import os\nimport sys\n\n\nclass A:\n    pass\n");
    case("\"\"\"docs\"\"\"\nfrom app.b import C\nx = 1\n")
        .remove("from app.b", "C")
        .module(M)
        .gives("\"\"\"docs\"\"\"\nfrom app.redis_manager import redis_manager\nx = 1\n");
    case("def f():\n    from app.b import C\n    return C\n")
        .remove("from app.b", "C")
        .function(M, "def f")
        .gives("def f():\n    from app.redis_manager import redis_manager\n    return C\n");
}

#[test]
fn form_feeds_and_indentation_survive_a_removal() {
    case("import os\n\x0cimport sys\nx = 1\n")
        .remove("import sys", "sys")
        .gives("import os\n\x0c\nx = 1\n");
    case("import os\n\x0c\nx = 1\n").remove("import os", "os").gives("\x0c\nx = 1\n");
}
