//! Moves a Python code base, tier by tier, from building an object at every place to using the
//! shared one.
//!
//! Modules are listed bottom up: each may use only the ones above it.

pub mod text; // Positions, encodings and edits. Knows no Python.
pub mod memo; // Answers that are worked out once.
pub mod fs; // Paths and files; whoever changes a file does it through this.
pub mod site; // Sites, verdicts and reasons: what every stage speaks of.
pub mod config; // codemod.toml, and the styles of imports that projects configure.
pub mod syntax; // The Python front end.
pub mod pattern; // Snippets: what a rewrite looks for and what it puts there.
pub mod transform; // transforms/*.toml.
pub mod semantic; // Scopes, bindings and references of one file.
pub mod project; // The files, the modules that they are, and what was parsed.
pub mod resolve; // What a name leads to, across files.
pub mod strings; // The text that an expression makes, as far as the source says it.
pub mod matching; // The sites of a file, and what is known of each.
pub mod isolation; // Audits of the keys with which shared objects are called.
pub mod imports; // Import requests to edits.
pub mod spelling; // How a symbol is written at a site.
pub mod rewrite; // One file: sites to decisions, decisions to edits.
pub mod plan; // All sites and edits of a run, and the proof of each result.
pub mod patch; // Changes as git patches.
pub mod git; // The user's own git.
pub mod process; // Commands in sessions of their own, with a limit.
pub mod probe; // Instances, memory and connections of a running Python command.
pub mod gate; // Commands and figures that a tier must pass.
pub mod watch; // Gates on a schedule.
pub mod transaction; // Changes to the disk, all or none.
pub mod run; // The pipeline.
pub mod docs; // Blocks between markers in Markdown files.
pub mod ratchet; // Counts of sites that may fall and never rise.
pub mod example; // The examples of a transform, run.
pub mod init; // A migration to start from: shared objects that are built anew elsewhere.
pub mod report; // Outcomes to bytes for a reader.
pub mod cli; // Arguments to calls to an exit status.
