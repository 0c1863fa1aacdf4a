//! Lists as files, through the whole server.

use reqwest::{Method, StatusCode, header};
use serde_json::{Value, json};

use crate::harness::{PRIMARY, Panel, SECONDARY, until};

async fn text(panel: &Panel, path: &str) -> (String, String) {
    let url = panel.url(&format!("/api/v1{path}"));
    let answer = panel.http().get(url).bearer_auth("demo-viewer").send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK, "{path}");
    let disposition = answer.headers()[header::CONTENT_DISPOSITION].to_str().unwrap().to_owned();
    (disposition, answer.text().await.unwrap())
}

#[tokio::test]
async fn what_is_known_of_every_object_is_taken_away_as_a_file() {
    let panel = Panel::start().await;
    let group = panel.pair().await;
    let copy = panel.start_first_copy(&group).await;
    panel.wait_for_sync(&copy).await;

    let page = panel.get(&format!("/groups/{group}/ledger?kind=jobs")).await;
    let jobs = page["page"]["total"].as_u64().unwrap() as usize;
    assert!(jobs > 1, "{page:#}");
    let (disposition, csv) =
        text(&panel, &format!("/groups/{group}/ledger/export?kind=jobs&format=csv")).await;
    assert_eq!(disposition, "attachment; filename=\"production-ledger.csv\"");
    assert_eq!(csv.lines().count(), jobs + 1);
    assert!(csv.starts_with("pair,kind,name,key,primary_id,secondary_id,state,error,agreed_at,held_on\r\n"));
    let (_, json) = text(&panel, &format!("/groups/{group}/ledger/export?kind=jobs")).await;
    let rows: Vec<Value> = serde_json::from_str(&json).unwrap();
    assert_eq!(rows[..50.min(jobs)], page["rows"].as_array().unwrap()[..]);

    // The whole ledger is longer than one chunk is sent at a time.
    let all = panel.get(&format!("/groups/{group}/ledger")).await["page"]["total"].as_u64().unwrap() as usize;
    let (_, json) = text(&panel, &format!("/groups/{group}/ledger/export")).await;
    assert_eq!(serde_json::from_str::<Vec<Value>>(&json).unwrap().len(), all);

    let (disposition, csv) = text(&panel, &format!("/syncs/{copy}/export?format=csv")).await;
    assert!(disposition.starts_with("attachment; filename=\"production-sync-20"), "{disposition}");
    assert!(csv.lines().count() > jobs);
    let (disposition, items) = text(&panel, &format!("/syncs/{copy}/export?format=json")).await;
    assert!(disposition.ends_with(".json\""), "{disposition}");
    assert!(serde_json::from_str::<Vec<Value>>(&items).unwrap().len() > jobs);
    let key = rows[0]["object"]["key"].as_str().unwrap();
    let object = format!("/groups/{group}/objects/export?kind=jobs&key={key}");
    let (disposition, history) = text(&panel, &object).await;
    assert!(disposition.starts_with("attachment; filename=\"history-of-"), "{disposition}");
    assert_eq!(serde_json::from_str::<Vec<Value>>(&history).unwrap()[0]["action"], "create");
    let (_, history) = text(&panel, &format!("{object}&format=csv")).await;
    let title = "at,pair,sync,asked_for_by,read_side,name,action,state,error,remedy,reason,changes\r\n";
    assert!(history.starts_with(title), "{history}");
    let pair = format!(",Workspace {PRIMARY} / Workspace {SECONDARY},{copy},");
    assert!(history.contains(&pair), "{history}");
    let (_, nothing) = text(&panel, &format!("/groups/{group}/compare/export")).await;
    assert_eq!(nothing, "[]\n", "there is one sync");

    let object = json!({ "pair_id": rows[0]["pair_id"], "object": rows[0]["object"] });
    let again = panel.post("operator", &format!("/groups/{group}/objects/again"), object).await;
    let again = panel.wait_for_sync(again["sync_run_id"].as_str().unwrap()).await;
    assert_eq!((&again["run"]["state"], &again["run"]["only"]), (&json!("completed"), &json!(1)));
    let nothing = panel.call("operator", Method::POST, &format!("/syncs/{copy}/again"), Value::Null).await;
    assert_eq!(nothing.0, StatusCode::CONFLICT, "nothing failed: {:#}", nothing.1);

    // Two notebooks, of which the second cannot be written.
    panel.control(PRIMARY, Method::POST, "demo/change", Value::Null).await;
    let first = panel.sync(&group).await["run"]["id"].as_str().unwrap().to_owned();
    panel.control(PRIMARY, Method::POST, "demo/change", Value::Null).await;
    let effect =
        json!({ "kind": "error", "status": 403, "error_code": "PERMISSION_DENIED", "message": "No." });
    let faults = json!([{ "path_prefix": "/api/2.0/workspace/import", "effect": effect }]);
    panel.control(SECONDARY, Method::PUT, "faults", faults).await;
    let second = panel.sync(&group).await["run"]["id"].as_str().unwrap().to_owned();
    panel.control(SECONDARY, Method::PUT, "faults", json!([])).await;
    let compared = format!("/groups/{group}/compare/export?a={first}&b={second}");
    let (_, csv) = text(&panel, &format!("{compared}&format=csv")).await;
    let title = "kind,name,key,difference,first_sync,first_action,first_state,first_error,first_remedy,\
                 second_sync,second_action,second_state,second_error,second_remedy\r\n";
    assert!(csv.starts_with(title), "{csv}");
    let row = csv.lines().find(|line| line.contains(",new_failure,")).unwrap();
    assert!(row.contains(&format!(",new_failure,{first},,,,,{second},update,failed,")), "{row}");
    let rows: Vec<Value> = serde_json::from_str(&text(&panel, &compared).await.1).unwrap();
    let remedy = rows[0]["second"]["remedy"].as_str().unwrap();
    assert!(!remedy.is_empty() && csv.contains(remedy), "{rows:#?}");

    until("people are compared", || async {
        let people = panel.get(&format!("/groups/{group}/people")).await;
        people["pairs"][0]["comparison"]["found"].is_object().then_some(())
    })
    .await;
    let (disposition, csv) =
        text(&panel, &format!("/groups/{group}/people/export?format=csv&text=zzz")).await;
    assert_eq!(disposition, "attachment; filename=\"production-people.csv\"");
    assert_eq!(csv, "pair,kind,name,difference,field,primary,secondary\r\n");
    let total = panel.get(&format!("/groups/{group}/people")).await["page"]["total"].clone();
    let (_, json) = text(&panel, &format!("/groups/{group}/people/export")).await;
    assert_eq!(json!(serde_json::from_str::<Vec<Value>>(&json).unwrap().len()), total);
    let budget = panel.get(&format!("/groups/{group}/rate-budget")).await;
    assert!(budget["workspaces"][0]["endpoints"][0]["calls"].as_u64().unwrap() > 0, "{budget:#}");

    for page in ["people", "rate-budget", "ledger", &format!("objects?kind=jobs&key={key}"), "compare"] {
        let url = panel.url(&format!("/groups/{group}/{page}"));
        let answer = panel.http().get(url).bearer_auth("demo-viewer").send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK, "{page}");
        assert!(answer.text().await.unwrap().contains("Production"), "{page}");
    }
    for unknown in ["/groups/00000000-0000-0000-0000-000000000000/ledger/export", "/syncs/x/export"] {
        assert_eq!(panel.call("viewer", Method::GET, unknown, Value::Null).await.0, StatusCode::NOT_FOUND);
    }
}
