//! Fixtures of pytest: which function a name means that a test asks for.
//!
//! As pytest looks them up: the class of the test, its module, and the `conftest.py` of its folder
//! and of each folder above; what a `conftest.py` imports, or names in `pytest_plugins`, is there
//! as well. Fixtures of plugins that are installed are not known.

use rustc_hash::FxHashSet;

use crate::fs::ProjectPath;
use crate::project::{Analysis, FileId, ModuleLookup};
use crate::resolve::{Origin, Resolver};
use crate::semantic::{BindingKind, NameId, ScopeId};
use crate::syntax::ast::{self, Expr, Stmt};
use crate::syntax::chain::last_name;
use crate::text::{TextRange, contains};

/// A function that is a fixture.
#[derive(Debug, Clone, Copy)]
pub struct Fixture<'a> {
    /// The name by which tests ask for it.
    pub name: &'a str,
    /// Its file.
    pub file: FileId,
    /// The file's names.
    pub analysis: &'a Analysis,
    /// The function.
    pub function: &'a ast::StmtFunctionDef,
    /// Every test that sees it gets it.
    pub is_automatic: bool,
    /// The class whose tests alone see it.
    class: Option<TextRange>,
}

/// The fixtures that the tests of one file see.
#[derive(Debug, Default)]
pub struct Fixtures<'a> {
    /// The nearest first: of two with the same name a test gets the first one that it sees.
    all: Vec<Fixture<'a>>,
}

impl<'a> Fixtures<'a> {
    /// Those of a file, of the `conftest.py` files that pytest reads for it, and of what these
    /// import.
    pub fn of(resolver: &'a Resolver<'a, 'a>, file: FileId, analysis: &'a Analysis) -> Self {
        let mut collector = Collector { resolver, seen: Vec::new(), all: Vec::new() };
        collector.module(file, analysis);
        let project = resolver.project();
        let mut folder = analysis.source.path.as_path().parent();
        while let Some(at) = folder {
            let conftest = ProjectPath::new(at.join("conftest.py"));
            if let Some(found) = conftest.and_then(|path| project.file(&path)) {
                collector.file(found);
            }
            folder = at.parent();
        }
        Self { all: collector.all }
    }

    /// The fixture that is meant by `name` where something at `asker` of the file asks for it.
    pub fn named(&self, name: &str, asker: TextRange) -> Option<&Fixture<'a>> {
        self.seen_from(asker).find(|fixture| fixture.name == name)
    }

    /// The fixture that another one of the same name means by its own name: the next further away.
    pub fn above(&self, fixture: &Fixture<'a>, asker: TextRange) -> Option<&Fixture<'a>> {
        self.seen_from(asker)
            .skip_while(|one| !std::ptr::eq(one.function, fixture.function))
            .skip(1)
            .find(|one| one.name == fixture.name)
    }

    /// The fixtures that every test at `asker` of the file gets.
    pub fn automatic(&self, asker: TextRange) -> impl Iterator<Item = &Fixture<'a>> {
        self.seen_from(asker).filter(|fixture| fixture.is_automatic)
    }

    fn seen_from(&self, asker: TextRange) -> impl Iterator<Item = &Fixture<'a>> {
        let is_seen =
            move |class: Option<TextRange>| class.is_none_or(|class| class.contains_range(asker));
        self.all.iter().filter(move |fixture| is_seen(fixture.class))
    }
}

/// The name by which tests ask for a fixture, where the function is one.
pub fn fixture_name(function: &ast::StmtFunctionDef) -> Option<&str> {
    let given = fixture_decorator(function)?.as_call_expr().and_then(|call| {
        let keyword = call.arguments.find_keyword("name")?;
        Some(keyword.value.as_string_literal_expr()?.value.to_str())
    });
    Some(given.unwrap_or(function.name.as_str()))
}

/// Whether every test that sees a fixture gets it.
fn is_automatic(function: &ast::StmtFunctionDef) -> bool {
    fixture_decorator(function).and_then(Expr::as_call_expr).is_some_and(|call| {
        call.arguments.find_keyword("autouse").is_some_and(|keyword| {
            keyword.value.as_boolean_literal_expr().is_some_and(|literal| literal.value)
        })
    })
}

/// Ex) `@pytest.fixture`, `@pytest_asyncio.fixture(scope="module")`
fn fixture_decorator(function: &ast::StmtFunctionDef) -> Option<&Expr> {
    function.decorator_list.iter().map(|decorator| &decorator.expression).find(|decorator| {
        let callee = decorator.as_call_expr().map_or(*decorator, |call| &*call.func);
        last_name(callee) == Some("fixture")
    })
}

struct Collector<'a> {
    resolver: &'a Resolver<'a, 'a>,
    seen: Vec<FileId>,
    all: Vec<Fixture<'a>>,
}

impl<'a> Collector<'a> {
    fn file(&mut self, file: FileId) {
        if let Ok(analysis) = self.resolver.project().analysis(file) {
            self.module(file, analysis);
        }
    }

