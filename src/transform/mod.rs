//! `transforms/*.toml`: what to find, what to put there, and the examples that prove it.
