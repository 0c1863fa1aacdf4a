//! The workspace tree: folders, notebooks and files by path.

use std::collections::BTreeMap;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::State;

/// The folder of the caller's own things, below `/Users`.
pub(crate) fn home_of(user_name: &str) -> String {
    format!("/Users/{user_name}")
}

/// The language of a notebook.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub(crate) enum Language {
    Python,
    Sql,
    Scala,
    R,
}

impl Language {
    pub(crate) fn parse(name: &str) -> Option<Self> {
        match name {
            "PYTHON" => Some(Self::Python),
            "SQL" => Some(Self::Sql),
            "SCALA" => Some(Self::Scala),
            "R" => Some(Self::R),
            _ => None,
        }
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Python => "PYTHON",
            Self::Sql => "SQL",
            Self::Scala => "SCALA",
            Self::R => "R",
        }
    }

    pub(crate) fn extension(self) -> &'static str {
        match self {
            Self::Python => "py",
            Self::Sql => "sql",
            Self::Scala => "scala",
            Self::R => "r",
        }
    }

    pub(crate) fn of_extension(extension: &str) -> Option<Self> {
        match extension.to_ascii_lowercase().as_str() {
            "py" => Some(Self::Python),
            "sql" => Some(Self::Sql),
            "scala" => Some(Self::Scala),
            "r" => Some(Self::R),
            _ => None,
        }
    }

    fn comment(self) -> &'static str {
        match self {
            Self::Python | Self::R => "#",
            Self::Sql => "--",
            Self::Scala => "//",
        }
    }

    /// The first line of every exported source.
    pub(crate) fn header(self) -> String {
        format!("{} Databricks notebook source", self.comment())
    }

    /// The line between two cells.
    pub(crate) fn separator(self) -> String {
        format!("{} COMMAND ----------", self.comment())
    }

    /// What starts a line of a cell in another language.
    pub(crate) fn magic(self) -> String {
        format!("{} MAGIC ", self.comment())
    }
}

/// What a path holds. A notebook's content is its source without the header line.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(crate) enum NodeKind {
    Directory,
    Notebook { language: Language, content: Content },
    File { content: Content },
}

impl NodeKind {
    pub(crate) fn type_name(&self) -> &'static str {
        match self {
            Self::Directory => "DIRECTORY",
            Self::Notebook { .. } => "NOTEBOOK",
            Self::File { .. } => "FILE",
        }
    }
}

/// Bytes that are shared rather than copied; base64 in the state file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Content(pub(crate) Arc<[u8]>);

impl Content {
    pub(crate) fn new(bytes: impl AsRef<[u8]>) -> Self {
        Self(Arc::from(bytes.as_ref()))
    }
}

impl Serialize for Content {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&STANDARD.encode(&self.0))
    }
}

impl<'de> Deserialize<'de> for Content {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        STANDARD.decode(text).map(Self::new).map_err(serde::de::Error::custom)
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
pub(crate) struct Tree {
    nodes: BTreeMap<String, Node>,
}

impl Tree {
    pub(crate) fn nodes(&self) -> impl Iterator<Item = (&String, &Node)> {
        self.nodes.iter()
    }

    pub(crate) fn get(&self, path: &str) -> Option<&Node> {
        self.nodes.get(path)
    }

    pub(crate) fn put(&mut self, path: &str, node: Node) {
        self.nodes.insert(path.to_owned(), node);
    }

    pub(crate) fn is_directory(&self, path: &str) -> bool {
        self.nodes.get(path).is_some_and(|node| node.kind == NodeKind::Directory)
    }

    /// What lies directly in a folder, by name.
    pub(crate) fn children<'a>(&'a self, folder: &str) -> Vec<(&'a String, &'a Node)> {
        let prefix = if folder == "/" { "/".to_owned() } else { format!("{folder}/") };
        self.below(&prefix)
            .filter(|(path, _)| {
                path.strip_prefix(prefix.as_str()).is_some_and(|rest| !rest.is_empty() && !rest.contains('/'))
            })
            .collect()
    }

    /// Removes an object and everything below it; says how many that were.
    pub(crate) fn remove(&mut self, path: &str) -> usize {
        let prefix = format!("{path}/");
        let mut doomed: Vec<String> = self.below(&prefix).map(|(path, _)| path.clone()).collect();
        doomed.push(path.to_owned());
        doomed.into_iter().filter(|path| self.nodes.remove(path).is_some()).count()
    }

    fn below<'a>(&'a self, prefix: &str) -> impl Iterator<Item = (&'a String, &'a Node)> + use<'a> {
        let prefix = prefix.to_owned();
        self.nodes.range(prefix.clone()..).take_while(move |(path, _)| path.starts_with(&prefix))
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
    if state.tree.is_directory(path) {
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
