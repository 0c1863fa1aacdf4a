//! Creating an object exactly once.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use farshore_databricks::{ApiError, ErrorKind};
use farshore_model::{
    ledger::{CreateIntent, LedgerEntry},
    plan::PlanItem,
};

use super::{Done, Failure, Run};
use crate::{
    inventory::{KnownUntil, Look, parent_of},
    kinds::{self, Kind, Naming, Write},
    recovery::{created_by, is_taken, unlisted_for_us},
    references::KeyLookup as _,
};

/// How long after the first look the marked object is looked for once more when an answer was lost: the call may take
/// effect a little later.
const LOOK_AGAIN_AFTER: Duration = Duration::from_millis(1_500);
/// The longest that a workspace may make it wait for that.
const LONGEST_WAIT: Duration = Duration::from_secs(20);
/// How often a create whose effect was looked for in vain is sent at most.
const MOST_ATTEMPTS: u32 = 2;
/// The same where the workspace says that it is not available at this moment.
const MOST_ATTEMPTS_WHILE_UNAVAILABLE: u32 = 4;

impl Run<'_> {
    pub(super) async fn create(&self, item: &PlanItem) -> Result<Done, Failure> {
        let kind = kinds::of(item.object.kind);
        if self.is_there(item, kind).await? {
            // Created before a crash, or by somebody since the plan was made: compared, not overwritten.
            return self.update(item).await;
        }
        let wanted = self.loaded(kind, item).await?;
        let form = self.rendered(wanted.form.clone())?;
        let form = self.placed(item.object.kind, None, form).await;
        let form = form.map_err(|error| Failure::call(self.target(), error))?;
        let owner_id = self.owner_id(item);
        let write = Write {
            form: &form,
            body: &wanted.body,
            owner_id: owner_id.as_deref(),
            kept: &[],
            has_libraries: self.state().keys.compares_libraries(),
        };

        let mut entry = self.entry(item);
        // Of content, only what was just read tells that there is something to hold.
        if wanted.activation.is_some() {
            entry.set_awaits_release_on(self.target(), true);
        }
        let id = match kind.naming() {
            Naming::Path => {
                let path = self.name_on_target(&item.object);
                let created = kind.create(self.target_client(), &path, write, "").await;
                self.unless_it_took_effect(
                    item.object.kind,
                    &path,
                    wanted.hash.as_deref(),
                    created.map(drop),
                )
                .await?;
                path
            }
            // Written onto what is there already: repeating it is the same as doing it once.
            Naming::Part => {
                let created = kind.create(self.target_client(), &item.object.key, write, "").await;
                created.map_err(|error| Failure::call(self.target(), error))?
            }
            Naming::UniqueName | Naming::AnyName => self.create_once(kind, item, &mut entry, write).await?,
        };
        let settled = match kind.settle_created(self.target_client(), &id, write).await {
            Ok(()) => self.write_as_admin(kind, &id, None, write).await,
            Err(error) => Err(Failure::call(self.target(), error)),
        };
        entry.set_id_on(self.target(), Some(id.as_str().into()));
        entry.intent = None;
        let done = match settled {
            Ok(done) => done,
            Err(failure) => {
                // It exists, so its id must not be lost; the next sync finds what is not as wanted about it.
                entry.activation = wanted.activation;
                self.save(entry).await?;
                return Err(failure);
            }
        };
        entry.agree_on(self.agreed(item.object.kind, &id, wanted.hash, &done).await);
        entry.filled_in_hash = self.filled_in(kind, &id, &wanted.form, true).await;
        self.save_done(entry, wanted.activation).await?;
        Ok(done)
    }

    /// The plan found nothing on the target. Is there something now?
    async fn is_there(&self, item: &PlanItem, kind: &dyn Kind) -> Result<bool, Failure> {
        let call_failed = |error| Failure::call(self.target(), error);
        // It comes with what it is a part of, and was not there without that.
        if kind.naming() == Naming::Part {
            return Ok(false);
        }
        if kind.is_in_tree() {
            let path = &item.object.key;
            if !self.is_in_its_folder(path).await.map_err(call_failed)? {
                return Ok(false);
            }
            if kind.is_there(self.target_client(), path).await.map_err(call_failed)? {
                return Ok(true);
            }
            let (what, target) = (item.object.kind.singular(), self.target());
            return Err(Failure::item(
                format!("something that is no {what} is at its path in {target}"),
                format!(
                    "Nothing was changed. Move or delete it in {target}; the next sync creates the {what}."
                ),
            ));
        }
        let known = self
            .state()
            .entries
            .get(&item.object)
            .and_then(|entry| entry.id_on(self.target()).map(str::to_owned));
        let known =
            known.or_else(|| (kind.naming() == Naming::Path).then(|| self.name_on_target(&item.object)));
        match known {
            Some(id) => Ok(kind.read(self.target_client(), &id).await.map_err(call_failed)?.is_some()),
            None => Ok(false),
        }
    }

    /// Each folder is listed once, not once for each notebook in it.
    async fn is_in_its_folder(&self, path: &str) -> Result<bool, ApiError> {
        let parent = parent_of(path).to_owned();
        let cell = Arc::clone(self.state().folders.entry(parent.clone()).or_default());
        let listed = cell
            .get_or_try_init(|| async {
                match self.target_client().list_folder(&parent, None).await {
                    Ok(objects) => Ok(objects.into_iter().map(|object| object.path).collect()),
                    Err(error) if error.kind() == ErrorKind::NotFound => Ok(BTreeSet::new()),
                    Err(error) => Err(error),
                }
            })
            .await?;
        Ok(listed.contains(path))
    }

    async fn create_once(
        &self,
        kind: &dyn Kind,
        item: &PlanItem,
        entry: &mut LedgerEntry,
        write: Write<'_>,
    ) -> Result<String, Failure> {
        let target = self.target();
        let open = entry.intent.clone().filter(|intent| intent.side == target);
        let mark = match open {
            // An earlier application was interrupted between the intent and its end.
            Some(intent) => {
                if let Some(id) = self.look_for_created(kind, entry).await? {
                    return Ok(id);
                }
                // Created anew while the listing lags behind, it would be there twice.
                let unlisted_for = Duration::from_micros(unlisted_for_us(&intent, self.ctx.clock.now()));
                if !unlisted_for.is_zero() {
                    tokio::time::sleep(unlisted_for).await;
                    if let Some(id) = self.look_for_created(kind, entry).await? {
                        return Ok(id);
                    }
                }
                intent.mark
            }
            None => {
                let mark = self.ctx.ids.next().simple().to_string();
                let intent = CreateIntent { side: target, mark: mark.clone(), at: self.ctx.clock.now() };
                entry.intent = Some(intent);
                self.save(entry.clone()).await?;
                mark
            }
        };
        let mut attempt = 1;
        loop {
            let error = match kind.create(self.target_client(), &item.object.key, write, &mark).await {
                Ok(id) => return Ok(id),
                Err(error) => error,
            };
            if !error.may_have_taken_effect() {
                entry.intent = None;
                self.save(entry.clone()).await?;
                return Err(Failure::call(target, error));
            }
            let asked_for = error.retry_after().unwrap_or_default();
            for wait in [Duration::ZERO, asked_for.clamp(LOOK_AGAIN_AFTER, LONGEST_WAIT)] {
                tokio::time::sleep(wait).await;
                if let Some(id) = self.look_for_created(kind, entry).await? {
                    return Ok(id);
                }
            }
            if attempt >= most_attempts(&error) {
                // The intent stays: the next sync looks for the mark again.
                return Err(Failure::call(target, error));
            }
            attempt += 1;
        }
    }

    async fn look_for_created(
        &self,
        kind: &dyn Kind,
        entry: &LedgerEntry,
    ) -> Result<Option<String>, Failure> {
        let look = Look::new(self.target_client(), self.ctx.options.max_in_flight, KnownUntil::default());
        let listed = kind.list(&look).await.map_err(|error| Failure::call(self.target(), error))?;
        let state = self.state();
        Ok(created_by(entry, &listed, |id| is_taken(&state.entries, entry, self.target(), id))
            .map(|id| id.to_string()))
    }
}

fn most_attempts(error: &ApiError) -> u32 {
    if error.status() == Some(503) { MOST_ATTEMPTS_WHILE_UNAVAILABLE } else { MOST_ATTEMPTS }
}
