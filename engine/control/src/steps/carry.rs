//! What carrying changes over has in common: a sync run for each pair, made under an id that depends on nothing
//! but the run and the attempt, and followed while the sync worker does the work.

use std::{collections::BTreeMap, time::Duration};

use farshore_model::{
    PairId, SyncRunId,
    group::Side,
    kind::ObjectKey,
    plan::{PlanAction, SyncPlan},
    run::Question,
    sync_run::{SyncRun, SyncRunState, SyncTrigger},
    view::ConflictChoice,
};
use farshore_runbook::{StepContext, StepError, StepOutcome};
use serde_json::{Value, json};

use super::{from_control_store, scope};
use crate::{Control, runbooks::ScopedPair, store::StoreError};

const LOOK_AGAIN: Duration = Duration::from_millis(250);
/// More syncs than one group makes during a failback. Every round of the schedule counts, because each leaves a
/// row that says that it was suspended.
const EARLIER: u32 = 1_000;

impl Control {
    /// Brings what changed on the side that is being left to the one that takes over, for each pair in turn.
    ///
    /// What only a person can decide is asked first, whatever else went wrong: their answer begins another
    /// attempt, and what fails in that one too fails the step.
    pub(super) async fn carry(
        &self,
        ctx: &StepContext,
        trigger: SyncTrigger,
    ) -> Result<StepOutcome, StepError> {
        let (mut conflicts, mut judgements) = (Vec::new(), Vec::new());
        let mut carried = 0;
        for pair in &scope(ctx)?.pairs {
            let id = self.begin_sync(ctx, pair, trigger).await?;
            let run = self.follow_sync(ctx, id).await?;
            let waiting = self.conflicts_of(&run).await?;
            judgements.extend(judge(&run, !waiting.is_empty()));
            conflicts.extend(waiting);
            let done = run.done.saturating_sub(run.failed);
            carried += done;
            ctx.log(format!("{}: {done} objects carried over.", pair.workspace(pair.to).name)).await?;
        }
        if !conflicts.is_empty() {
            let details = serde_json::to_value(&conflicts).unwrap_or_default();
            let message = question(conflicts.len(), &judgements);
            return Ok(StepOutcome::Waiting { question: Question { message, details } });
        }
        match judgements.into_iter().next() {
            Some(error) => Err(error),
            None => Ok(StepOutcome::with_output(json!({"carried": carried}))),
        }
    }

    /// Asks for the sync run of this attempt. One that is there already is the one that an interrupted attempt
    /// asked for.
    async fn begin_sync(
        &self,
        ctx: &StepContext,
        pair: &ScopedPair,
        trigger: SyncTrigger,
    ) -> Result<SyncRunId, StepError> {
        let answered_at = ctx.answer.as_ref().map_or(0, |answer| answer.at.0);
        let label = format!("{} retry {} answer {answered_at}", pair.pair_id, ctx.retries);
        let id = SyncRunId(ctx.idempotency_key_for(&label));
        let run = SyncRun {
            id,
            group_id: ctx.group_id,
            pair_id: pair.pair_id,
            source: pair.to.other(),
            trigger,
            requested_by: None,
            state: SyncRunState::Planning,
            is_applied_at_once: true,
            plan_id: None,
            only: None,
            choices: self.choices(ctx, pair.pair_id).await?,
            total: 0,
            done: 0,
            failed: 0,
            message: None,
            created_at: ctx.now(),
            apply_began_at: None,
            ended_at: None,
            occurrences: 1,
        };
        loop {
            match self.store.insert_sync_run(&run).await {
                Ok(()) => break,
                // Another sync of the pair is under way: it ends by itself.
                Err(StoreError::NotNow) => tokio::time::sleep(LOOK_AGAIN).await,
                Err(error) => return Err(from_control_store(error)),
            }
        }
        self.publish_sync(&run);
        Ok(id)
    }

    /// Until the sync worker has ended the run, or its plan waits for a person: a step does not wait for what may
    /// take days.
    async fn follow_sync(&self, ctx: &StepContext, id: SyncRunId) -> Result<SyncRun, StepError> {
        loop {
            let run = self.store.sync_run(id).await.map_err(from_control_store)?.ok_or_else(|| {
                StepError::lasting("The sync of this step is not there any more.", "Retry the step.")
            })?;
            if run.state.is_final() || run.is_held() {
                return Ok(run);
            }
            if run.total > 0 {
                ctx.progress(run.done.into(), run.total.into()).await?;
            }
            tokio::time::sleep(LOOK_AGAIN).await;
        }
    }

    /// What a person chose, in this step or in an earlier one of the run: an object whose version on the target is
    /// kept differs as before, and must not be asked about again.
    async fn choices(&self, ctx: &StepContext, pair: PairId) -> Result<Vec<(ObjectKey, Side)>, StepError> {
        let mut earlier = self.store.sync_runs(ctx.group_id, EARLIER).await.map_err(from_control_store)?;
        earlier.retain(|run| {
            run.pair_id == pair && run.trigger == SyncTrigger::Failback && run.created_at >= ctx.requested_at
        });
        earlier.sort_by_key(|run| run.created_at);
        let mut choices: BTreeMap<_, _> = earlier.into_iter().flat_map(|run| run.choices).collect();
        if let Some(answer) = &ctx.answer {
            choices.extend(parse_choices(&answer.value, pair).map_err(|what| {
                StepError::lasting(
                    format!("The answer cannot be read: {what}. Nothing was changed by it."),
                    "Retry the step: it asks again.",
                )
            })?);
        }
        Ok(choices.into_iter().collect())
    }

