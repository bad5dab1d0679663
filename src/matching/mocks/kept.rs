//! Texts that a file keeps for calls which patch what they are given.

use super::{Finder, Form};
use crate::strings::{Piece, Text};
use crate::syntax::ast::AnyNodeRef;
use crate::syntax::tree::Tree;

impl Finder<'_> {
    /// The texts of the file that a call may be given which patches by them.
    ///
    /// Ex) `@pytest.mark.parametrize("target", ["app.service.C"])`, and `"app.service"` for
    /// `patch(f"{module}.C")`
    pub(super) fn add_kept(&mut self) {
        let tree = Tree::new(&self.place.analysis.module);
        let mut given = std::mem::take(&mut self.given);
        given.push((String::new(), String::new()));
        given.sort();
        given.dedup();
        for (_, node) in tree.nodes() {
            let AnyNodeRef::ExprStringLiteral(literal) = node else { continue };
            if self.found.iter().any(|mock| mock.range == literal.range) {
                continue;
            }
            for (before, after) in &given {
                let text = format!("{before}{}{after}", literal.value.to_str());
                self.dotted_text(literal.range, literal.range, Form::Kept, &text);
            }
        }
        self.found.sort_by_key(|mock| (mock.range.start(), mock.range.end()));
    }
}

/// What a text has before and after the one part that is not known; nothing where there are more.
/// Of a text that is one of several, all before the last name may be given.
pub(super) fn around_hole(text: &Text) -> (String, String) {
    if let Some((_, name)) = text.as_fixed().and_then(|text| text.rsplit_once('.')) {
        return (String::new(), format!(".{name}"));
    }
    let fixed = |piece: &Piece| match piece {
        Piece::Fixed(text) => Some(text.clone()),
        Piece::Hole(_) => None,
    };
    let hole = text.pieces.iter().position(|piece| matches!(piece, Piece::Hole(_)));
    let (before, after) = text.pieces.split_at(hole.unwrap_or_default());
    let after = after.get(1..).unwrap_or_default();
    let around = |pieces: &[Piece]| pieces.iter().map(fixed).collect::<Option<String>>();
    around(before).zip(around(after)).unwrap_or_default()
}
