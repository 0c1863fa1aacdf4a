//! What of a group is replicated and how, as people decide it. A change takes effect with the next plan: one that
//! was made before is not applied any more where it would be another one now.

use std::collections::BTreeMap;

use farshore_model::{
    Actor, GroupId, Problem,
    kind::ObjectKind,
    region_map::{InvalidRegionMap, RegionMap},
    replication_settings::{
        Bundles, DeletionBrake, FilterBy, Handling, InvalidSettings, OnDrift, ReplicationSettings,
        ScopeFilter,
    },
    view::{SettingsPage, Topic},
};

use crate::{
    Control,
    audit::Subject,
    problem::from_store,
    role_matrix::{Action, authorize},
};

/// The most filters, and the most rules, that a group has: more than a person can oversee, and than every value should
/// be tried on.
pub const MOST_ROWS: usize = 200;
/// Longer than any path, pattern or value.
const LONGEST_TEXT: usize = 1_000;

/// Everything but the region map; `version` is the one that was read.
#[derive(Clone, Debug)]
pub struct EditSettings {
    pub version: i64,
    pub handling: BTreeMap<ObjectKind, Handling>,
    pub filters: Vec<ScopeFilter>,
    pub on_drift: OnDrift,
    pub bundles: Bundles,
    pub brake: DeletionBrake,
}

impl Control {
    pub async fn settings_page(&self, actor: &Actor, id: GroupId) -> Result<SettingsPage, Problem> {
        authorize(actor, Action::Read)?;
        let group = self.known_group(id).await?;
        let stored = self.store.settings(id).await.map_err(from_store)?;
        let directory = self.directory().await?;
        let mut secondary_regions = Vec::new();
        for pair in self.store.pairs(Some(id)).await.map_err(from_store)? {
            secondary_regions.extend(directory.status(pair.secondary).map(|status| status.workspace.region));
        }
        secondary_regions.sort();
        secondary_regions.dedup();
        Ok(SettingsPage {
            as_of: self.clock.now(),
            primary_region: group.primary_region.clone(),
            secondary_regions,
            group,
            settings: stored.settings,
            version: stored.version,
            actions: self.availability(actor, &[Action::EditGroup]),
        })
    }

    /// Everything at once.
    pub async fn replace_settings(
        &self,
        actor: &Actor,
        id: GroupId,
        version: i64,
        settings: ReplicationSettings,
    ) -> Result<(), Problem> {
        self.change_settings(actor, id, "replace_settings", version, |stored| *stored = settings).await
    }

    /// Handling, filters, drift and brake; the region map stays.
    pub async fn edit_settings(&self, actor: &Actor, id: GroupId, edit: EditSettings) -> Result<(), Problem> {
        let EditSettings { version, handling, filters, on_drift, bundles, brake } = edit;
        self.change_settings(actor, id, "edit_settings", version, |stored| {
            *stored = ReplicationSettings {
                handling,
                filters,
                on_drift,
                bundles,
                brake,
                region_map: std::mem::take(&mut stored.region_map),
            };
        })
        .await
    }

    /// The region map; everything else stays.
    pub async fn edit_region_map(
        &self,
        actor: &Actor,
        id: GroupId,
        version: i64,
        region_map: RegionMap,
    ) -> Result<(), Problem> {
        self.change_settings(actor, id, "edit_region_map", version, |stored| stored.region_map = region_map)
            .await
    }

    async fn change_settings(
        &self,
        actor: &Actor,
        id: GroupId,
        name: &str,
        version: i64,
        change: impl FnOnce(&mut ReplicationSettings) + Send,
    ) -> Result<(), Problem> {
        let group = self.known_group(id).await?;
        let path = if name == "edit_region_map" { "region-map" } else { "settings" };
        let subject = Subject::new(group.name, format!("/groups/{id}/{path}"));
        self.act(actor, Action::EditGroup, name, subject, async {
            let mut stored = self.store.settings(id).await.map_err(from_store)?;
            change(&mut stored.settings);
            // What is synced is what nobody has said anything about.
            stored.settings.handling.retain(|_, handling| *handling != Handling::Sync);
            check_size(&stored.settings)?;
            stored.settings.check().map_err(|invalid| from_invalid(&invalid))?;
            stored.version = version;
            self.store.put_settings(id, &stored).await.map_err(from_store)?;
            self.notices.publish(Topic::Group(id));
            Ok(())
        })
        .await
    }
}

