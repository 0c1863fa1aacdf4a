//! Instance profiles, by which clusters on AWS reach its services. The roles themselves belong to the account, and
//! are good in every region of it.

use async_trait::async_trait;
use farshore_databricks::{ApiError, WorkspaceClient};
use farshore_model::kind::ObjectKind;
use serde_json::Value;

use super::{Canonical, Kind, Listed, Naming, Write, every};
use crate::{
    canonical::{into_map, only, text},
    inventory::{Look, is_not_offered},
    references::KeyLookup,
};

const ARN: &str = "instance_profile_arn";
const ROLE: &str = "iam_role_arn";
const IS_META: &str = "is_meta_instance_profile";

pub(crate) struct InstanceProfiles;

#[async_trait]
impl Kind for InstanceProfiles {
    /// The ARN is as good as a path: key, name and id in one.
    fn naming(&self) -> Naming {
        Naming::Path
    }

    fn name_field(&self) -> Option<&'static [&'static str]> {
        Some(&["aws_attributes", ARN])
    }

    fn has_marks(&self) -> bool {
        // The ARN is one.
        false
    }

    async fn list(&self, look: &Look<'_>) -> Result<Vec<Listed>, ApiError> {
        every(look.client.list_instance_profiles().await?, listed)
    }

    async fn read(&self, client: &WorkspaceClient, id: &str) -> Result<Option<Listed>, ApiError> {
        let profiles = every(client.list_instance_profiles().await?, listed)?;
        Ok(profiles.into_iter().find(|profile| *profile.id == *id))
    }

    fn canonical(&self, raw: &Value, _keys: &dyn KeyLookup) -> Canonical {
        let mut form = only(raw, &[ROLE, IS_META]);
        form.retain(|_, value| !value.is_null() && value.as_str() != Some(""));
        form.entry(IS_META).or_insert(Value::Bool(false));
        Canonical { form: Value::Object(form), problems: Vec::new() }
    }

    async fn create(
        &self,
        target: &WorkspaceClient,
        key: &str,
        write: Write<'_>,
        _mark: &str,
    ) -> Result<String, ApiError> {
        let mut profile = into_map(profile(key, write.form));
        // Else the workspace tries to launch an instance with it, which fails where a machine type or a zone is
        // short: on the day of a disaster, in the region to which everybody turns.
        profile.insert("skip_validation".to_owned(), Value::Bool(true));
        target.add_instance_profile(&Value::Object(profile)).await?;
        Ok(key.to_owned())
    }

    async fn update(
        &self,
        target: &WorkspaceClient,
        current: &Listed,
        write: Write<'_>,
    ) -> Result<(), ApiError> {
        let loses_its_role = text(&current.raw, ROLE).is_some() && text(write.form, ROLE).is_none();
        if loses_its_role {
            // An edit leaves a role that it does not name. Clusters that run with the profile go on.
            target.remove_instance_profile(&current.id).await?;
            return self.create(target, &current.id, write, "").await.map(drop);
        }
        target.edit_instance_profile(&profile(&current.id, write.form)).await
    }

    async fn delete(&self, target: &WorkspaceClient, id: &str) -> Result<(), ApiError> {
        target.remove_instance_profile(id).await
    }
}

/// Whether the workspace knows of instance profiles at all. One that cannot be asked at this moment does.
pub(crate) async fn are_offered(client: &WorkspaceClient) -> bool {
    let refusal = client.list_instance_profiles().await.err();
    refusal.is_none_or(|error| !is_not_offered(ObjectKind::InstanceProfiles, &error))
}

fn listed(raw: Value) -> Option<Listed> {
    let arn = text(&raw, ARN)?.to_owned();
    Some(Listed::new(arn.clone(), arn, None, raw))
}

/// As the API takes it.
fn profile(arn: &str, form: &Value) -> Value {
    let mut profile = only(form, &[ROLE, IS_META]);
    profile.insert(ARN.to_owned(), Value::from(arn));
    Value::Object(profile)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::kinds::nothing;

    #[test]
    fn what_is_not_said_counts_as_its_default() {
        let terse = json!({"instance_profile_arn": "arn:a"});
        let wordy =
            json!({"instance_profile_arn": "arn:a", "iam_role_arn": "", "is_meta_instance_profile": false});
        assert_eq!(
            InstanceProfiles.canonical(&terse, &nothing),
            InstanceProfiles.canonical(&wordy, &nothing)
        );
        let with_role = json!({"instance_profile_arn": "arn:a", "iam_role_arn": "arn:r"});
        let form = InstanceProfiles.canonical(&with_role, &nothing).form;
        assert_eq!(form, json!({"iam_role_arn": "arn:r", "is_meta_instance_profile": false}));
        assert_eq!(profile("arn:a", &form)["instance_profile_arn"], "arn:a");
    }
}
