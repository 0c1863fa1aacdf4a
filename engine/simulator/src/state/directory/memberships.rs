//! Who is in which group, directly and through other groups.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use serde_json::{Value, json};

use super::{Directory, Resource, ResourceKind, put, text};
use crate::state::State;

/// The ids that a group names as its members.
fn member_ids(group: &Resource) -> impl Iterator<Item = &str> {
    let members = group.get("members").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    members.iter().filter_map(|member| member.get("value")?.as_str())
}

/// The groups of everybody, computed once for a whole list.
pub(crate) struct Memberships<'a> {
    directory: &'a Directory,
    parents: BTreeMap<&'a str, Vec<&'a str>>,
}

impl<'a> Memberships<'a> {
    pub(crate) fn new(directory: &'a Directory) -> Self {
        let mut parents: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for (group_id, group) in directory.of(ResourceKind::Groups) {
            for member in member_ids(group) {
                parents.entry(member).or_default().push(group_id);
            }
        }
        Self { directory, parents }
    }

    /// The ids of the groups that somebody is in, each with whether that is directly.
    pub(crate) fn groups_of(&self, kind: ResourceKind, id: &str) -> Vec<(&'a str, bool)> {
        let everybody = self.directory.everybody_group_id().filter(|_| kind != ResourceKind::Groups);
        let named = self.parents.get(id).map(Vec::as_slice).unwrap_or_default().iter().copied();
        let direct: Vec<&str> = named.chain(everybody).collect();
        let mut found: Vec<(&str, bool)> = direct.iter().map(|group| (*group, true)).collect();
        let mut seen: BTreeSet<&str> = direct.iter().copied().collect();
        let mut ahead: VecDeque<&str> = direct.into();
        while let Some(group) = ahead.pop_front() {
            for parent in self.parents.get(group).map(Vec::as_slice).unwrap_or_default() {
                if seen.insert(parent) {
                    found.push((parent, false));
                    ahead.push_back(parent);
                }
            }
        }
        found
    }

    /// The same as resources show it.
    pub(crate) fn shown(&self, kind: ResourceKind, id: &str) -> Vec<Value> {
        let groups = self.directory.of(ResourceKind::Groups);
        self.groups_of(kind, id)
            .into_iter()
            .filter_map(|(group_id, is_direct)| {
                let name = text(groups.get(group_id)?, "displayName");
                let how = if is_direct { "direct" } else { "indirect" };
                Some(json!({
                    "value": group_id, "display": name, "type": how, "$ref": format!("Groups/{group_id}"),
                }))
            })
            .collect()
    }
}

impl Directory {
    /// The members of a group as it shows them.
    pub(crate) fn members_shown(&self, group_id: &str, group: &Resource) -> Vec<Value> {
        let shown = |kind: ResourceKind, id: &str, member: &Resource| {
            json!({
                "value": id,
                "display": text(member, "displayName"),
                "type": "direct",
                "$ref": format!("{}/{id}", kind.collection()),
            })
        };
        if Some(group_id) == self.everybody_group_id() {
            let kinds = [ResourceKind::Users, ResourceKind::ServicePrincipals];
            let all = kinds.into_iter().flat_map(|kind| self.of(kind).iter().map(move |known| (kind, known)));
            return all.map(|(kind, (id, member))| shown(kind, id, member)).collect();
        }
        member_ids(group)
            .filter_map(|id| self.find(id).map(|(kind, member)| shown(kind, id, member)))
            .collect()
    }

    /// Whether making the second group a member of the first would close a circle.
    pub(crate) fn is_above(&self, group_id: &str, member_id: &str) -> bool {
        let mut ahead = vec![member_id];
        let mut seen = BTreeSet::new();
        while let Some(id) = ahead.pop() {
            if id == group_id {
                return true;
            }
            if let Some(group) = self.of(ResourceKind::Groups).get(id).filter(|_| seen.insert(id)) {
                ahead.extend(member_ids(group));
            }
        }
        false
    }
}

/// Makes somebody a direct member of exactly these groups, leaving apart the one that everybody is in.
pub(crate) fn set_groups(state: &mut State, id: &str, wanted: &[String]) {
    let everybody = state.directory.everybody_group_id().map(str::to_owned);
    let changes: Vec<(String, bool)> = state
        .directory
        .of(ResourceKind::Groups)
        .iter()
        .filter(|(group_id, _)| Some(*group_id) != everybody.as_ref())
        .filter_map(|(group_id, group)| {
            let is_wanted = wanted.contains(group_id);
            (member_ids(group).any(|member| member == id) != is_wanted).then(|| (group_id.clone(), is_wanted))
        })
        .collect();
    for (group_id, is_wanted) in changes {
        let Some(mut group) = state.directory.of(ResourceKind::Groups).get(&group_id).cloned() else {
            continue;
        };
        if let Value::Array(members) = group.entry("members").or_insert_with(|| json!([])) {
            members.retain(|member| member.get("value").and_then(Value::as_str) != Some(id));
            if is_wanted {
                members.push(json!({"value": id}));
            }
        }
        put(state, ResourceKind::Groups, &group_id, group);
    }
}

impl Directory {
    /// Whether somebody administers the workspace, as far as the group of administrators names them itself.
    pub(crate) fn is_direct_admin(&self, name: &str) -> bool {
        let id = self.actor_kind(name).and_then(|kind| self.id_of(kind, name));
        let admins = self.of(ResourceKind::Groups).get(self.admins_group_id());
        id.is_some_and(|id| admins.is_some_and(|admins| member_ids(admins).any(|member| member == id)))
    }
}
