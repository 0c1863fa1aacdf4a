//! The binary `farshore`: see `farshore help`.

use std::process::ExitCode;

use clap::Parser;
use farshore_server::commands::Command;

#[tokio::main]
async fn main() -> ExitCode {
    let command = Command::parse();
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
