//! What the sync waits for, how far it is, or how it ended.

use farshore_model::{
    DurationMs,
    plan::PlanCounts,
    sync_run::{SyncRun, SyncRunState},
    view::{FailureGroup, SyncPage, why_not},
};
use leptos::prelude::*;

use crate::{
    components::{Alert, Button, ButtonVariant, Card, Glyph, Icon, Progress, Skeleton, Tone, duration_text},
    parts::{FormAction, PostForm, counted},
    view,
};

/// `target` is the region that is written.
#[component]
pub fn Outcome(page: SyncPage, target: String, decide: FormAction) -> impl IntoView {
    let counts = page.counts.unwrap_or_default();
    let run = page.run.clone();
    let message = run.message.clone();
    match run.state {
        SyncRunState::Planning => view! {
            <Card title="Both sides are being listed">
                <Skeleton lines=3/>
                <p class="muted">"The plan appears here by itself. Nothing is written before it is applied."</p>
            </Card>
        },
        SyncRunState::Planned if is_empty(&counts) => {
            view! { <NothingToDo counts/> }
        }
        SyncRunState::Planned => view! { <Decide page counts target decide/> },
        SyncRunState::Applying => view! { <Applying page/> },
        SyncRunState::Completed if run.total == 0 && message.is_none() => {
            view! { <NothingToDo counts/> }
        }
        SyncRunState::Completed => {
            let title = format!("{}{}.", applied(&run, &counts, &target), took(&run));
            view! { <Alert tone=Tone::Ok title>{message}<LeftAlone count=counts.left_alone()/></Alert> }
        }
        SyncRunState::CompletedWithFailures => {
            let why = why_not(&page.actions, "run_again");
            view! { <Incomplete run conflicts=counts.conflict why decide/> }
        }
        SyncRunState::Superseded => {
            let link = page.superseded_by.map(|newer| {
                view! { <a href=format!("/syncs/{newer}")>"Open the newer plan"</a> }
            });
            view! {
                <Alert tone=Tone::Warn title="A newer plan has taken this one's place.">
                    {message}" "{link}
                </Alert>
            }
        }
        SyncRunState::Failed => view! {
            <Alert tone=Tone::Danger title="This sync stopped as a whole.">{message}</Alert>
        },
        SyncRunState::Suspended => view! {
            <Alert tone=Tone::Warn title="This sync did not start: syncs of the group are suspended.">{message}</Alert>
        },
        SyncRunState::Cancelled => view! {
            <Alert tone=Tone::Neutral title="This plan was cancelled; nothing was written.">{message}</Alert>
        },
    }
}

/// Some objects failed, or were changed on both sides, or both.
#[component]
fn Incomplete(run: SyncRun, conflicts: u32, why: Option<String>, decide: FormAction) -> impl IntoView {
    let failed = format!("{} of {} failed", counted(run.failed, "object", "objects"), run.total);
    let left = format!("{} changed on both sides", counted(conflicts, "object was", "objects were"));
    let (title, tone) = match (run.failed, conflicts) {
        (0, _) => (format!("{left} and left as they are."), Tone::Warn),
        (_, 0) => (format!("{failed}."), Tone::Danger),
        _ => (format!("{failed}, and {left}."), Tone::Danger),
    };
    let again = (run.failed > 0).then(|| {
        view! {
            " The next sync tries the failed ones again."
            <PostForm action=decide>
                <input type="hidden" name="id" value=run.id.to_string()/>
                <Button name="decision" value="again" is_small=true why_disabled=why is_busy=decide.is_pending()>
                    {format!("Run the {} failed again", run.failed)}
                </Button>
            </PostForm>
        }
    });
    let look = (conflicts > 0).then(|| view! { " "<a href="?action=conflict">"Look at what differs"</a>"." });
    view! {
        <Alert tone title>
            {run.message}" What succeeded is in place."{look}{again}
        </Alert>
    }
}

const fn is_empty(counts: &PlanCounts) -> bool {
    counts.to_apply() == 0 && counts.conflict == 0 && counts.skip == 0
}

/// What a sync without failures has done.
fn applied(run: &SyncRun, counts: &PlanCounts, target: &str) -> String {
    let copied = run.done.saturating_sub(counts.delete);
    let of_copies = format!("{} copied to {target}", counted(copied, "object was", "objects were"));
    match (copied, counts.delete) {
        (_, 0) => of_copies,
        (0, deleted) => format!("{} deleted in {target}", counted(deleted, "object was", "objects were")),
        (_, deleted) => format!("{of_copies}, and {deleted} deleted there"),
    }
}

fn took(run: &SyncRun) -> String {
    match (run.apply_began_at, run.ended_at) {
        (Some(began), Some(ended)) => format!(" in {}", duration_text(ended.since(began))),
        _ => String::new(),
    }
}

/// Nothing is to be written, which is not to say that the two sides are equal.
#[component]
fn NothingToDo(counts: PlanCounts) -> impl IntoView {
    let compared = counted(counts.unchanged, "object", "objects");
    let (title, words) = match (counts.left_alone(), counts.groups) {
        (0, 0) => ("Nothing to do.", format!("Both sides are equal: {compared} compared, none differs.")),
        (0, _) => (
            "Nothing to do.",
            format!("{compared} compared, none differs. What syncs leave out is in the list below."),
        ),
        _ => ("Nothing to write.", format!("{compared} compared and equal.")),
    };
    view! {
        <Alert tone=Tone::Ok title>{words}<LeftAlone count=counts.left_alone()/></Alert>
    }
}

