//! The clock of a run: from the request until the region is operational, against the RTO, the wait for the
//! approval shown apart.

use farshore_model::{
    DurationMs, Timestamp,
    run::{Run, RunbookKind},
    view::RunPage,
};
use leptos::prelude::*;

use crate::{
    components::{DurationText, Metric, MetricRow, TimeText, Tone, duration_text, use_seconds_since},
    parts::TickingLength,
    view,
};

#[component]
pub fn Clock(page: RunPage) -> impl IntoView {
    let RunPage { as_of, run, rto, rpo, replication_point, .. } = page;
    let is_running = run.is_clock_running();
    let is_waiting = run.approved_at.is_none() && !run.state.is_ended();
    let waited = run.waited_for_approval(as_of);
    let worked = run.recovery_time_after_approval(as_of);
    let operational = run.operational_at.map(|at| {
        view! { <p class="muted">"Operational since "<TimeText at/></p> }
    });
    view! {
        <div class="stack-tight">
            <MetricRow>
                <RecoveryClock run=run.clone() rto as_of/>
                <Metric
                    label="of which waiting for approval"
                    tone=if is_waiting { Tone::Warn } else { Tone::Neutral }
                    verdict=if is_waiting { "still waiting" } else { "" }
                >
                    <TickingLength base=waited is_running=is_waiting/>
                </Metric>
                <Metric label="of which at work">
                    <TickingLength base=worked is_running=is_running && !is_waiting/>
                </Metric>
                <Lost kind=run.definition.kind requested_at=run.requested_at point=replication_point rpo/>
            </MetricRow>
            {operational}
        </div>
    }
}

/// The big figure. It turns red by itself when the target is missed.
#[component]
fn RecoveryClock(run: Run, rto: Option<DurationMs>, as_of: Timestamp) -> impl IntoView {
    let seconds_since = use_seconds_since();
    let is_running = run.is_clock_running();
    let was_operational = run.operational_at.is_some();
    let base = run.recovery_time(as_of);
    let target = match rto {
        Some(rto) => format!("RTO {}", duration_text(rto)),
        None => "no RTO set".to_owned(),
    };
    let is_over = Memo::new(move |_| {
        let more = if is_running { seconds_since() * 1_000 } else { 0 };
        rto.is_some_and(|rto| base.0 + more > rto.0)
    });
    move || {
        let (tone, verdict) = match (is_running, was_operational, is_over.get(), rto.is_some()) {
            (true, _, true, _) => (Tone::Danger, "longer than the target, still running"),
            (true, _, false, _) => (Tone::Info, "running"),
            (false, true, true, _) => (Tone::Danger, "longer than the target"),
            (false, true, false, true) => (Tone::Ok, "within target"),
            (false, true, false, false) => (Tone::Ok, "operational"),
            (false, false, ..) => (Tone::Neutral, "ended without being operational"),
        };
        view! {
            <Metric label="Recovery: request to operational" tone target=target.clone() verdict>
                <TickingLength base is_running/>
            </Metric>
        }
    }
}

/// How old the replication point was when the run was requested.
#[component]
fn Lost(
    kind: RunbookKind,
    requested_at: Timestamp,
    point: Option<Timestamp>,
    rpo: Option<DurationMs>,
) -> impl IntoView {
    let target = rpo.map(|rpo| format!("RPO {}", duration_text(rpo)));
    let label = match kind {
        RunbookKind::Failback => "Replication point before the run",
        _ => "Replication point at the request",
    };
    match point {
        Some(point) => {
            let age = requested_at.since(point);
            let (tone, verdict) = match rpo {
                Some(rpo) if age > rpo => (Tone::Danger, "older than the target"),
                Some(_) => (Tone::Ok, "within target"),
                None => (Tone::Neutral, "no target set"),
            };
            view! { <Metric label tone target verdict><DurationText length=age/></Metric> }
        }
        None => view! { <Metric label tone=Tone::Danger target verdict="never replicated">"none"</Metric> },
    }
}
