//! Rules 12 to 16: which run of imports a new statement joins, and where in it.

use tiermod::config::python_style::{Pattern, Section};
use tiermod::imports::{How, PlanError};

use super::support::case;

const M: &str = "app.redis_manager:redis_manager";
const LINE: &str = "from app.redis_manager import redis_manager\n";

#[test]
fn g11_a_new_import_joins_the_leading_block_not_a_late_import() {
    case("import os\n\n\ndef f():\n    pass\n\n\nfrom app.late import x\n")
        .module(M)
        .gives(&format!("import os\n\n{LINE}\n\ndef f():\n    pass\n\n\nfrom app.late import x\n"));
    case("import os\n\nlogger = os.getlogin()\n\nimport zlib  # noqa: E402\n").module(M).gives(
        &format!("import os\n\n{LINE}\nlogger = os.getlogin()\n\nimport zlib  # noqa: E402\n"),
    );
}

#[test]
fn rule_12_typing_blocks_and_guarded_imports_belong_to_the_block() {
    let block = "try:\n    import json\nexcept ImportError:\n    json = None\n\nif TYPE_CHECKING:\n    from app.x import Y\n";
    case(&format!("from typing import TYPE_CHECKING\n\n{block}\nfrom app.b import c\n\nx = 1\n"))
        .module(M)
        .gives(&format!(
            "from typing import TYPE_CHECKING\n\n{block}\nfrom app.b import c\n{LINE}\nx = 1\n"
        ));
    case(&format!("from typing import TYPE_CHECKING\n\n{block}"))
        .module(M)
        .gives(&format!("from typing import TYPE_CHECKING\n\n{LINE}\n{block}"));
}

#[test]
fn g06_the_section_is_the_right_one() {
    let before = "import os\n\nimport requests\n\nfrom app.b import c\n\nfrom . import x\n";
    for (spec, after) in [
        (
            "sys:exit",
            "import os\nfrom sys import exit\n\nimport requests\n\nfrom app.b import c\n\nfrom . import x\n",
        ),
        (
            "attr:s",
            "import os\n\nimport requests\nfrom attr import s\n\nfrom app.b import c\n\nfrom . import x\n",
        ),
        (
            "lib:s",
            "import os\n\nimport requests\n\nfrom app.b import c\nfrom lib import s\n\nfrom . import x\n",
        ),
        (
            ".y:s",
            "import os\n\nimport requests\n\nfrom app.b import c\n\nfrom . import x\nfrom .y import s\n",
        ),
        (
            "..y:s",
            "import os\n\nimport requests\n\nfrom app.b import c\n\nfrom ..y import s\nfrom . import x\n",
        ),
        (
            "sys",
            "import os\nimport sys\n\nimport requests\n\nfrom app.b import c\n\nfrom . import x\n",
        ),
        (
            "abc as a",
            "import abc as a\nimport os\n\nimport requests\n\nfrom app.b import c\n\nfrom . import x\n",
        ),
    ] {
        case(before).module(spec).gives(after);
    }
}

#[test]
fn rule_13_the_projects_own_settings_decide_the_section() {
    let before = "import os\n\nimport requests\n";
    case(before)
        .style(|style| style.known.push((Pattern::new("app.*"), Section::ThirdParty)))
        .module(M)
        .gives(&format!("import os\n\nimport requests\n{LINE}"));
    case(before)
        .style(|style| style.no_sections = true)
        .module("attr:s")
        .gives("import os\n\nimport requests\nfrom attr import s\n");
    case("import os\n\nimport django\n\nimport requests\n")
        .style(|style| {
            let django = Section::Custom("django".to_owned());
            style.known.push((Pattern::new("django"), django.clone()));
            style.section_order.insert(2, django);
        })
        .module("django.db:models")
        .gives("import os\n\nimport django\nfrom django.db import models\n\nimport requests\n");
}

#[test]
fn rule_14_a_sorted_section_stays_sorted() {
    for (before, after) in [
        (
            "from app.a import x\nfrom app.z import y\n",
            format!("from app.a import x\n{LINE}from app.z import y\n"),
        ),
        (
            "import app.z\nfrom app.a import x\n",
            format!("import app.z\nfrom app.a import x\n{LINE}"),
        ),
        ("from app.z import y\n", format!("{LINE}from app.z import y\n")),
        (
            "from app.A import x\nfrom app.s import y\n",
            format!("from app.A import x\n{LINE}from app.s import y\n"),
        ),
    ] {
        case(before).module(M).gives(&after);
    }
    // The file's own order, where it is one: both forms among each other.
    case("from app.a import x\nimport app.b\nfrom app.z import y\n")
        .module(M)
        .gives(&format!("from app.a import x\nimport app.b\n{LINE}from app.z import y\n"));
    case("from app.a import x\nimport app.b\n")
        .style(|style| style.from_first = true)
        .module(M)
        .gives(&format!("from app.a import x\n{LINE}import app.b\n"));
    case("import app.b\nimport longest.name.of.all\n")
        .style(|style| style.length_sort = true)
        .module("attrs.x")
        .gives(
            "import longest.name.of.all\nimport attrs.x\n\nimport app.b\n"
                .replace(
                    "import longest.name.of.all\nimport attrs.x\n\nimport app.b\n",
                    "import app.b\nimport attrs.x\nimport longest.name.of.all\n",
                )
                .as_str(),
        );
}

