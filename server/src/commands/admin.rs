use std::{
    error::Error,
    io::{BufRead, IsTerminal, stdin},
};

use clap::{Args, Subcommand};
use farshore_model::Role;

use crate::{
    login::password,
    serve::{Settings, open_control},
};

/// Shorter ones are guessed too soon; there is no other rule.
const MIN_PASSWORD_CHARS: usize = 12;

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
    #[error("the password could not be read from standard input")]
    Read(#[source] std::io::Error),
    #[error("the password has fewer than {MIN_PASSWORD_CHARS} characters; nobody was made")]
    TooShort,
    #[error("nobody was made: {0}")]
    Refused(farshore_model::Problem),
}

impl Admin {
    pub(super) async fn run(self) -> Result<(), Box<dyn Error + Send + Sync>> {
        let Self::Create(create) = self;
        let control = open_control(&create.settings, None).await?.control;
        if stdin().is_terminal() {
            eprintln!(
                "Password for {} ({MIN_PASSWORD_CHARS} characters or more; it is shown as you type):",
                create.login
            );
        }
        let mut password = String::new();
        stdin().lock().read_line(&mut password).map_err(CreateError::Read)?;
        let password = password.trim_end_matches(['\r', '\n']);
        if password.chars().count() < MIN_PASSWORD_CHARS {
            return Err(CreateError::TooShort.into());
        }
        let hash = password::hash(password)?;
        let name = create.name.unwrap_or_else(|| create.login.clone());
        let actor = control
            .create_person(&create.login, &name, create.role, Some(hash))
            .await
            .map_err(CreateError::Refused)?;
        println!("{} can sign in as {}.", actor.name, actor.role.title().to_lowercase());
        Ok(())
    }
}
