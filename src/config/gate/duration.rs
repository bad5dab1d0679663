//! Durations as people write them: "5m", "30s", "1h 30m".

use std::time::Duration;

use jiff::SignedDuration;

/// The duration that `text` says.
///
/// # Errors
/// Why it says none.
pub fn parse(text: &str) -> Result<Duration, String> {
    let signed: SignedDuration = text.parse().map_err(|error: jiff::Error| error.to_string())?;
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
    }
}
