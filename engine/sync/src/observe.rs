//! From inventories to what the planner compares.

use std::collections::{BTreeMap, BTreeSet};

use farshore_databricks::{ApiError, ErrorKind, WorkspaceClient};
use farshore_model::{
    group::Side,
    kind::{ObjectKey, ObjectKind},
    ledger::LedgerEntry,
    sync_run::OutcomeState,
};
use futures::{StreamExt as _, TryStreamExt as _, stream};
use serde_json::Value;

use crate::{
    canonical::{hash, text},
    error::PlanError,
    id_map::{Entries, SideKeys},
    inventory::Inventory,
    kinds,
    planner::{Fingerprint, Objects, Seen},
};

/// Longer notebooks are compared by hash, and not shown line by line.
const LONGEST_SHOWN_BYTES: usize = 256 * 1024;

/// The objects of a side in canonical form. Notebooks are not read yet.
pub(crate) fn see(inventory: &Inventory, keys: &SideKeys) -> Objects {
    let mut objects = Objects::new();
    for (kind, listed) in &inventory.objects {
        let rules = kinds::of(*kind);
        for object in listed {
            let Some(key) = keys.of(*kind, &object.id) else { continue };
            let canonical = rules.canonical(&object.raw, keys);
            let fingerprint = match kind {
                ObjectKind::Notebooks => Fingerprint::Unread,
                _ => Fingerprint::Known(hash(&canonical.form)),
            };
            let seen = Seen {
                id: object.id.clone(),
                name: object.name.clone(),
                fingerprint,
                form: canonical.form,
                text: None,
                activation: rules.activation(&object.raw),
                passive: rules.passive(&object.raw),
                problems: canonical.problems,
            };
            objects.insert(key.clone(), seen);
        }
    }
    objects
}

/// The notebooks of each side that have to be read.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct ToRead {
    pub(crate) here: BTreeSet<ObjectKey>,
    pub(crate) there: BTreeSet<ObjectKey>,
}

/// Decides which notebooks have to be read, and notes of the others what is known without. `changed_*` are
/// those that changed since their side was last verified; None: it never was.
pub(crate) fn choose_notebooks(
    entries: &Entries,
    (here, changed_here): (&mut Objects, Option<&BTreeSet<String>>),
    (there, changed_there): (&mut Objects, Option<&BTreeSet<String>>),
) -> ToRead {
    let mut to_read = ToRead::default();
    let is_notebook = |key: &&ObjectKey| key.kind == ObjectKind::Notebooks;
    let keys: BTreeSet<ObjectKey> = here.keys().chain(there.keys()).filter(is_notebook).cloned().collect();
    for key in keys {
        let entry = entries.get(&key);
        let has_base = entry.is_some_and(|entry| entry.base_hash.is_some());
        let (is_here, is_there) = (here.contains_key(&key), there.contains_key(&key));
        // On one side alone, and never carried: it is created from whatever it is then, or left alone.
        let is_compared = has_base || (is_here && is_there);
        if !is_compared {
            continue;
        }
        let is_clean = entry.is_some_and(is_clean);
        let is_untouched = |changed: Option<&BTreeSet<String>>| {
            is_clean && changed.is_some_and(|all| !all.contains(&key.key))
        };
        for (objects, is_untouched, reads) in [
            (&mut *here, is_untouched(changed_here), &mut to_read.here),
            (&mut *there, is_untouched(changed_there), &mut to_read.there),
        ] {
            match objects.get_mut(&key) {
                Some(seen) if is_untouched => seen.fingerprint = Fingerprint::AsAgreed,
                Some(_) => {
                    reads.insert(key.clone());
                }
                None => {}
            }
        }
    }
    to_read
}

/// Both sides were equal when the object was last dealt with. After a failure or a skip they may differ in
/// ways that are older than the watermark.
fn is_clean(entry: &LedgerEntry) -> bool {
    entry.base_hash.is_some() && entry.last_outcome == Some(OutcomeState::Succeeded)
}

/// Reads notebooks of one side into their objects.
pub(crate) async fn read_notebooks(
    client: &WorkspaceClient,
    side: Side,
    objects: &mut Objects,
    keys: BTreeSet<ObjectKey>,
    max_in_flight: usize,
) -> Result<(), PlanError> {
    let languages: BTreeMap<String, String> = keys
        .iter()
        .filter_map(|key| Some((key.key.clone(), text(&objects.get(key)?.form, "language")?.to_owned())))
        .collect();
    let read: Vec<(String, Read)> = stream::iter(languages)
        .map(|(path, language)| read_notebook(client, side, path, language))
        .buffer_unordered(max_in_flight.max(1))
        .try_collect()
        .await?;
    for (path, read) in read {
        let key = ObjectKey { kind: ObjectKind::Notebooks, key: path };
        if let Some(seen) = objects.get_mut(&key) {
            seen.fingerprint = read.fingerprint;
            seen.text = read.text;
            if let Some(form) = read.form {
                seen.form = form;
            }
        }
    }
    Ok(())
}

struct Read {
    fingerprint: Fingerprint,
    form: Option<Value>,
    text: Option<String>,
}

async fn read_notebook(
    client: &WorkspaceClient,
    side: Side,
    path: String,
    language: String,
) -> Result<(String, Read), PlanError> {
    let read = match client.export_notebook(&path).await {
        Ok(source) => {
            let form = kinds::notebook_form(&language, &source);
            let is_short = source.len() <= LONGEST_SHOWN_BYTES;
            let text = is_short.then(|| String::from_utf8_lossy(&source).into_owned());
            Read { fingerprint: Fingerprint::Known(hash(&form)), form: Some(form), text }
        }
        Err(error) if is_about_this_object(&error) => {
            Read { fingerprint: Fingerprint::Unreadable(error.to_string()), form: None, text: None }
        }
        Err(source) => return Err(PlanError::Read { side, path, source }),
    };
    Ok((path, read))
}

/// The workspace works, and refuses this one object: no reason to stop for all others.
fn is_about_this_object(error: &ApiError) -> bool {
    use ErrorKind::{Conflict, FeatureDisabled, Forbidden, Invalid, NotFound, QuotaExceeded, TooLarge};
    matches!(
        error.kind(),
        Conflict | FeatureDisabled | Forbidden | Invalid | NotFound | QuotaExceeded | TooLarge
    )
}
