//! Every test that goes through the library or the binary; one module per subject.

mod reports; // Every format, on fixed inputs and on hostile ones.
