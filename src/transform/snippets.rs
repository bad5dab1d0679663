//! `[[rewrite]]` from its form to a [`RewriteSpec`].

use std::sync::Arc;

use serde_spanned::Spanned;

use super::read::Reader;
use super::schema::RewriteForm;
use super::{RewriteSpec, Snippet, Within};
use crate::config::Problem;
use crate::config::document::range;
use crate::config::nearest::nearest;
use crate::pattern::{Rewrite, Side};

impl Reader<'_> {
    pub(super) fn rewrite(&mut self, form: RewriteForm) -> Option<RewriteSpec> {
        let within = form.within.as_ref().map(|given| self.within(given));
        let mut is_empty = false;
        let mut snippet = |given: Spanned<String>, key: &str| {
            let place = range(given.span());
            let text = given.into_inner();
            if text.trim().is_empty() {
                is_empty = true;
                self.error(place, format!("`{key}` has no Python in it"));
            }
            Snippet { text, range: place, document: Arc::clone(self.document) }
        };
        let before = snippet(form.before, "before");
        let after = snippet(form.after, "after");
        if is_empty {
            return None;
        }
        let within = match within {
            Some(None) => return None,
            Some(within) => within,
            None => None,
        };
        if before.text.trim() == after.text.trim() {
            self.twice(before.range, after.range, "the rewrite changes nothing".to_owned());
            return None;
        }
        match Rewrite::parse(&before.text, &after.text) {
            Ok(rewrite) => Some(RewriteSpec { before, after, rewrite: Arc::new(rewrite), within }),
            Err(errors) => {
                for error in errors {
                    let snippet = match error.side {
                        Side::Before => &before,
                        Side::After => &after,
                    };
                    let problem = snippet.problem(error.range, error.message);
                    self.problems.push(match error.help {
                        Some(help) => problem.help(help),
                        None => problem,
                    });
                }
                None
            }
        }
    }

    /// Where a rewrite holds; `None` where that cannot be told.
    fn within(&mut self, given: &Spanned<String>) -> Option<Within> {
        let name = given.get_ref();
        if let Some(within) = Within::ALL.iter().find(|within| within.name() == name) {
            return Some(*within);
        }
        let names = Within::ALL.iter().map(|within| within.name());
        let problem = Problem::error(
            self.document,
            range(given.span()),
            format!("`within` is `async function`, not `{name}`"),
        );
        self.problems.push(match nearest(name, names) {
            Some(meant) => problem.label(format!("did you mean `{meant}`?")),
            None => problem,
        });
        None
    }
}
