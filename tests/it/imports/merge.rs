//! Rules 8 to 11: into an existing statement.

use tiermod::config::python_style::Wrap;
use tiermod::imports::{How, PlanError};

use super::support::case;

const M: &str = "app.redis_manager:redis_manager";

#[test]
fn rule_08_only_a_statement_that_certainly_runs_is_extended() {
    // Not one inside `try`, `if` or a function.
    for block in
        ["try:\n    {}\nexcept ImportError:\n    pass\n", "if x:\n    {}\n", "def f():\n    {}\n"]
    {
        let block = block.replace("{}", "from app.redis_manager import get");
        case(&format!("import os\n\n{block}"))
            .module(M)
            .gives(&format!("import os\n\nfrom app.redis_manager import redis_manager\n\n{block}"));
    }
    // Not a star import, and the new statement goes below it.
    case("from app.redis_manager import *\n\nx = 1\n").module(M).gives(
        "from app.redis_manager import *\nfrom app.redis_manager import redis_manager\n\nx = 1\n",
    );
    // Not one below the first use.
    case("import os\n\nA = redis_manager\n\nfrom app.redis_manager import get\n")
        .module_before(M, "redis_manager\n")
        .gives("import os\n\nfrom app.redis_manager import redis_manager\n\nA = redis_manager\n\nfrom app.redis_manager import get\n");
}

#[test]
fn rule_08_a_relative_import_of_the_same_module_is_extended() {
    case("from .redis_manager import get\n")
        .package("app")
        .module(M)
        .gives("from .redis_manager import get, redis_manager\n");
    case("from .redis_manager import get\n")
        .package("other")
        .module(M)
        .gives("from app.redis_manager import redis_manager\n\nfrom .redis_manager import get\n");
    case("from app.redis_manager import get\n")
        .package("app.sub")
        .module("..redis_manager:redis_manager")
        .gives("from app.redis_manager import get, redis_manager\n");
}

#[test]
fn rule_08_a_late_import_of_the_module_is_extended_before_another_is_made() {
    case("import os\n\nx = 1\n\nfrom app.redis_manager import get  # noqa: E402\n")
        .module(M)
        .gives("import os\n\nx = 1\n\nfrom app.redis_manager import get, redis_manager  # noqa: E402\n");
}

#[test]
fn g09_a_noqa_does_not_come_to_cover_the_new_name() {
    case("from sys import argv  # noqa: F401\n")
        .module("sys:exit")
        .gives("from sys import (\n    argv,  # noqa: F401\n    exit,\n)\n");
    case("from sys import argv, path  # noqa\n")
        .into("sys:exit", "from sys")
        .gives("from sys import (\n    argv,  # noqa\n    exit,\n    path,  # noqa\n)\n");
    case("from sys import (  # noqa: F401\n    argv,\n    path,  # why\n)\n")
        .into("sys:exit", "from sys")
        .gives(
            "from sys import (\n    argv,  # noqa: F401\n    exit,\n    path,  # why  # noqa: F401\n)\n",
        );
    // On a line of its own, it covers nothing else.
    case("from sys import (\n    argv,  # noqa: F401\n)\n")
        .into("sys:exit", "from sys")
        .gives("from sys import (\n    argv,  # noqa: F401\n    exit,\n)\n");
    // A code about the statement covers no name.
    case("from sys import argv  # noqa: E402\n")
        .into("sys:exit", "from sys")
        .gives("from sys import argv, exit  # noqa: E402\n");
    // Both kinds: what it says of the statement stays with the statement.
    case("x = 1\nfrom sys import argv  # noqa\n")
        .into("sys:exit", "from sys")
        .gives("x = 1\nfrom sys import (  # noqa: E402\n    argv,  # noqa\n    exit,\n)\n");
    // Where the old name goes, the statement is as it was.
    case("from sys import argv  # noqa\n")
        .replace("sys:exit", "from sys", "argv")
        .gives("from sys import exit  # noqa\n");
}

