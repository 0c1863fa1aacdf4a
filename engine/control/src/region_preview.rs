//! What a region map would do, shown while it is being written. The objects that it is tried on are read once and
//! kept for some minutes, because a preview is asked for with every letter that is typed.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use farshore_model::{
    Actor, DurationMs, GroupId, Problem, ProblemKind, Timestamp,
    group::{FailoverGroup, Side},
    kind::ObjectKind,
    region_map::{RegionMap, RegionPreview, RegionRule, RuleEffect},
    view::RegionMapPreview,
    workspace::{Reachability, Workspace},
};
use farshore_sync::{list_regional, preview_region_map};
use serde_json::Value;

use crate::{
    Control,
    problem::{from_store, from_workspace, not_now},
    role_matrix::{Action, authorize},
    settings::{check_map_size, place_of, sentence},
    workspaces::Patience,
};

/// How long objects are kept.
const KEPT_FOR: DurationMs = DurationMs(5 * 60_000);
/// What was read so shortly before is not read again, whoever asks for it: every look costs the workspace's budget.
const FRESH_FOR: DurationMs = DurationMs(10_000);
/// How long a page waits for a workspace.
const PATIENCE: Duration = Duration::from_secs(30);

/// Per group, what was read last. Its lock is held while it is read, so that all who ask wait for one reading.
#[derive(Default)]
pub(crate) struct RegionalObjects(Mutex<HashMap<GroupId, Arc<tokio::sync::Mutex<Option<Reading>>>>>);

/// An object as a workspace tells it: its kind, its name and itself.
type RegionalObject = (ObjectKind, String, Value);

/// What one reading has found, or why it failed.
#[derive(Clone)]
struct Reading {
    side: Side,
    region: String,
    objects: Result<Arc<Vec<RegionalObject>>, Problem>,
    began_at: Timestamp,
}

impl RegionalObjects {
    fn of(&self, group: GroupId) -> Arc<tokio::sync::Mutex<Option<Reading>>> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(kept.entry(group).or_default())
    }

    /// Gives back the memory of what is too old, unless somebody is about to use it.
    fn forget_before(&self, moment: Timestamp) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.retain(|_, reading| {
            reading
                .try_lock()
                .is_ok_and(|reading| reading.as_ref().is_some_and(|reading| reading.began_at >= moment))
                || Arc::strong_count(reading) > 1
        });
    }
}

impl Control {
    /// Tries a map, which need not be kept, on the objects of the active side. With `is_anew` they are read again,
    /// unless that was done a few seconds ago.
    pub async fn preview_region_map(
        &self,
        actor: &Actor,
        id: GroupId,
        map: &RegionMap,
        is_anew: bool,
    ) -> Result<RegionMapPreview, Problem> {
        authorize(actor, Action::Read)?;
        check_map_size(map)?;
        let group = self.known_group(id).await?;
        let reading = self.regional_objects(&group, is_anew).await?;
        let objects = reading.objects?;
        let refusal = map.check().err().map(|invalid| {
            (u32::try_from(place_of(&invalid)).unwrap_or(u32::MAX), sentence(&invalid.to_string()))
        });
        Ok(RegionMapPreview {
            side: reading.side,
            objects: u32::try_from(objects.len()).unwrap_or(u32::MAX),
            read_at: reading.began_at,
            as_of: self.clock.now(),
            refusal,
            preview: preview(&objects, reading.side, &reading.region, map),
            region: reading.region,
        })
    }

    async fn regional_objects(&self, group: &FailoverGroup, is_anew: bool) -> Result<Reading, Problem> {
        self.regional.forget_before(self.clock.now() - KEPT_FOR);
        let place = self.regional.of(group.id);
        let mut kept = place.lock().await;
        let age = |reading: &Reading| self.clock.now().since(reading.began_at);
        let is_good = |reading: &&Reading| {
            let good_for = if is_anew || reading.objects.is_err() { FRESH_FOR } else { KEPT_FOR };
            reading.region == group.active_region && age(reading) < good_for
        };
        if let Some(reading) = kept.as_ref().filter(is_good) {
            return Ok(reading.clone());
        }
        let (side, workspaces) = self.active_workspaces(group).await?;
        let began_at = self.clock.now();
        let objects = match tokio::time::timeout(PATIENCE, self.read_regional(&workspaces)).await {
            Ok(objects) => objects.map(Arc::new),
            Err(_) => Err(unreachable_now(&group.active_region)),
        };
        let reading = Reading { side, region: group.active_region.clone(), objects, began_at };
        *kept = Some(reading.clone());
        Ok(reading)
    }

