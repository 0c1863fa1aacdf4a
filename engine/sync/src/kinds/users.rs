//! Users. Nobody deletes one: a user who is deleted on one side is deactivated on the other one, so that what
//! belongs to them stays reachable.

use async_trait::async_trait;
use farshore_databricks::{ApiError, PrincipalKind, WorkspaceClient};
use serde_json::{Map, Value, json};

use super::{Added, Canonical, Kind, Listed, Naming, Write, every, found, scim};
use crate::{
    canonical::{into_map, text},
    inventory::Look,
    references::KeyLookup,
};

const ACTIVE: &str = "active";

pub(crate) struct Users;

#[async_trait]
impl Kind for Users {
    fn naming(&self) -> Naming {
        Naming::UniqueName
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

    fn retired(&self, form: &Value) -> Option<Value> {
        let mut form = into_map(form.clone());
        form.insert(ACTIVE.to_owned(), Value::from(false));
        Some(Value::Object(form))
    }

    async fn list(&self, look: &Look<'_>) -> Result<Vec<Listed>, ApiError> {
        every(look.client.list_principals(PrincipalKind::User, None).await?, listed)
    }

    async fn read(&self, client: &WorkspaceClient, id: &str) -> Result<Option<Listed>, ApiError> {
        Ok(found(client.get_principal(PrincipalKind::User, id).await)?.and_then(listed))
    }

    fn canonical(&self, raw: &Value, _keys: &dyn KeyLookup) -> Canonical {
        Canonical { form: Value::Object(form(raw)), problems: Vec::new() }
    }

    async fn create(
        &self,
        target: &WorkspaceClient,
        _key: &str,
        write: Write<'_>,
        _mark: &str,
    ) -> Result<String, ApiError> {
        let user = scim::body(&into_map(write.form.clone()));
        let created = target.create_principal(PrincipalKind::User, &user).await?;
        Ok(text(&created, "id").unwrap_or_default().to_owned())
    }

    async fn update(
        &self,
        target: &WorkspaceClient,
        current: &Listed,
        write: Write<'_>,
    ) -> Result<(), ApiError> {
        let operations = scim::operations(&form(&current.raw), &into_map(write.form.clone()));
        target.patch_principal(PrincipalKind::User, &current.id, &operations).await
    }

    async fn delete(&self, target: &WorkspaceClient, id: &str) -> Result<(), ApiError> {
        let deactivation = json!({"op": "replace", "path": ACTIVE, "value": false});
        target.patch_principal(PrincipalKind::User, id, &[deactivation]).await
    }
}

fn listed(raw: Value) -> Option<Listed> {
    let id = text(&raw, "id")?.to_owned();
    Some(Listed::new(id, user_name(&raw), None, raw))
}

/// Mail addresses, which are compared without their case.
fn user_name(raw: &Value) -> String {
    text(raw, "userName").unwrap_or_default().to_lowercase()
}

/// What can be written of a user. A workspace completes the name that is shown from the parts of the name, and these
/// from that, so both are completed before they are compared. Mail addresses follow from the user's name, and
/// membership is the groups' business.
fn form(raw: &Value) -> Map<String, Value> {
    let user_name = user_name(raw);
    let part = |field: &str| raw.get("name").and_then(|name| text(name, field));
    let (given, family) = (part("givenName"), part("familyName"));
    let joined = [given, family].into_iter().flatten().collect::<Vec<_>>().join(" ");
    let display_name = match text(raw, "displayName") {
        Some(name) => name.to_owned(),
        None if joined.is_empty() => user_name.clone(),
        None => joined.clone(),
    };
    let (given, family) = match display_name.split_once(' ') {
        _ if !joined.is_empty() => (given, family),
        Some((given, family)) => (Some(given), Some(family)),
        None => (Some(&*display_name), None),
    };
    let parts = [("givenName", given), ("familyName", family)];
    let name: Value =
        parts.into_iter().filter_map(|(field, part)| Some((field.to_owned(), Value::from(part?)))).collect();
    let mut form = scim::grants(raw);
    form.insert(ACTIVE.to_owned(), Value::from(scim::is_active(raw)));
    form.insert("userName".to_owned(), Value::from(user_name));
    form.insert("displayName".to_owned(), Value::from(display_name));
    form.insert("name".to_owned(), name);
    form
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_workspace_adds_by_itself_makes_no_difference() {
        let terse = json!({"id": "1", "userName": "Ada@x.example", "displayName": "Ada Love Lace"});
        let full = json!({
            "id": "7", "userName": "ada@x.example", "displayName": "Ada Love Lace", "active": true,
            "name": {"givenName": "Ada", "familyName": "Love Lace"}, "roles": [],
            "emails": [{"value": "ada@x.example", "primary": true}], "groups": [{"value": "9", "display": "users"}],
        });
        assert_eq!(form(&terse), form(&full));
        let nameless = json!({"userName": "ada@x.example", "name": {}});
        assert_eq!(form(&nameless)["displayName"], "ada@x.example");
        let named = json!({"userName": "ada@x.example", "name": {"givenName": "Ada", "familyName": "L"}});
        assert_eq!(form(&named)["displayName"], "Ada L");
    }

    #[test]
    fn a_deletion_leaves_a_user_who_is_not_active() {
        let active = Value::Object(form(&json!({"userName": "ada@x.example"})));
        let left = Users.retired(&active).unwrap();
        assert_ne!(left, active);
        assert_eq!(Users.retired(&left), Some(left.clone()));
        assert_eq!(left["userName"], "ada@x.example");
    }
}
