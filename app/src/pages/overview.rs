//! The first page: every group on one board, worst first, and what waits for the one who looks.

use farshore_model::{
    Role, Timestamp,
    pairing::Pairing,
    view::{self, Topic, WaitingItem},
};
use leptos::prelude::*;

use crate::{
    api::read,
    components::{ButtonVariant, Card, EmptyState, Glyph, Icon, LinkButton, PageHeader, RelativeAge},
    live::use_changes,
    parts::{GroupTile, Loaded, PageData, slow_tick, use_viewer},
    view,
};

#[component]
pub fn Overview() -> impl IntoView {
    let changes = use_changes(|topic| {
        matches!(topic, Topic::Overview | Topic::Group(_) | Topic::SyncRun(_) | Topic::Run(_))
    });
    let tick = slow_tick();
    let page = PageData::new(move || {
        changes.track();
        tick.track();
        Ok(read::overview())
    });
    view! { <Loaded page render=|page| view! { <Board page/> }/> }
}

#[component]
fn Board(page: view::Overview) -> impl IntoView {
    let view::Overview { as_of, groups, waiting, unfinished_pairings } = page;
    let board = if groups.is_empty() {
        view! { <Nothing/> }
    } else {
        groups.into_iter().map(|card| view! { <GroupTile card as_of/> }).collect_view().into_any()
    };
    view! {
        <PageHeader
            title="Overview"
            lead="How much would be lost now, and would a failover work?"
            actions=|| view! { <PairLink/> }
        />
        <div class="stack">
            <Waiting waiting as_of/>
            {(!unfinished_pairings.is_empty()).then(|| view! { <Unfinished pairings=unfinished_pairings as_of/> })}
            {board}
        </div>
    }
}

/// Only for those who may.
#[component]
fn PairLink() -> impl IntoView {
    let viewer = use_viewer();
    view! {
        <Transition>
            {move || Suspend::new(async move {
                let may = viewer.load().await.ok().and_then(|viewer| viewer.actor).is_some_and(|actor| actor.role == Role::Admin);
                may.then(|| view! {
                    <LinkButton href="/pair" glyph=Glyph::Plus>"Pair workspaces"</LinkButton>
                })
            })}
        </Transition>
    }
}

#[component]
fn Nothing() -> impl IntoView {
    view! {
        <Card>
            <EmptyState
                title="No failover group yet"
                hint="Pair the workspaces of two regions, and this board shows at any minute how much would be lost and how long recovery would take. An admin does it in five minutes."
                glyph=Glyph::Region
            >
                <LinkButton href="/pair" variant=ButtonVariant::Primary glyph=Glyph::Plus>"Pair the first two workspaces"</LinkButton>
            </EmptyState>
        </Card>
    }
}

#[component]
fn Waiting(waiting: Vec<WaitingItem>, as_of: Timestamp) -> impl IntoView {
    (!waiting.is_empty()).then(|| {
        let rows = waiting
            .into_iter()
            .map(|WaitingItem { title, detail, path, since }| {
                view! {
                    <li class="waiting-row">
                        <Icon glyph=Glyph::Hand/>
                        <div class="stack-tight">
                            <a href=path><strong>{title}</strong></a>
                            <p class="muted">{detail}" · "<RelativeAge at=since now=as_of/></p>
                        </div>
                    </li>
                }
            })
            .collect_view();
        view! { <Card title="Waiting for you"><ul class="waiting-list">{rows}</ul></Card> }
    })
}

#[component]
fn Unfinished(pairings: Vec<Pairing>, as_of: Timestamp) -> impl IntoView {
    let rows = pairings
        .into_iter()
        .map(|pairing| {
            let name = pairing
                .group_name
                .or_else(|| pairing.primary.map(|side| side.host))
                .unwrap_or_else(|| "Nothing typed yet".to_owned());
            view! {
                <li class="waiting-row">
                    <Icon glyph=Glyph::Link/>
                    <div class="stack-tight">
                        <a href=format!("/pair/{}", pairing.id)>{format!("Go on: {name}")}</a>
                        <p class="muted">"Begun "<RelativeAge at=pairing.created_at now=as_of/></p>
                    </div>
                </li>
            }
        })
        .collect_view();
    view! { <Card title="Pairings that were begun"><ul class="waiting-list">{rows}</ul></Card> }
}
