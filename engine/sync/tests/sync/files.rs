//! Workspace files, and notebooks in the format in which they are kept.

use std::collections::BTreeSet;

use farshore_databricks::{ContentFormat, ImportTarget, WorkspaceClient};
use farshore_model::{group::Side, kind::ObjectKind, plan::PlanAction};
use farshore_simulator::{Content, Effect};
use farshore_sync::{apply_plan, render_text};
use serde_json::json;

use crate::{
    crashes::killed_in,
    world::{Sink, World, fault, item, refusal, to_apply},
};

/// More than is kept in memory, so that it goes through a file and by the direct route.
const LARGE_BYTES: usize = 2_500_000;

async fn put(client: &WorkspaceClient, path: &str, format: ContentFormat, content: &[u8]) {
    let target = ImportTarget { path, format, language: None, is_overwriting: true };
    client.import(target, content.to_vec()).await.unwrap();
}

async fn put_file(client: &WorkspaceClient, path: &str, content: &[u8]) {
    put(client, path, ContentFormat::Raw, content).await;
}

async fn content_of(world: &World, side: Side, path: &str) -> Vec<u8> {
    world.client(side).export(path, ContentFormat::Auto).await.unwrap()
}

/// Bytes that are no text.
fn large() -> Vec<u8> {
    (0..LARGE_BYTES).map(|at| (at.wrapping_mul(31) >> 3) as u8).collect()
}