/// The name of the field that holds what is wrong: `filter_2`, `rule_3`, counted from 1, or `most_percent`.
fn from_invalid(invalid: &InvalidSettings) -> Problem {
    let field = match invalid {
        InvalidSettings::Empty { place, .. }
        | InvalidSettings::Path { place, .. }
        | InvalidSettings::FollowsItsOwner(place) => format!("filter_{place}"),
        InvalidSettings::Percent(_) => "most_percent".to_owned(),
        InvalidSettings::RegionMap(invalid) => format!("rule_{}", place_of(invalid)),
    };
    Problem::field(&field, sentence(&invalid.to_string()))
}

/// The rule that has to be changed; of two that do not go together, the later one.
pub(crate) const fn place_of(invalid: &InvalidRegionMap) -> usize {
    match *invalid {
        InvalidRegionMap::Empty(place)
        | InvalidRegionMap::Idle(place)
        | InvalidRegionMap::PathOfACopy(place)
        | InvalidRegionMap::NotReversible(_, place, _)
        | InvalidRegionMap::Shadowed(_, place) => place,
    }
}

/// What is wrong, without what a problem says by itself: that nothing was changed.
pub(crate) fn sentence(error: &str) -> String {
    let error = error.strip_suffix("; nothing was changed").unwrap_or(error);
    let mut rest = error.chars();
    let first: String = rest.next().into_iter().flat_map(char::to_uppercase).collect();
    format!("{first}{}.", rest.as_str())
}

fn check_size(settings: &ReplicationSettings) -> Result<(), Problem> {
    if settings.filters.len() > MOST_ROWS {
        return Err(Problem::field("filters", format!("A group has at most {MOST_ROWS} filters.")));
    }
    for (filter, place) in settings.filters.iter().zip(1..) {
        let is_long = |text: &String| text.len() > LONGEST_TEXT;
        let is_too_long = match &filter.by {
            FilterBy::Path { path: text }
            | FilterBy::Name { pattern: text }
            | FilterBy::Owner { pattern: text } => is_long(text),
            FilterBy::Tag { key, value } => is_long(key) || is_long(value),
        };
        if is_too_long {
            let why = format!("A path or a pattern has at most {LONGEST_TEXT} bytes.");
            return Err(Problem::field(&format!("filter_{place}"), why));
        }
    }
    check_map_size(&settings.region_map)
}

pub(crate) fn check_map_size(map: &RegionMap) -> Result<(), Problem> {
    if map.rules.len() > MOST_ROWS {
        return Err(Problem::field("rules", format!("A region map has at most {MOST_ROWS} rules.")));
    }
    for (rule, place) in map.rules.iter().zip(1..) {
        let texts = [rule.field.as_deref().unwrap_or_default(), &rule.primary, &rule.secondary];
        if texts.into_iter().any(|text| text.len() > LONGEST_TEXT) {
            let why = format!("A value has at most {LONGEST_TEXT} bytes.");
            return Err(Problem::field(&format!("rule_{place}"), why));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use farshore_model::group::Side;

    use super::*;

    #[test]
    fn what_is_wrong_stands_beside_its_row() {
        let not_reversible = InvalidRegionMap::NotReversible(1, 4, Side::Secondary);
        let problem = from_invalid(&InvalidSettings::RegionMap(not_reversible));
        assert_eq!(problem.fields[0].0, "rule_4");
        let problem = from_invalid(&InvalidSettings::Empty { place: 2, what: "path" });
        assert_eq!(problem.fields, [("filter_2".to_owned(), "Filter 2 lacks its path.".to_owned())]);
    }
}