#[test]
fn rule_14_an_unsorted_section_grows_at_its_end_and_nothing_moves() {
    case("import os\n\nfrom app.z import y\nfrom app.a import x\nfrom lib.m import n\nfrom lib.a import n\n\nx = 1\n")
        .module(M)
        .gives(&format!(
            "import os\n\nfrom app.z import y\nfrom app.a import x\n{LINE}from lib.m import n\nfrom lib.a import n\n\nx = 1\n"
        ));
    case("import zlib\nimport os\nfrom app.z import y\nimport requests\nimport abc\n")
        .module(M)
        .gives(
            &format!(
                "import zlib\nimport os\nfrom app.z import y\n{LINE}import requests\nimport abc\n"
            )
            .replace(
                &format!("from app.z import y\n{LINE}import requests"),
                &format!("from app.z import y\n{LINE}import requests"),
            ),
        );
}

#[test]
fn rule_15_a_new_section_has_a_blank_line_on_both_sides() {
    case("import os\n\nfrom . import x\n\nA = 1\n")
        .module(M)
        .gives(&format!("import os\n\n{LINE}\nfrom . import x\n\nA = 1\n"));
    case("import os\n\n\ndef f():\n    pass\n")
        .module(M)
        .gives(&format!("import os\n\n{LINE}\n\ndef f():\n    pass\n"));
    case("from . import x\n").module(M).gives(&format!("{LINE}\nfrom . import x\n"));
    // A file that puts no blank lines between its sections gets none.
    case("import os\nimport requests\nfrom . import x\n")
        .module(M)
        .gives(&format!("import os\nimport requests\n{LINE}from . import x\n"));
    case("import os\n\nimport requests\nfrom app.x import y\n")
        .style(|style| {
            style.no_lines_before.insert(Section::FirstParty);
        })
        .module("attr:s")
        .gives("import os\n\nimport requests\nfrom attr import s\nfrom app.x import y\n");
}

#[test]
fn rule_15_the_existing_order_of_sections_wins() {
    case("from app.b import c\n\nimport os\n")
        .module(M)
        .gives(&format!("from app.b import c\n{LINE}\nimport os\n"));
}

#[test]
fn rule_15_lines_between_types() {
    let typed = |text: &str| case(text).style(|style| style.lines_between_types = 1);
    typed("import os\n").module("sys:exit").gives("import os\n\nfrom sys import exit\n");
    typed("import os\n\nfrom abc import ABC\n")
        .module("sys:exit")
        .gives("import os\n\nfrom abc import ABC\nfrom sys import exit\n");
    typed("import os\n\nfrom abc import ABC\n")
        .module("sys")
        .gives("import os\nimport sys\n\nfrom abc import ABC\n");
}

#[test]
fn rule_15_a_comment_keeps_its_import_and_its_blank_line() {
    case("import os\n\n# about x\nfrom app.x import y\n")
        .module(M)
        .gives(&format!("import os\n\n{LINE}\n# about x\nfrom app.x import y\n"));
    case("import os\n\n# about a\nfrom app.a import y\n")
        .module(M)
        .gives(&format!("import os\n\n# about a\nfrom app.a import y\n{LINE}"));
    case("import abc\n\n# about zlib\nimport zlib\n")
        .module("sys")
        .gives("import abc\nimport sys\n\n# about zlib\nimport zlib\n");
}

#[test]
fn rule_17_a_comment_to_a_tool_stays_above_what_it_speaks_of() {
    case("import os\n\n# pylint: disable=import-error\nfrom lib.a import y\n").module(M).gives(
        "import os\n\n# pylint: disable=import-error\nfrom app.redis_manager import redis_manager\nfrom lib.a import y\n",
    );
}

