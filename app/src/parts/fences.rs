//! Fences: regions that have to be switched off, whether they answer or not.

use farshore_model::{
    Timestamp,
    obligation::{FenceObligation, FenceReport, StartedRun},
};
use leptos::prelude::*;

use super::counted;
use crate::{
    components::{
        Alert, Cell, Column, Glyph, KeyValue, KeyValues, RelativeAge, Row, StatusBadge, Table, TimeText, Tone,
    },
    view,
};

/// Each fence with its state, what it found, and every job run that started behind it before it held.
#[component]
pub fn FenceList(fences: Vec<FenceObligation>, region: String, as_of: Timestamp) -> impl IntoView {
    fences.into_iter().map(|fence| view! { <Fence fence region=region.clone() as_of/> }).collect_view()
}

#[component]
fn Fence(fence: FenceObligation, region: String, as_of: Timestamp) -> impl IntoView {
    let FenceObligation { opened_at, closed_at, attempts, last_attempt_at, last_error, report, .. } = fence;
    let state = match closed_at {
        Some(_) => view! {
            <StatusBadge tone=Tone::Ok label=format!("Fence of {region} holds") glyph=Glyph::Lock/>
        },
        None => view! {
            <StatusBadge tone=Tone::Warn label=format!("Fence of {region} is open") is_moving=true/>
            <p>"It is tried again in the background, all the time, until it holds."</p>
        },
    };
    let closed = match closed_at {
        Some(at) => view! { <TimeText at/> },
        None => "not yet".into_any(),
    };
    let tried = last_attempt_at.map(|at| view! { ", last "<RelativeAge at now=as_of/> });
    let error = closed_at.is_none().then_some(last_error).flatten().map(|error| {
        view! { <KeyValue label="Last answer">{error}</KeyValue> }
    });
    view! {
        <div class="stack">
            {state}
            <KeyValues is_wide=true>
                <KeyValue label="Due since"><TimeText at=opened_at/></KeyValue>
                <KeyValue label="Holds since">{closed}</KeyValue>
                <KeyValue label="Attempts">{attempts}{tried}</KeyValue>
                {error}
            </KeyValues>
            {report.map(|report| view! { <FenceFindings report/> })}
        </div>
    }
}

#[component]
fn FenceFindings(report: FenceReport) -> impl IntoView {
    let FenceReport { pools_emptied, clusters_terminated, jobs_held, runs_cancelled, started_runs } = report;
    let done = [
        counted(pools_emptied, "pool emptied", "pools emptied"),
        counted(clusters_terminated, "cluster terminated", "clusters terminated"),
        counted(jobs_held, "job held", "jobs held"),
        counted(runs_cancelled, "run cancelled", "runs cancelled"),
    ]
    .join(", ");
    let started = if started_runs.is_empty() {
        view! {
            <Alert tone=Tone::Ok title="No job run started there before the fence held."/>
        }
    } else {
        let count = u32::try_from(started_runs.len()).unwrap_or(u32::MAX);
        let title = format!(
            "{} there before the fence held. Look at what they wrote.",
            counted(count, "job run started", "job runs started")
        );
        let rows = started_runs.into_iter().map(started_row).collect_view();
        view! {
            <Alert tone=Tone::Danger title/>
            <Table
                caption="Job runs that started before the fence held"
                columns=vec![Column::new("Job"), Column::new("Run"), Column::new("Started")]
            >
                {rows}
            </Table>
        }
    };
    view! {
        <p>{done}</p>
        {started}
    }
}

fn started_row(run: StartedRun) -> impl IntoView {
    view! {
        <Row>
            <Cell is_title=true>{run.job_name}</Cell>
            <Cell label="Run"><code>{run.run_id}</code></Cell>
            <Cell label="Started"><TimeText at=run.started_at/></Cell>
        </Row>
    }
}
