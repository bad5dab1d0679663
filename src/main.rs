//! The `tiermod` command.

use std::process::ExitCode;

fn main() -> ExitCode {
    tiermod::cli::main()
}
