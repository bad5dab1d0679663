//! `check` as workflow commands of GitHub Actions, which become annotations of the changed lines.
//!
//! Open sites are warnings, what is wrong is an error, and what is kept is not said. A log has
//! room for ten annotations of a kind; the sums are in the last line in any case.

use std::fmt::Write as _;

use crate::report::outcome::{Finding, Isolation, Outcome, TierInfo, end_column, is_accepted};
use crate::report::visible;
use crate::site::{Site, Verdict};
use crate::text::LineColumn;

/// Renders an outcome.
pub fn render(outcome: &Outcome<'_>) -> String {
    let mut commands: Vec<Command> = Vec::new();
    for (tier, site) in outcome.sites() {
        match site.verdict {
            Verdict::Rewrite | Verdict::Review => commands.push(of_site(site, tier)),
            Verdict::Keep => {}
        }
    }
    commands.extend(outcome.findings.iter().filter_map(of_finding));
    for (path, failure) in &outcome.failures {
        let at = Some((failure.position, failure.position));
        let title = "does not parse".to_owned();
        commands.push(Command::new("error", path.to_slash(), at, title, failure.message.clone()));
    }
    for unproven in outcome.unproven {
        let path = unproven.path.to_slash();
        let message = format!("stays as it is: {}", unproven.message);
        commands.push(Command::new("error", path, None, "not proven".to_owned(), message));
    }
    let mut text: String = commands.iter().map(Command::line).collect();
    for warning in outcome.warnings {
        let _ = writeln!(text, "::warning title=tiermod::{}", data(warning));
    }
    let _ = writeln!(text, "total: {}", outcome.totals);
    text
}

/// `::warning file=app/a.py,line=1,…::message`
struct Command {
    name: &'static str,
    properties: Vec<(&'static str, String)>,
    message: String,
}

impl Command {
    fn new(
        name: &'static str,
        path: String,
        at: Option<(LineColumn, LineColumn)>,
        title: String,
        message: String,
    ) -> Self {
        let mut properties = vec![("file", path)];
        if let Some((start, end)) = at {
            properties.push(("line", start.line.to_string()));
            let column = end_column(start, end);
            // Columns are only taken where all of it is on one line.
            if column.is_some() {
                properties.push(("col", start.column.to_string()));
            }
            properties.push(("endLine", end.line.to_string()));
            properties.extend(column.map(|column| ("endColumn", column.to_string())));
        }
        properties.push(("title", title));
        Self { name, properties, message }
    }

    fn line(&self) -> String {
        let properties: Vec<String> = self
            .properties
            .iter()
            .map(|(key, value)| format!("{key}={}", property(value)))
            .collect();
        format!("::{} {}::{}\n", self.name, properties.join(","), data(&self.message))
    }
}

fn of_site(site: &Site, tier: Option<(usize, TierInfo<'_>)>) -> Command {
    let verdict = if is_accepted(site) { "rewrite, accepted" } else { site.verdict.name() };
    let title = format!("{} {} ({verdict})", site.reason.code(), site.title());
    let tier = tier.map_or(String::new(), |(_, tier)| format!(" (tier {})", tier.name));
    let mut message = format!("{}{tier}", site.message);
    if let Some(suggestion) = &site.suggestion {
        message.push_str("\nhelp: ");
        message.push_str(&suggestion.message);
    }
    Command::new("warning", site.path.to_slash(), Some((site.start, site.end)), title, message)
}

fn of_finding(finding: &Finding) -> Option<Command> {
    let name = match finding.verdict {
        Isolation::Namespaced => return None,
        Isolation::NotNamespaced if finding.deny => "error",
        Isolation::NotNamespaced | Isolation::CannotTell => "warning",
    };
    let title = format!("isolation ({})", finding.verdict.name());
    let at = Some((finding.start, finding.end));
    Some(Command::new(name, finding.path.to_slash(), at, title, finding.message.clone()))
}

/// Escapes a message. A runner decodes `%25`, `%0D` and `%0A`; every other control character is
/// made visible, as the log of a run is shown on terminals, too.
fn data(text: &str) -> String {
    let mut escaped = String::new();
    for char in text.chars() {
        match char {
            '%' => escaped.push_str("%25"),
            '\r' => escaped.push_str("%0D"),
            '\n' => escaped.push_str("%0A"),
            other => escaped.push_str(&visible::line(other.encode_utf8(&mut [0; 4]))),
        }
    }
    escaped
}

/// Escapes a property's value, which `:` and `,` would end.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
