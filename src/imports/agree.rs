//! Whether a file's imports are as they would be sorted, were a module's section what somebody says.

use super::block;
use super::existing::Suite;
use super::gap;
use super::slot::{Entry, is_sorted};
use super::state::State;

impl State<'_> {
    /// Whether the module's own imports are in their sections, these apart by blank lines, and each
    /// in the configured order.
    pub(super) fn agrees(&self) -> bool {
        let ctx = &self.ctx;
        let rank = |entry: &Entry| ctx.sections.rank(&entry.side.section);
        let is_apart_as_wanted = |above: &Entry, below: &Entry| {
            let wanted = gap::between(ctx.style, &ctx.sections, &above.side, &below.side, true);
            (wanted > 0) == below.begins_paragraph || below.side.has_comment
        };
        let runs = block::runs(ctx, &self.draft, Suite::of_module(ctx.module));
        runs.iter().all(|run| {
            let entries = self.old_entries(run);
            let mut sections = entries.chunk_by(|above, below| rank(above) == rank(below));
            entries.is_sorted_by_key(rank)
                && entries.windows(2).all(|two| match two {
                    [above, below] => is_apart_as_wanted(above, below),
                    _ => true,
                })
                && sections.all(|one| ctx.orders.first().is_none_or(|order| is_sorted(order, one)))
        })
    }
}
