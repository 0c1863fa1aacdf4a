//! The shape of the house: which crate may know which. Reads `cargo metadata`, so that an arrow that is drawn
//! in a `Cargo.toml` and not here fails.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use std::{collections::BTreeMap, process::Command};

use serde_json::Value;

/// Every crate with the crates of ours that it may depend on, as in `docs/architecture.md`.
const ARROWS: [(&str, &[&str]); 10] = [
    ("farshore-model", &[]),
    ("farshore-databricks", &["farshore-model"]),
    ("farshore-sync", &["farshore-databricks", "farshore-model"]),
    ("farshore-runbook", &["farshore-model"]),
    ("farshore-control", &["farshore-databricks", "farshore-model", "farshore-runbook", "farshore-sync"]),
    ("farshore-store", &["farshore-control", "farshore-model", "farshore-runbook", "farshore-sync"]),
    ("farshore-simulator", &[]),
    ("app", &["farshore-control", "farshore-model"]),
    ("frontend", &["app"]),
    (
        "server",
        &[
            "app",
            "farshore-control",
            "farshore-databricks",
            "farshore-model",
            "farshore-runbook",
            "farshore-simulator",
            "farshore-store",
            "farshore-sync",
        ],
    ),
];

fn metadata() -> Value {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--format-version", "1", "--offline"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn no_dependency_arrow_is_broken() {
    let metadata = metadata();
    let allowed: BTreeMap<_, _> = ARROWS.into_iter().collect();
    let packages = metadata["packages"].as_array().unwrap();
    let names: Vec<&str> = packages.iter().map(|package| package["name"].as_str().unwrap()).collect();
    for name in allowed.keys() {
        assert!(names.contains(name), "{name} is gone: take it out of this list and of docs/architecture.md");
    }
    for package in packages {
        let name = package["name"].as_str().unwrap();
        let may =
            allowed.get(name).unwrap_or_else(|| panic!("{name} is new: say here what it may depend on"));
        for dependency in package["dependencies"].as_array().unwrap() {
            // Tests may use the simulator and the store; what is built may not.
            if dependency["kind"] == "dev" || dependency["path"].is_null() {
                continue;
            }
            let target = dependency["name"].as_str().unwrap();
            assert!(may.contains(&target), "{name} depends on {target}, which it must not know");
        }
    }
}

#[test]
fn the_interface_knows_the_use_cases_only_on_the_server() {
    let metadata = metadata();
    let app =
        metadata["packages"].as_array().unwrap().iter().find(|package| package["name"] == "app").unwrap();
    let control = app["dependencies"]
        .as_array()
        .unwrap()
        .iter()
        .find(|dependency| dependency["name"] == "farshore-control");
    assert_eq!(control.unwrap()["optional"], true);
    let ssr: Vec<_> = app["features"]["ssr"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    assert!(ssr.contains(&"dep:farshore-control"));
    let hydrate: Vec<_> =
        app["features"]["hydrate"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    assert!(hydrate.iter().all(|feature| !feature.contains("control")));
}
