//! Who we are to a workspace, from what an administrator's machine already has: the variables `DATABRICKS_HOST`
//! and so on, and the profiles of `.databrickscfg`. Reads nothing by itself: text and variables are arguments.

use std::{collections::BTreeMap, fmt, path::PathBuf};

use secrecy::SecretString;

use crate::{Credential, Host, InvalidHost};

/// The profile that counts when none is named.
pub const DEFAULT_PROFILE: &str = "DEFAULT";

/// A workspace and how to sign in to it.
#[derive(Clone, Debug)]
pub struct Connection {
    pub host: Host,
    pub credential: Credential,
}

/// Why there is no [`Connection`]. Never contains a secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    #[error("{file}, line {line}: this is neither a [profile] nor a key = value")]
    Malformed { file: String, line: usize },
    #[error("{file}, line {line}: the profile [{profile}] is there twice")]
    Duplicate { file: String, line: usize, profile: String },
    #[error("{file} has no profile [{profile}]; it has {}", listed(.known))]
    NoProfile { file: String, profile: String, known: Vec<String> },
    #[error("{file} has no profile for {host}")]
    NoProfileForHost { file: String, host: String },
    #[error("{place}: {what} is missing")]
    Missing { place: String, what: &'static str },
    #[error("{place}: {client_id_name} is there, but not {client_secret_name}; both are needed")]
    HalfClientSecret { place: String, client_id_name: &'static str, client_secret_name: &'static str },
    #[error("{place}: the host is no workspace address")]
    Host {
        place: String,
        #[source]
        source: InvalidHost,
    },
}

/// A `.databrickscfg`, parsed. Its `Debug` shows no secret.
#[derive(Clone)]
pub struct ConfigFile {
    /// What it is called in messages.
    name: String,
    profiles: BTreeMap<String, BTreeMap<String, String>>,
}

impl fmt::Debug for ConfigFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let profiles: Vec<_> = self.profiles.keys().collect();
        f.debug_struct("ConfigFile").field("name", &self.name).field("profiles", &profiles).finish()
    }
}

/// Where the configuration file is: what `DATABRICKS_CONFIG_FILE` says, or `.databrickscfg` in the home folder.
/// None when neither is known.
pub fn config_file_path(variable: impl Fn(&str) -> Option<String>) -> Option<PathBuf> {
    let set = |name: &str| variable(name).filter(|value| !value.is_empty());
    let home = || set("HOME").or_else(|| set("USERPROFILE")).map(PathBuf::from);
    match set("DATABRICKS_CONFIG_FILE") {
        Some(path) => match path.strip_prefix("~/") {
            Some(rest) => home().map(|home| home.join(rest)),
            None => Some(path.into()),
        },
        None => home().map(|home| home.join(".databrickscfg")),
    }
}

/// The connection that the variables describe. None when none of them says how to sign in.
///
/// # Errors
/// When they say only a part of it.
pub fn connection_from_variables(
    variable: impl Fn(&str) -> Option<String>,
) -> Result<Option<Connection>, ConfigError> {
    let place = "the environment".to_owned();
    let Some(credential) = credential_from_variables(&variable)? else { return Ok(None) };
    let what = "DATABRICKS_HOST";
    let host = set(&variable, what).ok_or(ConfigError::Missing { place: place.clone(), what })?;
    let host = host.parse().map_err(|source| ConfigError::Host { place, source })?;
    Ok(Some(Connection { host, credential }))
}

/// How the variables say to sign in, whatever the host: `DATABRICKS_TOKEN`, or `DATABRICKS_CLIENT_ID` and
/// `DATABRICKS_CLIENT_SECRET`. A token counts more.
///
/// # Errors
/// When one half of a client secret is missing.
pub fn credential_from_variables(
    variable: impl Fn(&str) -> Option<String>,
) -> Result<Option<Credential>, ConfigError> {
    let names = Names {
        token: "DATABRICKS_TOKEN",
        client_id: "DATABRICKS_CLIENT_ID",
        client_secret: "DATABRICKS_CLIENT_SECRET",
    };
    credential("the environment", &names, |name| set(&variable, name))
}