    /// What a module defines, and then what it gets from others.
    fn module(&mut self, file: FileId, analysis: &'a Analysis) {
        if self.seen.contains(&file) {
            return;
        }
        self.seen.push(file);
        let text = &analysis.source.text;
        let defines = contains(text, "fixture");
        if defines {
            self.defined(file, analysis, analysis.module.body(), None);
        }
        self.imported(file, analysis);
        if contains(text, "pytest_plugins") {
            for dotted in plugins(analysis) {
                let module = self.resolver.project().module(dotted, Some(file));
                self.lookup(&module);
            }
        }
    }

    fn lookup(&mut self, module: &ModuleLookup) {
        if let ModuleLookup::File(file) = module {
            self.file(*file);
        }
    }

    fn defined(
        &mut self,
        file: FileId,
        analysis: &'a Analysis,
        statements: &'a [Stmt],
        class: Option<TextRange>,
    ) {
        // Of two definitions the later one holds.
        for statement in statements.iter().rev() {
            match statement {
                Stmt::FunctionDef(function) => {
                    self.add(file, analysis, function, class);
                }
                Stmt::ClassDef(inner) => {
                    self.defined(file, analysis, &inner.body, Some(inner.range));
                }
                _ => {}
            }
        }
    }

    fn add(
        &mut self,
        file: FileId,
        analysis: &'a Analysis,
        function: &'a ast::StmtFunctionDef,
        class: Option<TextRange>,
    ) {
        if let Some(name) = fixture_name(function) {
            let is_automatic = is_automatic(function);
            self.all.push(Fixture { name, file, analysis, function, is_automatic, class });
        }
    }

    /// Ex) `from tests.fixtures import *`, `from tests.fixtures import clean_environment`
    ///
    /// A `conftest.py` may get its fixtures from anywhere; what other modules import is read for
    /// their sake only where a name says that it is about fixtures, or a function asks for it.
    fn imported(&mut self, file: FileId, analysis: &'a Analysis) {
        let project = self.resolver.project();
        let from_anywhere = is_conftest(&analysis.source.path);
        let has_fixtures = from_anywhere || contains(&analysis.source.text, "fixture");
        let mut asked: FxHashSet<NameId> = FxHashSet::default();
        if !from_anywhere {
            let bindings = analysis.names.bindings().map(|(_, binding)| binding);
            let parameters = bindings.filter(|binding| binding.kind == BindingKind::Parameter);
            asked.extend(parameters.map(|parameter| parameter.name));
        }
        for (_, binding) in analysis.names.bindings() {
            if binding.scope != ScopeId::MODULE {
                continue;
            }
            match &binding.kind {
                BindingKind::StarImport { level, module }
                    if has_fixtures || is_about_fixtures(module) =>
                {
                    self.lookup(&project.imported_module(file, *level, module));
                }
                BindingKind::ImportFrom { level, module, member, .. } => {
                    let ModuleLookup::File(_) = project.imported_module(file, *level, module)
                    else {
                        continue;
                    };
                    let is_about = || is_about_fixtures(module) || is_about_fixtures(member);
                    if from_anywhere || asked.contains(&binding.name) || has_fixtures && is_about()
                    {
                        self.import(file, analysis, binding.name);
                    }
                }
                _ => {}
            }
        }
    }

    fn import(&mut self, file: FileId, analysis: &'a Analysis, name: NameId) {
        let name = analysis.names.text(name);
        let found = self.resolver.attribute_of(&ModuleLookup::File(file), name);
        if let Some(Origin::Symbol(symbol)) = found.certain()
            && let Some((file, analysis, function)) = self.resolver.function(symbol)
        {
            self.add(file, analysis, function, None);
        }
    }
}

/// Whether pytest reads a file for the tests of its folder and of those below.
pub fn is_conftest(path: &ProjectPath) -> bool {
    path.as_path().file_name().is_some_and(|name| name == "conftest.py")
}

fn is_about_fixtures(name: &str) -> bool {
    ["fixture", "conftest", "plugin", "testing"].iter().any(|word| name.contains(word))
}

/// Ex) `pytest_plugins = ["tests.fixtures", "tests.more"]`
fn plugins(analysis: &Analysis) -> Vec<&str> {
    let values = analysis.module.body().iter().filter_map(|statement| match statement {
        Stmt::Assign(assign) => {
            let is_it = assign.targets.iter().any(|one| last_name(one) == Some("pytest_plugins"));
            is_it.then_some(&*assign.value)
        }
        _ => None,
    });
    values
        .flat_map(|value| match value {
            Expr::List(list) => list.elts.iter().collect::<Vec<_>>(),
            Expr::Tuple(tuple) => tuple.elts.iter().collect(),
            single => vec![single],
        })
        .filter_map(|value| Some(value.as_string_literal_expr()?.value.to_str()))
        .collect()
}
