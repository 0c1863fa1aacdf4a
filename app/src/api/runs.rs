//! Failovers and failbacks: asking for one, driving one.

use farshore_model::{GroupId, RunId};
use leptos::prelude::*;

use super::ApiResult;

/// Asks for a run and leads to it. An empty `target_region` leaves the choice to the runbook.
#[server(prefix = "/sfn", endpoint = "request_run")]
pub async fn request_run(
    group_id: GroupId,
    kind: String,
    #[server(default)] mode: String,
    #[server(default)] target_region: String,
    reason: String,
    confirm_name: String,
) -> ApiResult<()> {
    let typed = [
        ("mode", mode.as_str()),
        ("target_region", &target_region),
        ("reason", &reason),
        ("confirm_name", &confirm_name),
    ];
    let requested = async {
        let (control, actor) = super::context::signed_in()?;
        let input = farshore_control::RunRequestInput {
            group: group_id,
            kind: super::form::required("kind", &kind)?,
            mode: super::form::required("mode", &mode)?,
            target_region: super::form::filled(target_region.clone()),
            reason: reason.clone(),
            confirm_name: confirm_name.clone(),
        };
        Ok(control.request_run(&actor, input).await?)
    };
    let run = requested.await.map_err(|problem: super::ApiProblem| problem.with_typed(&typed))?;
    leptos_axum::redirect(&format!("/runs/{run}"));
    Ok(())
}

/// Everything that a person can do to a run, told apart by `command` (see [`farshore_model::run::Command`]).
/// `words` is the comment of an approval and the reason of everything that wants one. `objects` and `choices`
/// answer the question of a step, place by place: an object, and the side whose version of it is kept.
#[server(prefix = "/sfn", endpoint = "command_run")]
pub async fn command_run(
    id: RunId,
    command: String,
    #[server(default)] words: String,
    #[server(default)] step: u32,
    #[server(default)] objects: Vec<String>,
    #[server(default)] choices: Vec<String>,
) -> ApiResult<()> {
    use farshore_control::RunCommand;
    use farshore_model::run::Command;

    let (control, actor) = super::context::signed_in()?;
    let typed = words.clone();
    let told = match super::form::required("command", &command)? {
        Command::Approve => RunCommand::Approve { comment: words },
        Command::Decline => RunCommand::Decline { comment: words },
        Command::Pause => RunCommand::Pause,
        Command::Resume => RunCommand::Resume,
        Command::RetryStep => RunCommand::RetryStep { index: step },
        Command::SkipStep => RunCommand::SkipStep { index: step, reason: words },
        Command::AnswerStep => {
            RunCommand::AnswerStep { index: step, answer: conflict_answer(objects, choices)? }
        }
        Command::Abandon => RunCommand::Abandon { reason: words },
        Command::Cancel => RunCommand::Cancel { reason: words },
    };
    control.command_run(&actor, id, told).await.map_err(|problem| {
        super::ApiProblem::from(problem).with_typed(&[("command", &command), ("words", &typed)])
    })
}

/// The answer to a failback that stopped at objects changed on both sides: for each, the side that is kept.
#[cfg(feature = "ssr")]
fn conflict_answer(
    objects: Vec<String>,
    choices: Vec<String>,
) -> Result<serde_json::Value, farshore_model::Problem> {
    if objects.is_empty() || objects.len() != choices.len() {
        return Err(farshore_model::Problem::field("choices", "Choose one side for every object."));
    }
    Ok(objects.into_iter().zip(choices.into_iter().map(serde_json::Value::String)).collect())
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::conflict_answer;

    #[test]
    fn an_answer_names_a_side_for_every_object() {
        let text = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
        let answer =
            conflict_answer(text(&["jobs/1:2", "notebooks//Shared/a"]), text(&["primary", "secondary"]));
        let expected = serde_json::json!({ "jobs/1:2": "primary", "notebooks//Shared/a": "secondary" });
        assert_eq!(answer, Ok(expected));
        assert!(conflict_answer(text(&["jobs/1:2"]), Vec::new()).is_err());
        assert!(conflict_answer(Vec::new(), Vec::new()).is_err());
    }
}
