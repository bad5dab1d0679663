//! The figure in an output: the first group of the last match, found in bounded memory.

use regex::bytes::Regex;

/// How much is searched at a time.
const WINDOW: usize = 1024 * 1024;
/// The longest match that is surely found where the output is longer than a window.
const OVERLAP: usize = 64 * 1024;

/// Looks for the last match in an output of any length.
#[derive(Debug)]
pub(super) struct LastMatch<'a> {
    regex: &'a Regex,
    buffer: Vec<u8>,
    group: Option<Vec<u8>>,
}

/// Why an output gives no figure.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum FigureError {
    #[error("nothing in the output matches `metric`")]
    NoMatch,
    #[error("`{0}` is no number")]
    NoNumber(String),
}

impl<'a> LastMatch<'a> {
    pub(super) fn new(regex: &'a Regex) -> Self {
        Self { regex, buffer: Vec::new(), group: None }
    }

    /// Takes more output.
    pub(super) fn push(&mut self, output: &[u8]) {
        for piece in output.chunks(OVERLAP) {
            self.buffer.extend_from_slice(piece);
            if self.buffer.len() >= WINDOW {
                self.search();
                let overlap = self.buffer.len() - OVERLAP;
                // Cut at a line, so that `^` keeps its meaning.
                let line = self
                    .buffer
                    .iter()
                    .skip(overlap)
                    .position(|byte| *byte == b'\n')
                    .map_or(overlap, |end| overlap + end + 1);
                self.buffer.drain(..line);
            }
        }
    }

    /// The figure, once there is no more output.
    pub(super) fn figure(mut self) -> Result<f64, FigureError> {
        self.search();
        number(&self.group.ok_or(FigureError::NoMatch)?)
    }

    fn search(&mut self) {
        // Matches are found first and their groups only for the last: finding groups is slower.
        let Some(last) = self.regex.find_iter(&self.buffer).last() else { return };
        let group = self
            .regex
            .captures_at(&self.buffer, last.start())
            .and_then(|groups| groups.get(1).map(|group| group.as_bytes().to_vec()));
        if group.is_some() {
            self.group = group;
        }
    }
}

/// The number that is written in `text`.
pub(super) fn number(text: &[u8]) -> Result<f64, FigureError> {
    let text = String::from_utf8_lossy(text);
    text.trim()
        .parse()
        .ok()
        .filter(|number: &f64| number.is_finite())
        .ok_or_else(|| FigureError::NoNumber(text.chars().take(80).collect()))
}

/// The middle one of `figures`, or the mean of the middle two; `None` for none.
pub(super) fn median(figures: &[f64]) -> Option<f64> {
    let mut sorted = figures.to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    let upper = *sorted.get(middle)?;
    if sorted.len() % 2 == 1 {
        return Some(upper);
    }
    let lower = *sorted.get(middle.checked_sub(1)?)?;
    Some(f64::midpoint(lower, upper))
}

#[cfg(test)]
mod tests {
    use super::*;
    use regex::bytes::RegexBuilder;

    fn figure(pattern: &str, pieces: &[&[u8]]) -> Result<f64, FigureError> {
        let regex = RegexBuilder::new(pattern).multi_line(true).crlf(true).build().unwrap();
        let mut last = LastMatch::new(&regex);
        for piece in pieces {
            last.push(piece);
        }
        assert!(last.buffer.len() < WINDOW + OVERLAP);
        last.figure()
    }

    #[test]
    fn the_last_match_counts() {
        assert_eq!(figure(r"n=(\d+)", &[b"n=1\nn=2\nn=3 x"]), Ok(3.0));
        assert_eq!(figure(r"^n=(\S+)$", &[b"n=-1.5e3\r\nm=2\r\n"]), Ok(-1500.0));
        assert_eq!(figure(r"n=(\d+)", &[b"n=1", b"23\n"]), Ok(123.0));
        assert_eq!(figure(r"(\d+)\s+errors", &[b"\xff\xfe 7\nerrors"]), Ok(7.0));
    }

    #[test]
    fn what_is_no_number_is_said() {
        assert_eq!(figure("n=(.*)", &[b"n=many"]), Err(FigureError::NoNumber("many".to_owned())));
        assert_eq!(figure("n=(.*)", &[b"n=inf"]), Err(FigureError::NoNumber("inf".to_owned())));
        assert_eq!(figure("n=(.*)", &[b"m=1"]), Err(FigureError::NoMatch));
        assert_eq!(figure("n=(.*)", &[]), Err(FigureError::NoMatch));
        assert_eq!(figure("n=1|m=(.)", &[b"n=1"]), Err(FigureError::NoMatch));
    }

    #[test]
    fn a_match_is_found_wherever_the_windows_end() {
        // One line fewer than a window, so that the figure lies across its end at some offset.
        for shift in 0..20 {
            let mut output = vec![b'.'; WINDOW - 10 - shift];
            output.extend_from_slice(b"\nconnections=1234\n");
            output.extend(std::iter::repeat_n(b".\n".as_slice(), WINDOW).flatten());
            let pieces: Vec<&[u8]> = output.chunks(10_007).collect();
            assert_eq!(figure(r"^connections=(\d+)$", &pieces), Ok(1234.0), "{shift}");
        }
    }

    #[test]
    fn a_flood_without_line_ends_does_not_stay_in_memory() {
        let flood = vec![b'x'; 3 * WINDOW];
        assert_eq!(figure(r"n=(\d+)", &[b"n=5 ", &flood]), Ok(5.0));
    }

    #[test]
    fn the_median_is_in_the_middle() {
        assert_eq!(median(&[3.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median(&[4.0, 1.0, 2.0, 3.0]), Some(2.5));
        assert_eq!(median(&[7.0]), Some(7.0));
        assert_eq!(median(&[]), None);
    }
}
