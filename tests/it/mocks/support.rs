//! A project in one text, run.

use std::collections::BTreeMap;

use tiermod::config::Problem;
use tiermod::fs::ProjectPath;
use tiermod::run::Tiers;
use tiermod::site::{Reason, Verdict};
use tiermod::text::TextEdit;

use crate::memory::{borrowed, plan, sections, transform};

const MANAGER: &str = "class RedisManager:
    def get(self, key): ...


redis_manager = RedisManager()


def get_redis_manager():
    return redis_manager
";

/// The module that a test patches, where a case does not give another.
pub(super) const SERVICE: &str = "-- app/service.py --
from app.redis_manager import RedisManager


def get():
    return RedisManager()
";

/// What is asked of a project.
#[derive(Clone)]
pub(super) struct Case<'a> {
    pub(super) files: &'a str,
    pub(super) access: &'a str,
    pub(super) more: &'a str,
    /// A transform in the place of the singleton.
    pub(super) rewrite: Option<&'a str>,
    pub(super) accept: Vec<Reason>,
    /// Files below `tests/` are a tier of their own.
    pub(super) tests_apart: bool,
}

impl<'a> Case<'a> {
    pub(super) fn new(files: &'a str) -> Self {
        Self {
            files,
            access: "instance = 'app.redis_manager:redis_manager'",
            more: "",
            rewrite: None,
            accept: Vec::new(),
            tests_apart: false,
        }
    }

    pub(super) fn retargets(files: &'a str) -> Self {
        Self { more: "retarget-mocks = true", ..Self::new(files) }
    }
}

/// What became of it.
pub(super) struct Ran {
    /// `path:line verdict: message` of every TM111.
    pub(super) mocks: Vec<String>,
    /// Every file afterwards.
    pub(super) files: BTreeMap<String, String>,
    /// What the suggestion of each TM111 would make of its file.
    pub(super) suggested: Vec<String>,
}

impl Tiers for Case<'_> {
    fn tier_of(&self, file: &ProjectPath) -> Option<usize> {
        Some(usize::from(self.tests_apart && file.to_slash().starts_with("tests/")))
    }

    fn accepted(&self, _: usize) -> &[Reason] {
        &self.accept
    }

    fn problems(&self, _: &[ProjectPath]) -> Vec<Problem> {
        Vec::new()
    }
}

#[track_caller]
pub(super) fn run(case: &Case<'_>) -> Ran {
    let mut files: BTreeMap<String, String> = sections(case.files).1.into_iter().collect();
    files.entry("app/__init__.py".to_owned()).or_default();
    files.entry("app/redis_manager.py".to_owned()).or_insert_with(|| MANAGER.to_owned());
    let singleton = format!(
        "[[singleton]]\nclass = 'app.redis_manager:RedisManager'\n{}\n{}\n",
        case.access, case.more
    );
    let body = case.rewrite.unwrap_or(&singleton);
    let transform = transform("redis", &format!("name = 'redis'\nsummary = 'Share it'\n{body}"));
    let plan = plan(borrowed(&files), &[transform], case).unwrap_or_else(|error| panic!("{error}"));
    assert!(plan.unproven.is_empty(), "{:?}", plan.unproven);
    let mocks = || plan.sites.iter().filter(|site| site.reason == Reason::MockTarget);
    let suggestions = mocks().filter_map(|site| Some((site, site.suggestion.as_ref()?)));
    let suggested = suggestions.map(|(site, suggestion)| {
        let edits = TextEdit::new(suggestion.edits.clone()).unwrap();
        edits.apply(&files[&site.path.to_slash()])
    });
    let suggested = suggested.collect();
    for file in &plan.files {
        let new = String::from_utf8(file.new.clone()).unwrap();
        files.insert(file.path().to_slash(), new);
    }
    let mocks = mocks().map(|site| {
        let is_ignored = if site.verdict == Verdict::Keep { " ignored" } else { "" };
        format!("{}:{} {}{is_ignored}: {}", site.path, site.start.line, site.verdict, site.message)
    });
    Ran { mocks: mocks.collect(), files, suggested }
}
