//! The verdict on one site.

use crate::imports::ImportRequest;
use crate::matching::pragma::{self, Pragma};
use crate::matching::{Access, ClassUse, Found, Target};
use crate::project::Analysis;
use crate::resolve::Origin;
use crate::semantic::{BindingId, ReferenceId};
use crate::site::{Reason, SiteKind, Verdict};
use crate::spelling::{Held, Speller, Wanted};
use crate::syntax::ast::AnyNodeRef;
use crate::syntax::slot::{Fit, Shape, Slot};
use crate::text::{Ranged, TextRange, slice};

/// What becomes of a site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// The transform's name.
    pub transform: String,
    /// What the site is about.
    pub symbol: String,
    /// What kind of thing that is.
    pub kind: SiteKind,
    /// The site.
    pub range: TextRange,
    /// The reference by which the symbol is reached, and how many of its attributes lead to it.
    pub reference: Option<(ReferenceId, usize)>,
    /// Other references that the change may take away.
    pub more_references: Vec<ReferenceId>,
    /// The imports that the change takes the place of.
    pub migrations: Vec<Migration>,
    /// How the name was followed.
    pub chain: Vec<String>,
    /// What happens to it.
    pub verdict: Verdict,
    /// Why.
    pub reason: Reason,
    /// One sentence for a person.
    pub message: String,
    /// The change, where the site is rewritten.
    pub change: Option<Change>,
    /// The change that a held site would get if its reason were accepted.
    pub offered: Option<Box<Change>>,
}

/// What rewriting a site does to its file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// What is replaced.
    pub range: TextRange,
    /// What stands there instead.
    pub parts: Vec<Part>,
    /// The imports that it needs.
    pub requests: Vec<ImportRequest>,
    /// The statement whose place an import takes: it goes, and `parts` with it.
    pub replaces_statement: Option<TextRange>,
    /// Where the name stands by which the old symbol was reached, if it is still there.
    pub kept_reference: Option<TextRange>,
    /// What the names in the literal parts must lead to.
    pub wanted: Vec<Origin>,
    /// Why the names are spelled so and the imports are where they are.
    pub why: Vec<String>,
    /// The bindings of the file that the literal parts use.
    pub uses: Vec<BindingId>,
    /// What the result looks like from outside; `None` where it is as good as a name, or a
    /// statement.
    pub shape: Option<Shape>,
    /// The expressions among the copies that have no parentheses of their own.
    pub enclosed: Vec<Enclosed>,
}

/// An expression of the old text that is put into a new place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Enclosed {
    /// The expression.
    pub expr: TextRange,
    /// What fits into its new place.
    pub slot: Slot,
    /// It is all of the result.
    pub is_root: bool,
}

/// An import of a symbol whose place another one takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Migration {
    /// The import.
    pub binding: BindingId,
    /// The import of the new symbol under the name that the old one has here, for those who still
    /// want that name.
    pub kept: Vec<ImportRequest>,
    /// The new name and the import of the new symbol under it; `None` where the name stays
    /// whoever wants it.
    pub renamed: Option<(String, Vec<ImportRequest>)>,
}

impl Change {
    /// Puts parentheses around a piece of the old text that is among the copies.
    pub(super) fn parenthesise(&mut self, piece: TextRange) {
        let holds = |part: &Part| matches!(part, Part::Copy(copy) if copy.contains_range(piece));
        let Some(at) = self.parts.iter().position(holds) else { return };
        let Some(Part::Copy(copy)) = self.parts.get(at).cloned() else { return };
        let copies = [
            Part::Copy(TextRange::new(copy.start(), piece.start())),
            Part::Literal("(".to_owned()),
            Part::Copy(piece),
            Part::Literal(")".to_owned()),
            Part::Copy(TextRange::new(piece.end(), copy.end())),
        ];
        let is_there = |part: &Part| !matches!(part, Part::Copy(copy) if copy.is_empty());
        self.parts.splice(at..=at, copies.into_iter().filter(is_there));
    }

