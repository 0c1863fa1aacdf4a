//! Groups, with who belongs to them. Two come with every workspace: `users`, to which everybody belongs, and
//! `admins`.

use std::time::Duration;

use async_trait::async_trait;
use farshore_databricks::{ApiError, ErrorKind, PrincipalKind, WorkspaceClient};
use farshore_model::kind::ObjectKind;
use serde_json::{Map, Value};

use super::{Canonical, Kind, Listed, Naming, Write, every, found, scim, service_principals::scim_id};
use crate::{
    canonical::{into_map, text},
    inventory::Look,
    references::{KeyLookup, to_key},
};

const ADMINS: &str = "admins";
const ONLY_ADMINS: &str = "displayName eq \"admins\"";
const EVERYBODY: &str = "users";
const MEMBERS: &str = "members";
/// Of a group of the account, which is there because an administrator of the account assigned it.
const IS_OF_ACCOUNT: &str = "is_of_account";
/// How long a new group may stay invisible.
const LONGEST_UNSEEN: Duration = Duration::from_secs(30);

pub(crate) struct Groups;

#[async_trait]
impl Kind for Groups {
    fn naming(&self) -> Naming {
        Naming::UniqueName
    }

    fn has_marks(&self) -> bool {
        false
    }

    fn is_named_by_others(&self) -> bool {
        true
    }

    fn why_it_stays(&self, form: &Value) -> Option<&'static str> {
        let is_given = matches!(text(form, "displayName"), Some(ADMINS | EVERYBODY));
        is_given.then_some("every workspace has this group")
    }

    async fn list(&self, look: &Look<'_>) -> Result<Vec<Listed>, ApiError> {
        let mut groups = look.client.list_principals(PrincipalKind::Group, None).await?;
        if !tells_whose(&groups) {
            groups.iter_mut().for_each(forget_whose);
        }
        every(groups, listed)
    }

    async fn read(&self, client: &WorkspaceClient, id: &str) -> Result<Option<Listed>, ApiError> {
        let Some(mut group) = found(client.get_principal(PrincipalKind::Group, id).await)? else {
            return Ok(None);
        };
        if is_of_account(&group) {
            // One that every workspace has, and that is its own.
            let admins = client.list_principals(PrincipalKind::Group, Some(ONLY_ADMINS)).await?;
            if !tells_whose(&admins) {
                forget_whose(&mut group);
            }
        }
        Ok(listed(group))
    }

    /// The principals with which we work belong to `admins` on their own side, whoever else does. Whoever is not seen to
    /// on both sides, as somebody who is on the target alone or whom a filter leaves out, belongs to any group as that
    /// side has it.
    fn keeps(&self, raw: &Value, keys: &dyn KeyLookup) -> Vec<String> {
        let kept = members(raw, keys).filter(|(kind, id)| is_kept(raw, *kind, id, keys));
        kept.map(|(_, id)| id.to_owned()).collect()
    }

    fn canonical(&self, raw: &Value, keys: &dyn KeyLookup) -> Canonical {
        let mut form = form(raw);
        let mut problems = Vec::new();
        let mut members: Vec<Value> = members(raw, keys)
            .filter(|(kind, id)| !is_kept(raw, *kind, id, keys))
            .map(|(kind, id)| to_key(kind, id, keys, &mut problems))
            .collect();
        members.sort_by_key(Value::to_string);
        members.dedup();
        if !members.is_empty() {
            form.insert(MEMBERS.to_owned(), Value::Array(members));
        }
        problems.sort();
        problems.dedup();
        Canonical { form: Value::Object(form), problems }
    }

    async fn create(
        &self,
        target: &WorkspaceClient,
        _key: &str,
        write: Write<'_>,
        _mark: &str,
    ) -> Result<String, ApiError> {
        let settings = settings(write.form);
        if settings.contains_key(IS_OF_ACCOUNT) {
            return Err(ApiError::new(
                ErrorKind::Invalid,
                "scim/groups",
                "it is a group of the account, and a workspace cannot make one; assign it to the workspace in the \
                 account console",
            ));
        }
        let created = target.create_principal(PrincipalKind::Group, &scim::body(&settings)).await?;
        Ok(text(&created, "id").unwrap_or_default().to_owned())
    }

    /// Others name it next: it has to be there for them too.
    async fn settle_created(
        &self,
        target: &WorkspaceClient,
        id: &str,
        _write: Write<'_>,
    ) -> Result<(), ApiError> {
        target.wait_for_principal(PrincipalKind::Group, id, LONGEST_UNSEEN, |_| true).await.map(drop)
    }

    async fn update(
        &self,
        target: &WorkspaceClient,
        current: &Listed,
        write: Write<'_>,
    ) -> Result<(), ApiError> {
        // Who belongs to one of them is not compared, and must not be taken for nobody.
        if is_of_account(&current.raw) != write.form.get(IS_OF_ACCOUNT).is_some() {
            return Err(ApiError::new(
                ErrorKind::Invalid,
                "scim/groups",
                "it is a group of the account in one of the workspaces, and the workspace's own in the other one; \
                 rename one of the two, or assign the group of the account to both",
            ));
        }
        let mut before = form(&current.raw);
        let members = compared_members(&current.raw).map(|(_, id)| id);
        let members: Vec<&str> = members.filter(|id| !write.kept.iter().any(|kept| kept == id)).collect();
        before.insert(MEMBERS.to_owned(), Value::from(members));
        let operations = scim::operations(&before, &settings(write.form));
        target.patch_principal(PrincipalKind::Group, &current.id, &operations).await
    }

    async fn delete(&self, target: &WorkspaceClient, id: &str) -> Result<(), ApiError> {
        target.delete_principal(PrincipalKind::Group, id).await
    }
}

