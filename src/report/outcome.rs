//! What every format of `check` renders: the sites of a plan by tier, and the sums.
//!
//! Decides nothing about a site. Invariant: every site of the plan is in exactly one group, in the
//! plan's order.

use std::collections::BTreeSet;
use std::fmt;

use crate::fs::ProjectPath;
pub use crate::isolation::{Finding, Verdict as Isolation};
use crate::plan::{Plan, Unproven};
use crate::project::Failure;
use crate::site::{Reason, Site, Verdict};
use crate::text::LineColumn;

/// What reports say of a tier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TierInfo<'a> {
    /// Its name.
    pub name: &'a str,
    /// A few words; may be empty.
    pub summary: &'a str,
    /// What is at stake: `high`.
    pub risk: Option<&'a str>,
}

/// Numbers of sites by verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Sites that are rewritten.
    pub rewrite: usize,
    /// Sites that a person must decide.
    pub review: usize,
    /// Sites that are rightly left alone.
    pub keep: usize,
}

/// The sites of one tier.
#[derive(Debug, Clone)]
pub struct Group<'a> {
    /// The tier and its number, counted from 1; `None` for the sites that no tier owns.
    pub tier: Option<(usize, TierInfo<'a>)>,
    /// Its sites, by path and position.
    pub sites: Vec<&'a Site>,
    /// Their numbers.
    pub counts: Counts,
}

/// A run of `check`, for rendering.
#[derive(Debug, Clone)]
pub struct Outcome<'a> {
    /// One for each tier, in order, with or without sites; then the sites that no tier owns, if
    /// there are any.
    pub groups: Vec<Group<'a>>,
    /// The sums of all groups.
    pub totals: Counts,
    /// What audits say.
    pub findings: &'a [Finding],
    /// Files whose planned result was not proven.
    pub unproven: &'a [Unproven],
    /// Files that could not be analysed and have no [`Reason::DoesNotParse`] site that says so.
    pub failures: Vec<(&'a ProjectPath, &'a Failure)>,
    /// Remarks for a person.
    pub warnings: &'a [String],
    /// How many files were searched.
    pub searched: usize,
    /// How many of them were parsed.
    pub parsed: usize,
}

impl<'a> Outcome<'a> {
    /// Sorts a plan's sites into `tiers`.
    pub fn new(plan: &'a Plan, tiers: &[TierInfo<'a>], findings: &'a [Finding]) -> Self {
        let mut groups: Vec<Group<'a>> = tiers
            .iter()
            .enumerate()
            .map(|(index, tier)| Group::of(Some((index + 1, *tier))))
            .collect();
        let mut unowned = Group::of(None);
        let mut totals = Counts::default();
        for site in &plan.sites {
            let tier = site.tier.and_then(|index| groups.get_mut(index));
            tier.unwrap_or(&mut unowned).push(site);
            totals.add(site.verdict);
        }
        if !unowned.sites.is_empty() {
            groups.push(unowned);
        }
        let unparsed = plan.sites.iter().filter(|site| site.reason == Reason::DoesNotParse);
        let unparsed: BTreeSet<&ProjectPath> = unparsed.map(|site| &site.path).collect();
        let failures = plan
            .failures
            .iter()
            .map(|(path, failure)| (path, failure))
            .filter(|(path, _)| !unparsed.contains(path))
            .collect();
        Self {
            groups,
            totals,
            findings,
            unproven: &plan.unproven,
            failures,
            warnings: &plan.warnings,
            searched: plan.searched,
            parsed: plan.parsed,
        }
    }

    /// Every site, with its tier.
    pub fn sites(&self) -> impl Iterator<Item = (Option<(usize, TierInfo<'a>)>, &'a Site)> {
        self.groups.iter().flat_map(|group| group.sites.iter().map(move |site| (group.tier, *site)))
    }

    /// Every site with one verdict, with its tier.
    pub fn with(
        &self,
        verdict: Verdict,
    ) -> impl Iterator<Item = (Option<(usize, TierInfo<'a>)>, &'a Site)> {
        self.sites().filter(move |(_, site)| site.verdict == verdict)
    }

    /// How many findings have a verdict.
    pub fn found(&self, verdict: Isolation) -> usize {
        self.findings.iter().filter(|finding| finding.verdict == verdict).count()
    }

    /// Whether nothing is left to do, to decide or to repair; a `check` of anything else fails.
    pub fn is_settled(&self) -> bool {
        self.totals.open() == 0
            && self.unproven.is_empty()
            && self.failures.is_empty()
            && !self.findings.iter().any(Finding::is_forbidden)
    }
}

impl<'a> Group<'a> {
    fn of(tier: Option<(usize, TierInfo<'a>)>) -> Self {
        Self { tier, sites: Vec::new(), counts: Counts::default() }
    }

    fn push(&mut self, site: &'a Site) {
        self.counts.add(site.verdict);
        self.sites.push(site);
    }

    /// The sites with one verdict.
    pub fn with(&self, verdict: Verdict) -> impl Iterator<Item = &'a Site> {
        self.sites.iter().copied().filter(move |site| site.verdict == verdict)
    }

    /// `tier 1: websocket, WebSocket core (risk: high)`
    pub fn title(&self) -> String {
        match &self.tier {
            Some((number, tier)) => format!("tier {number}: {}", tier.title()),
            None => "in no tier".to_owned(),
        }
    }
}

impl TierInfo<'_> {
    /// `websocket, WebSocket core (risk: high)`
    pub fn title(&self) -> String {
        let summary =
            if self.summary.is_empty() { String::new() } else { format!(", {}", self.summary) };
        let risk = self.risk.map_or(String::new(), |risk| format!(" (risk: {risk})"));
        format!("{}{summary}{risk}", self.name)
    }
}

impl Counts {
    /// Counts one more.
    pub fn add(&mut self, verdict: Verdict) {
        match verdict {
            Verdict::Rewrite => self.rewrite += 1,
            Verdict::Review => self.review += 1,
            Verdict::Keep => self.keep += 1,
        }
    }

    /// How many have a verdict.
    pub fn of(self, verdict: Verdict) -> usize {
        match verdict {
            Verdict::Rewrite => self.rewrite,
            Verdict::Review => self.review,
            Verdict::Keep => self.keep,
        }
    }

    /// What is left to do or to decide.
    pub fn open(self) -> usize {
        self.rewrite + self.review
    }

    /// All of them.
    pub fn total(self) -> usize {
        self.open() + self.keep
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} rewrite, {} review, {} keep", self.rewrite, self.review, self.keep)
    }
}

/// Whether a site is rewritten although it has a reason to be held: its tier accepts the reason. A
/// mock target is rewritten for what it is, whoever asked for it.
pub fn is_accepted(site: &Site) -> bool {
    site.verdict == Verdict::Rewrite
        && site.reason.verdict() != Verdict::Rewrite
        && site.reason != Reason::MockTarget
}

/// Whether a comment at the site says that it stays.
pub fn is_ignored(site: &Site) -> bool {
    site.verdict == Verdict::Keep && site.reason.verdict() != Verdict::Keep
}

/// Where a site ends on its first line; `None` where it ends on a later one.
pub fn end_column(start: LineColumn, end: LineColumn) -> Option<u32> {
    (start.line == end.line).then_some(end.column)
}
