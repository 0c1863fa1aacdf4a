//! Who may do what: [`role_matrix.txt`](../role_matrix.txt), read once.

use farshore_model::{Actor, Problem, ProblemKind, Role};

const MATRIX: &str = include_str!("role_matrix.txt");

macro_rules! actions {
    ($($(#[$doc:meta])* $variant:ident => $name:literal, $phrase:literal);+ $(;)?) => {
        /// What can be allowed or refused; each has a line in the matrix.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Action { $($(#[$doc])* $variant),+ }

        impl Action {
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// As in the matrix, the audit list and [`farshore_model::view::ActionAvailability`].
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name),+ }
            }

            /// For a sentence: "may not …".
            const fn phrase(self) -> &'static str {
                match self { $(Self::$variant => $phrase),+ }
            }
        }
    };
}

actions! {
    Read => "read", "read this";
    ReadAudit => "read_audit", "read the audit list";
    PairWorkspaces => "pair_workspaces", "pair workspaces";
    EditGroup => "edit_group", "edit a failover group";
    /// Targets of a department that exists.
    EditDepartment => "edit_department", "edit a department";
    CreateDepartment => "create_department", "create a department";
    PlanSync => "plan_sync", "plan a sync";
    ApplySync => "apply_sync", "apply a sync plan";
    ComparePeople => "compare_people", "have users, groups and service principals compared";
    RequestRun => "request_run", "request a failover or failback";
    ApproveRun => "approve_run", "approve or decline a run";
    /// Pause, resume, retry, skip, answer, abandon, cancel.
    DriveRun => "drive_run", "drive a run";
    /// The demo bar; exists only in the demo.
    OperateDemo => "operate_demo", "operate the demo";
}

/// Whether the matrix has a `y` for this role and action.
pub fn is_allowed(role: Role, action: Action) -> bool {
    let Some(column) = columns().position(|name| name == role.as_str()) else { return false };
    lines()
        .find(|line| line.split_whitespace().next() == Some(action.as_str()))
        .and_then(|line| line.split_whitespace().nth(column + 1))
        == Some("y")
}

/// Why the role may not; None: it may.
pub fn why_not(role: Role, action: Action) -> Option<String> {
    if is_allowed(role, action) {
        return None;
    }
    let who: Vec<&str> =
        Role::ALL.into_iter().filter(|&role| is_allowed(role, action)).map(Role::title).collect();
    Some(format!(
        "Your role, {}, may not {}; these roles may: {}.",
        role.title().to_lowercase(),
        action.phrase(),
        who.join(", ").to_lowercase()
    ))
}

pub(crate) fn authorize(actor: &Actor, action: Action) -> Result<(), Problem> {
    match why_not(actor.role, action) {
        None => Ok(()),
        Some(why) => Err(Problem::new(
            ProblemKind::Forbidden,
            why,
            "Nothing was changed.",
            "Ask somebody with one of these roles, or sign in as one.",
        )),
    }
}

fn lines() -> impl Iterator<Item = &'static str> {
    MATRIX.lines().filter(|line| !line.starts_with('#') && !line.is_empty())
}

/// Names of the roles, in the order of the columns: the last comment line.
fn columns() -> impl Iterator<Item = &'static str> {
    let header = MATRIX.lines().rfind(|line| line.starts_with("# action")).unwrap_or_default();
    header.split_whitespace().skip(2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_matrix_has_exactly_one_whole_line_an_action() {
        let names: Vec<_> = lines().filter_map(|line| line.split_whitespace().next()).collect();
        let expected: Vec<_> = Action::ALL.iter().map(|action| action.as_str()).collect();
        assert_eq!(names, expected);
        for line in lines() {
            let cells: Vec<_> = line.split_whitespace().skip(1).collect();
            assert_eq!(cells.len(), Role::ALL.len(), "{line}");
            assert!(cells.iter().all(|cell| matches!(*cell, "y" | "-")), "{line}");
        }
        assert_eq!(columns().collect::<Vec<_>>(), Role::ALL.map(Role::as_str));
    }

    #[test]
    fn nobody_both_requests_and_approves() {
        for role in Role::ALL {
            assert!(
                !(is_allowed(role, Action::RequestRun) && is_allowed(role, Action::ApproveRun)),
                "{role}"
            );
        }
    }

    #[test]
    fn a_refusal_names_the_roles_that_may() {
        assert_eq!(
            why_not(Role::Viewer, Action::ApproveRun).as_deref(),
            Some("Your role, viewer, may not approve or decline a run; these roles may: approver.")
        );
        assert_eq!(why_not(Role::Admin, Action::Read), None);
    }
}
