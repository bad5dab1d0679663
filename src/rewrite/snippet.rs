//! The verdict on one match of a rewrite, and the change that it makes.

use super::decide::{Change, Decision, Rules};
use super::render::{Spelled, Writer};
use crate::matching::snippets::{Context, Link, Rule, Snippet, SnippetSite};
use crate::pattern::{Chain, ItemKind, Kind, NameUse, Root};
use crate::resolve::{Origin, Resolution};
use crate::semantic::ReferenceId;
use crate::site::{Reason, SiteKind, Verdict};
use crate::spelling::{Anchor, Held, Speller, Spelling, Wanted, WantedModule};
use crate::text::TextRange;

/// A site's decision before anything is spelled, and whether it is to be changed.
pub(super) fn begin(
    speller: &Speller<'_>,
    rule: &Rule,
    site: &SnippetSite,
    rules: &Rules<'_>,
) -> (Decision, bool) {
    let references = match &site.snippet {
        Snippet::Pattern(context) => context.anchors(),
        Snippet::Import(_) => Vec::new(),
    };
    let mut decision = Decision {
        transform: rule.transform.clone(),
        symbol: rule.symbol.clone(),
        kind: match rule.rewrite.kind {
            Kind::Symbol => SiteKind::Name,
            Kind::Expression | Kind::Statement => SiteKind::Match,
        },
        range: site.range,
        reference: references.first().copied(),
        more_references: references.iter().skip(1).map(|(id, _)| *id).collect(),
        migrations: Vec::new(),
        chain: site.chain.clone(),
        verdict: site.reason.verdict(),
        reason: site.reason,
        message: site.message.clone(),
        change: None,
        offered: None,
    };
    if decision.settle_by_pragma(speller.analysis, rules) {
        return (decision, false);
    }
    let is_accepted = rules.accept.contains(&decision.reason);
    let goes_on = decision.verdict == Verdict::Rewrite || is_accepted;
    (decision, goes_on)
}

/// Decides a match.
pub(super) fn decide(
    speller: &Speller<'_>,
    rule: &Rule,
    site: &SnippetSite,
    rules: &Rules<'_>,
) -> Decision {
    let (mut decision, goes_on) = begin(speller, rule, site, rules);
    let Snippet::Pattern(context) = &site.snippet else { return decision };
    let changed = change(speller, rule, site.range, context, rules);
    if goes_on {
        finish(speller, &mut decision, changed, rules);
    } else {
        offer(&mut decision, changed);
    }
    decision
}

/// Keeps what a held site would become for whoever settles it.
pub(super) fn offer(decision: &mut Decision, changed: Result<Change, Held>) {
    // What else holds a match says that no rewrite of it would be right.
    if decision.verdict == Verdict::Review && decision.reason == Reason::AmbiguousBinding {
        decision.offered = changed.ok().map(Box::new);
    }
}