/// What differs and stays so, each with its reason.
#[component]
fn LeftAlone(count: u32) -> impl IntoView {
    (count > 0).then(|| {
        let words = match count {
            1 => "1 object differs and is left alone".to_owned(),
            _ => format!("{count} objects differ and are left alone"),
        };
        view! { " "<a href="?action=skip">{words}</a>", with the reason beside each." }
    })
}

/// The plan waits for a person.
#[component]
fn Decide(page: SyncPage, counts: PlanCounts, target: String, decide: FormAction) -> impl IntoView {
    let hash = page.plan_hash.clone().unwrap_or_default();
    let why_not_apply = why_not(&page.actions, "apply_sync");
    let why_not_cancel = why_not(&page.actions, "plan_sync");
    let held = page.run.message.clone().map(|why| view! { <Alert tone=Tone::Warn title=why/> });
    let carried = counts.to_apply().saturating_sub(counts.blocked);
    let title = format!("{} to write in {target}", counted(carried, "object", "objects"));
    let deletes = (counts.delete > 0).then(|| {
        let title = format!("Deletes {} in {target}.", counted(counts.delete, "object", "objects"));
        view! {
            <Alert tone=Tone::Danger title>
                <a href="?action=delete">"Look at each of them"</a>
            </Alert>
        }
    });
    let conflicts = (counts.conflict > 0).then(|| {
        let title =
            format!("{} changed on both sides.", counted(counts.conflict, "object was", "objects were"));
        view! {
            <Alert tone=Tone::Warn title>
                "They are left as they are; "<a href="?action=conflict">"look at each of them"</a>"."
            </Alert>
        }
    });
    let blocked = (counts.blocked > 0).then(|| {
        let title = format!("{} cannot be carried over.", counted(counts.blocked, "object", "objects"));
        view! {
            <Alert tone=Tone::Warn title>
                "Each says why in the list below. The others are copied; these fail, and the replication point stays where it is until they can be carried."
            </Alert>
        }
    });
    let short = hash.chars().take(12).collect::<String>();
    view! {
        <Card title lead="Read it first: exactly this is applied, or nothing.">
            <div class="stack">
                {held}
                {deletes}
                {conflicts}
                {blocked}
                <PostForm action=decide>
                    <input type="hidden" name="id" value=page.run.id.to_string()/>
                    <input type="hidden" name="plan_hash" value=hash/>
                    <div class="actions">
                        <Button
                            variant=ButtonVariant::Primary
                            glyph=Glyph::Play
                            name="decision"
                            value="apply"
                            why_disabled=why_not_apply
                            is_busy=decide.is_pending()
                        >
                            "Apply this plan"
                        </Button>
                        <Button
                            variant=ButtonVariant::Quiet
                            name="decision"
                            value="cancel"
                            why_disabled=why_not_cancel
                            is_busy=decide.is_pending()
                        >
                            "Cancel it"
                        </Button>
                    </div>
                </PostForm>
                <p class="muted">"Plan "<code>{short}</code></p>
            </div>
        </Card>
    }
}

#[component]
fn Applying(page: SyncPage) -> impl IntoView {
    let pace = page.run.pace(page.as_of);
    let failed = (page.run.failed > 0).then(|| {
        view! { <p><Icon glyph=Glyph::Warning/>{format!(" {} so far", counted(page.run.failed, "failure", "failures"))}</p> }
    });
    view! {
        <Card title="Applying the plan">
            <Progress
                label="Objects written"
                done=u64::from(page.run.done)
                total=u64::from(page.run.total)
                per_second=pace.map(|pace| pace.per_second)
                time_left=pace.map(|pace| DurationMs(pace.left_ms))
            />
            {failed}
            <p class="muted">"It goes on when this page is closed, and after a restart of the panel."</p>
        </Card>
    }
}

/// What failed, grouped by its error, with what to do about it.
#[component]
pub fn Failures(failures: Vec<FailureGroup>) -> impl IntoView {
    if failures.is_empty() {
        return ().into_any();
    }
    let groups = failures
        .into_iter()
        .map(|FailureGroup { error, remedy, count, examples }| {
            let shown = u32::try_from(examples.len()).unwrap_or(u32::MAX);
            let more = (count > shown).then(|| format!(" and {} more", count - shown));
            view! {
                <li class="stack-tight">
                    <strong>{format!("{}: {error}", counted(count, "object", "objects"))}</strong>
                    {remedy.map(|remedy| view! { <p class="remedy"><Icon glyph=Glyph::ArrowRight/><span>{remedy}</span></p> })}
                    <p class="muted">{examples.join(", ")}{more}</p>
                </li>
            }
        })
        .collect_view();
    view! {
        <Card title="What failed">
            <ul class="failure-list">{groups}</ul>
            <p><a href="?failed=1">"Only the failed objects"</a></p>
        </Card>
    }
}
