//! `check` as a comment on a pull request.

use std::fmt::Write as _;

use crate::report::markdown::{cell, code, prose};
use crate::report::outcome::{
    Finding, Group, Isolation, Outcome, TierInfo, is_accepted, is_ignored,
};
use crate::report::style::Style;
use crate::site::{Site, Verdict};

/// More rows than this are counted, not listed: code hosts refuse comments of more than 65,536
/// characters.
const MOST_ROWS: usize = 100;

/// Renders an outcome; what is kept is listed where everything is wanted.
pub fn render(outcome: &Outcome<'_>, style: Style) -> String {
    let mut text = format!("### tiermod: {}\n", outcome.totals);
    sums(outcome, &mut text);
    troubles(outcome, &mut text);
    sites(outcome, Verdict::Review, "held for review", true, &mut text);
    findings(outcome, &mut text);
    sites(outcome, Verdict::Rewrite, "to rewrite", false, &mut text);
    if style.verbose {
        sites(outcome, Verdict::Keep, "kept", false, &mut text);
    }
    let _ = writeln!(
        text,
        "\n{} files searched, {} parsed. `tiermod explain CODE` says what a reason means.",
        outcome.searched, outcome.parsed
    );
    text
}

fn sums(outcome: &Outcome<'_>, text: &mut String) {
    text.push_str("\n| | tier | rewrite | review | keep |\n| --: | :-- | --: | --: | --: |\n");
    for Group { tier, counts, .. } in &outcome.groups {
        let (number, title) = match tier {
            Some((number, tier)) => (number.to_string(), of_tier(tier)),
            None => (String::new(), "in no tier".to_owned()),
        };
        row(text, &[number, title], counts.rewrite, counts.review, counts.keep);
    }
    let totals = outcome.totals;
    let names = [String::new(), "**total**".to_owned()];
    row(text, &names, totals.rewrite, totals.review, totals.keep);
}

fn row(text: &mut String, names: &[String; 2], rewrite: usize, review: usize, keep: usize) {
    let [number, title] = names;
    let _ = writeln!(text, "| {number} | {title} | {rewrite} | {review} | {keep} |");
}

fn of_tier(tier: &TierInfo<'_>) -> String {
    let summary =
        if tier.summary.is_empty() { String::new() } else { format!(", {}", cell(tier.summary)) };
    let risk = tier.risk.map_or(String::new(), |risk| format!(" (risk: {})", cell(risk)));
    format!("**{}**{summary}{risk}", cell(tier.name))
}

fn troubles(outcome: &Outcome<'_>, text: &mut String) {
    let failures = outcome.failures.iter().map(|(path, failure)| {
        let at = format!("{}:{}", path.to_slash(), failure.position.line);
        format!("**error**: {} does not parse: {}", code(&at), prose(&failure.message))
    });
    let unproven = outcome.unproven.iter().map(|one| {
        let (path, message) = (code(&one.path.to_slash()), prose(&one.message));
        format!("**error**: {path} stays as it is, as its planned result is not proven: {message}")
    });
    let warnings =
        outcome.warnings.iter().map(|warning| format!("**warning**: {}", prose(warning)));
    let all: Vec<String> = failures.chain(unproven).chain(warnings).collect();
    if !all.is_empty() {
        let _ = write!(text, "\n- {}\n", all.join("\n- "));
    }
}

fn sites(outcome: &Outcome<'_>, verdict: Verdict, title: &str, is_open: bool, text: &mut String) {
    let total = outcome.totals.of(verdict);
    if total == 0 {
        return;
    }
    open(text, &format!("{total} {title}"), is_open);
    text.push_str("| tier | place | source | reason |\n| :-- | :-- | :-- | :-- |\n");
    for (tier, site) in outcome.with(verdict).take(MOST_ROWS) {
        let tier = tier.map_or(String::new(), |(_, tier)| cell(tier.name));
        let place = format!("{}:{}", site.path.to_slash(), site.start.line);
        let source = code(site.source_line.trim());
        let _ = writeln!(text, "| {tier} | {} | {source} | {} |", code(&place), reason(site));
    }
    close(text, total);
}

fn reason(site: &Site) -> String {
    let code = site.reason.code();
    match site.verdict {
        Verdict::Rewrite if is_accepted(site) => {
            format!("{code} accepted: {}", prose(&site.message))
        }
        Verdict::Rewrite => code.to_owned(),
        Verdict::Keep if is_ignored(site) => format!("{code} {}", prose(&site.message)),
        Verdict::Review | Verdict::Keep => {
            let help = site.suggestion.as_ref().map_or(String::new(), |suggestion| {
                format!("<br>*help*: {}", prose(&suggestion.message))
            });
            format!("{code} {}: {}{help}", site.title(), prose(&site.message))
        }
    }
}

fn findings(outcome: &Outcome<'_>, text: &mut String) {
    if outcome.findings.is_empty() {
        return;
    }
    let sums: Vec<String> = Isolation::ALL
        .iter()
        .map(|&verdict| format!("{} {}", outcome.found(verdict), verdict.name()))
        .collect();
    let shown: Vec<&Finding> = outcome
        .findings
        .iter()
        .filter(|finding| finding.verdict != Isolation::Namespaced)
        .collect();
    let title = format!("isolation of keys on shared objects: {}", sums.join(", "));
    if shown.is_empty() {
        let _ = write!(text, "\n{title}\n");
        return;
    }
    open(text, &title, true);
    text.push_str("| place | source | verdict |\n| :-- | :-- | :-- |\n");
    for finding in shown.iter().take(MOST_ROWS) {
        let place = format!("{}:{}", finding.path.to_slash(), finding.start.line);
        let source = code(finding.source_line.trim());
        let denied = if finding.is_forbidden() { ", denied" } else { "" };
        let (verdict, message) = (finding.verdict.name(), prose(&finding.message));
        let _ = writeln!(text, "| {} | {source} | {verdict}{denied}: {message} |", code(&place));
    }
    close(text, shown.len());
}

fn open(text: &mut String, title: &str, is_open: bool) {
    let open = if is_open { " open" } else { "" };
    let _ = write!(text, "\n<details{open}><summary>{title}</summary>\n\n");
}

fn close(text: &mut String, total: usize) {
    if total > MOST_ROWS {
        let _ = write!(text, "\nand {} more, which `tiermod check` lists\n", total - MOST_ROWS);
    }
    text.push_str("\n</details>\n");
}
