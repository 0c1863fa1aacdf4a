//! Both workspaces of a pair, and its objects.

use farshore_model::{
    Timestamp,
    view::{KindObjects, PairStatus, WorkspaceStatus},
};
use leptos::prelude::*;

use crate::{
    components::{
        Badge, Card, Cell, Column, DurationText, KeyValue, KeyValues, RelativeAge, Row, StatusBadge, Table,
        Tone,
    },
    parts::{cloud_words, reachability_words},
    view,
};

/// A pair with both workspaces and its objects, kind by kind.
#[component]
pub(super) fn Pair(pair: PairStatus, as_of: Timestamp) -> impl IntoView {
    let PairStatus { pair, primary, secondary, objects, .. } = pair;
    let title = format!("Pair: {} and {}", primary.workspace.name, secondary.workspace.name);
    let point = match pair.replication_point {
        Some(at) => view! { <RelativeAge at now=as_of/> },
        None => "never: nothing is known to be on the other side".into_any(),
    };
    let total: u32 = objects.iter().map(|kind| kind.total).sum();
    let rows = objects
        .into_iter()
        .map(|KindObjects { kind, total, failed }| {
            view! {
                <Row>
                    <Cell is_title=true>{kind.title()}</Cell>
                    <Cell label="In the ledger" is_numeric=true>{total}</Cell>
                    <Cell label="Failed last time" is_numeric=true>
                        {if failed == 0 {
                            "0".into_any()
                        } else {
                            view! { <Badge tone=Tone::Danger>{failed}</Badge> }
                        }}
                    </Cell>
                </Row>
            }
        })
        .collect_view();
    let columns = vec![
        Column::new("Kind"),
        Column::new("In the ledger").numeric(),
        Column::new("Failed last time").numeric(),
    ];
    view! {
        <Card title>
            <div class="stack">
                <div class="grid-2">
                    <WorkspaceFacts side="Home" status=primary as_of/>
                    <WorkspaceFacts side="Counterpart" status=secondary as_of/>
                </div>
                <p>"Replication point: "{point}</p>
                {(total > 0).then(|| view! { <Table caption="Objects of this pair by kind" columns>{rows}</Table> })}
            </div>
        </Card>
    }
}

#[component]
fn WorkspaceFacts(side: &'static str, status: WorkspaceStatus, as_of: Timestamp) -> impl IntoView {
    let WorkspaceStatus { workspace, health } = status;
    let health = match health {
        None => "not looked at yet".into_any(),
        Some(health) => {
            let (label, tone) = reachability_words(health.state);
            let held = as_of.since(health.since);
            view! {
                <span class="stack-tight">
                    <StatusBadge tone label/>
                    <span class="muted">"for "<DurationText length=held/></span>
                    {health.error.map(|error| view! { <span class="muted">{error}</span> })}
                    {health.remedy.map(|remedy| view! { <span class="muted">{remedy}</span> })}
                </span>
            }
        }
    };
    view! {
        <KeyValues>
            <KeyValue label=side><strong>{workspace.name}</strong></KeyValue>
            <KeyValue label="Host"><code class="break">{workspace.host}</code></KeyValue>
            <KeyValue label="Region">{format!("{}, {}", workspace.region, cloud_words(workspace.cloud))}</KeyValue>
            <KeyValue label="Workspace id"><code>{workspace.org_id}</code></KeyValue>
            <KeyValue label="Connection">{health}</KeyValue>
        </KeyValues>
    }
}
