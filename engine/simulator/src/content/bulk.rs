//! Content in bulk, for benchmarks: the same numbers always make the same workspace.

use serde::Deserialize;
use serde_json::{Value, json};

use super::fields;
use crate::api::policy_rules::ClusterType;
use crate::api::{cluster_catalog, clusters, job_settings, jobs, permissions, pools};
use crate::seed::{self, Picker};
use crate::state::State;
use crate::state::cluster::{ClusterState, Termination};
use crate::state::tree::{self, Language, Node, NodeKind};

/// How many notebooks or files lie in one folder.
const OBJECTS_PER_FOLDER: usize = 100;

/// How much of everything is to be added.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Fill {
    /// Notebooks of one to two kilobytes in four languages, in folders of a hundred below `/Fill/Notebooks`. This
    /// many in all: a later, larger number adds the difference.
    pub notebooks: usize,
    /// Workspace files, below `/Fill/Files`; this many in all.
    pub files: usize,
    /// Instance pools without idle instances.
    pub pools: usize,
    /// Terminated clusters, every other one out of a pool when there are any.
    pub clusters: usize,
    /// Jobs on these notebooks, clusters and pools, whose schedules are not due for months.
    pub jobs: usize,
    /// Whether every object gets grants of its own.
    pub has_acls: bool,
}

impl Default for Fill {
    fn default() -> Self {
        Self { notebooks: 0, files: 0, pools: 0, clusters: 0, jobs: 0, has_acls: true }
    }
}

/// Adds the content.
pub(crate) fn fill(state: &mut State, wanted: &Fill) {
    let pool_ids: Vec<String> = (0..wanted.pools).map(|number| add_pool(state, number, wanted)).collect();
    let cluster_ids: Vec<String> =
        (0..wanted.clusters).filter_map(|number| add_cluster(state, number, &pool_ids, wanted)).collect();
    for number in 0..wanted.notebooks {
        add_notebook(state, number, wanted);
    }
    for number in 0..wanted.files {
        add_file(state, number, wanted);
    }
    for number in 0..wanted.jobs {
        add_job(state, number, &cluster_ids, &pool_ids, wanted);
    }
    state.touch();
}

/// The object with that number out of several, in turn.
fn in_turn(ids: &[String], number: usize) -> Option<&String> {
    ids.get(number % ids.len().max(1))
}

fn grant(state: &mut State, kind: &str, id: &str, level: &str, wanted: &Fill) {
    if !wanted.has_acls {
        return;
    }
    let list = json!([{"group_name": "users", "permission_level": level}]);
    if let Err(error) = permissions::grant(state, kind, id, &list) {
        tracing::error!(kind, id, answer = %error.body, "a grant of the content in bulk is not valid");
    }
}

fn add_pool(state: &mut State, number: usize, wanted: &Fill) -> String {
    let creator = state.directory.admin_user_name();
    let settings = json!({
        "instance_pool_name": format!("fill-pool-{number:05}"),
        "node_type_id": cluster_catalog::node_type_of(&state.region, "General Purpose"),
        "min_idle_instances": 0,
        "max_capacity": 10 + number % 90,
        "idle_instance_autotermination_minutes": 15,
        "custom_tags": {"team": format!("team-{}", number % 17)},
    });
    let pool_id = pools::add(state, fields(settings), &creator);
    grant(state, "instance-pools", &pool_id, "CAN_ATTACH_TO", wanted);
    pool_id
}

fn add_cluster(state: &mut State, number: usize, pool_ids: &[String], wanted: &Fill) -> Option<String> {
    let creator = state.directory.admin_user_name();
    let mut settings = fields(json!({
        "cluster_name": format!("fill-cluster-{number:05}"),
        "spark_version": "16.4.x-scala2.12",
        "num_workers": 1 + number % 8,
        "autotermination_minutes": 30,
        "spark_conf": {"spark.sql.shuffle.partitions": (8 * (1 + number % 32)).to_string()},
        "custom_tags": {"team": format!("team-{}", number % 17)},
    }));
    match in_turn(pool_ids, number).filter(|_| number % 2 == 1) {
        Some(pool_id) => settings.insert("instance_pool_id".into(), pool_id.clone().into()),
        None => {
            let node_type = cluster_catalog::node_type_of(&state.region, "General Purpose");
            settings.insert("node_type_id".into(), node_type.into())
        }
    };
    let settings = match clusters::complete(state, settings, ClusterType::AllPurpose, false) {
        Ok(settings) => settings,
        Err(error) => {
            tracing::error!(answer = %error.body, "a cluster of the content in bulk is not valid");
            return None;
        }
    };
    let cluster_id = clusters::add(state, settings, &creator, "API", ClusterState::Terminated);
    let now_ms = state.now_ms;
    if let Some(cluster) = state.clusters.get_mut(&cluster_id) {
        cluster.terminated_ms = Some(now_ms);
        cluster.termination = Some(Termination::by_user(&creator));
    }
    grant(state, "clusters", &cluster_id, "CAN_RESTART", wanted);
    Some(cluster_id)
}

fn notebook_path(number: usize) -> String {
    let folder = number / OBJECTS_PER_FOLDER;
    format!("/Fill/Notebooks/{:03}/{folder:05}/notebook {number:06}", folder / 100)
}

