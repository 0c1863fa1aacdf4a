//! Who looks, read once for all parts of a page.

use farshore_model::view::{Topic, Viewer};
use leptos::prelude::*;

use super::PageData;
use crate::{api::read, live::use_changes};

#[derive(Clone, Copy)]
struct ViewerData(PageData<Viewer>);

/// Begins to read who looks; called once, by the application.
pub fn provide_viewer() {
    // What waits for approval changes with runs; the demo bar with the demo.
    let changes = use_changes(|topic| matches!(topic, Topic::Demo | Topic::Run(_) | Topic::Overview));
    provide_context(ViewerData(PageData::new(move || {
        changes.track();
        Ok(read::viewer())
    })));
}

/// Who looks.
pub fn use_viewer() -> PageData<Viewer> {
    expect_context::<ViewerData>().0
}
