//! Audits: whether the keys with which a shared object's methods are called belong to one user.
//!
//! Finds and judges calls; changes nothing. A call counts whether its object is the shared one
//! today or becomes it, so that an audit says the same before and after a migration.

mod judge;
mod reach;

use crate::config::Template;
use crate::fs::ProjectPath;
use crate::matching::Targets;
use crate::matching::pragma::pragmas;
use crate::project::{Analysis, FileId};
use crate::resolve::members::Chain;
use crate::resolve::{Origin, Resolver};
use crate::strings::{Extent, Piece, Place, Text, texts};
use crate::syntax::ast::visitor::{self, Visitor};
use crate::syntax::ast::{self, Expr, ExprRef};
use crate::text::{LineColumn, TextRange, slice};
use reach::Reach;

/// What an audit does, how it judges, and what to do, as Markdown.
pub const PAGE: &str = include_str!("page.md");

/// An audit, resolved against the project.
#[derive(Debug, Clone)]
pub struct Audit {
    /// The shared object, as the transform writes it.
    pub symbol: String,
    /// Its own name.
    pub name: String,
    /// What names of it lead to.
    pub shared: Origin,
    /// The methods whose first argument is a key.
    pub methods: Vec<String>,
    /// What a key has to look like.
    pub key: Template,
    /// Whether a key that does not look so fails a check.
    pub deny: bool,
}

/// Whether the key of a call belongs to one user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verdict {
    /// It has the form that the audit asks for.
    Namespaced,
    /// It has another form: users may meet in it.
    NotNamespaced,
    /// How it is made cannot be followed.
    CannotTell,
}

/// What an audit says of one place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The file.
    pub path: ProjectPath,
    /// Where it starts.
    pub start: LineColumn,
    /// Where it ends: the position after its last character.
    pub end: LineColumn,
    /// The line on which it starts, without its line ending.
    pub source_line: String,
    /// The shared object, as `package.module:name`.
    pub symbol: String,
    /// What was found.
    pub verdict: Verdict,
    /// One sentence for a person; starts in lower case, no full stop.
    pub message: String,
    /// Whether the audit forbids keys that are not namespaced.
    pub deny: bool,
}

impl Finding {
    /// Whether it makes a check fail.
    pub fn is_forbidden(&self) -> bool {
        self.deny && self.verdict == Verdict::NotNamespaced
    }
}

impl Verdict {
    /// Every verdict, in the order in which reports count them.
    pub const ALL: [Self; 3] = [Self::Namespaced, Self::NotNamespaced, Self::CannotTell];

    /// As reports write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Namespaced => "namespaced",
            Self::NotNamespaced => "not namespaced",
            Self::CannotTell => "cannot tell",
        }
    }
}

/// Audits one file, in source order.
///
/// A comment `# tiermod: ignore[isolation] because …` on the lines of a call takes the call out.
pub fn audit(
    resolver: &Resolver<'_, '_>,
    targets: &Targets,
    audits: &[Audit],
    file: FileId,
    analysis: &Analysis,
) -> Vec<Finding> {
    let mut found = Vec::new();
    let place = Place { resolver, file, analysis };
    for audit in audits {
        let reach = Reach::new(resolver, targets, audit);
        let mut auditor = Auditor { place, audit, reach, found: Vec::new() };
        for statement in analysis.module.body() {
            auditor.visit_stmt(statement);
        }
        found.extend(auditor.found);
    }
    let pragmas = pragmas(&analysis.module, &analysis.source.text, &analysis.lines());
    found.retain_mut(|finding| {
        let lines = finding.start.line..=finding.end.line;
        let pragma = pragmas.iter().find(|one| one.isolation && lines.contains(&one.line));
        match pragma {
            Some(pragma) if pragma.because.is_empty() => {
                finding.message.push_str("; the `ignore` here does not say why");
                true
            }
            found => found.is_none(),
        }
    });
    found.sort_by_key(|finding| (finding.start.line, finding.start.column));
    found
}

struct Auditor<'a> {
    place: Place<'a>,
    audit: &'a Audit,
    reach: Reach<'a>,
    found: Vec<Finding>,
}

impl<'a> Visitor<'a> for Auditor<'a> {
    fn visit_expr(&mut self, expr: &'a Expr) {
        match expr {
            Expr::Call(call) => self.call(call),
            Expr::BoolOp(choice) if choice.op == ast::BoolOp::Or => self.choice(choice),
            _ => {}
        }
        visitor::walk_expr(self, expr);
    }
}

