//! Expectations of a figure: `>= 95`, `<= baseline`, `<= 1.10 * baseline`.

use std::fmt;
use std::str::FromStr;

/// What a figure must be: a comparison with a number, or with the figure that was recorded
/// before the change, times a factor.
#[derive(Debug, Clone, PartialEq)]
pub struct Expectation {
    comparison: Comparison,
    operand: Operand,
    text: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Comparison {
    Less,
    AtMost,
    Equal,
    NotEqual,
    AtLeast,
    More,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Operand {
    Number(f64),
    Baseline { factor: f64 },
}

/// Why a text is no expectation.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ExpectationError {
    /// It does not begin with a comparison.
    #[error("`{0}` does not begin with one of <, <=, ==, !=, >=, >")]
    Comparison(String),
    /// What follows the comparison is neither a number nor a baseline.
    #[error("`{0}` is neither a number nor `baseline` nor `NUMBER * baseline`")]
    Operand(String),
}

impl Expectation {
    /// Whether it can only be judged with a recorded figure.
    pub fn wants_baseline(&self) -> bool {
        match self.operand {
            Operand::Number(_) => false,
            Operand::Baseline { .. } => true,
        }
    }

    /// The number to compare with, or `None` where that needs a baseline and there is none.
    pub fn limit(&self, baseline: Option<f64>) -> Option<f64> {
        match self.operand {
            Operand::Number(number) => Some(number),
            Operand::Baseline { factor } => baseline.map(|figure| figure * factor),
        }
    }

    /// Whether `figure` is as expected, or `None` where that needs a baseline and there is none.
    #[expect(clippy::float_cmp, reason = "`== 1` means exactly one")]
    pub fn holds(&self, figure: f64, baseline: Option<f64>) -> Option<bool> {
        let limit = self.limit(baseline)?;
        Some(match self.comparison {
            Comparison::Less => figure < limit,
            Comparison::AtMost => figure <= limit,
            Comparison::Equal => figure == limit,
            Comparison::NotEqual => figure != limit,
            Comparison::AtLeast => figure >= limit,
            Comparison::More => figure > limit,
        })
    }
}

impl FromStr for Expectation {
    type Err = ExpectationError;

    fn from_str(text: &str) -> Result<Self, ExpectationError> {
        let text = text.trim();
        // The longer spellings come first, as `<` begins `<=`.
        let spellings = [
            ("<=", Comparison::AtMost),
            (">=", Comparison::AtLeast),
            ("==", Comparison::Equal),
            ("!=", Comparison::NotEqual),
            ("<", Comparison::Less),
            (">", Comparison::More),
        ];
        let (comparison, rest) = spellings
            .into_iter()
            .find_map(|(spelling, comparison)| {
                text.strip_prefix(spelling).map(|rest| (comparison, rest.trim()))
            })
            .ok_or_else(|| ExpectationError::Comparison(text.to_owned()))?;
        let operand = operand(rest).ok_or_else(|| ExpectationError::Operand(rest.to_owned()))?;
        Ok(Self { comparison, operand, text: text.to_owned() })
    }
}

impl fmt::Display for Expectation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

fn operand(text: &str) -> Option<Operand> {
    if text == "baseline" {
        return Some(Operand::Baseline { factor: 1.0 });
    }
    if let Some((left, right)) = text.split_once('*') {
        let (("baseline", number) | (number, "baseline")) = (left.trim(), right.trim()) else {
            return None;
        };
        return Some(Operand::Baseline { factor: finite(number)? });
    }
    Some(Operand::Number(finite(text)?))
}

/// A number that can be compared: Rust reads `nan` and `inf` as numbers too.
fn finite(text: &str) -> Option<f64> {
    text.parse().ok().filter(|number: &f64| number.is_finite())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holds(text: &str, figure: f64, baseline: Option<f64>) -> Option<bool> {
        text.parse::<Expectation>().unwrap().holds(figure, baseline)
    }

    #[test]
    fn a_figure_is_compared_with_a_number() {
        for (text, below, at, above) in [
            ("< 95", true, false, false),
            ("<= 95", true, true, false),
            ("== 95", false, true, false),
            ("!= 95", true, false, true),
            (">= 95", false, true, true),
            ("> 95", false, false, true),
            (">95", false, false, true),
        ] {
            assert_eq!(holds(text, 94.9, None), Some(below), "{text}");
            assert_eq!(holds(text, 95.0, None), Some(at), "{text}");
            assert_eq!(holds(text, 95.1, None), Some(above), "{text}");
        }
        assert_eq!(holds(">= -1.5", -1.0, None), Some(true));
    }

    #[test]
    fn a_figure_is_compared_with_the_baseline() {
        assert_eq!(holds("<= baseline", 43.0, Some(43.0)), Some(true));
        assert_eq!(holds("<= baseline", 44.0, Some(43.0)), Some(false));
        assert_eq!(holds("<= 1.10 * baseline", 110.0, Some(100.0)), Some(true));
        assert_eq!(holds("<= 1.10 * baseline", 111.0, Some(100.0)), Some(false));
        assert_eq!(holds("< baseline*0.25", 24.0, Some(100.0)), Some(true));
        assert_eq!(holds("<= baseline", 1.0, None), None);
        assert!("<= baseline".parse::<Expectation>().unwrap().wants_baseline());
        assert!(!"<= 3".parse::<Expectation>().unwrap().wants_baseline());
    }

    #[test]
    fn what_cannot_be_compared_is_refused() {
        for text in ["", "95", "=> 95", "= 95"] {
            assert!(matches!(text.parse::<Expectation>(), Err(ExpectationError::Comparison(_))));
        }
        for text in [
            "<=",
            ">= many",
            ">= 95%",
            "<= nan",
            "< inf",
            "<= baseline * baseline",
            "<= 2 * 3",
            "<= baseline + 1",
            "<= 2 baseline",
            "<= *baseline",
            "== <= 3",
        ] {
            assert!(
                matches!(text.parse::<Expectation>(), Err(ExpectationError::Operand(_))),
                "{text}"
            );
        }
    }
}
