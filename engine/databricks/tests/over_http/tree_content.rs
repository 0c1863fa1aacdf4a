//! Content that is too large to be held, and files beside notebooks.

use bytes::Bytes;
use farshore_databricks::{ClientOptions, ContentFormat, DownloadError, ErrorKind, ImportTarget, Upload};
use futures::StreamExt;
use serde_json::json;

use crate::scripted::{Reply, Scripted, once};

const FILE: ImportTarget<'_> =
    ImportTarget { path: "/a/f.bin", format: ContentFormat::Raw, language: None, is_overwriting: true };

fn file(content: &[u8]) -> Reply {
    Reply::text(200, "application/octet-stream", content).with_header("content-disposition", "attachment")
}

#[tokio::test]
async fn a_file_is_downloaded_piece_by_piece() {
    let content: Vec<u8> = (0..3_000_000_u32).map(|number| (number % 251) as u8).collect();
    let sent = content.clone();
    let server = Scripted::start(move |asked| {
        assert_eq!(asked.query["direct_download"], "true");
        assert_eq!((asked.query["path"].as_str(), asked.query["format"].as_str()), ("/a/f.bin", "AUTO"));
        file(&sent)
    })
    .await;
    let client = server.client(once());
    let download = client.download("/a/f.bin", ContentFormat::Auto).await.unwrap();
    assert_eq!(download.size_bytes(), Some(3_000_000));
    let pieces: Vec<_> = download.into_stream().map(Result::unwrap).collect().await;
    assert!(pieces.len() > 1, "it does not come at once");
    assert_eq!(pieces.concat(), content);
    assert_eq!(client.budget_snapshot()[0].in_flight, 0, "the place is free again");
}

