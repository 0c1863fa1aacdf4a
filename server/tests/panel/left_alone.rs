//! What no sync writes although it differs is never passed off as equal.

use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{PRIMARY, Panel, until};

#[tokio::test]
async fn nothing_to_write_is_not_the_same_as_equal() {
    let panel = Panel::start().await;
    let group = panel.pair().await;
    panel.first_copy(&group).await;
    let equal = panel.sync(&group).await;
    assert_eq!((&equal["run"]["total"], left_alone(&equal)), (&json!(0), 0), "{}", equal["counts"]);
    let words = page(&panel, &equal).await;
    assert!(words.contains("Nothing to do.") && words.contains("none differs"), "{words}");
    assert!(!words.contains("left alone, with"), "{words}");

    let path = format!("/groups/{group}/settings");
    let mut settings = panel.get(&path).await;
    settings["settings"]["handling"] = json!({ "jobs": "manual" });
    let wanted = json!({ "version": settings["version"], "settings": settings["settings"] });
    panel.put("admin", &path, wanted).await;
    panel.control(PRIMARY, Method::POST, "demo/change", Value::Null).await;
    let carried = panel.sync(&group).await;
    assert_eq!((&carried["run"]["done"], left_alone(&carried)), (&json!(1), 1), "{}", carried["counts"]);
    let words = page(&panel, &carried).await;
    assert!(words.contains("1 object was copied") && words.contains(LEFT_ALONE), "{words}");

    let again = panel.sync(&group).await;
    assert_eq!((&again["run"]["total"], left_alone(&again)), (&json!(0), 1), "{}", again["counts"]);
    let words = page(&panel, &again).await;
    assert!(words.contains("Nothing to write.") && words.contains(LEFT_ALONE), "{words}");
    assert!(!words.contains("Both sides are equal") && !words.contains("none differs"), "{words}");
    let id = again["run"]["id"].as_str().unwrap();
    let skipped = panel.get(&format!("/syncs/{id}?action=skip")).await;
    let reasons: Vec<&str> =
        skipped["items"].as_array().unwrap().iter().filter_map(|item| item["reason"].as_str()).collect();
    assert!(reasons.iter().any(|reason| reason.ends_with("the two differ")), "{reasons:?}");

    until("the readiness tells of it", || async {
        let page = panel.get(&format!("/groups/{group}")).await;
        page.to_string().contains("1 object may differ").then_some(())
    })
    .await;
}

const LEFT_ALONE: &str = "1 object differs and is left alone</a>, with the reason beside each";

fn left_alone(page: &Value) -> u64 {
    let count = |name: &str| page["counts"][name].as_u64().unwrap();
    count("skip") - count("groups")
}

/// What the page of a sync says, as the server renders it.
async fn page(panel: &Panel, sync: &Value) -> String {
    let url = panel.url(&format!("/syncs/{}", sync["run"]["id"].as_str().unwrap()));
    let answer = panel.http().get(url).bearer_auth("demo-viewer").send().await.unwrap();
    // Markers of the hydration stand between pieces of text.
    answer.text().await.unwrap().replace("<!>", "")
}
