//! Rules 17 to 20: where there are no imports to join, blank lines and line endings.

use super::support::case;

const M: &str = "app.redis_manager:redis_manager";
const LINE: &str = "from app.redis_manager import redis_manager\n";

#[test]
fn g04_a_comment_is_not_torn_from_its_statement() {
    case("# number of widgets\nN = 3\n")
        .module(M)
        .gives(&format!("{LINE}\n# number of widgets\nN = 3\n"));
    case("\"\"\"docs\"\"\"\n\n# number of widgets\nN = 3\n")
        .module(M)
        .gives(&format!("\"\"\"docs\"\"\"\n\n{LINE}\n# number of widgets\nN = 3\n"));
    case("def f():\n    # the answer\n    return 42\n").function(M, "def f").gives(
        "def f():\n    from app.redis_manager import redis_manager\n\n    # the answer\n    return 42\n",
    );
}

#[test]
fn rule_17_headers_stay_on_top() {
    for (header, gap) in [
        ("#!/usr/bin/env python3\n", ""),
        ("# -*- coding: utf-8 -*-\n", ""),
        ("#!/usr/bin/env python3\n# -*- coding: utf-8 -*-\n", ""),
        ("# Copyright the authors.\n# All rights reserved.\n", "\n"),
        ("# a licence that says nothing of itself\n\n", ""),
        ("# /// script\n# dependencies = []\n# ///\n\n", ""),
        ("#!/usr/bin/env python3\n#\n# Copyright the authors.\n\n", ""),
        ("#!/usr/bin/env python3\n\n# Copyright the authors.\n\n", ""),
        ("\"\"\"docs\"\"\"\n", "\n"),
        ("\"\"\"docs\n\nmore\n\"\"\"\n\n", ""),
        ("#!/usr/bin/python\n\"\"\"docs\"\"\"\n\n", ""),
        ("\"\"\"docs\"\"\"\n\nfrom __future__ import annotations\n\n", ""),
        ("# pylint: disable=all\n", ""),
        ("\"\"\"docs\"\"\"\n\n# Copyright the authors.\n\n", ""),
    ] {
        case(&format!("{header}x = 1\n")).module(M).gives(&format!("{header}{gap}{LINE}\nx = 1\n"));
    }
    // Only strings that are docstrings.
    case("'docs'\n'more'\n").module(M).gives(&format!("'docs'\n\n{LINE}\n'more'\n"));
}

#[test]
fn g12_dunders_stay_above_the_first_import() {
    case("\"\"\"docs\"\"\"\n\n__all__ = ['x']\n__version__ = '1'\n\nx = 1\n").module(M).gives(
        &format!("\"\"\"docs\"\"\"\n\n__all__ = ['x']\n__version__ = '1'\n\n{LINE}\nx = 1\n"),
    );
    case("from __future__ import annotations\n\n__all__ = ['x']\n\nx = 1\n").module(M).gives(
        &format!("from __future__ import annotations\n\n__all__ = ['x']\n\n{LINE}\nx = 1\n"),
    );
    // Where imports follow, they are joined.
    case("__all__ = ['x']\n\nimport os\n\nx = 1\n")
        .module(M)
        .gives(&format!("__all__ = ['x']\n\nimport os\n\n{LINE}\nx = 1\n"));
}

#[test]
fn g05_blank_lines_below_the_first_import() {
    case("def f():\n    pass\n").module(M).gives(&format!("{LINE}\n\ndef f():\n    pass\n"));
    case("@x\nclass A:\n    pass\n")
        .module(M)
        .gives(&format!("{LINE}\n\n@x\nclass A:\n    pass\n"));
    case("x = 1\n").module(M).gives(&format!("{LINE}\nx = 1\n"));
    case("def f(): ...\n").stub().module(M).gives(&format!("{LINE}\ndef f(): ...\n"));
    case("# direct\ndef f():\n    pass\n")
        .module(M)
        .gives(&format!("{LINE}\n\n# direct\ndef f():\n    pass\n"));
    case("\"\"\"docs\"\"\"\n\n\ndef f():\n    pass\n")
        .module(M)
        .gives(&format!("\"\"\"docs\"\"\"\n\n{LINE}\n\ndef f():\n    pass\n"));
    case("\"\"\"docs\"\"\"\n\n# apart\n\ndef f():\n    pass\n")
        .module(M)
        .gives(&format!("\"\"\"docs\"\"\"\n\n{LINE}\n# apart\n\ndef f():\n    pass\n"));
    case("\"\"\"docs\"\"\"\n").module(M).gives(&format!("\"\"\"docs\"\"\"\n\n{LINE}"));
    case("").module(M).gives(LINE);
    case("x = 1\n")
        .style(|style| style.lines_after_imports = Some(2))
        .module(M)
        .gives(&format!("{LINE}\n\nx = 1\n"));
}

#[test]
fn rule_18_the_gap_below_the_imports_stays() {
    for gap in ["", "\n", "\n\n", "\n\n\n"] {
        case(&format!("import os\n{gap}x = 1\n"))
            .module("sys")
            .gives(&format!("import os\nimport sys\n{gap}x = 1\n"));
    }
}

#[test]
fn rule_19_statements_that_share_a_line() {
    case("import os; import sys\n\nx = 1\n")
        .module("zlib")
        .gives("import os; import sys\nimport zlib\n\nx = 1\n");
    case("import os; x = 1\n").module("abc").gives("import abc\n\nimport os; x = 1\n");
    case("import os, \\\n    sys\n\nx = 1\n")
        .module("zlib")
        .gives("import os, \\\n    sys\nimport zlib\n\nx = 1\n");
    case("'docs'; x = 1\n").module(M).gives(
        &format!("'docs'; x = 1\n\n{LINE}").replace("'docs'; x = 1\n\n", "'docs'; x = 1\n\n"),
    );
}

