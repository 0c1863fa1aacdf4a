//! Putting a whole workspace into its passive form, and keeping what it takes away.
//!
//! # What it promises
//! - What an object does, and that it awaits its release, is in the ledger, durably, before the object is changed:
//!   everything gets its own back, whenever the fence is interrupted.
//! - What is passive already neither is changed nor changes the ledger: a second fence does not overwrite what
//!   the first one has noted.
//! - Objects that no sync has ever seen are fenced as well.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use farshore_databricks::{ApiError, ErrorKind, RunFilter};
use farshore_model::{kind::ObjectKind, ledger::LedgerEntry};
use futures::{StreamExt as _, stream};
use serde_json::Value;

use crate::{
    at_work::note_at_work,
    canonical::text,
    context::SideContext,
    entry,
    error::FenceError,
    id_map::own_key,
    inventory::{KnownUntil, Look},
    kinds::{self, Listed, is_passive, nothing},
    step_log::StepLog,
};

/// Objects that are changed at the same time.
const IN_FLIGHT: usize = 8;

/// Looks at the whole workspace before it is said that it cannot be put to rest. Two are the rule.
const MOST_PASSES: u32 = 5;

/// Jobs first, so that nothing starts any more while the rest is being put to rest.
const FENCED: [ObjectKind; 3] = [ObjectKind::Jobs, ObjectKind::InstancePools, ObjectKind::Clusters];

/// What a fence found and did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FenceReport {
    /// What this call has changed.
    pub jobs_held: u32,
    pub pools_emptied: u32,
    pub clusters_terminated: u32,
    /// Jobs, pools and clusters that were passive already.
    pub already: u32,
    /// Runs that were under way and were told to stop.
    pub cancelled: Vec<StoppedRun>,
    /// What could not be made passive, by name, and why. The fence holds only when this is empty.
    pub problems: Vec<(String, String)>,
}

impl FenceReport {
    /// Jobs, pools and clusters that were changed.
    pub const fn changed(&self) -> u32 {
        self.jobs_held + self.pools_emptied + self.clusters_terminated
    }

    /// Nothing in the workspace can start any more.
    pub const fn holds(&self) -> bool {
        self.problems.is_empty()
    }
}

/// A run of a job that a fence ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoppedRun {
    pub run_id: i64,
    pub job_id: Option<i64>,
    pub name: String,
    /// Milliseconds since 1970, by the workspace's clock.
    pub started_at_ms: Option<i64>,
}

/// Puts the whole workspace into its passive form: every job without concurrency and with every trigger paused,
/// runs under way cancelled, pools without idle instances, clusters terminated. Reads first, and changes only
/// what differs: a second call changes nothing.
///
/// What one pass finds may have been started or made while it looked, so it looks again until a pass finds
/// everything passive.
///
/// # Errors
/// When the workspace or the ledger does not answer. What is wrong with one object is in the report.
pub async fn fence(ctx: &SideContext, log: &dyn StepLog) -> Result<FenceReport, FenceError> {
    let mut report = FenceReport::default();
    let first = pass(ctx, log, &mut report).await?;
    report.already = first.passive;
    let mut is_quiet = first.is_quiet();
    for _ in 1..MOST_PASSES {
        if is_quiet || !report.holds() {
            return Ok(report);
        }
        is_quiet = pass(ctx, log, &mut report).await?.is_quiet();
    }
    if !is_quiet && report.holds() {
        let why = "it keeps starting things: somebody or something outside works against the fence";
        log.line(&format!("The workspace could not be fenced: {why}.")).await;
        report.problems.push(("the workspace".to_owned(), why.to_owned()));
    }
    Ok(report)
}

/// What one look at everything has found.
#[derive(Default)]
struct Pass {
    passive: u32,
    active: usize,
    /// Runs under way that this fence had not told to stop yet.
    running: usize,
}

impl Pass {
    const fn is_quiet(&self) -> bool {
        self.active == 0 && self.running == 0
    }
}

/// Each kind is listed only when what could start its objects has been put to rest.
async fn pass(ctx: &SideContext, log: &dyn StepLog, report: &mut FenceReport) -> Result<Pass, FenceError> {
    let mut found = Pass::default();
    let look = Look::new(&ctx.end.client, IN_FLIGHT, KnownUntil::default());
    for kind in FENCED {
        let listed = kinds::of(kind).list_activations(&look).await;
        let listed =
            listed.map_err(|source| FenceError::List { side: ctx.side, what: kind.plural(), source })?;
        let (passive, active): (Vec<_>, Vec<_>) =
            listed.into_iter().partition(|object| is_passive(kinds::of(kind), &object.raw));
        found.passive += u32::try_from(passive.len()).unwrap_or(u32::MAX);
        found.active += active.len();
        if !active.is_empty() {
            keep_activations(ctx, kind, &active).await?;
            let refused = put_to_rest(ctx, kind, active, log, report).await?;
            let noted = note_at_work(ctx, kind, &refused).await;
            noted.map_err(|source| FenceError::Ledger { side: ctx.side, source })?;
        }
        if kind == ObjectKind::Jobs {
            found.running = cancel_runs(ctx, log, report).await?;
        }
    }
    Ok(found)
}

