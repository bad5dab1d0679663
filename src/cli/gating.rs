//! The gates of a tier, run before and after it is changed.
//!
//! Figures are judged against the baseline from before the migration: the first that was
//! recorded, by `tiermod gate --baseline` or by the first apply, which no later apply replaces.
//! Whether a failure is new is judged, in an apply, against the run just before it.

use std::fmt::Write as _;
use std::path::PathBuf;

use anyhow::Context;
use jiff::Timestamp;

use super::failure;
use super::session::Session;
use super::terminal::Terminal;
use crate::config::gate::{Gate, GateSpec};
use crate::gate::{
    self, Baseline, Baselines, GateResult, ProgressLine, Purpose, Setting, Sink, Status, Store,
    StoreError,
};
use crate::process::Cancel;
use crate::transaction::{Checks, Kind};

/// A gate and the tier that it belongs to; none for a gate of every tier.
#[derive(Debug, Clone)]
pub struct Owned {
    /// The tier.
    pub tier: Option<String>,
    /// The gate.
    pub gate: Gate,
}

/// The gates of every tier, then those of the tier at `index`, where there is one.
///
/// # Errors
/// A gate is not as it must be written.
pub fn gates(session: &Session<'_>, index: Option<usize>) -> anyhow::Result<Vec<Owned>> {
    let tier = index.and_then(|index| session.config.tiers.get(index));
    let own = |spec: &GateSpec, tier: Option<String>| {
        let gate = Gate::new(spec).with_context(|| format!("gate `{}`", spec.name))?;
        Ok(Owned { tier, gate })
    };
    let shared = session.config.gates.iter().map(|spec| own(spec, None));
    let of_tier = tier
        .into_iter()
        .flat_map(|tier| tier.gates.iter().map(move |spec| own(spec, Some(tier.name.clone()))));
    shared.chain(of_tier).collect()
}

/// Runs gates one by one.
pub struct Runner<'a> {
    /// The project's folder.
    root: PathBuf,
    terminal: &'a Terminal,
    cancel: Cancel,
    /// Where baselines and results are kept.
    pub store: Store,
}

impl<'a> Runner<'a> {
    /// Runs in the project's folder, until `cancel` wishes otherwise.
    pub fn new(session: &Session<'a>, store: Store, cancel: Cancel) -> Self {
        Self { root: session.config.root.clone(), terminal: session.terminal, cancel, store }
    }

    /// Runs a gate, shows it while it runs, and keeps what came of it under `tier`.
    ///
    /// # Errors
    /// The result cannot be kept.
    pub fn run(
        &self,
        owned: &Owned,
        tier: Option<&str>,
        baseline: Option<&Baseline>,
        purpose: Purpose,
    ) -> anyhow::Result<GateResult> {
        let mut line = ProgressLine::new();
        if self.terminal.is_verbose() {
            line = ProgressLine::with_output();
        }
        if !self.terminal.has_progress() {
            line = line.without_line();
        }
        let result = self.run_with(owned, (baseline, purpose), &mut line);
        self.keep(tier, &result)?;
        Ok(result)
    }

    /// Runs a gate, shown by `sink`.
    pub fn run_with(
        &self,
        owned: &Owned,
        (baseline, purpose): (Option<&Baseline>, Purpose),
        sink: &mut dyn Sink,
    ) -> GateResult {
        let mut setting = Setting { purpose, ..Setting::new(&self.root, sink, &self.cancel) };
        gate::run(&owned.gate, baseline, &mut setting)
    }

    /// Keeps what came of a gate under `tier`, for `status`.
    ///
    /// # Errors
    /// The disk refuses, or what was kept before is damaged.
    pub fn keep(&self, tier: Option<&str>, result: &GateResult) -> Result<(), StoreError> {
        let mut kept = self.store.results()?;
        kept.keep(tier, [result], Timestamp::now());
        self.store.keep_results(&kept)
    }

    /// The lines of a result.
    pub fn say(&self, result: &GateResult) {
        self.terminal.say(&format!("  {result}"));
    }
}

/// The gates of a tier, around its apply or its rollback.
pub struct TierGates<'a> {
    runner: Runner<'a>,
    tier: String,
    gates: Vec<Owned>,
    kind: Kind,
    /// What each gate is judged against afterwards.
    against: Baselines,
}