    /// Sets the result apart from words that it would grow together with: what stands there ends
    /// in a bracket, and `C()if x else y` needs no space.
    pub(super) fn set_apart(&mut self, text: &str) {
        let piece = |part: &Part| match part {
            Part::Literal(literal) => literal.clone(),
            Part::Copy(range) => slice(text, *range).to_owned(),
        };
        let result: String = self.parts.iter().map(piece).collect();
        let (before, after) =
            (text.get(..self.range.start().into()), text.get(self.range.end().into()..));
        let is_word = |char: char| char == '_' || char.is_alphanumeric();
        let begins = result.starts_with(|char| is_word(char) || matches!(char, '"' | '\''));
        // Ex) `f"{make(x)}"` that becomes `f"{ {1: x}}"`: two braces are none.
        let is_doubled =
            result.starts_with('{') && before.is_some_and(|before| before.ends_with('{'));
        if begins && before.is_some_and(|before| before.ends_with(is_word)) || is_doubled {
            self.parts.insert(0, Part::Literal(" ".to_owned()));
        }
        if result.ends_with(is_word) && after.is_some_and(|after| after.starts_with(is_word)) {
            self.parts.push(Part::Literal(" ".to_owned()));
        }
    }

    /// What it takes the place of: the site, or the whole statement around it.
    pub fn replaced(&self) -> TextRange {
        self.replaces_statement.unwrap_or(self.range)
    }

    /// The pieces of the old text that stay.
    pub fn copies(&self) -> impl Iterator<Item = TextRange> {
        self.parts.iter().filter_map(|part| match part {
            Part::Copy(range) => Some(*range),
            Part::Literal(_) => None,
        })
    }
}

/// A piece of a replacement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// New text.
    Literal(String),
    /// A piece of the old text inside the replaced range, with whatever is rewritten in it.
    Copy(TextRange),
}

/// What a decision depends on besides the site.
#[derive(Clone, Copy)]
pub struct Rules<'a> {
    /// The reasons that the file's tier accepts.
    pub accept: &'a [Reason],
    /// The file's pragmas.
    pub pragmas: &'a [Pragma],
}

/// Decides a site.
pub fn decide(
    speller: &Speller<'_>,
    target: &Target,
    found: &Found,
    rules: &Rules<'_>,
) -> Decision {
    let mut decision = Decision {
        transform: target.transform.clone(),
        symbol: target.symbol.clone(),
        kind: SiteKind::Class,
        range: found.range,
        reference: found.reference,
        more_references: Vec::new(),
        migrations: Vec::new(),
        chain: found.chain.clone(),
        verdict: found.reason.verdict(),
        reason: found.reason,
        message: found.message.clone(),
        change: None,
        offered: None,
    };
    decision.name_obstacle(speller.analysis, found, rules);
    if decision.settle_by_pragma(speller.analysis, rules) {
        return decision;
    }
    let is_accepted = rules.accept.contains(&decision.reason);
    if decision.verdict != Verdict::Rewrite && !is_accepted {
        if decision.verdict == Verdict::Review {
            decision.offered = change(speller, target, found, rules).ok().map(Box::new);
        }
        return decision;
    }
    match change(speller, target, found, rules) {
        Ok(change) => {
            decision.verdict = Verdict::Rewrite;
            decision.change = Some(change);
        }
        Err(held) => {
            decision.verdict = Verdict::Review;
            decision.reason = held.reason;
            decision.message = held.message;
            decision.settle_by_pragma(speller.analysis, rules);
        }
    }
    decision
}

impl Decision {
    /// Whether a use in this range is gone when the site is rewritten.
    pub fn takes(&self, range: TextRange) -> bool {
        self.change.as_ref().is_some_and(|change| {
            !change.kept_reference.is_some_and(|kept| kept.contains_range(range))
                && change.replaced().contains_range(range)
                && !change.copies().any(|copy| copy.contains_range(range))
        })
    }

    /// Whether it makes the string in this range name another mock target.
    pub fn retargets(&self, string: TextRange) -> bool {
        self.range == string && self.reason == Reason::MockTarget && self.change.is_some()
    }

    /// The references by which its names are reached.
    pub(super) fn references(&self) -> impl Iterator<Item = ReferenceId> {
        let first = self.reference.map(|(id, _)| id);
        first.into_iter().chain(self.more_references.iter().copied())
    }

