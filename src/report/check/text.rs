//! `check` for people.
//!
//! What is rewritten is many and alike, so it is a table: a line each, which an editor can open.
//! What is held needs a decision, so it is shown as compilers show an error. What is kept is
//! counted, and listed only where everything is wanted.

use crate::report::excerpt::{Excerpt, columns, excerpt};
use crate::report::outcome::{
    Finding, Group, Isolation, Outcome, end_column, is_accepted, is_ignored,
};
use crate::report::snippet::{self, Kind, Place};
use crate::report::style::{ERROR, HEADING, MARKED, QUIET, REVIEW, REWRITE, Style};
use crate::report::{suggestion, visible};
use crate::site::{Reason, Site, Verdict};

/// Fewer columns for the source line than this, and it gets a line of its own.
const LEAST_SOURCE: usize = 48;
/// The verdict and the reason's code, as wide as the widest: `  rewrite TM001  `.
const LABEL: usize = 17;
/// Sums stand at the right, but no farther.
const WIDEST_HEADING: usize = 100;

/// Renders an outcome.
pub fn render(outcome: &Outcome<'_>, style: Style) -> String {
    let layout = Layout::new(outcome, style);
    let mut text = String::new();
    for group in &outcome.groups {
        layout.group(group, &mut text);
    }
    layout.findings(outcome, &mut text);
    layout.troubles(outcome, &mut text);
    layout.totals(outcome, &mut text);
    text
}

/// How rows are laid out: the same way in the whole report.
struct Layout {
    style: Style,
    /// The width of the widest position.
    position: usize,
    /// The columns of a source line.
    source: usize,
    /// The source line is below the position, not beside it.
    is_stacked: bool,
}

impl Layout {
    fn new(outcome: &Outcome<'_>, style: Style) -> Self {
        let rows = outcome.sites().filter(|(_, site)| is_row(site, style));
        let position = rows.map(|(_, site)| columns(&position(site))).max().unwrap_or(0);
        let beside = style.width.saturating_sub(LABEL + position + 2);
        let is_stacked = beside < LEAST_SOURCE;
        let source = if is_stacked { style.width.saturating_sub(LABEL) } else { beside };
        Self { style, position, source: source.max(LEAST_SOURCE), is_stacked }
    }

    fn group(&self, group: &Group<'_>, text: &mut String) {
        let Style { verbose, .. } = self.style;
        self.heading(&visible::line(&group.title()), &group.counts.to_string(), text);
        let rows: Vec<_> = group.with(Verdict::Rewrite).collect();
        let held: Vec<_> = group.with(Verdict::Review).collect();
        let kept: Vec<_> = group.with(Verdict::Keep).filter(|_| verbose).collect();
        self.rows(&rows, text);
        for site in held {
            text.push('\n');
            text.push_str(&snippet::render(&held_site(site, verbose), self.style));
        }
        self.rows(&kept, text);
        text.push('\n');
    }

    /// A title, with sums at the right where there is room, and below it where there is none.
    fn heading(&self, title: &str, sums: &str, text: &mut String) {
        let room = self.style.width.min(WIDEST_HEADING);
        let gap = room.saturating_sub(columns(title) + columns(sums)).max(2);
        text.push_str(&self.style.paint(HEADING, title));
        if columns(title) + 2 + columns(sums) > self.style.width {
            text.push_str("\n  ");
        } else {
            text.push_str(&" ".repeat(gap));
        }
        text.push_str(sums);
        text.push('\n');
    }

    fn rows(&self, sites: &[&Site], text: &mut String) {
        if sites.is_empty() {
            return;
        }
        text.push('\n');
        for site in sites {
            self.row(site, text);
        }
    }

    /// Ex) `  rewrite TM001  app/service.py:12:9  self.redis = RedisManager()`
    fn row(&self, site: &Site, text: &mut String) {
        let style = self.style;
        let paint = match site.verdict {
            Verdict::Rewrite => REWRITE,
            Verdict::Review => REVIEW,
            Verdict::Keep => QUIET,
        };
        let label = format!("{:7} {}", site.verdict.name(), site.reason.code());
        let position = position(site);
        let end = end_column(site.start, site.end);
        let source = excerpt(&site.source_line, site.start.column, end, self.source);
        text.push_str("  ");
        text.push_str(&style.paint(paint, &label));
        text.push_str("  ");
        text.push_str(&position);
        if self.is_stacked {
            text.push('\n');
            text.push_str(&" ".repeat(LABEL));
        } else {
            let gap = self.position.saturating_sub(columns(&position)) + 2;
            text.push_str(&" ".repeat(gap));
        }
        text.push_str(&self.marked(&source));
        text.push('\n');
        if let Some(remark) = remark(site, style.verbose) {
            text.push_str(&" ".repeat(LABEL));
            text.push_str(&style.paint(QUIET, &visible::line(&remark)));
            text.push('\n');
        }
    }