impl<'a> TierGates<'a> {
    /// The gates of the tier `name`, around what `kind` says.
    ///
    /// # Errors
    /// What was recorded cannot be read.
    pub fn new(
        runner: Runner<'a>,
        name: &str,
        gates: Vec<Owned>,
        kind: Kind,
    ) -> anyhow::Result<Self> {
        let against = runner.store.baselines()?;
        Ok(Self { runner, tier: name.to_owned(), gates, kind, against })
    }

    /// What the gates give before an apply: the baseline, where there is none yet, and what they
    /// fail already.
    fn measure(&mut self) -> anyhow::Result<Result<(), String>> {
        let mut recorded = self.runner.store.baselines()?;
        for owned in &self.gates {
            let (tier, gate) = (owned.tier.as_deref(), &owned.gate);
            let first = recorded.get(tier, &gate.name);
            let first = first.filter(|first| first.fingerprint == gate.fingerprint).cloned();
            let purpose = if first.is_some() { Purpose::Judge } else { Purpose::Record };
            let result = self.runner.run(owned, Some(&self.tier), first.as_ref(), purpose)?;
            self.runner.say(&result);
            let Some(now) = Baseline::new(gate, &result, Timestamp::now()) else {
                return Ok(Err(format!("gate {}", told(&result))));
            };
            let figure = match &first {
                Some(first) => first.figure,
                None => now.figure,
            };
            if first.is_none() {
                recorded.set(tier, &gate.name, now.clone());
                self.runner.store.keep_baselines(&recorded)?;
            }
            self.against.set(tier, &gate.name, Baseline { figure, ..now });
        }
        Ok(Ok(()))
    }

    fn judge(&mut self) -> anyhow::Result<Result<(), String>> {
        for owned in &self.gates {
            let (tier, gate) = (owned.tier.as_deref(), &owned.gate);
            let baseline = self.against.get(tier, &gate.name);
            let is_of_it = baseline.is_some_and(|it| it.fingerprint == gate.fingerprint);
            // Another clone has the baseline: all but the figure can be judged without it.
            let lacks = self.kind == Kind::Rollback && gate.wants_baseline() && !is_of_it;
            let purpose = if lacks { Purpose::Record } else { Purpose::Judge };
            let result = self.runner.run(owned, Some(&self.tier), baseline, purpose)?;
            if let (true, true, Some(figure)) = (lacks, result.holds(), result.figure) {
                self.runner.terminal.say(&format!(
                    "  {}: {}: {figure}, and no baseline from before the migration is recorded \
                     here to compare it with",
                    gate.name,
                    result.verdict(),
                ));
                continue;
            }
            if !result.holds() {
                return Ok(Err(format!("gate {}", told(&result))));
            }
            self.runner.say(&result);
        }
        Ok(Ok(()))
    }
}

impl Checks for TierGates<'_> {
    fn before(&mut self) -> Result<(), String> {
        if self.gates.is_empty() || self.kind == Kind::Rollback {
            return Ok(());
        }
        self.runner.terminal.say("gates before the change:");
        self.measure().unwrap_or_else(|error| Err(failure::sentence(&error)))
    }

    fn after(&mut self) -> Result<(), String> {
        if self.gates.is_empty() {
            return Ok(());
        }
        self.runner.terminal.say("gates after the change:");
        self.judge().unwrap_or_else(|error| Err(failure::sentence(&error)))
    }
}

/// What a gate that does not hold gave: its figure against what is expected, the tests that fail
/// anew, the last lines of its output.
pub fn told(result: &GateResult) -> String {
    if result.status == Status::Cancelled {
        return format!("{}: ended on request", result.name);
    }
    let mut text = result.to_string();
    if !result.newly_failing.is_empty() {
        text.push_str("\nnewly failing:");
        for test in &result.newly_failing {
            let _infallible = write!(text, "\n  {test}");
        }
    }
    if !result.output.trim().is_empty() {
        text.push_str("\nthe last lines of its output:");
        for line in result.output.trim_end().lines() {
            let _infallible = write!(text, "\n  {line}");
        }
    }
    text
}
