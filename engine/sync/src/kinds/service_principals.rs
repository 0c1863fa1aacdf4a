//! Service principals. Groups name them by their SCIM id, jobs and access control lists by their application id:
//! the id of one is therefore both, as `4711/5a1e…`.

use async_trait::async_trait;
use farshore_databricks::{ApiError, ErrorKind, PrincipalKind, WorkspaceClient};
use serde_json::{Map, Value};

use super::{Added, Canonical, Kind, Listed, Naming, Write, every, found, scim};
use crate::{
    canonical::{into_map, text},
    inventory::Look,
    references::KeyLookup,
};

const APPLICATION_ID: &str = "applicationId";

pub(crate) struct ServicePrincipals;

#[async_trait]
impl Kind for ServicePrincipals {
    fn naming(&self) -> Naming {
        Naming::AnyName
    }

    fn added(&self) -> Added {
        Added::Settings
    }

    fn has_marks(&self) -> bool {
        false
    }

    fn is_named_by_others(&self) -> bool {
        true
    }

    fn other_ids(&self, id: &str) -> Vec<String> {
        vec![scim_id(id).to_owned(), application_id(id).to_owned()]
    }

    async fn list(&self, look: &Look<'_>) -> Result<Vec<Listed>, ApiError> {
        every(look.client.list_principals(PrincipalKind::ServicePrincipal, None).await?, listed)
    }

    async fn read(&self, client: &WorkspaceClient, id: &str) -> Result<Option<Listed>, ApiError> {
        let read = client.get_principal(PrincipalKind::ServicePrincipal, scim_id(id)).await;
        Ok(found(read)?.and_then(listed))
    }

    fn canonical(&self, raw: &Value, _keys: &dyn KeyLookup) -> Canonical {
        Canonical { form: Value::Object(form(raw)), problems: Vec::new() }
    }

    /// Workspaces of one account, and all of Azure, know one application by one id. Where that id means nothing, the
    /// workspace gives one.
    async fn create(
        &self,
        target: &WorkspaceClient,
        key: &str,
        write: Write<'_>,
        _mark: &str,
    ) -> Result<String, ApiError> {
        let create = async |settings: &Map<String, Value>| {
            let created =
                target.create_principal(PrincipalKind::ServicePrincipal, &scim::body(settings)).await;
            created.map(|created| id_of(&created).unwrap_or_default())
        };
        let mut settings = into_map(write.form.clone());
        settings.insert(APPLICATION_ID.to_owned(), Value::from(application_id(key)));
        match create(&settings).await {
            Err(error) if matches!(error.kind(), ErrorKind::Invalid | ErrorKind::NotFound) => {
                settings.remove(APPLICATION_ID);
                create(&settings).await
            }
            outcome => outcome,
        }
    }

    async fn update(
        &self,
        target: &WorkspaceClient,
        current: &Listed,
        write: Write<'_>,
    ) -> Result<(), ApiError> {
        let operations = scim::operations(&form(&current.raw), &into_map(write.form.clone()));
        target.patch_principal(PrincipalKind::ServicePrincipal, scim_id(&current.id), &operations).await
    }

    async fn delete(&self, target: &WorkspaceClient, id: &str) -> Result<(), ApiError> {
        target.delete_principal(PrincipalKind::ServicePrincipal, scim_id(id)).await
    }
}

/// The id by which groups name a service principal.
pub(super) fn scim_id(id: &str) -> &str {
    id.split_once('/').map_or(id, |(scim_id, _)| scim_id)
}

/// The id by which jobs and access control lists name a service principal.
pub(crate) fn application_id(id: &str) -> &str {
    id.split_once('/').map_or(id, |(_, application_id)| application_id)
}

fn id_of(raw: &Value) -> Option<String> {
    Some(format!("{}/{}", text(raw, "id")?, text(raw, APPLICATION_ID)?))
}

fn listed(raw: Value) -> Option<Listed> {
    let id = id_of(&raw)?;
    let universal_id = Some(application_id(&id).to_owned());
    let name = text(&raw, "displayName").unwrap_or_else(|| application_id(&id)).to_owned();
    Some(Listed { universal_id, ..Listed::new(id, name, None, raw) })
}

/// What can be written of a service principal. Its application id is who it is, and may be another one there.
fn form(raw: &Value) -> Map<String, Value> {
    let mut form = scim::grants(raw);
    form.insert("active".to_owned(), Value::from(scim::is_active(raw)));
    if let Some(name) = text(raw, "displayName") {
        form.insert("displayName".to_owned(), Value::from(name));
    }
    form
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn it_is_found_by_either_id_and_compared_by_neither() {
        let raw = json!({"id": "47", "applicationId": "a-b", "displayName": "runner", "active": true});
        let found = listed(raw.clone()).unwrap();
        assert_eq!((&*found.id, &*found.name), ("47/a-b", "runner"));
        assert_eq!(ServicePrincipals.other_ids(&found.id), ["47", "a-b"]);
        assert_eq!(Value::Object(form(&raw)), json!({"displayName": "runner", "active": true}));
        assert_eq!(listed(json!({"id": "47"})), None, "without an application id nobody could name it");
    }
}
