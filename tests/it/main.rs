//! Every test that goes through the library or the binary; one module per subject.

mod sandbox; // Small projects, with and without git, and transactions in them.
mod steps; // Files and git with every step counted, and one going wrong.
mod disk; // A disk in memory that can lose power.

mod patch; // Patches that git takes, and texts merged line by line.
mod git; // Manners towards git.
mod transaction; // One transaction: what it writes, refuses and says.
mod rollback; // Taking a tier back, in every kind of history.
mod model; // Random histories, compared with a plain model.
mod faults; // Something goes wrong at every step.
