//! Folders and notebooks, small and large.

use base64::{Engine, engine::general_purpose::STANDARD};
use farshore_databricks::{ErrorKind, TreeObject};
use serde_json::json;

use crate::scripted::{Reply, Scripted, once};

#[tokio::test]
async fn a_folder_is_listed() {
    let server = Scripted::start(|_| {
        Reply::json(json!({"objects": [
            {"object_type": "NOTEBOOK", "object_id": 1, "path": "/a/ö n", "language": "PYTHON"},
            {"object_type": "FILE", "object_id": 2, "path": "/a/f", "modified_at": 1_700, "size": 3, "created_at": 1},
            {"object_type": "SOMETHING_NEW", "object_id": 3, "path": "/a/x", "resource_id": "3"},
        ]}))
    })
    .await;
    let objects = server.client(once()).list_folder("/a", Some(1_600)).await.unwrap();
    let notebook = TreeObject {
        object_id: Some(1),
        object_type: "NOTEBOOK".to_owned(),
        path: "/a/ö n".into(),
        language: Some("PYTHON".to_owned()),
        modified_at_ms: None,
        size_bytes: None,
        created_at_ms: None,
        resource_id: None,
    };
    assert_eq!(objects[0], notebook);
    assert_eq!((objects[1].modified_at_ms, objects[1].size_bytes), (Some(1_700), Some(3)));
    assert_eq!(objects[2].object_type, "SOMETHING_NEW");
    let asked = &server.asked()[0];
    assert_eq!(
        (asked.query["path"].as_str(), asked.query["notebooks_modified_after"].as_str()),
        ("/a", "1600")
    );
}

#[tokio::test]
async fn an_entry_that_cannot_be_read_is_not_dropped() {
    let server = Scripted::start(|_| Reply::json(json!({"objects": [{"path": "/a"}]}))).await;
    let error = server.client(once()).list_folder("/", None).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::HalfAnswer);
}

#[tokio::test]
async fn a_throttled_folder_is_not_an_empty_folder() {
    let server = Scripted::start(|_| Reply::throttled(None)).await;
    let error = server.client(once()).list_folder("/", None).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Throttled);
}

#[tokio::test]
async fn a_notebook_is_exported_as_source() {
    let server = Scripted::start(|asked| {
        assert_eq!(asked.query["format"], "SOURCE");
        match asked.query["path"].as_str() {
            "/good" => Reply::json(json!({"content": STANDARD.encode("print(1)"), "file_type": "py"})),
            "/bad" => Reply::json(json!({"content": "not base64!"})),
            "/none" => Reply::json(json!({})),
            _ => Reply::error(404, "RESOURCE_DOES_NOT_EXIST", "Path (/gone) doesn't exist."),
        }
    })
    .await;
    let client = server.client(once());
    assert_eq!(client.export_notebook("/good").await.unwrap(), b"print(1)");
    for (path, kind) in
        [("/bad", ErrorKind::HalfAnswer), ("/none", ErrorKind::HalfAnswer), ("/gone", ErrorKind::NotFound)]
    {
        assert_eq!(client.export_notebook(path).await.unwrap_err().kind(), kind, "{path}");
    }
}

#[tokio::test]
async fn a_large_notebook_is_downloaded_as_a_file() {
    // It begins like a page, and is none.
    let source = format!("<html>{}", "x".repeat(12_000_000));
    let file = source.clone();
    let server = Scripted::start(move |asked| {
        if asked.query.get("direct_download").is_some_and(|is_direct| is_direct == "true") {
            Reply::page(200, &file).with_header("content-disposition", "attachment; filename=n.py")
        } else {
            Reply::error(400, "MAX_NOTEBOOK_SIZE_EXCEEDED", "The notebook exceeds 10 MB")
        }
    })
    .await;
    assert_eq!(server.client(once()).export_notebook("/big").await.unwrap(), source.as_bytes());
}

#[tokio::test]
async fn a_login_page_is_not_a_notebook() {
    let server = Scripted::start(|asked| match asked.query.get("direct_download") {
        Some(_) => Reply::page(200, "<html><title>Sign in</title></html>"),
        None => Reply::error(400, "MAX_NOTEBOOK_SIZE_EXCEEDED", "The notebook exceeds 10 MB"),
    })
    .await;
    let error = server.client(once()).export_notebook("/big").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotDatabricks);
}

