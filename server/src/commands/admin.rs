use std::error::Error;

use clap::{Args, Subcommand};
use farshore_control::ControlOptions;
use farshore_model::Role;

use super::new_password;
use crate::{
    login::password,
    serve::{Settings, open_control},
};

#[derive(Debug, Subcommand)]
pub(super) enum Admin {
    /// Make a local administrator. The password is asked for, or read from standard input.
    Create(Create),
}

#[derive(Debug, Args)]
pub(super) struct Create {
    /// What is typed at sign-in.
    login: String,
    /// The name that screens and the audit list show; the login unless given.
    #[arg(long)]
    name: Option<String>,
    /// One of admin, operator, approver, department_owner, viewer.
    #[arg(long, default_value = "admin")]
    role: Role,
    #[command(flatten)]
    settings: Settings,
}

#[derive(Debug, thiserror::Error)]
enum CreateError {
    #[error("nobody was made: {0}")]
    Refused(farshore_model::Problem),
}

impl Admin {
    pub(super) async fn run(self) -> Result<(), Box<dyn Error + Send + Sync>> {
        let Self::Create(create) = self;
        let control = open_control(&create.settings, ControlOptions::default(), None).await?.control;
        let password = new_password::ask(&create.login)?;
        let hash = password::hash(&password)?;
        let name = create.name.unwrap_or_else(|| create.login.clone());
        let actor = control
            .create_person(&create.login, &name, create.role, Some(hash))
            .await
            .map_err(CreateError::Refused)?;
        println!("{} can sign in as {}.", actor.name, actor.role.title().to_lowercase());
        Ok(())
    }
}
