//! What the one who looks may do.

use farshore_model::{
    Actor,
    run::RunbookKind,
    view::{ActionAvailability, GroupCard},
};

use crate::{
    Control,
    role_matrix::{self, Action},
    runs::{NoRoute, Route},
};

impl Control {
    /// Whether the matrix allows each act to this actor.
    pub(crate) fn availability(&self, actor: &Actor, actions: &[Action]) -> Vec<ActionAvailability> {
        actions
            .iter()
            .map(|&action| ActionAvailability {
                action: action.as_str().to_owned(),
                why_not: role_matrix::why_not(actor.role, action),
            })
            .collect()
    }

    pub(super) fn group_actions(
        &self,
        actor: &Actor,
        card: &GroupCard,
        routes: &[(RunbookKind, Result<Route, NoRoute>)],
        is_unseen: bool,
    ) -> Vec<ActionAvailability> {
        let mut actions = self.availability(actor, &[Action::EditGroup]);
        let syncing = card.group.suspension.as_ref().map(|suspension| suspension.reason.clone());
        for action in [Action::PlanSync, Action::ApplySync] {
            let why_not = role_matrix::why_not(actor.role, action).or_else(|| syncing.clone());
            let is_unseen = action == Action::ApplySync && is_unseen;
            let why_not = why_not.or_else(|| {
                is_unseen.then(|| "The first copy is planned and looked at before it is applied.".to_owned())
            });
            actions.push(ActionAvailability { action: action.as_str().to_owned(), why_not });
        }
        for (kind, route) in routes {
            let why_not = role_matrix::why_not(actor.role, Action::RequestRun)
                .or_else(|| route.as_ref().err().map(|why| why.what.clone()));
            actions.push(ActionAvailability { action: format!("request_{}", kind.as_str()), why_not });
        }
        actions
    }
}
