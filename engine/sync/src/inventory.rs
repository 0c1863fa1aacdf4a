//! Everything that one side has, from listings that are complete.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::atomic::{AtomicBool, Ordering},
};

use farshore_databricks::{ApiError, ErrorKind, TreeObject, WorkspaceClient};
use farshore_model::kind::ObjectKind;
use futures::{StreamExt as _, TryFutureExt as _, future, stream::FuturesUnordered};
use tokio::{sync::OnceCell, time::Instant};

use crate::{
    id_map::Entries,
    kinds::{self, Listed, Untouched},
};

/// Folders that every workspace has.
const SYSTEM_FOLDERS: [&str; 5] = ["/", "/Users", "/Shared", "/Repos", "/Workspace"];
/// How the access control lists of objects without an id are called among what is not replicated.
const OMITTED_LISTS: &str = "ACCESS_CONTROL_LISTS";
/// Git folders live here; they are not descended into.
const REPOS: &str = "/Repos";

/// One look at one workspace. Every kind is listed at most once, and the tree is walked once for all kinds
/// that lie in it.
pub(crate) struct Look<'a> {
    pub(crate) client: &'a WorkspaceClient,
    pub(crate) max_in_flight: usize,
    until: KnownUntil,
    tree: OnceCell<Tree>,
    listings: BTreeMap<ObjectKind, OnceCell<Vec<Listed>>>,
    lacks_libraries: AtomicBool,
}

/// Up to when the content of a side is known, in milliseconds since 1970 by its workspace's clock.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct KnownUntil {
    /// What changed later has to be read.
    pub(crate) verified_ms: Option<i64>,
    /// What the last application has carried need not be read unless it changed after this.
    pub(crate) carried_ms: Option<i64>,
}

/// The tree of a workspace.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tree {
    pub(crate) folders: Vec<TreeObject>,
    pub(crate) notebooks: Vec<TreeObject>,
    pub(crate) files: Vec<TreeObject>,
    changed: Changed,
    /// Paths of what is not replicated, by its type.
    pub(crate) omitted: BTreeMap<String, Vec<String>>,
}

/// The notebooks that changed after the moments asked for; None when no moment was given: any may have.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Changed {
    since_verified: Option<BTreeSet<String>>,
    since_carried: Option<BTreeSet<String>>,
}

/// One of the questions of which a walk through the tree consists, about a folder.
enum Question {
    WhatIsIn(String),
    ChangedSinceVerified(String),
    ChangedSinceCarried(String),
}

/// Its answer.
enum Answer {
    Objects(String, Vec<TreeObject>),
    ChangedSinceVerified(String, Vec<String>),
    ChangedSinceCarried(Vec<String>),
}

/// All objects of one side.
#[derive(Clone, Debug, Default)]
pub(crate) struct Inventory {
    pub(crate) objects: BTreeMap<ObjectKind, Vec<Listed>>,
    /// Kinds that this workspace does not offer, with its own words about it.
    pub(crate) unavailable: BTreeMap<ObjectKind, String>,
    pub(crate) omitted: BTreeMap<String, Vec<String>>,
    /// The workspace does not tell what is installed on its clusters.
    pub(crate) lacks_libraries: bool,
    /// The principal whose credential this side was looked at with.
    pub(crate) own_id: Option<String>,
    /// The workspace does not answer who that is.
    pub(crate) is_own_untold: bool,
    /// That principal is known not to be an administrator, so that objects of others may be hidden from it.
    pub(crate) is_half_blind: bool,
    /// When the look began, by the workspace's clock, where it tells.
    pub(crate) began_at_ms: Option<i64>,
}

/// A listing failed; everything that was listed beside it is thrown away.
#[derive(Debug)]
pub(crate) struct ListFailed {
    pub(crate) what: &'static str,
    pub(crate) source: ApiError,
}

