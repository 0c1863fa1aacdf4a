//! The demo bar.

use leptos::prelude::*;

use super::ApiResult;

/// `act` is `down`, `up` or `change`. Answers with a sentence that says what happened.
#[server(prefix = "/sfn", endpoint = "operate_demo")]
pub async fn operate_demo(act: String, region: String) -> ApiResult<String> {
    let (control, actor) = super::context::signed_in()?;
    Ok(match act.as_str() {
        "down" => {
            control.demo_region_down(&actor, &region).await?;
            format!("{region} is down: it accepts connections and never answers.")
        }
        "up" => {
            control.demo_region_up(&actor, &region).await?;
            format!("{region} is back.")
        }
        "change" => control.demo_change(&actor, &region).await?,
        _ => return Err(farshore_model::Problem::field("act", "Choose down, up or change.").into()),
    })
}
