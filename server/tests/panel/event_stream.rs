//! The event stream of a page.

use std::time::Duration;

use crate::harness::Panel;

/// A browser takes an event without data for none at all, and after some silence the line for broken.
#[tokio::test]
async fn an_idle_stream_beats_with_events_that_browsers_deliver() {
    let panel = Panel::start().await;
    let request = panel.http().get(panel.url("/events")).bearer_auth("demo-viewer");
    let mut answer = request.send().await.unwrap();
    let mut heard = String::new();
    let listen = async {
        while heard.matches("event: beat\n").count() < 2 {
            let chunk = answer.chunk().await.unwrap().expect("the stream goes on");
            heard.push_str(std::str::from_utf8(&chunk).unwrap());
        }
    };
    tokio::time::timeout(Duration::from_secs(30), listen).await.expect("beats every five seconds");
    for event in heard.split("\n\n").filter(|event| event.contains("event:")) {
        assert!(
            event.lines().any(|line| line.strip_prefix("data:").is_some_and(|data| !data.trim().is_empty())),
            "{event:?}"
        );
    }
}