/// Lists everything but the kinds in `unlisted`. One listing that fails makes the inventory fail: what it would have
/// shown is not known. A kind that the workspace's tier does not have is no failure, and is not taken for empty
/// either.
pub(crate) async fn list_all(
    client: &WorkspaceClient,
    max_in_flight: usize,
    until: KnownUntil,
    unlisted: &BTreeSet<ObjectKind>,
) -> Result<Inventory, ListFailed> {
    let began_at = Instant::now();
    let look = Look::new(client, max_in_flight, until).without(unlisted);
    let listings = ObjectKind::ALL.map(|kind| look.offered(kind));
    let own = client.me_if_told().map_err(|source| ListFailed { what: "own principal", source });
    let (refusals, own) = future::try_join(future::try_join_all(listings), own).await?;
    let lacks_libraries = look.lacks_libraries.load(Ordering::Relaxed);
    let unavailable: BTreeMap<ObjectKind, String> =
        ObjectKind::ALL.into_iter().zip(refusals).filter_map(|(kind, why)| Some((kind, why?))).collect();
    let objects = look.listings.into_iter().filter_map(|(kind, cell)| Some((kind, cell.into_inner()?)));
    let objects = objects.filter(|(kind, _)| !unavailable.contains_key(kind)).collect();
    let omitted = look.tree.into_inner().unwrap_or_default().omitted;
    let took_ms = i64::try_from(began_at.elapsed().as_millis()).unwrap_or(i64::MAX);
    let began_at_ms = client.workspace_time_ms().map(|now_ms| now_ms.saturating_sub(took_ms));
    // One that tells no groups at all does not tell whether that is one of them.
    let is_half_blind = own.as_ref().is_some_and(|own| !own.is_admin && !own.groups.is_empty());
    let is_own_untold = own.is_none();
    let own_id = own.and_then(|own| own.id);
    Ok(Inventory {
        objects,
        unavailable,
        omitted,
        lacks_libraries,
        own_id,
        is_own_untold,
        is_half_blind,
        began_at_ms,
    })
}

/// Of the kinds that are listed by reference: what either side lists, and what the ledger knows. All of them are
/// named by their path, which is the same on both sides.
pub(crate) fn named(
    inventories: [&Inventory; 2],
    entries: &Entries,
) -> BTreeMap<ObjectKind, BTreeSet<String>> {
    let by_reference = ObjectKind::ALL.into_iter().filter(|kind| kinds::of(*kind).is_listed_by_reference());
    let named = |kind: ObjectKind| {
        let listed = inventories.iter().filter_map(|inventory| inventory.objects.get(&kind)).flatten();
        let known = entries.keys().filter(|key| key.kind == kind).map(|key| key.key.clone());
        listed.map(|object| object.id.clone()).chain(known).collect()
    };
    by_reference.map(|kind| (kind, named(kind))).collect()
}

impl Inventory {
    /// Adds what nothing on this side refers to, but something on the other one, or once did. A kind that turns out
    /// not to be offered is as one that could not be listed.
    pub(crate) async fn find(
        &mut self,
        look: &Look<'_>,
        named: &BTreeMap<ObjectKind, BTreeSet<String>>,
    ) -> Result<(), ListFailed> {
        for (kind, names) in named {
            let Some(objects) = self.objects.get_mut(kind) else { continue };
            let listed: BTreeSet<&String> = objects.iter().map(|object| &object.id).collect();
            let unlisted = names.iter().filter(|name| !listed.contains(name)).cloned().collect();
            match kinds::of(*kind).find(look, unlisted).await {
                Ok(found) => objects.extend(found),
                Err(error) if error.kind() == ErrorKind::FeatureDisabled => {
                    self.objects.remove(kind);
                    self.unavailable.insert(*kind, error.to_string());
                }
                Err(source) => return Err(ListFailed { what: kind.plural(), source }),
            }
        }
        Ok(())
    }

    /// Leaves out what is only referred to: on the side that is written, it can be put there.
    pub(crate) fn leave_out_what_is_missing(&mut self) {
        for (kind, objects) in &mut self.objects {
            objects.retain(|object| !kinds::of(*kind).is_missing(&object.raw));
        }
    }
}

/// Whether this is a workspace's way of saying that it does not have the kind. All other listings of a look have to
/// succeed, so that what has answered here is a workspace.
pub(crate) fn is_not_offered(kind: ObjectKind, error: &ApiError) -> bool {
    use ErrorKind::{FeatureDisabled, Forbidden, Invalid, NotDatabricks, NotFound};
    // What only some workspaces have. The others may know nothing of its address, and have no words of their own about it.
    let is_of_some = matches!(kind, ObjectKind::InstanceProfiles | ObjectKind::InitScripts);
    match error.kind() {
        FeatureDisabled => true,
        NotFound | NotDatabricks | Invalid | Forbidden if is_of_some && error.code().is_none() => {
            matches!(error.status(), Some(400 | 403 | 404 | 405))
        }
        _ => false,
    }
}

impl<'a> Look<'a> {
    pub(crate) fn new(client: &'a WorkspaceClient, max_in_flight: usize, until: KnownUntil) -> Self {
        let listings = ObjectKind::ALL.map(|kind| (kind, OnceCell::new()));
        Self {
            client,
            max_in_flight: max_in_flight.max(1),
            until,
            tree: OnceCell::new(),
            listings: listings.into(),
            lacks_libraries: AtomicBool::new(false),
        }
    }

    /// The same look, to which objects of these kinds do not exist.
    fn without(mut self, kinds: &BTreeSet<ObjectKind>) -> Self {
        self.listings.retain(|kind, _| !kinds.contains(kind));
        self
    }

