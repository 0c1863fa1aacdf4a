//! The sync engine without the panel: `farshore sync plan|apply|status`.

mod args;
mod end;
mod pair_status;
mod report;
mod settings;
mod state;
mod told_apart;

use std::{
    collections::{BTreeMap, BTreeSet},
    error::Error,
    process::ExitCode,
    sync::Arc,
};

use clap::Subcommand;
use farshore_model::{
    GroupId, IdSource as _, PairId, PlanId,
    group::Side,
    kind::ObjectKind,
    plan::SyncPlan,
    replication_settings::{DeletionBrake, ReplicationSettings},
};
use farshore_sync::{
    PairContext, PlanError, SyncPolicy, WorkspaceEnd, apply_plan, brake, make_plan, render_text,
};
use uuid::Uuid;

use self::{
    args::{ApplyArgs, Ends, PlanArgs, StatusArgs, SyncArgs},
    end::connect,
    report::Outcomes,
    state::{StateFile, pair_id},
    told_apart::told_apart,
};
use crate::system::{RandomIds, SystemClock};

/// Nothing was to be done.
const NO_CHANGE: u8 = 0;
/// Something was applied, or would be.
const CHANGED: u8 = 2;
/// Something could not be carried over, or waits for a choice; the rest was carried.
const PARTLY_FAILED: u8 = 3;
/// Nothing was applied, because a person has to look first.
const REFUSED: u8 = 4;

/// What a person, or a script, is told below the help of each command.
pub(super) const ENDS_WITH: &str = "\
Ends with
  0  when there was nothing to do
  2  when something was changed, or would be
  3  when some objects failed or wait for a choice; the rest was carried
  4  when it refused to apply; nothing was
  1  when it could not do its work at all

The tokens are read from FARSHORE_SOURCE_TOKEN and FARSHORE_TARGET_TOKEN, or from
profiles of .databrickscfg.";

/// Copies one workspace to another, and keeps the copy ready and at rest.
#[derive(Debug, Subcommand)]
pub(super) enum Sync {
    /// Show what would be done, and its hash.
    #[command(after_help = ENDS_WITH)]
    Plan(PlanArgs),
    /// Do it.
    #[command(after_help = ENDS_WITH)]
    Apply(ApplyArgs),
    /// Show what is known of the copy, from the state file.
    Status(StatusArgs),
}

type Failed = Box<dyn Error + Send + std::marker::Sync>;

/// A plan could not be made, with what to do about it.
#[derive(Debug, thiserror::Error)]
#[error("{source}. {remedy}", remedy = source.remedy())]
struct NoPlan {
    source: PlanError,
}

impl Sync {
    pub(super) async fn run(self) -> Result<ExitCode, Failed> {
        match self {
            Self::Plan(args) => plan(args).await,
            Self::Apply(args) => apply(args).await,
            Self::Status(args) => status(args).await.map(|()| ExitCode::from(NO_CHANGE)),
        }
    }
}

async fn plan(args: PlanArgs) -> Result<ExitCode, Failed> {
    let (state, context) = open(&args.sync).await?;
    let plan = state.while_leased(make(&context)).await??;
    if args.json {
        println!("{}", serde_json::to_string_pretty(&plan)?);
    } else {
        print!("{}", render_text(&plan));
        println!("plan {}", plan.hash);
    }
    state.close().await;
    Ok(ExitCode::from(if is_nothing_to_do(&plan) { NO_CHANGE } else { CHANGED }))
}

