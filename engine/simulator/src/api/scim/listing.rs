//! Lists of resources: filtered, ordered, in pages.

use std::borrow::Cow;
use std::cmp::Ordering;

use serde_json::{Map, Value, json};

use super::filter::Filter;
use super::{kind_of, refused, view};
use crate::api::{ApiError, Call, Reply};
use crate::state::State;
use crate::state::directory::{Memberships, ResourceKind};

/// How many resources a page holds when the call does not say.
const DEFAULT_COUNT: i64 = 100;

pub(super) fn list(state: &mut State, call: &Call) -> Result<Reply, ApiError> {
    let kind = kind_of(call)?;
    let start = integer(call, "startIndex")?.unwrap_or(1).max(1);
    let count = integer(call, "count")?.unwrap_or(DEFAULT_COUNT).max(0);
    let filter = call.text("filter").filter(|text| !text.trim().is_empty());
    let filter = filter.map(|text| Filter::parse(kind, &text)).transpose()?;
    let directory = &state.directory;
    let lag_ms = state.faults.stale_group_lists_ms();
    let resources = match kind {
        ResourceKind::Groups if lag_ms > 0 => Cow::Owned(directory.groups_as_of(state.now_ms - lag_ms)),
        _ => Cow::Borrowed(directory.of(kind)),
    };
    let memberships = Memberships::new(directory);
    let mut found: Vec<Map<String, Value>> = resources
        .iter()
        .map(|(id, resource)| view::resource(&memberships, directory, kind, id, resource))
        .filter(|shown| filter.as_ref().is_none_or(|filter| filter.matches(shown)))
        .collect();
    order(kind, call, &mut found)?;
    let total = found.len();
    let page: Vec<Value> = found
        .into_iter()
        .skip(usize::try_from(start - 1).unwrap_or(usize::MAX))
        .take(usize::try_from(count).unwrap_or(usize::MAX))
        .map(|shown| view::narrowed(shown, call))
        .collect();
    Ok(Reply::Json(json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
        "totalResults": total,
        "startIndex": start,
        "itemsPerPage": page.len(),
        "Resources": page,
    })))
}

fn integer(call: &Call, name: &str) -> Result<Option<i64>, ApiError> {
    call.integer(name).map_err(|_| refused("invalidValue", format!("{name} must be a number.")))
}

fn order(kind: ResourceKind, call: &Call, found: &mut [Map<String, Value>]) -> Result<(), ApiError> {
    let Some(path) = call.text("sortBy").filter(|path| !path.is_empty()) else { return Ok(()) };
    if !view::is_path(kind, &path) {
        return Err(refused("invalidPath", format!("{path} is not an attribute to sort by.")));
    }
    let is_descending = match call.text("sortOrder").as_deref() {
        None | Some("" | "ascending") => false,
        Some("descending") => true,
        Some(other) => return Err(refused("invalidValue", format!("{other} is not an order to sort in."))),
    };
    let key =
        |shown: &Map<String, Value>| view::values(shown, &path).first().map(|value| value.to_lowercase());
    found.sort_by(|left, right| match (key(left), key(right)) {
        // What has no value comes last in either order.
        (None, None) => Ordering::Equal,
        (None, Some(_)) => Ordering::Greater,
        (Some(_), None) => Ordering::Less,
        (Some(left), Some(right)) if is_descending => right.cmp(&left),
        (Some(left), Some(right)) => left.cmp(&right),
    });
    Ok(())
}
