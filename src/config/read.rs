//! `codemod.toml` from its form to a [`Config`], with everything that is wrong in one go.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use schemars::JsonSchema;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_spanned::Spanned;
use toml::de::{DeArray, DeTable, DeValue};

use super::builtin::{self, Builtin};
use super::document::{Document, range};
use super::find::{DEFAULT_TRANSFORMS, ListError, expand, similar};
use super::gate::{Gate, GateSpec};
use super::nearest::nearest;
use super::patterns::{Pattern, Patterns};
use super::problem::{Problem, Problems};
use super::schema::{ConfigForm, FilesForm, PythonForm, SizeForm, TierForm, schema_of};
use super::template::{Template, TemplateError};
use super::tier::{COMMIT_HOLES, Tier, TierSelector, is_acceptable};
use super::{Config, TransformFile, shape};
use crate::fs::ProjectPath;
use crate::site::Reason;
use crate::text::{TextRange, TextSize, encoding};

const DEFAULT_SUBJECT: &str = "Apply tier {number}, {tier}";

/// The form of a TOML file, and all that is wrong with the file's keys and types. There is no
/// form where nothing can be read without what is wrong.
///
/// `pieces` is called with the tables before they are read, to take out what would stop that.
///
/// # Errors
/// Syntax errors.
pub(crate) fn read_form<T: DeserializeOwned + JsonSchema>(
    document: &Arc<Document>,
    pieces: impl Fn(&mut DeTable<'_>, &mut Vec<Problem>),
) -> Result<(Option<T>, Vec<Problem>), Problems> {
    let mut table = document.parse()?;
    // To make the schema takes longer than all the rest, and only what is wrong needs it.
    let mut whole = table.clone();
    let mut problems = Vec::new();
    pieces(whole.get_mut(), &mut problems);
    if problems.is_empty()
        && let Ok(form) = T::deserialize(toml::de::Deserializer::from(whole))
    {
        debug_assert!(
            shape::check(document, schema_of::<T>().as_value(), table.get_mut())
                .problems
                .is_empty(),
            "a form takes what its schema does not"
        );
        return Ok((Some(form), problems));
    }
    let schema = schema_of::<T>();
    let mut shape = shape::check(document, schema.as_value(), table.get_mut());
    pieces(table.get_mut(), &mut shape.problems);
    if !shape.is_readable {
        return Ok((None, shape.problems));
    }
    match T::deserialize(toml::de::Deserializer::from(table)) {
        Ok(form) => Ok((Some(form), shape.problems)),
        Err(error) => {
            let span = range(error.span().unwrap_or_default());
            shape.problems.push(Problem::error(document, span, error.message()));
            Ok((None, shape.problems))
        }
    }
}

/// The configuration of `document`; `folder` is where it is, `root` the project.
pub(super) fn config(
    document: &Arc<Document>,
    root: PathBuf,
    folder: &Path,
) -> Result<Config, Problems> {
    let (form, problems) = read_form::<ConfigForm>(document, |table, problems| {
        check_gates(document, table, problems);
    })?;
    let mut reader = Reader { document, root: &root, problems };
    let Some(form) = form else { return Err(Problems::new(reader.problems)) };
    let transforms = reader.transforms(form.transforms.as_deref(), folder);
    let source_roots = reader.source_roots(&form.python);
    let (exclude, max_file_size) = reader.files(&form.files);
    let tiers = reader.tiers(form.tier);
    Problems::check(reader.problems)?;
    Ok(Config {
        root,
        document: Arc::clone(document),
        transforms,
        source_roots,
        exclude,
        max_file_size,
        tiers,
        gates: form.gate,
        strict: form.strict,
    })
}

/// Says what is wrong with gates, one by one, and takes the wrong ones out; also two gates of one
/// name that meet at a tier.
fn check_gates(document: &Arc<Document>, table: &mut DeTable<'_>, problems: &mut Vec<Problem>) {
    let everywhere = check_gate_list(document, table, &[], problems);
    let tiers = table.get_mut("tier").map(Spanned::get_mut);
    let Some(DeValue::Array(tiers)) = tiers else { return };
    for tier in tiers.iter_mut() {
        if let DeValue::Table(tier) = tier.get_mut() {
            check_gate_list(document, tier, &everywhere, problems);
        }
    }
}

/// The names of the gates of `table` and where they are; `others` are names already taken.
fn check_gate_list(
    document: &Arc<Document>,
    table: &mut DeTable<'_>,
    others: &[(String, TextRange)],
    problems: &mut Vec<Problem>,
) -> Vec<(String, TextRange)> {
    let gates = table.get_mut("gate").map(Spanned::get_mut);
    let Some(DeValue::Array(gates)) = gates else { return Vec::new() };
    let mut names: Vec<(String, TextRange)> = Vec::new();
    for gate in std::mem::replace(gates, DeArray::new()) {
        let name = gate.get_ref().get("name");
        if let Some(name) = name
            && let Some(text) = name.get_ref().as_str()
        {
            let place = range(name.span());
            if let Some((_, first)) = names.iter().chain(others).find(|(other, _)| other == text) {
                let message = format!("two gates of a tier are called `{text}`");
                let problem = Problem::error(document, place, message);
                problems.push(problem.related(document, *first, "the first is here"));
            }
            names.push((text.to_owned(), place));
        }
        match GateSpec::deserialize(toml::de::ValueDeserializer::from(gate.clone())) {
            Ok(spec) => match Gate::new(&spec) {
                Ok(_) => gates.push(gate),
                Err(error) => {
                    let key = gate.get_ref().get(error.key()).map(Spanned::span);
                    let place = range(key.unwrap_or_else(|| gate.span()));
                    problems.push(Problem::error(document, place, error.to_string()));
                }
            },
            Err(error) => {
                let span = error.span().unwrap_or_else(|| gate.span());
                problems.push(Problem::error(document, range(span), error.message()));
            }
        }
    }
    names
}

struct Reader<'a> {
    document: &'a Arc<Document>,
    root: &'a Path,
    problems: Vec<Problem>,
}

