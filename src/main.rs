//! The `tiermod` command.

use std::process::ExitCode;

use mimalloc::MiMalloc;

/// Trees of small nodes are made and dropped by the thousand, on several threads. It asks for no
/// huge pages (`no_thp`): those are zeroed whole, and a short run uses little of each.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    tiermod::cli::main()
}
