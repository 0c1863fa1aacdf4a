//! Making an object that is there equal to what the plan wants.

use farshore_databricks::ApiError;
use farshore_model::plan::{PlanAction, PlanItem};
use serde_json::Value;

use super::{Failure, Run};
use crate::{
    canonical::hash,
    kinds::{self, Kind, Listed, Write, is_passive},
};

impl Run<'_> {
    pub(super) async fn update(&self, item: &PlanItem) -> Result<(), Failure> {
        let kind = kinds::of(item.object.kind);
        let target = self.target();
        let call_failed = |error| Failure::call(target, error);
        let mut entry = self.entry(item);
        let known = entry.id_on(target).or(item.target_id.as_deref()).map(str::to_owned);
        let id = known.unwrap_or_else(|| item.object.key.clone());

        let Some(current) = kind.read(self.target_client(), &id).await.map_err(call_failed)? else {
            return Err(Failure::item(
                format!("it is not in {target} any more"),
                "Nothing was changed; the next sync creates it again.".to_owned(),
            ));
        };
        let current_hash = self.hash_of(kind, &current);

        // Content is read only when the target is not as wanted already.
        let planned = self.planned(item);
        let wanted = if planned.hash.as_ref() == Some(&current_hash) {
            planned
        } else {
            self.loaded(kind, item).await?
        };
        if wanted.hash.as_ref() != Some(&current_hash) {
            // Where the plan found nothing, whatever is there now is somebody's.
            let is_as_planned = item.target_id.is_some()
                && item.target_hash.as_ref().is_none_or(|planned| self.is_still(kind, &current, planned));
            if !is_as_planned {
                return Err(Failure::changed_since(target));
            }
            let form = self.rendered(wanted.form)?;
            let owner_id = self.owner_id(item);
            let write = Write { form: &form, body: &wanted.body, owner_id: owner_id.as_deref() };
            let updated = kind.update(self.target_client(), &current, write).await;
            self.unless_it_took_effect(kind, &id, wanted.hash.as_deref(), updated).await?;
        } else if !is_passive(kind, &current.raw) {
            let passive = kind.passive(&current.raw, &self.state().keys).unwrap_or(Value::Null);
            let passive = self.rendered(passive)?;
            kind.set_activation(self.target_client(), &current, &passive).await.map_err(call_failed)?;
        }
        // The two have never been equal: its creation was interrupted, and what belongs to that is made up for.
        if entry.base_hash.is_none() && item.action == PlanAction::Update {
            kind.settle_created(self.target_client(), &id).await.map_err(call_failed)?;
        }
        entry.set_id_on(target, Some(id));
        entry.base_hash = wanted.hash;
        entry.intent = None;
        self.save_done(entry, wanted.activation).await
    }

    /// A write whose answer was lost has failed only if the object is not as wanted now.
    pub(super) async fn unless_it_took_effect(
        &self,
        kind: &dyn Kind,
        id: &str,
        wanted_hash: Option<&str>,
        written: Result<(), ApiError>,
    ) -> Result<(), Failure> {
        let Err(error) = written else { return Ok(()) };
        if error.may_have_taken_effect()
            && let Ok(Some(current)) = kind.read(self.target_client(), id).await
            && wanted_hash == Some(&*self.hash_of(kind, &current))
            && is_passive(kind, &current.raw)
        {
            return Ok(());
        }
        Err(Failure::call(self.target(), error))
    }

    fn is_still(&self, kind: &dyn Kind, current: &Listed, planned_hash: &str) -> bool {
        kind.is_still(&kind.canonical(&current.raw, &self.state().keys).form, planned_hash)
    }

    /// The hash of what the target has now.
    pub(super) fn hash_of(&self, kind: &dyn Kind, current: &Listed) -> String {
        hash(&kind.canonical(&current.raw, &self.state().keys).form)
    }
}
