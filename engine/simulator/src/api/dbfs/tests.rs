use std::collections::BTreeMap;

use http::Method;

use super::*;

fn call(body: Value) -> Call {
    Call {
        method: Method::POST,
        path: "/api/2.0/dbfs/delete".into(),
        version: 0,
        placeholders: BTreeMap::new(),
        query: BTreeMap::new(),
        body: body.as_object().cloned().unwrap_or_default(),
        upload: None,
        origin: String::new(),
        authorization: None,
        user_name: "a".into(),
    }
}

#[test]
fn an_enormous_folder_is_deleted_in_parts() {
    let mut state = State::new(1, "us-east-1", 0);
    for number in 0..DELETED_PER_CALL + 50 {
        dbfs::put_file(&mut state, &format!("/tmp/many/{number:05}"), "x");
    }
    let wanted = call(json!({"path": "/tmp/many", "recursive": true}));
    let error = delete(&mut state, &wanted).map(drop).unwrap_err();
    assert_eq!(error.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(error.body["error_code"], "PARTIAL_DELETE");
    assert_eq!(state.dbfs.below("/tmp/many").count(), 50);
    assert!(delete(&mut state, &wanted).is_ok());
    assert!(state.dbfs.get("/tmp/many").is_none());
}
