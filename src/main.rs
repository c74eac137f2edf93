//! Parse, run the command, print its output, exit.

use std::ffi::OsString;
use std::io::{self, Write};
use std::process::ExitCode;

use zonelapse::{Cli, Output, run, usage_mistake};

/// Buffers and row groups are large and short-lived; the system's allocator would return each of them to the kernel.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let line: Vec<OsString> = std::env::args_os().collect();
    let json = Cli::wants_json(&line);
    let mut output = match Cli::read(line) {
        Ok((cli, options)) => run(cli, &options, json, write_messages),
        Err(help) if !help.use_stderr() => {
            let _ = help.print();
            return ExitCode::SUCCESS;
        }
        Err(mistake) => usage_mistake(mistake, json),
    };
    let printed = output.print(&mut io::stdout());
    write_messages(&output);
    let Err(error) = printed else { return ExitCode::from(output.status as u8) };
    let output = output.unprinted(error);
    write_messages(&output);
    ExitCode::from(output.status as u8)
}

/// Writes the messages of an output to standard error. If that is closed, there is nobody to tell.
fn write_messages(output: &Output) {
    let _ = io::stderr().write_all(output.printable_messages().as_bytes());
}
