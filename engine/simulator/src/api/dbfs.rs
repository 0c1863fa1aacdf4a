//! `/api/2.0/dbfs/*`, without the streams.

use axum::body::Bytes;
use axum::routing::MethodFilter;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::StatusCode;
use serde_json::{Value, json};

use super::router::Routes;
use super::{ApiError, Call, Reply};
use crate::seed;
use crate::state::State;
use crate::state::dbfs::{self, Entry};
use crate::state::tree::parent_of;

/// What one block, one put in JSON or one read carries.
pub(super) const MAX_BLOCK_BYTES: usize = 1024 * 1024;

/// What a read carries that does not say how much it wants.
const DEFAULT_READ_BYTES: i64 = 512 * 1024;

/// How many files one call of delete gets done.
const DELETED_PER_CALL: usize = 10_000;

pub(super) fn routes(routes: Routes) -> Routes {
    routes
        .add(&[0], MethodFilter::GET, "dbfs/get-status", get_status)
        .add(&[0], MethodFilter::GET, "dbfs/list", list)
        .add(&[0], MethodFilter::GET, "dbfs/read", read)
        .add(&[0], MethodFilter::POST, "dbfs/put", put)
        .add(&[0], MethodFilter::POST, "dbfs/mkdirs", mkdirs)
        .add(&[0], MethodFilter::POST, "dbfs/move", rename)
        .add(&[0], MethodFilter::POST, "dbfs/delete", delete)
}

/// The path that a call names, as it is kept: `dbfs:/a/` is `/a`.
pub(super) fn path_of(call: &Call, name: &str) -> Result<String, ApiError> {
    let given = call.required_text(name)?;
    let path = given.strip_prefix("dbfs:").unwrap_or(&given);
    if !path.starts_with('/') {
        return Err(ApiError::invalid_parameter(format!("Path must be absolute: {given}")));
    }
    let names: Vec<&str> = path.split('/').filter(|name| !name.is_empty()).collect();
    if names.iter().any(|name| matches!(*name, "." | "..")) {
        return Err(ApiError::invalid_parameter(format!("Path must not contain '.' or '..': {given}")));
    }
    Ok(format!("/{}", names.join("/")))
}

fn missing(path: &str) -> ApiError {
    ApiError::does_not_exist(format!("No file or directory exists on path {path}."))
}

pub(super) fn exists(path: &str) -> ApiError {
    ApiError::already_exists(format!("A file or directory already exists at the input path dbfs:{path}."))
}

fn view(path: &str, entry: &Entry) -> Value {
    json!({
        "path": path,
        "is_dir": entry.content.is_none(),
        "file_size": entry.content.as_ref().map_or(0, |content| content.len()),
        "modification_time": entry.modified_ms,
    })
}

fn get_status(state: &mut State, call: &Call) -> Result<Reply, ApiError> {
    let path = path_of(call, "path")?;
    let entry = state.dbfs.get(&path).ok_or_else(|| missing(&path))?;
    Ok(Reply::Json(view(&path, entry)))
}

fn list(state: &mut State, call: &Call) -> Result<Reply, ApiError> {
    let path = path_of(call, "path")?;
    let entry = state.dbfs.get(&path).ok_or_else(|| missing(&path))?;
    let shown: Vec<Value> = if entry.content.is_some() {
        vec![view(&path, entry)]
    } else {
        state.dbfs.children(&path).into_iter().map(|(path, entry)| view(path, entry)).collect()
    };
    // An empty folder is answered with an empty object.
    Ok(Reply::Json(if shown.is_empty() { json!({}) } else { json!({"files": shown}) }))
}

fn read(state: &mut State, call: &Call) -> Result<Reply, ApiError> {
    let path = path_of(call, "path")?;
    let (offset, length) = (call.integer("offset")?.unwrap_or(0), call.integer("length")?);
    let length = length.unwrap_or(DEFAULT_READ_BYTES);
    let entry = state.dbfs.get(&path).ok_or_else(|| missing(&path))?;
    let Some(content) = &entry.content else {
        return Err(ApiError::invalid_parameter(format!("Cannot read a directory: {path}")));
    };
    let (Ok(offset), Ok(length)) = (usize::try_from(offset), usize::try_from(length)) else {
        return Err(ApiError::invalid_parameter("The offset and the length must not be negative."));
    };
    if length > MAX_BLOCK_BYTES {
        let message =
            format!("The read length cannot exceed {MAX_BLOCK_BYTES} bytes. Found: {length} bytes.");
        return Err(ApiError::new(StatusCode::BAD_REQUEST, "MAX_READ_SIZE_EXCEEDED", message));
    }
    let bytes = content.bytes();
    let from = offset.min(bytes.len());
    let part = bytes.slice(from..from.saturating_add(length).min(bytes.len()));
    Ok(Reply::Json(json!({"bytes_read": part.len(), "data": STANDARD.encode(part)})))
}

/// The bytes of a base64 field, at most one block of them.
pub(super) fn block(call: &Call, name: &str) -> Result<Bytes, ApiError> {
    let encoded = call.body.get(name).and_then(Value::as_str).unwrap_or_default();
    let wrong = |_| ApiError::invalid_parameter(format!("The '{name}' data is not valid base64."));
    let bytes = STANDARD.decode(encoded).map_err(wrong)?;
    if bytes.len() > MAX_BLOCK_BYTES {
        let message = format!(
            "The '{name}' data cannot exceed {MAX_BLOCK_BYTES} bytes. Found: {} bytes. You might want to use \
             streaming upload instead.",
            bytes.len()
        );
        return Err(ApiError::new(StatusCode::BAD_REQUEST, "MAX_BLOCK_SIZE_EXCEEDED", message));
    }
    Ok(bytes.into())
}

