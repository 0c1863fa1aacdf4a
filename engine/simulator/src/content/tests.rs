use std::collections::BTreeSet;

use super::*;
use crate::config::SimulatorConfig;
use crate::scheduler;
use crate::state::directory::ResourceKind;
use crate::state::tree::{Language, NodeKind};

fn company() -> State {
    let now_ms = 1_795_000_000_000;
    let mut state = State::new(1, "us-east-1", now_ms);
    let config = SimulatorConfig::new(([127, 0, 0, 1], 0).into(), "t", "us-east-1");
    state.resume(&config, now_ms);
    fill(&mut state);
    state
}

#[test]
fn it_has_what_the_demo_promises() {
    let mut state = company();
    let mut languages = BTreeSet::new();
    let mut count = 0;
    for (path, node) in state.tree.nodes() {
        if let NodeKind::Notebook { language, content, .. } = &node.kind {
            count += 1;
            languages.insert(language.name());
            assert!((1_000..=6_500).contains(&content.len()), "{path}: {} bytes", content.len());
            let text = String::from_utf8_lossy(content.bytes());
            for placeholder in ["{title}", "{entity}", "{measure}", "{slug}", "{to}"] {
                assert!(!text.contains(placeholder), "{path} still has {placeholder}");
            }
        }
    }
    assert!((290..=330).contains(&count), "{count} notebooks");
    assert_eq!(languages.len(), [Language::Python, Language::Sql, Language::Scala, Language::R].len());
    let counts = (state.jobs.len(), state.clusters.len(), state.pools.len(), state.policies.len());
    assert_eq!(counts, (40, 8, 4, 5));
    assert_eq!(state.clusters.values().filter(|cluster| cluster.is_running()).count(), 3);
    assert_eq!(state.tree.nodes().filter(|(_, node)| node.kind.type_name() == "FILE").count(), 5);
    assert_eq!(state.init_scripts.len(), 2);
    assert!(
        state.pools.values().all(|pool| (1..=5).contains(&pool.min_idle()) && pool.idle == pool.min_idle())
    );
    let directory = &state.directory;
    let identities = [
        directory.of(ResourceKind::Users).len(),
        directory.of(ResourceKind::Groups).len(),
        directory.of(ResourceKind::ServicePrincipals).len(),
    ];
    assert_eq!(identities, [25, 10, 4]);
    assert!(state.grants.len() > 50, "{} objects have grants", state.grants.len());
    // Looking at it does not change it.
    let before = state.revision;
    scheduler::settle(&mut state);
    assert_eq!(state.revision, before);
}

#[test]
fn every_reference_leads_somewhere() {
    let state = company();
    for job in state.jobs.values() {
        let text = Value::Object(job.settings.clone()).to_string();
        for task in job.settings.get("tasks").and_then(Value::as_array).into_iter().flatten() {
            if let Some(path) = task["notebook_task"]["notebook_path"].as_str() {
                assert!(state.tree.get(path).is_some(), "{}: {path}", job.name());
            }
            if let Some(cluster_id) = task["existing_cluster_id"].as_str() {
                assert!(state.clusters.contains_key(cluster_id), "{}", job.name());
            }
            if let Some(job_id) = task["run_job_task"]["job_id"].as_i64() {
                assert!(state.jobs.contains_key(&job_id), "{}", job.name());
            }
        }
        assert!(
            !text.contains("\"instance_pool_id\":\"\"") && !text.contains("\"policy_id\":\"\""),
            "{text}"
        );
    }
}

#[test]
fn a_library_of_a_cluster_is_where_it_says() {
    let state = company();
    let libraries: Vec<String> = state
        .clusters
        .values()
        .flat_map(|cluster| &cluster.libraries)
        .filter_map(|library| Some(library.spec.get("whl")?.as_str()?.strip_prefix("dbfs:")?.to_owned()))
        .collect();
    assert_eq!(libraries.len(), 1);
    assert!(libraries.iter().all(|path| state.dbfs.get(path).is_some()), "{libraries:?}");
}

#[test]
fn it_is_the_same_each_time() {
    let print = |state: &State| {
        serde_json::to_string(&(&state.tree, &state.jobs, &state.clusters)).unwrap_or_default()
    };
    assert_eq!(print(&company()), print(&company()));
}
