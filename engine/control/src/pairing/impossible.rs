//! What can never be a pair.

use farshore_model::{
    Problem, ProblemKind,
    pairing::Pairing,
    workspace::{StandaloneWorkspace, Workspace},
};

use crate::{Control, problem::from_store, standalone::is_noted_as};

impl Control {
    /// What can never be a pair: a workspace with itself, one that is paired already, two in one region. Nor is one of
    /// which somebody has said that it needs no counterpart.
    pub(super) async fn refuse_impossible(&self, pairing: &Pairing) -> Result<(), Problem> {
        let registered = self.store.workspaces().await.map_err(from_store)?;
        let standalone = self.store.standalones().await.map_err(from_store)?;
        for typed in [&pairing.primary, &pairing.secondary].into_iter().flatten() {
            let same = |workspace: &&Workspace| Some(&workspace.org_id) == typed.report.org_id.as_ref();
            let is_noted = |noted: &&StandaloneWorkspace| {
                is_noted_as(noted, &typed.host, typed.report.org_id.as_deref())
            };
            if let Some(noted) = standalone.iter().find(is_noted) {
                return Err(Problem::new(
                    ProblemKind::Invalid,
                    format!(
                        "{} is the workspace “{}”, which needs no counterpart, as {} has said.",
                        typed.host, noted.name, noted.standalone.by
                    ),
                    "What you typed is kept, and no workspace was changed.",
                    "Take it off the list of workspaces without counterpart, or give the address and token of another \
                     workspace.",
                ));
            }
            if let Some(workspace) = registered.iter().find(same) {
                return Err(impossible(format!(
                    "{} is the workspace “{}” (id {}), which is already in a pair.",
                    typed.host, workspace.name, workspace.org_id
                )));
            }
        }
        let (Some(primary), Some(secondary)) = (&pairing.primary, &pairing.secondary) else { return Ok(()) };
        if primary.report.org_id.is_some() && primary.report.org_id == secondary.report.org_id {
            return Err(impossible(format!(
                "Both addresses lead to one workspace, id {}.",
                primary.report.org_id.as_deref().unwrap_or_default()
            )));
        }
        if primary.region.is_some() && primary.region == secondary.region {
            return Err(impossible(format!(
                "Both workspaces are in {}: losing that region would lose both.",
                primary.region.as_deref().unwrap_or_default()
            )));
        }
        Ok(())
    }
}

fn impossible(what_happened: String) -> Problem {
    Problem::new(
        ProblemKind::Invalid,
        what_happened,
        "What you typed is kept, and no workspace was changed.",
        "Give the address and token of another workspace.",
    )
}
