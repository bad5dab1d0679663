//! Mock targets: strings that name a class in a module, for something that replaces it there.
//!
//! What fires, what must not, and what a retarget makes of a test.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod support;

mod fires; // Every form of a string that the plan makes idle.
mod misses; // What looks like one and is none.
mod retargets; // What becomes of a test where a retarget is asked for.
