//! Every test that goes through the library or the binary; one module per subject.
