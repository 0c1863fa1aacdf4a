//! The tree of a workspace: its folders, and the notebooks and files that lie in them.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use farshore_databricks::{ApiError, ErrorKind, TreeObject};
use futures::{StreamExt as _, stream::FuturesUnordered};

use super::{KnownUntil, Look, UnlistedFolders, parent_of};
use crate::{
    carried::MOST_ASKED_ABOUT,
    kinds::{Applications, Untouched},
};

/// Folders that every workspace has.
const SYSTEM_FOLDERS: [&str; 5] = ["/", "/Users", SHARED, "/Repos", "/Workspace"];
/// The one of them whose access control list people decide about.
const SHARED: &str = "/Shared";
/// How the access control lists of objects without an id are called among what is not replicated.
const OMITTED_LISTS: &str = "ACCESS_CONTROL_LISTS";
/// Git folders live here; they are not descended into.
const REPOS: &str = "/Repos";

/// The tree of a workspace.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tree {
    pub(crate) folders: Vec<Leaf>,
    pub(crate) notebooks: Vec<Leaf>,
    pub(crate) files: Vec<Leaf>,
    changed: Changed,
    /// Paths of what is not replicated, by its type.
    pub(crate) omitted: BTreeMap<String, Vec<String>>,
    pub(crate) unlisted: UnlistedFolders,
}

/// What is kept of an object of the tree, of which there are many.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Leaf {
    pub(crate) path: Arc<str>,
    pub(crate) object_id: Option<i64>,
    /// Of a notebook.
    pub(crate) language: Option<String>,
    /// Of a file, in milliseconds since 1970.
    pub(crate) modified_at_ms: Option<i64>,
    /// Of a file.
    pub(crate) size_bytes: Option<u64>,
}

impl From<TreeObject> for Leaf {
    fn from(object: TreeObject) -> Self {
        let TreeObject { path, object_id, language, modified_at_ms, size_bytes, .. } = object;
        Self { path, object_id, language, modified_at_ms, size_bytes }
    }
}

/// The notebooks that changed after the moments asked for; None when no moment was given: any may have.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Changed {
    since_verified: Option<BTreeSet<Arc<str>>>,
    /// By the application, as [`KnownUntil::carried_ms`] has them.
    since_carried: [Option<BTreeSet<Arc<str>>>; MOST_ASKED_ABOUT],
}

impl Changed {
    fn note_since_carried(&mut self, place: usize, paths: impl IntoIterator<Item = Arc<str>>) {
        if let Some(changed) = self.since_carried.get_mut(place) {
            changed.get_or_insert_default().extend(paths);
        }
    }
}

/// One of the questions of which a walk through the tree consists.
struct Question {
    folder: String,
    about: About,
}

enum About {
    WhatIsIn,
    ChangedSinceVerified,
    /// By the application's place among the last ones.
    ChangedSinceCarried(usize),
}

