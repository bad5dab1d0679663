//! What holds of every plan, on invented modules.

use proptest::prelude::*;

use tiermod::config::python_style::{ImportStyle, Wrap};
use tiermod::imports::{
    File, Import, ImportRequest, ModuleRef, Place, Removal, StatementRemoval, plan,
};
use tiermod::syntax::Module;
use tiermod::syntax::ast::{ExceptHandler, Stmt};
use tiermod::text::{Ranged, TextEdit, TextRange, bytes};

/// Lines that a module is made of; `{}` is replaced by a number, so that comments differ.
const PIECES: &[&str] = &[
    "#!/usr/bin/env python3",
    "# -*- coding: utf-8 -*-",
    "\"\"\"Docs {}.\"\"\"",
    "from __future__ import annotations",
    "import os",
    "import sys as system  # comment {}",
    "import zlib, json",
    "from app.a import b",
    "from app.a import (\n    c,  # comment {}\n    # comment above {}\n    d as e,\n)",
    "from app.a import (f, g,\n                   h)",
    "from app.b import i, \\\n    j",
    "from app.redis_manager import RedisManager  # noqa: F401",
    "from app.redis_manager import RedisManager, get  # type: ignore",
    "from third.party import *  # noqa",
    "from . import near",
    "from ..far import away as thing",
    "import one; import two",
    "import three; x = 3  # comment {}",
    "# comment {}",
    "# comment {}\n",
    "",
    "\n",
    "\x0c",
    "# fmt: off",
    "# fmt: on",
    "# isort: off",
    "# isort: on",
    "# isort: split",
    "from skipped import name  # isort: skip",
    "__all__ = ['x']",
    "sys.path.insert(0, '.')",
    "redis_manager = RedisManager()  # comment {}",
    "x = [\n    1,  # comment {}\n]",
    "if TYPE_CHECKING:\n    from app.types import T  # comment {}",
    "if x: from app.inline import u; y = u",
    "try:\n    import quick\nexcept ImportError:\n    # comment {}\n    quick = None",
    "def f(): return 1",
    "def g():\n    \"\"\"Docs.\"\"\"\n    from app.local import v\n\n    # comment {}\n    return v",
    "def h():\n    y = 1",
    "class A:\n    import inner\n\n    def m(self):\n        return inner",
];

#[derive(Debug, Clone)]
enum Ask {
    Module { import: usize, first_use: Option<usize>, instead: Option<usize> },
    Statement { import: usize, statement: usize, replace: Option<usize> },
    Beside { import: usize, statement: usize, replaces: bool },
    Function { import: usize, function: usize },
    Remove { statement: usize, alias: usize },
    RemoveStatement { statement: usize },
}

fn module_text() -> impl Strategy<Value = String> {
    let pieces = prop::collection::vec(0..PIECES.len(), 0..14);
    (pieces, 0..4_usize, any::<bool>()).prop_map(|(pieces, ending, has_final)| {
        let mut text = String::new();
        for (number, piece) in pieces.into_iter().enumerate() {
            text.push_str(&PIECES[piece].replace("{}", &number.to_string()));
            text.push('\n');
        }
        if !has_final {
            text.pop();
        }
        match ending {
            0 => text.replace('\n', "\r\n"),
            1 => text.replace('\n', "\r"),
            _ => text,
        }
    })
}

fn ask() -> impl Strategy<Value = Ask> {
    let n = 0..64_usize;
    let maybe = || prop::option::of(0..64_usize);
    prop_oneof![
        (n.clone(), maybe(), maybe()).prop_map(|(import, first_use, instead)| Ask::Module {
            import,
            first_use,
            instead
        }),
        (n.clone(), n.clone(), maybe()).prop_map(|(import, statement, replace)| Ask::Statement {
            import,
            statement,
            replace
        }),
        (n.clone(), n.clone(), any::<bool>())
            .prop_map(|(import, statement, replaces)| Ask::Beside { import, statement, replaces }),
        (n.clone(), n.clone()).prop_map(|(import, function)| Ask::Function { import, function }),
        (n.clone(), n.clone()).prop_map(|(statement, alias)| Ask::Remove { statement, alias }),
        n.prop_map(|statement| Ask::RemoveStatement { statement }),
    ]
}

