//! A group on the board.

use farshore_model::{Timestamp, readiness::ReadinessState, view::GroupCard};
use leptos::prelude::*;

use super::{OpenMatters, ReadinessBadge, RecoveryMetric, RegionPills, ReplicationMetric};
use crate::{
    components::{Badge, Glyph, Icon, MetricRow},
    view,
};

/// Who is active, both axes, and what is open.
#[component]
pub fn GroupTile(card: GroupCard, as_of: Timestamp) -> impl IntoView {
    let href = format!("/groups/{}", card.group.id);
    let remedies = card
        .readiness
        .checks
        .iter()
        .filter(|check| check.state == ReadinessState::ActionRequired)
        .take(2)
        .map(|check| {
            let remedy = check.remedy.clone();
            view! {
                <p class="remedy">
                    <Icon glyph=Glyph::ArrowRight/>
                    <span><strong>{check.title.clone()}</strong>": "{check.detail.clone()}" "{remedy}</span>
                </p>
            }
        })
        .collect_view();
    let owner = match &card.department {
        Some(department) => department.name.clone(),
        None => "Whole organisation".to_owned(),
    };
    view! {
        <article class="card group-tile">
            <header class="card-head">
                <div class="card-words">
                    <h2 class="card-title"><a href=href>{card.group.name.clone()}</a></h2>
                    <p class="card-lead"><Badge>{owner}</Badge></p>
                </div>
                <RegionPills regions=card.regions.clone()/>
            </header>
            <div class="card-body stack">
                <OpenMatters card=card.clone() as_of/>
                <MetricRow>
                    <ReplicationMetric replication=card.replication/>
                    <ReadinessBadge readiness=card.readiness/>
                    <RecoveryMetric recovery=card.recovery_time/>
                </MetricRow>
                {remedies}
            </div>
        </article>
    }
}
