//! Every test that goes through the library or the binary; one module per subject.

mod patch; // Patches that git takes, and texts merged line by line.
