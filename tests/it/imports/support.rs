//! Cases: a text, what is asked of it, and the text that must come out.
//!
//! Statements are named by how they begin, names by how they are spelled. Every case also asserts
//! what holds for all: the result parses, the edits are disjoint, and the order of the requests
//! makes no difference.

use tiermod::config::python_style::ImportStyle;
use tiermod::imports::{
    File, Import, ImportPlan, ImportRequest, ModuleRef, Place, PlanError, Removal,
    StatementRemoval, plan,
};
use tiermod::syntax::Module;
use tiermod::text::{Ranged, TextEdit, TextRange, size};

/// A text and what is asked of it.
pub(super) struct Case {
    text: String,
    style: ImportStyle,
    is_stub: bool,
    package: Option<String>,
    requests: Vec<(Import, At)>,
    removals: Vec<(String, String)>,
    statements: Vec<String>,
}

#[derive(Clone)]
enum At {
    Statement(String, Option<String>),
    Module(Option<String>, Option<String>),
    Beside(String, bool),
    Function(String),
}

/// Starts a case.
pub(super) fn case(text: &str) -> Case {
    Case {
        text: text.to_owned(),
        style: ImportStyle::default(),
        is_stub: false,
        package: None,
        requests: Vec::new(),
        removals: Vec::new(),
        statements: Vec::new(),
    }
}

/// `app.m:x`, `..m:x as y`, or `os` for a plain import.
fn import(spec: &str) -> Import {
    let (path, alias) = match spec.split_once(" as ") {
        Some((path, alias)) => (path, Some(alias.to_owned())),
        None => (spec, None),
    };
    let Some((module, member)) = path.split_once(':') else {
        return Import::Module { name: path.to_owned(), alias };
    };
    let name = module.trim_start_matches('.');
    let level = u32::try_from(module.len() - name.len()).unwrap();
    let module = ModuleRef { level, name: name.to_owned() };
    Import::From { module, member: member.to_owned(), alias }
}

impl Case {
    pub(super) fn style(mut self, change: impl FnOnce(&mut ImportStyle)) -> Self {
        change(&mut self.style);
        self
    }

    pub(super) fn stub(mut self) -> Self {
        self.is_stub = true;
        self
    }

    pub(super) fn package(mut self, package: &str) -> Self {
        self.package = Some(package.to_owned());
        self
    }

    /// At module level.
    pub(super) fn module(mut self, spec: &str) -> Self {
        self.requests.push((import(spec), At::Module(None, None)));
        self
    }

    /// At module level, before the first place where `first_use` stands.
    pub(super) fn module_before(mut self, spec: &str, first_use: &str) -> Self {
        self.requests.push((import(spec), At::Module(Some(first_use.to_owned()), None)));
        self
    }

    /// At module level, instead of a statement that is removed.
    pub(super) fn module_instead(mut self, spec: &str, instead: &str) -> Self {
        self.requests.push((import(spec), At::Module(None, Some(instead.to_owned()))));
        self
    }

    /// Into a statement.
    pub(super) fn into(mut self, spec: &str, statement: &str) -> Self {
        self.requests.push((import(spec), At::Statement(statement.to_owned(), None)));
        self
    }

    /// Into a statement, one of whose names goes.
    pub(super) fn replace(mut self, spec: &str, statement: &str, alias: &str) -> Self {
        let at = At::Statement(statement.to_owned(), Some(alias.to_owned()));
        self.requests.push((import(spec), at));
        self.remove(statement, alias)
    }

    pub(super) fn beside(mut self, spec: &str, statement: &str) -> Self {
        self.requests.push((import(spec), At::Beside(statement.to_owned(), false)));
        self
    }

    pub(super) fn instead(mut self, spec: &str, statement: &str) -> Self {
        self.requests.push((import(spec), At::Beside(statement.to_owned(), true)));
        self
    }

    pub(super) fn function(mut self, spec: &str, function: &str) -> Self {
        self.requests.push((import(spec), At::Function(function.to_owned())));
        self
    }

    pub(super) fn remove(mut self, statement: &str, alias: &str) -> Self {
        self.removals.push((statement.to_owned(), alias.to_owned()));
        self
    }

    pub(super) fn remove_statement(mut self, statement: &str) -> Self {
        self.statements.push(statement.to_owned());
        self
    }

