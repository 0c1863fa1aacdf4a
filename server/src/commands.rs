//! What can be typed behind `farshore`.

mod admin;
mod new_password;
mod openapi;
mod serve;
mod simulate;
mod sync;

use std::{error::Error, process::ExitCode};

use clap::{Parser, Subcommand};

/// Disaster recovery control panel for Databricks.
#[derive(Debug, Parser)]
#[command(name = "farshore", version, about)]
pub struct Command {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Serve the panel.
    Serve(serve::Serve),
    /// Serve one simulated Databricks workspace, for demos and tests.
    Simulate(simulate::Simulate),
    /// Manage the people who may sign in with a password.
    #[command(subcommand)]
    Admin(admin::Admin),
    /// Copy one workspace to another without the panel.
    #[command(subcommand, after_help = sync::ENDS_WITH)]
    Sync(sync::Sync),
    /// Print the OpenAPI document of the API.
    Openapi,
}

impl Command {
    /// Runs until it is done or, for the two that serve, until it is told to stop. Answers how the process is to
    /// end.
    ///
    /// # Errors
    /// With a sentence for the person at the terminal, and its causes behind it.
    pub async fn run(self) -> Result<ExitCode, Box<dyn Error + Send + Sync>> {
        // Both HTTP and PostgreSQL use rustls: one provider for both. Installing it twice is not an error here.
        let _ = rustls::crypto::ring::default_provider().install_default();
        match self.verb {
            Verb::Serve(serve) => serve.run().await?,
            Verb::Simulate(simulate) => simulate.run().await?,
            Verb::Admin(admin) => admin.run().await?,
            Verb::Sync(sync) => return sync.run().await,
            Verb::Openapi => openapi::run()?,
        }
        Ok(ExitCode::SUCCESS)
    }
}
