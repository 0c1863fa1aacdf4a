//! One failover or failback while it goes on, and afterwards: the clock against the RTO, approvals, every step
//! with its log, and everything that a person can do to it.

mod approval;
mod clock;
mod conflicts;
mod controls;
mod step;

use farshore_model::{
    RunId,
    run::{self as model, Command, CommandAvailability, RunMode, RunState, StepState},
    view::{RunPage, Topic},
};
use leptos::prelude::*;

use self::{approval::Approval, clock::Clock, controls::Controls, step::RunStep};
use crate::{
    api::{ApiProblem, CommandRun, read},
    components::{
        Alert, Badge, Card, Crumb, Glyph, Icon, KeyValue, KeyValues, PageHeader, RegionPill, RegionRole,
        RelativeAge, StatusBadge, Steps, Tone,
    },
    live::use_changes,
    parts::{
        FenceList, FormAction, FormProblem, Loaded, PageData, counted, run_glyph, run_tone, use_path_id,
    },
    view,
};

#[component]
pub fn Run() -> impl IntoView {
    let id = use_path_id::<RunId>();
    let changes = use_changes(move |topic| match topic {
        Topic::Run(changed) => id.get_untracked() == Ok(*changed),
        // A fence closes long after the run has ended.
        Topic::Group(_) => true,
        _ => false,
    });
    let command = FormAction::of::<CommandRun>();
    let page = PageData::new(move || {
        changes.track();
        command.attempts().track();
        Ok(read::run(id.get()?))
    });
    let problem = command.problem();
    view! { <Loaded page render=move |page| view! { <Whole page command problem/> }/> }
}

/// What the page's forms have in common.
#[derive(Clone, Copy)]
struct Driving {
    run: RunId,
    action: FormAction,
    problem: Signal<Option<ApiProblem>>,
}

impl Driving {
    /// The words that were typed before one of these commands was refused.
    fn typed(self, commands: &[Command]) -> Option<String> {
        let refused = self.problem.get_untracked()?;
        let command = refused.typed("command")?;
        let is_meant = commands.iter().any(|candidate| candidate.as_str() == command);
        if is_meant { refused.typed("words").map(str::to_owned) } else { None }
    }
}

/// Whether a command can be given, and if not why not. Absent from the list: it cannot, without a word.
fn availability(commands: &[CommandAvailability], command: Command) -> Option<&CommandAvailability> {
    commands.iter().find(|candidate| candidate.command == command)
}

fn is_allowed(commands: &[CommandAvailability], command: Command) -> bool {
    availability(commands, command).is_some_and(|found| found.is_allowed)
}

fn why_not(commands: &[CommandAvailability], command: Command) -> Option<String> {
    match availability(commands, command) {
        Some(found) if found.is_allowed => None,
        Some(found) => Some(found.why_not.clone().unwrap_or_else(|| "Not now.".to_owned())),
        None => Some("Not now.".to_owned()),
    }
}

