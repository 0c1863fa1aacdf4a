//! Who we are and where the workspace is: only from calls that a real workspace answers.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    ErrorKind, Result, WorkspaceClient,
    answer::half_answer,
    call::{Call, Endpoint},
};

const ME: Endpoint = Endpoint::read("/api/2.0/preview/scim/v2/Me");
const LIST_ZONES: Endpoint = Endpoint::read("/api/2.1/clusters/list-zones");
const METASTORE_SUMMARY: Endpoint = Endpoint::read("/api/2.1/unity-catalog/metastore_summary");

/// The user or service principal that the credential belongs to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Me {
    /// By which groups name it; a workspace may keep it to itself.
    #[serde(default)]
    pub id: Option<String>,
    pub user_name: String,
    /// The user name again where there is no other.
    pub display_name: String,
    /// Whether it belongs to the group `admins`.
    pub is_admin: bool,
    /// All groups that it belongs to, those through other groups included.
    #[serde(default)]
    pub groups: Vec<GroupOfMe>,
    /// The workspace's own id, by which two addresses of one workspace are recognised.
    pub org_id: Option<String>,
}

/// A group that the credential's principal belongs to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupOfMe {
    pub id: String,
    pub name: String,
}

/// The availability zones in which a workspace may start machines.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Zones {
    #[serde(default)]
    pub zones: Vec<String>,
    #[serde(default)]
    pub default_zone: Option<String>,
}

/// The Unity Catalog metastore that a workspace is attached to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MetastoreSummary {
    pub name: String,
    pub metastore_id: String,
    #[serde(default)]
    pub cloud: Option<String>,
    #[serde(default)]
    pub region: Option<String>,
}

impl WorkspaceClient {
    /// Who the credential belongs to; the cheapest test of it.
    ///
    /// # Errors
    /// `Unauthenticated` when it is refused; `NotDatabricks` when this is no workspace.
    pub async fn me(&self) -> Result<Me> {
        let call = Call::new(ME);
        let answer = self.send(&call).await?;
        let org_id = answer.org_id.clone();
        let me = answer.object;
        let text = |field: &str| me.get(field).and_then(Value::as_str).filter(|text| !text.is_empty());
        let user_name =
            text("userName").ok_or_else(|| half_answer(&call, "the answer contains no userName"))?;
        let groups = me.get("groups").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        let text_of = |group: &Value, field: &str| {
            group.get(field).and_then(Value::as_str).unwrap_or_default().to_owned()
        };
        let groups: Vec<GroupOfMe> = groups
            .iter()
            .map(|group| GroupOfMe { id: text_of(group, "value"), name: text_of(group, "display") })
            .collect();
        Ok(Me {
            id: text("id").map(str::to_owned),
            user_name: user_name.to_owned(),
            display_name: text("displayName").unwrap_or(user_name).to_owned(),
            is_admin: groups.iter().any(|group| group.name == "admins"),
            groups,
            org_id,
        })
    }

    /// As [`me`](Self::me); None where nobody answers such a question, as in a simple fake of a workspace.
    ///
    /// # Errors
    /// As [`me`](Self::me), but for what is not there.
    pub async fn me_if_told(&self) -> Result<Option<Me>> {
        use ErrorKind::{FeatureDisabled, NotDatabricks, NotFound};
        match self.me().await {
            Err(error) if error.status() == Some(404) => match error.kind() {
                NotFound | FeatureDisabled | NotDatabricks => Ok(None),
                _ => Err(error),
            },
            me => me.map(Some),
        }
    }

    /// The workspace's availability zones.
    pub async fn zones(&self) -> Result<Zones> {
        let call = Call::new(LIST_ZONES);
        let answer = self.object(&call).await?;
        serde_json::from_value(Value::Object(answer))
            .map_err(|error| half_answer(&call, format!("the zones are not readable: {error}")))
    }

    /// The metastore that the workspace is attached to.
    ///
    /// # Errors
    /// `NotFound` or `FeatureDisabled` when there is none.
    pub async fn metastore_summary(&self) -> Result<MetastoreSummary> {
        let call = Call::new(METASTORE_SUMMARY);
        let answer = self.object(&call).await?;
        serde_json::from_value(Value::Object(answer))
            .map_err(|error| half_answer(&call, format!("the metastore is not readable: {error}")))
    }
}
