//! What becomes of whole projects, held in `snapshots/`: the bundled example tier by tier, and each
//! small project of `tests/projects/`.
//!
//! A golden is the patch, and below it every site that is not rewritten, so that a silent refusal is
//! a visible change. Whatever a golden says, these hold of every project: the patch does not depend
//! on the number of threads, and a second run over the result plans nothing.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tempfile::TempDir;
use tiermod::cli::tier_work::change;
use tiermod::config::Config;
use tiermod::fs::DiskTree;
use tiermod::patch::{self, Change, FilePatch, ObjectFormat};
use tiermod::plan::{FilePlan, Plan};
use tiermod::run::outline::Worth;
use tiermod::run::prove::Reading;
use tiermod::run::{self, Request, Suggestions};
use tiermod::site::Verdict;
use tiermod::transform;

use crate::memory;

fn golden(folder: &str, name: &str, text: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(format!("../../snapshots/{folder}"));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, text));
}

fn plan(root: &Path, threads: usize) -> Plan {
    let config = Config::load(&root.join("codemod.toml"), None).unwrap_or_else(|e| panic!("{e}"));
    let transforms = transform::load(&config).unwrap_or_else(|error| panic!("{error}")).transforms;
    let exclude = config.exclude.clone();
    let leaves_out = Arc::new(move |path: &_| exclude.matches(path));
    let request = Request {
        tree: &DiskTree::new(&config.root, leaves_out, config.max_file_size),
        tiers: &config,
        source_roots: None,
        transforms: &transforms,
        strict: false,
        is_excerpt: false,
        threads,
        suggestions: Suggestions::Made,
        reading: Reading::Outline(Worth::ANY),
    };
    run::plan(&request).unwrap_or_else(|error| panic!("{}: {error}", root.display()))
}

fn patch_of(files: &[&FilePlan]) -> Vec<u8> {
    let patch = |file: &&FilePlan| {
        let Change { path, old, new, notes } = change(file);
        FilePatch { path: path.to_slash().into_bytes(), old, new, mode: 0o100_644, notes }
    };
    let files: Vec<FilePatch> = files.iter().map(patch).collect();
    patch::render(&files, ObjectFormat::Sha1)
}

/// The patch of the files of a tier, or of all, and the sites that it leaves.
fn shown(plan: &Plan, tier: Option<usize>) -> String {
    let is_shown = |of: Option<usize>| tier.is_none() || of == tier;
    let files: Vec<&FilePlan> = plan.files.iter().filter(|file| is_shown(file.tier)).collect();
    // Line endings are part of what a reviewer must see.
    let mut text = String::from_utf8_lossy(&patch_of(&files)).replace('\r', "␍");
    for site in plan.sites.iter().filter(|site| is_shown(site.tier)) {
        if site.verdict != Verdict::Rewrite {
            let (path, line) = (site.path.to_slash(), site.start.line);
            writeln!(text, "{} {} {path}:{line}: {}", site.verdict, site.reason, site.message)
                .unwrap();
        }
    }
    text
}

/// What holds of every project.
fn assert_sound(root: &Path, plan: &Plan) {
    let unproven: Vec<_> = plan.unproven.iter().map(|file| &file.message).collect();
    assert!(unproven.is_empty(), "{}: {unproven:?}", root.display());
    let all: Vec<&FilePlan> = plan.files.iter().collect();
    let alone = self::plan(root, 1);
    let of_one: Vec<&FilePlan> = alone.files.iter().collect();
    assert_eq!(patch_of(&all), patch_of(&of_one), "{}: one thread", root.display());
    assert_eq!(plan.sites, alone.sites, "{}: one thread", root.display());
}

/// Makes the changes and asserts that nothing is left to do.
fn assert_done_at_once(root: &Path, plan: &Plan) {
    for file in &plan.files {
        fs::write(file.path().under(root), &file.new).unwrap();
    }
    let again = self::plan(root, 4);
    let paths: Vec<_> = again.files.iter().map(|file| file.path().to_slash()).collect();
    assert!(paths.is_empty(), "{}: a second run changes {paths:?}", root.display());
    assert_eq!(again.count(Verdict::Rewrite), 0, "{}", root.display());
    let held = plan.count(Verdict::Review);
    assert_eq!(again.count(Verdict::Review), held, "{}: held sites stay", root.display());
}

#[test]
fn the_bundled_project() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let plan = plan(root, 4);
    assert_sound(root, &plan);
    let open = plan.count(Verdict::Rewrite) + plan.count(Verdict::Review);
    assert_eq!(open, 43, "sites of the example");
    for (tier, name) in ["1-websocket", "2-agents", "3-startup", "4-tests"].iter().enumerate() {
        golden("chat", name, &shown(&plan, Some(tier)));
    }
}

/// What a project has that does not say otherwise.
const USUAL: [(&str, &str); 4] = [
    (
        "codemod.toml",
        "transforms = [\"transforms/redis.toml\"]\n[[tier]]\nname = \"all\"\npaths = [\"**\"]\n",
    ),
    (
        "transforms/redis.toml",
        "name = \"redis\"\nsummary = \"Share the manager\"\n[[singleton]]\n\
         class = \"app.redis_manager:RedisManager\"\n\
         instance = \"app.redis_manager:redis_manager\"\n",
    ),
    ("app/__init__.py", ""),
    (
        "app/redis_manager.py",
        "class RedisManager:\n    def get(self, key):\n        return key\n\n\n\
         redis_manager = RedisManager()\n",
    ),
];

/// Writes the files of `-- PATH --` sections, and the usual ones that are not among them; what
/// stands before the first section says why the project exists. `\r` at the end of a line is a
/// carriage return.
fn unpack(text: &str) -> (TempDir, PathBuf) {
    let folder = TempDir::new().unwrap();
    let root = folder.path().canonicalize().unwrap();
    let write = |path: PathBuf, text: &str| {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text.replace("\\r\n", "\r\n")).unwrap();
    };
    for (name, text) in memory::sections(text).1 {
        write(root.join(name), &text);
    }
    for (name, text) in USUAL {
        // A project with a `src` folder has its package there.
        let is_elsewhere = name.starts_with("app/") && root.join("src").exists();
        let path = root.join(name);
        if !path.exists() && !is_elsewhere {
            write(path, text);
        }
    }
    (folder, root)
}

#[test]
fn the_small_projects() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/projects");
    let mut cases: Vec<PathBuf> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    cases.sort();
    assert!(cases.len() > 9, "the projects are there");
    for case in cases {
        let text = fs::read_to_string(&case).unwrap();
        assert!(text.starts_with("# "), "{}: says why it exists", case.display());
        let (_folder, root) = unpack(&text);
        let plan = plan(&root, 4);
        assert_sound(&root, &plan);
        golden("projects", case.file_stem().unwrap().to_str().unwrap(), &shown(&plan, None));
        assert_done_at_once(&root, &plan);
    }
}