fn style() -> impl Strategy<Value = ImportStyle> {
    let wrap = prop_oneof![
        Just(Wrap::VerticalHangingIndent),
        Just(Wrap::Grid),
        Just(Wrap::HangingIndent),
        Just(Wrap::VerticalGridGrouped),
    ];
    (wrap, prop::array::uniform8(any::<bool>()), 20..100_usize).prop_map(|(wrap, flags, width)| {
        let [single, within, from_first, by_type, combine, magic, sorted, set] = flags;
        ImportStyle {
            wrap,
            line_length: width,
            line_length_is_set: set,
            force_single_line: single && within,
            force_sort_within_sections: within,
            from_first,
            order_by_type: by_type,
            combine_as_imports: combine,
            magic_trailing_comma: magic,
            is_sorted_by_tool: sorted,
            ..ImportStyle::default()
        }
    })
}

fn import(index: usize) -> Import {
    let from = |level, name: &str, member: &str, alias: Option<&str>| Import::From {
        module: ModuleRef { level, name: name.to_owned() },
        member: member.to_owned(),
        alias: alias.map(str::to_owned),
    };
    match index % 8 {
        0 => from(0, "app.redis_manager", "redis_manager", None),
        1 => from(0, "app.redis_manager", "redis_manager", Some("shared")),
        2 => from(0, "app.a", "CONSTANT", None),
        3 => from(0, "app.a", "zz_a_name_that_is_long_enough_to_need_another_line", None),
        4 => from(1, "", "sibling", None),
        5 => from(2, "far", "Near", None),
        6 => Import::Module { name: "abc".to_owned(), alias: None },
        _ => Import::Module { name: "app.tools".to_owned(), alias: Some("tools".to_owned()) },
    }
}

fn statements<'a>(body: &'a [Stmt], all: &mut Vec<&'a Stmt>) {
    for stmt in body {
        all.push(stmt);
        match stmt {
            Stmt::FunctionDef(node) => statements(&node.body, all),
            Stmt::ClassDef(node) => statements(&node.body, all),
            Stmt::If(node) => statements(&node.body, all),
            Stmt::Try(node) => {
                statements(&node.body, all);
                for ExceptHandler::ExceptHandler(handler) in &node.handlers {
                    statements(&handler.body, all);
                }
            }
            _ => {}
        }
    }
}

#[derive(Default, Clone)]
struct Asked {
    requests: Vec<ImportRequest>,
    removals: Vec<Removal>,
    statements: Vec<StatementRemoval>,
}

