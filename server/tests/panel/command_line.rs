//! `farshore sync` as a person types it: what it prints, and what it ends with.

use std::{
    net::{Ipv4Addr, SocketAddr},
    process::Output,
};

use farshore_simulator::{Content, Effect, Fault, Fill, RunningSimulator, SimulatorConfig};
use serde_json::Value;
use tempfile::TempDir;
use tokio::process::Command;

const SOURCE_TOKEN: &str = "dapi-source-31415";
const TARGET_TOKEN: &str = "dapi-target-27182";
const NOTEBOOKS: usize = 70;
pub const NO_CHANGE: i32 = 0;
const ERROR: i32 = 1;
pub const CHANGED: i32 = 2;
const PARTLY_FAILED: i32 = 3;
const REFUSED: i32 = 4;

/// Two workspaces, and a folder for the state file.
pub struct Pair {
    pub source: RunningSimulator,
    pub target: RunningSimulator,
    folder: TempDir,
}

/// What a command has said and ended with.
pub struct Said {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl From<Output> for Said {
    fn from(output: Output) -> Self {
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        Self { code: output.status.code().unwrap(), out: text(output.stdout), err: text(output.stderr) }
    }
}

impl Pair {
    async fn start() -> Self {
        let pair = Self::with(Content::Empty).await;
        let content = Fill { notebooks: NOTEBOOKS, jobs: 3, clusters: 1, pools: 1, ..Fill::default() };
        pair.source.control().fill(&content);
        pair
    }

    /// A source with this content, and an empty target.
    pub async fn with(content: Content) -> Self {
        Self::named(content, None).await
    }

    /// The same, and both say that they are the workspace with this id.
    async fn named(content: Content, org_id: Option<u64>) -> Self {
        let start = async |region: &str, token: &str, content: Content| {
            let listen = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
            // Nothing starts by itself while it is copied.
            let scheduler_tick_ms = 3_600_000;
            let config = SimulatorConfig {
                content,
                org_id,
                scheduler_tick_ms,
                ..SimulatorConfig::new(listen, token, region)
            };
            farshore_simulator::start(config).await.unwrap()
        };
        let source = start("us-east-1", SOURCE_TOKEN, content).await;
        let target = start("us-west-2", TARGET_TOKEN, Content::Empty).await;
        Self { source, target, folder: tempfile::tempdir().unwrap() }
    }

    fn command(&self, verb: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_farshore"));
        command.args(["sync", verb]).arg("--state").arg(self.folder.path().join("state.db"));
        for name in ["DATABRICKS_HOST", "DATABRICKS_TOKEN", "DATABRICKS_CONFIG_PROFILE"] {
            command.env_remove(name);
        }
        command.env("DATABRICKS_CONFIG_FILE", self.folder.path().join("databrickscfg"));
        command
    }

    /// A command with both addresses, and the tokens in the environment.
    pub fn sync(&self, verb: &str) -> Command {
        let mut command = self.command(verb);
        command.args(["--source", &self.source.url(), "--target", &self.target.url(), "--unlimited"]);
        command.env("FARSHORE_SOURCE_TOKEN", SOURCE_TOKEN).env("FARSHORE_TARGET_TOKEN", TARGET_TOKEN);
        command
    }

    pub async fn run(&self, verb: &str, more: &[&str]) -> Said {
        run(self.sync(verb).args(more)).await
    }