    /// Of everything that is in the way of a rewrite, names what a comment settles, or else the
    /// first that the tier does not accept: a site is rewritten when all of them are accepted.
    fn name_obstacle(&mut self, analysis: &Analysis, found: &Found, rules: &Rules<'_>) {
        if self.verdict == Verdict::Keep {
            return;
        }
        let own = (self.verdict == Verdict::Review).then_some((found.reason, &found.message));
        let hazards = found.hazards.iter().map(|hazard| (hazard.reason, &hazard.message));
        let obstacles: Vec<(Reason, &String)> = own.into_iter().chain(hazards).collect();
        let lines = self.lines(analysis);
        if obstacles.is_empty() {
            // Its comment stays true when the other of two has become the shared object.
            if pragma::covering(rules.pragmas, Reason::Identity, lines.0, lines.1).is_some() {
                (self.reason, self.verdict) = (Reason::Identity, Verdict::Review);
            }
            return;
        }
        let settled = obstacles.iter().find(|(reason, _)| {
            pragma::covering(rules.pragmas, *reason, lines.0, lines.1).is_some()
        });
        let open = obstacles.iter().find(|(reason, _)| !rules.accept.contains(reason));
        if let Some((reason, message)) = settled.or(open).or(obstacles.first()) {
            self.reason = *reason;
            self.verdict = reason.verdict();
            self.message.clone_from(message);
        }
    }

    /// The first and the last line of the site.
    fn lines(&self, analysis: &Analysis) -> (u32, u32) {
        let line = |offset| analysis.lines().position(offset).line;
        (line(self.range.start()), line(self.range.end()))
    }

    /// Holds a site whose own text the program prints: `f"{C().url=}"`.
    pub(super) fn hold_what_is_printed(&mut self, analysis: &Analysis) {
        let changes = self.change.is_some() || self.offered.is_some();
        let is_printed = |node: &AnyNodeRef<'_>| match node {
            AnyNodeRef::InterpolatedElement(element) => element.debug_text.is_some(),
            _ => false,
        };
        if changes && analysis.module.path_to(self.range).iter().any(is_printed) {
            self.offered = None;
            self.hold("the `=` behind it prints its text".to_owned());
        }
    }

    /// Holds a site that would be rewritten.
    pub(super) fn hold(&mut self, message: String) {
        self.change = None;
        self.migrations.clear();
        if self.verdict == Verdict::Rewrite {
            self.verdict = Verdict::Review;
            self.reason = Reason::NotRewritableHere;
            self.message = message;
        }
    }

    /// Leaves the site to another decision, and says to which.
    pub(super) fn give_way(&mut self, message: String) {
        self.verdict = Verdict::Keep;
        self.message = message;
        self.change = None;
        self.migrations.clear();
    }

    /// Looks for a comment on the site's lines that settles it; tells whether there is one.
    pub fn settle_by_pragma(&mut self, analysis: &Analysis, rules: &Rules<'_>) -> bool {
        if rules.pragmas.is_empty() || self.reason == Reason::StringOrComment {
            return false;
        }
        let (first, last) = self.lines(analysis);
        if let Some(pragma) = pragma::covering(rules.pragmas, self.reason, first, last) {
            (self.verdict, self.message) = if pragma.because.is_empty() {
                let message = "the `ignore` here does not say why: write it after the bracket";
                (Verdict::Review, message.to_owned())
            } else {
                (Verdict::Keep, format!("ignored: {}", pragma.because))
            };
            return true;
        }
        // A comment that was meant to keep a site must not be overlooked for a slip of the pen.
        let slip = rules.pragmas.iter().find(|pragma| {
            (first..=last).contains(&pragma.line)
                && (pragma.reasons.is_empty() && !pragma.isolation || !pragma.unknown.is_empty())
        });
        let Some(slip) = slip.filter(|_| self.reason.verdict() != Verdict::Keep) else {
            return false;
        };
        self.verdict = Verdict::Review;
        self.message = match slip.unknown.first() {
            Some(code) => format!(
                "the `ignore` here names `{code}`, which is no reason: `tiermod explain` lists them"
            ),
            None => {
                format!(
                    "the `ignore` here names no reason: write `ignore[{}] because …`",
                    self.reason
                )
            }
        };
        true
    }
}

