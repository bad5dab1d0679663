//! The `tiermod` command.

use std::process::ExitCode;

use mimalloc::MiMalloc;

/// Trees of small nodes are made and dropped by the thousand, on several threads.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    tiermod::cli::main()
}
