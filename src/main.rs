//! The `tiermod` command.

fn main() {}
