//! Runs one simulator: `simulate --listen 127.0.0.1:7001 --token TOKEN --region us-east-1 --content empty|demo`.

use std::collections::BTreeMap;
use std::error::Error;

use farshore_simulator::{Content, SimulatorConfig, start};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let options: BTreeMap<&str, &str> = words
        .chunks(2)
        .filter_map(|pair| Some((pair.first()?.strip_prefix("--")?, pair.get(1)?.as_str())))
        .collect();
    let option = |name: &str| options.get(name).copied().ok_or(format!("--{name} is missing"));
    let mut config = SimulatorConfig::new(option("listen")?.parse()?, option("token")?, option("region")?);
    if options.get("content") == Some(&"demo") {
        config.content = Content::Demo;
    }
    config.state_file = options.get("state").map(Into::into);
    let running = start(config).await?;
    println!("{}", running.url());
    running.wait().await;
    Ok(())
}
