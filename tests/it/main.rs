//! Every test that goes through the library or the binary; one module per subject.

mod readme; // README.md: what it shows, and where its links lead.
mod tidy; // The layout of the repository.
mod config; // codemod.toml: what is read, and how exactly mistakes are shown.
mod tiers; // Tiers: how they are chosen, and which of them own nothing.
mod transform; // transforms/*.toml: what is read, how mistakes are shown, how `after` is rewritten.
mod gate_config; // Gates as codemod.toml writes them.
mod process; // Commands that hang, flood, fork, or print garbage.
mod probe; // What a probe counts.
mod probe_cache; // What an observation leaves for the next.
mod probe_classes; // Classes that are built in unusual ways.
mod probe_processes; // Processes of every kind, and what else a probe looks at.
mod gate; // Gates that run commands.
mod gate_http; // Gates that ask a URL.
mod watch; // Gates on a schedule.
mod docs; // Blocks between markers in Markdown files.
mod isolation; // Audits: calls on shared objects, and their keys.
mod mocks; // Strings that patch a class in a module.
mod by_text; // Imports that are reached by text.
mod imports; // Import requests and removals, rule by rule.
mod reports; // Every format, on fixed inputs and on hostile ones.
mod hazards; // What is in the way of sharing an object.
mod rewrite; // Rewrites, case by case.
mod symtable; // Scopes and names, as CPython has them.
mod re_exports; // Names that come by many modules.
mod import_time; // What a module runs while it is imported.
mod semantic; // Scopes, bindings and the flow of control between them.
mod memory; // Small projects in memory.
mod sandbox; // Small projects, with and without git, and transactions in them.
mod steps; // Files and git with every step counted, and one going wrong.
mod disk; // A disk in memory that can lose power.

mod bundled; // The transforms in transforms/.
mod golden; // Whole projects: the bundled example, and those of tests/projects.

mod proof; // The proof of a result, and the wrong edits that it refuses.
mod patch; // Patches that git takes, and texts merged line by line.
mod git; // Manners towards git.
mod transaction; // One transaction: what it writes, refuses and says.
mod rollback; // Taking a tier back, in every kind of history.
mod model; // Random histories, compared with a plain model.
mod faults; // Something goes wrong at every step.
mod cli; // The binary itself, command by command.
