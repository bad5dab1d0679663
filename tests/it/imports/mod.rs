//! Import requests and removals, with texts before and after.

#![expect(
    clippy::unwrap_used,
    clippy::string_slice,
    reason = "a case that is written wrongly fails as a test"
)]

mod support; // Cases: a text, what is asked of it, and the text that must come out.
mod merge; // Rules 8 to 11: into an existing statement.
mod place; // Rules 7 and 12 to 16: which imports to join, and where among them.
mod top; // Rules 17 to 20: where there are none to join, blank lines, line endings.
mod remove; // Rule 25: what leaves and what stays.
mod style; // Where the style of a project comes from.
mod properties; // What holds of every plan.
