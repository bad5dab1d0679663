//! A project in one text, run.

use std::collections::BTreeMap;
use std::path::Path;

use tiermod::config::{Document, Problem};
use tiermod::fs::{MemoryTree, ProjectPath};
use tiermod::run::{self, Request, Tiers};
use tiermod::site::{Reason, Verdict};
use tiermod::transform::Transform;

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

/// The files of a text in which `-- path --` stands above each.
pub(super) fn files(text: &str) -> BTreeMap<String, String> {
    let mut files = BTreeMap::new();
    let mut path = None;
    for line in text.split_inclusive('\n') {
        let named = line.trim_end().strip_prefix("-- ").and_then(|line| line.strip_suffix(" --"));
        if let Some(named) = named {
            files.insert(named.to_owned(), String::new());
            path = Some(named.to_owned());
        } else if let Some(text) = path.as_ref().and_then(|path| files.get_mut(path)) {
            text.push_str(line);
        }
    }
    files
}

#[track_caller]
pub(super) fn run(case: &Case<'_>) -> Ran {
    let mut files = files(case.files);
    files.entry("app/__init__.py".to_owned()).or_default();
    files.entry("app/redis_manager.py".to_owned()).or_insert_with(|| MANAGER.to_owned());
    let singleton = format!(
        "[[singleton]]\nclass = 'app.redis_manager:RedisManager'\n{}\n{}\n",
        case.access, case.more
    );
    let body = case.rewrite.unwrap_or(&singleton);
    let transform = format!("name = 'redis'\nsummary = 'Share it'\n{body}");
    let path = Path::new("/project/transforms/redis.toml");
    let document = Document::new(path, "redis.toml".to_owned(), transform.as_bytes()).unwrap();
    let transform = Transform::parse(&document).unwrap_or_else(|problems| panic!("{problems}"));
    let tree = MemoryTree::new(files.iter().map(|(path, text)| (path, text.as_bytes())));
    let request = Request {
        tree: &tree,
        tiers: case,
        source_roots: None,
        transforms: std::slice::from_ref(&transform),
        strict: false,
        threads: 1,
    };
    let plan = run::plan(&request).unwrap_or_else(|error| panic!("{error}"));
    assert!(plan.unproven.is_empty(), "{:?}", plan.unproven);
    for file in &plan.files {
        let new = String::from_utf8(file.new.clone()).unwrap();
        files.insert(file.path.to_slash(), new);
    }
    let mocks = plan.sites.iter().filter(|site| site.reason == Reason::MockTarget);
    let mocks = mocks.map(|site| {
        let is_ignored = if site.verdict == Verdict::Keep { " ignored" } else { "" };
        format!("{}:{} {}{is_ignored}: {}", site.path, site.start.line, site.verdict, site.message)
    });
    Ran { mocks: mocks.collect(), files }
}
