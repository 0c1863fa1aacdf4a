//! Who looks, read once for all parts of a page.

use farshore_model::view::{Topic, Viewer};
use leptos::prelude::*;

use crate::{
    api::{ApiResult, read_viewer},
    live::use_changes,
};

#[derive(Clone, Copy)]
struct ViewerResource(Resource<ApiResult<Viewer>>);

/// Begins to read who looks; called once, by the application.
pub fn provide_viewer() {
    // What waits for approval changes with runs; the demo bar with the demo.
    let changes = use_changes(|topic| matches!(topic, Topic::Demo | Topic::Run(_) | Topic::Overview));
    provide_context(ViewerResource(Resource::new(move || changes.get(), |_| read_viewer())));
}

/// Who looks.
pub fn use_viewer() -> Resource<ApiResult<Viewer>> {
    expect_context::<ViewerResource>().0
}
