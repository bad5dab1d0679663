//! The verdict on one site.

use crate::matching::pragma::{self, Pragma};
use crate::matching::{Access, ClassUse, Found, Target};
use crate::project::Analysis;
use crate::site::{Reason, Verdict};
use crate::spelling::{Held, Speller, Spelling, Wanted};
use crate::text::{Ranged, TextRange, slice};

/// What becomes of a site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// The site.
    pub found: Found,
    /// What happens to it.
    pub verdict: Verdict,
    /// Why.
    pub reason: Reason,
    /// One sentence for a person.
    pub message: String,
    /// The range that is replaced, and by what, where the site is rewritten.
    pub replacement: Option<(TextRange, String)>,
    /// How the shared object is spelled, where the site is rewritten.
    pub spelling: Option<Spelling>,
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
    let mut reason = found.reason;
    let mut message = found.message.clone();
    let mut made = None;
    let mut is_accepted = rules.accept.contains(&reason);
    if let Some(kept) = by_pragma(speller.analysis, found, reason, rules) {
        return kept;
    }
    if reason.verdict() == Verdict::Rewrite || is_accepted {
        match spell(speller, target, found, rules) {
            Ok(done) => made = Some(done),
            Err(held) => {
                reason = held.reason;
                message = held.message;
                is_accepted = false;
                if let Some(kept) = by_pragma(speller.analysis, found, reason, rules) {
                    return kept;
                }
            }
        }
    }
    let (spelling, replacement) =
        made.map_or((None, None), |(spelling, replacement)| (Some(spelling), Some(replacement)));
    let verdict = match reason.verdict() {
        _ if is_accepted && spelling.is_some() => Verdict::Rewrite,
        Verdict::Rewrite if spelling.is_none() => Verdict::Review,
        verdict => verdict,
    };
    Decision { found: found.clone(), verdict, reason, message, replacement, spelling }
}

/// The decision that a comment on the site's lines makes.
fn by_pragma(
    analysis: &Analysis,
    found: &Found,
    reason: Reason,
    rules: &Rules<'_>,
) -> Option<Decision> {
    if matches!(reason, Reason::StringOrComment) {
        return None;
    }
    let first = analysis.lines.position(found.range.start()).line;
    let last = analysis.lines.position(found.range.end()).line;
    let kept = |verdict, message| Decision {
        found: found.clone(),
        verdict,
        reason,
        message,
        replacement: None,
        spelling: None,
    };
    if let Some(pragma) = pragma::covering(rules.pragmas, reason, first, last) {
        return Some(if pragma.because.is_empty() {
            let message =
                "the `ignore` here does not say why: write it after the bracket".to_owned();
            kept(Verdict::Review, message)
        } else {
            kept(Verdict::Keep, format!("ignored: {}", pragma.because))
        });
    }
    // A comment that was meant to keep a site must not be overlooked for a slip of the pen.
    let slip = rules.pragmas.iter().find(|pragma| {
        (first..=last).contains(&pragma.line)
            && (pragma.reasons.is_empty() || !pragma.unknown.is_empty())
    })?;
    if reason.verdict() == Verdict::Keep {
        return None;
    }
    let message = match slip.unknown.first() {
        Some(code) => format!(
            "the `ignore` here names `{code}`, which is no reason: `tiermod explain` lists them"
        ),
        None => format!("the `ignore` here names no reason: write `ignore[{reason}] because …`"),
    };
    Some(kept(Verdict::Review, message))
}

/// Spells the shared object at a site and makes the replacement.
fn spell(
    speller: &Speller<'_>,
    target: &Target,
    found: &Found,
    rules: &Rules<'_>,
) -> Result<(Spelling, (TextRange, String)), Held> {
    let unspellable =
        |message: &str| Held { reason: Reason::NotRewritableHere, message: message.to_owned() };
    let (Some((reference, depth)), Some(usage)) = (found.reference, &found.usage) else {
        return Err(unspellable("there is no expression to rewrite"));
    };
    let is_bare = matches!(usage, ClassUse::Call { .. }) && target.access == Access::Instance;
    let wanted = Wanted {
        origin: &target.shared,
        module: &target.shared_module,
        name: &target.shared_name,
        file: target.shared_file,
        alias: target.alias.as_deref(),
        may_replace_statement: is_bare,
        accepts_cycles: rules.accept.contains(&Reason::ImportCycle),
    };
    let spelling = speller.spell(&wanted, reference, depth, found.range)?;
    let replacement = replacement(speller.analysis, target, found, usage, &spelling.name)
        .ok_or_else(|| unspellable("its comments would be lost"))?;
    Ok((spelling, replacement))
}

/// The text that takes the site's place; `None` where a comment would be lost.
fn replacement(
    analysis: &Analysis,
    target: &Target,
    found: &Found,
    usage: &ClassUse,
    name: &str,
) -> Option<(TextRange, String)> {
    let range = found.range;
    Some(match usage {
        ClassUse::Call { call, arguments, .. } => {
            let has_comments = !analysis.module.comments_in(*call).is_empty();
            if !has_comments {
                return Some((range, target.expression(name)));
            }
            // Ex) `C(  # why⏎)` becomes `(name  # why⏎)`
            let text = slice(&analysis.source.text, *arguments);
            let inside = text.strip_prefix('(').and_then(|text| text.strip_suffix(')'))?;
            let is_empty = analysis.module.tokens_in(*arguments).iter().all(|token| {
                token.kind().is_trivia()
                    || token.start() == arguments.start()
                    || token.end() == arguments.end()
            });
            let callee = TextRange::new(call.start(), arguments.start());
            if !is_empty || !analysis.module.comments_in(callee).is_empty() {
                return None;
            }
            match target.access {
                Access::Instance => (range, format!("({name}{inside})")),
                Access::Factory => (range, format!("{name}({inside})")),
            }
        }
        ClassUse::Factory | ClassUse::Value(_) => (range, target.callable(name)),
        ClassUse::Base | ClassUse::Ordinary => return None,
    })
}
