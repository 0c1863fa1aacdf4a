//! The workspace tree: folders, notebooks and files by path.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::body::Bytes;
use serde::{Deserialize, Serialize};

use super::State;
use super::blob::Blob;
use super::path_map::PathMap;

mod language;
#[cfg(test)]
mod tests;

pub(crate) use language::Language;

/// The folder of the caller's own things, below `/Users`.
pub(crate) fn home_of(user_name: &str) -> String {
    format!("/Users/{user_name}")
}

/// What a path holds. A notebook's content is its source without the header line.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(crate) enum NodeKind {
    Directory,
    /// A Git folder.
    Repo,
    Notebook {
        language: Language,
        content: Blob,
        /// What it was imported as, when that was not source.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        document: Option<Document>,
    },
    File {
        content: Blob,
    },
    Dashboard {
        content: Blob,
    },
    /// A library as workspaces kept them before there were files.
    Library,
}

/// A notebook in the format in which it is kept beside its source.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Document {
    pub(crate) format: DocumentFormat,
    pub(crate) content: Blob,
}

/// The formats that a notebook keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum DocumentFormat {
    Jupyter,
    RMarkdown,
}

impl NodeKind {
    /// A notebook that was given as source.
    pub(crate) fn notebook(language: Language, source: impl Into<Bytes>) -> Self {
        Self::Notebook { language, content: Blob::new(source), document: None }
    }

    pub(crate) fn file(bytes: impl Into<Bytes>) -> Self {
        Self::File { content: Blob::new(bytes) }
    }

    pub(crate) fn type_name(&self) -> &'static str {
        match self {
            Self::Directory => "DIRECTORY",
            Self::Repo => "REPO",
            Self::Notebook { .. } => "NOTEBOOK",
            Self::File { .. } => "FILE",
            Self::Dashboard { .. } => "DASHBOARD",
            Self::Library => "LIBRARY",
        }
    }

    /// The type in the paths of the permissions API.
    pub(crate) fn permission_type(&self) -> &'static str {
        match self {
            Self::Directory => "directories",
            Self::Repo => "repos",
            Self::Notebook { .. } => "notebooks",
            Self::File { .. } => "files",
            Self::Dashboard { .. } => "dashboards",
            Self::Library => "libraries",
        }
    }

    /// Whether other objects can lie in it.
    pub(crate) fn is_folder(&self) -> bool {
        matches!(self, Self::Directory | Self::Repo)
    }

    fn blobs(&self) -> impl Iterator<Item = &Blob> {
        let (content, document) = match self {
            Self::Directory | Self::Repo | Self::Library => (None, None),
            Self::Notebook { content, document, .. } => (Some(content), document.as_ref()),
            Self::File { content } | Self::Dashboard { content } => (Some(content), None),
        };
        content.into_iter().chain(document.map(|document| &document.content))
    }

    fn blobs_mut(&mut self) -> impl Iterator<Item = &mut Blob> {
        let (content, document) = match self {
            Self::Directory | Self::Repo | Self::Library => (None, None),
            Self::Notebook { content, document, .. } => (Some(content), document.as_mut()),
            Self::File { content } | Self::Dashboard { content } => (Some(content), None),
        };
        content.into_iter().chain(document.map(|document| &mut document.content))
    }
}

/// One object of the tree.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Node {
    pub(crate) object_id: i64,
    pub(crate) created_ms: i64,
    pub(crate) modified_ms: i64,
    pub(crate) kind: NodeKind,
}

/// All objects by their path, which starts with `/` and does not end with one.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(from = "StoredTree")]
pub(crate) struct Tree {
    nodes: PathMap<Node>,
    #[serde(skip)]
    paths: BTreeMap<i64, Arc<str>>,
}

/// The tree without what can be computed from it.
#[derive(Deserialize)]
struct StoredTree {
    nodes: PathMap<Node>,
}

impl From<StoredTree> for Tree {
    fn from(stored: StoredTree) -> Self {
        let paths = stored.nodes.iter().map(|(path, node)| (node.object_id, Arc::clone(path))).collect();
        Self { nodes: stored.nodes, paths }
    }
}

impl Tree {
    pub(crate) fn nodes(&self) -> impl Iterator<Item = (&str, &Node)> {
        self.nodes.iter().map(|(path, node)| (path.as_ref(), node))
    }

    pub(crate) fn get(&self, path: &str) -> Option<&Node> {
        self.nodes.get(path)
    }

    /// The object with that id, and its path.
    pub(crate) fn find(&self, object_id: i64) -> Option<(&str, &Node)> {
        let path = self.paths.get(&object_id)?;
        Some((path.as_ref(), self.nodes.get(path)?))
    }

    pub(crate) fn put(&mut self, path: &str, node: Node) {
        if let Some(replaced) = self.nodes.get(path) {
            self.paths.remove(&replaced.object_id);
        }
        let path: Arc<str> = path.into();
        self.paths.insert(node.object_id, Arc::clone(&path));
        self.nodes.insert(path, node);
    }

    pub(crate) fn is_folder(&self, path: &str) -> bool {
        self.nodes.get(path).is_some_and(|node| node.kind.is_folder())
    }

    /// What lies directly in a folder, by name.
    pub(crate) fn children(&self, folder: &str) -> Vec<(&str, &Node)> {
        self.nodes.children(folder)
    }

    /// Everything below a folder, by path.
    pub(crate) fn below(&self, folder: &str) -> impl Iterator<Item = (&str, &Node)> {
        self.nodes.below(folder)
    }

    /// Removes an object and everything below it; returns what that was.
    pub(crate) fn remove(&mut self, path: &str) -> Vec<Node> {
        let mut doomed: Vec<String> = self.below(path).map(|(path, _)| path.to_owned()).collect();
        doomed.push(path.to_owned());
        let removed: Vec<Node> = doomed.into_iter().filter_map(|path| self.nodes.remove(&path)).collect();
        for node in &removed {
            self.paths.remove(&node.object_id);
        }
        removed
    }

    pub(crate) fn blobs(&self) -> impl Iterator<Item = &Blob> {
        self.nodes.values().flat_map(|node| node.kind.blobs())
    }

    pub(crate) fn blobs_mut(&mut self) -> impl Iterator<Item = &mut Blob> {
        self.nodes.values_mut().flat_map(|node| node.kind.blobs_mut())
    }
}

/// The folder in which a path lies.
pub(crate) fn parent_of(path: &str) -> &str {
    match path.rfind('/') {
        Some(0) | None => "/",
        Some(at) => path.get(..at).unwrap_or("/"),
    }
}

/// The folders that every workspace has.
pub(crate) fn deploy(state: &mut State) {
    let home = home_of(&state.directory.admin_user_name());
    for path in ["/", "/Shared", "/Users", "/Repos", &home] {
        make_directory(state, path);
    }
}

/// Makes a folder and those above it; says whether anything was missing. The caller has made sure that nothing
/// else is in the way.
pub(crate) fn make_directory(state: &mut State, path: &str) -> bool {
    if state.tree.is_folder(path) {
        return false;
    }
    if path != "/" {
        make_directory(state, parent_of(path));
    }
    let now_ms = state.now_ms;
    // The root has always been object 0.
    let object_id = if path == "/" { 0 } else { state.next_number() };
    let node = Node { object_id, created_ms: now_ms, modified_ms: now_ms, kind: NodeKind::Directory };
    state.tree.put(path, node);
    true
}
