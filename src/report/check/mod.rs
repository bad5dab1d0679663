//! `check`: an [`Outcome`] in each format, one file per format.
//!
//! A format is one variant of [`Format`], one file here and one golden in `snapshots/reports/`.

pub mod text;
pub mod json;
pub mod sarif;
pub mod github;
pub mod junit;
pub mod markdown;

use clap::ValueEnum;

use super::outcome::Outcome;
use super::style::Style;

/// The formats of `check`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, ValueEnum)]
pub enum Format {
    /// For people: by tier, with source lines.
    #[default]
    Text,
    /// For programs; versioned, with a schema.
    Json,
    /// SARIF 2.1.0, for code scanning.
    Sarif,
    /// Annotations of GitHub Actions.
    Github,
    /// XML as of JUnit, for test reports.
    Junit,
    /// Markdown, for a comment on a pull request.
    Markdown,
}

/// Renders an outcome. The text ends with a line break.
pub fn render(outcome: &Outcome<'_>, format: Format, style: Style) -> String {
    match format {
        Format::Text => text::render(outcome, style),
        Format::Json => json::render(outcome),
        Format::Sarif => sarif::render(outcome),
        Format::Github => github::render(outcome),
        Format::Junit => junit::render(outcome),
        Format::Markdown => markdown::render(outcome, style),
    }
}
