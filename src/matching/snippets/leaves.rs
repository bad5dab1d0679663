//! What the names of a candidate lead to, held against a rule.

use super::instance::{self, Verdict};
use super::rule::Rule;
use super::{FileNames, Followed};
use crate::pattern::unify::Leaves;
use crate::resolve::{Origin, Resolution, Resolver, Step};
use crate::semantic::{BindingKind, ReferenceId};
use crate::syntax::ast::{Expr, ExprContext};
use crate::text::Ranged;

/// The names of one candidate.
pub(super) struct Candidate<'a, 'f> {
    pub(super) names: &'a mut FileNames<'f>,
    pub(super) rule: &'a Rule,
    pub(super) rule_index: usize,
    pub(super) in_string: bool,
    /// The references that lead to chains: the chain, the reference and its depth.
    pub(super) references: Vec<(usize, ReferenceId, usize)>,
    /// How the names were followed.
    pub(super) steps: Vec<Step>,
    /// Why it may be something else.
    pub(super) doubt: Option<String>,
    /// Why it is something else although it looks the same.
    pub(super) other: Option<String>,
}

impl<'a, 'f> Candidate<'a, 'f> {
    pub(super) fn new(
        names: &'a mut FileNames<'f>,
        rule_index: usize,
        rule: &'a Rule,
        in_string: bool,
    ) -> Self {
        Self {
            names,
            rule,
            rule_index,
            in_string,
            references: Vec::new(),
            steps: Vec::new(),
            doubt: None,
            other: None,
        }
    }

    /// The reference of the name that a chain starts with. In a string whose characters cannot be
    /// told all names have the place of the string.
    fn reference(&self, code: &Expr) -> Option<ReferenceId> {
        let name = root_name(code)?;
        let names = &self.names.analysis.names;
        let there = self.names.by_start.get(&(code.start(), self.in_string))?;
        there.iter().copied().find(|id| names.text(names.reference(*id).name) == name)
    }

    /// Whether `code` leads, or may lead, to what a chain of the pattern is; and then whether it
    /// is read, not assigned to or deleted.
    pub(super) fn leads_to(&mut self, chain: usize, code: &Expr) -> Option<bool> {
        let (depth, is_read) = chain_depth(code)?;
        let id = self.reference(code)?;
        if !self.names.relevant.reference(self.names.analysis.names.reference(id)) {
            return None;
        }
        let rule = self.rule;
        let link = rule.before.get(chain)?;
        let wanted = link.whole()?;
        let Followed { prefixes, hops } = self.names.follow(id);
        let found = prefixes.get(depth)?;
        if !found.may_be(wanted) || link.via.as_ref().is_some_and(|via| !via.is_taken(&hops)) {
            return None;
        }
        if found.certain().is_none() {
            let name = rule.rewrite.before.chains.get(chain).map(ToString::to_string);
            let resolver = self.names.resolver;
            self.doubt(|| ambiguity(resolver, &name.unwrap_or_default(), wanted, found));
        }
        let steps = found.origins.iter().find(|(origin, _)| origin == wanted);
        self.steps.extend(steps.map(|(_, steps)| steps.clone()).unwrap_or_default());
        self.references.push((chain, id, depth));
        Some(is_read)
    }

    fn doubt(&mut self, why: impl FnOnce() -> String) {
        self.doubt.get_or_insert_with(why);
    }
}

impl<'c> Leaves<'c> for Candidate<'_, '_> {
    fn chain(&mut self, chain: usize, code: &'c Expr) -> bool {
        self.leads_to(chain, code) == Some(true)
    }

    fn instance(&mut self, instance: usize, code: &'c Expr) -> bool {
        let Expr::Name(name) = code else { return false };
        if name.ctx != ExprContext::Load {
            return false;
        }
        let Some(id) = self.reference(code) else { return false };
        match instance::verdict(self.names, self.rule_index, self.rule, instance, id) {
            Verdict::Is => true,
            Verdict::MayBe(why) => {
                self.doubt(|| why);
                true
            }
            Verdict::Other(why) => {
                self.other.get_or_insert(why);
                true
            }
            Verdict::No => false,
        }
    }

    fn builtin(&mut self, name: &str, code: &'c Expr) -> bool {
        let Some((depth, true)) = chain_depth(code) else { return false };
        let last = match code {
            Expr::Name(name) => name.id.as_str(),
            Expr::Attribute(attribute) => attribute.attr.as_str(),
            _ => return false,
        };
        if last != name {
            return false;
        }
        let Some(id) = self.reference(code) else { return false };
        let Followed { prefixes, .. } = self.names.follow(id);
        let Some(found) = prefixes.get(depth) else { return false };
        if depth == 0 && found.origins.is_empty() {
            return true;
        }
        let wanted = Origin::External(format!("builtins.{name}"));
        if found.is(&wanted) {
            return true;
        }
        let may_be = found.may_be(&wanted) || (depth == 0 && found.may_be_unbound);
        let is_unknown = depth == 0
            && found.origins.iter().any(|(origin, _)| matches!(origin, Origin::Unknown(_)));
        if may_be || is_unknown {
            let resolver = self.names.resolver;
            self.doubt(|| ambiguity(resolver, name, &wanted, found));
        }
        may_be || is_unknown
    }
}

/// How many attributes a chain of a name has, and whether it is read; `None` where it is none.
fn chain_depth(code: &Expr) -> Option<(usize, bool)> {
    match code {
        Expr::Name(name) => Some((0, name.ctx == ExprContext::Load)),
        Expr::Attribute(attribute) => {
            let (depth, _) = chain_depth(&attribute.value)?;
            Some((depth + 1, attribute.ctx == ExprContext::Load))
        }
        _ => None,
    }
}

fn root_name(code: &Expr) -> Option<&str> {
    match code {
        Expr::Name(name) => Some(name.id.as_str()),
        Expr::Attribute(attribute) => root_name(&attribute.value),
        _ => None,
    }
}

/// Whether a name gets its value from a plain assignment of this file, `F = f`, which is what has
/// to be changed.
pub(super) fn is_local_alias(names: &FileNames<'_>, id: ReferenceId) -> bool {
    let all = &names.analysis.names;
    let reach = all.reach(all.reference(id));
    !reach.bindings.is_empty()
        && reach
            .bindings
            .iter()
            .all(|&binding| matches!(all.binding(binding).kind, BindingKind::Assignment { .. }))
}

fn ambiguity(
    resolver: &Resolver<'_, '_>,
    name: &str,
    wanted: &Origin,
    resolution: &Resolution,
) -> String {
    let mut others = resolver.told_but_for(resolution, |origin| origin == wanted);
    if others.is_empty() {
        others.push("nothing".to_owned());
    }
    format!("it may be `{name}` or {}", others.join(" or "))
}
