//! Simulators as processes of their own: in their own process group, so that neither Ctrl-C in the panel's
//! terminal nor a kill of the panel reaches them. Each leaves its process id beside its state.

use std::{
    fs::{File, OpenOptions},
    io,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Duration,
};

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
}

/// Starts the simulator unless one answers there.
pub(super) async fn ensure_running(
    http: &reqwest::Client,
    simulator: &Simulator,
    folder: &Path,
) -> Result<(), StartSimulatorError> {
    if is_ready(http, simulator).await {
        tracing::info!(region = simulator.region, "the simulated workspace runs already");
        return Ok(());
    }
    let file = |ending: &str| folder.join(format!("{}.{ending}", simulator.region));
    let (log, pid) = (file("log"), file("pid"));
    let (out, err) = open_log(&log).map_err(|error| StartSimulatorError::Log(log.clone(), error))?;
    let child = command(simulator, &file("json")).stdout(out).stderr(err).spawn();
    let child = child.map_err(StartSimulatorError::Spawn)?;
    std::fs::write(&pid, child.id().to_string()).map_err(|error| StartSimulatorError::Pid(pid, error))?;
    for _ in 0..READY_TRIES {
        if is_ready(http, simulator).await {
            tracing::info!(
                region = simulator.region,
                url = simulator.url,
                "the simulated workspace is ready"
            );
            return Ok(());
        }
        tokio::time::sleep(READY_PAUSE).await;
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

async fn is_ready(http: &reqwest::Client, simulator: &Simulator) -> bool {
    let answer = http.get(format!("{}/livez", simulator.url)).send().await;
    answer.is_ok_and(|answer| answer.status().is_success())
}
