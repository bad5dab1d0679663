//! A project with its configuration and transforms, opened for one command.

use std::cell::Cell;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context, bail};

use super::args::Global;
use super::terminal::Terminal;
use crate::config::{self, Config, Problem};
use crate::fs::{DiskTree, SourceTree};
use crate::plan::Plan;
use crate::report::TierInfo;
use crate::report::html::TransformInfo;
use crate::run::prove::Reading;
use crate::run::{self, Request, Suggestions};
use crate::transform::{self, Transform};

/// What a command works with.
pub struct Session<'t> {
    /// Where output goes.
    pub terminal: &'t Terminal,
    /// The configuration.
    pub config: Config,
    /// The transforms.
    pub transforms: Vec<Transform>,
    threads: usize,
    warned: Cell<bool>,
}

impl<'t> Session<'t> {
    /// Reads the configuration and the transforms that the options name.
    ///
    /// # Errors
    /// There is no configuration, or something in it or in a transform is wrong.
    pub fn open(global: &Global, terminal: &'t Terminal) -> anyhow::Result<Self> {
        let config = open_config(global)?;
        let loaded = transform::load(&config)?;
        let transforms = loaded.transforms;
        let session = Self { transforms, ..Self::of_config(config, global, terminal) };
        session.warn(&loaded.warnings)?;
        Ok(session)
    }

    /// Reads the configuration alone, for commands that need no transform: what is wrong in one
    /// must not keep a tier from being taken back.
    ///
    /// # Errors
    /// There is no configuration, or something in it is wrong.
    pub fn without_transforms(global: &Global, terminal: &'t Terminal) -> anyhow::Result<Self> {
        Ok(Self::of_config(open_config(global)?, global, terminal))
    }

    fn of_config(config: Config, global: &Global, terminal: &'t Terminal) -> Self {
        let (transforms, warned) = (Vec::new(), Cell::new(false));
        Self { terminal, config, transforms, threads: global.threads, warned }
    }

    /// Shows warnings; where the configuration is strict, they are errors.
    fn warn(&self, warnings: &[Problem]) -> anyhow::Result<()> {
        for warning in warnings {
            self.terminal.say(&warning.render(self.terminal.look()));
        }
        if self.config.strict && !warnings.is_empty() {
            bail!("there are warnings, and `strict` makes them errors");
        }
        Ok(())
    }

    /// The threads that work on the project's files.
    ///
    /// # Errors
    /// They cannot be had.
    pub fn pool(&self) -> anyhow::Result<rayon::ThreadPool> {
        Ok(run::pool(self.threads)?)
    }

    /// The project's files.
    pub fn tree(&self) -> DiskTree {
        let exclude = self.config.exclude.clone();
        DiskTree::new(
            &self.config.root,
            Arc::new(move |path| exclude.matches(path)),
            self.config.max_file_size,
        )
    }

    /// Finds every site and plans every edit.
    ///
    /// # Errors
    /// See [`run::plan`].
    pub fn plan(&self, suggestions: Suggestions, reading: Reading) -> anyhow::Result<Plan> {
        self.plan_over(&self.tree(), suggestions, reading)
    }

    /// Does so over the files of `tree`.
    ///
    /// # Errors
    /// See [`run::plan`].
    pub fn plan_over(
        &self,
        tree: &dyn SourceTree,
        suggestions: Suggestions,
        reading: Reading,
    ) -> anyhow::Result<Plan> {
        let working = self.terminal.working("searching and planning");
        let roots = self.source_roots();
        let request = Request {
            tree,
            tiers: &self.config,
            source_roots: roots.as_deref(),
            transforms: &self.transforms,
            strict: self.config.strict,
            is_excerpt: false,
            threads: self.threads,
            suggestions,
            reading,
        };
        let plan = run::plan(&request)?;
        drop(working);
        // A command that plans again after each tier has said it once.
        if !self.warned.replace(true) {
            self.warn(&plan.problems)?;
        }
        Ok(plan)
    }

    /// Finds every site and plans every edit, and says what the plan warns of, once.
    ///
    /// # Errors
    /// See [`run::plan`].
    pub fn plan_aloud(&self, suggestions: Suggestions, reading: Reading) -> anyhow::Result<Plan> {
        let is_first = !self.warned.get();
        let plan = self.plan(suggestions, reading)?;
        for warning in plan.warnings.iter().filter(|_| is_first) {
            self.terminal.say(&format!("warning: {warning}"));
        }
        Ok(plan)
    }

    /// The folders in which dotted module names begin, relative to the project, where they are
    /// given.
    pub fn source_roots(&self) -> Option<Vec<PathBuf>> {
        let relative = |root: &PathBuf| {
            root.strip_prefix(&self.config.root).map_or_else(|_| root.clone(), PathBuf::from)
        };
        self.config.source_roots.as_ref().map(|roots| roots.iter().map(relative).collect())
    }

    /// The tiers, for reports.
    pub fn tiers(&self) -> Vec<TierInfo<'_>> {
        self.config
            .tiers
            .iter()
            .map(|tier| TierInfo {
                name: &tier.name,
                summary: &tier.summary,
                risk: tier.risk.map(config::Risk::name),
            })
            .collect()
    }

    /// The transforms, for reports.
    pub fn transform_infos(&self) -> Vec<TransformInfo<'_>> {
        self.transforms
            .iter()
            .map(|transform| TransformInfo {
                name: &transform.name,
                summary: &transform.summary,
                docs: &transform.docs,
            })
            .collect()
    }

    /// The tiers that `--tier` selects, as indices, in order; all without it.
    ///
    /// # Errors
    /// There is no such tier.
    pub fn selected(&self, tier: Option<&str>) -> anyhow::Result<Vec<usize>> {
        let Some(text) = tier else { return Ok((0..self.config.tiers.len()).collect()) };
        let Ok(selector) = text.parse();
        Ok(self.config.select(&selector)?)
    }
}

/// Reads the configuration that the options name.
///
/// # Errors
/// There is none, or something in it is wrong.
pub fn open_config(global: &Global) -> anyhow::Result<Config> {
    let path = if let Some(path) = &global.config {
        path.clone()
    } else {
        let start = match &global.root {
            Some(root) => root.clone(),
            None => std::env::current_dir().context("cannot tell the current folder")?,
        };
        config::find(&start)?
    };
    Ok(Config::load(&path, global.root.as_deref())?)
}