/// Whether a file may be written at a path.
pub(super) fn check_target(state: &State, path: &str, is_overwriting: bool) -> Result<(), ApiError> {
    match state.dbfs.get(path) {
        Some(entry) if entry.content.is_none() || !is_overwriting => return Err(exists(path)),
        _ => {}
    }
    state.dbfs.file_in_the_way(parent_of(path)).map_or(Ok(()), |file| Err(exists(&file)))
}

/// Writes a file and the log of it.
pub(super) fn write(state: &mut State, call: &Call, path: &str, bytes: Bytes) {
    let summary = format!("write DBFS file {path}: {}", seed::fingerprint(&bytes));
    let is_same =
        state.dbfs.get(path).and_then(|entry| entry.content.as_ref()).map(|old| old.bytes()) == Some(&bytes);
    dbfs::put_file(state, path, bytes);
    if is_same {
        state.touch();
    } else {
        state.record(call, summary, Some(path.to_owned()));
    }
}

fn put(state: &mut State, call: &Call) -> Result<Reply, ApiError> {
    let path = path_of(call, "path")?;
    // A form carries the bytes as they are, and more of them.
    let bytes = match &call.upload {
        Some(upload) => upload.clone(),
        None => block(call, "contents")?,
    };
    check_target(state, &path, call.flag("overwrite"))?;
    write(state, call, &path, bytes);
    Ok(Reply::empty())
}

fn mkdirs(state: &mut State, call: &Call) -> Result<Reply, ApiError> {
    let path = path_of(call, "path")?;
    if let Some(file) = state.dbfs.file_in_the_way(&path) {
        return Err(exists(&file));
    }
    if dbfs::make_directory(state, &path) {
        state.record(call, format!("make DBFS folder {path}"), Some(path));
    }
    Ok(Reply::empty())
}

fn rename(state: &mut State, call: &Call) -> Result<Reply, ApiError> {
    let (source, mut target) = (path_of(call, "source_path")?, path_of(call, "destination_path")?);
    if state.dbfs.get(&source).is_none() {
        return Err(missing(&source));
    }
    // Into a folder that is there, a thing moves under its own name.
    if state.dbfs.get(&target).is_some_and(|entry| entry.content.is_none()) {
        let name = source.rsplit('/').next().unwrap_or_default();
        target = format!("{}/{name}", target.trim_end_matches('/'));
    }
    if state.dbfs.get(&target).is_some() {
        return Err(exists(&target));
    }
    if let Some(file) = state.dbfs.file_in_the_way(parent_of(&target)) {
        return Err(exists(&file));
    }
    if source == "/" || target.starts_with(&format!("{source}/")) {
        return Err(ApiError::invalid_parameter(format!("Cannot move {source} into itself.")));
    }
    dbfs::make_directory(state, parent_of(&target));
    let mut moved: Vec<String> = state.dbfs.below(&source).map(|(path, _)| path.to_owned()).collect();
    moved.push(source.clone());
    for path in moved {
        let rest = path.strip_prefix(&source).unwrap_or_default();
        if let Some(entry) = state.dbfs.remove(&path) {
            state.dbfs.put(&format!("{target}{rest}"), entry);
        }
    }
    state.record(call, format!("move DBFS {source} to {target}"), Some(target));
    Ok(Reply::empty())
}

fn delete(state: &mut State, call: &Call) -> Result<Reply, ApiError> {
    let path = path_of(call, "path")?;
    // What is not there is as good as deleted.
    if state.dbfs.get(&path).is_none() {
        return Ok(Reply::empty());
    }
    if path == "/" {
        return Err(ApiError::invalid_parameter("The root of DBFS cannot be deleted."));
    }
    let mut doomed: Vec<String> =
        state.dbfs.below(&path).take(DELETED_PER_CALL + 1).map(|(path, _)| path.to_owned()).collect();
    if !doomed.is_empty() && !call.flag("recursive") {
        let message = "Directory is not empty. Use recursive delete or remove contents first.";
        return Err(ApiError::new(StatusCode::BAD_REQUEST, "IO_ERROR", message));
    }
    let is_partial = doomed.len() > DELETED_PER_CALL;
    if is_partial {
        // From the end, so that no folder goes before what is in it.
        doomed = state.dbfs.below(&path).map(|(path, _)| path.to_owned()).collect();
        doomed = doomed.split_off(doomed.len() - DELETED_PER_CALL);
    } else {
        doomed.push(path.clone());
    }
    for path in &doomed {
        state.dbfs.remove(path);
    }
    let verb = if is_partial { "delete a part of" } else { "delete" };
    state.record(call, format!("{verb} DBFS {path}"), Some(path));
    if is_partial {
        let message = format!(
            "The requested operation has deleted {} files. There are more files remaining. You must make another \
             request to delete more.",
            doomed.len()
        );
        return Err(ApiError::new(StatusCode::SERVICE_UNAVAILABLE, "PARTIAL_DELETE", message));
    }
    Ok(Reply::empty())
}

#[cfg(test)]
mod tests;