    /// The plan, requests in the given order or reversed.
    fn plan(&self, reversed: bool) -> Result<ImportPlan, PlanError> {
        let module = Module::parse(&self.text).expect("the case parses");
        let statement = |start: &str| statement(&self.text, &module, start);
        let place = |at: &At| match at {
            At::Statement(start, replaces) => Place::Statement {
                statement: statement(start),
                replaces: replaces.as_ref().map(|name| alias(&self.text, statement(start), name)),
            },
            At::Module(first_use, instead) => Place::Module {
                first_use: first_use.as_ref().map(|text| size(self.text.find(text).unwrap())),
                instead_of: instead.as_ref().map(|start| statement(start)),
            },
            At::Beside(start, replaces_it) => {
                Place::Beside { statement: statement(start), replaces_it: *replaces_it }
            }
            At::Function(start) => Place::Function { function: statement(start) },
        };
        let mut requests: Vec<ImportRequest> = self
            .requests
            .iter()
            .map(|(import, at)| ImportRequest { import: import.clone(), place: place(at) })
            .collect();
        let mut removals: Vec<Removal> = self
            .removals
            .iter()
            .map(|(start, name)| {
                let statement = statement(start);
                Removal { statement, alias: alias(&self.text, statement, name) }
            })
            .collect();
        let mut statements: Vec<StatementRemoval> = self
            .statements
            .iter()
            .map(|start| StatementRemoval { statement: statement(start) })
            .collect();
        if reversed {
            requests.reverse();
            removals.reverse();
            statements.reverse();
        }
        let first_party = |name: &str| matches!(name.split('.').next(), Some("app" | "lib"));
        let file = File {
            text: &self.text,
            module: &module,
            is_stub: self.is_stub,
            package: self.package.as_deref(),
            style: &self.style,
            first_party: &first_party,
        };
        plan(&file, &requests, &removals, &statements)
    }

    /// The text that comes out.
    pub(super) fn result(&self) -> (String, ImportPlan) {
        let plan = self.plan(false).expect("a plan");
        let text = TextEdit::new(plan.edits.clone()).expect("disjoint").apply(&self.text);
        Module::parse(&text).unwrap_or_else(|error| panic!("{error}:\n{text}"));
        let reversed = self.plan(true).expect("a plan");
        assert_eq!(plan.edits, reversed.edits, "the order of requests matters");
        (text, plan)
    }

    /// The text that comes out is `after`.
    #[track_caller]
    pub(super) fn gives(&self, after: &str) -> ImportPlan {
        let (text, plan) = self.result();
        assert_eq!(text, after, "\n--- got:\n{text}\n--- wanted:\n{after}");
        plan
    }

    /// No plan can be made.
    pub(super) fn fails(&self) -> PlanError {
        self.plan(false).expect_err("an error")
    }
}

/// The statement that begins with `start`; `2: x` is the second such one.
fn statement(text: &str, module: &Module, start: &str) -> TextRange {
    let (nth, start) = match start.split_once(": ") {
        Some((nth, start)) if nth.len() == 1 => (nth.parse().unwrap_or(1), start),
        _ => (1, start),
    };
    let found = text.match_indices(start).filter_map(|(at, _)| {
        let path = module.path_to(TextRange::at(size(at), 1.into()));
        path.iter()
            .filter(|node| node.is_statement() && node.range().start() == size(at))
            .map(Ranged::range)
            .next_back()
    });
    found.into_iter().nth(nth - 1).unwrap_or_else(|| panic!("no statement {start:?}"))
}

/// The name `name` of an import statement, with its `as`.
fn alias(text: &str, statement: TextRange, name: &str) -> TextRange {
    let source = &text[tiermod::text::bytes(statement)];
    let names = source.find("import ").or_else(|| source.find("import(")).unwrap_or(0) + 7;
    let is_word = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
    let at = source[names..]
        .match_indices(name)
        .map(|(at, _)| at + names)
        .find(|at| {
            !is_word(source[..*at].chars().next_back())
                && !is_word(source[at + name.len()..].chars().next())
                && !source[..*at].rsplit('\n').next().unwrap_or_default().contains('#')
        })
        .unwrap_or_else(|| panic!("no name {name:?}"));
    TextRange::at(statement.start() + size(at), size(name.len()))
}