    fn marked(&self, source: &Excerpt) -> String {
        format!("{}{}{}", source.before, self.style.paint(MARKED, &source.site), source.after)
    }

    fn findings(&self, outcome: &Outcome<'_>, text: &mut String) {
        if outcome.findings.is_empty() {
            return;
        }
        let sums: Vec<String> = Isolation::ALL
            .iter()
            .map(|&verdict| format!("{} {}", outcome.found(verdict), verdict.name()))
            .collect();
        self.heading("isolation: keys on shared objects", &sums.join(", "), text);
        for finding in outcome.findings {
            if finding.verdict != Isolation::Namespaced || self.style.verbose {
                text.push('\n');
                text.push_str(&snippet::render(&found(finding), self.style));
            }
        }
        text.push('\n');
    }

    fn troubles(&self, outcome: &Outcome<'_>, text: &mut String) {
        let before = text.len();
        for (path, failure) in &outcome.failures {
            let place = Place {
                kind: Kind::Error,
                label: "error",
                code: Some(Reason::DoesNotParse.code()),
                title: &failure.message,
                path,
                start: failure.position,
                end: Some(failure.position.column),
                source_line: &failure.source_line,
                mark: "",
                notes: Vec::new(),
                help: None,
                patch: None,
            };
            text.push_str(&snippet::render(&place, self.style));
            text.push('\n');
        }
        for unproven in outcome.unproven {
            let message = format!(
                "{} stays as it is, as its planned result is not proven: {}",
                unproven.path, unproven.message
            );
            self.trouble("error", &message, text);
        }
        for warning in outcome.warnings {
            self.trouble("warning", warning, text);
        }
        if text.len() > before {
            text.push('\n');
        }
    }

    fn trouble(&self, label: &str, message: &str, text: &mut String) {
        let paint = if label == "error" { ERROR } else { REVIEW };
        text.push_str(&self.style.paint(paint, label));
        text.push_str(": ");
        text.push_str(&visible::lines(message, "    "));
        text.push('\n');
    }

    fn totals(&self, outcome: &Outcome<'_>, text: &mut String) {
        let Outcome { totals, searched, parsed, .. } = outcome;
        let files = format!("{searched} files searched, {parsed} parsed");
        self.heading(&format!("total: {totals}"), &files, text);
        if totals.review > 0 {
            text.push_str("`tiermod explain CODE` says what a held site needs\n");
        }
        if totals.keep > 0 && !self.style.verbose {
            text.push_str("`tiermod check --verbose` lists what is kept, too\n");
        }
    }
}

/// Whether a site is a row of a table.
fn is_row(site: &Site, style: Style) -> bool {
    match site.verdict {
        Verdict::Rewrite => true,
        Verdict::Review => false,
        Verdict::Keep => style.verbose,
    }
}

/// As editors and terminals take it: `app/service.py:12:9`.
fn position(site: &Site) -> String {
    let path = visible::line(&site.path.to_slash());
    format!("{path}:{}:{}", site.start.line, site.start.column)
}

/// What is said below a row.
fn remark(site: &Site, verbose: bool) -> Option<String> {
    if is_accepted(site) {
        return Some(format!("accepted in this tier: {}", site.message));
    }
    if site.verdict == Verdict::Rewrite && site.reason == Reason::MockTarget {
        return Some(site.message.clone());
    }
    (verbose && site.verdict == Verdict::Keep).then(|| {
        if is_ignored(site) {
            site.message.clone()
        } else {
            format!("{}: {}", site.title(), site.message)
        }
    })
}

fn held_site(site: &Site, verbose: bool) -> Place<'_> {
    Place {
        kind: Kind::Warning,
        label: site.verdict.name(),
        code: Some(site.reason.code()),
        title: &site.message,
        path: &site.path,
        start: site.start,
        end: end_column(site.start, site.end),
        source_line: &site.source_line,
        mark: site.title(),
        notes: if verbose { site.chain.clone() } else { Vec::new() },
        help: site.suggestion.as_ref().map(|suggestion| suggestion.message.clone()),
        patch: suggestion::on_the_line(site),
    }
}

fn found(finding: &Finding) -> Place<'_> {
    Place {
        kind: match finding.verdict {
            Isolation::NotNamespaced if finding.deny => Kind::Error,
            Isolation::NotNamespaced | Isolation::CannotTell => Kind::Warning,
            Isolation::Namespaced => Kind::Note,
        },
        label: "isolation",
        code: None,
        title: &finding.message,
        path: &finding.path,
        start: finding.start,
        end: end_column(finding.start, finding.end),
        source_line: &finding.source_line,
        mark: finding.verdict.name(),
        notes: Vec::new(),
        help: None,
        patch: None,
    }
}
