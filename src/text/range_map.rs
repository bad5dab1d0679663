//! Values by the ranges where they are written.

use super::TextRange;

/// Values by range, to look up; more than one may have the same.
///
/// A walk over a source meets what is written in the order of the text, but for the bodies that it
/// puts off: in a few sorted runs. Each is searched, so that nothing needs to be sorted.
#[derive(Debug, Clone)]
pub struct RangeMap<T> {
    entries: Vec<(u64, T)>,
    /// Where the runs begin, and where the last one ends.
    bounds: Vec<usize>,
}

/// With more runs than this, everything is sorted after all.
const MOST_RUNS: usize = 64;

/// Ranges in order: by where they start, then by where they end.
fn key(range: TextRange) -> u64 {
    u64::from(range.start().to_u32()) << 32 | u64::from(range.end().to_u32())
}

impl<T> FromIterator<(TextRange, T)> for RangeMap<T> {
    fn from_iter<I: IntoIterator<Item = (TextRange, T)>>(values: I) -> Self {
        let values = values.into_iter();
        let mut entries: Vec<(u64, T)> = values.map(|(range, value)| (key(range), value)).collect();
        let mut bounds = bounds(&entries);
        if bounds.len() > MOST_RUNS {
            entries.sort_by_key(|(key, _)| *key);
            bounds = vec![0, entries.len()];
        }
        Self { entries, bounds }
    }
}

fn bounds<T>(entries: &[(u64, T)]) -> Vec<usize> {
    let mut bounds = vec![0];
    let mut end = 0;
    for run in entries.chunk_by(|before, after| before.0 <= after.0) {
        end += run.len();
        bounds.push(end);
    }
    bounds
}

impl<T> RangeMap<T> {
    /// The first value that was put under `range`.
    pub fn first(&self, range: TextRange) -> Option<&T> {
        let key = key(range);
        let found = self.runs().find_map(|run| {
            let at = run.partition_point(|(other, _)| *other < key);
            run.get(at).filter(|(other, _)| *other == key)
        });
        found.map(|(_, value)| value)
    }

    /// The last value that was put under `range`.
    pub fn last(&self, range: TextRange) -> Option<&T> {
        let key = key(range);
        let found = self.runs().rev().find_map(|run| {
            let after = run.partition_point(|(other, _)| *other <= key);
            run.get(after.checked_sub(1)?).filter(|(other, _)| *other == key)
        });
        found.map(|(_, value)| value)
    }

    fn runs(&self) -> impl DoubleEndedIterator<Item = &[(u64, T)]> {
        let bounds = self.bounds.windows(2);
        bounds.filter_map(|bounds| self.entries.get(*bounds.first()?..*bounds.last()?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(start: u32, end: u32) -> TextRange {
        TextRange::new(start.into(), end.into())
    }

    #[test]
    fn values_are_found_by_exactly_their_range() {
        let values =
            [(range(4, 6), 'b'), (range(0, 9), 'a'), (range(4, 6), 'c'), (range(4, 5), 'd')];
        let map: RangeMap<char> = values.into_iter().collect();
        assert_eq!((map.first(range(4, 6)), map.last(range(4, 6))), (Some(&'b'), Some(&'c')));
        assert_eq!((map.first(range(0, 9)), map.last(range(0, 9))), (Some(&'a'), Some(&'a')));
        assert_eq!((map.first(range(4, 5)), map.last(range(4, 5))), (Some(&'d'), Some(&'d')));
        for missing in [range(0, 0), range(0, 8), range(4, 7), range(5, 6), range(9, 9)] {
            assert_eq!((map.first(missing), map.last(missing)), (None, None));
        }
        // A run more than is searched one by one.
        let many =
            (0..200_u32).rev().flat_map(|at| [(range(at, 900), at), (range(at, 900), at + 1)]);
        let many: RangeMap<u32> = many.collect();
        for at in 0..200 {
            assert_eq!(many.first(range(at, 900)), Some(&at));
            assert_eq!(many.last(range(at, 900)), Some(&(at + 1)));
        }
        let none: RangeMap<char> = std::iter::empty().collect();
        assert_eq!((none.first(range(0, 0)), none.last(range(0, 0))), (None, None));
    }
}
