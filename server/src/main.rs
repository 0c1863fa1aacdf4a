//! The binary `farshore`: see `farshore help`.

use std::process::ExitCode;

use clap::Parser;
use farshore_server::commands::Command;

#[tokio::main]
async fn main() -> ExitCode {
    let command = match Command::try_parse() {
        Ok(command) => command,
        Err(shown) => {
            // Nobody is left to tell when this cannot be printed either.
            let _ = shown.print();
            // Not 2, which clap would end with and which says of a sync that something changed.
            return if shown.use_stderr() { ExitCode::FAILURE } else { ExitCode::SUCCESS };
        }
    };
    match command.run().await {
        Ok(code) => code,
        Err(error) => {
            eprintln!("farshore: {error}");
            let mut cause = error.source();
            while let Some(error) = cause {
                eprintln!("  because {error}");
                cause = error.source();
            }
            ExitCode::FAILURE
        }
    }
}