    /// The workspace does not tell what is installed on its clusters.
    pub(crate) fn note_that_libraries_are_not_offered(&self) {
        self.lacks_libraries.store(true, Ordering::Relaxed);
    }

    /// Every object of the kind.
    pub(crate) async fn listed(&self, kind: ObjectKind) -> Result<&[Listed], ApiError> {
        let Some(cell) = self.listings.get(&kind) else { return Ok(&[]) };
        let listed = cell.get_or_try_init(|| kinds::of(kind).list(self)).await?;
        Ok(listed)
    }

    /// Lists the kind; answers why the workspace does not have it at all.
    async fn offered(&self, kind: ObjectKind) -> Result<Option<String>, ListFailed> {
        match self.listed(kind).await {
            Ok(_) => Ok(None),
            Err(error) if is_not_offered(kind, &error) => Ok(Some(error.to_string())),
            Err(source) => Err(ListFailed { what: kind.plural(), source }),
        }
    }

    /// What is known of the content of an object that last changed then, by the workspace's clock.
    pub(crate) fn untouched_since(&self, modified_at_ms: Option<i64>) -> Untouched {
        let is_before = |until_ms: Option<i64>| {
            until_ms.zip(modified_at_ms).is_some_and(|(until_ms, at_ms)| at_ms <= until_ms)
        };
        Untouched {
            since_verified: is_before(self.until.verified_ms),
            since_carried: is_before(self.until.carried_ms),
        }
    }

    pub(crate) async fn tree(&self) -> Result<&Tree, ApiError> {
        self.tree.get_or_try_init(|| self.walk()).await
    }

    /// Folder by folder, because there is no listing of a whole tree; several at a time.
    async fn walk(&self) -> Result<Tree, ApiError> {
        let KnownUntil { verified_ms, carried_ms } = self.until;
        let mut tree = Tree::default();
        tree.changed.since_verified = verified_ms.map(|_| BTreeSet::new());
        tree.changed.since_carried = carried_ms.map(|_| BTreeSet::new());
        let mut open = vec![Question::WhatIsIn("/".to_owned())];
        let mut asked = FuturesUnordered::new();
        loop {
            while asked.len() < self.max_in_flight
                && let Some(question) = open.pop()
            {
                asked.push(self.answer(question));
            }
            let Some(answer) = asked.next().await else { break };
            match answer? {
                Answer::Objects(folder, objects) => {
                    if self.note_changes(&objects, &mut tree.changed) {
                        open.push(Question::ChangedSinceVerified(folder));
                    }
                    let mut folders = Vec::new();
                    objects.into_iter().for_each(|object| tree.sort_in(object, &mut folders));
                    open.extend(folders.into_iter().map(Question::WhatIsIn));
                }
                Answer::ChangedSinceVerified(folder, changed) => {
                    if !changed.is_empty() && carried_ms.is_some() {
                        open.push(Question::ChangedSinceCarried(folder));
                    }
                    tree.changed.since_verified.get_or_insert_default().extend(changed);
                }
                Answer::ChangedSinceCarried(changed) => {
                    tree.changed.since_carried.get_or_insert_default().extend(changed);
                }
            }
        }
        tree.folders.sort_by(|left, right| left.path.cmp(&right.path));
        tree.notebooks.sort_by(|left, right| left.path.cmp(&right.path));
        tree.files.sort_by(|left, right| left.path.cmp(&right.path));
        tree.omitted.values_mut().for_each(|paths| paths.sort());
        Ok(tree)
    }

    async fn answer(&self, question: Question) -> Result<Answer, ApiError> {
        let KnownUntil { verified_ms, carried_ms } = self.until;
        Ok(match question {
            Question::WhatIsIn(folder) => {
                let objects = self.folder(&folder).await?;
                Answer::Objects(folder, objects)
            }
            Question::ChangedSinceVerified(folder) => {
                let changed = self.changed_in(&folder, verified_ms).await?;
                Answer::ChangedSinceVerified(folder, changed)
            }
            Question::ChangedSinceCarried(folder) => {
                Answer::ChangedSinceCarried(self.changed_in(&folder, carried_ms).await?)
            }
        })
    }

    /// The direct children of a folder.
    async fn folder(&self, path: &str) -> Result<Vec<TreeObject>, ApiError> {
        match self.client.list_folder(path, None).await {
            Ok(objects) => Ok(objects),
            // Deleted between the listing of its parent and now, if the parent says so as well.
            Err(error) if error.kind() == ErrorKind::NotFound && path != "/" => {
                let siblings = self.client.list_folder(parent_of(path), None).await?;
                if siblings.iter().any(|sibling| sibling.path == path) {
                    return Err(error);
                }
                Ok(Vec::new())
            }
            Err(error) => Err(error),
        }
    }

