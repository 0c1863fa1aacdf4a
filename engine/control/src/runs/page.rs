//! The page of one run.

use farshore_model::{
    Actor, Problem, ProblemKind, RunId,
    run::{Command, CommandAvailability, JournalEntry, Run, allowed_commands},
    view::RunPage,
};

use super::from_run_store;
use crate::{
    Control,
    problem::{chain, from_store},
    role_matrix::{Action, authorize, why_not},
    runbooks::RunScope,
};

impl Control {
    pub async fn run_page(&self, actor: &Actor, id: RunId) -> Result<RunPage, Problem> {
        authorize(actor, Action::Read)?;
        let run = self.known_run(id).await?;
        let group = self.known_group(run.group_id).await?;
        let scope = RunScope::of(&run).map_err(|error| {
            tracing::error!(run = %id, error = chain(&error), "the run has no readable scope");
            Problem::new(
                ProblemKind::Internal,
                "This run was requested by another version of the panel, which wrote it differently.",
                "The run and its journal are kept.",
                "Open it with the version that it was requested with.",
            )
        })?;
        Ok(RunPage {
            as_of: self.clock.now(),
            group,
            from_region: scope.from_region,
            to_region: scope.to_region,
            replication_point: scope.replication_point,
            rpo: scope.rpo,
            rto: scope.rto,
            fences: self.store.fences_of_run(id).await.map_err(from_store)?,
            commands: commands_for(&run, actor),
            journal_seq: run.seq,
            run,
        })
    }

    /// The entries after number `since_seq`, in order.
    pub async fn run_journal(
        &self,
        actor: &Actor,
        id: RunId,
        since_seq: i64,
    ) -> Result<Vec<JournalEntry>, Problem> {
        authorize(actor, Action::Read)?;
        self.run_store().journal_since(id, since_seq).await.map_err(from_run_store)
    }
}

/// What this person may do to the run now: both the run and their role have to allow it. What the role says
/// comes first, because it does not change while they look.
fn commands_for(run: &Run, actor: &Actor) -> Vec<CommandAvailability> {
    let mut commands = allowed_commands(run, actor);
    for availability in &mut commands {
        let action = match availability.command {
            Command::Approve | Command::Decline => Action::ApproveRun,
            _ => Action::DriveRun,
        };
        if let Some(why_not) = why_not(actor.role, action) {
            availability.is_allowed = false;
            availability.why_not = Some(why_not);
        }
    }
    commands
}
