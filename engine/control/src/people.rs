//! Who signs in, and what a page shows of them.

use farshore_model::{
    Actor, Problem, ProblemKind, Role, UserId,
    view::{DemoStatus, Viewer},
};

use crate::{
    Control,
    problem::from_store,
    role_matrix::{self, Action},
    store::StoredPerson,
};

/// Why a sign-in did not succeed. "No such user" and "wrong password" are one answer.
#[derive(Debug, thiserror::Error)]
pub enum SignInError {
    #[error("The name or the password is not right.")]
    Refused,
    #[error("Signing in is not possible at the moment.")]
    Unavailable,
}

impl Control {
    /// The person behind a login, for the sign-in of the server, which compares the password.
    pub async fn person_by_login(&self, login: &str) -> Result<Option<StoredPerson>, SignInError> {
        self.store.person_by_login(login).await.map_err(|error| {
            tracing::error!(error = crate::problem::chain(&error), "a person could not be looked up");
            SignInError::Unavailable
        })
    }

    /// The person of a session, as they are now: a role that was changed counts from the next request.
    pub async fn actor(&self, id: UserId) -> Result<Option<Actor>, Problem> {
        Ok(self.store.person(id).await.map_err(from_store)?.map(|person| person.actor))
    }

    /// Makes a person who can sign in with a password. From the command line, by whoever holds the server's
    /// key, so without an actor.
    pub async fn create_person(
        &self,
        login: &str,
        name: &str,
        role: Role,
        password_hash: Option<String>,
    ) -> Result<Actor, Problem> {
        let actor = Actor { id: UserId(self.ids.next()), name: name.to_owned(), role };
        let person = StoredPerson { actor: actor.clone(), login: login.to_owned(), password_hash };
        self.store.insert_person(&person).await.map_err(from_store)?;
        Ok(actor)
    }

    /// What every page needs to know of the one who looks.
    pub async fn viewer(&self, actor: Option<&Actor>, time_zone: String) -> Result<Viewer, Problem> {
        let demo = match &self.demo {
            Some(demo) => {
                let regions = if actor.is_some() { demo.regions().await } else { Vec::new() };
                Some(DemoStatus { personas: demo.personas(), regions })
            }
            None => None,
        };
        let approvals_waiting = match actor {
            Some(actor) if role_matrix::is_allowed(actor.role, Action::ApproveRun) => {
                let page = self.approvals_page(actor).await?;
                let waiting = page.waiting.iter().filter(|item| item.why_not.is_none()).count();
                u32::try_from(waiting).unwrap_or(u32::MAX)
            }
            _ => 0,
        };
        Ok(Viewer { actor: actor.cloned(), demo, time_zone, approvals_waiting })
    }
}

/// The request came without a session.
pub fn signed_out() -> Problem {
    Problem::new(
        ProblemKind::SignedOut,
        "You are not signed in, or your session has ended.",
        "Nothing was changed.",
        "Sign in and try again.",
    )
}
