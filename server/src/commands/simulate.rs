use std::{error::Error, net::SocketAddr, path::PathBuf};

use clap::{Args, ValueEnum};
use farshore_simulator::{Content, SimulatorConfig};

#[derive(Debug, Args)]
pub(super) struct Simulate {
    /// Address to listen on; port 0 picks a free one, which is printed.
    #[arg(long, default_value = "127.0.0.1:7001")]
    listen: SocketAddr,
    /// The token that the workspace accepts; for OAuth machine-to-machine sign-in, the secret of any client id.
    #[arg(long)]
    token: String,
    #[arg(long, default_value = "us-east-1")]
    region: String,
    /// What is in the workspace at its first start.
    #[arg(long, value_enum, default_value_t = ContentArg::Empty)]
    content: ContentArg,
    /// Where the workspace is kept between starts; without it, it is forgotten.
    #[arg(long)]
    state: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum ContentArg {
    Empty,
    Demo,
}

impl Simulate {
    pub(super) async fn run(self) -> Result<(), Box<dyn Error + Send + Sync>> {
        crate::system::log_to_stderr();
        let mut config = SimulatorConfig::new(self.listen, self.token, self.region);
        config.content = match self.content {
            ContentArg::Empty => Content::Empty,
            ContentArg::Demo => Content::Demo,
        };
        config.state_file = self.state;
        let simulator = farshore_simulator::start(config).await?;
        println!("simulated workspace on {}", simulator.url());
        crate::system::stop_signal().await;
        simulator.stop().await;
        Ok(())
    }
}
