//! Who looks, and at what kind of panel.

use farshore_model::view::Viewer;
use leptos::prelude::*;

use super::ApiResult;

/// Also answers when nobody is signed in: the sign-in page lists the demo's personas.
#[server(prefix = "/sfn", endpoint = "read_viewer")]
pub async fn read_viewer() -> ApiResult<Viewer> {
    let control = super::context::control()?;
    let actor = super::context::actor();
    let mut viewer = control.viewer(actor.as_ref()).await?;
    if let Some(zone) = use_context::<super::TimeZone>() {
        viewer.time_zone = zone.0;
    }
    Ok(viewer)
}
