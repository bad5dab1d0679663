//! Where every tier stands, from the tree, the history and the last results of gates.

use std::collections::BTreeSet;

use anyhow::Context;

use super::gating::gates;
use super::session::Session;
use crate::fs::ProjectPath;
use crate::gate::{GateResult, Results, Status as GateStatus, Store};
use crate::plan::Plan;
use crate::report::status::{Applied, GateRow, GateState, Row, State};
use crate::site::{Site, Verdict};
use crate::transaction::history::{Event, Source, State as Standing};
use crate::transaction::{History, Workbench};

use super::taking_back::{self, Named, Refusal};

/// How times and people are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wording {
    /// For people: to the minute, and names without addresses.
    Short,
    /// In full.
    Full,
}

/// A row for each tier.
///
/// # Errors
/// Git or the disk fails.
pub fn rows(
    session: &Session<'_>,
    bench: &Workbench<'_>,
    plan: &Plan,
    wording: Wording,
) -> anyhow::Result<Vec<Row>> {
    let history = History::read(bench)?;
    let results = Store::new(bench.store()).results()?;
    let all = Standings { session, bench, history, results, plan, wording };
    (0..session.config.tiers.len()).map(|index| all.row(index)).collect()
}

struct Standings<'a> {
    session: &'a Session<'a>,
    bench: &'a Workbench<'a>,
    history: History,
    results: Results,
    plan: &'a Plan,
    wording: Wording,
}

impl Standings<'_> {
    fn row(&self, index: usize) -> anyhow::Result<Row> {
        let tier = self.session.config.tiers.get(index).context("there is no such tier")?;
        let open: Vec<&Site> = self
            .plan
            .sites
            .iter()
            .filter(|site| site.tier == Some(index) && site.verdict != Verdict::Keep)
            .collect();
        let held = open.iter().filter(|site| site.verdict == Verdict::Review).count();
        let standing = self.history.standing(&tier.name);
        let state = self.history.state(&tier.name, open.len() - held, || {
            let named = Named { name: tier.name.clone(), index: Some(index) };
            let back = taking_back::plan(self.session, self.bench, &self.history, &named);
            match back {
                Ok(Ok(rollback)) => rollback.changes.is_empty(),
                Ok(Err(refusal)) => matches!(refusal, Refusal::NeverApplied(_)),
                Err(_) => false,
            }
        });
        let is_back = state == Standing::RolledBack;
        let rewritten = |event: &&Event| event.sites.map_or(0, |sites| sites.rewritten);
        let mut touched: BTreeSet<ProjectPath> = BTreeSet::new();
        for event in &standing {
            touched.extend(event.paths(self.bench)?);
        }
        // What is to be rewritten in a file of a commit that stands has come back by hand.
        let come_back = open
            .iter()
            .filter(|site| site.verdict == Verdict::Rewrite && touched.contains(&site.path))
            .count();
        let done = standing.iter().map(rewritten).sum::<usize>().saturating_sub(come_back);
        let mut files: BTreeSet<ProjectPath> = open.iter().map(|site| site.path.clone()).collect();
        for event in self.history.of(&tier.name).filter(|event| event.sites.is_some()) {
            files.extend(event.paths(self.bench)?);
        }
        let applied = self.history.of(&tier.name).filter(|event| event.sites.is_some()).last();
        let ended = self.history.last_end(&tier.name);
        Ok(Row {
            tier: tier.name.clone(),
            number: index + 1,
            summary: tier.summary.clone(),
            files: files.len(),
            done: if is_back { 0 } else { done },
            left: open.len(),
            held,
            state: match state {
                // A tier without sites is no tier that was applied.
                Standing::Applied if standing.is_empty() && !open.is_empty() => State::Pending,
                Standing::Applied => State::Applied,
                Standing::Pending => State::Pending,
                Standing::Partial => State::Partial,
                Standing::RolledBack => State::RolledBack,
            },
            applied: applied.map(|event| Applied {
                when: self.when(&event.when),
                by: self.who(&event.who),
                commit: match event.source {
                    Source::Commit { .. } => event.id.clone(),
                    Source::Record(_) => String::new(),
                },
            }),
            rolled_back: ended
                .filter(|ended| {
                    applied.is_none_or(|applied| applied.ended.as_ref() == Some(*ended))
                })
                .map(|ended| self.when(&ended.when)),
            gates: self.gates(index, &tier.name)?,
        })
    }

    fn gates(&self, index: usize, tier: &str) -> anyhow::Result<Vec<GateRow>> {
        let rows = gates(self.session, Some(index))?.into_iter().map(|owned| {
            let name = owned.gate.name;
            let here = self.results.get(Some(tier), &name);
            // A gate of every tier may have run for none.
            let anywhere = || self.results.get(owned.tier.as_deref(), &name);
            let result = here.or_else(anywhere).map(|kept| &kept.result);
            GateRow {
                status: result.map_or(GateState::NotRun, state_of),
                figure: result.and_then(|result| result.figure).map(|figure| figure.to_string()),
                name,
            }
        });
        Ok(rows.collect())
    }

    fn when(&self, iso: &str) -> String {
        match (self.wording, iso.parse::<jiff::Timestamp>()) {
            (Wording::Short, Ok(time)) => time.strftime("%Y-%m-%d %H:%M").to_string(),
            _ => iso.to_owned(),
        }
    }

    fn who(&self, who: &str) -> String {
        match (self.wording, who.split_once(" <")) {
            (Wording::Short, Some((name, _))) if !name.is_empty() => name.to_owned(),
            _ => who.to_owned(),
        }
    }
}

fn state_of(result: &GateResult) -> GateState {
    match result.status {
        _ if result.known_failing => GateState::KnownFailing,
        GateStatus::Passed => GateState::Passed,
        GateStatus::Failed | GateStatus::TimedOut | GateStatus::CouldNotRun => GateState::Failed,
        GateStatus::Cancelled => GateState::NotRun,
    }
}