    /// The notebooks of a folder that changed after this moment.
    async fn changed_in(&self, folder: &str, after_ms: Option<i64>) -> Result<Vec<String>, ApiError> {
        let recent = self.client.list_folder(folder, after_ms).await?;
        Ok(recent.into_iter().filter(is_notebook).map(|notebook| notebook.path).collect())
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
            if dated.is_some_and(|untouched| !untouched.since_carried) {
                changed.since_carried.get_or_insert_default().insert(notebook.path.clone());
            }
        }
        has_undated
    }
}

fn is_notebook(object: &TreeObject) -> bool {
    object.object_type == "NOTEBOOK"
}

impl Tree {
    /// What is known of the content of the notebook.
    pub(crate) fn untouched(&self, path: &str) -> Untouched {
        let is_missing = |changed: &Option<BTreeSet<String>>| {
            changed.as_ref().is_some_and(|changed| !changed.contains(path))
        };
        Untouched {
            since_verified: is_missing(&self.changed.since_verified),
            since_carried: is_missing(&self.changed.since_carried),
        }
    }

    /// The access control list of an object is known by an id that is not its path.
    fn note_list_of(&mut self, object: &TreeObject) {
        if object.object_id.is_none() {
            self.omitted.entry(OMITTED_LISTS.to_owned()).or_default().push(object.path.clone());
        }
    }

    fn sort_in(&mut self, object: TreeObject, level: &mut Vec<String>) {
        match object.object_type.as_str() {
            "DIRECTORY" if object.path == REPOS || is_trash(&object.path) => {}
            "DIRECTORY" => {
                level.push(object.path.clone());
                if !SYSTEM_FOLDERS.contains(&object.path.as_str()) {
                    self.note_list_of(&object);
                    self.folders.push(object);
                }
            }
            "NOTEBOOK" => {
                self.note_list_of(&object);
                self.notebooks.push(object);
            }
            "FILE" => {
                self.note_list_of(&object);
                self.files.push(object);
            }
            other => self.omitted.entry(other.to_owned()).or_default().push(object.path),
        }
    }
}

/// A person's bin, which is no part of their work.
fn is_trash(path: &str) -> bool {
    path.strip_prefix("/Users/")
        .and_then(|rest| rest.split_once('/'))
        .is_some_and(|(_, inside)| inside == "Trash")
}

/// A person's home, which is made and removed with the person.
pub(crate) fn is_home(path: &str) -> bool {
    path.strip_prefix("/Users/").is_some_and(|name| !name.is_empty() && !name.contains('/'))
}

/// The folder in which a path lies.
pub(crate) fn parent_of(path: &str) -> &str {
    match path.rsplit_once('/') {
        Some(("", _)) | None => "/",
        Some((parent, _)) => parent,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_taken_apart() {
        assert_eq!(parent_of("/Shared/etl/load"), "/Shared/etl");
        assert_eq!(parent_of("/Shared"), "/");
        assert!(is_home("/Users/a@b.c") && !is_home("/Users/a@b.c/x") && !is_home("/Users"));
        assert!(is_trash("/Users/a@b.c/Trash") && !is_trash("/Shared/Trash"));
    }

    #[test]
    fn the_lists_of_what_has_no_id_are_told_and_the_objects_are_there() {
        let object = |object_type: &str, path: &str, object_id| TreeObject {
            object_id,
            object_type: object_type.to_owned(),
            path: path.to_owned(),
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

    #[test]
    fn only_what_some_workspaces_have_is_not_offered_by_a_page_that_nobody_knows() {
        let page = |kind, status| ApiError::new(kind, "list", "a page").with_status(status);
        let not_found = page(ErrorKind::NotDatabricks, 404);
        for kind in ObjectKind::ALL {
            let is_of_some = matches!(kind, ObjectKind::InstanceProfiles | ObjectKind::InitScripts);
            assert_eq!(is_not_offered(kind, &not_found), is_of_some, "{kind}");
            assert!(is_not_offered(kind, &ApiError::new(ErrorKind::FeatureDisabled, "list", "no")));
        }
        for (kind, status) in [
            (ErrorKind::NotDatabricks, 200),
            (ErrorKind::NotDatabricks, 302),
            (ErrorKind::HalfAnswer, 200),
            (ErrorKind::Server, 500),
            (ErrorKind::Unauthenticated, 403),
            (ErrorKind::Throttled, 400),
        ] {
            assert!(!is_not_offered(ObjectKind::InitScripts, &page(kind, status)), "{kind:?} {status}");
        }
        let own_words = page(ErrorKind::Forbidden, 403).with_code(Some("PERMISSION_DENIED".to_owned()));
        assert!(!is_not_offered(ObjectKind::InitScripts, &own_words));
    }
}