impl ConfigFile {
    /// Reads the text of a file; `name` is what it is called in messages.
    ///
    /// # Errors
    /// When a line is not what it must be.
    pub fn parse(name: impl Into<String>, text: &str) -> Result<Self, ConfigError> {
        let name = name.into();
        let mut profiles = BTreeMap::new();
        let mut current = DEFAULT_PROFILE.to_owned();
        for (index, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
            let at = index + 1;
            let line = without_comment(line);
            if line.is_empty() {
                continue;
            }
            if let Some(profile) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
                current = profile.trim().to_owned();
                if profiles.insert(current.clone(), BTreeMap::new()).is_some() {
                    return Err(ConfigError::Duplicate { file: name, line: at, profile: current });
                }
            } else if let Some((key, value)) = line.split_once('=') {
                let values = profiles.entry(current.clone()).or_default();
                values.insert(key.trim().to_ascii_lowercase(), value.trim().to_owned());
            } else {
                return Err(ConfigError::Malformed { file: name, line: at });
            }
        }
        Ok(Self { name, profiles })
    }

    /// The connection of a profile, or of [`DEFAULT_PROFILE`].
    ///
    /// # Errors
    /// When there is no such profile, or it lacks the host or a way to sign in.
    pub fn connection(&self, profile: Option<&str>) -> Result<Connection, ConfigError> {
        let profile = profile.unwrap_or(DEFAULT_PROFILE);
        let values = self.profiles.get(profile).ok_or_else(|| ConfigError::NoProfile {
            file: self.name.clone(),
            profile: profile.to_owned(),
            known: self.profiles.keys().cloned().collect(),
        })?;
        let place = format!("{}, profile [{profile}]", self.name);
        let host = values.get("host").filter(|host| !host.is_empty());
        let host = host.ok_or_else(|| ConfigError::Missing { place: place.clone(), what: "host" })?;
        let host = host.parse().map_err(|source| ConfigError::Host { place: place.clone(), source })?;
        let names = Names { token: "token", client_id: "client_id", client_secret: "client_secret" };
        let found =
            credential(&place, &names, |name| values.get(name).filter(|value| !value.is_empty()).cloned())?;
        let what = "a token, or client_id and client_secret,";
        let credential = found.ok_or(ConfigError::Missing { place, what })?;
        Ok(Connection { host, credential })
    }

    /// The connection of the one profile that names this host, or of the first in alphabetical order.
    ///
    /// # Errors
    /// When no profile names it, or it lacks a way to sign in.
    pub fn connection_to(&self, host: &Host) -> Result<Connection, ConfigError> {
        let mut profiles = self.profiles.iter().filter(|(_, values)| {
            values.get("host").and_then(|text| text.parse::<Host>().ok()).as_ref() == Some(host)
        });
        match profiles.next() {
            Some((profile, _)) => self.connection(Some(profile)),
            None => Err(ConfigError::NoProfileForHost { file: self.name.clone(), host: host.to_string() }),
        }
    }
}

/// What the three values are called where they are looked for.
struct Names {
    token: &'static str,
    client_id: &'static str,
    client_secret: &'static str,
}

fn credential(
    place: &str,
    names: &Names,
    value: impl Fn(&str) -> Option<String>,
) -> Result<Option<Credential>, ConfigError> {
    if let Some(token) = value(names.token) {
        return Ok(Some(Credential::Token(token.into())));
    }
    match (value(names.client_id), value(names.client_secret).map(SecretString::from)) {
        (Some(client_id), Some(client_secret)) => {
            Ok(Some(Credential::ClientSecret { client_id, client_secret }))
        }
        (Some(_), None) => Err(ConfigError::HalfClientSecret {
            place: place.to_owned(),
            client_id_name: names.client_id,
            client_secret_name: names.client_secret,
        }),
        (None, Some(_)) => Err(ConfigError::HalfClientSecret {
            place: place.to_owned(),
            client_id_name: names.client_secret,
            client_secret_name: names.client_id,
        }),
        (None, None) => Ok(None),
    }
}

fn set(variable: impl Fn(&str) -> Option<String>, name: &str) -> Option<String> {
    variable(name).filter(|value| !value.trim().is_empty())
}

/// A comment fills a line, or begins after a blank: a secret may contain `#`.
fn without_comment(line: &str) -> &str {
    let line = line.trim();
    if line.starts_with(['#', ';']) {
        return "";
    }
    let end = [" #", "\t#", " ;", "\t;"].iter().filter_map(|mark| line.find(mark)).min();
    end.map_or(line, |end| line[..end].trim_end())
}

fn listed(profiles: &[String]) -> String {
    if profiles.is_empty() {
        return "none".to_owned();
    }
    profiles.iter().map(|profile| format!("[{profile}]")).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests;
