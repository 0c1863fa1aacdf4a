//! What the test of a connection found.

use farshore_model::{
    Timestamp,
    pairing::PairingSide,
    workspace::{CheckState, ConnectionCheck},
};
use leptos::prelude::*;

use crate::{
    components::{Card, Glyph, Icon, KeyValue, KeyValues, RelativeAge, StatusBadge},
    parts::{check_words, cloud_words},
    view,
};

/// Each check with its result, then the facts that came out of them.
#[component]
pub fn Checks(side: PairingSide, as_of: Timestamp) -> impl IntoView {
    let PairingSide { report, cloud, region, .. } = side;
    let rows = report.checks.into_iter().map(check_row).collect_view();
    let known = |value: Option<String>| value.unwrap_or_else(|| "not known".to_owned());
    view! {
        <Card title="Test of the connection">
            <div class="stack">
                <ul class="check-list">{rows}</ul>
                <KeyValues is_wide=true>
                    <KeyValue label="Workspace id"><code>{known(report.org_id)}</code></KeyValue>
                    <KeyValue label="Signed in there as">{known(report.user_name)}</KeyValue>
                    <KeyValue label="Cloud">{known(cloud.map(|cloud| cloud_words(cloud).to_owned()))}</KeyValue>
                    <KeyValue label="Region">{known(region)}</KeyValue>
                    <KeyValue label="Tested"><RelativeAge at=report.tested_at now=as_of/></KeyValue>
                </KeyValues>
            </div>
        </Card>
    }
}

fn check_row(check: ConnectionCheck) -> impl IntoView {
    let ConnectionCheck { title, state, detail, remedy, .. } = check;
    let (label, tone) = check_words(state);
    let remedy = remedy.filter(|_| state != CheckState::Passed).map(|remedy| {
        view! { <p class="remedy"><Icon glyph=Glyph::ArrowRight/><span>{remedy}</span></p> }
    });
    view! {
        <li class="check-row">
            <StatusBadge tone label/>
            <div class="stack-tight">
                <strong>{title}</strong>
                <p class="muted">{detail}</p>
                {remedy}
            </div>
        </li>
    }
}