#[tokio::test]
async fn a_notebook_that_is_too_large_says_so() {
    let server =
        Scripted::start(|_| Reply::error(400, "MAX_NOTEBOOK_SIZE_EXCEEDED", "12 MB exceed 10 MB")).await;
    let client = server.client(once());
    let export = client.export_notebook("/big").await.unwrap_err();
    let import = client.import_notebook("/big", "PYTHON", vec![b'x'; 12_000_000]).await.unwrap_err();
    for error in [export, import] {
        assert_eq!(error.kind(), ErrorKind::TooLarge);
        assert!(error.remedy().contains("larger than the workspace accepts"), "{}", error.remedy());
        assert!(error.remedy().contains("nothing was lost"), "{}", error.remedy());
    }
    let front_end = Scripted::start(|_| Reply::page(413, "<html><title>413</title></html>")).await;
    let error = front_end.client(once()).import_notebook("/big", "PYTHON", vec![b'x'; 10]).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TooLarge);
}

#[tokio::test]
async fn a_notebook_is_imported_over_the_old_one() {
    let server = Scripted::start(|_| Reply::json(json!({}))).await;
    let client = server.client(once());
    client.import_notebook("/a/n", "PYTHON", b"print(1)".to_vec()).await.unwrap();
    client.import_notebook("/a/big", "SQL", vec![b'x'; 8_000_000]).await.unwrap();
    let asked = server.asked();
    let content = STANDARD.encode("print(1)");
    assert_eq!(
        asked[0].json(),
        json!({"path": "/a/n", "format": "SOURCE", "language": "PYTHON", "overwrite": true, "content": content})
    );
    assert!(asked[1].headers["content-type"].starts_with("multipart/form-data"));
    let form = String::from_utf8(asked[1].body.clone()).unwrap();
    for field in [
        "name=\"path\"\r\n\r\n/a/big\r\n",
        "name=\"language\"\r\n\r\nSQL\r\n",
        "name=\"overwrite\"\r\n\r\ntrue",
    ] {
        assert!(form.contains(field), "{field}");
    }
    assert!(form.contains(&"x".repeat(8_000_000)));
}

#[tokio::test]
async fn folders_are_made_and_deleted() {
    let server = Scripted::start(|asked| match asked.what.as_str() {
        "POST /api/2.0/workspace/delete" if asked.json()["recursive"] == json!(false) => {
            Reply::error(400, "DIRECTORY_NOT_EMPTY", "Folder (/a) is not empty")
        }
        _ => Reply::json(json!({})),
    })
    .await;
    let client = server.client(once());
    client.make_folder("/a/b").await.unwrap();
    assert_eq!(client.delete_path("/a", false).await.unwrap_err().kind(), ErrorKind::Conflict);
    client.delete_path("/a", true).await.unwrap();
    let asked = server.asked();
    assert_eq!(
        (asked[0].what.as_str(), asked[0].json()),
        ("POST /api/2.0/workspace/mkdirs", json!({"path": "/a/b"}))
    );
    assert_eq!(asked[2].json(), json!({"path": "/a", "recursive": true}));
}

#[tokio::test]
async fn numbers_may_come_as_texts_and_ids_not_at_all() {
    let server = Scripted::start(|_| {
        Reply::json(json!({"objects": [
            {"object_type": "FILE", "object_id": "7", "path": "/a", "modified_at": "1700", "size": "3", "created_at": null},
            {"object_type": "NOTEBOOK", "path": "/n"},
        ]}))
    })
    .await;
    let listed = server.client(once()).list_folder("/", None).await.unwrap();
    let file = &listed[0];
    assert_eq!((file.object_id, file.size_bytes, file.modified_at_ms), (Some(7), Some(3), Some(1_700)));
    assert_eq!((file.created_at_ms, listed[1].object_id), (None, None));
    for wrong in [json!({"object_id": "seven"}), json!({"object_id": 7, "size": -1})] {
        let mut object = json!({"object_type": "FILE", "path": "/a"});
        object.as_object_mut().unwrap().extend(wrong.as_object().unwrap().clone());
        let server = Scripted::start(move |_| Reply::json(json!({"objects": [object]}))).await;
        let error = server.client(once()).list_folder("/", None).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::HalfAnswer);
    }
}
