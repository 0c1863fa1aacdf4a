//! The last look before the group is made.

use farshore_model::{
    DurationMs,
    kind::ObjectKind,
    pairing::{Pairing, PairingSide},
    view::PairingPage,
};
use leptos::prelude::*;

use crate::{
    components::{
        Alert, Button, ButtonVariant, Card, Cell, Column, KeyValue, KeyValues, Row, Table, Tone,
        duration_text,
    },
    parts::{FormAction, FormProblem, PostForm, cloud_words},
    view,
};

#[component]
pub fn Review(page: PairingPage, finish: FormAction, discard: FormAction) -> impl IntoView {
    let Pairing { id, primary, secondary, group_name, sync_interval_ms, smoke_job, .. } = page.pairing;
    let refused = finish.problem();
    let not_discarded = discard.problem();
    let schedule = match sync_interval_ms {
        Some(ms) => format!("Every {}", duration_text(DurationMs(ms))),
        None => "Only when somebody asks".to_owned(),
    };
    let no_smoke_job = smoke_job.is_none().then(|| {
        view! {
            <Alert tone=Tone::Warn title="No smoke job is chosen.">
                "Readiness will be “action required” until there is one: a failover could not show that the region works."
            </Alert>
        }
    });
    view! {
        <FormProblem problem=refused/>
        <FormProblem problem=not_discarded/>
        {no_smoke_job}
        <Card title=group_name.unwrap_or_default()>
            <div class="stack">
                <div class="grid-2">
                    {primary.map(|side| view! { <SideFacts title="Home workspace" side/> })}
                    {secondary.map(|side| view! { <SideFacts title="Counterpart" side/> })}
                </div>
                <KeyValues is_wide=true>
                    <KeyValue label="Sync schedule">{schedule}</KeyValue>
                    <KeyValue label="Smoke job">{smoke_job.map_or_else(|| "none".to_owned(), |job| job.name)}</KeyValue>
                </KeyValues>
            </div>
        </Card>
        <Card title="What will be replicated" lead="On the passive side nothing runs and nothing costs." is_flush=true>
            <Table caption="Kinds of objects and how each is handled" columns=vec![Column::new("Kind"), Column::new("On the passive side")]>
                {ObjectKind::ALL.into_iter().map(kind_row).collect_view()}
            </Table>
        </Card>
        <Alert tone=Tone::Info title="Not replicated by Farshore: tables and their data, secrets, users and groups, permissions.">
            "Bring them over by other means, such as the storage's own replication or your deployment pipeline."
        </Alert>
        <div class="actions">
            <PostForm action=finish>
                <input type="hidden" name="id" value=id.to_string()/>
                <Button variant=ButtonVariant::Primary is_busy=finish.is_pending()>"Create the failover group"</Button>
            </PostForm>
            <PostForm action=discard>
                <input type="hidden" name="id" value=id.to_string()/>
                <Button variant=ButtonVariant::Quiet is_busy=discard.is_pending()>"Discard this pairing and its tokens"</Button>
            </PostForm>
        </div>
        <p class="muted">"Nothing is copied yet: the next page offers the plan of the first copy."</p>
    }
}

#[component]
fn SideFacts(title: &'static str, side: PairingSide) -> impl IntoView {
    let place = match (side.cloud, side.region) {
        (Some(cloud), Some(region)) => format!("{region}, {}", cloud_words(cloud)),
        _ => "not known".to_owned(),
    };
    view! {
        <KeyValues>
            <KeyValue label=title><strong>{side.name}</strong></KeyValue>
            <KeyValue label="Host"><code class="break">{side.host}</code></KeyValue>
            <KeyValue label="Region">{place}</KeyValue>
            <KeyValue label="Workspace id"><code>{side.report.org_id}</code></KeyValue>
        </KeyValues>
    }
}

fn kind_row(kind: ObjectKind) -> impl IntoView {
    let handling = match kind {
        ObjectKind::InstancePools => "no idle instances; each pool's own number is kept for the failover",
        ObjectKind::Clusters => "terminated; those that were running are started by the failover",
        ObjectKind::Jobs => "concurrency 0 and every trigger paused; each job's own is kept for the failover",
        ObjectKind::Permissions => {
            "the same; those of jobs have only an owner, and are kept for the failover"
        }
        _ => "the same",
    };
    view! {
        <Row>
            <Cell is_title=true>{kind.title()}</Cell>
            <Cell label="Passive side">{handling}</Cell>
        </Row>
    }
}
