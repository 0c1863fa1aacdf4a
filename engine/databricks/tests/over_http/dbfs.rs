//! Files in blocks.

use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;
use farshore_databricks::{ClientOptions, DbfsObject, ErrorKind, Upload};
use serde_json::json;

use crate::scripted::{Asked, Reply, Scripted, once};

const ADD_BLOCK: &str = "POST /api/2.0/dbfs/add-block";

fn content(size: usize) -> Vec<u8> {
    (0..size).map(|number| (number % 251) as u8).collect()
}

/// What the blocks that were added amount to.
fn joined(asked: &[Asked]) -> Vec<u8> {
    let blocks = asked.iter().filter(|asked| asked.what == ADD_BLOCK);
    blocks.flat_map(|asked| STANDARD.decode(asked.json()["data"].as_str().unwrap()).unwrap()).collect()
}

fn writes(asked: &Asked) -> Reply {
    match asked.what.as_str() {
        "POST /api/2.0/dbfs/create" => Reply::json(json!({"handle": 5})),
        _ => Reply::json(json!({})),
    }
}

#[tokio::test]
async fn a_file_is_read_block_by_block() {
    let whole = content(2_500_000);
    let file = whole.clone();
    let server = Scripted::start(move |asked| match asked.what.as_str() {
        "GET /api/2.0/dbfs/get-status" => Reply::json(
            json!({"path": "/f", "is_dir": false, "file_size": file.len(), "modification_time": 7}),
        ),
        _ => {
            let number = |name: &str| asked.query[name].parse::<usize>().unwrap();
            let begin = number("offset").min(file.len());
            let block = &file[begin..(begin + number("length")).min(file.len())];
            Reply::json(json!({"bytes_read": block.len(), "data": STANDARD.encode(block)}))
        }
    })
    .await;
    let client = server.client(once());
    assert_eq!(client.export_dbfs("/f").await.unwrap(), whole);
    assert_eq!(server.count("GET /api/2.0/dbfs/read"), 3);
    assert!(client.read_dbfs("/f", 2_500_000).await.unwrap().is_empty());
    let status = client.get_dbfs("/f").await.unwrap();
    let path = "/f".to_owned();
    let expected = DbfsObject { path, is_directory: false, size_bytes: 2_500_000, modified_at_ms: Some(7) };
    assert_eq!(status, expected);
}

#[tokio::test]
async fn a_file_that_is_shorter_than_it_says_is_half_an_answer() {
    let server = Scripted::start(|asked| match asked.what.as_str() {
        "GET /api/2.0/dbfs/get-status" => Reply::json(json!({"path": "/f", "file_size": 10})),
        _ if asked.query["path"] == "/lies" => Reply::json(json!({"bytes_read": 3, "data": "AQ=="})),
        _ if asked.query["offset"] == "0" => Reply::json(json!({"bytes_read": 1, "data": "AQ=="})),
        _ => Reply::json(json!({"bytes_read": 0, "data": ""})),
    })
    .await;
    for path in ["/short", "/lies"] {
        let error = server.client(once()).export_dbfs(path).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::HalfAnswer, "{path}");
    }
}

#[tokio::test]
async fn a_small_file_is_put_at_once_and_a_large_one_in_blocks() {
    let server = Scripted::start(writes).await;
    let client = server.client(once());
    client.put_dbfs("/small", &Upload::from(vec![1, 2, 3])).await.unwrap();
    client.put_dbfs("/empty", &Upload::from(Vec::new())).await.unwrap();
    client.put_dbfs("/large", &Upload::from(content(2_500_000))).await.unwrap();
    let asked = server.asked();
    let sent: Vec<_> = asked.iter().map(|asked| asked.what.rsplit('/').next().unwrap()).collect();
    assert_eq!(sent, ["put", "put", "create", "add-block", "add-block", "add-block", "close"]);
    assert_eq!(asked[0].json(), json!({"path": "/small", "contents": "AQID", "overwrite": true}));
    assert_eq!(asked[2].json(), json!({"path": "/large", "overwrite": true}));
    assert_eq!(asked[6].json(), json!({"handle": 5}));
    assert_eq!(joined(&asked), content(2_500_000));
}

#[tokio::test]
async fn a_block_is_not_added_twice_the_file_is_begun_anew() {
    let server = Scripted::start(|asked| match (asked.what.as_str(), asked.earlier) {
        (ADD_BLOCK, 1) => Reply::BreakOff("{"),
        _ => writes(asked),
    })
    .await;
    let client = server.client(ClientOptions { max_retries: 3, ..once() });
    client.put_dbfs("/large", &Upload::from(content(1_500_000))).await.unwrap();
    assert_eq!(server.count("POST /api/2.0/dbfs/create"), 2);
    let asked = server.asked();
    let second = asked.iter().rposition(|asked| asked.what.ends_with("create")).unwrap();
    assert_eq!(joined(&asked[second..]), content(1_500_000));
}

#[tokio::test]
async fn content_of_another_size_than_announced_is_not_closed() {
    let server = Scripted::start(writes).await;
    let client = server.client(once());
    for (announced, size) in [(3, 4), (3, 2), (2_000_000, 1_500_000)] {
        let bytes = Bytes::from(content(size));
        let upload = Upload::new(announced, move || {
            let bytes = bytes.clone();
            async move { Upload::from(bytes).open().await }
        });
        let error = client.put_dbfs("/f", &upload).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Invalid, "{announced} {size}");
    }
    assert_eq!(server.count("POST /api/2.0/dbfs/close") + server.count("POST /api/2.0/dbfs/put"), 0);
}

#[tokio::test]
async fn a_big_delete_is_called_again_until_it_is_done() {
    let server = Scripted::start(|asked| match asked.earlier {
        0..12 => Reply::error(503, "PARTIAL_DELETE", "The requested operation has deleted 324 files.")
            .with_header("retry-after", "0"),
        12 => Reply::json(json!({})),
        _ => Reply::error(404, "RESOURCE_DOES_NOT_EXIST", "No file or directory exists on path /big."),
    })
    .await;
    let client = server.client(ClientOptions { honours_published_limits: false, ..once() });
    client.delete_dbfs("/big", true).await.unwrap();
    client.delete_dbfs("/big", true).await.unwrap();
    assert_eq!(server.asked()[0].json(), json!({"path": "/big", "recursive": true}));
    assert_eq!(server.asked().len(), 14);
}

#[tokio::test]
async fn a_folder_is_listed_and_made() {
    let server = Scripted::start(|asked| match asked.query.get("path").map(String::as_str) {
        Some("/gone") => {
            Reply::error(404, "RESOURCE_DOES_NOT_EXIST", "No file or directory exists on path /gone.")
        }
        Some("/empty") => Reply::json(json!({})),
        Some(_) => Reply::json(json!({"files": [{"path": "/a/b", "is_dir": true, "file_size": 0}]})),
        None => Reply::json(json!({})),
    })
    .await;
    let client = server.client(once());
    assert!(client.list_dbfs("/a").await.unwrap()[0].is_directory);
    assert!(client.list_dbfs("/empty").await.unwrap().is_empty());
    assert_eq!(client.list_dbfs("/gone").await.unwrap_err().kind(), ErrorKind::NotFound);
    client.make_dbfs_folder("/a/c").await.unwrap();
    assert_eq!(server.asked()[3].json(), json!({"path": "/a/c"}));
}