#[test]
fn rule_08_a_type_ignore_does_not_come_to_cover_the_new_name() {
    let before = "from app.redis_manager import RedisManager  # type: ignore\n";
    case(before).into(M, "from app").gives(
        "from app.redis_manager import RedisManager  # type: ignore\nfrom app.redis_manager import redis_manager\n",
    );
    case(before).module(M).gives(
        "from app.redis_manager import RedisManager  # type: ignore\nfrom app.redis_manager import redis_manager\n",
    );
    case("from lib import a  # type: ignore[import-untyped]\n")
        .into("lib:b", "from lib")
        .gives("from lib import a, b  # type: ignore[import-untyped]\n");
    // A tool that sorts imports would join the two again.
    case(before)
        .style(|style| style.is_sorted_by_tool = true)
        .into(M, "from app")
        .gives("from app.redis_manager import RedisManager, redis_manager  # type: ignore\n");
}

#[test]
fn g10_a_region_without_formatting_is_left_alone() {
    case("import os\n\n# fmt: off\nfrom sys import argv\n# fmt: on\n\nx = 1\n").module("sys:exit").gives(
        "import os\n\n# fmt: off\nfrom sys import argv\n# fmt: on\nfrom sys import exit\n\nx = 1\n",
    );
    case("# fmt: off\nimport sys\nfrom zlib import crc32\n# fmt: on\n\nx = 1\n")
        .module("abc")
        .gives(
            "import abc\n\n# fmt: off\nimport sys\nfrom zlib import crc32\n# fmt: on\n\nx = 1\n",
        );
    case("# fmt: off\nimport abc\nfrom zlib import crc32\n# fmt: on\n\nx = 1\n")
        .module("sys")
        .gives(
            "import sys\n\n# fmt: off\nimport abc\nfrom zlib import crc32\n# fmt: on\n\nx = 1\n",
        );
    case("import os\n\n# isort: off\nfrom sys import argv\n# isort: on\n\nx = 1\n")
        .module("sys:exit")
        .gives(
            "import os\nfrom sys import exit\n\n# isort: off\nfrom sys import argv\n# isort: on\n\nx = 1\n",
        );
    case("import os\nfrom sys import argv  # isort: skip\n")
        .module("sys:exit")
        .gives("import os\nfrom sys import exit\nfrom sys import argv  # isort: skip\n");
    case("# fmt: off\nimport os\nimport sys\n# fmt: on\n\nx = 1\n")
        .module("zlib:crc32")
        .gives("# fmt: off\nimport os\nimport sys\n# fmt: on\nfrom zlib import crc32\n\nx = 1\n");
    case("x = 1\nfrom .b import B  # noqa isort:skip\n").into(".b:a", "from .b").gives(
        "x = 1\nfrom .b import a  # noqa: E402  # isort: skip\nfrom .b import B  # noqa isort:skip\n",
    );
    case("from .b import B  # isort: skip\n")
        .instead(".c:c", "from .b")
        .gives("from .c import c  # isort: skip\n");
    // Asked for by its statement, the name goes there, and the layout stays.
    let line = "from sys import   argv";
    case(&format!("# fmt: off\n{line}\n# fmt: on\n"))
        .into("sys:exit", "from sys")
        .gives(&format!("# fmt: off\n{line}, exit\n# fmt: on\n"));
}

#[test]
fn g07_one_name_a_line_stays_so_and_comments_stay_on_their_names() {
    case("from sys import (\n    argv,  # args\n    path,  # search\n)\n")
        .module("sys:exit")
        .gives("from sys import (\n    argv,  # args\n    exit,\n    path,  # search\n)\n");
    case("from sys import (argv,  # args\n                 path,  # search\n                 )\n")
        .module("sys:exit")
        .gives(
            "from sys import (argv,  # args\n                 exit,\n                 path,  # search\n                 )\n",
        );
    case("from sys import (\n    argv,\n    path  # search\n)\n")
        .module("sys:version")
        .gives("from sys import (\n    argv,\n    path,  # search\n    version\n)\n");
    case("from sys import (\n    # args\n    argv,\n)\n")
        .module("sys:abiflags")
        .gives("from sys import (\n    abiflags,\n    # args\n    argv,\n)\n");
}

