//! A transform from its form to a [`Transform`], with everything that is wrong in one go.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_spanned::Spanned;

use super::schema::{
    AliasForm, ArgumentsForm, ExampleForm, IsolationForm, SingletonForm, TransformForm,
};
use super::symbol::is_identifier;
use super::{
    ALIAS_HOLE, Access, AliasPolicy, ArgumentPolicy, DEFAULT_ALIAS, DEFAULT_CLOSES, Example,
    Isolation, Singleton, SymbolName, Transform,
};
use crate::config::document::range;
use crate::config::nearest::nearest;
use crate::config::{Document, Problem, Problems, Template, read_form, template_problem};
use crate::fs::ProjectPath;
use crate::site::Reason;
use crate::text::TextRange;

impl Transform {
    /// The transform that a file holds.
    ///
    /// # Errors
    /// Everything that is wrong with the file.
    pub fn parse(document: &Arc<Document>) -> Result<Self, Problems> {
        let (form, problems) = read_form::<TransformForm>(document, |_, _| {})?;
        let mut reader = Reader { document, problems };
        let Some(form) = form else { return Err(Problems::new(reader.problems)) };
        let transform = reader.transform(form);
        Problems::check(reader.problems)?;
        Ok(transform)
    }
}

pub(super) struct Reader<'a> {
    pub(super) document: &'a Arc<Document>,
    pub(super) problems: Vec<Problem>,
}

