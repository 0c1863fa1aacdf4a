use std::error::Error;

use clap::Args;

use crate::serve::{ServeSettings, serve};

#[derive(Debug, Args)]
pub(super) struct Serve {
    #[command(flatten)]
    settings: ServeSettings,
}

impl Serve {
    pub(super) async fn run(self) -> Result<(), Box<dyn Error + Send + Sync>> {
        serve(self.settings).await
    }
}
