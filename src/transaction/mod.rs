//! One tier being applied or taken back: all of it happens, or none.