/// Notes what each object does now, before anything is changed.
async fn keep_activations(ctx: &SideContext, kind: ObjectKind, active: &[Listed]) -> Result<(), FenceError> {
    let ledger_failed = |source| FenceError::Ledger { side: ctx.side, source };
    let mut changed = Vec::new();
    for pair in ctx.pairs() {
        let entries = ctx.ledger.load(pair).await.map_err(ledger_failed)?;
        let mut by_id: BTreeMap<Arc<str>, LedgerEntry> = entries
            .into_iter()
            .filter(|entry| entry.object.kind == kind)
            .filter_map(|entry| Some((entry.id_on(ctx.side)?.into(), entry)))
            .collect();
        for object in active {
            let known = by_id.remove(&object.id);
            // What no sync has seen yet is noted once.
            let is_noted = known.is_some() || pair == ctx.pair_id;
            let mut entry = known.unwrap_or_else(|| {
                let key = own_key(kind, &ctx.end.org_id, &object.id);
                let mut entry = entry::fresh(pair, key, &object.name);
                entry.set_id_on(ctx.side, Some(object.id.clone()));
                entry
            });
            let activation = kinds::of(kind).activation(&object.raw, &nothing);
            if is_noted && (entry.activation != activation || !entry.awaits_release_on(ctx.side)) {
                entry.activation = activation;
                entry.set_awaits_release_on(ctx.side, true);
                changed.push(entry);
            }
        }
    }
    ctx.ledger.put(&ctx.lease, &changed).await.map_err(ledger_failed)
}

/// Answers the ids of those that are certain to be at work still, because the workspace refused the change: if
/// somebody puts them to rest now, it is a person.
async fn put_to_rest(
    ctx: &SideContext,
    kind: ObjectKind,
    objects: Vec<Listed>,
    log: &dyn StepLog,
    report: &mut FenceReport,
) -> Result<BTreeSet<Arc<str>>, FenceError> {
    let rules = kinds::of(kind);
    let results: Vec<(Listed, Result<(), ApiError>)> = stream::iter(objects)
        .map(|object| async move {
            let passive = rules.passive(&object.raw, &nothing).unwrap_or(Value::Null);
            let result = rules.set_activation(&ctx.end.client, &object, &passive).await;
            (object, result)
        })
        .buffer_unordered(IN_FLIGHT)
        .collect()
        .await;
    let (mut changed, mut refused) = (0, BTreeSet::new());
    for (object, result) in results {
        match result {
            Ok(()) => changed += 1,
            Err(source) if is_unanswered(&source) => {
                return Err(FenceError::Unanswered { side: ctx.side, source });
            }
            // Deleted in the meantime: it cannot start anything.
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => {
                if !error.may_have_taken_effect() {
                    refused.insert(object.id);
                }
                let name = format!("{} \"{}\"", kind.singular(), object.name);
                log.line(&format!("The {name} could not be fenced: {error}.")).await;
                report.problems.push((name, error.to_string()));
            }
        }
    }
    match kind {
        ObjectKind::Jobs => report.jobs_held += changed,
        ObjectKind::InstancePools => report.pools_emptied += changed,
        ObjectKind::Clusters => report.clusters_terminated += changed,
        _ => {}
    }
    if changed > 0 {
        log.line(&rested(kind, changed)).await;
    }
    Ok(refused)
}

fn rested(kind: ObjectKind, count: u32) -> String {
    let objects = if count == 1 { kind.singular().to_owned() } else { kind.plural().to_owned() };
    let how = match kind {
        ObjectKind::Jobs => "without concurrency and with every trigger paused",
        ObjectKind::InstancePools => "without idle instances",
        _ => "terminated",
    };
    format!("Fenced {count} {objects}: {how}.")
}

/// Tells every run to stop, and answers how many this fence had not told yet.
async fn cancel_runs(
    ctx: &SideContext,
    log: &dyn StepLog,
    report: &mut FenceReport,
) -> Result<usize, FenceError> {
    let filter = RunFilter { is_active_only: true, ..RunFilter::default() };
    let runs = ctx.end.client.list_runs(filter).await;
    let runs = runs.map_err(|source| FenceError::List { side: ctx.side, what: "runs", source })?;
    let mut found = 0;
    for run in runs.iter().filter(|run| !is_ending(run)) {
        let Some(stopped) = stopped_run(run) else { continue };
        // It was told in an earlier pass, and takes its time.
        if report.cancelled.iter().any(|earlier| earlier.run_id == stopped.run_id) {
            continue;
        }
        found += 1;
        match ctx.end.client.cancel_run(stopped.run_id).await {
            Ok(()) => {
                log.line(&format!("Cancelled run {} of \"{}\".", stopped.run_id, stopped.name)).await;
                report.cancelled.push(stopped);
            }
            Err(source) if is_unanswered(&source) => {
                return Err(FenceError::Unanswered { side: ctx.side, source });
            }
            // It ended by itself.
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::Conflict) => {}
            Err(error) => {
                report
                    .problems
                    .push((format!("run {} of \"{}\"", stopped.run_id, stopped.name), error.to_string()));
            }
        }
    }
    Ok(found)
}

/// Whether somebody has told it to stop before.
fn is_ending(run: &Value) -> bool {
    let old = run.get("state").and_then(|state| text(state, "life_cycle_state"));
    let new = run.get("status").and_then(|status| text(status, "state"));
    old == Some("TERMINATING") || new == Some("TERMINATING")
}

fn stopped_run(run: &Value) -> Option<StoppedRun> {
    let number = |field: &str| run.get(field).and_then(Value::as_i64);
    Some(StoppedRun {
        run_id: number("run_id")?,
        job_id: number("job_id"),
        name: text(run, "run_name").unwrap_or("Untitled").to_owned(),
        started_at_ms: number("start_time"),
    })
}

pub(crate) const fn is_unanswered(error: &ApiError) -> bool {
    matches!(error.kind(), ErrorKind::Unreachable | ErrorKind::TimedOut)
}
