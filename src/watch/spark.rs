//! Figures as a line of bars.

const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
const NONE: char = '·';

/// One bar a figure, from the lowest to the highest of them; a dot where there is none. Figures
/// that are all the same stand at half height.
pub(super) fn sparkline(figures: &[Option<f64>]) -> String {
    let known = || figures.iter().flatten().copied();
    let low = known().fold(f64::INFINITY, f64::min);
    let high = known().fold(f64::NEG_INFINITY, f64::max);
    figures.iter().map(|figure| figure.map_or(NONE, |figure| bar(figure, low, high))).collect()
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a share of 1 times the number of bars"
)]
fn bar(figure: f64, low: f64, high: f64) -> char {
    // Halves, as the difference of two figures may be too large to hold.
    let range = high / 2.0 - low / 2.0;
    if range <= 0.0 {
        return '▄';
    }
    let share = ((figure / 2.0 - low / 2.0) / range).clamp(0.0, 1.0);
    let index = (share * 7.0).round() as usize;
    BARS.get(index).copied().unwrap_or('█')
}

/// A tick for each that held, a cross for each that did not.
pub(super) fn marks(held: &[bool]) -> String {
    held.iter().map(|held| if *held { '✓' } else { '✗' }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_bars_between_the_lowest_and_the_highest() {
        let figures: Vec<_> = (0..8).map(|n| Some(f64::from(n))).collect();
        assert_eq!(sparkline(&figures), "▁▂▃▄▅▆▇█");
        assert_eq!(sparkline(&[Some(-5.0), None, Some(5.0), Some(0.1)]), "▁·█▅");
        assert_eq!(sparkline(&[Some(3.0), Some(3.0)]), "▄▄");
        assert_eq!(sparkline(&[Some(f64::MIN), Some(f64::MAX)]), "▁█");
        assert_eq!(sparkline(&[None]), "·");
        assert_eq!(sparkline(&[]), "");
    }
}
