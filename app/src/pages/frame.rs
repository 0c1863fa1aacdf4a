//! What surrounds every page: the menu, who is signed in, whether the page is live, the demo bar.

use farshore_model::view::{DemoRegion, DemoStatus, Viewer};
use leptos::prelude::*;

use crate::{
    api::{OperateDemo, read},
    components::{
        Button, ButtonVariant, DemoBar, Frame, Glyph, LiveStatus, NavItem, StatusBadge, ThemeSwitch, Tone,
        use_seconds_since,
    },
    live::open_live,
    parts::{FormAction, FormProblem, PostForm, use_viewer},
    view,
};

#[component]
pub fn PageFrame(children: Children) -> impl IntoView {
    let stale_since = open_live().stale_since();
    framed(view! {
        <div class="live-line"><LiveStatus stale_since/></div>
        {children()}
    })
}

/// The same around a page that is rendered once and not live.
#[cfg(feature = "ssr")]
#[component]
pub fn StillFrame(children: Children) -> impl IntoView {
    framed(children())
}

fn framed(page: AnyView) -> AnyView {
    let viewer = use_viewer();
    let waiting = Signal::derive(move || match viewer.get() {
        Some(Ok(viewer)) => viewer.approvals_waiting,
        _ => 0,
    });
    let items = vec![
        NavItem::new("Overview", "/", Glyph::Board),
        NavItem::new("Approvals", "/approvals", Glyph::Hand).with_count(waiting),
        NavItem::new("Departments", "/departments", Glyph::Building),
        NavItem::new("Workspaces", "/workspaces", Glyph::Monitor).external(),
        NavItem::new("Audit", "/audit", Glyph::List).external(),
    ];
    view! { <Frame items account=|| view! { <Account/> } demo_bar=|| view! { <Demo/> }>{page}</Frame> }
}

/// Who is signed in and as what, the theme, the way out.
#[component]
fn Account() -> impl IntoView {
    let viewer = use_viewer();
    view! {
        <Transition>
            {move || Suspend::new(async move {
                match viewer.load().await {
                    Ok(Viewer { actor: Some(actor), .. }) => view! {
                        <div class="account">
                            <p class="account-name">{actor.name}</p>
                            <p class="muted">{actor.role.title()}</p>
                            <form method="post" action="/sign-out">
                                <Button is_small=true variant=ButtonVariant::Quiet glyph=Glyph::SignOut>"Sign out"</Button>
                            </form>
                        </div>
                    },
                    _ => view! { <a href="/sign-in" rel="external">"Sign in"</a> },
                }
            })}
        </Transition>
        <ThemeSwitch/>
    }
}

/// Breaks and mends the simulated regions; only in the demo.
#[component]
fn Demo() -> impl IntoView {
    let viewer = use_viewer();
    let operate = FormAction::of::<OperateDemo>();
    let problem = operate.problem();
    let said = move || operate.answer().get().and_then(|json| read::parse::<String>(&json).ok());
    Effect::new(move || {
        if operate.attempts().get() > 0 {
            viewer.refetch();
        }
    });
    view! {
        <Transition>
            {move || Suspend::new(async move {
                let demo = viewer.load().await.ok().filter(|viewer| viewer.actor.is_some()).and_then(|viewer| viewer.demo);
                demo.map(|DemoStatus { regions, .. }| view! {
                    <DemoBar is_open=true>
                        {regions.into_iter().map(|region| view! { <Region region operate/> }).collect_view()}
                        <p class="demo-said" role="status">{said}</p>
                        <FormProblem problem/>
                    </DemoBar>
                })
            })}
        </Transition>
    }
}

#[component]
fn Region(region: DemoRegion, operate: FormAction) -> impl IntoView {
    let DemoRegion { region, is_down, is_scheduler_running, scheduler_starts_in_ms, error, .. } = region;
    let (label, tone) = if is_down { ("down", Tone::Danger) } else { ("up", Tone::Ok) };
    let scheduler = match (is_down, scheduler_starts_in_ms, is_scheduler_running) {
        (true, ..) => "its HTTP hangs, nothing runs".into_any(),
        (_, Some(ms), _) if ms > 0 => view! { <Countdown ms/> },
        (_, _, Some(true)) => "scheduler runs".into_any(),
        (_, _, Some(false)) => "scheduler stands still".into_any(),
        _ => "".into_any(),
    };
    view! {
        <div class="demo-region">
            <p class="demo-region-name">
                <code>{region.clone()}</code>
                <StatusBadge tone label/>
                <span class="muted">{scheduler}{error}</span>
            </p>
            <PostForm action=operate>
                <input type="hidden" name="region" value=region.clone()/>
                <div class="actions">
                    {if is_down {
                        view! {
                            <Button is_small=true name="act" value="up" glyph=Glyph::Play
                                aria_label=format!("Bring {region} up")>"Up"</Button>
                        }
                    } else {
                        view! {
                            <Button is_small=true name="act" value="down" glyph=Glyph::Bolt
                                aria_label=format!("Take {region} down")>"Down"</Button>
                        }
                    }}
                    <Button
                        is_small=true
                        name="act"
                        value="change"
                        glyph=Glyph::File
                        aria_label=format!("Change a notebook and a job in {region}")
                        why_disabled=is_down.then(|| "it is down".to_owned())
                    >
                        "Change a notebook and a job"
                    </Button>
                </div>
            </PostForm>
        </div>
    }
}

#[component]
fn Countdown(ms: i64) -> impl IntoView {
    let viewer = use_viewer();
    let seconds_since = use_seconds_since();
    let left_s = move || (ms / 1_000 - seconds_since()).max(0);
    let is_over = Memo::new(move |_| seconds_since() * 1_000 > ms);
    Effect::new(move || {
        if is_over.get() {
            viewer.refetch();
        }
    });
    view! { {move || format!("scheduler starts in {} s", left_s())} }
}
