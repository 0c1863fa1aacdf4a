//! The people of two workspaces side by side, where an identity provider looks after both and nothing is written.

use std::collections::{BTreeMap, BTreeSet};

use farshore_databricks::{ApiError, WorkspaceClient};
use farshore_model::{
    group::Side,
    kind::{ObjectKey, ObjectKind},
    people::{PeopleDifference, WhatDiffers},
};
use serde_json::Value;

use crate::{
    id_map::{Entries, SideKeys, match_sides},
    inventory::{Inventory, KnownUntil, Look},
    kinds::{self, Listed},
    references::referred,
};

/// Everybody whom one workspace knows, and the groups that they are in.
#[derive(Clone, Debug, Default)]
pub struct People(Inventory);

impl People {
    /// What is listed and compared.
    pub const KINDS: [ObjectKind; 3] = [ObjectKind::Users, ObjectKind::ServicePrincipals, ObjectKind::Groups];

    /// How many of one kind there are.
    pub fn count(&self, kind: ObjectKind) -> u32 {
        let listed = self.0.objects.get(&kind).map_or(0, Vec::len);
        u32::try_from(listed).unwrap_or(u32::MAX)
    }
}

/// Lists all users, service principals and groups: one call for each kind and a thousand of them.
///
/// # Errors
/// When one of the lists is not complete; nobody counts as missing then.
pub async fn list_people(client: &WorkspaceClient) -> Result<People, ApiError> {
    let look = Look::new(client, 1, KnownUntil::default());
    let mut people = People::default();
    for kind in People::KINDS {
        people.0.objects.insert(kind, look.listed(kind).await?.to_vec());
    }
    Ok(people)
}

/// Every user, group and service principal that only one side has, and every field in which the two sides differ;
/// sorted. Users are recognised by their name, groups by theirs, service principals by their application id or, where
/// the two workspaces are of different accounts, by a name that leaves no doubt.
pub fn compare_people(primary: &People, secondary: &People) -> Vec<PeopleDifference> {
    let sides = ((&primary.0, Side::Primary, "primary"), (&secondary.0, Side::Secondary, "secondary"));
    let matched = match_sides(sides.0, sides.1, &Entries::new());
    let (here, there) = (Known::of(&primary.0, matched.source), Known::of(&secondary.0, matched.target));
    let listed =
        |key: &ObjectKey| here.people.get(key).or_else(|| there.people.get(key)).map(|known| known.0);
    let member = |key: &ObjectKey| match listed(key) {
        Some(Listed { name, universal_id: Some(id), .. }) => format!("{} {name} ({id})", key.kind.singular()),
        Some(Listed { name, .. }) => format!("{} {name}", key.kind.singular()),
        None => key.to_string(),
    };

    let mut differences = Vec::new();
    let keys: BTreeSet<&ObjectKey> = here.people.keys().chain(there.people.keys()).collect();
    for key in keys {
        let Some(name) = listed(key).map(|listed| listed.name.to_string()) else { continue };
        let different = |what| PeopleDifference { kind: key.kind, name: name.clone(), what };
        match (here.people.get(key), there.people.get(key)) {
            (Some((listed, form)), Some((other, other_form))) => {
                let (mut fields, mut other_fields) = (Fields::new(), Fields::new());
                flatten(form, String::new(), &member, &mut fields);
                flatten(other_form, String::new(), &member, &mut other_fields);
                for (fields, listed) in [(&mut fields, listed), (&mut other_fields, other)] {
                    fields.insert("applicationId".to_owned(), listed.universal_id.iter().cloned().collect());
                }
                differences.extend(differing(&fields, &other_fields).into_iter().map(different));
            }
            (Some(_), None) => differences.push(different(WhatDiffers::OnlyOn { side: Side::Primary })),
            (None, Some(_)) => differences.push(different(WhatDiffers::OnlyOn { side: Side::Secondary })),
            (None, None) => {}
        }
    }
    differences.sort();
    differences
}

/// The people of one side, by key, each with what can be compared.
struct Known<'a> {
    people: BTreeMap<ObjectKey, (&'a Listed, Value)>,
}

impl<'a> Known<'a> {
    fn of(inventory: &'a Inventory, mut keys: SideKeys) -> Self {
        let listed = || inventory.objects.iter().flat_map(|(kind, all)| all.iter().map(|one| (*kind, one)));
        let with_key = listed().filter_map(|(kind, one)| Some((keys.of(kind, &one.id)?.clone(), one)));
        let with_key: Vec<(ObjectKey, &Listed)> = with_key.collect();
        // Whoever is on this side alone is still a member here.
        for (key, one) in &with_key {
            keys.insert(key.clone(), &one.id);
        }
        let form = |key: &ObjectKey, one: &Listed| kinds::of(key.kind).canonical(&one.raw, &keys).form;
        let people = with_key.into_iter().map(|(key, one)| {
            let form = form(&key, one);
            (key, (one, form))
        });
        Self { people: people.collect() }
    }
}

/// The values of each field; one that has a single value has it as its only one.
type Fields = BTreeMap<String, BTreeSet<String>>;

fn flatten(value: &Value, field: String, member: &dyn Fn(&ObjectKey) -> String, fields: &mut Fields) {
    if let Some(key) = referred(value) {
        fields.entry(field).or_default().insert(member(&key));
        return;
    }
    match value {
        Value::Object(map) => {
            for (part, value) in map {
                let field = if field.is_empty() { part.clone() } else { format!("{field}.{part}") };
                flatten(value, field, member, fields);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| flatten(item, field.clone(), member, fields)),
        Value::Null => {}
        Value::String(text) => {
            fields.entry(field).or_default().insert(text.clone());
        }
        other => {
            fields.entry(field).or_default().insert(other.to_string());
        }
    }
}

fn differing(primary: &Fields, secondary: &Fields) -> Vec<WhatDiffers> {
    let none = BTreeSet::new();
    let names: BTreeSet<&String> = primary.keys().chain(secondary.keys()).collect();
    let mut differences = Vec::new();
    for field in names {
        let (here, there) = (primary.get(field).unwrap_or(&none), secondary.get(field).unwrap_or(&none));
        let (only_here, only_there): (Vec<&String>, Vec<&String>) =
            (here.difference(there).collect(), there.difference(here).collect());
        let row = |primary: Option<&String>, secondary: Option<&String>| WhatDiffers::Field {
            field: field.clone(),
            primary: primary.cloned(),
            secondary: secondary.cloned(),
        };
        match (here.len(), there.len(), only_here.as_slice(), only_there.as_slice()) {
            // Another value of the same thing.
            (1, 1, [before], [after]) if !is_list(field) => differences.push(row(Some(before), Some(after))),
            _ => {
                differences.extend(only_here.iter().map(|value| row(Some(value), None)));
                differences.extend(only_there.iter().map(|value| row(None, Some(value))));
            }
        }
    }
    differences
}

fn is_list(field: &str) -> bool {
    matches!(field, "entitlements" | "roles" | "members")
}

#[cfg(test)]
mod tests;
