//! Durations as people write them: "5m", "30s", "1h 30m".

use std::time::Duration;

use jiff::SignedDuration;

/// The duration that `text` says.
///
/// # Errors
/// Why it says none.
pub fn parse(text: &str) -> Result<Duration, String> {
    // The parser's own message names its formats, not a way to write what was meant.
    let signed: SignedDuration = text
        .parse()
        .map_err(|_: jiff::Error| "write a number and a unit, such as 30s, 5m or 1h".to_owned())?;
    Duration::try_from(signed).map_err(|_| "a duration cannot be negative".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_as_people_write_them() {
        for (text, milliseconds) in
            [("5m", 300_000), ("30s", 30_000), ("1h 30m", 5_400_000), ("250ms", 250), ("0s", 0)]
        {
            assert_eq!(parse(text), Ok(Duration::from_millis(milliseconds)), "{text}");
        }
        for text in ["", "5", "m", "-5s", "5 parsecs", "5m ago"] {
            assert!(parse(text).is_err(), "{text}");
        }
        assert_eq!(parse("5").unwrap_err(), "write a number and a unit, such as 30s, 5m or 1h");
    }
}
