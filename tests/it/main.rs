//! Every test that goes through the library or the binary; one module per subject.

mod gate_config; // Gates as codemod.toml writes them.
mod process; // Commands that hang, flood, fork, or print garbage.