/// What the numbers mean in this module; what cannot be asked of it is left out.
fn asked(module: &Module, asks: &[Ask]) -> Asked {
    let mut all = Vec::new();
    statements(module.body(), &mut all);
    let pick = |of: &[TextRange], index: usize| (!of.is_empty()).then(|| of[index % of.len()]);
    let aliases = |stmt: &Stmt| -> Vec<TextRange> {
        match stmt {
            Stmt::Import(node) => node.names.iter().map(Ranged::range).collect(),
            Stmt::ImportFrom(node) => node.names.iter().map(Ranged::range).collect(),
            _ => Vec::new(),
        }
    };
    let every: Vec<TextRange> = all.iter().map(Ranged::range).collect();
    let imports: Vec<TextRange> =
        all.iter().filter(|stmt| !aliases(stmt).is_empty()).map(Ranged::range).collect();
    let simple: Vec<TextRange> = all
        .iter()
        .filter(|stmt| matches!(stmt, Stmt::Assign(_) | Stmt::Return(_) | Stmt::Expr(_)))
        .map(Ranged::range)
        .collect();
    let functions: Vec<TextRange> =
        all.iter().filter(|stmt| stmt.is_function_def_stmt()).map(Ranged::range).collect();
    let names = |range: TextRange| {
        all.iter().find(|stmt| stmt.range() == range).map_or_else(Vec::new, |stmt| aliases(stmt))
    };
    let mut asked = Asked::default();
    for ask in asks {
        let place = match *ask {
            Ask::Module { import: at, first_use, instead } => {
                let first_use = first_use.and_then(|index| pick(&simple, index));
                let instead_of = instead.and_then(|index| pick(&imports, index));
                if let Some(statement) = instead_of {
                    asked.removals.extend(
                        names(statement).into_iter().map(|alias| Removal { statement, alias }),
                    );
                }
                let first_use = first_use.map(TextRange::start);
                Some((at, Place::Module { first_use, instead_of }))
            }
            Ask::Statement { import: at, statement, replace } => {
                pick(&imports, statement).map(|statement| {
                    let replaces = replace.and_then(|index| pick(&names(statement), index));
                    let removal = replaces.map(|alias| Removal { statement, alias });
                    asked.removals.extend(removal);
                    (at, Place::Statement { statement, replaces })
                })
            }
            Ask::Beside { import: at, statement, replaces } => {
                pick(&every, statement).map(|range| {
                    let is_simple = simple.contains(&range) || imports.contains(&range);
                    (at, Place::Beside { statement: range, replaces_it: replaces && is_simple })
                })
            }
            Ask::Function { import: at, function } => {
                pick(&functions, function).map(|function| (at, Place::Function { function }))
            }
            Ask::Remove { statement, alias } => {
                if let Some(statement) = pick(&imports, statement)
                    && let Some(alias) = pick(&names(statement), alias)
                {
                    asked.removals.push(Removal { statement, alias });
                }
                None
            }
            Ask::RemoveStatement { statement } => {
                let statement = pick(&simple, statement);
                asked.statements.extend(statement.map(|statement| StatementRemoval { statement }));
                None
            }
        };
        if let Some((at, place)) = place {
            asked.requests.push(ImportRequest { import: import(at), place });
        }
    }
    asked
}