/// Puts the result of a change into its decision.
pub(super) fn finish(
    speller: &Speller<'_>,
    decision: &mut Decision,
    changed: Result<Change, Held>,
    rules: &Rules<'_>,
) {
    match changed {
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
}

/// What a match becomes.
pub(super) fn change(
    speller: &Speller<'_>,
    rule: &Rule,
    range: TextRange,
    context: &Context,
    rules: &Rules<'_>,
) -> Result<Change, Held> {
    let rewrite = &rule.rewrite;
    let writer = Writer::new(speller.analysis, rewrite, context, range);
    let names = Names { speller, rule, range, context, rules };
    let keeps = |old: usize, new: usize| names.kept(old, new);
    let pairs = writer.pairs(&|old, new| keeps(old, new).is_some());
    let mut spellings: Vec<Option<Spelled>> = vec![None; rewrite.after.chains.len()];
    let mut made = Change {
        range,
        parts: Vec::new(),
        requests: Vec::new(),
        replaces_statement: None,
        kept_reference: None,
        wanted: Vec::new(),
        why: Vec::new(),
        uses: Vec::new(),
        shape: None,
        enclosed: Vec::new(),
    };
    for (column, item) in writer.template.iter().enumerate() {
        let row = pairs.iter().find(|(_, paired)| *paired == column).map(|(row, _)| *row);
        match &item.kind {
            ItemKind::Name(NameUse::Chain(new)) => {
                let old = row.and_then(|row| match &writer.pattern.get(row)?.kind {
                    ItemKind::Name(NameUse::Chain(old)) => Some(*old),
                    _ => None,
                });
                let text = if let Some((kept, rest)) = old.and_then(|old| keeps(old, *new)) {
                    Spelled::Kept(kept, rest)
                } else {
                    let (spelling, rest, origin) = names.spell(*new)?;
                    made.wanted.push(origin);
                    made.requests.extend(spelling.requests);
                    if spelling.keeps_reference {
                        made.kept_reference = Some(range);
                    }
                    made.uses.extend(spelling.uses);
                    made.why.extend(spelling.why);
                    made.replaces_statement =
                        made.replaces_statement.or(spelling.replaces_statement);
                    Spelled::New(dotted(&spelling.name, &rest))
                };
                if let Some(slot) = spellings.get_mut(*new) {
                    *slot = Some(text);
                }
            }
            ItemKind::Name(NameUse::Builtin(name)) if row.is_none() => {
                names.builtin_is_seen(name)?;
                made.wanted.push(Origin::External(format!("builtins.{name}")));
            }
            _ => {}
        }
    }
    let written = writer.write(&pairs, &spellings)?;
    made.parts = written.parts;
    made.shape = written.shape;
    made.enclosed = written.enclosed;
    made.why.dedup();
    Ok(made)
}

fn dotted(name: &str, attributes: &[String]) -> String {
    let mut text = name.to_owned();
    for attribute in attributes {
        text.push('.');
        text.push_str(attribute);
    }
    text
}

/// The names of one match.
struct Names<'a> {
    speller: &'a Speller<'a>,
    rule: &'a Rule,
    range: TextRange,
    context: &'a Context,
    rules: &'a Rules<'a>,
}

