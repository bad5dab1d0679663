//! What names lead to, in words for people.

use super::{Origin, Resolution, Resolver, Step};
use crate::text::slice;

impl Resolver<'_, '_> {
    /// Steps as people read them: file, line, and the first line of the statement.
    pub fn told(&self, steps: &[Step]) -> Vec<String> {
        let one = |step: &Step| {
            let analysis = self.analysis(step.file)?;
            let line = analysis.lines().position(step.binding.start()).line;
            let statement = first_line(slice(&analysis.source.text, step.statement));
            Some(format!("{}:{line}: {statement}", analysis.source.path))
        };
        steps.iter().filter_map(one).collect()
    }

    /// What else than the wanted origin something may be, as people read it, each with the first of
    /// its steps.
    pub fn told_but_for(
        &self,
        resolution: &Resolution,
        is_wanted: impl Fn(&Origin) -> bool,
    ) -> Vec<String> {
        let others = resolution.origins.iter().filter(|(origin, _)| !is_wanted(origin));
        let one = |(origin, steps): &(Origin, Vec<Step>)| {
            let first = steps.first().map(std::slice::from_ref).unwrap_or_default();
            let step = self.told(first).pop().map_or(String::new(), |step| format!(" ({step})"));
            match origin {
                Origin::Symbol(symbol) => format!("`{}`{step}", symbol.name),
                Origin::Module(_) => format!("a module{step}"),
                Origin::External(dotted) => format!("`{dotted}`{step}"),
                Origin::Local(what) => format!("{what}{step}"),
                Origin::Broken(why) | Origin::Unknown(why) => format!("{why}{step}"),
            }
        };
        others.map(one).collect()
    }
}

/// The first line of a statement, for people to read.
fn first_line(text: &str) -> String {
    let mut lines = text.lines();
    let first = lines.next().unwrap_or_default().trim_end().to_owned();
    if lines.next().is_some() { first + " …" } else { first }
}
