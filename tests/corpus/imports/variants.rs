//! Plans invented import changes for real files: the driver of `run.py`.
//!
//! `imports-variants IN OUT VARIANT` reads the paths of files below IN from its standard input and
//! writes each, changed as VARIANT says, below OUT. What must hold of every plan is asserted here;
//! what a linter says of the results is for `run.py` to find out. A file whose plan breaks a rule
//! is reported on the standard error, and the run goes on.

#![expect(clippy::print_stderr, reason = "a program for developers")]

use std::fs;
use std::io::{Read, stdin};
use std::path::{Path, PathBuf};

use tiermod::config::python_style::ImportStyle;
use tiermod::config::python_style::files::StyleFiles;
use tiermod::imports::{
    File, Import, ImportRequest, ModuleRef, Place, Removal, StatementRemoval, plan,
};
use tiermod::syntax::Module;
use tiermod::syntax::ast::{ExceptHandler, Stmt};
use tiermod::text::{Ranged, TextEdit, TextRange, slice};

fn main() -> std::process::ExitCode {
    let arguments: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    let [root, out, variant] = arguments.as_slice() else {
        eprintln!("usage: imports-variants IN OUT VARIANT < PATHS");
        return std::process::ExitCode::from(2);
    };
    let mut paths = String::new();
    if let Err(error) = stdin().read_to_string(&mut paths) {
        eprintln!("no paths: {error}");
        return std::process::ExitCode::from(2);
    }
    let mut is_good = true;
    for path in paths.lines() {
        let Ok(text) = fs::read_to_string(root.join(path)) else { continue };
        let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
        match change(root, path, text, &variant.to_string_lossy()) {
            Ok(Some(new)) => {
                let target = out.join(path);
                let folder = target.parent().unwrap_or(out);
                if fs::create_dir_all(folder).and_then(|()| fs::write(&target, new)).is_err() {
                    eprintln!("{path}: cannot be written");
                    is_good = false;
                }
            }
            Ok(None) => {}
            Err(problem) => {
                eprintln!("{path}: {problem}");
                is_good = false;
            }
        }
    }
    if is_good { std::process::ExitCode::SUCCESS } else { std::process::ExitCode::FAILURE }
}

/// What is asked of one file.
#[derive(Default)]
struct Asked {
    requests: Vec<ImportRequest>,
    removals: Vec<Removal>,
    statements: Vec<StatementRemoval>,
}

fn change(root: &Path, path: &str, text: &str, variant: &str) -> Result<Option<String>, String> {
    let Ok(module) = Module::parse(text) else { return Ok(None) };
    let mut random = Random::new(&format!("{path}:{variant}"));
    if text.contains("import *") {
        // New names go below star imports, whatever the order says.
        return Ok(None);
    }
    let kind = variant.split('#').next().unwrap_or_default();
    let mut asked = Asked::default();
    if kind == "mixed" {
        for kind in ["replace", "instead", "merge", "remove", "module", "function", "beside"] {
            ask(&module, kind, &mut random, &mut asked);
        }
    } else {
        ask(&module, kind, &mut random, &mut asked);
    }
    if asked.requests.is_empty() && asked.removals.is_empty() && asked.statements.is_empty() {
        return Ok(None);
    }
    let exists = |name: &str| {
        let relative: PathBuf = name.split('.').collect();
        [root.join(&relative), root.join("src").join(&relative)].iter().any(|folder| {
            folder.is_dir()
                || ["py", "pyi"].iter().any(|suffix| folder.with_extension(suffix).is_file())
        })
    };
    let package = package(root, path);
    let own = package.split('.').next().unwrap_or_default().to_owned();
    let first_party =
        |name: &str| exists(name) || (!own.is_empty() && name.split('.').next() == Some(&own));
    let style = style(root);
    let file = File {
        text,
        module: &module,
        is_stub: Path::new(path).extension().is_some_and(|suffix| suffix == "pyi"),
        package: (!package.is_empty()).then_some(package.as_str()),
        style: &style,
        first_party: &first_party,
    };
    let made = plan(&file, &asked.requests, &asked.removals, &asked.statements)
        .map_err(|error| error.to_string())?;
    let mut reversed = asked.requests.clone();
    reversed.reverse();
    let again = plan(&file, &reversed, &asked.removals, &asked.statements)
        .map_err(|error| error.to_string())?;
    if again.edits != made.edits {
        return Err("the order of requests matters".to_owned());
    }
    let edit = TextEdit::new(made.edits).map_err(|error| error.to_string())?;
    let new = edit.apply(text);
    Module::parse(&new).map_err(|error| format!("does not parse: {error}"))?;
    if asked.removals.is_empty() {
        let lost = lost_comments(&module, text, &new);
        if !lost.is_empty() {
            return Err(format!("comments are lost: {lost:?}"));
        }
    }
    if !text.is_empty() && text.ends_with('\n') != new.ends_with('\n') && !new.is_empty() {
        return Err("the final newline is not as it was".to_owned());
    }
    Ok(Some(new))
}

