//! What a run found, as bytes for a reader: one file per format.
//!
//! Every report is a function of its inputs. Nothing here asks the clock, the terminal or the
//! environment, finds or decides anything, or reads a file. Invariant: text of the project under
//! migration reaches a reader only as text; it can neither command a terminal, nor end an element
//! of a document, nor start a line of its own.

pub mod style; // How a text is to look.
pub mod visible; // Text that may hold anything, made safe to show.
pub mod excerpt; // A source line cut to a width around a site.
pub mod outcome; // What every format of `check` renders.
pub mod suggestion; // A suggested change as a changed line.
pub mod snippet; // A place in a file, as compilers show it.
pub mod markdown; // Text inside Markdown, and Markdown as terminal text or HTML.
pub mod check; // `check`: the formats.
pub mod diff; // `diff`: a patch in colour.
pub mod html; // `diff`: a page for reviewers.
pub mod explain; // `explain`: a reason, or one site.
pub mod status; // `status`: the tiers as they stand.
pub mod gate; // `gate`: the results.

pub use check::json;
pub use outcome::{Finding, Isolation, Outcome, TierInfo};
pub use style::Style;