    /// Deletes every notebook of the source.
    async fn empty_source(&self) {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let answer = reqwest::Client::new()
            .post(format!("{}/api/2.0/workspace/delete", self.source.url()))
            .bearer_auth(SOURCE_TOKEN)
            .json(&serde_json::json!({ "path": "/Fill/Notebooks/000", "recursive": true }))
            .send()
            .await
            .unwrap();
        assert!(answer.status().is_success(), "{}", answer.status());
    }
}

async fn run(command: &mut Command) -> Said {
    let said = Said::from(command.output().await.unwrap());
    assert!(!said.out.contains(SOURCE_TOKEN) && !said.err.contains(SOURCE_TOKEN), "a token was printed");
    assert!(!said.out.contains(TARGET_TOKEN) && !said.err.contains(TARGET_TOKEN), "a token was printed");
    said
}

#[tokio::test(flavor = "multi_thread")]
async fn what_changed_is_told_by_the_end_of_the_command() {
    let pair = Pair::start().await;
    let plan = pair.run("plan", &[]).await;
    assert_eq!(plan.code, CHANGED, "{}", plan.err);
    assert!(plan.out.contains("create") && plan.out.contains("fill job 00000"), "{}", plan.out);
    assert!(plan.out.lines().last().unwrap().starts_with("plan "), "{}", plan.out);
    assert!(pair.target.control().changes().is_empty(), "a plan changes nothing");

    let planned = pair.run("plan", &["--json"]).await;
    let planned: Value = serde_json::from_str(&planned.out).unwrap();
    let hash = planned["hash"].as_str().unwrap();
    let apply = pair.run("apply", &["--plan", hash, "--json"]).await;
    assert_eq!(apply.code, CHANGED, "{} {}", apply.out, apply.err);
    let applied: Value = serde_json::from_str(&apply.out).unwrap();
    assert_eq!(applied["plan"], hash);
    assert_eq!(applied["outcomes"].as_array().unwrap().len(), planned["items"].as_array().unwrap().len());

    let again = pair.run("apply", &[]).await;
    assert_eq!((again.code, again.err.as_str()), (NO_CHANGE, ""), "{}", again.out);
    assert!(again.out.starts_with("0 done, 0 failed, 0 skipped"), "{}", again.out);
    assert_eq!(pair.run("plan", &[]).await.code, NO_CHANGE);

    let status = run(&mut pair.command("status")).await;
    assert_eq!((status.code, status.err.as_str()), (NO_CHANGE, ""));
    assert!(status.out.contains(&format!("{NOTEBOOKS} objects, 0 failed")), "{}", status.out);
    assert!(status.out.contains("all verified within 1 min"), "{}", status.out);
    let status = run(pair.command("status").arg("--json")).await;
    let status: Value = serde_json::from_str(&status.out).unwrap();
    assert_eq!(status["pairs"][0]["failed"], serde_json::json!([]));
}

#[tokio::test]
async fn status_shows_the_pair_that_is_named_and_all_of_them_when_one_does_not_answer() {
    let pair = Pair::start().await;
    assert_eq!(pair.run("apply", &[]).await.code, CHANGED);
    let ends = async |source: &str, target: &str| {
        let mut status = pair.command("status");
        status.args(["--source", source, "--target", target, "--json"]);
        let status =
            run(status.env("FARSHORE_SOURCE_TOKEN", SOURCE_TOKEN).env("FARSHORE_TARGET_TOKEN", TARGET_TOKEN));
        let status = status.await;
        assert_eq!(status.code, NO_CHANGE, "{}", status.err);
        let known: Value = serde_json::from_str(&status.out).unwrap();
        (known["pairs"].as_array().unwrap().len(), status.err)
    };
    let (source, target) = (pair.source.url(), pair.target.url());
    assert_eq!(ends(&source, &target).await, (1, String::new()));
    // The other way round they are another pair; and whoever gives the tokens away is told.
    let mut other_way = pair.command("status");
    other_way.args(["--source", &target, "--target", &source, "--json"]);
    let other_way =
        other_way.env("FARSHORE_SOURCE_TOKEN", TARGET_TOKEN).env("FARSHORE_TARGET_TOKEN", SOURCE_TOKEN);
    let other_way = run(other_way).await;
    let known: Value = serde_json::from_str(&other_way.out).unwrap();
    assert_eq!((other_way.code, &known["pairs"]), (NO_CHANGE, &serde_json::json!([])));
    assert!(other_way.err.contains("nothing is known of the copy"), "{}", other_way.err);
    // The region is lost, and what is known of the copy is what counts.
    let (shown, said) = ends("http://127.0.0.1:9", &target).await;
    assert_eq!(shown, 1);
    assert!(said.contains("Every pair of the state file is shown"), "{said}");
}

#[tokio::test]
async fn a_settings_file_says_what_is_replicated_and_how() {
    let pair = Pair::start().await;
    let settings = |text: &str| {
        let file = pair.folder.path().join("settings.json");
        std::fs::write(&file, text).unwrap();
        file.display().to_string()
    };
    let file = settings(
        r#"{"region_map": [{"field": "node_type_id", "matching": "exact", "primary": "m5d.large", "secondary": "m6gd.large"}],
            "handling": {"jobs": "excluded"}, "brake": {"most_objects": 0, "most_percent": 0}}"#,
    );
    let apply = pair.run("apply", &["--settings", &file]).await;
    assert_eq!(apply.code, CHANGED, "{}", apply.err);
    let target = pair.target.control().changes();
    assert!(!target.iter().any(|change| change.summary.contains("fill job")), "{target:#?}");
    assert_eq!(pair.run("plan", &["--settings", &file]).await.code, NO_CHANGE);
    // The brake of the file, where nothing else is said.
    pair.empty_source().await;
    let refused = pair.run("apply", &["--settings", &file]).await;
    assert_eq!(refused.code, REFUSED, "{} {}", refused.out, refused.err);
    let mistyped = settings(r#"{"filter": []}"#);
    let error = pair.run("apply", &["--settings", &mistyped]).await;
    assert_eq!(error.code, ERROR);
    assert!(error.err.contains("\"filter\"") && error.err.contains("nothing was done"), "{}", error.err);
}

/// No listing tells when an access control list has changed.
#[tokio::test(flavor = "multi_thread")]
async fn access_control_lists_are_all_read_when_a_person_asks_for_it() {
    let pair = Pair::start().await;
    assert_eq!(pair.run("apply", &[]).await.code, CHANGED);
    let (client, url) = (reqwest::Client::new(), pair.source.url());
    let folder = format!("{url}/api/2.0/workspace/get-status?path=/Fill");
    let folder = client.get(folder).bearer_auth(SOURCE_TOKEN).send().await.unwrap();
    let id = folder.json::<Value>().await.unwrap()["object_id"].clone();
    let grant = serde_json::json!({"group_name": "users", "permission_level": "CAN_READ"});
    let changed = client
        .patch(format!("{url}/api/2.0/permissions/directories/{id}"))
        .bearer_auth(SOURCE_TOKEN)
        .json(&serde_json::json!({ "access_control_list": [grant] }))
        .send()
        .await
        .unwrap();
    assert!(changed.status().is_success(), "{}", changed.text().await.unwrap());
    assert_eq!(pair.run("plan", &[]).await.code, NO_CHANGE, "it is not its turn");
    let plan = pair.run("plan", &["--verify-acls"]).await;
    assert!(plan.code == CHANGED && plan.out.contains("/Fill"), "{}", plan.out);
    assert_eq!(pair.run("apply", &["--verify-acls"]).await.code, CHANGED);
    assert_eq!(pair.run("apply", &["--verify-acls"]).await.code, NO_CHANGE);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_object_that_fails_is_told_with_its_remedy_and_tried_again() {
    let pair = Pair::start().await;
    let effect = Effect::Error {
        status: 400,
        error_code: "INVALID_PARAMETER_VALUE".to_owned(),
        message: "not this one".to_owned(),
    };
    let fault = Fault {
        method: Some("POST".to_owned()),
        path_prefix: Some("/api/2.2/jobs/create".to_owned()),
        times: Some(1),
        rate: None,
        effect,
    };
    pair.target.control().set_faults(vec![fault]);
    let apply = pair.run("apply", &[]).await;
    assert_eq!(apply.code, PARTLY_FAILED, "{} {}", apply.out, apply.err);
    assert!(apply.out.contains("1 failed: ") && apply.out.contains("not this one"), "{}", apply.out);
    assert!(apply.out.contains("job fill job"), "{}", apply.out);
    let status = run(&mut pair.command("status")).await;
    assert!(
        status.out.contains("1 failed last time") && status.out.contains("not this one"),
        "{}",
        status.out
    );
    let again = pair.run("apply", &[]).await;
    assert_eq!(again.code, CHANGED, "{} {}", again.out, again.err);
    assert_eq!(pair.run("apply", &[]).await.code, NO_CHANGE);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_person_has_to_look_at_first_is_refused() {
    let pair = Pair::start().await;
    let stale = pair.run("apply", &["--plan", "0123"]).await;
    assert_eq!(stale.code, REFUSED, "{}", stale.out);
    assert!(stale.err.contains("The plan 0123 does not fit any more"), "{}", stale.err);
    assert!(pair.target.control().changes().is_empty(), "nothing was applied");
    assert_eq!(pair.run("apply", &[]).await.code, CHANGED);

    pair.empty_source().await;
    pair.target.control().clear_changes();
    let stopped = pair.run("apply", &[]).await;
    assert_eq!(stopped.code, REFUSED, "{} {}", stopped.out, stopped.err);
    assert!(
        stopped.err.contains("--allow-deletes") && stopped.err.contains("Nothing was applied"),
        "{}",
        stopped.err
    );
    let too_few = pair.run("apply", &["--allow-deletes", "10"]).await;
    assert_eq!(too_few.code, REFUSED, "{}", too_few.err);
    assert!(pair.target.control().changes().is_empty(), "nothing was deleted");

    let plan = pair.run("plan", &[]).await;
    let hash = plan.out.lines().last().unwrap().strip_prefix("plan ").unwrap().to_owned();
    let seen = pair.run("apply", &["--plan", &hash]).await;
    assert_eq!(seen.code, CHANGED, "{} {}", seen.out, seen.err);
    assert_eq!(pair.run("apply", &[]).await.code, NO_CHANGE);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_work_says_why_and_changes_nothing() {
    let pair = Pair::start().await;
    let refused = run(pair.sync("apply").env("FARSHORE_TARGET_TOKEN", "dapi-wrong")).await;
    assert_eq!(refused.code, ERROR, "{}", refused.out);
    assert!(refused.err.contains(&format!("the target workspace {}", pair.target.url())), "{}", refused.err);
    assert!(!refused.err.contains("dapi-wrong"), "{}", refused.err);

    let mut unnamed = pair.command("apply");
    unnamed.args(["--source", &pair.source.url()]).env("FARSHORE_SOURCE_TOKEN", SOURCE_TOKEN);
    let unnamed = run(&mut unnamed).await;
    assert_eq!(unnamed.code, ERROR, "{}", unnamed.out);
    assert!(unnamed.err.contains("Give --target"), "{}", unnamed.err);

    let mut same = pair.command("apply");
    same.args(["--source", &pair.source.url(), "--target", &pair.source.url()]);
    same.env("FARSHORE_SOURCE_TOKEN", SOURCE_TOKEN).env("FARSHORE_TARGET_TOKEN", SOURCE_TOKEN);
    let same = run(&mut same).await;
    assert_eq!(same.code, ERROR, "{}", same.out);
    assert!(same.err.contains("one workspace"), "{}", same.err);

    let typo = run(pair.sync("apply").arg("--no-such-flag")).await;
    assert_eq!(typo.code, ERROR, "2 would say that something changed: {}", typo.err);
    assert!(typo.err.contains("--no-such-flag"), "{}", typo.err);

    let status = run(&mut pair.command("status")).await;
    assert_eq!(status.code, ERROR, "{}", status.out);
    assert!(status.err.contains("a first sync makes it"), "{}", status.err);
    assert!(pair.target.control().changes().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn two_fakes_that_say_the_same_id_are_two_workspaces() {
    let pair = Pair::named(Content::Empty, Some(900_800_700_600)).await;
    let content = Fill { notebooks: 2, jobs: 2, clusters: 1, pools: 1, ..Fill::default() };
    pair.source.control().fill(&content);
    let apply = pair.run("apply", &[]).await;
    assert_eq!(apply.code, CHANGED, "{} {}", apply.out, apply.err);
    assert_eq!(pair.run("apply", &[]).await.code, NO_CHANGE);
}

#[tokio::test(flavor = "multi_thread")]
async fn profiles_name_address_and_token() {
    let pair = Pair::start().await;
    let profiles = format!(
        "[here]\nhost = {}\ntoken = {SOURCE_TOKEN}\n\n[there]\nhost = {}\ntoken = {TARGET_TOKEN}\n",
        pair.source.url(),
        pair.target.url()
    );
    std::fs::write(pair.folder.path().join("databrickscfg"), profiles).unwrap();
    let mut by_name = pair.command("plan");
    by_name.args(["--source-profile", "here", "--target-profile", "there"]);
    let by_name = run(&mut by_name).await;
    assert_eq!(by_name.code, CHANGED, "{}", by_name.err);
    // The profile that belongs to an address.
    let mut by_address = pair.command("plan");
    by_address.args(["--source", &pair.source.url(), "--target", &pair.target.url()]);
    let by_address = run(&mut by_address).await;
    assert_eq!(by_address.code, CHANGED, "{}", by_address.err);
    // A token goes to no other host than its own.
    let mut crossed = pair.command("plan");
    crossed.args(["--source-profile", "here", "--target-profile", "there", "--target", &pair.source.url()]);
    let crossed = run(&mut crossed).await;
    assert_eq!(crossed.code, ERROR, "{}", crossed.out);
    assert!(crossed.err.contains("profile there is for"), "{}", crossed.err);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_state_file_belongs_to_one_sync_at_a_time() {
    let pair = Pair::start().await;
    let slow = Fault {
        method: Some("POST".to_owned()),
        path_prefix: Some("/api/2.0/workspace/import".to_owned()),
        times: None,
        rate: None,
        effect: Effect::Latency { ms: 1_500 },
    };
    pair.target.control().set_faults(vec![slow]);
    let mut first = pair.sync("apply").kill_on_drop(true).spawn().unwrap();
    while pair.target.control().changes().is_empty() {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    let second = pair.run("apply", &[]).await;
    assert_eq!(second.code, ERROR, "{}", second.out);
    assert!(second.err.contains("another sync uses"), "{}", second.err);
    // A killed one has let go of it.
    first.kill().await.unwrap();
    pair.target.control().set_faults(Vec::new());
    let third = pair.run("apply", &[]).await;
    assert_eq!(third.code, CHANGED, "{} {}", third.out, third.err);
    assert_eq!(pair.run("apply", &[]).await.code, NO_CHANGE);
}

#[tokio::test]
async fn help_tells_what_each_end_means() {
    let help = async |arguments: &[&str]| {
        let help = Command::new(env!("CARGO_BIN_EXE_farshore")).args(arguments).arg("--help").output().await;
        let help = Said::from(help.unwrap());
        assert_eq!((help.code, help.err.as_str()), (NO_CHANGE, ""), "{arguments:?}");
        help.out
    };
    for verb in ["plan", "apply"] {
        let help = help(&["sync", verb]).await;
        for told in ["--source", "--state", "4  when it refused to apply", "FARSHORE_SOURCE_TOKEN"] {
            assert!(help.contains(told), "{told}: {help}");
        }
    }
    assert!(help(&["sync", "status"]).await.contains("--state"));
    assert!(help(&["sync"]).await.contains("2  when something was changed"));
}
