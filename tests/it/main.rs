//! Every test that goes through the library or the binary; one module per subject.

mod gate_config; // Gates as codemod.toml writes them.
mod process; // Commands that hang, flood, fork, or print garbage.
mod probe; // What a probe counts.
mod probe_classes; // Classes that are built in unusual ways.
mod probe_processes; // Processes of every kind, and what else a probe looks at.
mod gate; // Gates that run commands.
mod gate_http; // Gates that ask a URL.
mod watch; // Gates on a schedule.
mod docs; // Blocks between markers in Markdown files.
