//! One person per role, named by the role; two approvers, so that approving can be seen from both sides.

use std::sync::Arc;

use farshore_control::Control;
use farshore_model::{Problem, ProblemKind, Role, view::Persona};

const PERSONAS: [(&str, &str, Role, &str); 6] = [
    ("admin", "Admin", Role::Admin, "Pairs workspaces, tunes replication, manages departments."),
    ("operator", "Operator", Role::Operator, "Drives syncs, failovers and failbacks."),
    ("approver", "Approver", Role::Approver, "Signs off what an operator requests."),
    ("approver-2", "Second approver", Role::Approver, "Signs off as well, where two are asked for."),
    ("owner", "Department owner", Role::DepartmentOwner, "Sets RPO and RTO of a department."),
    ("viewer", "Viewer", Role::Viewer, "Reads everything, changes nothing."),
];

pub(super) fn all() -> Vec<Persona> {
    PERSONAS
        .into_iter()
        .map(|(login, title, _, description)| Persona {
            login: login.to_owned(),
            title: title.to_owned(),
            description: description.to_owned(),
        })
        .collect()
}

/// Without a password: they are signed in by a button, or by a bearer token, and only in the demo.
pub(super) async fn create(control: &Arc<Control>) -> Result<(), Problem> {
    for (login, title, role, _) in PERSONAS {
        let known = control.person_by_login(login).await.map_err(|error| {
            Problem::new(ProblemKind::Internal, error.to_string(), "Nothing was changed.", "Start again.")
        })?;
        if known.is_none() {
            control.create_person(login, title, role, None).await?;
        }
    }
    Ok(())
}
