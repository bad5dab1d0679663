//! `diff`: one page for reviewers, in one file that loads nothing.
//!
//! Shows what changes, hunk by hunk, and every site that does not change with its reason; the pages
//! of the reasons are part of it. Works without scripts; with them it can be filtered, walked
//! through by keyboard and ticked off. Everything that comes from the project is escaped by the
//! template, and a content policy in the page keeps whatever should slip through from loading or
//! sending anything.

mod hunks;
mod view;

use minijinja::{Environment, UndefinedBehavior, Value, context};

use super::outcome::Outcome;
use crate::plan::FilePlan;
use view::View;

/// What the page says of a transform.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TransformInfo<'a> {
    /// Its name.
    pub name: &'a str,
    /// One line.
    pub summary: &'a str,
    /// Markdown: why, and what reviewers should look for; may be empty.
    pub docs: &'a str,
}

/// The page cannot be made.
#[derive(Debug, thiserror::Error)]
#[error("the page for reviewers cannot be made: {0}")]
pub struct HtmlError(#[from] minijinja::Error);

const TEMPLATE: &str = include_str!("../templates/review.html");
const CSS: &str = include_str!("../templates/review.css");
const JS: &str = include_str!("../templates/review.js");

/// Renders the page for the files that change and the sites of `outcome`.
///
/// # Errors
/// The template is at fault, whatever the input.
pub fn render(
    outcome: &Outcome<'_>,
    files: &[&FilePlan],
    transforms: &[TransformInfo<'_>],
) -> Result<String, HtmlError> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_trim_blocks(true);
    environment.set_lstrip_blocks(true);
    environment.set_keep_trailing_newline(true);
    environment.add_filter("prose", prose);
    // The name's ending turns escaping on.
    environment.add_template("review.html", TEMPLATE)?;
    let page = environment.get_template("review.html")?.render(context! {
        css => Value::from_safe_string(CSS.to_owned()),
        js => Value::from_safe_string(JS.to_owned()),
        ..Value::from_serialize(View::new(outcome, files, transforms))
    })?;
    Ok(page)
}

/// A message that quotes code between backticks, as HTML.
fn prose(message: &str) -> Value {
    let parts: Vec<String> = message.split('`').map(escaped).collect();
    // An odd backtick means that the quoted code holds some itself.
    if parts.len().is_multiple_of(2) {
        return Value::from_safe_string(escaped(message));
    }
    let mut html = String::new();
    for (at, part) in parts.iter().enumerate() {
        if at.is_multiple_of(2) {
            html.push_str(part);
        } else {
            html.extend(["<code>", part, "</code>"]);
        }
    }
    Value::from_safe_string(html)
}

fn escaped(text: &str) -> String {
    quick_xml::escape::escape(text).into_owned()
}
