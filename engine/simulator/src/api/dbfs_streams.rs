//! `/api/2.0/dbfs/{create,add-block,close}`: files written by handle, block after block.

use axum::routing::MethodFilter;
use serde_json::json;

use super::dbfs::{block, check_target, path_of, write};
use super::router::Routes;
use super::{ApiError, Call, Reply};
use crate::state::State;
use crate::state::blob::Blob;
use crate::state::dbfs::Stream;

pub(super) fn routes(routes: Routes) -> Routes {
    routes
        .add(&[0], MethodFilter::POST, "dbfs/create", create)
        .add(&[0], MethodFilter::POST, "dbfs/add-block", add_block)
        .add(&[0], MethodFilter::POST, "dbfs/close", close)
}

fn missing(handle: i64) -> ApiError {
    ApiError::does_not_exist(format!("No open handle exists: {handle}."))
}

fn create(state: &mut State, call: &Call) -> Result<Reply, ApiError> {
    let path = path_of(call, "path")?;
    check_target(state, &path, call.flag("overwrite"))?;
    let handle = state.next_number();
    state.dbfs.streams.insert(handle, Stream { path, blocks: Vec::new() });
    state.touch();
    Ok(Reply::Json(json!({"handle": handle})))
}

fn add_block(state: &mut State, call: &Call) -> Result<Reply, ApiError> {
    let handle = call.required_integer("handle")?;
    let bytes = block(call, "data")?;
    let stream = state.dbfs.streams.get_mut(&handle).ok_or_else(|| missing(handle))?;
    stream.blocks.push(Blob::new(bytes));
    state.touch();
    Ok(Reply::empty())
}

fn close(state: &mut State, call: &Call) -> Result<Reply, ApiError> {
    let handle = call.required_integer("handle")?;
    let stream = state.dbfs.streams.remove(&handle).ok_or_else(|| missing(handle))?;
    let mut whole = Vec::with_capacity(stream.blocks.iter().map(Blob::len).sum());
    for block in &stream.blocks {
        whole.extend_from_slice(block.bytes());
    }
    // Something else may have come to lie there while it was written.
    check_target(state, &stream.path, true)?;
    write(state, call, &stream.path, whole.into());
    Ok(Reply::empty())
}