#[test]
fn g08_a_line_that_grows_too_long_is_wrapped() {
    let names = "alpha_manager, beta_manager, gamma_manager, omega_manager";
    case(&format!("from app.redis_manager import {names}\n")).module(M).gives(
        "from app.redis_manager import (\n    alpha_manager,\n    beta_manager,\n    gamma_manager,\n    omega_manager,\n    redis_manager,\n)\n",
    );
    // At the configured length, with the comment, in a function.
    case("def f():\n    from app.redis_manager import alpha  # why\n")
        .style(|style| style.line_length = 50)
        .into(M, "from app")
        .gives(
            "def f():\n    from app.redis_manager import (  # why\n        alpha,\n        redis_manager,\n    )\n",
        );
    // A comment for tools does not count.
    let line = "from app.redis_manager import alpha, redis_manager  # noqa: E402\n";
    case("from app.redis_manager import alpha  # noqa: E402\n")
        .style(|style| style.line_length = 50)
        .into(M, "from app")
        .gives(line);
    // As isort is told to.
    case(&format!("from app.redis_manager import {names}\n"))
        .style(|style| {
            style.wrap = Wrap::Grid;
            style.trailing_comma = false;
        })
        .module(M)
        .gives(&format!(
            "from app.redis_manager import (alpha_manager, beta_manager, gamma_manager,\n{0}omega_manager, redis_manager)\n",
            " ".repeat(31),
        ));
}

#[test]
fn rule_09_a_project_that_does_not_wrap_is_not_made_to() {
    let names = "alpha_manager, beta_manager, gamma_manager, delta_manager, omega_manager";
    let line = format!("from app.redis_manager import {names}");
    case(&format!("{line}\n")).module(M).gives(&format!("{line}, redis_manager\n"));
    let (wrapped, _) = case(&format!("{line}\n"))
        .style(|style| style.line_length_is_set = true)
        .module(M)
        .result();
    assert!(wrapped.contains("import (\n"), "{wrapped}");
}

#[test]
fn rule_09_every_layout_is_kept() {
    for (before, after) in [
        ("(get)", "(get, redis_manager)"),
        ("(get, zeta)", "(get, redis_manager, zeta)"),
        ("(\n    get, set, zeta\n)", "(\n    get, redis_manager, set, zeta\n)"),
        (
            "(\n    get, set,\n    zeta, zoo,\n)",
            "(\n    get, redis_manager, set,\n    zeta, zoo,\n)",
        ),
        ("(\n    get\n)", "(\n    get,\n    redis_manager\n)"),
        ("(\n    get,\n    )", "(\n    get,\n    redis_manager,\n    )"),
        ("(get,\n    zeta)", "(get,\n    redis_manager,\n    zeta)"),
        ("(\n\tget,\n\tzeta,\n)", "(\n\tget,\n\tredis_manager,\n\tzeta,\n)"),
        ("get, \\\n    zeta", "get, \\\n    redis_manager, \\\n    zeta"),
        ("\\\n    get, zeta", "\\\n    get, redis_manager, zeta"),
        ("get,\\\n    set", "get, \\\n    redis_manager,\\\n    set"),
        (
            "(\n    get,  # a\n    # b\n    zeta,\n    # c\n)",
            "(\n    get,  # a\n    redis_manager,\n    # b\n    zeta,\n    # c\n)",
        ),
    ] {
        let module = "from app.redis_manager import ";
        let (text, _) = case(&format!("{module}{before}\n")).module(M).result();
        assert_eq!(text, format!("{module}{after}\n"));
    }
}

