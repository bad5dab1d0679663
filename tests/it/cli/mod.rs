//! The binary itself, in small projects: what it does, says, and how it exits.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod support;

mod init; // A migration to start from.
mod apply; // Tiers applied: which, and what is left alone.
mod dirty; // Files with uncommitted changes.
mod rollback; // Tiers taken back, whatever became of their commits.
mod status; // Where the tiers stand.
mod gate; // Gates without a change.
mod watch; // Gates on a schedule.
mod probe; // Instances, counted.
mod docs; // Blocks between markers.
mod reading; // Commands that print and change nothing.
mod outputs; // Where what is saved goes.
mod manners; // Users whose git is set up in their own ways.
mod transforms; // Transforms by name, and those that come with the binary.
mod terminal; // On a terminal.
mod usage; // Errors of use.
mod together; // Two runs at once, and runs that are killed.
