//! From what was typed to a connection with one workspace.

use std::env;

use super::{Failed, told_apart::Answered};
use farshore_databricks::{
    ClientOptions, Host, WorkspaceClient,
    config_file::{
        ConfigFile, Connection, config_file_path, connection_from_variables, credential_from_variables,
    },
};

/// What was typed for one side.
pub(super) struct EndArgs<'a> {
    /// `source` or `target`.
    pub(super) role: &'static str,
    pub(super) url: &'a Option<String>,
    pub(super) profile: &'a Option<String>,
}

/// Connects, and asks the workspace which one it is.
pub(super) async fn connect(args: &EndArgs<'_>, is_unlimited: bool) -> Result<Answered, Failed> {
    let Connection { host, credential } = connection(args)?;
    let options = if is_unlimited { ClientOptions::unlimited() } else { ClientOptions::default() };
    let client = WorkspaceClient::new(host.clone(), credential, options)?;
    let me = client.me_if_told().await.map_err(|error| {
        let remedy = error.remedy();
        format!(
            "the {} workspace {host} could not be asked who the credential is: {error}. {remedy}",
            args.role
        )
    })?;
    Ok(Answered { client, org_id: me.and_then(|me| me.org_id) })
}

/// A profile that was named; else the variables of this side; else the usual variables or the profile that
/// belong to the address.
fn connection(args: &EndArgs<'_>) -> Result<Connection, Failed> {
    let typed: Option<Host> = args.url.as_ref().map(|url| url.parse()).transpose()?;
    let own =
        |name: &str| variable(&name.replace("DATABRICKS", &format!("FARSHORE_{}", args.role.to_uppercase())));
    if let Some(profile) = args.profile {
        let connection = config_file()?.connection(Some(profile))?;
        return match typed {
            Some(host) if host != connection.host => Err(format!(
                "profile {profile} is for {}, and the {} was given as {host}; a token goes to no other host than its \
                 own",
                connection.host, args.role
            )
            .into()),
            _ => Ok(connection),
        };
    }
    let Some(host) = typed else {
        return connection_from_variables(own)?.ok_or_else(|| {
            format!("which workspace is the {0}? Give --{0} with its address, or --{0}-profile", args.role)
                .into()
        });
    };
    if let Some(credential) = credential_from_variables(own)? {
        return Ok(Connection { host, credential });
    }
    match connection_from_variables(variable) {
        Ok(Some(connection)) if connection.host == host => Ok(connection),
        _ => Ok(config_file()?.connection_to(&host)?),
    }
}

fn config_file() -> Result<ConfigFile, Failed> {
    let path = config_file_path(variable).ok_or("the home folder, and so .databrickscfg, is not known")?;
    let name = path.display().to_string();
    let text = std::fs::read_to_string(&path).map_err(|error| {
        format!("{name} could not be read ({error}); set FARSHORE_SOURCE_TOKEN and FARSHORE_TARGET_TOKEN, or write profiles")
    })?;
    Ok(ConfigFile::parse(name, &text)?)
}

fn variable(name: &str) -> Option<String> {
    env::var(name).ok()
}