#[tokio::test]
async fn a_workspace_that_sends_no_files_sends_the_content_in_json() {
    let server = Scripted::start(|asked| match asked.query["path"].as_str() {
        "/wrapped" => Reply::json(json!({"content": "AAEC", "file_type": "bin"})),
        "/empty" => Reply::json(json!({"content": ""})),
        "/file" => Reply::json(json!({"content": "AAEC"})).with_header("content-disposition", "attachment"),
        "/large" => Reply::json(json!({"content": "A".repeat(17 * 1024 * 1024)})),
        _ => Reply::json(json!({"content": "AAEC", "more": 1})),
    })
    .await;
    let client = server.client(ClientOptions { request_timeout_ms: 30_000, ..once() });
    let content = async |path: &str| {
        let download = client.download(path, ContentFormat::Auto).await.unwrap();
        let (was_wrapped, size_bytes) = (download.was_wrapped(), download.size_bytes());
        let pieces: Vec<_> = download.into_stream().map(Result::unwrap).collect().await;
        let content = pieces.concat();
        assert_eq!(size_bytes, Some(content.len() as u64), "{path}");
        (was_wrapped, content)
    };
    assert_eq!(content("/wrapped").await, (true, vec![0, 1, 2]));
    assert_eq!(content("/empty").await, (true, Vec::new()));
    assert_eq!(content("/file").await, (false, br#"{"content":"AAEC"}"#.to_vec()));
    assert_eq!(content("/other").await, (false, br#"{"content":"AAEC","more":1}"#.to_vec()));
    let (was_wrapped, large) = content("/large").await;
    assert!(!was_wrapped && large.starts_with(b"{\"content\":\"AAA") && large.ends_with(b"A\"}"));
}

#[tokio::test]
async fn a_download_that_broke_off_is_begun_again() {
    let server = Scripted::start(|asked| match asked.earlier {
        0 => Reply::BreakOff("half of"),
        _ => file(b"all of it"),
    })
    .await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("content");
    let size_bytes = server.client(once()).download_to_file("/f", ContentFormat::Raw, &path).await.unwrap();
    assert_eq!((size_bytes, std::fs::read(&path).unwrap().as_slice()), (9, b"all of it".as_slice()));
    let nowhere = folder.path().join("missing/content");
    let error = server.client(once()).download_to_file("/f", ContentFormat::Raw, &nowhere).await.unwrap_err();
    assert!(matches!(error, DownloadError::Write(_)), "{error}");
}

#[tokio::test]
async fn a_download_that_stalls_or_is_missing_is_an_error() {
    let server = Scripted::start(|asked| match asked.query["path"].as_str() {
        "/slow" => Reply::Stall("half of"),
        // As another fake of a workspace says it.
        "/gone" => Reply::status(404, json!({"message": "Path (/gone) doesn't exist."})),
        _ => Reply::page(200, "<html><title>Sign in</title></html>"),
    })
    .await;
    let client = server.client(ClientOptions { request_timeout_ms: 300, ..once() });
    let mut slow = client.download("/slow", ContentFormat::Raw).await.unwrap();
    assert_eq!(slow.next().await.unwrap(), Some(Bytes::from_static(b"half of")));
    assert_eq!(slow.next().await.unwrap_err().kind(), ErrorKind::TimedOut);
    let kind = async |path| client.download(path, ContentFormat::Raw).await.unwrap_err().kind();
    assert_eq!(kind("/gone").await, ErrorKind::NotFound);
    assert_eq!(kind("/login").await, ErrorKind::NotDatabricks);
}

#[tokio::test]
async fn a_file_is_uploaded_without_being_held_and_again_when_it_must() {
    let server = Scripted::start(|asked| match asked.earlier {
        0 => Reply::throttled(Some(0)),
        _ => Reply::json(json!({})),
    })
    .await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("content");
    std::fs::write(&path, vec![b'x'; 9_000_000]).unwrap();
    let upload = Upload::of_file(&path).await.unwrap();
    assert_eq!(upload.size_bytes(), 9_000_000);
    let client = server.client(ClientOptions { max_retries: 1, ..once() });
    client.upload(FILE, upload).await.unwrap();
    let asked = server.asked();
    assert_eq!(asked.len(), 2);
    for asked in asked {
        let length: usize = asked.headers["content-length"].parse().unwrap();
        assert_eq!(length, asked.body.len(), "its length is known beforehand");
        let form = String::from_utf8(asked.body).unwrap();
        assert!(form.contains("name=\"format\"\r\n\r\nRAW\r\n") && !form.contains("language"));
        assert!(form.contains(&"x".repeat(9_000_000)));
    }
}

#[tokio::test]
async fn what_cannot_be_read_here_is_not_the_workspace_s_fault() {
    let server = Scripted::start(|_| Reply::json(json!({}))).await;
    let upload = Upload::new(3, || async { Err(std::io::Error::other("the disk is gone")) });
    let error = server.client(once()).upload(FILE, upload).await.unwrap_err();
    assert_eq!((error.kind(), error.may_have_taken_effect()), (ErrorKind::Invalid, false));
    assert!(error.message().contains("the disk is gone"), "{error}");
    assert!(Upload::of_file("/no/such/file").await.is_err());
}

#[tokio::test]
async fn a_small_file_travels_as_json() {
    let server = Scripted::start(|_| Reply::json(json!({}))).await;
    let target = ImportTarget { is_overwriting: false, format: ContentFormat::Auto, ..FILE };
    server.client(once()).import(target, vec![1, 2, 3]).await.unwrap();
    assert_eq!(server.asked()[0].json(), json!({"path": "/a/f.bin", "format": "AUTO", "content": "AQID"}));
}

#[tokio::test]
async fn what_lies_at_a_path_is_told() {
    let server = Scripted::start(|asked| match asked.query["path"].as_str() {
        "/f" => Reply::json(json!({
            "object_type": "FILE", "object_id": 2, "path": "/f", "modified_at": 1_700, "created_at": 1_600,
            "size": 3, "resource_id": "2",
        })),
        _ => Reply::error(404, "RESOURCE_DOES_NOT_EXIST", "Path (/gone) doesn't exist."),
    })
    .await;
    let client = server.client(once());
    let file = client.get_path("/f").await.unwrap();
    assert_eq!(
        (file.size_bytes, file.created_at_ms, file.modified_at_ms),
        (Some(3), Some(1_600), Some(1_700))
    );
    assert_eq!(file.resource_id.as_deref(), Some("2"));
    assert_eq!(client.get_path("/gone").await.unwrap_err().kind(), ErrorKind::NotFound);
    assert_eq!(server.count("GET /api/2.0/workspace/get-status"), 2);
}