#[component]
fn Whole(page: RunPage, command: FormAction, problem: Signal<Option<ApiProblem>>) -> impl IntoView {
    let run = page.run.clone();
    let driving = Driving { run: run.id, action: command, problem };
    let as_of = page.as_of;
    let (mode_words, mode_tone) = match run.mode {
        RunMode::Planned => ("planned", Tone::Info),
        RunMode::Forced => ("forced", Tone::Danger),
    };
    let current = run.current_step();
    let steps = (0..)
        .zip(run.definition.steps.iter().cloned().zip(run.steps.iter().cloned()))
        .map(|(index, (definition, step)): (u32, _)| {
            let is_current = current == Some(index) && !run.state.is_ended();
            view! {
                <RunStep
                    index
                    definition
                    step
                    is_current
                    requested_at=run.requested_at
                    as_of
                    commands=page.commands.clone()
                    driving
                />
            }
        })
        .collect_view();
    let done = run.steps.iter().filter(|step| step.state.is_ended()).count();
    let steps_title = format!("Steps: {done} of {} done", run.steps.len());
    let entries = counted(u32::try_from(page.journal_seq).unwrap_or(u32::MAX), "entry", "entries");
    let fences = page.fences.clone();
    let region = page.from_region.clone();
    let is_asking = run.state == RunState::Running
        && run.steps.iter().any(|step| step.state == StepState::WaitingForPerson);
    let state = if is_asking {
        view! { <StatusBadge tone=Tone::Warn glyph=Glyph::Hand label="Waits for a choice"/> }
    } else {
        view! {
            <StatusBadge
                tone=run_tone(run.state)
                glyph=run_glyph(run.state)
                label=run.state.title()
                is_moving=run.state == RunState::Running
            />
        }
    };
    let role = |region: &str| {
        if region == page.group.active_region { RegionRole::Active } else { RegionRole::Passive }
    };
    view! {
        <PageHeader
            title=format!("{} of {}", run.definition.kind.title(), page.group.name)
            crumbs=vec![
                Crumb::new("Overview", "/"),
                Crumb::new(page.group.name.clone(), format!("/groups/{}", page.group.id)),
            ]
        >
            {state}
            <Badge tone=mode_tone>{mode_words}</Badge>
        </PageHeader>
        <div class="stack">
            <p class="run-way">
                <RegionPill region=page.from_region.clone() role=role(&page.from_region)/>
                <Icon glyph=Glyph::ArrowRight label="to"/>
                <RegionPill region=page.to_region.clone() role=role(&page.to_region)/>
                <span class="muted">
                    {format!("requested by {} ", run.requested_by.name)}<RelativeAge at=run.requested_at now=as_of/>
                </span>
            </p>
            <Ending run=run.clone()/>
            <Clock page=page.clone()/>
            <FormProblem problem/>
            <Approval page=page.clone() driving/>
            <Controls state=run.state commands=page.commands.clone() driving/>
            <Card title=steps_title>
                <Steps label="Steps of this run">{steps}</Steps>
            </Card>
            {(!fences.is_empty()).then(|| view! {
                <Card title="Fence of the old primary" lead="A duty of the group, with a life of its own: it is retried until it holds, also after this run has ended.">
                    <div class="stack"><FenceList fences region as_of/></div>
                </Card>
            })}
            <Card title="The request">
                <KeyValues is_wide=true>
                    <KeyValue label="Reason"><span class="quoted">{run.reason.clone()}</span></KeyValue>
                    <KeyValue label="Requested by">{format!("{}, {}", run.requested_by.name, run.requested_by.role.title().to_ascii_lowercase())}</KeyValue>
                    <KeyValue label="Runbook">{format!("{}, version {}", run.definition.kind.title().to_ascii_lowercase(), run.definition.version)}</KeyValue>
                    <KeyValue label="Journal">{entries}</KeyValue>
                </KeyValues>
            </Card>
        </div>
    }
}

/// How the run ended, and what stays to be done.
#[component]
fn Ending(run: model::Run) -> impl IntoView {
    let by = run.ended_by.map(|actor| format!(" by {}", actor.name)).unwrap_or_default();
    let (tone, title) = match run.state {
        RunState::Completed => (Tone::Ok, "Completed: every step was done.".to_owned()),
        RunState::CompletedWithExceptions => (Tone::Warn, "Completed, except for:".to_owned()),
        RunState::Failed => (Tone::Danger, format!("Abandoned{by}. What was done stays done.")),
        RunState::Cancelled => (Tone::Neutral, format!("Cancelled{by}. Nothing was done.")),
        _ => return None,
    };
    let exceptions = run
        .definition
        .steps
        .into_iter()
        .zip(run.steps)
        .filter_map(|(definition, step)| {
            let what =
                step.exception.or_else(|| step.skip.map(|skip| format!("skipped: {}", skip.reason)))?;
            Some(view! { <li><strong>{definition.title}</strong>": "<span class="quoted">{what}</span></li> })
        })
        .collect_view();
    let reason = run.end_reason.map(|reason| view! { <p class="quoted">{reason}</p> });
    Some(view! { <Alert tone title>{reason}<ul class="bullets">{exceptions}</ul></Alert> })
}
