use std::error::Error;

use secrecy::ExposeSecret;

use super::*;

const FILE: &str = "
; the one that counts when none is named
[DEFAULT]
host  = https://default.cloud.databricks.com/
token = dapi#0123 # what people write behind it

[west]
Host=adb-1.7.azuredatabricks.net
client_id = app
client_secret = dose=with=equals

# half of something
[half]
host = https://half.example.com
client_id = app
[bare]
host = https://bare.example.com
[homeless]
token = dapi9
[wrong]
host = http://far.away.example.com
token = dapi9
";

fn file() -> ConfigFile {
    ConfigFile::parse("~/.databrickscfg", FILE).unwrap()
}

fn token(connection: &Connection) -> &str {
    match &connection.credential {
        Credential::Token(token) => token.expose_secret(),
        other @ Credential::ClientSecret { .. } => panic!("{other:?}"),
    }
}

fn message(profile: &str) -> String {
    file().connection(Some(profile)).unwrap_err().to_string()
}

#[test]
fn a_profile_says_where_and_how() {
    let default = file().connection(None).unwrap();
    assert_eq!(default.host.to_string(), "https://default.cloud.databricks.com");
    assert_eq!(token(&default), "dapi#0123");
    let west = file().connection(Some("west")).unwrap();
    assert_eq!(west.host.to_string(), "https://adb-1.7.azuredatabricks.net");
    let Credential::ClientSecret { client_id, client_secret } = west.credential else { panic!("no secret") };
    assert_eq!((client_id.as_str(), client_secret.expose_secret()), ("app", "dose=with=equals"));
}

#[test]
fn a_profile_is_found_by_its_host() {
    let host: Host = "https://default.cloud.databricks.com/?o=1".parse().unwrap();
    assert_eq!(token(&file().connection_to(&host).unwrap()), "dapi#0123");
    let unknown: Host = "https://unknown.example.com".parse().unwrap();
    let error = file().connection_to(&unknown).unwrap_err();
    assert_eq!(error.to_string(), "~/.databrickscfg has no profile for https://unknown.example.com");
}

#[test]
fn every_error_names_the_file_and_the_profile() {
    assert_eq!(
        message("east"),
        "~/.databrickscfg has no profile [east]; it has [DEFAULT], [bare], [half], [homeless], [west], [wrong]"
    );
    assert_eq!(
        message("half"),
        "~/.databrickscfg, profile [half]: client_id is there, but not client_secret; both are needed"
    );
    assert_eq!(
        message("bare"),
        "~/.databrickscfg, profile [bare]: a token, or client_id and client_secret, is missing"
    );
    assert_eq!(message("homeless"), "~/.databrickscfg, profile [homeless]: host is missing");
    assert_eq!(message("wrong"), "~/.databrickscfg, profile [wrong]: the host is no workspace address");
    let error = file().connection(Some("wrong")).unwrap_err();
    assert!(error.source().unwrap().to_string().contains("plain http"));
    assert_eq!(
        ConfigFile::parse("f", "").unwrap().connection(None).unwrap_err().to_string(),
        "f has no profile [DEFAULT]; it has none"
    );
}

#[test]
fn a_broken_file_is_told_by_line_and_without_what_it_says() {
    let error = ConfigFile::parse("f", "[a]\nhost = x\ndapi0123456789\n").unwrap_err();
    assert_eq!(error.to_string(), "f, line 3: this is neither a [profile] nor a key = value");
    let error = ConfigFile::parse("f", "[a]\n[b]\n[a]\n").unwrap_err();
    assert_eq!(error.to_string(), "f, line 3: the profile [a] is there twice");
}

#[test]
fn no_secret_is_printed() {
    let file = file();
    let printed =
        format!("{file:?} {:?} {:?}", file.connection(None).unwrap(), file.connection(Some("west")).unwrap());
    assert!(printed.contains("west") && !printed.contains("dapi") && !printed.contains("dose"), "{printed}");
}

fn variables(pairs: &'static [(&'static str, &'static str)]) -> impl Fn(&str) -> Option<String> {
    move |name| pairs.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
}

#[test]
fn variables_say_where_and_how() {
    let all = variables(&[("DATABRICKS_HOST", "https://a.example.com"), ("DATABRICKS_TOKEN", "dapi1")]);
    let connection = connection_from_variables(all).unwrap().unwrap();
    assert_eq!((connection.host.name(), token(&connection)), ("a.example.com", "dapi1"));
    assert!(connection_from_variables(variables(&[("DATABRICKS_HOST", "a.example.com")])).unwrap().is_none());
    let error = connection_from_variables(variables(&[("DATABRICKS_TOKEN", "dapi1")])).unwrap_err();
    assert_eq!(error.to_string(), "the environment: DATABRICKS_HOST is missing");
    let half = variables(&[("DATABRICKS_CLIENT_SECRET", "dose1"), ("DATABRICKS_TOKEN", " ")]);
    assert_eq!(
        credential_from_variables(half).unwrap_err().to_string(),
        "the environment: DATABRICKS_CLIENT_SECRET is there, but not DATABRICKS_CLIENT_ID; both are needed"
    );
    let both = variables(&[("DATABRICKS_CLIENT_SECRET", "dose1"), ("DATABRICKS_CLIENT_ID", "app")]);
    assert!(matches!(credential_from_variables(both), Ok(Some(Credential::ClientSecret { .. }))));
}

#[test]
fn the_file_is_where_the_variables_say() {
    let path = |pairs| config_file_path(variables(pairs)).map(|path| path.display().to_string());
    assert_eq!(path(&[("HOME", "/home/a")]).as_deref(), Some("/home/a/.databrickscfg"));
    assert_eq!(path(&[("HOME", "/home/a"), ("DATABRICKS_CONFIG_FILE", "/etc/d")]).as_deref(), Some("/etc/d"));
    assert_eq!(
        path(&[("HOME", "/home/a"), ("DATABRICKS_CONFIG_FILE", "~/x/cfg")]).as_deref(),
        Some("/home/a/x/cfg")
    );
    assert_eq!(path(&[]), None);
}