#[test]
fn rule_09_a_grid_that_grows_too_wide_gets_another_line() {
    let long = "alpha_manager, beta_manager, delta_manager, gamma_manager, omega_manager, psi_m";
    case(&format!("from app.m import (\n    {long},\n    tau, upsilon,\n    zeta)\n"))
        .module("app.m:psi_x")
        .gives(&format!(
            "from app.m import (\n    {long},\n    psi_x,\n    tau, upsilon,\n    zeta)\n"
        ));
}

#[test]
fn rule_09_lines_that_are_full_stay_full() {
    let grid = "from app.m import (\n    BuiltinSignatureError, DjangoImageField, SkipField, \
                Widget, empty,\n    is_simple_callable\n)\n";
    let modules = ["boolean_field", "char_field", "json_field", "uuid_field"];
    let many =
        |text| modules.iter().fold(case(text), |case, name| case.module(&format!("app.m:{name}")));
    many(grid).style(|style| style.line_length = 79).gives(
        "from app.m import (\n    BuiltinSignatureError, DjangoImageField, SkipField, Widget, \
         boolean_field,\n    char_field, empty, is_simple_callable, json_field, uuid_field\n)\n",
    );
    case(grid)
        .style(|style| style.line_length = 79)
        .replace("app.m:widget", "from app", "Widget")
        .gives(
            "from app.m import (\n    BuiltinSignatureError, DjangoImageField, SkipField, empty,\n    \
             is_simple_callable, widget\n)\n",
        );
    // Aligned below the first name, the closing bracket behind the last.
    let aligned = "from app.m import (Alpha, Beta, Delta,\n                   Gamma, Omega)\n";
    case(aligned).style(|style| style.line_length = 39).module("app.m:Epsilon").gives(
        "from app.m import (Alpha, Beta, Delta,\n                   Epsilon, Gamma,\n                   \
         Omega)\n",
    );
}

#[test]
fn rule_10_a_sorted_list_stays_sorted_and_an_unsorted_one_grows_at_its_end() {
    for (before, after) in [
        ("A, b, z", "A, b, redis_manager, z"),
        ("ZETA, Alpha, b", "ZETA, Alpha, b, redis_manager"),
        ("z, a, b", "z, a, b, redis_manager"),
        // By ASCII, by letters alone.
        ("Z, a, z", "Z, a, redis_manager, z"),
        ("a, Q, Z", "a, Q, redis_manager, Z"),
    ] {
        case(&format!("from app.redis_manager import {before}\n"))
            .module(M)
            .gives(&format!("from app.redis_manager import {after}\n"));
    }
    case("from m import a1, a2, a10\n").module("m:a3").gives("from m import a1, a2, a3, a10\n");
}

#[test]
fn rule_10_one_name_a_statement_where_the_project_has_it_so() {
    case("from app.redis_manager import alpha\nfrom app.redis_manager import zeta\n")
        .style(|style| style.force_single_line = true)
        .into(M, "from app")
        .gives(
            "from app.redis_manager import alpha\nfrom app.redis_manager import redis_manager\nfrom app.redis_manager import zeta\n",
        );
}

#[test]
fn rule_10_names_with_as_have_statements_of_their_own() {
    let aliased = "app.redis_manager:redis_manager as shared";
    case("from app.redis_manager import RedisManager\n").into(aliased, "from app").gives(
        "from app.redis_manager import RedisManager\nfrom app.redis_manager import redis_manager as shared\n",
    );
    case("from app.redis_manager import RedisManager, get\n")
        .replace(aliased, "from app", "RedisManager")
        .gives(
            "from app.redis_manager import get\nfrom app.redis_manager import redis_manager as shared\n",
        );
    case("from app.redis_manager import RedisManager\n")
        .replace(aliased, "from app", "RedisManager")
        .gives("from app.redis_manager import redis_manager as shared\n");
    case("from app.redis_manager import RedisManager as RM\n").into(M, "from app").gives(
        "from app.redis_manager import RedisManager as RM\nfrom app.redis_manager import redis_manager\n",
    );
    // Unless the file or the project joins them.
    case("from app.redis_manager import a, b as c\n")
        .into(aliased, "from app")
        .gives("from app.redis_manager import a, b as c, redis_manager as shared\n");
    case("from app.redis_manager import a\n")
        .style(|style| style.combine_as_imports = true)
        .into(aliased, "from app")
        .gives("from app.redis_manager import a, redis_manager as shared\n");
}

