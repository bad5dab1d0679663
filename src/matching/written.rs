//! The expressions of a site that a string is, as they are written.

use crate::project::Analysis;
use crate::syntax::ast::{self, ExprCall, ExprRef};
use crate::text::{Ranged, TextRange, slice};

/// The literal of a site, where it is one piece of text without escapes: the characters between
/// its quotes.
pub fn plain_content(analysis: &Analysis, range: TextRange) -> Option<TextRange> {
    let path = analysis.module.path_to(range);
    let literal = path.iter().filter(|node| node.range() == range).find_map(|node| {
        match node.as_expr_ref()? {
            ExprRef::StringLiteral(literal) => Some(literal),
            _ => None,
        }
    })?;
    let [part] = literal.value.as_slice() else { return None };
    let content = ast_content(part);
    (slice(&analysis.source.text, content) == &*part.value).then_some(content)
}

fn ast_content(part: &ast::StringLiteral) -> TextRange {
    use crate::syntax::ast::StringFlags;
    let start = part.range.start() + part.flags.opener_len();
    TextRange::new(start, part.range.end() - part.flags.closer_len())
}

/// The call of this range.
pub fn call_at(analysis: &Analysis, range: TextRange) -> Option<&ExprCall> {
    let path = analysis.module.path_to(range);
    path.iter().filter(|node| node.range() == range).find_map(|node| match node.as_expr_ref()? {
        ExprRef::Call(call) => Some(call),
        _ => None,
    })
}