/// The style that `run.py` has put into the folder, or the default.
fn style(root: &Path) -> ImportStyle {
    let read = |path: &Path| {
        let is_ours = path == Path::new("imports-corpus/ruff.toml");
        if is_ours { fs::read(root.join(path)).ok() } else { None }
    };
    let (style, _) = ImportStyle::of_folder(Path::new("imports-corpus"), &StyleFiles::new(&read));
    // The files are sorted by a tool, as nothing is reported of them.
    ImportStyle { is_sorted_by_tool: true, ..style }
}

fn lost_comments(module: &Module, text: &str, new: &str) -> Vec<String> {
    module
        .comments()
        .iter()
        .map(|comment| slice(text, *comment).trim_end().to_owned())
        .filter(|comment| !new.contains(comment.as_str()))
        .collect()
}

/// The package that relative imports of the file start from.
fn package(root: &Path, path: &str) -> String {
    let mut folder = Path::new(path).parent().unwrap_or(Path::new(""));
    let mut parts = Vec::new();
    while !folder.as_os_str().is_empty() && root.join(folder).join("__init__.py").is_file() {
        parts.push(folder.file_name().unwrap_or_default().to_string_lossy().into_owned());
        folder = folder.parent().unwrap_or(Path::new(""));
    }
    parts.reverse();
    parts.join(".")
}

/// Adds what `variant` asks for, about statements of which nothing is asked yet.
fn ask(module: &Module, variant: &str, random: &mut Random, asked: &mut Asked) {
    let mut all = Vec::new();
    collect(module.body(), 0, &mut all);
    let taken: Vec<TextRange> = asked.removals.iter().map(|removal| removal.statement).collect();
    all.retain(|(_, stmt)| !taken.contains(&stmt.range()));
    let imports: Vec<&(usize, &Stmt)> = all
        .iter()
        .filter(|(_, stmt)| match stmt {
            Stmt::ImportFrom(node) => {
                !node.names.iter().any(|alias| alias.name.as_str() == "*")
                    && node.module.as_ref().is_none_or(|module| module.as_str() != "__future__")
            }
            _ => false,
        })
        .collect();
    match variant {
        "module" => {
            for spec in random.some(MODULES, 2) {
                let place = Place::Module { first_use: None, instead_of: None };
                asked.requests.push(ImportRequest { import: import(spec), place });
            }
        }
        "merge" => {
            for (_, stmt) in random.some(&imports, 3) {
                let Stmt::ImportFrom(node) = stmt else { continue };
                let member = random.one(MEMBERS);
                let place = Place::Statement { statement: node.range, replaces: None };
                asked.requests.push(from(node, member, random.coin(4)).at(place));
            }
        }
        "replace" => {
            for (_, stmt) in random.some(&imports, 3) {
                let Stmt::ImportFrom(node) = stmt else { continue };
                let member = random.one(MEMBERS);
                let alias = random.one(&node.names).range();
                let place = Place::Statement { statement: node.range, replaces: Some(alias) };
                asked.requests.push(from(node, member, random.coin(5)).at(place));
                asked.removals.push(Removal { statement: node.range, alias });
            }
        }
        "instead" => {
            let single: Vec<_> = imports
                .iter()
                .filter(|(_, stmt)| matches!(stmt, Stmt::ImportFrom(node) if node.names.len() == 1))
                .collect();
            for (depth, stmt) in random.some(&single, 2) {
                let Stmt::ImportFrom(node) = stmt else { continue };
                let Some(alias) = node.names.first() else { continue };
                let statement = node.range;
                asked.removals.push(Removal { statement, alias: alias.range() });
                let place = if *depth == 0 {
                    Place::Module { first_use: None, instead_of: Some(statement) }
                } else {
                    Place::Beside { statement, replaces_it: true }
                };
                let mut import = import(random.one::<&str>(MODULES));
                if random.coin(2)
                    && let Import::From { module, .. } = &mut import
                {
                    // Another module of the same package.
                    module.level = node.level;
                    let name = node.module.as_ref().map_or("", |name| name.as_str());
                    module.name = match name.split_once('.') {
                        Some((top, _)) => format!("{top}.zz_registry"),
                        None => {
                            format!("{name}{}zz_registry", if name.is_empty() { "" } else { "." })
                        }
                    };
                }
                asked.requests.push(ImportRequest { import, place });
            }
        }
        "beside" => {
            for (_, stmt) in random.some(&imports, 2) {
                let place = Place::Beside { statement: stmt.range(), replaces_it: false };
                asked
                    .requests
                    .push(ImportRequest { import: import(random.one::<&str>(MODULES)), place });
            }
        }
        "function" => {
            let functions: Vec<TextRange> = all
                .iter()
                .filter(|(_, stmt)| matches!(stmt, Stmt::FunctionDef(_)))
                .map(|(_, stmt)| stmt.range())
                .collect();
            for function in random.some(&functions, 2) {
                let place = Place::Function { function: *function };
                asked
                    .requests
                    .push(ImportRequest { import: import(random.one::<&str>(MODULES)), place });
            }
        }
        "remove" => {
            for (_, stmt) in random.some(&all, all.len()) {
                let (Stmt::Import(_) | Stmt::ImportFrom(_)) = stmt else { continue };
                let (statement, names) = match stmt {
                    Stmt::Import(node) => (node.range, &node.names),
                    Stmt::ImportFrom(node) => (node.range, &node.names),
                    _ => continue,
                };
                for alias in names {
                    if random.coin(3) && asked.removals.len() < 4 {
                        asked.removals.push(Removal { statement, alias: alias.range() });
                    }
                }
            }
        }
        "statement" => {
            let assignments: Vec<TextRange> = all
                .iter()
                .filter(|(_, stmt)| matches!(stmt, Stmt::Assign(_)))
                .map(|(_, stmt)| stmt.range())
                .collect();
            for statement in random.some(&assignments, 2) {
                asked.statements.push(StatementRemoval { statement: *statement });
            }
        }
        _ => {}
    }
}

