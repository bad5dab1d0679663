//! Texts that are put together by `%` and by methods of strings.

use super::Text;
use super::compose::{Place, Trail};
use crate::syntax::ast;

/// `"…" % values`
pub(super) fn percent(
    _place: &Place<'_>,
    _operation: &ast::ExprBinOp,
    _trail: &Trail<'_>,
) -> Option<Vec<Text>> {
    None
}

/// `"…".format(…)`, `"…".join(…)`, `str(…)`
pub(super) fn call(
    _place: &Place<'_>,
    _call: &ast::ExprCall,
    _trail: &Trail<'_>,
) -> Option<Vec<Text>> {
    None
}
