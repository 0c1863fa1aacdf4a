//! Everything that one side has, from listings that are complete.

mod tree;
mod unlisted;

pub(crate) use self::{
    tree::{Leaf, is_home, is_of_every_workspace},
    unlisted::UnlistedFolders,
};

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::atomic::{AtomicBool, Ordering},
};

use farshore_databricks::{ApiError, ErrorKind, WorkspaceClient};
use farshore_model::kind::ObjectKind;
use futures::{TryFutureExt as _, future};
use tokio::{sync::OnceCell, time::Instant};

use self::tree::Tree;
use crate::{
    carried::MOST_ASKED_ABOUT,
    id_map::Entries,
    kinds::{self, Applications, Listed, Untouched},
};

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
    /// What one of the last applications has carried need not be read unless it changed after its moment here. By their
    /// places among them; None: that application says no more than the rest.
    pub(crate) carried_ms: [Option<i64>; MOST_ASKED_ABOUT],
}

/// All objects of one side.
#[derive(Clone, Debug, Default)]
pub(crate) struct Inventory {
    pub(crate) objects: BTreeMap<ObjectKind, Vec<Listed>>,
    /// Kinds that this workspace does not offer, with its own words about it.
    pub(crate) unavailable: BTreeMap<ObjectKind, String>,
    pub(crate) omitted: BTreeMap<String, Vec<String>>,
    pub(crate) unlisted: UnlistedFolders,
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

/// Lists everything but the kinds in `spared`. One listing that fails makes the inventory fail: what it would have
/// shown is not known. Of the listings of folders a few may fail: what lies in these stays as it is. A kind that the workspace's tier does not have is no failure, and is not taken for empty
/// either.
pub(crate) async fn list_all(
    client: &WorkspaceClient,
    max_in_flight: usize,
    until: KnownUntil,
    spared: &BTreeSet<ObjectKind>,
) -> Result<Inventory, ListFailed> {
    let began_at = Instant::now();
    let look = Look::new(client, max_in_flight, until).without(spared);
    let listings = ObjectKind::ALL.map(|kind| look.offered(kind));
    let own = client.me_if_told().map_err(|source| ListFailed { what: "own principal", source });
    let (refusals, own) = future::try_join(future::try_join_all(listings), own).await?;
    let lacks_libraries = look.lacks_libraries.load(Ordering::Relaxed);
    let unavailable: BTreeMap<ObjectKind, String> =
        ObjectKind::ALL.into_iter().zip(refusals).filter_map(|(kind, why)| Some((kind, why?))).collect();
    let objects = look.listings.into_iter().filter_map(|(kind, cell)| Some((kind, cell.into_inner()?)));
    let objects = objects.filter(|(kind, _)| !unavailable.contains_key(kind)).collect();
    let Tree { omitted, unlisted, .. } = look.tree.into_inner().unwrap_or_default();
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
        unlisted,
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
        let known = entries.keys().filter(|key| key.kind == kind).map(|key| &key.key);
        listed.map(|object| &object.id).chain(known).map(ToString::to_string).collect()
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
            let listed: BTreeSet<&str> = objects.iter().map(|object| &*object.id).collect();
            let unlisted = names.iter().filter(|name| !listed.contains(name.as_str())).cloned().collect();
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
        let mut since_carried = Applications::NONE;
        for (place, until_ms) in self.until.carried_ms.into_iter().enumerate() {
            if is_before(until_ms) {
                since_carried.insert(place);
            }
        }
        Untouched { since_verified: is_before(self.until.verified_ms), since_carried }
    }
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