impl Reader<'_> {
    pub(super) fn error(&mut self, range: TextRange, message: impl Into<String>) {
        self.problems.push(Problem::error(self.document, range, message));
    }

    /// Two things at `first` and `second` that must not be the same.
    pub(super) fn twice(&mut self, first: TextRange, second: TextRange, message: String) {
        let problem = Problem::error(self.document, second, message);
        self.problems.push(problem.related(self.document, first, "the first is here"));
    }

    fn transform(&mut self, form: TransformForm) -> Transform {
        let name_range = range(form.name.span());
        let name = form.name.into_inner();
        let is_word = |char: char| char.is_ascii_alphanumeric() || "-_.".contains(char);
        if !name.starts_with(|char: char| char.is_ascii_alphanumeric())
            || !name.chars().all(is_word)
        {
            let message = "the name of a transform is letters, digits, `-`, `_` and `.`, \
                           and starts with a letter or digit";
            self.error(name_range, message);
        }
        let summary_range = range(form.summary.span());
        let summary = form.summary.into_inner();
        if summary.trim().is_empty() || summary.contains(['\r', '\n']) {
            self.error(summary_range, "the summary is one line with text");
        }
        if form.singleton.is_empty()
            && form.rewrite.is_empty()
            && form.isolation.is_empty()
            && self.problems.is_empty()
        {
            let problem = Problem::error(self.document, name_range, "the transform does nothing");
            let help = "add a `[[singleton]]`, a `[[rewrite]]` or an `[[isolation]]`";
            self.problems.push(problem.help(help));
        }
        let singletons = self.singletons(form.singleton);
        let rewrites = form.rewrite.into_iter();
        let rewrites = rewrites.filter_map(|form| self.rewrite(form.into_inner())).collect();
        let isolations = form.isolation.iter();
        let isolations = isolations.filter_map(|audit| self.isolation(audit.get_ref()));
        let isolations = isolations.collect();
        Transform {
            name,
            name_range,
            summary,
            docs: form.docs,
            document: Arc::clone(self.document),
            singletons,
            rewrites,
            isolations,
            examples: self.examples(form.example),
        }
    }

    fn symbol(&mut self, given: &Spanned<String>) -> Option<SymbolName> {
        match given.get_ref().parse::<SymbolName>() {
            Ok(symbol) => Some(symbol),
            Err(error) => {
                let literal = range(given.span());
                let place = self.document.range_in_string(literal, error.start, error.end);
                let place = if place.is_empty() { literal } else { place };
                self.error(place, error.to_string());
                None
            }
        }
    }

    fn singletons(&mut self, forms: Vec<Spanned<SingletonForm>>) -> Vec<Singleton> {
        let mut singletons: Vec<Singleton> = Vec::new();
        for form in forms {
            let header = range(form.span());
            let Some(singleton) = self.singleton(header, form.get_ref()) else { continue };
            let class = &singleton.class;
            if let Some(first) = singletons.iter().find(|other| other.class == *class) {
                let message = format!("two singletons are for the class `{class}`");
                self.twice(first.class_range, singleton.class_range, message);
            }
            singletons.push(singleton);
        }
        singletons
    }

    fn singleton(&mut self, header: TextRange, form: &SingletonForm) -> Option<Singleton> {
        let class_range = range(form.class.span());
        let class = self.symbol(&form.class);
        let alias = self.alias(form.alias.as_ref());
        let closes = match &form.closes {
            None => DEFAULT_CLOSES.map(str::to_owned).to_vec(),
            Some(names) => self.identifiers(names, "a method"),
        };
        let arguments = self.arguments(form.arguments.as_ref());
        let (access, access_range) = match (&form.instance, &form.factory) {
            (Some(given), None) => (self.symbol(given).map(Access::Instance), range(given.span())),
            (None, Some(given)) => (self.symbol(given).map(Access::Factory), range(given.span())),
            (Some(instance), Some(factory)) => {
                let place = range(factory.span());
                let message = "a singleton has an `instance` or a `factory`, not both";
                let problem = Problem::error(self.document, place, message);
                let first = range(instance.span());
                self.problems.push(problem.related(self.document, first, "the instance is here"));
                return None;
            }
            (None, None) => {
                let problem = Problem::error(
                    self.document,
                    header,
                    "a singleton needs an `instance` or a `factory`",
                );
                let help = "name the shared object, `instance = \"package.module:name\"`, or a \
                            function that returns it, `factory = \"package.module:name\"`";
                self.problems.push(problem.help(help));
                return None;
            }
        };
        let (class, access) = (class?, access?);
        if *access.symbol() == class {
            let message = format!("`{class}` is the class itself, not what it is replaced by");
            let problem = Problem::error(self.document, access_range, message);
            self.problems.push(problem.related(self.document, class_range, "the class is here"));
        }
        Some(Singleton {
            class,
            class_range,
            access,
            access_range,
            alias,
            closes,
            retarget_mocks: form.retarget_mocks,
            arguments,
        })
    }

    fn alias(&mut self, given: Option<&Spanned<AliasForm>>) -> AliasPolicy {
        let place = given.map(|given| range(given.span())).unwrap_or_default();
        let text = match given.map(Spanned::get_ref) {
            None => DEFAULT_ALIAS,
            Some(AliasForm::Template(text)) => text,
            Some(AliasForm::Switch(false)) => return AliasPolicy::Hold,
            Some(AliasForm::Switch(true)) => {
                let message = format!("`alias` is a name such as `{DEFAULT_ALIAS}`, or `false`");
                self.error(place, message);
                return AliasPolicy::Hold;
            }
        };
        match Template::with_holes(text, &[ALIAS_HOLE]) {
            Ok(template) => {
                // A name that is as good as any, to see what becomes of it.
                let sample = template.render(|_| "x".to_owned());
                if !is_identifier(&sample) {
                    self.error(place, format!("`{text}` makes no identifier of Python"));
                } else if sample == "x" {
                    let message = "the alias must differ from the name that is taken";
                    self.error(place, message);
                }
                AliasPolicy::Template(template)
            }
            Err(error) => {
                self.problems.push(template_problem(self.document, place, &error));
                AliasPolicy::Hold
            }
        }
    }

    fn arguments(&mut self, given: Option<&Spanned<ArgumentsForm>>) -> ArgumentPolicy {
        let Some(given) = given else { return ArgumentPolicy::Hold };
        let place = range(given.span());
        match given.get_ref() {
            ArgumentsForm::Word(word) if word == "ignore" => ArgumentPolicy::Ignore,
            ArgumentsForm::Word(word) => {
                let message = format!("`arguments` is `ignore` or a list of names, not `{word}`");
                self.error(place, message);
                ArgumentPolicy::Hold
            }
            ArgumentsForm::Keywords(names) => {
                for name in names.iter().filter(|name| !is_identifier(name)) {
                    self.error(place, format!("`{name}` is not the name of an argument"));
                }
                ArgumentPolicy::Drop(names.clone())
            }
        }
    }

    fn identifiers(&mut self, given: &[Spanned<String>], what: &str) -> Vec<String> {
        let mut names: Vec<String> = Vec::new();
        for entry in given {
            let name = entry.get_ref();
            if !is_identifier(name) {
                self.error(range(entry.span()), format!("`{name}` is not the name of {what}"));
            } else if names.contains(name) {
                self.error(range(entry.span()), format!("`{name}` is there twice"));
            } else {
                names.push(name.clone());
            }
        }
        names
    }

    fn isolation(&mut self, form: &IsolationForm) -> Option<Isolation> {
        let on = self.symbol(&form.on);
        let methods = self.identifiers(form.methods.get_ref(), "a method");
        if form.methods.get_ref().is_empty() {
            let message = "an audit needs the methods whose first argument is a key";
            self.error(range(form.methods.span()), message);
        }
        let key_range = range(form.key.span());
        let key = match Template::new(form.key.get_ref()) {
            Ok(key) => {
                if key.holes().next().is_none() {
                    let problem = Problem::error(
                        self.document,
                        key_range,
                        "a key in which nothing varies keeps no user apart from another",
                    );
                    let help = "put a name in braces where it varies: `user:{user_id}`";
                    self.problems.push(problem.help(help));
                }
                Some(key)
            }
            Err(error) => {
                self.problems.push(template_problem(self.document, key_range, &error));
                None
            }
        };
        Some(Isolation {
            on: on?,
            on_range: range(form.on.span()),
            methods,
            key: key?,
            deny: form.deny,
        })
    }

    fn examples(&mut self, forms: Vec<Spanned<ExampleForm>>) -> Vec<Example> {
        let mut examples: Vec<Example> = Vec::new();
        for form in forms {
            let example = self.example(form.into_inner());
            if let Some(first) = examples.iter().find(|other| other.name == example.name) {
                let message = format!("two examples are called `{}`", example.name);
                self.twice(first.range, example.range, message);
            }
            examples.push(example);
        }
        examples
    }

    fn example(&mut self, form: ExampleForm) -> Example {
        let place = range(form.name.span());
        let name = form.name.into_inner();
        if name.trim().is_empty() || name.contains(['\r', '\n']) {
            self.error(place, "the name of an example is one line with text");
        }
        let before_range = range(form.before.span());
        let before = self.project(form.before.into_inner());
        if before.is_empty() {
            self.error(before_range, format!("example `{name}` has no file before"));
        }
        let after = self.project(form.after);
        for (file, (_, key)) in &after {
            if !before.contains_key(file) {
                let message = format!("`{file}` is not among the files before");
                let names: Vec<_> = before.keys().map(ProjectPath::to_slash).collect();
                let problem = Problem::error(self.document, *key, message);
                let meant = nearest(&file.to_slash(), names.iter().map(String::as_str));
                self.problems.push(match meant {
                    Some(meant) => problem.label(format!("did you mean `{meant}`?")),
                    None => problem.help("a transform makes no new files"),
                });
            }
        }
        let texts = |files: BTreeMap<ProjectPath, (String, TextRange)>| {
            files.into_iter().map(|(file, (text, _))| (file, text)).collect()
        };
        Example {
            name,
            range: place,
            before: texts(before),
            after: texts(after),
            reasons: self.reasons(&form.reasons),
        }
    }

    /// The files of an example, each with the place of its path.
    fn project(
        &mut self,
        given: BTreeMap<Spanned<String>, Spanned<String>>,
    ) -> BTreeMap<ProjectPath, (String, TextRange)> {
        let mut files: BTreeMap<ProjectPath, (String, TextRange)> = BTreeMap::new();
        for (path, text) in given {
            let place = range(path.span());
            let path = path.into_inner();
            let Some(file) = ProjectPath::new(&path).filter(|_| !path.contains('\\')) else {
                let message = format!("`{path}` is no path inside the example's project");
                let problem = Problem::error(self.document, place, message);
                self.problems.push(problem.help(
                    "write it from the project's folder, with `/` and \
                                                 without `..`: `app/service.py`",
                ));
                continue;
            };
            if let Some((_, first)) = files.get(&file) {
                self.twice(*first, place, format!("the file `{file}` is there twice"));
                continue;
            }
            let inner = |a: &ProjectPath, b: &ProjectPath| a.as_path().starts_with(b.as_path());
            let clash = files.iter().find(|(other, _)| inner(other, &file) || inner(&file, other));
            if let Some((other, (_, first))) = clash {
                let message = format!(
                    "`{file}` and `{other}`: one is a file, so the other cannot \
                                       be in it"
                );
                self.twice(*first, place, message);
                continue;
            }
            files.insert(file, (text.into_inner(), place));
        }
        files
    }

    fn reasons(&mut self, given: &[Spanned<String>]) -> Vec<Reason> {
        let mut reasons = Vec::new();
        for entry in given {
            match entry.get_ref().parse::<Reason>() {
                Ok(reason) => reasons.push(reason),
                Err(error) => {
                    let place = range(entry.span());
                    let problem = Problem::error(self.document, place, error.to_string());
                    let codes = Reason::ALL.iter().map(|reason| reason.code());
                    self.problems.push(match nearest(entry.get_ref(), codes) {
                        Some(meant) => problem.label(format!("did you mean `{meant}`?")),
                        None => problem,
                    });
                }
            }
        }
        reasons.sort_unstable();
        reasons.dedup();
        reasons
    }
}