async fn apply(args: ApplyArgs) -> Result<ExitCode, Failed> {
    let (state, context) = open(&args.sync).await?;
    let plan = state.while_leased(make(&context)).await??;
    let known = state.known_objects().await?;
    if let Some(why) = refusal(&plan, &args, &context.settings, &known) {
        eprintln!("farshore: {why} Nothing was applied.");
        state.close().await;
        return Ok(ExitCode::from(REFUSED));
    }
    let outcomes = Outcomes::new(plan.counts.to_apply(), args.json);
    let applied = state.while_leased(apply_plan(&context, &plan, &BTreeSet::new(), &outcomes)).await?;
    outcomes.print(&plan)?;
    let report = applied.map_err(|error| {
        let remedy = error.remedy();
        format!("{error}. {remedy}")
    })?;
    state.close().await;
    Ok(ExitCode::from(match (report.failed, plan.counts.conflict, is_nothing_to_do(&plan)) {
        (0, 0, true) => NO_CHANGE,
        (0, 0, false) => CHANGED,
        _ => PARTLY_FAILED,
    }))
}

/// Why a person has to look first. `known` is how many objects of each kind the state file knows.
fn refusal(
    plan: &SyncPlan,
    args: &ApplyArgs,
    settings: &ReplicationSettings,
    known: &BTreeMap<ObjectKind, u32>,
) -> Option<String> {
    if let Some(hash) = args.plan.as_ref().filter(|hash| **hash != plan.hash) {
        return Some(format!(
            "The plan {hash} does not fit any more: one of the workspaces has changed. The plan is now {}; look at \
             it with `farshore sync plan`.",
            plan.hash
        ));
    }
    // Whoever names the plan has seen what it deletes.
    if args.plan.is_some() {
        return None;
    }
    let allowed = args.allow_deletes.map(|most_objects| DeletionBrake { most_objects, most_percent: 100 });
    let brake_of = allowed.unwrap_or(settings.brake);
    let settings = ReplicationSettings { brake: brake_of, ..settings.clone() };
    brake(plan, known, &settings).map(|why| {
        format!(
            "{why}. Look at them with `farshore sync plan`, and apply that plan by its hash with --plan, or allow as \
             many with --allow-deletes."
        )
    })
}

const fn is_nothing_to_do(plan: &SyncPlan) -> bool {
    plan.counts.to_apply() == 0 && plan.counts.conflict == 0
}

async fn make(context: &PairContext) -> Result<SyncPlan, NoPlan> {
    let plan = make_plan(context, Side::Primary, PlanId(RandomIds.next()), &SyncPolicy::forward()).await;
    plan.map_err(|source| NoPlan { source })
}

async fn status(args: StatusArgs) -> Result<(), Failed> {
    let pair = match ask_which(&args.ends).await {
        Ok(pair) => pair,
        // On the bad day one of them answers nothing, and what is known of the copy is what counts.
        Err(error) => {
            eprintln!("farshore: {error} Every pair of the state file is shown.");
            None
        }
    };
    report::status(&args.state.path, pair, args.json).await
}

/// The pair that was named, if any was.
async fn ask_which(ends: &Ends) -> Result<Option<PairId>, Failed> {
    if !ends.are_given() {
        return Ok(None);
    }
    let [primary, secondary] = both(ends, false).await?;
    Ok(Some(pair_id(&primary.org_id, &secondary.org_id)))
}

/// Connects with both workspaces.
async fn both(ends: &Ends, is_unlimited: bool) -> Result<[WorkspaceEnd; 2], Failed> {
    let source = connect(&ends.source(), is_unlimited).await?;
    let target = connect(&ends.target(), is_unlimited).await?;
    Ok(told_apart(source, target)?)
}

async fn open(args: &SyncArgs) -> Result<(StateFile, PairContext), Failed> {
    let settings = settings::read(args.settings.as_deref())?;
    let [primary, secondary] = both(&args.ends, args.unlimited).await?;
    let state = StateFile::open(&args.state.path, &primary.org_id, &secondary.org_id).await?;
    let context = PairContext {
        pair_id: state.pair_id(),
        group_id: GroupId(Uuid::nil()),
        primary,
        secondary,
        ledger: state.ledger(),
        lease: state.lease(),
        clock: Arc::new(SystemClock),
        ids: Arc::new(RandomIds),
        options: args.options(),
        settings: Arc::new(settings),
    };
    Ok((state, context))
}
