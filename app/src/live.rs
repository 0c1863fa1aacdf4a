//! The browser's end of the event stream: one `EventSource` per page, through which the server says what has
//! changed. It carries no data: a page that is interested reads again.
//!
//! The browser reconnects by itself and names the last event that it saw; what was missed for good arrives as
//! `resync`. On the server everything here stands still.

use std::time::Duration;

use farshore_model::{Timestamp, view::Topic};
use leptos::prelude::*;
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{EventSource, MessageEvent};

use crate::{api::read::parse, components::use_seconds_since};

const ADDRESS: &str = "/events";
/// How long changes are gathered before a page reads again.
const GATHER: Duration = Duration::from_millis(300);
/// After the server refused the stream (it was restarting, or the session ended), which the browser itself
/// takes for final.
const REOPEN: Duration = Duration::from_secs(3);
/// The server's heart beats every 5 seconds; longer silence is a broken line that nobody reported.
const SILENCE_S: i64 = 15;

/// Called with what changed; None: anything may have.
type Listener = Callback<Option<Topic>>;

/// The event stream of this page.
#[derive(Clone, Copy)]
pub struct Live {
    stale_since: RwSignal<Option<Timestamp>>,
    listeners: StoredValue<Vec<(u64, Listener)>>,
    next_listener: StoredValue<u64>,
    /// Seconds of the page's clock at which something was last heard.
    heard_at_s: StoredValue<i64>,
}

impl Live {
    /// When the stream broke; None while it is healthy.
    pub fn stale_since(self) -> Signal<Option<Timestamp>> {
        self.stale_since.into()
    }

    fn publish(self, topic: Option<&Topic>) {
        for (_, listener) in self.listeners.get_value() {
            listener.run(topic.cloned());
        }
    }

    fn broke(self) {
        if self.stale_since.get_untracked().is_none() {
            // Whole milliseconds stay exact in a double for the next 285 000 years.
            #[allow(clippy::cast_possible_truncation)]
            self.stale_since.set(Some(Timestamp::from_ms(js_sys::Date::now() as i64)));
        }
    }

    /// The stream works. After a break, pages read again what they may have missed.
    fn healed(self, now_s: i64) {
        self.heard_at_s.set_value(now_s);
        if self.stale_since.get_untracked().is_some() {
            self.stale_since.set(None);
            self.publish(None);
        }
    }
}

/// Hands the stream to all parts of the application, not opened yet: nobody listens on the sign-in page. Called
/// once, by the application.
pub(crate) fn provide_live() {
    let live = Live {
        stale_since: RwSignal::new(None),
        listeners: StoredValue::new(Vec::new()),
        next_listener: StoredValue::new(0),
        heard_at_s: StoredValue::new(0),
    };
    provide_context(live);
}

/// Opens the stream as soon as the page is alive, and says where it stands. Called once, by the frame around all
/// pages that need a person who is signed in.
pub(crate) fn open_live() -> Live {
    let live = use_live();
    let seconds = use_seconds_since();
    Effect::new(move || open(live, seconds));
    Effect::new(move || {
        let now_s = seconds();
        if now_s - live.heard_at_s.get_value() > SILENCE_S {
            live.broke();
        }
    });
    live
}

/// The page's event stream.
pub fn use_live() -> Live {
    expect_context::<Live>()
}

/// Counts up, at most every 300 ms and never later than that after the last change, whenever something relevant
/// changed on the server. A resource that depends on it is read again.
pub fn use_changes(is_relevant: impl Fn(&Topic) -> bool + Send + Sync + 'static) -> Signal<u32> {
    let count = RwSignal::new(0_u32);
    let is_gathering = StoredValue::new(false);
    let listener = Callback::new(move |topic: Option<Topic>| {
        if topic.as_ref().is_some_and(|topic| !is_relevant(topic)) || is_gathering.get_value() {
            return;
        }
        is_gathering.set_value(true);
        set_timeout(
            move || {
                // The page may be gone by now, and its values with it.
                if is_gathering.try_set_value(false).is_none() {
                    count.try_update(|count| *count = count.wrapping_add(1));
                }
            },
            GATHER,
        );
    });
    if let Some(live) = use_context::<Live>() {
        let id = live.next_listener.get_value();
        live.next_listener.set_value(id.wrapping_add(1));
        live.listeners.update_value(|listeners| listeners.push((id, listener)));
        on_cleanup(move || {
            live.listeners.try_update_value(|listeners| listeners.retain(|(known, _)| *known != id));
        });
    }
    count.into()
}

fn open(live: Live, seconds: impl Fn() -> i64 + Copy + Send + Sync + 'static) {
    let Ok(source) = EventSource::new(ADDRESS) else {
        live.broke();
        return;
    };
    let heard = move || live.healed(untrack(seconds));
    // Between the rendering of the page and this moment something may have changed that nobody told.
    for event in ["open", "resync"] {
        listen(&source, event, move |_| {
            heard();
            live.publish(None);
        });
    }
    for event in ["time", "beat"] {
        listen(&source, event, move |_| heard());
    }
    listen(&source, "notice", move |event| {
        heard();
        let data = event.dyn_ref::<MessageEvent>().and_then(|event| event.data().as_string());
        match data.and_then(|data| parse::<Topic>(&data).ok()) {
            Some(topic) => live.publish(Some(&topic)),
            // From a newer server: read everything again rather than miss it.
            None => live.publish(None),
        }
    });
    let stream = source.clone();
    listen(&source, "error", move |_| {
        live.broke();
        if stream.ready_state() == EventSource::CLOSED {
            set_timeout(move || open(live, seconds), REOPEN);
        }
    });
}

fn listen(source: &EventSource, event: &str, handle: impl Fn(web_sys::Event) + 'static) {
    let closure = Closure::<dyn Fn(web_sys::Event)>::new(handle);
    // Only a listener that is no function is refused.
    let _ = source.add_event_listener_with_callback(event, closure.as_ref().unchecked_ref());
    // It lives as long as the page does.
    closure.forget();
}
