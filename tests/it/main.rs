//! Every test that goes through the library or the binary; one module per subject.

mod config; // codemod.toml: what is read, and how exactly mistakes are shown.
mod tiers; // Tiers: how they are chosen, and which of them own nothing.
mod transform; // transforms/*.toml: what is read, how mistakes are shown, how `after` is rewritten.
