//! Every test that goes through the library or the binary; one module per subject.

mod imports; // Import requests and removals, rule by rule.