fn listed(raw: Value) -> Option<Listed> {
    let id = text(&raw, "id")?.to_owned();
    let name = text(&raw, "displayName").unwrap_or(&id).to_owned();
    Some(Listed::new(id, name, None, raw))
}

/// What can be written of a group, but for its members.
fn form(raw: &Value) -> Map<String, Value> {
    let mut form = scim::grants(raw);
    if let Some(name) = text(raw, "displayName") {
        form.insert("displayName".to_owned(), Value::from(name));
    }
    if is_of_account(raw) {
        form.insert(IS_OF_ACCOUNT.to_owned(), Value::from(true));
    }
    form
}

fn is_of_account(raw: &Value) -> bool {
    resource_type(raw) == Some("Group")
}

fn resource_type(raw: &Value) -> Option<&str> {
    raw.get("meta").and_then(|meta| text(meta, "resourceType"))
}

/// Whether the workspace tells its own groups from those of the account. To others, everything is a group.
fn tells_whose(groups: &[Value]) -> bool {
    groups.iter().any(|group| resource_type(group) == Some("WorkspaceGroup"))
}

fn forget_whose(group: &mut Value) {
    if let Some(meta) = group.get_mut("meta").and_then(Value::as_object_mut) {
        meta.remove("resourceType");
    }
}

/// The members that a workspace decides about, by kind and id. Everybody belongs to `users`, and to a group of the
/// account whoever the account says.
fn compared_members(raw: &Value) -> impl Iterator<Item = (Option<ObjectKind>, &str)> {
    let is_fixed = text(raw, "displayName") == Some(EVERYBODY) || is_of_account(raw);
    let members = raw.get(MEMBERS).and_then(Value::as_array).filter(|_| !is_fixed);
    let members = members.map(Vec::as_slice).unwrap_or_default();
    members.iter().filter_map(|member| Some((kind_of(member), text(member, "value")?)))
}

/// The same, with the kind of those that do not say it.
fn members<'a>(raw: &'a Value, keys: &dyn KeyLookup) -> impl Iterator<Item = (ObjectKind, &'a str)> {
    compared_members(raw).map(|(kind, id)| (kind.unwrap_or_else(|| known_kind(id, keys)), id))
}

/// Whether the member is none of those that are compared.
fn is_kept(raw: &Value, kind: ObjectKind, id: &str, keys: &dyn KeyLookup) -> bool {
    let is_own = || keys.key_of(kind, id).is_some_and(|key| keys.is_own(&key));
    keys.is_apart(kind, id) || (text(raw, "displayName") == Some(ADMINS) && is_own())
}

/// A member says what it is in its address, such as `ServicePrincipals/4711`, or else as its type, if it does at all.
fn kind_of(member: &Value) -> Option<ObjectKind> {
    let of_address = text(member, "$ref").and_then(|address| address.rsplit('/').nth(1));
    match of_address.or_else(|| text(member, "type"))? {
        "Groups" | "Group" => Some(ObjectKind::Groups),
        "ServicePrincipals" | "ServicePrincipal" => Some(ObjectKind::ServicePrincipals),
        "Users" | "User" => Some(ObjectKind::Users),
        _ => None,
    }
}

/// What a member is that does not say it: whoever is known by that id.
fn known_kind(id: &str, keys: &dyn KeyLookup) -> ObjectKind {
    let principals = [ObjectKind::Users, ObjectKind::ServicePrincipals, ObjectKind::Groups];
    let known = principals.into_iter().find(|kind| keys.known_key_of(*kind, id).is_some());
    known.unwrap_or(ObjectKind::Users)
}

/// What is written, its members as SCIM names them.
fn settings(form: &Value) -> Map<String, Value> {
    let mut settings = into_map(form.clone());
    if let Some(Value::Array(members)) = settings.get_mut(MEMBERS) {
        for member in members {
            if let Some(id) = member.as_str() {
                *member = Value::from(scim_id(id));
            }
        }
    }
    settings
}

#[cfg(test)]
mod tests {
    use farshore_model::kind::ObjectKey;
    use serde_json::json;

