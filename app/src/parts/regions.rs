//! The regions of a group, the active one unmistakable.

use farshore_model::{
    view::{RegionStatus, WorkspaceStatus},
    workspace::Reachability,
};
use leptos::prelude::*;

use crate::{
    components::{RegionPill, RegionRole, StatusBadge, Tone},
    view,
};

/// What a region is at this moment. That the active one does not answer is said apart: it stays the active one.
pub fn role_of(region: &RegionStatus) -> RegionRole {
    if region.is_active {
        RegionRole::Active
    } else if region.workspaces.iter().any(is_unreachable) {
        RegionRole::Unreachable
    } else {
        RegionRole::Passive
    }
}

/// The last look at it found no answer.
pub fn is_unreachable(status: &WorkspaceStatus) -> bool {
    status.health.as_ref().is_some_and(|health| health.state == Reachability::Unreachable)
}

/// A pill for each region, the active one first.
#[component]
pub fn RegionPills(regions: Vec<RegionStatus>) -> impl IntoView {
    let pills = regions
        .into_iter()
        .map(|region| {
            let role = role_of(&region);
            let is_lost = role == RegionRole::Active && region.workspaces.iter().any(is_unreachable);
            view! {
                <RegionPill region=region.region role/>
                {is_lost.then(|| view! { <StatusBadge tone=Tone::Danger label="does not answer"/> })}
            }
        })
        .collect_view();
    view! { <div class="actions">{pills}</div> }
}
