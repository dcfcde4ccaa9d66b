//! `cloison-appliance`: see the library beside it.

use std::process::ExitCode;

fn main() -> ExitCode {
    cloison_device::main()
}