fn add_notebook(state: &mut State, number: usize, wanted: &Fill) {
    let path = notebook_path(number);
    let languages = [Language::Python, Language::Sql, Language::Python, Language::Scala, Language::R];
    let language = languages.get(number % languages.len()).copied().unwrap_or(Language::Python);
    let mut picker = Picker::new(seed::of_text(&path));
    let cell = |picker: &mut Picker| format!("value_{:016x} = {}\n", picker.number(), picker.number());
    let lines = 20 + picker.below(20);
    let separator = format!("\n{}\n\n", language.separator());
    let source: Vec<String> =
        (0..lines).map(|_| cell(&mut picker)).collect::<Vec<_>>().chunks(5).map(<[String]>::concat).collect();
    put(state, &path, NodeKind::notebook(language, source.join(&separator)), "CAN_RUN", wanted);
}

fn add_file(state: &mut State, number: usize, wanted: &Fill) {
    let folder = number / OBJECTS_PER_FOLDER;
    let path = format!("/Fill/Files/{folder:05}/table {number:06}.csv");
    let mut picker = Picker::new(seed::of_text(&path));
    let rows: String = (0..20).map(|row| format!("{row},{:016x}\n", picker.number())).collect();
    put(state, &path, NodeKind::file(rows), "CAN_READ", wanted);
}

fn put(state: &mut State, path: &str, kind: NodeKind, level: &str, wanted: &Fill) {
    // What a smaller filling has put there already stays.
    if state.tree.get(path).is_some() {
        return;
    }
    tree::make_directory(state, tree::parent_of(path));
    let (object_id, now_ms) = (state.next_number(), state.now_ms);
    let kind_name = kind.permission_type();
    state.tree.put(path, Node { object_id, created_ms: now_ms, modified_ms: now_ms, kind });
    grant(state, kind_name, &object_id.to_string(), level, wanted);
}

fn add_job(state: &mut State, number: usize, cluster_ids: &[String], pool_ids: &[String], wanted: &Fill) {
    let creator = state.directory.admin_user_name();
    let notebook = notebook_path(number % wanted.notebooks.max(1));
    let task = |key: &str| json!({"task_key": key, "notebook_task": {"notebook_path": notebook}});
    let mut tasks = vec![task("first"), task("second")];
    if let Some(second) = tasks.get_mut(1).and_then(Value::as_object_mut) {
        second.insert("depends_on".into(), json!([{"task_key": "first"}]));
    }
    let compute = match in_turn(cluster_ids, number).filter(|_| number % 2 == 1) {
        Some(cluster_id) => ("existing_cluster_id", Value::from(cluster_id.clone())),
        None => ("job_cluster_key", Value::from("main")),
    };
    for task in tasks.iter_mut().filter_map(Value::as_object_mut) {
        task.insert(compute.0.into(), compute.1.clone());
    }
    let node = match in_turn(pool_ids, number) {
        Some(pool_id) => ("instance_pool_id", pool_id.clone()),
        None => ("node_type_id", cluster_catalog::node_type_of(&state.region, "General Purpose").to_owned()),
    };
    let mut new_cluster = fields(json!({"spark_version": "16.4.x-scala2.12", "num_workers": 2}));
    new_cluster.insert(node.0.into(), node.1.into());
    let settings = fields(json!({
        "name": format!("fill job {number:05}"),
        "tags": {"team": format!("team-{}", number % 17)},
        "max_concurrent_runs": 1 + number % 3,
        // Once a year, so that a benchmark is not disturbed by runs.
        "schedule": {
            "quartz_cron_expression": format!("{} {} 4 1 7 ?", number % 60, number / 60 % 60),
            "timezone_id": "UTC",
            "pause_status": if number % 4 == 3 { "PAUSED" } else { "UNPAUSED" },
        },
        "job_clusters": [{"job_cluster_key": "main", "new_cluster": new_cluster}],
        "tasks": tasks,
    }));
    match job_settings::complete(state, settings, &serde_json::Map::new(), 2) {
        Ok(settings) => {
            let job_id = jobs::add(state, settings, &creator);
            grant(state, "jobs", &job_id.to_string(), "CAN_VIEW", wanted);
        }
        Err(error) => tracing::error!(answer = %error.body, "a job of the content in bulk is not valid"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_numbers_make_the_same_workspace() {
        let wanted = Fill { notebooks: 250, files: 10, pools: 3, clusters: 7, jobs: 11, has_acls: true };
        let filled = || {
            let mut state = State::new(1, "us-east-1", 1_795_000_000_000);
            fill(&mut state, &wanted);
            state
        };
        let (first, second) = (filled(), filled());
        let print = |state: &State| {
            serde_json::to_string(&(&state.tree, &state.jobs, &state.clusters, &state.grants))
                .unwrap_or_default()
        };
        assert_eq!(print(&first), print(&second));
        let notebooks = first.tree.below("/Fill").filter(|(_, node)| node.kind.type_name() == "NOTEBOOK");
        assert_eq!(notebooks.count(), 250);
        assert_eq!((first.jobs.len(), first.clusters.len(), first.pools.len()), (11, 7, 3));
        assert_eq!(first.grants.len(), 250 + 10 + 3 + 7 + 11);
    }
}