#[test]
fn g13_imports_stay_on_their_side_of_a_barrier() {
    for barrier in
        ["sys.path.insert(0, '.')", "os.environ['A'] = '1'", "if x:\n    sys.path.append('.')"]
    {
        // Next to imports of the same package.
        case(&format!("import os\nimport sys\n\n{barrier}\n\nfrom app.b import c\n\nx = 1\n"))
            .module(M)
            .gives(&format!(
                "import os\nimport sys\n\n{barrier}\n\nfrom app.b import c\n{LINE}\nx = 1\n"
            ));
        // Next to others of its section.
        case(&format!("import os\nimport sys\n\n{barrier}\n\nfrom lib.b import c\n"))
            .module(M)
            .gives(&format!("import os\nimport sys\n\n{barrier}\n\n{LINE}from lib.b import c\n"));
        // Below it where nothing follows.
        case(&format!("import os\nimport sys\n\n{barrier}\n\nx = 1\n"))
            .module(M)
            .gives(&format!("import os\nimport sys\n\n{barrier}\n\n{LINE}\nx = 1\n"));
        // What comes with Python does not depend on it.
        case(&format!("import os\nimport sys\n\n{barrier}\n\nfrom lib.b import c\n"))
            .module("zlib:crc32")
            .gives(&format!(
                "import os\nimport sys\nfrom zlib import crc32\n\n{barrier}\n\nfrom lib.b import c\n"
            ));
    }
}

#[test]
fn rule_16_code_that_does_more_than_set_up_is_not_passed() {
    case("import sys\n\nif __name__ == '__main__':\n    sys.path.append('.')\n    sys.exit(main())\n")
        .module(M)
        .gives(&format!(
            "import sys\n\n{LINE}\nif __name__ == '__main__':\n    sys.path.append('.')\n    sys.exit(main())\n"
        ));
}

#[test]
fn rule_16_a_late_import_is_marked_as_its_neighbours_are() {
    case("import django\n\ndjango.setup()\n\nfrom app.b import c  # noqa: E402\n").module(M).gives(
        "import django\n\ndjango.setup()\n\nfrom app.b import c  # noqa: E402\nfrom app.redis_manager import redis_manager  # noqa: E402\n",
    );
    case("import django\n\ndjango.setup()\n\nfrom app.b import RedisManager  # noqa: E402, F401\n")
        .remove("from app.b", "RedisManager")
        .module_instead(M, "from app.b")
        .gives("import django\n\ndjango.setup()\n\nfrom app.redis_manager import redis_manager  # noqa: E402\n");
}

#[test]
fn an_import_takes_the_place_of_the_one_that_goes() {
    // In the same section: its lines.
    case("import os\n\nfrom app.other import RedisManager\nfrom app.z import y\n\nx = 1\n")
        .remove("from app.other", "RedisManager")
        .module_instead(M, "from app.other")
        .gives(&format!("import os\n\n{LINE}from app.z import y\n\nx = 1\n"));
    // The order moves it.
    case("from app.a import x\nfrom app.b import RedisManager\nfrom app.c import y\nfrom app.z import y\n")
        .remove("from app.b", "RedisManager")
        .module_instead(M, "from app.b")
        .gives(&format!("from app.a import x\nfrom app.c import y\n{LINE}from app.z import y\n"));
    // Another section: the blank lines follow.
    case("import os\n\nfrom third import RedisManager\n\nfrom app.z import y\n")
        .remove("from third", "RedisManager")
        .module_instead(M, "from third")
        .gives(&format!("import os\n\n{LINE}from app.z import y\n"));
    // Unsorted: exactly there.
    case("from app.z import y\nfrom app.b import RedisManager\nfrom app.a import x\n")
        .remove("from app.b", "RedisManager")
        .module_instead(M, "from app.b")
        .gives(&format!("from app.z import y\n{LINE}from app.a import x\n"));
    // Alone: a header comment stays, one about the class leaves.
    case("# Local imports\nfrom app.b import RedisManager\n\nx = 1\n")
        .remove("from app.b", "RedisManager")
        .module_instead(M, "from app.b")
        .gives(&format!("# Local imports\n{LINE}\nx = 1\n"));
    case(
        "import os\n\n# RedisManager is slow\nfrom app.b import RedisManager  # really\n\nx = 1\n",
    )
    .remove("from app.b", "RedisManager")
    .module_instead(M, "from app.b")
    .gives(&format!("import os\n\n{LINE}\nx = 1\n"));
    // After a definition, where the class was imported late.
    case("import os\n\n\ndef f():\n    pass\n\n\nfrom app.b import RedisManager\n")
        .remove("from app.b", "RedisManager")
        .module_instead(M, "from app.b")
        .gives(&format!("import os\n\n\ndef f():\n    pass\n\n\n{LINE}"));
}