impl Look<'_> {
    pub(crate) async fn tree(&self) -> Result<&Tree, ApiError> {
        self.tree.get_or_try_init(|| self.walk()).await
    }

    /// Folder by folder, because there is no listing of a whole tree; several at a time.
    async fn walk(&self) -> Result<Tree, ApiError> {
        let KnownUntil { verified_ms, carried_ms } = self.until;
        let mut tree = Tree::default();
        tree.changed.since_verified = verified_ms.map(|_| BTreeSet::new());
        tree.changed.since_carried = carried_ms.map(|moment| moment.map(|_| BTreeSet::new()));
        let what_is_in = |folder: String| Question { folder, about: About::WhatIsIn };
        let mut open = vec![what_is_in("/".to_owned())];
        let mut asked = FuturesUnordered::new();
        loop {
            while asked.len() < self.max_in_flight
                && let Some(question) = open.pop()
            {
                asked.push(self.ask(question));
            }
            let Some((Question { folder, about }, answer)) = asked.next().await else { break };
            let objects = match answer {
                Ok(objects) => objects,
                Err(answer) if is_of_every_workspace(&folder) => return Err(answer),
                Err(answer) => {
                    tree.unlisted.note(folder, answer)?;
                    continue;
                }
            };
            match about {
                About::WhatIsIn => {
                    if self.note_changes(&objects, &mut tree.changed) {
                        open.push(Question { folder, about: About::ChangedSinceVerified });
                    }
                    let mut folders = Vec::new();
                    objects.into_iter().for_each(|object| tree.sort_in(object, &mut folders));
                    open.extend(folders.into_iter().map(what_is_in));
                }
                About::ChangedSinceVerified => {
                    let changed: Vec<Arc<str>> = notebooks(objects).collect();
                    if !changed.is_empty() {
                        let asked_about = (0..).zip(carried_ms).filter(|(_, moment)| moment.is_some());
                        open.extend(asked_about.map(|(place, _)| Question {
                            folder: folder.clone(),
                            about: About::ChangedSinceCarried(place),
                        }));
                    }
                    tree.changed.since_verified.get_or_insert_default().extend(changed);
                }
                About::ChangedSinceCarried(place) => {
                    tree.changed.note_since_carried(place, notebooks(objects));
                }
            }
        }
        tree.folders.sort_by(|left, right| left.path.cmp(&right.path));
        tree.notebooks.sort_by(|left, right| left.path.cmp(&right.path));
        tree.files.sort_by(|left, right| left.path.cmp(&right.path));
        tree.omitted.values_mut().for_each(|paths| paths.sort());
        Ok(tree)
    }

    async fn ask(&self, question: Question) -> (Question, Result<Vec<TreeObject>, ApiError>) {
        let KnownUntil { verified_ms, carried_ms } = self.until;
        let folder = &question.folder;
        let answer = match question.about {
            About::WhatIsIn => self.folder(folder).await,
            About::ChangedSinceVerified => self.client.list_folder(folder, verified_ms).await,
            About::ChangedSinceCarried(place) => {
                let moment_ms = carried_ms.get(place).copied().flatten();
                self.client.list_folder(folder, moment_ms).await
            }
        };
        (question, answer)
    }

    /// The direct children of a folder.
    async fn folder(&self, path: &str) -> Result<Vec<TreeObject>, ApiError> {
        match self.client.list_folder(path, None).await {
            Ok(objects) => Ok(objects),
            // Deleted between the listing of its parent and now, if the parent says so as well.
            Err(error) if error.kind() == ErrorKind::NotFound && path != "/" => {
                let siblings = self.client.list_folder(parent_of(path), None).await?;
                if siblings.iter().any(|sibling| *sibling.path == *path) {
                    return Err(error);
                }
                Ok(Vec::new())
            }
            Err(error) => Err(error),
        }
    }

    /// Notes which of these changed, where the listing dates notebooks; answers whether another one has to be asked
    /// for, because it does not.
    fn note_changes(&self, objects: &[TreeObject], changed: &mut Changed) -> bool {
        if self.until.verified_ms.is_none() {
            return false;
        }
        let mut has_undated = false;
        for notebook in objects.iter().filter(|object| is_notebook(object)) {
            has_undated |= notebook.modified_at_ms.is_none();
            let dated = notebook.modified_at_ms.map(|at_ms| self.untouched_since(Some(at_ms)));
            if dated.is_some_and(|untouched| !untouched.since_verified) {
                changed.since_verified.get_or_insert_default().insert(notebook.path.clone());
            }
            for (place, _) in (0..).zip(self.until.carried_ms).filter(|(_, moment)| moment.is_some()) {
                if dated.is_some_and(|untouched| !untouched.since_carried.contains(place)) {
                    changed.note_since_carried(place, [notebook.path.clone()]);
                }
            }
        }
        has_undated
    }
}

