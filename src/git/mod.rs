//! The user's own git, as a process: hooks, signing and configuration hold.
