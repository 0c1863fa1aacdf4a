//! How much of each workspace's patience the panel uses now; looked at again every second.

use farshore_model::{
    GroupId, Timestamp,
    view::{EndpointUse, RateBudgetPage, WorkspaceBudget},
};
use leptos::prelude::*;

use super::read_and_show;
use crate::{
    components::{
        Card, Cell, Column, Crumb, LinkButton, PageHeader, RelativeAge, Row, StatusBadge, Table, Tone,
        duration_text, utc_exact,
    },
    parts::{GroupTab, GroupTabs, counted, use_path_id},
    view,
};

#[component]
pub fn RateBudget() -> impl IntoView {
    let id = use_path_id::<GroupId>().get();
    read_and_show(
        async move |control, actor| {
            control.rate_budget_page(&actor, id.map_err(|refused| refused.problem)?).await
        },
        |page| view! { <Whole page/> },
    )
}

#[component]
fn Whole(page: RateBudgetPage) -> impl IntoView {
    let RateBudgetPage { as_of, group, workspaces } = page;
    let path = format!("/groups/{}/rate-budget", group.id);
    let cards = workspaces.into_iter().map(|budget| view! { <Workspace budget as_of/> }).collect_view();
    let refresh = move || {
        view! { <noscript><LinkButton href=path is_external=true>"Refresh"</LinkButton></noscript> }
    };
    view! {
        <PageHeader
            title="Rate budget"
            crumbs=vec![Crumb::new("Overview", "/"), Crumb::new(group.name, format!("/groups/{}", group.id))]
            lead="What the vendor publishes as each workspace's limits, and what this process of the panel uses of them, all runs together. The peak is the busiest second of the last minute, and its share of the limit."
            actions=refresh
        />
        <div class="stack">
            <GroupTabs group=group.id current=GroupTab::RateBudget/>
            <div id="rate-budget" class="stack" data-refresh-ms="1000">
                <p class="muted">"Read at "<time datetime=utc_exact(as_of)>{clock(as_of)}</time></p>
                {cards}
            </div>
        </div>
    }
}

#[component]
fn Workspace(budget: WorkspaceBudget, as_of: Timestamp) -> impl IntoView {
    let WorkspaceBudget { workspace, is_active, last_used_at, endpoints } = budget;
    let sum = |number: fn(&EndpointUse) -> u32| endpoints.iter().map(number).sum::<u32>();
    let lead = format!(
        "{}, {}. {} {} in the last minute, {} waiting.",
        workspace.region,
        if is_active { "active" } else { "passive" },
        match last_used_at {
            Some(at) => format!("Last call {} ago;", duration_text(as_of.since(at))),
            None => "No call since this process was started;".to_owned(),
        },
        counted(sum(|one| one.calls_last_minute), "call", "calls"),
        sum(|one| one.waiting),
    );
    let columns = vec![
        Column::new("Endpoint"),
        Column::new("Limit"),
        Column::new("Now").numeric(),
        Column::new("Peak").numeric(),
        Column::new("Last minute").numeric(),
        Column::new("Waiting").numeric(),
        Column::new("429s").numeric(),
        Column::new("State"),
    ];
    let caption = format!("Rate budget of {}", workspace.name);
    let rows = endpoints.into_iter().map(|one| endpoint_row(one, as_of)).collect_view();
    view! {
        <Card title=workspace.name lead is_flush=true>
            <Table caption columns keeps_columns=true>{rows}</Table>
        </Card>
    }
}

fn endpoint_row(one: EndpointUse, as_of: Timestamp) -> impl IntoView {
    let limit = match (one.published_requests, one.published_window_ms) {
        (Some(requests), Some(window_ms)) => format!("{requests}/{}", window_words(window_ms)),
        _ => "none".to_owned(),
    };
    let busiest = match one.peak_percent {
        Some(percent) if percent > 0 => format!("{}/s, {percent} %", one.peak_per_s),
        _ => format!("{}/s", one.peak_per_s),
    };
    let throttled = match one.last_throttled_at {
        Some(at) => view! { {one.throttled}" "<span class="muted">"("<RelativeAge at now=as_of/>")"</span> },
        None => one.throttled.into_any(),
    };
    let (tone, state) = state_words(&one, as_of);
    view! {
        <Row>
            <Cell is_title=true><code>{one.endpoint}</code></Cell>
            <Cell label="Limit">{limit}</Cell>
            <Cell label="Now" is_numeric=true>{format!("{:.1}/s", one.current_per_s)}</Cell>
            <Cell label="Peak" is_numeric=true>{busiest}</Cell>
            <Cell label="Last minute" is_numeric=true>{one.calls_last_minute}</Cell>
            <Cell label="Waiting" is_numeric=true>{one.waiting}</Cell>
            <Cell label="429s" is_numeric=true>{throttled}</Cell>
            <Cell label="State"><StatusBadge tone label=state/></Cell>
        </Row>
    }
}

/// What holds calls back at the moment, the strongest first.
fn state_words(one: &EndpointUse, as_of: Timestamp) -> (Tone, String) {
    let until = |at: Timestamp| format!("until {}, for {}", clock(at), duration_text(at.since(as_of)));
    match (one.paused_until, one.lowered_until, one.allowed_per_s) {
        (Some(at), _, _) => (Tone::Danger, format!("paused {}", until(at))),
        (None, Some(at), Some(allowed)) => {
            (Tone::Warn, format!("backed off to {allowed:.1}/s {}", until(at)))
        }
        _ if one.waiting > 0 => (Tone::Info, "calls wait".to_owned()),
        _ if one.current_per_s > 0.0 || one.in_flight > 0 => (Tone::Ok, "in use".to_owned()),
        _ => match one.last_used_at {
            Some(at) => (Tone::Neutral, format!("idle for {}", duration_text(as_of.since(at)))),
            None => (Tone::Neutral, "not used".to_owned()),
        },
    }
}

fn window_words(window_ms: u64) -> String {
    match window_ms {
        1_000 => "s".to_owned(),
        60_000 => "min".to_owned(),
        ms => format!("{} s", ms / 1_000),
    }
}

/// `18:51:30 UTC`: to the second, unlike other times on pages.
fn clock(at: Timestamp) -> String {
    let exact = utc_exact(at);
    let time = exact.split_once('T').map_or(exact.as_str(), |(_, time)| time);
    format!("{} UTC", time.trim_end_matches('Z'))
}