#[test]
fn a_statement_that_loses_its_alias_joins_the_plain_one_beside_it() {
    case("from app.redis_manager import RedisManager as RM\nfrom app.redis_manager import get\n")
        .replace(M, "from app.redis_manager import RedisManager", "RedisManager as RM")
        .gives("from app.redis_manager import get, redis_manager\n");
}

#[test]
fn a_statement_that_loses_its_first_name_goes_to_where_it_is_sorted_now() {
    let aliased = "app.redis_manager:redis_manager as shared";
    case("from app.redis_manager import Auth, Policy\nfrom app.redis_manager import Key as K\n")
        .remove("from app.redis_manager import Auth", "Auth")
        .module(aliased)
        .gives(
            "from app.redis_manager import Key as K\nfrom app.redis_manager import Policy\nfrom app.redis_manager import redis_manager as shared\n",
        );
    case("from app.redis_manager import Auth, Policy\nfrom app.redis_manager import Key as K\n")
        .remove("from app.redis_manager import Auth", "Policy")
        .gives("from app.redis_manager import Auth\nfrom app.redis_manager import Key as K\n");
    // Nobody sorts these.
    case("from app.redis_manager import Zeta, Policy\nfrom app.redis_manager import Key as K\n")
        .remove("from app.redis_manager import Zeta", "Zeta")
        .gives("from app.redis_manager import Policy\nfrom app.redis_manager import Key as K\n");
}

#[test]
fn g15_a_future_import_joins_the_one_that_is_there() {
    case("\"\"\"docs\"\"\"\nfrom __future__ import division\n\nx = 1\n")
        .module("__future__:annotations")
        .gives("\"\"\"docs\"\"\"\nfrom __future__ import annotations, division\n\nx = 1\n");
    case("\"\"\"docs\"\"\"\n\nimport os\n")
        .module("__future__:annotations")
        .gives("\"\"\"docs\"\"\"\n\nfrom __future__ import annotations\n\nimport os\n");
}

#[test]
fn a_replaced_name_leaves_a_sorted_list_sorted() {
    case("from app.redis_manager import RedisManager, get, zeta\n")
        .replace(M, "from app", "RedisManager")
        .gives("from app.redis_manager import get, redis_manager, zeta\n");
    case("from app.redis_manager import RedisManager\n")
        .replace(M, "from app", "RedisManager")
        .gives("from app.redis_manager import redis_manager\n");
    case("from app.redis_manager import (\n    RedisManager,\n)\n")
        .replace(M, "from app", "RedisManager")
        .gives("from app.redis_manager import (\n    redis_manager,\n)\n");
    case("from app.redis_manager import zeta, RedisManager, get\n")
        .replace(M, "from app", "RedisManager")
        .gives("from app.redis_manager import zeta, redis_manager, get\n");
    case("from app.redis_manager import (\n    Base,  # base\n    RedisManager,  # class\n    get,\n)\n")
        .replace(M, "from app", "RedisManager")
        .gives("from app.redis_manager import (\n    Base,  # base\n    get,\n    redis_manager,\n)\n");
}