fn files() -> [(&'static str, Vec<u8>); 5] {
    [
        ("/Shared/tools/large.bin", large()),
        ("/Shared/tools/empty.txt", Vec::new()),
        ("/Shared/tools/wheel-1.0.whl", vec![0xff, 0xfe, 0x00, 0x0d, 0x0a]),
        ("/Shared/tools/looks_like_a_notebook.py", b"# Databricks notebook source\r\nprint(1)\n\n".to_vec()),
        ("/Shared/tools/settings.json", b"{\"a\": 1}\n".to_vec()),
    ]
}

async fn filled() -> World {
    let world = World::with(Content::Empty).await.patient();
    let here = world.client(Side::Primary);
    here.make_folder("/Shared/tools").await.unwrap();
    for (path, content) in files() {
        put_file(here, path, &content).await;
    }
    world
}

fn written_files(world: &World) -> Vec<String> {
    world.done_to(Side::Secondary).into_iter().filter(|change| change.contains(" file /")).collect()
}

#[tokio::test]
async fn files_arrive_byte_for_byte() {
    let world = filled().await;
    let plan = world.sync().await;
    let created = plan.items.iter().filter(|item| item.object.kind == ObjectKind::Files);
    assert_eq!(created.filter(|item| item.action == PlanAction::Create).count(), 5, "{}", render_text(&plan));
    for (path, content) in files() {
        assert!(content_of(&world, Side::Secondary, path).await == content, "{path}");
        assert_eq!(world.client(Side::Secondary).get_path(path).await.unwrap().object_type, "FILE");
    }
    world.assert_in_sync().await;
}

#[tokio::test]
async fn a_changed_a_renamed_and_a_deleted_file_are_carried_and_drift_is_seen() {
    let world = filled().await;
    world.sync().await;
    let (here, there) = (world.client(Side::Primary), world.client(Side::Secondary));

    // As long as before, so that only its time tells.
    put_file(here, "/Shared/tools/settings.json", b"{\"a\": 2}\n").await;
    here.delete_path("/Shared/tools/empty.txt", false).await.unwrap();
    put_file(here, "/Shared/tools/wheel-2.0.whl", &[0xff, 0xfe, 0x00, 0x0d, 0x0a]).await;
    here.delete_path("/Shared/tools/wheel-1.0.whl", false).await.unwrap();
    let mut longer = large();
    longer.push(1);
    put_file(there, "/Shared/tools/large.bin", &longer).await;
    put_file(there, "/Shared/tools/of_this_side.txt", b"mine").await;

    let plan = world.plan().await;
    let files = |(action, kind, name): (PlanAction, ObjectKind, String)| {
        (kind == ObjectKind::Files).then(|| (action, name.replace("/Shared/tools/", "")))
    };
    let mut planned: Vec<_> = to_apply(&plan).into_iter().filter_map(files).collect();
    planned.sort_by(|left, right| left.1.cmp(&right.1));
    let expected = [
        (PlanAction::Delete, "empty.txt"),
        (PlanAction::Update, "large.bin"),
        (PlanAction::Update, "settings.json"),
        (PlanAction::Delete, "wheel-1.0.whl"),
        (PlanAction::Create, "wheel-2.0.whl"),
    ];
    assert_eq!(planned, expected.map(|(action, name)| (action, name.to_owned())), "{}", render_text(&plan));
    let settings = item(&plan, "/Shared/tools/settings.json");
    assert_eq!(settings.changes[0].after.as_deref(), Some("{\"a\": 2}"));
    let drift = item(&plan, "/Shared/tools/large.bin");
    assert_eq!(drift.reason.as_deref(), Some("it was changed by hand in secondary"));

    let (report, sink) = world.apply(&plan).await;
    assert_eq!(report.failed, 0, "{:#?}", sink.failed());
    assert!(content_of(&world, Side::Secondary, "/Shared/tools/large.bin").await == large());
    assert_eq!(content_of(&world, Side::Secondary, "/Shared/tools/of_this_side.txt").await, b"mine");
    world.assert_in_sync().await;
}

#[tokio::test]
async fn what_is_unchanged_is_not_read_again() {
    let mut world = filled().await;
    world.ctx.options.clock_margin_ms = 0;
    world.sync().await;
    for side in [Side::Primary, Side::Secondary] {
        world.simulator(side).control().advance_clock(5_000);
    }
    world.assert_in_sync().await;
    for side in [Side::Primary, Side::Secondary] {
        let refused = fault("/api/2.0/workspace/export", None, refusal(500, "INTERNAL_ERROR"));
        world.simulator(side).control().set_faults(vec![refused]);
    }
    world.assert_in_sync().await;
}

#[tokio::test]
async fn a_kill_between_an_upload_and_its_answer_costs_nothing() {
    let world = filled().await;
    let (plan, done) = killed_in(&world, "/api/2.0/workspace/import").await;
    let sink = Sink::default();
    let report = apply_plan(&world.ctx, &plan, &done, &sink).await.unwrap();
    assert_eq!(report.failed, 0, "{:#?}", sink.failed());
    assert_eq!(written_files(&world).len(), 5, "{:#?}", written_files(&world));
    world.assert_in_sync().await;

    let world = filled().await;
    killed_in(&world, "/api/2.0/workspace/import").await;
    world.sync().await;
    assert_eq!(written_files(&world).len(), 5, "{:#?}", written_files(&world));
    world.assert_in_sync().await;
}

#[tokio::test]
async fn a_download_that_breaks_off_is_begun_again_and_never_taken_for_whole() {
    let world = filled().await;
    let plan = world.plan().await;
    world.primary.control().set_faults(vec![fault("/api/2.0/workspace/export", Some(1), Effect::Truncate)]);
    let (report, sink) = world.apply(&plan).await;
    assert_eq!(report.failed, 0, "{:#?}", sink.failed());
    for (path, content) in files() {
        assert!(content_of(&world, Side::Secondary, path).await == content, "{path}");
    }
}

#[tokio::test]
async fn a_file_that_is_refused_stops_no_other() {
    let world = filled().await;
    let refused = fault("/api/2.0/workspace/import", Some(1), refusal(400, "MAX_NOTEBOOK_SIZE_EXCEEDED"));
    world.secondary.control().set_faults(vec![refused]);
    let plan = world.plan().await;
    let (report, sink) = world.apply(&plan).await;
    assert_eq!(report.failed, 1, "{:#?}", sink.failed());
    assert_eq!(written_files(&world).len(), 4);
    world.sync().await;
    world.assert_in_sync().await;
}

fn document(text: &str) -> Vec<u8> {
    let document = json!({
        "cells": [
            {"cell_type": "markdown", "metadata": {}, "source": ["# Title\n", "of it"]},
            {"cell_type": "code", "execution_count": 3, "metadata": {}, "source": [text],
             "outputs": [{"output_type": "stream", "name": "stdout", "text": ["1\n"]}]},
        ],
        "metadata": {"language_info": {"name": "python"}, "kernelspec": {"name": "python3"}},
        "nbformat": 4, "nbformat_minor": 5,
    });
    serde_json::to_vec_pretty(&document).unwrap()
}

#[tokio::test]
async fn a_notebook_keeps_its_format_and_its_results() {
    let world = World::with(Content::Empty).await;
    let (here, there) = (world.client(Side::Primary), world.client(Side::Secondary));
    put(here, "/Shared/report", ContentFormat::Jupyter, &document("print(1)")).await;
    put(here, "/Shared/turns", ContentFormat::Jupyter, &document("print(2)")).await;
    here.import_notebook("/Shared/plain", "SQL", b"-- Databricks notebook source\nSELECT 1".to_vec())
        .await
        .unwrap();
    world.sync().await;
    let is_equal = async |path: &str| {
        for format in [ContentFormat::Auto, ContentFormat::Source, ContentFormat::Jupyter] {
            let (left, right) = (here.export(path, format).await, there.export(path, format).await);
            assert_eq!(left.unwrap(), right.unwrap(), "{path} {format:?}");
        }
    };
    for path in ["/Shared/report", "/Shared/turns", "/Shared/plain"] {
        is_equal(path).await;
    }
    assert_eq!(content_of(&world, Side::Secondary, "/Shared/report").await, document("print(1)"));
    world.assert_in_sync().await;

    put(here, "/Shared/report", ContentFormat::Jupyter, &document("print(7)")).await;
    here.import_notebook("/Shared/turns", "PYTHON", b"# Databricks notebook source\nprint(2)".to_vec())
        .await
        .unwrap();
    put(here, "/Shared/plain", ContentFormat::Jupyter, &document("print(3)")).await;
    let plan = world.sync().await;
    let updated = to_apply(&plan).into_iter().filter(|(_, kind, _)| *kind == ObjectKind::Notebooks);
    assert_eq!(updated.count(), 3, "{}", render_text(&plan));
    for path in ["/Shared/report", "/Shared/turns", "/Shared/plain"] {
        is_equal(path).await;
    }
    world.assert_in_sync().await;
}

#[tokio::test]
async fn a_folder_with_files_of_this_side_stays() {
    let world = filled().await;
    world.sync().await;
    put_file(world.client(Side::Secondary), "/Shared/tools/of_this_side.txt", b"mine").await;
    world.client(Side::Primary).delete_path("/Shared/tools", true).await.unwrap();
    let plan = world.sync().await;
    assert_eq!(item(&plan, "/Shared/tools").action, PlanAction::Skip, "{}", render_text(&plan));
    let left = world.client(Side::Secondary).list_folder("/Shared/tools", None).await.unwrap();
    let left: BTreeSet<String> = left.into_iter().map(|object| object.path.to_string()).collect();
    assert_eq!(left, BTreeSet::from(["/Shared/tools/of_this_side.txt".to_owned()]));
}

/// The state of a bundle names the ids of its own side: on the other one it would make the next deployment go wrong.
#[tokio::test]
async fn what_a_bundle_has_deployed_is_left_alone_on_both_sides() {
    const BELOW: &str = "/Shared/.bundle/etl/prod";
    let world = filled().await;
    let (here, there) = (world.client(Side::Primary), world.client(Side::Secondary));
    for (client, id) in [(here, b"1"), (there, b"2")] {
        client.make_folder(BELOW).await.unwrap();
        put_file(client, &format!("{BELOW}/terraform.tfstate"), id).await;
    }
    put_file(here, &format!("{BELOW}/new.json"), b"{}").await;
    put_file(there, &format!("{BELOW}/old.json"), b"{}").await;
    let plan = world.sync().await;
    for name in ["terraform.tfstate", "new.json", "old.json"] {
        let left = item(&plan, &format!("{BELOW}/{name}"));
        assert_eq!((left.action, left.is_left_alone), (PlanAction::Skip, true), "{}", render_text(&plan));
        assert!(left.reason.as_ref().unwrap().contains("bundle"), "{left:#?}");
    }
    world.assert_in_sync().await;
    assert_eq!(content_of(&world, Side::Secondary, &format!("{BELOW}/terraform.tfstate")).await, b"2");
    here.delete_path(&format!("{BELOW}/terraform.tfstate"), false).await.unwrap();
    world.sync().await;
    assert_eq!(content_of(&world, Side::Secondary, &format!("{BELOW}/terraform.tfstate")).await, b"2");
}
