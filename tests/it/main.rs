//! Every test that goes through the library or the binary; one module per subject.

mod sandbox; // Small projects, with and without git, and transactions in them.

mod patch; // Patches that git takes, and texts merged line by line.
mod transaction; // One transaction: what it writes, refuses and says.