#[test]
fn rule_07_a_new_import_goes_below_star_imports() {
    case("from app.z import *\nfrom lib import x\n")
        .module(M)
        .gives(&format!("from app.z import *\n{LINE}from lib import x\n"));
    case("import os\n\nif x:\n    y = 1\n\nfrom app.z import *\n").module("sys:exit").gives(
        "import os\n\nif x:\n    y = 1\n\nfrom app.z import *\nfrom sys import exit\n"
            .replace(
                "from app.z import *\nfrom sys import exit\n",
                "from app.z import *\n\nfrom sys import exit\n",
            )
            .as_str(),
    );
}

#[test]
fn an_import_comes_before_its_first_use() {
    case("\"\"\"docs\"\"\"\nA = redis_manager\n\nimport os\n")
        .module_before(M, "redis_manager\n")
        .gives(&format!("\"\"\"docs\"\"\"\n\n{LINE}\nA = redis_manager\n\nimport os\n"));
    case("import os\n\nA = redis_manager\n\nfrom app.b import c\n")
        .module_before(M, "redis_manager\n")
        .gives(&format!("import os\n\n{LINE}\nA = redis_manager\n\nfrom app.b import c\n"));
    case("__version__ = redis_manager\n\nx = 1\n")
        .module_before(M, "redis_manager\n")
        .gives(&format!("{LINE}\n__version__ = redis_manager\n\nx = 1\n"));
    let error = case("from __future__ import a; A = redis_manager\nfrom __future__ import b\n")
        .module_before(M, "redis_manager\n")
        .fails();
    assert!(matches!(error, PlanError::NoPlace(_)), "{error:?}");
}

#[test]
fn rule_08_the_members_of_one_new_statement_are_sorted() {
    let plan = case("import os\n")
        .module("app.m:zeta")
        .module("app.m:Alpha")
        .module("app.m:CONST")
        .module("app.m:beta as b")
        .gives("import os\n\nfrom app.m import CONST, Alpha, zeta\nfrom app.m import beta as b\n");
    assert!(plan.placed.iter().all(|placed| placed.how == How::New));
}

#[test]
fn nested_imports_are_sorted_as_blocks_too() {
    case("def f():\n    import os\n    import zlib\n\n    return os\n")
        .function("sys", "def f")
        .gives("def f():\n    import os\n    import sys\n    import zlib\n\n    return os\n");
    case("def f():\n    import os\n\n    return os\n").function(M, "def f").gives(
        "def f():\n    import os\n\n    from app.redis_manager import redis_manager\n\n    return os\n",
    );
    case("try:\n    from app.a import x\n    from app.z import y\nexcept ImportError:\n    x = None\n")
        .beside(M, "from app.a")
        .gives("try:\n    from app.a import x\n    from app.redis_manager import redis_manager\n    from app.z import y\nexcept ImportError:\n    x = None\n");
    case("def f():\n    from app.other import RedisManager\n    return RedisManager\n")
        .instead(M, "from app.other")
        .gives(
            "def f():\n    from app.redis_manager import redis_manager\n    return RedisManager\n",
        );
}

#[test]
fn paragraphs_that_are_sorted_each_for_itself_are_kept_apart() {
    let before = "from app import s\n\nimport lib.b\nimport lib.d\nfrom lib.z import x\n";
    case(before).module("lib.c:y").gives(
        "from app import s\n\nimport lib.b\nimport lib.d\nfrom lib.c import y\nfrom lib.z import x\n",
    );
    case(before).module("lib.a").gives(
        "from app import s\n\nimport lib.a\nimport lib.b\nimport lib.d\nfrom lib.z import x\n",
    );
    // Two, of which the first is an entry for the second.
    case(before).module("lib.c:y").module("lib.c2").gives(
        "from app import s\n\nimport lib.b\nimport lib.c2\nimport lib.d\nfrom lib.c import y\nfrom lib.z import x\n",
    );
    // Also where the order would hold across them.
    case("from app import s\n\nfrom lib.d import x\n")
        .module("lib.c:y")
        .gives("from app import s\n\nfrom lib.c import y\nfrom lib.d import x\n");
    // The import that goes began the paragraph.
    case("from app import s\n\nimport lib.a\nimport lib.b\nfrom lib.d import x\n")
        .remove("import lib.a", "lib.a")
        .module("lib.y")
        .gives("from app import s\n\nimport lib.b\nimport lib.y\nfrom lib.d import x\n");
}

#[test]
fn a_blank_line_that_no_convention_puts_there_is_the_end_of_a_section() {
    // Ex) `app` is found by the project's source roots, and not by what sorts the file.
    case("import pytest\nfrom app import x\n\nfrom lib.d import y\n")
        .module("lib.m")
        .gives("import pytest\nfrom app import x\n\nimport lib.m\nfrom lib.d import y\n");
}