#[test]
fn rule_19_a_body_on_the_line_of_its_function_becomes_a_block() {
    let import = "from app.redis_manager import redis_manager";
    case("def f(): return C()\n")
        .function(M, "def f")
        .gives(&format!("def f():\n    {import}\n\n    return C()\n"));
    case("class A:\n\tdef f(self): x = 1; return C()  # why\n").function(M, "def f").gives(
        &format!("class A:\n\tdef f(self):\n\t\t{import}\n\n\t\tx = 1; return C()  # why\n"),
    );
    case("def f(): 'docs'; return C()\n")
        .function(M, "def f")
        .gives(&format!("def f():\n    'docs'\n    {import}\n\n    return C()\n"));
    case("def f():\n    'docs'; return C()\n")
        .function(M, "def f")
        .gives(&format!("def f():\n    'docs'\n    {import}\n\n    return C()\n"));
    case("def f(\n    x,\n): return C()\n")
        .function(M, "def f")
        .gives(&format!("def f(\n    x,\n):\n    {import}\n\n    return C()\n"));
    case("def f(): return C()\n").function(M, "def f").function("app.pool:pool", "def f").gives(
        &format!("def f():\n    from app.pool import pool\n    {import}\n\n    return C()\n"),
    );
    case("if x: from app.b import C\n")
        .beside(M, "from app.b")
        .gives(&format!("if x:\n    {import}\n    from app.b import C\n"));
    case("if x: from app.b import C\n")
        .instead(M, "from app.b")
        .gives(&format!("if x: {import}\n"));
}

#[test]
fn a_function_gets_its_import_below_its_docstring() {
    let import = "    from app.redis_manager import redis_manager\n";
    case("def f():\n    \"\"\"docs\"\"\"\n    return C()\n")
        .function(M, "def f")
        .gives(&format!("def f():\n    \"\"\"docs\"\"\"\n{import}\n    return C()\n"));
    case("def f():\n    \"\"\"docs\"\"\"\n\n    return C()\n")
        .function(M, "def f")
        .gives(&format!("def f():\n    \"\"\"docs\"\"\"\n\n{import}\n    return C()\n"));
    case("async def f():\n    return C()\n")
        .function(M, "async def f")
        .gives(&format!("async def f():\n{import}\n    return C()\n"));
    case("@x\ndef f():\n    return C()\n")
        .function(M, "@x")
        .gives(&format!("@x\ndef f():\n{import}\n    return C()\n"));
    case("def f():\n    \"\"\"docs\"\"\"\n")
        .function(M, "def f")
        .gives(&format!("def f():\n    \"\"\"docs\"\"\"\n{import}"));
    case("def f():\n    x = 1\n    return C()\n")
        .beside(M, "return")
        .gives(&format!("def f():\n    x = 1\n{import}\n    return C()\n"));
}

#[test]
fn an_assignment_gives_its_place_to_the_import_and_keeps_its_comment() {
    case("from app.b import RedisManager\n\nx = 1\n# the manager\nredis_manager = RedisManager()  # one\ny = 2\n")
        .instead(M, "redis_manager =")
        .gives("from app.b import RedisManager\n\nx = 1\n# the manager\nfrom app.redis_manager import redis_manager\n# one\ny = 2\n");
}

#[test]
fn g21_the_line_ending_is_the_neighbours() {
    case("#!/usr/bin/python\r\nimport os\nimport zlib\n")
        .module("sys")
        .gives("#!/usr/bin/python\r\nimport os\nimport sys\nimport zlib\n");
    case("import os\r\nimport zlib\r\n")
        .module("sys")
        .gives("import os\r\nimport sys\r\nimport zlib\r\n");
    case("import os\rimport zlib\r").module("sys").gives("import os\rimport sys\rimport zlib\r");
    case("from sys import (\r\n    argv,\r\n)\r\n")
        .module("sys:exit")
        .gives("from sys import (\r\n    argv,\r\n    exit,\r\n)\r\n");
    case("x = 1\r\n").module("sys").gives("import sys\r\n\r\nx = 1\r\n");
    case("def f(): return 1\r\n")
        .function("sys", "def f")
        .gives("def f():\r\n    import sys\r\n\r\n    return 1\r\n");
}

#[test]
fn rule_20_form_feeds_and_a_missing_final_newline_are_kept() {
    case("import os\n\x0c\nx = 1").module("sys").gives("import os\nimport sys\n\x0c\nx = 1");
    case("import os").module("sys").gives("import os\nimport sys");
    case("import os").module(M).gives("import os\n\nfrom app.redis_manager import redis_manager");
    case("import zlib").module("sys").gives("import sys\nimport zlib");
    case("\x0cimport zlib\n").module("sys").gives("import sys\n\x0cimport zlib\n");
    case("x = 1\nimport os").remove("import os", "os").gives("x = 1");
    case("'docs'").module(M).gives("'docs'\n\nfrom app.redis_manager import redis_manager");
}

#[test]
fn tabs_are_kept() {
    case("def f():\n\timport os\n\treturn os\n")
        .function("sys", "def f")
        .gives("def f():\n\timport os\n\timport sys\n\treturn os\n");
    case("def f():\n\treturn os\n").function("app.m:a_name_that_is_long_enough_to_need_another_line_for_it", "def f")
        .style(|style| style.line_length = 60)
        .gives("def f():\n\tfrom app.m import (\n\t\ta_name_that_is_long_enough_to_need_another_line_for_it,\n\t)\n\n\treturn os\n");
}