fn notebooks(objects: Vec<TreeObject>) -> impl Iterator<Item = Arc<str>> {
    objects.into_iter().filter(is_notebook).map(|notebook| notebook.path)
}

fn is_notebook(object: &TreeObject) -> bool {
    object.object_type == "NOTEBOOK"
}

impl Tree {
    /// What is known of the content of the notebook.
    pub(crate) fn untouched(&self, path: &str) -> Untouched {
        let is_missing = |changed: &Option<BTreeSet<Arc<str>>>| {
            changed.as_ref().is_some_and(|changed| !changed.contains(path))
        };
        let mut since_carried = Applications::NONE;
        for (place, changed) in self.changed.since_carried.iter().enumerate() {
            if is_missing(changed) {
                since_carried.insert(place);
            }
        }
        Untouched { since_verified: is_missing(&self.changed.since_verified), since_carried }
    }

    /// The access control list of an object is known by an id that is not its path.
    fn note_list_of(&mut self, object: &TreeObject) {
        if object.object_id.is_none() {
            self.omitted.entry(OMITTED_LISTS.to_owned()).or_default().push(object.path.to_string());
        }
    }

    fn sort_in(&mut self, object: TreeObject, level: &mut Vec<String>) {
        match object.object_type.as_str() {
            "DIRECTORY" if *object.path == *REPOS || is_trash(&object.path) => {}
            "DIRECTORY" => {
                level.push(object.path.to_string());
                if *object.path == *SHARED || !SYSTEM_FOLDERS.contains(&&*object.path) {
                    self.note_list_of(&object);
                    self.folders.push(object.into());
                }
            }
            "NOTEBOOK" => {
                self.note_list_of(&object);
                self.notebooks.push(object.into());
            }
            "FILE" => {
                self.note_list_of(&object);
                self.files.push(object.into());
            }
            other => self.omitted.entry(other.to_owned()).or_default().push(object.path.to_string()),
        }
    }
}

/// A person's bin, which is no part of their work.
fn is_trash(path: &str) -> bool {
    path.strip_prefix("/Users/")
        .and_then(|rest| rest.split_once('/'))
        .is_some_and(|(_, inside)| inside == "Trash")
}

/// A folder that every workspace has.
pub(crate) fn is_of_every_workspace(path: &str) -> bool {
    SYSTEM_FOLDERS.contains(&path)
}

/// A person's home, which is made and removed with the person.
pub(crate) fn is_home(path: &str) -> bool {
    path.strip_prefix("/Users/").is_some_and(|name| !name.is_empty() && !name.contains('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_folders_of_people_are_told_from_others() {
        assert!(is_home("/Users/a@b.c") && !is_home("/Users/a@b.c/x") && !is_home("/Users"));
        assert!(is_trash("/Users/a@b.c/Trash") && !is_trash("/Shared/Trash"));
    }

    #[test]
    fn the_lists_of_what_has_no_id_are_told_and_the_objects_are_there() {
        let object = |object_type: &str, path: &str, object_id| TreeObject {
            object_id,
            object_type: object_type.to_owned(),
            path: path.into(),
            language: None,
            modified_at_ms: None,
            size_bytes: None,
            created_at_ms: None,
            resource_id: None,
        };
        let (mut tree, mut level) = (Tree::default(), Vec::new());
        tree.sort_in(object("DIRECTORY", "/Users", None), &mut level);
        tree.sort_in(object("DIRECTORY", "/etl", None), &mut level);
        tree.sort_in(object("NOTEBOOK", "/etl/load", None), &mut level);
        tree.sort_in(object("FILE", "/etl/a", Some(7)), &mut level);
        assert_eq!((tree.folders.len(), tree.notebooks.len(), tree.files.len()), (1, 1, 1));
        assert_eq!(tree.omitted[OMITTED_LISTS], ["/etl", "/etl/load"]);
        assert_eq!(level, ["/Users", "/etl"]);
    }
}