/// The comment is on a line of the statement, or in the lines of comments that touch it from above.
fn belongs(text: &str, comment: TextRange, statement: TextRange) -> bool {
    let (start, end) = (usize::from(statement.start()), usize::from(statement.end()));
    let at = usize::from(comment.start());
    if at < start {
        let between = text[at..start].replace("\r\n", "\n").replace('\r', "\n");
        between.split('\n').rev().skip(1).all(|line| line.trim_start().starts_with('#'))
    } else {
        at < end || !text[end..at].contains(['\n', '\r'])
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_plan_keeps_what_it_promises(
        text in module_text(),
        asks in prop::collection::vec(ask(), 1..6),
        style in style(),
        is_stub in any::<bool>(),
    ) {
        let Ok(module) = Module::parse(&text) else { return Ok(()) };
        let asked = asked(&module, &asks);
        let first_party = |name: &str| name.starts_with("app");
        let file = File {
            text: &text,
            module: &module,
            is_stub,
            package: Some("app.sub"),
            style: &style,
            first_party: &first_party,
        };
        let Ok(made) = plan(&file, &asked.requests, &asked.removals, &asked.statements) else {
            return Ok(());
        };
        // Disjoint, and the result parses.
        let edit = TextEdit::new(made.edits.clone()).expect("disjoint");
        let new = edit.apply(&text);
        prop_assert!(Module::parse(&new).is_ok(), "does not parse:\n{new}");
        // The order makes no difference.
        let mut other = asked.clone();
        other.requests.reverse();
        other.removals.reverse();
        other.statements.reverse();
        let again = plan(&file, &other.requests, &other.removals, &other.statements).expect("a plan");
        prop_assert_eq!(&made.edits, &again.edits);
        // Every request is met.
        prop_assert_eq!(made.placed.len(), asked.requests.len());
        for request in &asked.requests {
            let name = match &request.import {
                Import::From { member, alias, .. } => alias.as_ref().unwrap_or(member),
                Import::Module { name, alias } => alias.as_ref().unwrap_or(name),
            };
            prop_assert!(new.contains(name.as_str()), "{name} is not there:\n{new}");
        }
        // No comment is lost unless an import goes.
        let replaced = asked.requests.iter().filter_map(|request| match request.place {
            Place::Beside { statement, replaces_it: true } => Some(statement),
            _ => None,
        });
        let removed = asked.removals.iter().map(|removal| removal.statement);
        let gone: Vec<TextRange> = removed.chain(replaced).chain(made.emptied.clone()).collect();
        for comment in module.comments() {
            let words = text[bytes(*comment)].trim_end();
            let may_go = gone.iter().any(|gone| belongs(&text, *comment, *gone));
            prop_assert!(may_go || new.contains(words), "{words} is lost:\n{new}");
        }
        // The file ends as it did.
        if !text.is_empty() && !new.is_empty() {
            let ends = |text: &str| text.ends_with(['\n', '\r']);
            prop_assert_eq!(ends(&text), ends(&new), "{:?}", new);
        }
        // Line endings are the file's.
        if text.contains("\r\n") && !text.replace("\r\n", "").contains(['\n', '\r']) {
            prop_assert!(!new.replace("\r\n", "").contains(['\n', '\r']), "{:?}", new);
        }
        // Asking again for what is there changes nothing.
        if asked.statements.is_empty() && asked.removals.is_empty() && asked.requests.len() == 1
            && let [request] = asked.requests.as_slice()
            && matches!(request.place, Place::Module { first_use: None, instead_of: None })
            && !text.contains("import *")
        {
            let module = Module::parse(&new).expect("parses");
            let file = File { text: &new, module: &module, ..file };
            let again = plan(&file, &asked.requests, &[], &[]).expect("a plan");
            prop_assert!(again.edits.is_empty(), "planned again:\n{new}\n{:?}", again.edits);
        }
    }

    #[test]
    fn ranges_that_are_none_are_errors_and_no_panics(
        text in module_text(),
        ranges in prop::collection::vec((0..400_u32, 0..60_u32), 1..5),
        at in 0..64_usize,
    ) {
        let Ok(module) = Module::parse(&text) else { return Ok(()) };
        let style = ImportStyle::default();
        let file = File {
            text: &text,
            module: &module,
            is_stub: false,
            package: None,
            style: &style,
            first_party: &|_| false,
        };
        let range = |(start, length): (u32, u32)| TextRange::at(start.into(), length.into());
        let ranges: Vec<TextRange> = ranges.into_iter().map(range).collect();
        let first = ranges[0];
        let last = ranges[ranges.len() - 1];
        for place in [
            Place::Statement { statement: first, replaces: Some(last) },
            Place::Module { first_use: Some(first.start()), instead_of: Some(last) },
            Place::Beside { statement: first, replaces_it: true },
            Place::Function { function: first },
        ] {
            let request = ImportRequest { import: import(at), place };
            if let Ok(made) = plan(&file, &[request], &[], &[]) {
                TextEdit::new(made.edits).expect("disjoint").apply(&text);
            }
        }
        let removals = [Removal { statement: first, alias: last }];
        if let Ok(made) = plan(&file, &[], &removals, &[]) {
            TextEdit::new(made.edits).expect("disjoint").apply(&text);
        }
        let statements = [StatementRemoval { statement: first }];
        if let Ok(made) = plan(&file, &[], &[], &statements) {
            TextEdit::new(made.edits).expect("disjoint").apply(&text);
        }
    }
}
