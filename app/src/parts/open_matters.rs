//! What is going on in a group that nobody may overlook.

use farshore_model::{Timestamp, view::GroupCard, view::RunSummary};
use leptos::prelude::*;

use super::{is_unreachable, run_tone};
use crate::{
    components::{Alert, RelativeAge, Tone},
    view,
};

/// An open run, an active region that does not answer, suspended syncs with their open fences.
#[component]
pub fn OpenMatters(card: GroupCard, as_of: Timestamp) -> impl IntoView {
    let down = card.regions.iter().filter(|region| region.is_active).find_map(|region| {
        let status = region.workspaces.iter().find(|status| is_unreachable(status))?;
        let since = status.health.as_ref()?.since;
        Some((region.region.clone(), since))
    });
    let group = card.group.id;
    let may_be_moved = card.open_run.is_none();
    let down = down.map(|(region, since)| {
        let way_out = may_be_moved.then(|| {
            view! { <a href=format!("/groups/{group}/failover")>"Request a failover"</a> }
        });
        view! {
            <Alert tone=Tone::Danger is_urgent=true title=format!("The active region {region} does not answer.")>
                "Noticed "<RelativeAge at=since now=as_of/>". What is on the passive side is safe; a forced failover needs no answer from there. "
                {way_out}
            </Alert>
        }
    });
    // While a run is open it says all this itself.
    let suspension = card.replication.suspension.clone().filter(|_| may_be_moved);
    let has_open_fence = card.open_fences > 0;
    let home = card.group.primary_region.clone();
    let suspended = suspension.map(|suspension| {
        let fence = has_open_fence.then(|| {
            format!(" The fence of {home} is not up yet: it is put up as soon as the region answers, and a failback waits for it.")
        });
        view! {
            <Alert tone=Tone::Warn title="Syncs are suspended.">
                <RelativeAge at=suspension.since now=as_of/>": "{suspension.reason}{fence}
            </Alert>
        }
    });
    view! {
        {card.open_run.map(|run| view! { <OpenRun run as_of/> })}
        {down}
        {suspended}
    }
}

#[component]
fn OpenRun(run: RunSummary, as_of: Timestamp) -> impl IntoView {
    let RunSummary { id, kind, state, requested_by, requested_at, current_step, .. } = run;
    let step = current_step.map(|step| format!(" at “{step}”")).unwrap_or_default();
    let title = format!("{} open: {}{step}", kind.title(), state.title().to_ascii_lowercase());
    view! {
        <Alert tone=run_tone(state) title>
            {format!("Requested by {requested_by} ")}<RelativeAge at=requested_at now=as_of/>". "
            <a href=format!("/runs/{id}")>"Open the run"</a>
        </Alert>
    }
}
