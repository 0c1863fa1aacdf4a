//! Simulators as processes of their own: in their own process group, so that neither Ctrl-C in the panel's
//! terminal nor a kill of the panel reaches them. Each leaves its process id beside its state. One that runs
//! already is taken for ours only when it says that it keeps our state.

use std::{
    fs::{File, OpenOptions},
    io,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Duration,
};

use serde::Deserialize;

use super::Simulator;

const READY_TRIES: u32 = 100;
const READY_PAUSE: Duration = Duration::from_millis(100);

#[derive(Debug, thiserror::Error)]
pub(crate) enum StartSimulatorError {
    #[error("--demo-ports names {0} ports; the demo has two workspaces, as in --demo-ports 7001,7002")]
    Ports(usize),
    #[error("the HTTP client of the demo could not be made")]
    Client(#[source] reqwest::Error),
    #[error("the log file {0} could not be opened")]
    Log(PathBuf, #[source] io::Error),
    #[error("the simulated workspace could not be started")]
    Spawn(#[source] io::Error),
    #[error("the process id could not be written to {0}")]
    Pid(PathBuf, #[source] io::Error),
    #[error("the simulated workspace of {region} is not ready after 10 s; its log is {log}")]
    NotReady { region: &'static str, log: PathBuf },
    #[error(
        "{url}, where the demo wants to simulate {region}, is taken by {by}: stop that, or name two free ports with \
         --demo-ports, as in --demo-ports 7101,7102"
    )]
    Taken { url: String, region: &'static str, by: Stranger },
}

/// Who is at a simulator's address.
#[derive(Debug, PartialEq, Eq)]
enum Neighbour {
    Nobody,
    /// The simulator of this region and of this demo folder.
    Ours,
    Stranger(Stranger),
}

/// Somebody who must not be taken for our simulator.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Stranger {
    #[error("another program")]
    Program,
    #[error("a simulated workspace of {0}")]
    Region(String),
    #[error("a simulated workspace that keeps its state in {0}")]
    Folder(PathBuf),
    #[error("a simulated workspace that keeps no state")]
    Forgetful,
}

/// How a simulator describes itself.
#[derive(Deserialize)]
struct Description {
    region: String,
    state_file: Option<PathBuf>,
}

/// Starts the simulator unless it runs already.
pub(super) async fn ensure_running(
    http: &reqwest::Client,
    simulator: &Simulator,
    folder: &Path,
) -> Result<(), StartSimulatorError> {
    let file = |ending: &str| folder.join(format!("{}.{ending}", simulator.region));
    let (state, log, pid) = (file("json"), file("log"), file("pid"));
    match neighbour(http, simulator, &state).await {
        Neighbour::Nobody => {}
        Neighbour::Ours => {
            tracing::info!(region = simulator.region, "the simulated workspace runs already");
            return Ok(());
        }
        Neighbour::Stranger(by) => return Err(taken(simulator, by)),
    }
    let (out, err) = open_log(&log).map_err(|error| StartSimulatorError::Log(log.clone(), error))?;
    let child = command(simulator, &state).stdout(out).stderr(err).spawn();
    let child = child.map_err(StartSimulatorError::Spawn)?;
    std::fs::write(&pid, child.id().to_string()).map_err(|error| StartSimulatorError::Pid(pid, error))?;
    for _ in 0..READY_TRIES {
        match neighbour(http, simulator, &state).await {
            Neighbour::Nobody => tokio::time::sleep(READY_PAUSE).await,
            Neighbour::Ours => {
                tracing::info!(
                    region = simulator.region,
                    url = simulator.url,
                    "the simulated workspace is ready"
                );
                return Ok(());
            }
            // It was faster.
            Neighbour::Stranger(by) => return Err(taken(simulator, by)),
        }
    }
    Err(StartSimulatorError::NotReady { region: simulator.region, log })
}

fn command(simulator: &Simulator, state: &Path) -> Command {
    use std::os::unix::process::CommandExt;
    let this = std::env::current_exe().unwrap_or_else(|_| PathBuf::from("farshore"));
    let mut command = Command::new(this);
    command
        .args([
            "simulate",
            "--content",
            simulator.content,
            "--region",
            simulator.region,
            "--token",
            &simulator.token,
        ])
        .args(["--listen", simulator.url.trim_start_matches("http://")])
        .arg("--state")
        .arg(state)
        .stdin(Stdio::null())
        .process_group(0);
    command
}

fn open_log(path: &Path) -> io::Result<(File, File)> {
    let file = OpenOptions::new().create(true).append(true).open(path)?;
    Ok((file.try_clone()?, file))
}

fn taken(simulator: &Simulator, by: Stranger) -> StartSimulatorError {
    StartSimulatorError::Taken { url: simulator.url.clone(), region: simulator.region, by }
}

/// Whoever accepts a connection has the port; whether it is our simulator, only our simulator can say.
async fn neighbour(http: &reqwest::Client, simulator: &Simulator, state: &Path) -> Neighbour {
    let answer = http.get(format!("{}/_simulator/state", simulator.url)).send().await;
    let description = match answer.and_then(reqwest::Response::error_for_status) {
        Ok(answer) => answer.json::<Description>().await,
        Err(error) if error.is_connect() => return Neighbour::Nobody,
        Err(error) => Err(error),
    };
    match description {
        Err(_) => Neighbour::Stranger(Stranger::Program),
        Ok(Description { region, .. }) if region != simulator.region => {
            Neighbour::Stranger(Stranger::Region(region))
        }
        Ok(Description { state_file: None, .. }) => Neighbour::Stranger(Stranger::Forgetful),
        Ok(Description { state_file: Some(file), .. }) if is_same(&file, state) => Neighbour::Ours,
        Ok(Description { state_file: Some(file), .. }) => Neighbour::Stranger(Stranger::Folder(file)),
    }
}

/// The folder may have been named in another way when the simulator was started.
fn is_same(one: &Path, other: &Path) -> bool {
    let place = |path: &Path| {
        let folder = path.parent().and_then(|folder| folder.canonicalize().ok());
        folder.map(|folder| (folder, path.file_name().map(ToOwned::to_owned)))
    };
    one == other || place(one).is_some_and(|one| Some(one) == place(other))
}

#[cfg(test)]
mod tests;
