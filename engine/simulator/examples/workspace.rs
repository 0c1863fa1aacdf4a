//! A simulated workspace without the panel around it: builds in seconds, takes what `farshore simulate` takes.
//!
//! `cargo run -p farshore-simulator --example workspace -- --listen 127.0.0.1:7001 --token dapi-demo`

use std::error::Error;
use std::net::SocketAddr;

use farshore_simulator::{Content, SimulatorConfig};
use tokio::signal::unix::{SignalKind, signal};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut config = SimulatorConfig::new(SocketAddr::from(([127, 0, 0, 1], 7001)), "", "us-east-1");
    let mut arguments = std::env::args().skip(1);
    while let Some(name) = arguments.next() {
        let value = arguments.next().ok_or_else(|| format!("{name} wants a value"))?;
        match name.as_str() {
            "--listen" => config.listen = value.parse()?,
            "--token" => config.token = value,
            "--region" => config.region = value,
            "--content" if value == "demo" => config.content = Content::Demo,
            "--content" => config.content = Content::Empty,
            "--state" => config.state_file = Some(value.into()),
            _ => return Err(format!("{name} is not known").into()),
        }
    }
    let simulator = farshore_simulator::start(config).await?;
    println!("simulated workspace on {}", simulator.url());
    let mut ends = signal(SignalKind::terminate())?;
    tokio::select! {
        _ = ends.recv() => {}
        pressed = tokio::signal::ctrl_c() => pressed?,
    }
    simulator.stop().await;
    Ok(())
}