impl Names<'_> {
    /// The piece of the code's chain `old` that leads to a part of the template's chain `new`,
    /// and the attributes after that.
    fn kept(&self, old: usize, new: usize) -> Option<(TextRange, String)> {
        let &(_, id, depth) = self.context.references.iter().find(|(chain, ..)| *chain == old)?;
        let link = self.rule.after.get(new)?;
        let chain = self.rule.rewrite.after.chains.get(new)?;
        let reference = self.speller.analysis.names.reference(id);
        let prefixes = self.prefixes(id);
        for (index, origin) in link.origins.iter().enumerate().rev() {
            let is_module = index == 0 && matches!(chain.root, Root::Module(_));
            let at = prefixes.iter().take(depth + 1).rposition(|prefix| prefix.is(origin));
            let Some(at) = at.filter(|_| !is_module) else { continue };
            let range = self.speller.prefix(reference, at)?;
            let rest: String =
                chain.attributes.iter().skip(index).fold(String::new(), |mut rest, name| {
                    rest.push('.');
                    rest.push_str(name);
                    rest
                });
            return Some((range, rest));
        }
        None
    }

    fn prefixes(&self, id: ReferenceId) -> Vec<Resolution> {
        let analysis = self.speller.analysis;
        let reference = analysis.names.reference(id);
        let resolver = self.speller.resolver;
        resolver.reference(self.speller.file, analysis, reference, &mut Vec::new())
    }

    /// Spells a chain of the template: how its importable part is written, the attributes after
    /// that, and what the written part must lead to.
    fn spell(&self, new: usize) -> Result<(Spelling, Vec<String>, Origin), Held> {
        let rewrite = &self.rule.rewrite;
        let lost = || Held {
            reason: Reason::NotRewritableHere,
            message: "a name of the result leads nowhere".to_owned(),
        };
        let (Some(chain), Some(link)) = (rewrite.after.chains.get(new), self.rule.after.get(new))
        else {
            return Err(lost());
        };
        let anchors = self.context.anchors();
        let anchor = Anchor { scope: self.context.scope, site: self.range, references: &anchors };
        let local = self.local(chain);
        let alias = format!("{local}_");
        if let Some((_, _, rest)) = chain.member() {
            let is_all = chain.range == rewrite.after.range && rest.is_empty();
            let wanted = wanted(self.rule, chain, link, &local, &alias, is_all, self.rules)
                .ok_or_else(lost)?;
            let rest = rest.to_vec();
            if matches!(chain.root, Root::Member { .. }) {
                let spelling = self.speller.spell_at(&wanted, &anchor)?;
                return Ok((spelling, rest, wanted.origin.clone()));
            }
            if let Some(spelling) = self.speller.spell_there(&wanted, &anchor)? {
                return Ok((spelling, rest, wanted.origin.clone()));
            }
        }
        let Root::Module(dotted) = &chain.root else { return Err(lost()) };
        let origin = link.origins.first().ok_or_else(lost)?;
        let first = dotted.split('.').next().unwrap_or(dotted);
        let root = self.speller.resolver.module_origin(first);
        let imported = rewrite.after.imported.get(chain.import);
        let wanted = WantedModule {
            origin,
            root: &root,
            dotted,
            alias: imported.filter(|one| one.is_renamed).map(|one| one.local.as_str()),
            file: link.file,
            accepts_cycles: self.rules.accept.contains(&Reason::ImportCycle),
        };
        let spelling = self.speller.spell_module(&wanted, &anchor)?;
        Ok((spelling, chain.attributes.clone(), origin.clone()))
    }

    /// The name that the snippet gives to what it imports.
    fn local(&self, chain: &Chain) -> String {
        local_name(&self.rule.rewrite.after, chain)
    }

    /// Whether a builtin's name means the builtin at the site.
    fn builtin_is_seen(&self, name: &str) -> Result<(), Held> {
        let names = &self.speller.analysis.names;
        let held = |message: String| Err(Held { reason: Reason::NotRewritableHere, message });
        if let Some(id) = names.id(name)
            && names.owner(self.context.scope, id).is_some()
        {
            return held(format!("`{name}` means something else here"));
        }
        let is_offered = names.star_imports().iter().any(|&star| {
            self.speller.resolver.star_may_bring(
                self.speller.file,
                self.speller.analysis,
                star,
                name,
            )
        });
        if is_offered {
            return held(format!("`{name}` may come from a star import"));
        }
        Ok(())
    }
}

/// The name that a snippet gives to what it imports.
pub(super) fn local_name(code: &crate::pattern::Code, chain: &Chain) -> String {
    let imported = code.imported.get(chain.import);
    match (&chain.root, imported) {
        (Root::Member { .. }, Some(imported)) => imported.local.clone(),
        (Root::Module(_), _) => chain.member().map_or("", |(_, name, _)| name).to_owned(),
        (Root::Member { name, .. }, None) => name.clone(),
    }
}

/// The importable part of a chain of a template, as it is asked of a speller.
pub(super) fn wanted<'a>(
    rule: &'a Rule,
    chain: &'a Chain,
    link: &'a Link,
    local: &'a str,
    alias: &'a str,
    may_replace_statement: bool,
    rules: &Rules<'_>,
) -> Option<Wanted<'a>> {
    let (module, name, _) = chain.member()?;
    let index = usize::from(matches!(chain.root, Root::Module(_)));
    Some(Wanted {
        origin: link.origins.get(index)?,
        module,
        name,
        file: link.file,
        local,
        alias: Some(alias),
        may_replace_statement,
        not_by: rule.before.iter().find_map(|link| link.via.as_ref()),
        is_deferred: false,
        accepts_cycles: rules.accept.contains(&Reason::ImportCycle),
    })
}