/// Spells the shared object at a site and makes the change.
fn change(
    speller: &Speller<'_>,
    target: &Target,
    found: &Found,
    rules: &Rules<'_>,
) -> Result<Change, Held> {
    let unspellable =
        |message: &str| Held { reason: Reason::NotRewritableHere, message: message.to_owned() };
    let (Some((reference, depth)), Some(usage)) = (found.reference, &found.usage) else {
        return Err(unspellable(
            "how it leads to the class is not known, so nothing can take its place",
        ));
    };
    let is_bare = matches!(usage, ClassUse::Call { .. }) && target.access == Access::Instance;
    let wanted = Wanted {
        origin: &target.shared,
        module: &target.shared_module,
        name: &target.shared_name,
        file: target.shared_file,
        alias: target.alias.as_deref(),
        local: &target.shared_name,
        may_replace_statement: is_bare,
        not_by: None,
        is_deferred: matches!(usage, ClassUse::Factory) && target.access == Access::Instance,
        accepts_cycles: rules.accept.contains(&Reason::ImportCycle),
    };
    let spelling = speller.spell(&wanted, reference, depth, found.range)?;
    let name = speller.analysis.names.reference(reference).range;
    let text =
        replacement(speller.analysis, target, found, usage, &spelling.name).map_err(unspellable)?;
    let mut wanted = vec![target.shared.clone()];
    if text.starts_with(STATIC) {
        wanted.push(Origin::External("builtins.staticmethod".to_owned()));
    }
    Ok(Change {
        range: found.range,
        parts: vec![Part::Literal(text)],
        requests: spelling.requests,
        replaces_statement: spelling.replaces_statement,
        kept_reference: spelling.keeps_reference.then_some(name),
        wanted,
        why: spelling.why,
        uses: spelling.uses.into_iter().collect(),
        shape: None,
        enclosed: Vec::new(),
    })
}

/// What keeps a function that is an attribute of a class from becoming a method.
const STATIC: &str = "staticmethod(";

const COMMENTS: &str = "its comments would be lost";

/// The text that takes the site's place.
///
/// # Errors
/// Why there is none.
fn replacement(
    analysis: &Analysis,
    target: &Target,
    found: &Found,
    usage: &ClassUse,
    name: &str,
) -> Result<String, &'static str> {
    match usage {
        ClassUse::Call { call, arguments, .. } => {
            if analysis.module.comments_in(*call).is_empty() {
                return Ok(target.expression(name));
            }
            // Ex) `C(  # why⏎)` becomes `(name  # why⏎)`
            let text = slice(&analysis.source.text, *arguments);
            let inside = text.strip_prefix('(').and_then(|text| text.strip_suffix(')'));
            let is_empty = analysis.module.tokens_in(*arguments).iter().all(|token| {
                token.kind().is_trivia()
                    || token.start() == arguments.start()
                    || token.end() == arguments.end()
            });
            let callee = TextRange::new(call.start(), arguments.start());
            let is_plain = is_empty && analysis.module.comments_in(callee).is_empty();
            let inside = inside.filter(|_| is_plain).ok_or(COMMENTS)?;
            Ok(match target.access {
                Access::Instance => format!("({name}{inside})"),
                Access::Factory => format!("{name}({inside})"),
            })
        }
        ClassUse::Factory | ClassUse::Value(_) => {
            if !analysis.module.comments_in(found.range).is_empty() {
                return Err(COMMENTS);
            }
            let text = target.callable(name);
            let mut parents = analysis.module.path_to(found.range);
            while parents.last().is_some_and(|node| node.range() == found.range) {
                parents.pop();
            }
            if let Some(AnyNodeRef::ExprSubscript(subscript)) = parents.last()
                && subscript.value.range() == found.range
            {
                return Err("a function takes no type arguments");
            }
            // Ex) `class Page: make = C`
            if let [.., AnyNodeRef::StmtClassDef(_), statement] = parents.as_slice()
                && matches!(statement, AnyNodeRef::StmtAssign(_) | AnyNodeRef::StmtAnnAssign(_))
            {
                return Ok(format!("{STATIC}{text})"));
            }
            if target.access == Access::Factory {
                return Ok(text);
            }
            // Ex) `given or C` becomes `given or (lambda: name)`
            match Slot::of(&parents, found.range).fit(Shape::LAMBDA) {
                Fit::Bare => Ok(text),
                Fit::Parenthesised => Ok(format!("({text})")),
                Fit::Never => Err("a function cannot be written here"),
            }
        }
        ClassUse::Base | ClassUse::Ordinary => Err("there is nothing to call"),
    }
}