    use super::*;

    fn keys(kind: ObjectKind, id: &str) -> Option<ObjectKey> {
        (id != "gone").then(|| ObjectKey { kind, key: format!("1:{id}").into() })
    }

    struct Apart;

    impl KeyLookup for Apart {
        fn key_of(&self, kind: ObjectKind, id: &str) -> Option<ObjectKey> {
            keys(kind, id)
        }

        fn is_apart(&self, kind: ObjectKind, id: &str) -> bool {
            kind == ObjectKind::Users && id == "5"
        }
    }

    #[test]
    fn whoever_is_not_seen_to_on_both_sides_is_kept_and_not_compared() {
        let canonical = Groups.canonical(&group("etl"), &Apart);
        assert_eq!(canonical.form[MEMBERS].as_array().unwrap().len(), 2);
        assert_eq!(Groups.keeps(&group("etl"), &Apart), ["5"]);
        assert_eq!(Groups.keeps(&group("etl"), &Ours), [""; 0]);
        assert_eq!(Groups.keeps(&group("admins"), &Ours), ["5"]);
    }

    struct Ours;

    impl KeyLookup for Ours {
        fn key_of(&self, kind: ObjectKind, id: &str) -> Option<ObjectKey> {
            keys(kind, id)
        }

        fn is_own(&self, key: &ObjectKey) -> bool {
            *key.key == *"1:5"
        }
    }

    fn group(name: &str) -> Value {
        json!({
            "id": "9", "displayName": name, "entitlements": [{"value": "workspace-access"}],
            "members": [
                {"value": "7", "$ref": "ServicePrincipals/7"}, {"value": "5", "$ref": "Users/5"},
                {"value": "3", "$ref": "Groups/3", "display": "inner"},
            ],
        })
    }

    #[test]
    fn members_are_references_in_an_order_of_their_own() {
        let form = Groups.canonical(&group("etl"), &keys).form;
        let members =
            json!([{"$ref": "groups/1:3"}, {"$ref": "service_principals/1:7"}, {"$ref": "users/1:5"}]);
        let expected =
            json!({"displayName": "etl", "entitlements": ["workspace-access"], "members": members});
        assert_eq!(form, expected);
        let mut lost = group("etl");
        lost["members"][0]["value"] = json!("gone");
        let problems = Groups.canonical(&lost, &keys).problems;
        assert_eq!(problems, ["it refers to the service principal gone, which does not exist"]);
    }

    #[test]
    fn who_belongs_to_a_group_of_the_workspace_itself_is_not_compared() {
        assert_eq!(Groups.canonical(&group("users"), &keys).form.get(MEMBERS), None);
        let mut of_account = group("etl");
        of_account["meta"] = json!({"resourceType": "Group"});
        assert_eq!(Groups.canonical(&of_account, &keys).form.get(MEMBERS), None);
        let members = |name| Groups.canonical(&group(name), &Ours).form[MEMBERS].as_array().unwrap().len();
        assert_eq!((members("admins"), members("etl")), (2, 3), "we belong to the admins of our side alone");
    }

    #[test]
    fn a_member_without_an_address_is_what_its_type_says_or_who_is_known_by_its_id() {
        let known = |kind: ObjectKind, id: &str| {
            let is_known = matches!(
                (kind, id),
                (ObjectKind::ServicePrincipals, "7")
                    | (ObjectKind::Groups, "3")
                    | (ObjectKind::Users, "5" | "9")
            );
            is_known.then(|| ObjectKey { kind, key: format!("1:{id}").into() })
        };
        let group = json!({"id": "8", "displayName": "etl", "members": [
            {"value": "3", "type": "Group"}, {"value": "7"}, {"value": "5", "display": "Ann"},
            {"value": "9", "$ref": "Users/9", "type": "Group"},
        ]});
        let found = Groups.canonical(&group, &known);
        assert_eq!(found.problems, Vec::<String>::new());
        let members = json!([
            {"$ref": "groups/1:3"}, {"$ref": "service_principals/1:7"}, {"$ref": "users/1:5"}, {"$ref": "users/1:9"},
        ]);
        assert_eq!(found.form[MEMBERS], members);
    }

    #[test]
    fn where_everything_is_called_a_group_nothing_tells_whose_one_is() {
        let group = |resource_type: &str| json!({"meta": {"resourceType": resource_type}});
        assert!(!tells_whose(&[group("Group"), json!({})]));
        assert!(tells_whose(&[group("Group"), group("WorkspaceGroup")]));
        let mut untold = group("Group");
        forget_whose(&mut untold);
        assert!(is_of_account(&group("Group")) && !is_of_account(&untold));
    }

    #[test]
    fn a_service_principal_is_written_by_its_scim_id() {
        let form = json!({"displayName": "etl", "members": ["5", "7/a-b"]});
        assert_eq!(settings(&form)[MEMBERS], json!(["5", "7"]));
    }
}
