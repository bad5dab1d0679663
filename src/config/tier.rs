//! Tiers: the ordered sets of files of a migration.

use std::convert::Infallible;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::Deserialize;

use super::Config;
use super::gate::GateSpec;
use super::nearest::nearest;
use super::patterns::Patterns;
use super::template::Template;
use crate::site::{Reason, Verdict};
use crate::text::TextRange;

/// A set of files that is applied, and taken back, as one.
#[derive(Debug, Clone)]
pub struct Tier {
    /// Unique; without control characters, no number and no range. `all` only where the tier is
    /// alone, so that `--tier all` means it in any case.
    pub name: String,
    /// Where the name is in `codemod.toml`.
    pub name_range: TextRange,
    /// A few words for people; may be empty.
    pub summary: String,
    /// What is at stake, where that is said.
    pub risk: Option<Risk>,
    /// The files, before earlier tiers take theirs.
    pub paths: Patterns,
    /// Reasons whose sites are rewritten here, in the order of the codes.
    pub accept: Vec<Reason>,
    /// The tier's own gates, besides [`Config::gates`].
    pub gates: Vec<GateSpec>,
    /// The first line of its commit; the holes are [`COMMIT_HOLES`].
    pub commit_subject: Template,
    /// The text below it, without the trailers; may be empty.
    pub commit_body: Option<Template>,
}

/// The words that commit messages are filled with: the tier's name, its number from 1, its summary
/// and risk, the transforms' names, and the numbers of files changed, sites rewritten and sites
/// held.
pub const COMMIT_HOLES: [&str; 8] =
    ["tier", "number", "summary", "risk", "transforms", "files", "sites", "held"];

/// What is at stake when a tier goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Risk {
    /// Little.
    Low,
    /// Something.
    Medium,
    /// Much.
    High,
    /// Everything.
    Critical,
}

impl Risk {
    /// As `codemod.toml` and reports write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }
}

/// Whether a tier may accept the reason: a person decides about it, and there is something to
/// write once it is decided.
pub fn is_acceptable(reason: Reason) -> bool {
    reason.verdict() == Verdict::Review && reason != Reason::DoesNotParse
}

/// What `--tier` asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TierSelector {
    /// `all`.
    All,
    /// `2`: counted from 1.
    Number(usize),
    /// `1-3`: counted from 1, both included.
    Range(usize, usize),
    /// Anything else is a name.
    Name(String),
}

impl FromStr for TierSelector {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        let text = text.trim();
        if text == "all" {
            return Ok(Self::All);
        }
        if let Some(number) = number(text) {
            return Ok(Self::Number(number));
        }
        if let Some((first, last)) = text.split_once('-')
            && let (Some(first), Some(last)) = (number(first.trim()), number(last.trim()))
        {
            return Ok(Self::Range(first, last));
        }
        Ok(Self::Name(text.to_owned()))
    }
}

/// A number too large for the machine is the largest: no list of tiers is that long.
fn number(text: &str) -> Option<usize> {
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| text.parse().unwrap_or(usize::MAX))
}

/// Why no tier can be chosen.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SelectError {
    /// There is no such tier.
    #[error("there is no tier `{asked}`{}\n{tiers}", did_you_mean(.meant.as_deref()))]
    Unknown {
        /// What was asked for.
        asked: String,
        /// The tier that was probably meant.
        meant: Option<String>,
        /// All tiers, one a line, each with its number.
        tiers: String,
    },
    /// The range runs from a later tier to an earlier one.
    #[error("the range `{0}-{1}` runs backwards; tiers are applied in their order: `{1}-{0}`")]
    Backwards(usize, usize),
}

fn did_you_mean(meant: Option<&str>) -> String {
    meant.map_or_else(String::new, |meant| format!("; did you mean `{meant}`?"))
}

impl Config {
    /// The tiers that are asked for, as indices of [`Config::tiers`], ascending.
    ///
    /// # Errors
    /// A tier that there is not; the message lists those that there are.
    pub fn select(&self, selector: &TierSelector) -> Result<Vec<usize>, SelectError> {
        let count = self.tiers.len();
        let known = |number: usize| (1..=count).contains(&number);
        match selector {
            TierSelector::All => Ok((0..count).collect()),
            &TierSelector::Number(number) if known(number) => Ok(vec![number - 1]),
            TierSelector::Number(number) => Err(self.unknown_tier(&number.to_string())),
            &TierSelector::Range(first, last) => {
                for number in [first, last] {
                    if !known(number) {
                        return Err(self.unknown_tier(&number.to_string()));
                    }
                }
                if first > last {
                    return Err(SelectError::Backwards(first, last));
                }
                Ok((first - 1..last).collect())
            }
            TierSelector::Name(name) => {
                let found = self.tiers.iter().position(|tier| tier.name == *name);
                found.map(|index| vec![index]).ok_or_else(|| self.unknown_tier(name))
            }
        }
    }

    fn unknown_tier(&self, asked: &str) -> SelectError {
        let names = self.tiers.iter().map(|tier| tier.name.as_str());
        let width = names.clone().map(|name| name.chars().count()).max().unwrap_or_default();
        let lines = self.tiers.iter().enumerate().map(|(index, tier)| {
            let line = format!("  {}  {:width$}  {}", index + 1, tier.name, tier.summary);
            line.trim_end().to_owned()
        });
        SelectError::Unknown {
            asked: asked.to_owned(),
            meant: nearest(asked, names).map(str::to_owned),
            tiers: lines.collect::<Vec<_>>().join("\n"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_selector_is_a_number_a_range_all_or_a_name() {
        use TierSelector::{All, Name, Number, Range};
        for (text, selector) in [
            ("all", All),
            (" 2 ", Number(2)),
            ("0", Number(0)),
            ("99999999999999999999999", Number(usize::MAX)),
            ("1-3", Range(1, 3)),
            ("1 - 3", Range(1, 3)),
            ("3-1", Range(3, 1)),
            ("web", Name("web".to_owned())),
            ("phase-1", Name("phase-1".to_owned())),
            ("1-", Name("1-".to_owned())),
            ("1-2-3", Name("1-2-3".to_owned())),
            ("+1", Name("+1".to_owned())),
            ("All", Name("All".to_owned())),
            ("", Name(String::new())),
        ] {
            assert_eq!(text.parse::<TierSelector>(), Ok(selector), "{text}");
        }
    }

    #[test]
    fn only_what_a_person_decides_can_be_accepted() {
        assert!(is_acceptable(Reason::ImportCycle));
        for reason in [Reason::DirectInstantiation, Reason::Definition, Reason::DoesNotParse] {
            assert!(!is_acceptable(reason), "{reason}");
        }
    }
}
