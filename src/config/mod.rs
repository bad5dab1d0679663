//! `codemod.toml`: which files belong to which tier, and what a tier must pass.

pub mod gate;
pub mod python_style;
