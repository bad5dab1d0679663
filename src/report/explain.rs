//! `explain`: the page of a reason, the list of reasons, or what was decided at one site.

use std::fmt::Write as _;

use super::markdown::terminal;
use super::outcome::{TierInfo, end_column, is_accepted, is_ignored};
use super::snippet::{self, Kind, Place};
use super::style::{HEADING, QUIET, REVIEW, REWRITE, Style};
use super::{suggestion, visible};
use crate::plan::FilePlan;
use crate::site::{Reason, Site, Verdict};

/// The page of a reason.
pub fn page(reason: Reason, style: Style) -> String {
    terminal::render(reason.page(), style)
}

/// The page of the audit.
pub fn isolation(style: Style) -> String {
    terminal::render(crate::isolation::PAGE, style)
}

/// Every reason, a line each.
pub fn reasons(style: Style) -> String {
    let widest = Reason::ALL.iter().map(|reason| reason.title().len()).max().unwrap_or(0);
    let mut text = String::new();
    for reason in Reason::ALL {
        let verdict = reason.verdict();
        let paint = match verdict {
            Verdict::Rewrite => REWRITE,
            Verdict::Review => REVIEW,
            Verdict::Keep => QUIET,
        };
        let code = style.paint(HEADING, reason.code());
        let verdict = style.paint(paint, verdict.name());
        let _ = writeln!(text, "{code}  {:widest$}  {verdict}", reason.title());
    }
    text.push_str("\n`tiermod explain CODE` prints the page of one.\n");
    text
}

/// What was decided at a site: the source line, the bindings by which the name was followed, the
/// verdict and, where its file changes, where the imports go. `tiers` are the configuration's;
/// `file` is the plan of the site's file, if there is one.
pub fn site(site: &Site, file: Option<&FilePlan>, tiers: &[TierInfo<'_>], style: Style) -> String {
    let mut text = snippet::render(&place(site), style);
    let section = |text: &mut String, title: &str| {
        let _ = write!(text, "\n{}\n", style.paint(HEADING, title));
    };
    section(&mut text, "how the name was followed");
    if site.chain.is_empty() {
        text.push_str("  it was not: there is nothing to follow\n");
    }
    for (at, step) in site.chain.iter().enumerate() {
        let _ = writeln!(text, "  {}. {}", at + 1, visible::line(step));
    }
    section(&mut text, "what was decided");
    let _ = writeln!(text, "  verdict    {}", verdict(site));
    let _ = writeln!(text, "  reason     {} {}", site.reason.code(), site.title());
    let _ = writeln!(text, "  symbol     {}", visible::line(&site.symbol));
    let _ = writeln!(text, "  transform  {}", visible::line(&site.transform));
    let tier = site.tier.and_then(|index| Some((index + 1, tiers.get(index)?)));
    let tier = tier.map_or("none".to_owned(), |(number, tier)| {
        format!("{number}: {}", visible::line(&tier.title()))
    });
    let _ = writeln!(text, "  tier       {tier}");
    if let Some(file) = file.filter(|_| site.verdict == Verdict::Rewrite) {
        section(&mut text, "where the file's imports go, and why");
        if file.why.is_empty() {
            text.push_str("  no import changes\n");
        }
        for why in &file.why {
            let _ = writeln!(text, "  - {}", visible::line(why));
        }
    }
    let _ = write!(text, "\n`tiermod explain {}` says more about the reason.\n", site.reason);
    text
}

fn verdict(site: &Site) -> String {
    let why = if is_accepted(site) {
        ", as its tier accepts the reason"
    } else if is_ignored(site) {
        ", as a comment beside it says"
    } else {
        ""
    };
    format!("{}{why}", site.verdict)
}

fn place(site: &Site) -> Place<'_> {
    Place {
        kind: match site.verdict {
            Verdict::Rewrite | Verdict::Keep => Kind::Note,
            Verdict::Review => Kind::Warning,
        },
        label: site.verdict.name(),
        code: Some(site.reason.code()),
        title: &site.message,
        path: &site.path,
        start: site.start,
        end: end_column(site.start, site.end),
        source_line: &site.source_line,
        mark: site.title(),
        notes: Vec::new(),
        help: site.suggestion.as_ref().map(|suggestion| suggestion.message.clone()),
        patch: suggestion::on_the_line(site),
    }
}
