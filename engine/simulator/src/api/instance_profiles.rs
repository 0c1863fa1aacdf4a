//! `/api/2.0/instance-profiles/*`.

use axum::routing::MethodFilter;
use serde_json::{Map, Value, json};

use super::router::Routes;
use super::{ApiError, Call, Reply};
use crate::state::State;

pub(super) fn routes(routes: Routes) -> Routes {
    routes
        .add(&[0], MethodFilter::GET, "instance-profiles/list", list)
        .add(&[0], MethodFilter::POST, "instance-profiles/add", add)
        .add(&[0], MethodFilter::POST, "instance-profiles/edit", edit)
        .add(&[0], MethodFilter::POST, "instance-profiles/remove", remove)
}

fn missing(arn: &str) -> ApiError {
    ApiError::does_not_exist(format!("Instance profile {arn} does not exist."))
}

/// `arn:aws:iam::123456789012:<resource>/name`, in any partition.
fn check_arn(arn: &str, resource: &str) -> Result<(), ApiError> {
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    let is_valid = match parts.as_slice() {
        ["arn", partition, "iam", "", account, name] => {
            partition.starts_with("aws")
                && account.len() == 12
                && account.bytes().all(|digit| digit.is_ascii_digit())
                && name.strip_prefix(resource).is_some_and(|rest| rest.len() > 1 && rest.starts_with('/'))
        }
        _ => false,
    };
    let message = || format!("{arn} is not a valid ARN of an IAM {resource}.");
    if is_valid { Ok(()) } else { Err(ApiError::invalid_parameter(message())) }
}

fn list(state: &mut State, _: &Call) -> Result<Reply, ApiError> {
    let shown: Vec<Value> = state.instance_profiles.values().cloned().map(Value::Object).collect();
    let reply = if shown.is_empty() { json!({}) } else { json!({"instance_profiles": shown}) };
    Ok(Reply::Json(reply))
}

/// The profile that a call describes, with what it says nothing about.
fn described(call: &Call, mut profile: Map<String, Value>) -> Result<(String, Map<String, Value>), ApiError> {
    let arn = call.required_text("instance_profile_arn")?;
    check_arn(&arn, "instance-profile")?;
    if let Some(role) = call.text("iam_role_arn").filter(|role| !role.is_empty()) {
        check_arn(&role, "role")?;
        profile.insert("iam_role_arn".into(), role.into());
    }
    profile.insert("instance_profile_arn".into(), arn.clone().into());
    if call.text("is_meta_instance_profile").is_some() {
        profile.insert("is_meta_instance_profile".into(), call.flag("is_meta_instance_profile").into());
    }
    profile.entry("is_meta_instance_profile").or_insert_with(|| false.into());
    Ok((arn, profile))
}

fn in_words(profile: &Map<String, Value>) -> String {
    let role = profile.get("iam_role_arn").and_then(Value::as_str).unwrap_or("none");
    let is_meta = profile.get("is_meta_instance_profile").and_then(Value::as_bool).unwrap_or(false);
    format!("iam_role_arn={role}, is_meta_instance_profile={is_meta}")
}

fn add(state: &mut State, call: &Call) -> Result<Reply, ApiError> {
    let (arn, profile) = described(call, Map::new())?;
    if state.instance_profiles.contains_key(&arn) {
        return Err(ApiError::already_exists(format!("Instance profile {arn} has already been added.")));
    }
    let summary = format!("add instance profile {arn}: {}", in_words(&profile));
    state.instance_profiles.insert(arn.clone(), profile);
    state.record(call, summary, Some(arn));
    Ok(Reply::empty())
}

fn edit(state: &mut State, call: &Call) -> Result<Reply, ApiError> {
    let arn = call.required_text("instance_profile_arn")?;
    let known = state.instance_profiles.get(&arn).cloned().ok_or_else(|| missing(&arn))?;
    let (arn, profile) = described(call, known.clone())?;
    if profile != known {
        let summary = format!("edit instance profile {arn}: {}", in_words(&profile));
        state.instance_profiles.insert(arn.clone(), profile);
        state.record(call, summary, Some(arn));
    }
    Ok(Reply::empty())
}

fn remove(state: &mut State, call: &Call) -> Result<Reply, ApiError> {
    let arn = call.required_text("instance_profile_arn")?;
    if state.instance_profiles.remove(&arn).is_none() {
        return Err(missing(&arn));
    }
    state.record(call, format!("remove instance profile {arn}"), Some(arn));
    Ok(Reply::empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_full_arns_of_the_right_resource_pass() {
        for (arn, is_valid) in [
            ("arn:aws:iam::123456789012:instance-profile/etl", true),
            ("arn:aws-us-gov:iam::123456789012:instance-profile/path/etl", true),
            ("arn:aws:iam::123456789012:role/etl", false),
            ("arn:aws:iam::12345:instance-profile/etl", false),
            ("arn:aws:iam::123456789012:instance-profile/", false),
            ("etl", false),
        ] {
            assert_eq!(check_arn(arn, "instance-profile").is_ok(), is_valid, "{arn}");
        }
    }
}
