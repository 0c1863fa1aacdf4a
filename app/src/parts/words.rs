//! States of the model as a screen shows them: words, and the tone that says the same in colour.

use farshore_model::{
    plan::PlanAction,
    readiness::ReadinessState,
    run::{RunState, StepRun, StepState},
    sync_run::{OutcomeState, SyncRunState, SyncTrigger},
    view::ReplicationState,
    workspace::{CheckState, Cloud, Reachability},
};

use crate::components::{Glyph, StepLook, Tone};

pub const fn replication_words(state: ReplicationState) -> (&'static str, Tone) {
    match state {
        ReplicationState::Met => ("within target", Tone::Ok),
        ReplicationState::NoTarget => ("no target set", Tone::Neutral),
        ReplicationState::Suspended => ("suspended", Tone::Warn),
        ReplicationState::Late => ("later than the target", Tone::Danger),
        ReplicationState::NeverReplicated => ("never replicated", Tone::Danger),
    }
}

pub const fn readiness_words(state: ReadinessState) -> (&'static str, Tone) {
    match state {
        ReadinessState::Passed => ("Ready", Tone::Ok),
        ReadinessState::Pending => ("Not looked at yet", Tone::Neutral),
        ReadinessState::Unknown => ("Unknown", Tone::Warn),
        ReadinessState::ActionRequired => ("Action required", Tone::Danger),
    }
}

pub const fn run_tone(state: RunState) -> Tone {
    match state {
        RunState::Draft | RunState::Cancelled => Tone::Neutral,
        RunState::Running => Tone::Info,
        RunState::PendingApproval | RunState::PausedByOperator | RunState::CompletedWithExceptions => {
            Tone::Warn
        }
        RunState::Completed => Tone::Ok,
        RunState::PausedByFailedStep | RunState::Failed => Tone::Danger,
    }
}

pub const fn run_glyph(state: RunState) -> Glyph {
    match state {
        RunState::PendingApproval => Glyph::Person,
        RunState::Running => Glyph::Play,
        RunState::PausedByOperator => Glyph::Pause,
        _ => run_tone(state).glyph(),
    }
}

pub const fn sync_words(state: SyncRunState) -> (&'static str, Tone) {
    match state {
        SyncRunState::Planning => ("Planning", Tone::Info),
        SyncRunState::Planned => ("Planned, not applied", Tone::Warn),
        SyncRunState::Applying => ("Applying", Tone::Info),
        SyncRunState::Completed => ("Completed", Tone::Ok),
        SyncRunState::CompletedWithFailures => ("Completed with failures", Tone::Danger),
        SyncRunState::Failed => ("Failed", Tone::Danger),
        SyncRunState::Suspended => ("Suspended", Tone::Warn),
        SyncRunState::Superseded => ("Superseded", Tone::Neutral),
        SyncRunState::Cancelled => ("Cancelled", Tone::Neutral),
    }
}

pub const fn trigger_words(trigger: SyncTrigger) -> &'static str {
    match trigger {
        SyncTrigger::Manual => "by hand",
        SyncTrigger::Schedule => "schedule",
        SyncTrigger::Failover => "failover",
        SyncTrigger::Failback => "failback",
    }
}

/// Name of an action, what it means, and its tone.
pub const fn action_words(action: PlanAction) -> (&'static str, &'static str, Tone) {
    match action {
        PlanAction::Create => ("create", "not on the passive side yet", Tone::Ok),
        PlanAction::Update => ("update", "differs on the passive side", Tone::Info),
        PlanAction::Delete => ("delete", "gone from the active side", Tone::Danger),
        PlanAction::Adopt => ("adopt", "already there; taken into the ledger", Tone::Info),
        PlanAction::Conflict => ("conflict", "changed on both sides; a person chooses", Tone::Warn),
        PlanAction::Held => ("hold", "noted for the day of a failover, not put in force", Tone::Neutral),
        PlanAction::Skip => ("skip", "left as it is", Tone::Neutral),
    }
}

pub const fn outcome_words(state: OutcomeState) -> (&'static str, Tone) {
    match state {
        OutcomeState::Succeeded => ("done", Tone::Ok),
        OutcomeState::Failed => ("failed", Tone::Danger),
        OutcomeState::Skipped => ("left as it is", Tone::Neutral),
    }
}

pub const fn check_words(state: CheckState) -> (&'static str, Tone) {
    match state {
        CheckState::Passed => ("Passed", Tone::Ok),
        CheckState::Attention => ("Needs you", Tone::Warn),
        CheckState::Failed => ("Failed", Tone::Danger),
        CheckState::NotRun => ("Not looked at", Tone::Neutral),
    }
}

pub const fn reachability_words(state: Reachability) -> (&'static str, Tone) {
    match state {
        Reachability::Unknown => ("not looked at yet", Tone::Neutral),
        Reachability::Reachable => ("answers", Tone::Ok),
        Reachability::Refused => ("answers, but refuses the panel", Tone::Warn),
        Reachability::Unreachable => ("does not answer", Tone::Danger),
    }
}

pub const fn cloud_words(cloud: Cloud) -> &'static str {
    match cloud {
        Cloud::Aws => "AWS",
        Cloud::Azure => "Azure",
        Cloud::Gcp => "Google Cloud",
    }
}

pub const fn step_look(step: &StepRun) -> StepLook {
    match step.state {
        StepState::NotStarted => StepLook::NotStarted,
        StepState::Running => StepLook::Running,
        StepState::PendingApproval => StepLook::PendingApproval,
        StepState::WaitingForPerson => StepLook::WaitingForPerson,
        StepState::Skipped => StepLook::Skipped,
        StepState::Failed => StepLook::Failed,
        StepState::Cancelled => StepLook::Cancelled,
        StepState::Completed if step.exception.is_some() => StepLook::CompletedWithException,
        StepState::Completed => StepLook::Completed,
    }
}

/// "1 object", "3 objects".
pub fn counted(count: u32, one: &str, many: &str) -> String {
    if count == 1 { format!("1 {one}") } else { format!("{count} {many}") }
}
