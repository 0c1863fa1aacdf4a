//! Tells open pages that something changed. A notice carries no data: whoever hears it reads again, so a lost
//! notice costs time and never truth.

use farshore_model::view::Topic;
use tokio::sync::broadcast;

/// Enough for a burst; a page that falls further behind is told to read everything again.
const BACKLOG: usize = 256;

#[derive(Clone, Debug)]
pub struct Notices {
    sender: broadcast::Sender<Topic>,
}

impl Notices {
    pub fn new() -> Self {
        Self { sender: broadcast::channel(BACKLOG).0 }
    }

    /// Nobody listening is not an error.
    pub fn publish(&self, topic: Topic) {
        let _ = self.sender.send(topic);
    }

    pub fn subscribe(&self) -> broadcast::Receiver<Topic> {
        self.sender.subscribe()
    }
}

impl Default for Notices {
    fn default() -> Self {
        Self::new()
    }
}
