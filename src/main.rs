//! The `unitok` program. Exit codes: 0 done, 1 a check said no, 2 an error.

use std::process::ExitCode;

fn main() -> ExitCode {
    unitok::cli::main()
}