impl Reader<'_> {
    fn error(&mut self, range: TextRange, message: impl Into<String>) {
        self.problems.push(Problem::error(self.document, range, message));
    }

    fn transforms(
        &mut self,
        list: Option<&[Spanned<String>]>,
        folder: &Path,
    ) -> Vec<TransformFile> {
        let mut files = Vec::new();
        let top = TextRange::empty(TextSize::new(0));
        let Some(list) = list else {
            match expand(folder, DEFAULT_TRANSFORMS, top) {
                Ok(found) => files.extend(found.into_iter().map(TransformFile::File)),
                Err(ListError::NothingMatches(_)) => {
                    let message =
                        format!("there is no transform: no file is `{DEFAULT_TRANSFORMS}`");
                    let help = "write one, or list those that there are: `transforms = [\"…\"]`; \
                                `tiermod init --help` lists those that come with tiermod";
                    let problem = Problem::error(self.document, top, message);
                    self.problems.push(problem.help(help));
                }
                Err(error) => self.error(top, error.to_string()),
            }
            return files;
        };
        for entry in list {
            let place = range(entry.span());
            if let Some(name) = entry.get_ref().strip_prefix(builtin::PREFIX) {
                let found = self.builtin(name, place).map(TransformFile::Builtin);
                files.extend(found.filter(|found| !files.contains(found)));
                continue;
            }
            match expand(folder, entry.get_ref(), place) {
                Ok(found) => {
                    for file in found.into_iter().map(TransformFile::File) {
                        if !files.contains(&file) {
                            files.push(file);
                        }
                    }
                }
                Err(error) => {
                    let problem = Problem::error(self.document, place, error.to_string());
                    self.problems.push(match error {
                        ListError::NoFile(name) => match similar(folder, &name) {
                            Some(meant) => problem.label(format!("did you mean `{meant}`?")),
                            None => problem,
                        },
                        ListError::Folder(name) => problem.label(format!("write `{name}/*.toml`")),
                        _ => problem,
                    });
                }
            }
        }
        files
    }

    /// One that comes with tiermod and needs nothing of the project.
    fn builtin(&mut self, name: &str, place: TextRange) -> Option<&'static Builtin> {
        match builtin::named(name) {
            Some(found) if found.is_template => {
                let message = format!("`{name}` is a template: it names modules to put yours for");
                let problem = Problem::error(self.document, place, message);
                self.problems.push(
                    problem
                        .help(format!("`tiermod init --transform {name}` writes a copy to edit")),
                );
                None
            }
            Some(found) => Some(found),
            None => {
                let message = format!("no transform `{name}` comes with tiermod");
                let problem = Problem::error(self.document, place, message);
                let usable = || builtin::ALL.iter().filter(|one| !one.is_template);
                let names: Vec<&str> = usable().map(|one| one.name).collect();
                self.problems.push(match nearest(name, names.iter().copied()) {
                    Some(meant) => {
                        problem.label(format!("did you mean `{}{meant}`?", builtin::PREFIX))
                    }
                    None => problem.help(format!("there are {}", names.join(", "))),
                });
                None
            }
        }
    }

    fn source_roots(&mut self, form: &PythonForm) -> Option<Vec<PathBuf>> {
        let list = form.source_roots.as_ref()?;
        let mut roots: Vec<PathBuf> = Vec::new();
        for entry in list {
            let (text, place) = (entry.get_ref().as_str(), range(entry.span()));
            let is_root = !text.is_empty()
                && Path::new(text).components().all(|part| part == std::path::Component::CurDir);
            let folder = if is_root {
                self.root.to_owned()
            } else if let Some(path) = ProjectPath::new(text).filter(|_| !text.contains('\\')) {
                path.under(self.root)
            } else {
                let message = format!("`{text}` is no folder inside the project");
                let problem = Problem::error(self.document, place, message);
                self.problems.push(problem.help(
                    "a source root is a path from the project's \
                                                 folder, with `/` and without `..`",
                ));
                continue;
            };
            if !folder.is_dir() {
                let what = if folder.exists() { "is a file" } else { "is not there" };
                self.error(place, format!("the source root `{text}` {what}"));
            } else if roots.contains(&folder) {
                self.error(place, format!("the source root `{text}` is there twice"));
            } else {
                roots.push(folder);
            }
        }
        if list.is_empty() {
            // An empty list could only mean that no module has a name.
            let top = TextRange::empty(TextSize::new(0));
            let message = "`source-roots` is empty; leave it out to have the roots detected";
            self.error(top, message);
        }
        Some(roots)
    }

    fn files(&mut self, form: &FilesForm) -> (Patterns, u64) {
        let exclude = self.patterns(&form.exclude);
        let largest = encoding::MAX_BYTES as u64;
        let Some(size) = &form.max_size else { return (exclude, largest) };
        let place = range(size.span());
        let bytes = match size.get_ref() {
            SizeForm::Bytes(bytes) => Some(*bytes),
            SizeForm::Text(text) => read_size(text),
        };
        match bytes {
            Some(bytes) if (1..=largest).contains(&bytes) => return (exclude, bytes),
            Some(_) => self.error(place, "`max-size` must be between one byte and `64 MiB`"),
            None => self.error(place, "`max-size` must be a number of bytes, or such as `512 KiB`"),
        }
        (exclude, largest)
    }

    fn patterns(&mut self, list: &[Spanned<String>]) -> Patterns {
        let mut patterns = Vec::new();
        for entry in list {
            let place = range(entry.span());
            match Pattern::new(entry.get_ref(), place) {
                Ok(pattern) => patterns.push(pattern),
                Err(error) => self.error(place, error.to_string()),
            }
        }
        match Patterns::new(patterns) {
            Ok(patterns) => patterns,
            Err(error) => {
                let place = list.first().map(|first| range(first.span())).unwrap_or_default();
                self.error(place, error.to_string());
                Patterns::default()
            }
        }
    }

    fn tiers(&mut self, forms: Vec<Spanned<TierForm>>) -> Vec<Tier> {
        if forms.is_empty() && self.problems.is_empty() {
            let top = TextRange::empty(TextSize::new(0));
            let problem = Problem::error(self.document, top, "there is no tier");
            self.problems.push(
                problem.help("a migration has at least one `[[tier]]`, with a `name` and `paths`"),
            );
        }
        let is_alone = forms.len() == 1;
        let mut tiers: Vec<Tier> = Vec::new();
        for form in forms {
            let tier = self.tier(form.into_inner());
            if let Some(first) = tiers.iter().find(|other| other.name == tier.name) {
                let message = format!("two tiers are called `{}`", tier.name);
                let problem = Problem::error(self.document, tier.name_range, message);
                let first = first.name_range;
                self.problems.push(problem.related(self.document, first, "the first is here"));
            }
            if tier.name == "all" && !is_alone {
                let message = "where there are others, a tier cannot be called `all`: \
                               `--tier all` means every tier";
                self.error(tier.name_range, message);
            }
            tiers.push(tier);
        }
        tiers
    }

    fn tier(&mut self, form: TierForm) -> Tier {
        let name_range = range(form.name.span());
        let name = form.name.into_inner();
        if let Some(message) = wrong_name(&name) {
            self.error(name_range, message);
        }
        if form.paths.get_ref().is_empty() {
            self.error(range(form.paths.span()), format!("tier `{name}` has no paths"));
        }
        let subject = self.commit_text(form.commit_subject.as_ref(), DEFAULT_SUBJECT);
        if let Some(text) = &form.commit_subject {
            let is_line =
                !text.get_ref().trim().is_empty() && !text.get_ref().contains(['\r', '\n']);
            if !is_line {
                self.error(range(text.span()), "the subject of a commit is one line with text");
            }
        }
        let body = form.commit_body.as_ref().map(|text| self.commit_text(Some(text), ""));
        Tier {
            name,
            name_range,
            summary: form.summary,
            risk: form.risk,
            paths: self.patterns(form.paths.get_ref()),
            accept: self.accept(&form.accept),
            gates: form.gate,
            commit_subject: subject,
            commit_body: body,
        }
    }

    fn accept(&mut self, list: &[Spanned<String>]) -> Vec<Reason> {
        let mut accepted = Vec::new();
        for entry in list {
            let (code, place) = (entry.get_ref().as_str(), range(entry.span()));
            match code.parse::<Reason>() {
                Ok(reason) if is_acceptable(reason) => accepted.push(reason),
                Ok(reason) => {
                    let why = match reason.verdict() {
                        crate::site::Verdict::Review => "there is nothing to write".to_owned(),
                        verdict => format!("its sites are `{verdict}`, not `review`"),
                    };
                    let title = reason.title();
                    self.error(place, format!("{reason} ({title}) cannot be accepted: {why}"));
                }
                Err(error) => {
                    let known = Reason::ALL.iter().copied().filter(|reason| is_acceptable(*reason));
                    let problem = Problem::error(self.document, place, error.to_string());
                    self.problems.push(match nearest(code, known.map(Reason::code)) {
                        Some(meant) => problem.label(format!("did you mean `{meant}`?")),
                        None => problem,
                    });
                }
            }
        }
        accepted.sort_unstable();
        accepted.dedup();
        accepted
    }

    fn commit_text(&mut self, given: Option<&Spanned<String>>, default: &str) -> Template {
        let result = match given {
            None => Template::with_holes(default, &COMMIT_HOLES),
            Some(text) => Template::with_holes(text.get_ref(), &COMMIT_HOLES),
        };
        match (result, given) {
            (Ok(template), _) => template,
            (Err(error), given) => {
                let place = given.map(|text| range(text.span())).unwrap_or_default();
                self.problems.push(template_problem(self.document, place, &error));
                Template::default()
            }
        }
    }
}

