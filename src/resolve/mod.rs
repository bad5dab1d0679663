//! What a name leads to, through imports, re-exports and simple aliases, across files.
//!
//! Answers come with the steps by which they were found, so that they can be explained. Nothing
//! here guesses: where more than one thing may be meant, all of them are returned.

pub mod origin;
pub mod trail;
pub mod resolver;
pub mod route;
mod stars;
mod told;
pub mod modules;
pub mod import_time;
pub mod imports_graph;
pub mod members;

pub use origin::{Origin, Resolution, Step, SymbolId};
pub use resolver::Resolver;
pub use route::OldRoute;
pub use trail::Hop;
