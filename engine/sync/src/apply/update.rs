//! Making an object that is there equal to what the plan wants.

use farshore_model::plan::PlanItem;
use serde_json::{Value, json};

use super::{Failure, Run};
use crate::{
    canonical::hash,
    kinds::{self, Content, Kind, Listed, Write, is_passive},
};

impl Run<'_> {
    pub(super) async fn update(&self, item: &PlanItem) -> Result<(), Failure> {
        let kind = kinds::of(item.object.kind);
        let target = self.target();
        let call_failed = |error| Failure::call(target, error);
        let mut entry = self.entry(item);
        let known = entry.id_on(target).or(item.target_id.as_deref()).map(str::to_owned);
        let id = known.unwrap_or_else(|| item.object.key.clone());

        let form = self.rendered(item)?;
        let Some(current) = kind.read(self.target_client(), &id).await.map_err(call_failed)? else {
            return Err(Failure::item(
                format!("it is not in {target} any more"),
                "Nothing was changed; the next sync creates it again.".to_owned(),
            ));
        };
        let current_hash = self.hash_of(kind, &current);

        // A notebook is read only when it is not equal already.
        let mut content = None;
        let mut wanted_hash = item.source_hash.clone();
        if wanted_hash.as_ref() != Some(&current_hash) {
            content = self.content(item).await?;
        }
        if let Some(content) = &content {
            let loaded = hash(&content.form);
            if wanted_hash.as_ref().is_some_and(|planned| *planned != loaded) {
                return Err(Failure::changed_since(self.source));
            }
            wanted_hash = Some(loaded);
        }
        if wanted_hash.as_ref() != Some(&current_hash) {
            // Where the plan found nothing, whatever is there now is somebody's.
            let is_as_planned = item.target_id.is_some()
                && item.target_hash.as_ref().is_none_or(|planned| *planned == current_hash);
            if !is_as_planned {
                return Err(Failure::changed_since(target));
            }
            let write = Write { form: &form, content: content.as_ref() };
            kind.update(self.target_client(), &current, write).await.map_err(call_failed)?;
        } else if !is_passive(kind, &current.raw) {
            let passive = kind.passive(&current.raw).unwrap_or(Value::Null);
            kind.set_activation(self.target_client(), &current, &passive).await.map_err(call_failed)?;
        }
        entry.set_id_on(target, Some(id));
        entry.base_hash = wanted_hash;
        entry.intent = None;
        self.save_done(item, entry).await
    }

    /// The hash of what the target has now.
    pub(super) fn hash_of(&self, kind: &dyn Kind, current: &Listed) -> String {
        hash(&kind.canonical(&current.raw, &self.state().keys).form)
    }

    /// What the plan does not carry, read from the source.
    pub(super) async fn content(&self, item: &PlanItem) -> Result<Option<Content>, Failure> {
        let kind = kinds::of(item.object.kind);
        let planned = item.desired.clone().unwrap_or_else(|| json!({}));
        let id = item.source_id.as_deref().unwrap_or(&item.object.key);
        let loaded = kind.load(self.source_client(), id, &planned).await;
        loaded.map_err(|error| Failure::call(self.source, error))
    }
}
