//! Where an import goes: requests of one file to edits.
