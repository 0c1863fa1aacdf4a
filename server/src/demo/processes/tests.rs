use axum::Router;
use farshore_simulator::{RunningSimulator, SimulatorConfig};
use tokio::net::TcpListener;

use super::*;

const REGION: &str = "us-east-1";

fn at(url: String) -> Simulator {
    Simulator { region: REGION, content: "empty", url, token: "dapi-demo-us-east-1".to_owned() }
}

fn http() -> reqwest::Client {
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(2)).build().unwrap()
}

async fn simulate(region: &str, state_file: Option<PathBuf>) -> RunningSimulator {
    let mut config = SimulatorConfig::new(([127, 0, 0, 1], 0).into(), "dapi-demo-us-east-1", region);
    config.state_file = state_file;
    farshore_simulator::start(config).await.unwrap()
}

#[tokio::test]
async fn a_free_port_is_nobodys() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    assert_eq!(neighbour(&http(), &at(url), Path::new("/tmp/state.json")).await, Neighbour::Nobody);
}

#[tokio::test]
async fn our_own_simulator_is_found_again_however_its_folder_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("us-east-1.json");
    let running = simulate(REGION, Some(state.clone())).await;
    let simulator = at(running.url());
    assert_eq!(neighbour(&http(), &simulator, &state).await, Neighbour::Ours);
    let name = folder.path().file_name().unwrap();
    let in_other_words = folder.path().join("..").join(name).join("us-east-1.json");
    assert_eq!(neighbour(&http(), &simulator, &in_other_words).await, Neighbour::Ours);
    // Also while its region is down.
    running.control().set_down();
    assert_eq!(neighbour(&http(), &simulator, &state).await, Neighbour::Ours);
    running.stop().await;
}

#[tokio::test]
async fn simulators_of_others_are_strangers() {
    let (mine, theirs) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let state = mine.path().join("us-east-1.json");
    let other_state = theirs.path().join("us-east-1.json");
    for (region, file, expected) in [
        (REGION, Some(other_state.clone()), Stranger::Folder(other_state)),
        (REGION, None, Stranger::Forgetful),
        ("eu-west-1", Some(state.clone()), Stranger::Region("eu-west-1".to_owned())),
    ] {
        let running = simulate(region, file).await;
        assert_eq!(neighbour(&http(), &at(running.url()), &state).await, Neighbour::Stranger(expected));
        running.stop().await;
    }
}

#[tokio::test]
async fn whatever_says_ok_to_everything_is_not_taken_for_a_simulator() {
    let folder = tempfile::tempdir().unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let serving = tokio::spawn(axum::serve(listener, Router::new().fallback(async || "ok\n")).into_future());
    let refused = ensure_running(&http(), &at(url.clone()), folder.path()).await.unwrap_err();
    let said = refused.to_string();
    assert!(
        said.contains(&url) && said.contains("another program") && said.contains("--demo-ports"),
        "{said}"
    );
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "nothing was started");
    serving.abort();
}

#[tokio::test]
async fn a_port_that_accepts_and_says_nothing_is_taken() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let found = neighbour(&http(), &at(url), Path::new("/tmp/state.json")).await;
    assert_eq!(found, Neighbour::Stranger(Stranger::Program));
}
