//! `/api/2.x/jobs/runs/get-output` and `export`: what a task leaves behind, by its type.

use axum::routing::MethodFilter;
use serde_json::{Map, Value, json};

use super::router::Routes;
use super::runs::{find, missing};
use super::{ApiError, Call, Reply, notebook_formats, run_view};
use crate::state::State;
use crate::state::run::TaskRun;
use crate::state::tree::NodeKind;

/// Types of tasks whose output is what they print.
const PRINTING: [&str; 5] =
    ["spark_python_task", "python_wheel_task", "spark_jar_task", "spark_submit_task", "python_operator_task"];

pub(super) fn routes(routes: Routes) -> Routes {
    let all = &[0, 1, 2];
    routes.add(all, MethodFilter::GET, "jobs/runs/get-output", get_output).add(
        all,
        MethodFilter::GET,
        "jobs/runs/export",
        export,
    )
}

fn get_output(state: &mut State, call: &Call) -> Result<Reply, ApiError> {
    let run_id = call.required_integer("run_id")?;
    let (run, task) = find(state, run_id)?;
    let index = match task {
        Some(index) => index,
        None if run.tasks.len() == 1 => 0,
        None => {
            let message = "Retrieving the output of runs with multiple tasks is not supported. Please retrieve the \
                output of each individual task run instead.";
            return Err(ApiError::invalid_parameter(message));
        }
    };
    let Some(task) = run.tasks.get(index) else { return Err(missing(run_id)) };
    let mut output = output_of(task);
    output.insert("metadata".into(), Value::Object(run_view::task_as_run(state, run, index, 0)));
    if let Some(end) = task.end.as_ref().filter(|end| !end.is_success()) {
        output.insert("error".into(), end.message.clone().into());
        output.insert("error_trace".into(), format!("simulated result: {}", end.result_state).into());
    }
    Ok(Reply::Json(Value::Object(output)))
}

fn output_of(task: &TaskRun) -> Map<String, Value> {
    let is_success = task.end.as_ref().is_some_and(|end| end.is_success());
    let has = |name: &str| task.settings.contains_key(name);
    let text = |kind: &str, name: &str| task.settings.get(kind).and_then(|kind| kind.get(name)).cloned();
    let mut output = Map::new();
    if let Some(child_id) = task.child_run_id {
        output.insert("run_job_output".into(), json!({"run_id": child_id}));
    }
    if has("notebook_task") {
        let result = if is_success { json!({"result": "OK", "truncated": false}) } else { json!({}) };
        output.insert("notebook_output".into(), result);
    }
    if has("clean_rooms_notebook_task") && is_success {
        let result = json!({"notebook_output": {"result": "OK", "truncated": false}});
        output.insert("clean_rooms_notebook_output".into(), result);
    }
    let prints = PRINTING.iter().any(|kind| has(kind));
    if (prints || has("dbt_task")) && task.end.is_some() {
        output.insert("logs".into(), format!("simulated output of {}\n", task.task_key).into());
        output.insert("logs_truncated".into(), false.into());
    }
    if has("dbt_task") && is_success {
        let link = format!("https://artifacts.simulated.databricks.example/{}.tar.gz", task.run_id);
        output.insert("dbt_output".into(), json!({"artifacts_link": link, "artifacts_headers": {}}));
    }
    if has("dashboard_task") && is_success {
        output.insert("dashboard_output".into(), json!({"page_snapshots": []}));
    }
    if has("sql_task") && is_success {
        let warehouse_id = text("sql_task", "warehouse_id").unwrap_or_default();
        let shown = if text("sql_task", "dashboard").is_some() {
            json!({"dashboard_output": {"warehouse_id": warehouse_id, "widgets": []}})
        } else if text("sql_task", "alert").is_some() {
            json!({"alert_output": {"warehouse_id": warehouse_id, "alert_state": "OK", "sql_statements": []}})
        } else {
            json!({"query_output": {"warehouse_id": warehouse_id, "sql_statements": []}})
        };
        output.insert("sql_output".into(), shown);
    }
    output
}

fn export(state: &mut State, call: &Call) -> Result<Reply, ApiError> {
    let run_id = call.required_integer("run_id")?;
    let (run, task) = find(state, run_id)?;
    let tasks = run.tasks.iter().enumerate().filter(|(index, _)| task.is_none_or(|task| task == *index));
    let views: Vec<Value> = tasks
        .filter_map(|(_, task)| {
            let path = task.settings.get("notebook_task")?.get("notebook_path")?.as_str()?;
            let name = path.rsplit('/').next().unwrap_or(path);
            let content = match state.tree.get(path).map(|node| &node.kind) {
                Some(NodeKind::Notebook { language, content, .. }) => {
                    notebook_formats::to_html(name, *language, content.bytes())
                }
                _ => format!("<!doctype html><title>{name}</title><pre>{}</pre>", task.task_key),
            };
            Some(json!({"name": name, "type": "NOTEBOOK", "content": content}))
        })
        .collect();
    if views.is_empty() {
        let message = format!("Run {run_id} has no notebook task; only those can be exported.");
        return Err(ApiError::invalid_parameter(message));
    }
    Ok(Reply::Json(json!({"views": views})))
}
