//! The sync engine without the panel: `farshore sync plan|apply|status`.

mod end;
mod report;
mod state;
mod told_apart;

use std::{
    collections::{BTreeMap, BTreeSet},
    error::Error,
    path::PathBuf,
    process::ExitCode,
    sync::Arc,
};

use clap::{Args, Subcommand};
use farshore_model::{
    GroupId, IdSource as _, PlanId,
    group::Side,
    kind::ObjectKind,
    plan::SyncPlan,
    replication_settings::{DeletionBrake, ReplicationSettings},
};
use farshore_sync::{
    PairContext, PlanError, SyncOptions, SyncPolicy, apply_plan, brake, make_plan, render_text,
};
use uuid::Uuid;

use self::{
    end::{EndArgs, connect},
    report::Outcomes,
    state::StateFile,
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
    /// Show what is known of the copy, from the state file alone.
    Status(StatusArgs),
}

#[derive(Debug, Args)]
struct Ends {
    #[command(flatten)]
    source: SourceArgs,
    #[command(flatten)]
    target: TargetArgs,
    /// Where the object ledger is kept between syncs. Without it, a sync would not know its own copies.
    #[arg(long, default_value = "farshore-sync.db")]
    state: PathBuf,
    /// Objects of one kind that are dealt with at the same time.
    #[arg(long, default_value_t = 16)]
    in_flight: usize,
    /// Read every access control list again: no listing tells when one has changed. Without it they are read in turn,
    /// all of them within six hours, and at once where their object has changed.
    #[arg(long)]
    verify_acls: bool,
    /// Do not keep to the published rate limits; 429s are still honoured.
    #[arg(long)]
    unlimited: bool,
}

#[derive(Debug, Args)]
struct SourceArgs {
    /// Address of the workspace that is copied.
    #[arg(id = "source", long = "source", value_name = "URL")]
    url: Option<String>,
    /// Profile of .databrickscfg for it.
    #[arg(id = "source-profile", long = "source-profile", value_name = "NAME")]
    profile: Option<String>,
}

#[derive(Debug, Args)]
struct TargetArgs {
    /// Address of the workspace that becomes the copy.
    #[arg(id = "target", long = "target", value_name = "URL")]
    url: Option<String>,
    /// Profile of .databrickscfg for it.
    #[arg(id = "target-profile", long = "target-profile", value_name = "NAME")]
    profile: Option<String>,
}

#[derive(Debug, Args)]
pub(super) struct PlanArgs {
    #[command(flatten)]
    ends: Ends,
    /// Print the plan as JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
pub(super) struct ApplyArgs {
    #[command(flatten)]
    ends: Ends,
    /// Apply only if the plan still has this hash.
    #[arg(long, value_name = "HASH")]
    plan: Option<String>,
    /// So many deletions are applied unseen. Without it: a share and a number that cannot be a mishap.
    #[arg(long, value_name = "COUNT")]
    allow_deletes: Option<u32>,
    /// Print the outcomes as JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
pub(super) struct StatusArgs {
    /// The state file of the syncs.
    #[arg(long, default_value = "farshore-sync.db")]
    state: PathBuf,
    /// Print it as JSON.
    #[arg(long)]
    json: bool,
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
            Self::Status(args) => {
                report::status(&args.state, args.json).await.map(|()| ExitCode::from(NO_CHANGE))
            }
        }
    }
}

async fn plan(args: PlanArgs) -> Result<ExitCode, Failed> {
    let (state, context) = open(&args.ends).await?;
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
    let (state, context) = open(&args.ends).await?;
    let plan = state.while_leased(make(&context)).await??;
    if let Some(why) = refusal(&plan, &args, &state.known_objects().await?) {
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
fn refusal(plan: &SyncPlan, args: &ApplyArgs, known: &BTreeMap<ObjectKind, u32>) -> Option<String> {
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
    let settings =
        ReplicationSettings { brake: allowed.unwrap_or_default(), ..ReplicationSettings::default() };
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

async fn open(ends: &Ends) -> Result<(StateFile, PairContext), Failed> {
    let source = EndArgs { role: "source", url: &ends.source.url, profile: &ends.source.profile };
    let target = EndArgs { role: "target", url: &ends.target.url, profile: &ends.target.profile };
    let source = connect(&source, ends.unlimited).await?;
    let target = connect(&target, ends.unlimited).await?;
    let [primary, secondary] = told_apart(source, target)?;
    let state = StateFile::open(&ends.state, &primary.org_id, &secondary.org_id).await?;
    let context = PairContext {
        pair_id: state.pair_id(),
        group_id: GroupId(Uuid::nil()),
        primary,
        secondary,
        ledger: state.ledger(),
        lease: state.lease(),
        clock: Arc::new(SystemClock),
        ids: Arc::new(RandomIds),
        options: options(ends),
        settings: Arc::default(),
    };
    Ok((state, context))
}

fn options(ends: &Ends) -> SyncOptions {
    let usual = SyncOptions::default();
    let rotation_ms = if ends.verify_acls { 0 } else { usual.rotation_ms };
    SyncOptions { max_in_flight: ends.in_flight, rotation_ms, ..usual }
}
