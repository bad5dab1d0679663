//! Work of very different sizes, spread over threads.

use std::cmp::Reverse;

use rayon::prelude::*;

/// What `each` makes of the items, in their order. The largest are begun first.
///
/// One source file is a thousand times as long as another. Where the longest comes last, one thread
/// works on it while the others wait (R. L. Graham, "Bounds on Multiprocessing Timing Anomalies",
/// 1969).
pub(super) fn largest_first<T: Send, R: Send>(
    items: impl IntoIterator<Item = T>,
    size: impl Fn(&T) -> usize,
    each: impl Fn(T) -> R + Sync,
) -> Vec<R> {
    let mut items: Vec<(usize, T)> = items.into_iter().enumerate().collect();
    items.sort_by_key(|(_, item)| Reverse(size(item)));
    // Whichever thread is free takes the next; a slice would be split among them beforehand.
    let made = items.into_iter().par_bridge().map(|(place, item)| (place, each(item)));
    let mut made: Vec<(usize, R)> = made.collect();
    made.sort_unstable_by_key(|(place, _)| *place);
    made.into_iter().map(|(_, result)| result).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_stand_in_the_order_of_the_items() {
        let made = largest_first(0..1_000, |number| number % 7, |number| number * 2);
        assert_eq!(made, (0..1_000).map(|number| number * 2).collect::<Vec<_>>());
    }

    #[test]
    fn the_largest_is_begun_first() {
        let begun = std::sync::Mutex::new(Vec::new());
        let one = crate::run::pool(1).unwrap();
        let note = |number| begun.lock().unwrap().push(number);
        one.install(|| largest_first([3, 10, 1, 7], |number| *number, note));
        assert_eq!(begun.into_inner().unwrap(), [10, 7, 3, 1]);
    }
}
