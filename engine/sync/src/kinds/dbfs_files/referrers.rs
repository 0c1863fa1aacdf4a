//! Which objects refer to files of the Databricks file system, and to which.

use std::collections::{BTreeMap, BTreeSet};

use farshore_databricks::{ApiError, ErrorKind};
use farshore_model::{kind::ObjectKind, region_map::ELSEWHERE};
use serde_json::Value;

use crate::inventory::Look;

/// The kinds whose objects refer to files.
const REFERRING: [ObjectKind; 3] = [ObjectKind::Clusters, ObjectKind::ClusterPolicies, ObjectKind::Jobs];
const SCHEME: &str = "dbfs:";
/// Fields of a policy that hold JSON in a string.
const DEFINITIONS: [&str; 2] = ["definition", "policy_family_definition_overrides"];
/// What a program is made of, as opposed to the data that it is told to read.
const PROGRAMS: [&str; 5] = [".jar", ".py", ".whl", ".egg", ".zip"];

/// The files that are referred to, by path without its scheme, and who refers to each: `the job "Nightly"`.
pub(super) async fn of(look: &Look<'_>) -> Result<BTreeMap<String, Vec<String>>, ApiError> {
    let mut referrers: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for kind in REFERRING {
        let objects = match look.listed(kind).await {
            Ok(objects) => objects,
            // What is not there refers to nothing.
            Err(error) if error.kind() == ErrorKind::FeatureDisabled => continue,
            Err(error) => return Err(error),
        };
        for object in objects {
            for path in referred_paths(&object.raw) {
                let referrer = format!("the {} \"{}\"", kind.singular(), object.name);
                referrers.entry(path).or_default().push(referrer);
            }
        }
    }
    Ok(referrers)
}

fn referred_paths(raw: &Value) -> BTreeSet<String> {
    let mut paths = BTreeSet::new();
    collect(raw, &mut Vec::new(), &mut paths);
    paths
}

/// `place` names the fields on the way, from the outermost one on.
fn collect<'a>(value: &'a Value, place: &mut Vec<&'a str>, paths: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => {
            for (field, value) in fields {
                place.push(field);
                collect(value, place, paths);
                place.pop();
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, place, paths)),
        Value::String(text) => match place.as_slice() {
            [field] if DEFINITIONS.contains(field) => {
                if let Ok(definition) = serde_json::from_str::<Value>(text) {
                    collect(&definition, &mut Vec::new(), paths);
                }
            }
            [.., "spark_submit_task", "parameters"] => {
                let programs = text.split(',').filter(|part| PROGRAMS.iter().any(|end| part.ends_with(end)));
                paths.extend(programs.filter_map(path_of));
            }
            place if is_reference(place) => paths.extend(path_of(text)),
            _ => {}
        },
        _ => {}
    }
}

fn is_reference(place: &[&str]) -> bool {
    match place {
        [.., "libraries", "jar" | "whl" | "egg" | "requirements"]
        | [.., "spark_python_task", "python_file"]
        | [.., "spark_jar_task", "jar_uri"]
        | [.., "init_scripts", _, "destination"]
        | [.., "spec", "dependencies"] => true,
        // As a policy writes it: `init_scripts.0.dbfs.destination`.
        [.., attribute, "value" | "values" | "defaultValue"] => {
            attribute.starts_with("init_scripts.") && attribute.ends_with(".destination")
        }
        _ => false,
    }
}

/// `/a/b` for `dbfs:/a//b`; None for what lies elsewhere, and for what is known only when a run begins.
fn path_of(text: &str) -> Option<String> {
    let path = text.strip_prefix(SCHEME).filter(|path| path.starts_with('/') && !path.contains("{{"))?;
    let names: Vec<&str> = path.split('/').filter(|name| !name.is_empty()).collect();
    let path = format!("/{}", names.join("/"));
    let is_a_file_of_its_own = !names.is_empty() && !ELSEWHERE.iter().any(|root| path.starts_with(root));
    is_a_file_of_its_own.then_some(path)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn paths(raw: &Value) -> Vec<String> {
        referred_paths(raw).into_iter().collect()
    }

    #[test]
    fn programs_are_found_wherever_they_are_named() {
        let job = json!({"settings": {
            "tasks": [
                {"libraries": [{"jar": "dbfs:/a.jar"}, {"whl": "dbfs:/b.whl"}, {"whl": "/Workspace/c.whl"}]},
                {"spark_python_task": {"python_file": "dbfs:/d.py", "parameters": ["dbfs:/data/in.csv"]}},
                {"spark_jar_task": {"jar_uri": "dbfs:/e.jar"}},
                {"for_each_task": {"task": {"libraries": [{"egg": "dbfs:/f.egg"}]}}},
                {"spark_submit_task": {"parameters": ["--jars", "dbfs:/g.jar,dbfs:/h.jar", "dbfs:/data/out"]}},
            ],
            "job_clusters": [{"new_cluster": {"init_scripts": [{"dbfs": {"destination": "dbfs:/i.sh"}}]}}],
            "parameters": [{"name": "in", "default": "dbfs:/data/in.csv"}],
        }});
        let expected = ["/a.jar", "/b.whl", "/d.py", "/e.jar", "/f.egg", "/g.jar", "/h.jar", "/i.sh"];
        assert_eq!(paths(&job), expected);
    }

    #[test]
    fn data_logs_and_what_people_choose_is_nothing_to_carry() {
        let cluster = json!({
            "cluster_log_conf": {"dbfs": {"destination": "dbfs:/logs"}},
            "spark_conf": {"spark.jars": "dbfs:/conf"}, "custom_tags": {"jar": "dbfs:/tag.jar"},
            "libraries": [{"jar": "dbfs:/mnt/lake/a.jar"}, {"jar": "dbfs:/Volumes/a/b/c.jar"}, {"jar": "dbfs:/"}],
            "init_scripts": [{"dbfs": {"destination": "dbfs:/init//{{x}}.sh"}}],
        });
        assert_eq!(paths(&cluster), Vec::<String>::new());
    }

    #[test]
    fn a_policy_refers_by_its_definition_and_its_libraries() {
        let definition = json!({
            "init_scripts.0.dbfs.destination": {"type": "fixed", "value": "dbfs:/init//a.sh"},
            "init_scripts.1.dbfs.destination": {"type": "allowlist", "values": ["dbfs:/b.sh", "dbfs:/c.sh"]},
            "cluster_log_conf.path": {"type": "fixed", "value": "dbfs:/logs"},
        });
        let policy = json!({
            "definition": definition.to_string(), "libraries": [{"whl": "dbfs:/d.whl"}],
        });
        assert_eq!(paths(&policy), ["/b.sh", "/c.sh", "/d.whl", "/init/a.sh"]);
    }
}