#[test]
fn statements_of_any_block_are_edited_in_place() {
    case("class A:\n    try:\n        from app.redis_manager import RedisManager, get\n    except ImportError:\n        get = None\n")
        .replace(M, "from app", "RedisManager")
        .gives("class A:\n    try:\n        from app.redis_manager import get, redis_manager\n    except ImportError:\n        get = None\n");
    case("import os; from app.redis_manager import RedisManager; x = 1\n")
        .replace(M, "from app", "RedisManager")
        .gives("import os; from app.redis_manager import redis_manager; x = 1\n");
    case("if x: from app.redis_manager import RedisManager\n")
        .replace(M, "from app", "RedisManager")
        .gives("if x: from app.redis_manager import redis_manager\n");
}

#[test]
fn what_is_there_is_not_imported_again() {
    let plan = case("from app.redis_manager import redis_manager\n")
        .module(M)
        .gives("from app.redis_manager import redis_manager\n");
    assert_eq!(plan.placed[0].how, How::Already);
    case("import os\nimport sys\n").module("sys").gives("import os\nimport sys\n");
    // Nor twice beside each other.
    case("from app.m import C as D\nfrom app.m import E as F\n")
        .replace("app.m:x", "from app.m import C", "C as D")
        .replace("app.m:x", "from app.m import E", "E as F")
        .gives("from app.m import x\n");
    // But a name that goes in the same plan, under another name, is.
    case("from app.m import C as D\n")
        .replace("app.m:C", "from app", "C as D")
        .gives("from app.m import C\n");
}

#[test]
fn rule_21_equal_requests_are_one_and_all_are_planned_together() {
    let plan = case("from app.redis_manager import RedisManager, get\n\nA = 1\n")
        .replace(M, "from app", "RedisManager")
        .module(M)
        .module_before(M, "A =")
        .module("app.redis_manager:other")
        .module("app.pool:pool")
        .module("app.pool:Pool")
        .gives("from app.pool import Pool, pool\nfrom app.redis_manager import get, other, redis_manager\n\nA = 1\n");
    assert_eq!(plan.placed.len(), 6);
}

#[test]
fn what_is_no_name_gets_into_no_file() {
    for spec in ["app.m:x y", "app.m:class", "app..m:x", "app.m:x as 1", "import", ":x"] {
        let error = case("import os\n").module(spec).fails();
        assert!(matches!(error, PlanError::BadName(_)), "{spec}: {error:?}");
    }
    case("import os\n").module("app.m:match").gives("import os\n\nfrom app.m import match\n");
}

#[test]
fn a_place_that_is_none_is_an_error() {
    let error = case("x = 1\n").into(M, "x = 1").fails();
    assert!(matches!(error, PlanError::WrongStatement { .. }), "{error:?}");
    let error = case("x = 1\n").function(M, "x = 1").fails();
    assert!(matches!(error, PlanError::WrongStatement { .. }), "{error:?}");
}

#[test]
fn lines_are_joined_only_where_a_tool_would_join_them() {
    let before = "from app.redis_manager import (\n    RedisManagerOfTheVeryOldKind, RedisManagerOfTheOtherKind, get)\n";
    let removed = || case(before).remove("from app", "RedisManagerOfTheVeryOldKind");
    removed().gives("from app.redis_manager import (\n    RedisManagerOfTheOtherKind, get)\n");
    removed()
        .style(|style| style.is_sorted_by_tool = true)
        .gives("from app.redis_manager import RedisManagerOfTheOtherKind, get\n");
    let magic = "from app.redis_manager import (\n    RedisManagerOfTheVeryOldKind,\n    RedisManagerOfTheOtherKind,\n    get,\n)\n";
    let expected =
        "from app.redis_manager import (\n    RedisManagerOfTheOtherKind,\n    get,\n)\n";
    let removed = |magic_comma: bool| {
        case(magic)
            .style(|style| {
                style.is_sorted_by_tool = true;
                style.magic_trailing_comma = magic_comma;
            })
            .remove("from app", "RedisManagerOfTheVeryOldKind")
    };
    removed(true).gives(expected);
    removed(false).gives("from app.redis_manager import RedisManagerOfTheOtherKind, get\n");
}
