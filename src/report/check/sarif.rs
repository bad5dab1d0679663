//! `check` as SARIF 2.1.0, for code scanning.
//!
//! An open site is a warning; what is kept has kind `informational`, and is suppressed in source
//! where a comment keeps it. The sections named below are those of the specification. The forms
//! are our own: the ready-made ones generate twenty thousand lines for the few that are used.

mod form;

use form::{
    ArtifactChange, ArtifactLocation, Description, Driver, Fix, Invocation, Kind, Level, Location,
    Log, Markdown, Notification, PhysicalLocation, Region, Replacement, Result, Rule,
    RuleConfiguration, RuleProperties, Run, SiteProperties, Suppression, Text, Tool,
};

use crate::fs::ProjectPath;
use crate::report::outcome::{Finding, Isolation, Outcome, TierInfo, is_ignored};
use crate::site::{Reason, Site, Verdict};
use crate::text::LineColumn;

/// The rule of isolation audits.
const ISOLATION: &str = "isolation";
/// What paths are relative to (3.14.14); code hosts know the name.
const BASE: &str = "%SRCROOT%";

/// Renders an outcome.
pub fn render(outcome: &Outcome<'_>) -> String {
    let mut text = serde_json::to_string_pretty(&log(outcome)).unwrap_or_default();
    text.push('\n');
    text
}

fn log<'a>(outcome: &Outcome<'a>) -> Log<'a> {
    let reasons: Vec<Reason> = Reason::ALL
        .iter()
        .copied()
        .filter(|reason| outcome.sites().any(|(_, site)| site.reason == *reason))
        .collect();
    let mut rules: Vec<Rule> = reasons.iter().map(|reason| rule(*reason)).collect();
    let isolation = rules.len();
    if !outcome.findings.is_empty() {
        rules.push(isolation_rule());
    }
    let index_of = |reason| reasons.iter().position(|other| *other == reason).unwrap_or_default();
    let sites = outcome.sites().map(|(tier, site)| of_site(site, tier, index_of(site.reason)));
    let findings = outcome.findings.iter().map(|finding| of_finding(finding, isolation));
    Log {
        schema: "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
        version: "2.1.0",
        runs: [Run {
            tool: Tool {
                driver: Driver {
                    name: "tiermod",
                    semantic_version: env!("CARGO_PKG_VERSION"),
                    rules,
                },
            },
            invocations: [Invocation {
                execution_successful: outcome.unproven.is_empty() && outcome.failures.is_empty(),
                tool_execution_notifications: notifications(outcome),
            }],
            original_uri_base_ids: [(
                BASE,
                Description { description: Text::plain("The project's folder.") },
            )]
            .into(),
            column_kind: "unicodeCodePoints",
            results: sites.chain(findings).collect(),
        }],
    }
}

fn rule(reason: Reason) -> Rule {
    Rule {
        id: reason.code(),
        name: format!("{reason:?}"),
        short_description: Text::plain(reason.title()),
        help: Markdown { text: reason.page(), markdown: reason.page() },
        default_configuration: RuleConfiguration { level: level(reason.verdict()) },
        properties: RuleProperties { tags: ["migration"] },
    }
}

fn isolation_rule() -> Rule {
    const HELP: &str = "A key on a shared object has to name the user whose data it holds; \
                        otherwise users meet in it. The transform's `[[isolation]]` says which \
                        form keys must have.";
    Rule {
        id: ISOLATION,
        name: "Isolation".to_owned(),
        short_description: Text::plain("keys on shared objects are namespaced per user"),
        help: Markdown { text: HELP, markdown: HELP },
        default_configuration: RuleConfiguration { level: Level::Warning },
        properties: RuleProperties { tags: ["isolation"] },
    }
}

fn level(verdict: Verdict) -> Level {
    match verdict {
        Verdict::Rewrite | Verdict::Review => Level::Warning,
        Verdict::Keep => Level::None,
    }
}