/// A mistake in a template that the string at `literal` holds, shown inside the string.
pub(crate) fn template_problem(
    document: &Arc<Document>,
    literal: TextRange,
    error: &TemplateError,
) -> Problem {
    let place = document.range_in_string(literal, error.start, error.end);
    Problem::error(document, place, error.to_string())
}

fn wrong_name(name: &str) -> Option<String> {
    if name.is_empty() {
        return Some("a tier has a name".to_owned());
    }
    if name.trim() != name || name.chars().any(char::is_control) {
        return Some("the name of a tier is one line, without space around it".to_owned());
    }
    match name.parse::<TierSelector>() {
        Ok(TierSelector::Number(_) | TierSelector::Range(..)) => {
            Some(format!("a tier cannot be called `{name}`: `--tier {name}` counts the tiers"))
        }
        Ok(TierSelector::All | TierSelector::Name(_)) => None,
    }
}

/// Bytes of a text such as `512 KiB` or `4MB`.
fn read_size(text: &str) -> Option<u64> {
    let text = text.trim();
    let digits = text.find(|char: char| !char.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at_checked(digits)?;
    let unit: u64 = match unit.trim().to_ascii_lowercase().as_str() {
        "" | "b" => 1,
        "kb" => 1_000,
        "kib" => 1 << 10,
        "mb" => 1_000_000,
        "mib" => 1 << 20,
        _ => return None,
    };
    number.parse::<u64>().ok()?.checked_mul(unit)
}
