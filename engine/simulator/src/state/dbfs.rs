//! The files of DBFS, and the streams that write them.

use std::collections::BTreeMap;

use axum::body::Bytes;
use serde::{Deserialize, Serialize};

use super::State;
use super::blob::Blob;
use super::path_map::PathMap;
use super::tree::parent_of;

/// The folders that every workspace has.
const FOLDERS: [&str; 4] = ["/", "/FileStore", "/tmp", "/user"];

/// A file or a folder.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Entry {
    pub(crate) modified_ms: i64,
    /// A folder has none.
    pub(crate) content: Option<Blob>,
}

/// A file that is being written by handle; it appears when it is closed.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Stream {
    pub(crate) path: String,
    pub(crate) blocks: Vec<Blob>,
}

/// Everything in DBFS.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Dbfs {
    entries: PathMap<Entry>,
    pub(crate) streams: BTreeMap<i64, Stream>,
}

impl Dbfs {
    pub(crate) fn get(&self, path: &str) -> Option<&Entry> {
        self.entries.get(path)
    }

    pub(crate) fn children(&self, folder: &str) -> Vec<(&str, &Entry)> {
        self.entries.children(folder)
    }

    /// Everything below a folder, by path.
    pub(crate) fn below(&self, folder: &str) -> impl Iterator<Item = (&str, &Entry)> {
        self.entries.below(folder)
    }

    pub(crate) fn remove(&mut self, path: &str) -> Option<Entry> {
        self.entries.remove(path)
    }

    pub(crate) fn put(&mut self, path: &str, entry: Entry) {
        self.entries.insert(path.into(), entry);
    }

    /// The nearest thing at or above a path that is a file and so in the way of a folder.
    pub(crate) fn file_in_the_way(&self, path: &str) -> Option<String> {
        let mut above = path;
        loop {
            if self.get(above).is_some_and(|entry| entry.content.is_some()) {
                return Some(above.to_owned());
            }
            if above == "/" {
                return None;
            }
            above = parent_of(above);
        }
    }

    pub(crate) fn blobs(&self) -> impl Iterator<Item = &Blob> {
        let files = self.entries.values().filter_map(|entry| entry.content.as_ref());
        files.chain(self.streams.values().flat_map(|stream| &stream.blocks))
    }

    pub(crate) fn blobs_mut(&mut self) -> impl Iterator<Item = &mut Blob> {
        let files = self.entries.values_mut().filter_map(|entry| entry.content.as_mut());
        files.chain(self.streams.values_mut().flat_map(|stream| &mut stream.blocks))
    }
}

pub(crate) fn deploy(state: &mut State) {
    for folder in FOLDERS {
        make_directory(state, folder);
    }
}

/// Makes a folder and those above it; says whether anything was missing.
pub(crate) fn make_directory(state: &mut State, path: &str) -> bool {
    if state.dbfs.get(path).is_some() {
        return false;
    }
    if path != "/" {
        make_directory(state, parent_of(path));
    }
    let modified_ms = state.now_ms;
    state.dbfs.put(path, Entry { modified_ms, content: None });
    true
}

/// Puts a file with the folders above it.
pub(crate) fn put_file(state: &mut State, path: &str, bytes: impl Into<Bytes>) {
    make_directory(state, parent_of(path));
    let modified_ms = state.now_ms;
    state.dbfs.put(path, Entry { modified_ms, content: Some(Blob::new(bytes)) });
}
