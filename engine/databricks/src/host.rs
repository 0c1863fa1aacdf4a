//! The address of a workspace, as people paste it and as requests need it.

use std::{fmt, net::IpAddr, str::FromStr};

use reqwest::Url;
use serde::{Deserialize, Serialize};

/// The parsed and normalised address of one workspace: scheme, host and port, nothing else.
///
/// What people copy from the browser's address bar is accepted: `https://x.cloud.databricks.com/?o=123`, a
/// path, a fragment, trailing slashes and a missing scheme. `http` is allowed for this machine only, because
/// a token would travel in the clear.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Host(Url);

impl Host {
    /// The root of the workspace; its path is `/`.
    pub const fn url(&self) -> &Url {
        &self.0
    }

    /// The name alone, without scheme and port.
    pub fn name(&self) -> &str {
        self.0.host_str().unwrap_or_default()
    }

    /// Whether this is the machine that we run on.
    pub fn is_loopback(&self) -> bool {
        is_loopback(&self.0)
    }

    /// Whether `url` has this scheme, name and port.
    pub(crate) fn is_origin_of(&self, url: &Url) -> bool {
        self.0.origin() == url.origin()
    }

    /// The address of an absolute path on this host.
    pub(crate) fn at(&self, path: &str) -> Url {
        let mut url = self.0.clone();
        url.set_path(path);
        url
    }
}

/// Why a text is no workspace address.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidHost {
    #[error("the address is empty; it looks like https://adb-1234567890.7.azuredatabricks.net")]
    Empty,
    #[error("{0:?} is not an address; it looks like https://dbc-1a2b3c4d-5e6f.cloud.databricks.com")]
    Malformed(String),
    #[error("an address must not contain a user name or a password; the token has a field of its own")]
    HasCredentials,
    #[error("{0:?} is not a web address: only https is accepted")]
    UnknownScheme(String),
    #[error(
        "plain http would send the token in the clear, so it is accepted for this machine only; use https"
    )]
    PlainHttp,
}

impl FromStr for Host {
    type Err = InvalidHost;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        if text.is_empty() {
            return Err(InvalidHost::Empty);
        }
        let malformed = || InvalidHost::Malformed(text.to_owned());
        let mut url = if text.contains("://") {
            Url::parse(text).map_err(|_| malformed())?
        } else {
            // A name without a scheme means https; on this machine there is hardly ever a certificate.
            let secure = Url::parse(&format!("https://{text}")).map_err(|_| malformed())?;
            if is_loopback(&secure) {
                Url::parse(&format!("http://{text}")).map_err(|_| malformed())?
            } else {
                secure
            }
        };
        if !url.username().is_empty() || url.password().is_some() {
            return Err(InvalidHost::HasCredentials);
        }
        if url.host_str().is_none_or(str::is_empty) {
            return Err(malformed());
        }
        match url.scheme() {
            "https" => {}
            "http" if is_loopback(&url) => {}
            "http" => return Err(InvalidHost::PlainHttp),
            other => return Err(InvalidHost::UnknownScheme(other.to_owned())),
        }
        url.set_path("/");
        url.set_query(None);
        url.set_fragment(None);
        Ok(Self(url))
    }
}

fn is_loopback(url: &Url) -> bool {
    let name = url.host_str().unwrap_or_default().trim_start_matches('[').trim_end_matches(']');
    name == "localhost" || name.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.as_str().trim_end_matches('/'))
    }
}

impl fmt::Debug for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Host({self})")
    }
}

impl TryFrom<String> for Host {
    type Error = InvalidHost;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Host> for String {
    fn from(host: Host) -> Self {
        host.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Result<String, InvalidHost> {
        text.parse::<Host>().map(|host| host.to_string())
    }

    #[test]
    fn what_people_paste_is_accepted() {
        let bare = "https://dbc-1a2b.cloud.databricks.com";
        for text in [
            "https://dbc-1a2b.cloud.databricks.com",
            "https://dbc-1a2b.cloud.databricks.com/",
            "https://dbc-1a2b.cloud.databricks.com///",
            "  https://dbc-1a2b.cloud.databricks.com/?o=123\n",
            "https://DBC-1a2b.cloud.databricks.com/browse?o=1#notebook/42",
            "https://dbc-1a2b.cloud.databricks.com:443",
            "dbc-1a2b.cloud.databricks.com",
            "dbc-1a2b.cloud.databricks.com/?o=123",
        ] {
            assert_eq!(parsed(text).as_deref(), Ok(bare), "{text:?}");
        }
    }

    #[test]
    fn plain_http_stays_on_this_machine() {
        assert_eq!(parsed("http://127.0.0.1:7001/").as_deref(), Ok("http://127.0.0.1:7001"));
        assert_eq!(parsed("localhost:7001").as_deref(), Ok("http://localhost:7001"));
        assert_eq!(parsed("http://[::1]:7001").as_deref(), Ok("http://[::1]:7001"));
        assert_eq!(parsed("http://dbc-1a2b.cloud.databricks.com"), Err(InvalidHost::PlainHttp));
        assert_eq!(parsed("http://localhost.example.com"), Err(InvalidHost::PlainHttp));
    }

    #[test]
    fn what_is_no_address_is_refused() {
        assert_eq!(parsed("  "), Err(InvalidHost::Empty));
        assert_eq!(parsed("https://user:pw@example.com"), Err(InvalidHost::HasCredentials));
        assert_eq!(parsed("ftp://example.com"), Err(InvalidHost::UnknownScheme("ftp".to_owned())));
        assert!(matches!(parsed("not an address"), Err(InvalidHost::Malformed(_))));
        assert!(matches!(parsed("https://"), Err(InvalidHost::Malformed(_))));
    }

    #[test]
    fn it_is_stored_as_its_text() {
        let host: Host = "https://example.com".parse().unwrap();
        let text = serde_json::to_string(&host).unwrap();
        assert_eq!(text, "\"https://example.com\"");
        assert_eq!(serde_json::from_str::<Host>(&text).unwrap(), host);
    }
}