    async fn conflicts_of(&self, run: &SyncRun) -> Result<Vec<ConflictChoice>, StepError> {
        let Some(plan) = run.plan_id else { return Ok(Vec::new()) };
        let plan = self.store.plan(plan).await.map_err(from_control_store)?;
        Ok(plan.into_iter().flat_map(conflicts).collect())
    }
}

fn conflicts(plan: SyncPlan) -> impl Iterator<Item = ConflictChoice> {
    let pair_id = plan.pair_id;
    plan.items.into_iter().filter(|item| item.action == PlanAction::Conflict).map(move |item| {
        ConflictChoice { pair_id, object: item.object, name: item.name.to_string(), changes: item.changes }
    })
}

/// What a person is asked, and what they have to know of everything else.
fn question(conflicts: usize, judgements: &[StepError]) -> String {
    let rest = if judgements.is_empty() {
        "everything else has been carried over.".to_owned()
    } else {
        let failures: Vec<&str> = judgements.iter().map(|error| error.message.as_str()).collect();
        format!("then everything that is missing is tried again. {}", failures.join(" "))
    };
    format!(
        "Changed on both sides since they last agreed: {conflicts}. Choose for each whose version is kept; {rest}"
    )
}

/// A sync that did not carry everything over fails the step; retrying it makes a new one. What waits for a
/// choice is no failure.
fn judge(run: &SyncRun, has_conflicts: bool) -> Option<StepError> {
    let message = run.message.as_deref().unwrap_or_default();
    match run.state {
        SyncRunState::Completed => None,
        SyncRunState::CompletedWithFailures if has_conflicts && run.failed == 0 => None,
        SyncRunState::CompletedWithFailures => Some(StepError::lasting(
            format!(
                "{} of {} objects could not be carried over. The others are there.",
                run.failed, run.total
            ),
            format!("See /syncs/{} for each of them and what to do; then retry the step.", run.id),
        )),
        SyncRunState::Planned => Some(StepError::lasting(
            message,
            format!(
                "Open /syncs/{} and apply the plan there if all of it is meant; then retry the step. Retried without \
                 that, it stops again.",
                run.id
            ),
        )),
        state => Some(StepError::lasting(
            format!("The sync ended as {state}. {message}"),
            format!("See /syncs/{} for what happened; then retry the step.", run.id),
        )),
    }
}

/// An answer is an object that maps keys, as in `jobs/1234:77`, to the side whose version is kept. A key may be
/// preceded by a pair's id and a slash, to be about that pair alone.
fn parse_choices(answer: &Value, pair: PairId) -> Result<Vec<(ObjectKey, Side)>, String> {
    let answer = answer.as_object().ok_or("it is not an object")?;
    let mut choices = Vec::new();
    for (key, side) in answer {
        let text = match key.split_once('/') {
            Some((id, rest)) if id.parse::<PairId>().is_ok() => {
                if id != pair.to_string() {
                    continue;
                }
                rest
            }
            _ => key,
        };
        let (kind, key) = text.split_once('/').ok_or_else(|| format!("{text:?} names no object"))?;
        let kind = kind.parse().map_err(|_| format!("{text:?} names no object"))?;
        let side = side.as_str().and_then(|side| side.parse().ok());
        let side = side.ok_or_else(|| format!("no side is chosen for {text:?}"))?;
        choices.push((ObjectKey { kind, key: key.into() }, side));
    }
    Ok(choices)
}

#[cfg(test)]
mod tests {
    use farshore_model::kind::ObjectKind;
    use uuid::Uuid;

    use super::*;

    #[test]
    fn an_answer_names_objects_of_every_pair_or_of_one() {
        let (mine, other) = (PairId(Uuid::from_u128(1)), PairId(Uuid::from_u128(2)));
        let answer = json!({
            "notebooks//Shared/etl": "primary",
            format!("{mine}/jobs/77:5"): "secondary",
            format!("{other}/jobs/77:6"): "secondary",
        });
        let mut choices = parse_choices(&answer, mine).expect("readable");
        choices.sort();
        let object = |kind, key: &str| ObjectKey { kind, key: key.into() };
        assert_eq!(
            choices,
            [
                (object(ObjectKind::Notebooks, "/Shared/etl"), Side::Primary),
                (object(ObjectKind::Jobs, "77:5"), Side::Secondary)
            ]
        );
    }

    #[test]
    fn an_answer_that_chooses_nothing_is_refused() {
        let pair = PairId(Uuid::from_u128(1));
        for answer in [json!("primary"), json!({"jobs/1": "both"}), json!({"jobs": "primary"})] {
            assert!(parse_choices(&answer, pair).is_err(), "{answer}");
        }
    }
}