fn of_site<'a>(
    site: &'a Site,
    tier: Option<(usize, TierInfo<'a>)>,
    rule_index: usize,
) -> Result<'a> {
    let suppressions = is_ignored(site).then(|| {
        let justification = site.message.strip_prefix("ignored: ").unwrap_or(&site.message);
        [Suppression { kind: "inSource", justification }]
    });
    Result {
        rule_id: site.reason.code(),
        rule_index,
        kind: match site.verdict {
            Verdict::Rewrite | Verdict::Review => Kind::Fail,
            Verdict::Keep => Kind::Informational,
        },
        level: level(site.verdict),
        message: Text::escaped(&site.message),
        locations: [location(&site.path, site.start, site.end, &site.source_line)],
        fixes: fix(site).map(|fix| [fix]),
        suppressions,
        properties: SiteProperties {
            verdict: site.verdict.name(),
            symbol: &site.symbol,
            tier: tier.map(|(_, tier)| tier.name),
            transform: Some(&site.transform),
            chain: &site.chain,
        },
    }
}

fn of_finding(finding: &Finding, rule_index: usize) -> Result<'_> {
    let (kind, level) = match finding.verdict {
        Isolation::Namespaced => (Kind::Pass, Level::None),
        Isolation::NotNamespaced if finding.deny => (Kind::Fail, Level::Error),
        Isolation::NotNamespaced => (Kind::Fail, Level::Warning),
        Isolation::CannotTell => (Kind::Review, Level::None),
    };
    Result {
        rule_id: ISOLATION,
        rule_index,
        kind,
        level,
        message: Text::escaped(&finding.message),
        locations: [location(&finding.path, finding.start, finding.end, &finding.source_line)],
        fixes: None,
        suppressions: None,
        properties: SiteProperties {
            verdict: finding.verdict.name(),
            symbol: &finding.symbol,
            tier: None,
            transform: None,
            chain: &[],
        },
    }
}

fn location(path: &ProjectPath, start: LineColumn, end: LineColumn, line: &str) -> Location {
    // A context (3.29.5) has to hold the region, and only the first line is known.
    let context = (start.line == end.line && !line.is_empty()).then(|| Region {
        start_line: start.line,
        snippet: Some(Text::plain(line)),
        ..Region::default()
    });
    Location {
        physical_location: PhysicalLocation {
            artifact_location: artifact(path),
            region: Region {
                start_line: start.line,
                start_column: Some(start.column),
                end_line: Some(end.line),
                end_column: Some(end.column),
                snippet: None,
            },
            context_region: context,
        },
    }
}

fn artifact(path: &ProjectPath) -> ArtifactLocation {
    ArtifactLocation { uri: uri(path), uri_base_id: BASE }
}

/// A relative URI reference (RFC 3986): every byte of the path that is not unreserved is written
/// as `%XX`, so that paths that are not UTF-8 lose nothing.
fn uri(path: &ProjectPath) -> String {
    let encode = |bytes: &[u8]| -> String {
        bytes
            .iter()
            .map(|&byte| match byte {
                b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                    char::from(byte).to_string()
                }
                _ => format!("%{byte:02X}"),
            })
            .collect()
    };
    let components = path.as_path().components();
    let parts: Vec<String> =
        components.map(|part| encode(part.as_os_str().as_encoded_bytes())).collect();
    parts.join("/")
}

/// The suggestion as a fix (3.55), with the imports that it needs.
fn fix(site: &Site) -> Option<Fix> {
    let suggestion = site.suggestion.as_ref().filter(|suggestion| !suggestion.edits.is_empty())?;
    let edits = suggestion.edits.iter().zip(&suggestion.places);
    let replacements = edits.map(|(edit, (start, end))| Replacement {
        deleted_region: Region {
            start_line: start.line,
            start_column: Some(start.column),
            end_line: Some(end.line),
            end_column: Some(end.column),
            snippet: None,
        },
        inserted_content: Text::plain(&edit.text),
    });
    Some(Fix {
        description: Text::plain(&suggestion.message),
        artifact_changes: [ArtifactChange {
            artifact_location: artifact(&site.path),
            replacements: replacements.collect(),
        }],
    })
}

fn notifications(outcome: &Outcome<'_>) -> Vec<Notification> {
    let failures = outcome.failures.iter().map(|(path, failure)| Notification {
        level: Level::Error,
        message: Text::escaped(&failure.message),
        locations: Some([location(path, failure.position, failure.position, &failure.source_line)]),
    });
    let unproven = outcome.unproven.iter().map(|one| Notification {
        level: Level::Error,
        message: Text::escaped(&format!(
            "{} stays as it is, as its planned result is not proven: {}",
            one.path, one.message
        )),
        locations: None,
    });
    let warnings = outcome.warnings.iter().map(|warning| Notification {
        level: Level::Warning,
        message: Text::escaped(warning),
        locations: None,
    });
    failures.chain(unproven).chain(warnings).collect()
}
