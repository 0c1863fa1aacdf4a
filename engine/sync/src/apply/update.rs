//! Making an object that is there equal to what the plan wants.

use farshore_databricks::ApiError;
use farshore_model::{
    kind::ObjectKind,
    plan::{PlanAction, PlanItem},
};
use serde_json::Value;

use super::{Done, Failure, Run};
use crate::{
    canonical::hash,
    kinds::{self, Kind, Listed, Write, is_inactive, is_passive, nothing},
    passive::is_unanswered,
    references::KeyLookup as _,
};

impl Run<'_> {
    pub(super) async fn update(&self, item: &PlanItem) -> Result<Done, Failure> {
        let kind = kinds::of(item.object.kind);
        let target = self.target();
        let call_failed = |error| Failure::call(target, error);
        let mut entry = self.entry(item);
        // The plan has seen it, so that its id is newer than the ledger's.
        let known = item.target_id.as_deref().or(entry.id_on(target)).map(str::to_owned);
        let id = known.unwrap_or_else(|| self.name_on_target(&item.object));

        let Some(current) = self.read_on_target(item.object.kind, &id).await.map_err(call_failed)? else {
            return Err(Failure::item(
                format!("it is not in {target} any more"),
                "Nothing was changed; the next sync creates it again.".to_owned(),
            ));
        };
        let current_hash = self.hash_of(kind, &current);

        // Content is read only when the target is not as wanted already.
        let planned = self.planned(item);
        let (wanted, looked_at) = if planned.hash.as_ref() == Some(&current_hash) {
            (planned, self.planned_at)
        } else {
            let looked_at = self.ctx.clock.now();
            (self.loaded(kind, item).await?, looked_at)
        };
        // The two have never been equal: its creation was interrupted, and what belongs to that is made up for.
        let is_unsettled = entry.base_hash.is_none() && item.action == PlanAction::Update;
        let mut filled_in = entry.filled_in_hash.clone();
        let is_as_wanted = wanted.hash.as_deref() == Some(entry.compared(&current_hash));
        let mut done = Done::default();
        if is_as_wanted && !is_passive(kind, &current.raw) {
            let passive = kind.passive(&current.raw, &nothing).unwrap_or(Value::Null);
            kind.set_activation(self.target_client(), &current, &passive).await.map_err(call_failed)?;
        }
        if !is_as_wanted || is_unsettled {
            // Where the plan found nothing, whatever is there now is somebody's.
            let is_as_planned = item.target_id.is_some()
                && item.target_hash.as_ref().is_none_or(|planned| self.is_still(kind, &current, planned));
            // A listing that lagged behind may have shown it otherwise, or not at all.
            let is_as_agreed = entry.base_hash.as_deref() == Some(entry.compared(&current_hash));
            if !is_as_wanted && !is_as_planned && !is_as_agreed {
                return Err(Failure::changed_since(target));
            }
            if is_inactive(&wanted.form) {
                self.refuse_own(item)?;
            }
            let form = self.rendered(wanted.form.clone())?;
            let form = self.placed(item.object.kind, Some(&id), form).await.map_err(call_failed)?;
            let owner_id = self.owner_id(item);
            let kept = kind.keeps(&current.raw, &self.state().keys);
            let write = Write {
                form: &form,
                body: &wanted.body,
                owner_id: owner_id.as_deref(),
                kept: &kept,
                has_libraries: self.state().keys.compares_libraries(),
            };
            if !is_as_wanted {
                let updated = kind.update(self.target_client(), &current, write).await;
                self.unless_it_took_effect(item.object.kind, &id, wanted.hash.as_deref(), updated).await?;
            }
            if is_unsettled {
                kind.settle_created(self.target_client(), &id, write).await.map_err(call_failed)?;
            }
            done = self.write_as_admin(kind, &id, Some(&current), write).await?;
            filled_in = self.filled_in(kind, &id, &wanted.form, false).await;
        }
        entry.agree_on(self.agreed(item.object.kind, &id, wanted.hash, &done).await);
        entry.filled_in_hash = filled_in;
        entry.set_id_on(target, Some(id.into()));
        entry.intent = None;
        self.save_done_at(looked_at, entry, wanted.activation).await?;
        Ok(done)
    }

    /// Does what only an admin may do. A refusal leaves the object as it is otherwise.
    pub(super) async fn write_as_admin(
        &self,
        kind: &dyn Kind,
        id: &str,
        before: Option<&Listed>,
        write: Write<'_>,
    ) -> Result<Done, Failure> {
        match kind.write_as_admin(self.target_client(), id, before, write).await {
            Ok(()) => Ok(Done::default()),
            Err(error) if is_unanswered(&error) => Err(Failure::call(self.target(), error)),
            Err(refusal) => Ok(Done { refusal: Some(refusal) }),
        }
    }

    /// The hash of what both sides agree on after a write. Where a part of it was refused, that is what the
    /// target has: the source is ahead of it, and the next sync tries the rest again.
    pub(super) async fn agreed(
        &self,
        kind: ObjectKind,
        id: &str,
        wanted_hash: Option<String>,
        done: &Done,
    ) -> Option<String> {
        if done.refusal.is_none() {
            return wanted_hash;
        }
        let current = self.read_on_target(kind, id).await.ok().flatten()?;
        Some(self.hash_of(kinds::of(kind), &current))
    }

    /// A write whose answer was lost has failed only if the object is not as wanted now.
    pub(super) async fn unless_it_took_effect(
        &self,
        kind: ObjectKind,
        id: &str,
        wanted_hash: Option<&str>,
        written: Result<(), ApiError>,
    ) -> Result<(), Failure> {
        let Err(error) = written else { return Ok(()) };
        if error.may_have_taken_effect()
            && let Ok(Some(current)) = self.read_on_target(kind, id).await
            && wanted_hash == Some(&*self.hash_of(kinds::of(kind), &current))
            && is_passive(kinds::of(kind), &current.raw)
        {
            return Ok(());
        }
        Err(Failure::call(self.target(), error))
    }

    fn is_still(&self, kind: &dyn Kind, current: &Listed, planned_hash: &str) -> bool {
        kind.is_still(&self.state().keys.canonical(kind, &current.raw).form, planned_hash)
    }

    /// The hash of what the target has now.
    pub(super) fn hash_of(&self, kind: &dyn Kind, current: &Listed) -> String {
        hash(&self.state().keys.canonical(kind, &current.raw).form)
    }
}