impl Auditor<'_> {
    fn call(&mut self, call: &ast::ExprCall) {
        let is_shared = match &*call.func {
            Expr::Attribute(method) if self.is_method(method.attr.as_str()) => {
                self.reach.is_shared(&self.place, ExprRef::from(&*method.value))
            }
            // Ex) `get = redis_manager.get`
            Expr::Name(_) => self.is_bound_method(&call.func),
            _ => false,
        };
        if !is_shared {
            return;
        }
        let arguments = &call.arguments;
        let given = arguments.find_positional(0);
        let key = given
            .or_else(|| arguments.find_keyword("key").map(|keyword| &keyword.value))
            .or_else(|| arguments.find_keyword("name").map(|keyword| &keyword.value));
        let Some(key) = key else {
            if !arguments.is_empty() {
                let message = "the key is among arguments that are unpacked".to_owned();
                self.add(call.range, Verdict::CannotTell, message);
            }
            return;
        };
        let keys = texts(&self.place, ExprRef::from(key));
        let (verdict, text, why) = self.judged(&keys);
        let asked = self.audit.key.as_str();
        let message = match verdict {
            Verdict::Namespaced => format!("the key is `{text}`"),
            Verdict::NotNamespaced if keys.iter().any(|key| self.is_constant(key)) => {
                format!("the key is `{text}`, the same for every user")
            }
            Verdict::NotNamespaced => format!("the key is `{text}`, which is not `{asked}`"),
            Verdict::CannotTell => match why {
                Some(why) => format!("the key is `{text}`, and {why}"),
                None => {
                    format!("the key is `{text}`, and whether that is `{asked}` is not seen here")
                }
            },
        };
        self.add(call.range, verdict, message);
    }

    fn is_method(&self, name: &str) -> bool {
        self.audit.methods.iter().any(|method| method == name)
    }

    fn is_bound_method(&self, callee: &Expr) -> bool {
        let Place { resolver, file, analysis } = self.place;
        let Origin::Symbol(shared) = &self.audit.shared else { return false };
        let Some(chain) = Chain::of(analysis, ExprRef::from(callee)) else { return false };
        match resolver.chain(file, analysis, chain).certain() {
            Some(Origin::Symbol(symbol)) if symbol.file == shared.file => {
                let rest = symbol.name.strip_prefix(&shared.name);
                let method = rest.and_then(|rest| rest.strip_prefix('.'));
                method.is_some_and(|method| self.is_method(method))
            }
            _ => false,
        }
    }

    fn is_constant(&self, key: &Text) -> bool {
        judge::is_constant(&self.audit.key, key)
            && judge::judge(&self.audit.key, key) == Verdict::NotNamespaced
    }

    /// The verdict on all texts that a key may be, the text that decides it, and what is known of
    /// a value in it that tells no users apart.
    fn judged(&self, keys: &[Text]) -> (Verdict, String, Option<String>) {
        let judged = |key: &Text| judge::judge(&self.audit.key, key);
        let decides = keys
            .iter()
            .find(|key| judged(key) == Verdict::NotNamespaced)
            .or_else(|| keys.iter().find(|key| judged(key) == Verdict::CannotTell))
            .or_else(|| keys.first());
        decides.map_or((Verdict::CannotTell, String::new(), None), |key| {
            (judged(key), self.shown(key), self.doubt(key))
        })
    }

    /// Why a value of a key may not be all of what tells users apart.
    fn doubt(&self, key: &Text) -> Option<String> {
        key.pieces.iter().find_map(|piece| {
            let Piece::Hole(hole) = piece else { return None };
            let what = match &hole.value.extent {
                Extent::Whole => return None,
                Extent::PartOf(_) => "may be less than all of it",
                Extent::Shared if hole.value.name.is_some() => {
                    "may be its default, the same for several users"
                }
                Extent::Shared => "may be the same for several users",
            };
            let piece = Text { pieces: vec![piece.clone()] };
            Some(format!("`{}` {what}", self.shown(&piece)))
        })
    }

    fn shown(&self, key: &Text) -> String {
        let project = self.place.resolver.project();
        let pieces = key.pieces.iter().map(|piece| match piece {
            Piece::Fixed(text) => text.replace(['`', '\n', '\r'], " "),
            Piece::Hole(hole) => {
                let analysis = project.analysis(hole.file).map(|analysis| &**analysis);
                let analysis = if hole.file == self.place.file {
                    self.place.analysis
                } else {
                    analysis.unwrap_or(self.place.analysis)
                };
                let text = slice(&analysis.source.text, hole.range);
                let is_short = text.len() <= 40 && !text.contains(['\n', '`']);
                match &hole.value.name {
                    _ if is_short => format!("{{{text}}}"),
                    Some(name) => format!("{{{name}}}"),
                    None => "{…}".to_owned(),
                }
            }
        });
        pieces.collect()
    }

    /// `name or name`: what an earlier search and replace made of `name or Class()`.
    fn choice(&mut self, choice: &ast::ExprBoolOp) {
        let analysis = self.place.analysis;
        let text = |expr: &Expr| match expr {
            Expr::Name(name) => Some(slice(&analysis.source.text, name.range)),
            _ => None,
        };
        let mut pairs = choice.values.iter().zip(choice.values.iter().skip(1));
        let same = pairs.find(|(one, two)| text(one).is_some() && text(one) == text(two));
        let Some((one, _)) = same else { return };
        let name = text(one).unwrap_or_default();
        let is_meant =
            name == self.audit.name || self.reach.is_shared(&self.place, ExprRef::from(one));
        if is_meant {
            let message = format!(
                "both sides of this `or` are `{name}`: the shared object is never its default"
            );
            self.add(choice.range, Verdict::CannotTell, message);
        }
    }

    fn add(&mut self, range: TextRange, verdict: Verdict, message: String) {
        let analysis = self.place.analysis;
        let start = analysis.lines().position(range.start());
        self.found.push(Finding {
            path: analysis.source.path.clone(),
            start,
            end: analysis.lines().position(range.end()),
            source_line: analysis.lines().line_text(start.line).to_owned(),
            symbol: self.audit.symbol.clone(),
            verdict,
            message,
            deny: self.audit.deny,
        });
    }
}