    async fn read_regional(&self, workspaces: &[Workspace]) -> Result<Vec<RegionalObject>, Problem> {
        let health = self.store.health().await.map_err(from_store)?;
        let mut objects = Vec::new();
        for workspace in workspaces {
            // Nobody waits for what is known to be away.
            let is_away = |id| {
                let known = health.iter().find(|health| health.workspace_id == id);
                known.is_some_and(|health| health.state == Reachability::Unreachable)
            };
            if is_away(workspace.id) {
                return Err(unreachable_now(&workspace.region));
            }
            let client = self.client_of(workspace, Patience::Full).await?;
            objects.extend(list_regional(&client).await.map_err(|error| from_workspace(&error))?);
        }
        Ok(objects)
    }

    /// The active side, and each of its workspaces once.
    async fn active_workspaces(&self, group: &FailoverGroup) -> Result<(Side, Vec<Workspace>), Problem> {
        let directory = self.directory().await?;
        let mut active: Vec<Workspace> = Vec::new();
        let mut found = Side::Primary;
        for pair in self.store.pairs(Some(group.id)).await.map_err(from_store)? {
            for (side, id) in [(Side::Primary, pair.primary), (Side::Secondary, pair.secondary)] {
                let Some(status) = directory.status(id) else { continue };
                let is_new = active.iter().all(|known| known.id != id);
                if status.workspace.region == group.active_region && is_new {
                    found = side;
                    active.push(status.workspace);
                }
            }
        }
        if active.is_empty() {
            return Err(not_now(
                "No workspace of this group is in its active region, so there is nothing to try the rules on.",
                "The rules can be edited and saved all the same.",
            ));
        }
        Ok((found, active))
    }
}

/// A rule that lacks one side is still being typed: nothing is its prefix, and it touches nothing.
fn preview(objects: &[RegionalObject], side: Side, region: &str, map: &RegionMap) -> RegionPreview {
    let is_whole = |rule: &&RegionRule| !rule.primary.is_empty() && !rule.secondary.is_empty();
    let whole = RegionMap { rules: map.rules.iter().filter(is_whole).cloned().collect() };
    let objects = objects.iter().map(|(kind, name, form)| (*kind, name.as_str(), form));
    let RegionPreview { rules, unmapped } = preview_region_map(objects, side, region, &whole);
    let mut effects = rules.into_iter();
    let effect =
        |rule| if is_whole(&rule) { effects.next().unwrap_or_default() } else { RuleEffect::default() };
    RegionPreview { rules: map.rules.iter().map(effect).collect(), unmapped }
}

fn unreachable_now(region: &str) -> Problem {
    Problem::new(
        ProblemKind::Workspace,
        format!(
            "The workspace in {region} does not answer, so nothing can be shown of what the rules touch."
        ),
        "The rules can be edited and saved all the same.",
        "Read its objects again when it answers.",
    )
}

#[cfg(test)]
mod tests {
    use farshore_model::region_map::Matching;
    use serde_json::json;

    use super::*;

    #[test]
    fn a_rule_that_is_being_typed_touches_nothing() {
        let rule = |primary: &str, secondary: &str| RegionRule {
            field: None,
            matching: Matching::Prefix,
            primary: primary.to_owned(),
            secondary: secondary.to_owned(),
        };
        let map =
            RegionMap { rules: vec![rule("", "x"), rule("s3://east/", "s3://west/"), rule("s3://", "")] };
        let objects =
            [(ObjectKind::Jobs, "load".to_owned(), json!({"url": "s3://east/a", "zone": "us-east-1a"}))];
        let shown = preview(&objects, Side::Primary, "us-east-1", &map);
        let touched: Vec<u32> = shown.rules.iter().map(|rule| rule.values).collect();
        assert_eq!(touched, [0, 1, 0]);
        assert_eq!(shown.unmapped[0].value, "us-east-1a");
    }
}