const MODULES: &[&str] = &[
    "zz_shared.registry:redis_manager",
    "aa_shared:RedisManager",
    "decimal:Decimal",
    "zipapp:create_archive",
    "colorsys",
    "zz_shared.registry as registry",
    ".zz_local:redis_manager",
    "..aa_local:REDIS",
    "mm.a_module_with_a_name_that_is_long.and_longer:a_member_with_a_name_that_is_long_as_well",
];

const MEMBERS: &[&str] = &[
    "redis_manager",
    "AaManager",
    "ZZ_MANAGER",
    "zz_manager_with_a_name_that_is_long_enough_to_wrap",
    "aa_manager",
];

fn import(spec: &str) -> Import {
    let Some((module, member)) = spec.split_once(':') else {
        let (name, alias) = spec.split_once(" as ").unwrap_or((spec, ""));
        let alias = (!alias.is_empty()).then(|| alias.to_owned());
        return Import::Module { name: name.to_owned(), alias };
    };
    let name = module.trim_start_matches('.');
    let level = u32::try_from(module.len() - name.len()).unwrap_or_default();
    let module = ModuleRef { level, name: name.to_owned() };
    Import::From { module, member: member.to_owned(), alias: None }
}

struct Wanted(Import);

impl Wanted {
    fn at(self, place: Place) -> ImportRequest {
        ImportRequest { import: self.0, place }
    }
}

fn from(node: &tiermod::syntax::ast::StmtImportFrom, member: &str, is_aliased: bool) -> Wanted {
    let name = node.module.as_ref().map_or_else(String::new, ToString::to_string);
    let module = ModuleRef { level: node.level, name };
    let alias = is_aliased.then(|| format!("shared_{}", member.to_lowercase()));
    Wanted(Import::From { module, member: member.to_owned(), alias })
}

fn collect<'a>(body: &'a [Stmt], depth: usize, all: &mut Vec<(usize, &'a Stmt)>) {
    for stmt in body {
        all.push((depth, stmt));
        let mut inner = |body: &'a [Stmt]| collect(body, depth + 1, all);
        match stmt {
            Stmt::FunctionDef(node) => inner(&node.body),
            Stmt::ClassDef(node) => inner(&node.body),
            Stmt::With(node) => inner(&node.body),
            Stmt::For(node) => {
                inner(&node.body);
                inner(&node.orelse);
            }
            Stmt::While(node) => {
                inner(&node.body);
                inner(&node.orelse);
            }
            Stmt::If(node) => {
                inner(&node.body);
                node.elif_else_clauses.iter().for_each(|clause| inner(&clause.body));
            }
            Stmt::Try(node) => {
                inner(&node.body);
                for ExceptHandler::ExceptHandler(handler) in &node.handlers {
                    inner(&handler.body);
                }
                inner(&node.orelse);
                inner(&node.finalbody);
            }
            _ => {}
        }
    }
}

/// Choices that depend on the file and the variant alone.
struct Random(u64);

impl Random {
    fn new(seed: &str) -> Self {
        let hash = |state: u64, byte: u8| (state ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        Self(seed.bytes().fold(0xcbf2_9ce4_8422_2325, hash))
    }

    fn next(&mut self, below: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let high = usize::try_from(self.0 >> 33).unwrap_or_default();
        high % below.max(1)
    }

    fn coin(&mut self, one_in: usize) -> bool {
        self.next(one_in) == 0
    }

    fn one<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        let index = self.next(all.len());
        all.get(index).unwrap_or_else(|| panic!("nothing to choose from"))
    }

    fn some<'a, T>(&mut self, all: &'a [T], count: usize) -> Vec<&'a T> {
        let mut indexes: Vec<usize> = (0..all.len()).collect();
        let mut chosen = Vec::new();
        while chosen.len() < count && !indexes.is_empty() {
            let at = self.next(indexes.len());
            chosen.extend(all.get(indexes.swap_remove(at)));
        }
        chosen
    }
}
