//! Who looks, and at what kind of panel.

use farshore_model::view::Viewer;
use leptos::prelude::*;

use super::{ApiResult, Written};

/// Also answers when nobody is signed in: the sign-in page lists the demo's personas.
#[server(prefix = "/sfn", endpoint = "read_viewer")]
pub async fn read_viewer() -> ApiResult<Written<Viewer>> {
    let control = super::context::control()?;
    let actor = super::context::actor();
    let zone = use_context::<super::TimeZone>().map_or_else(|| "UTC".to_owned(), |zone| zone.0);
    Written::of(&control.viewer(actor.as_ref(), zone).await?)
}
