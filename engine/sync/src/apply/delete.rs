//! Deleting what the source does not have any more.

use std::sync::Arc;

use farshore_databricks::ApiError;
use farshore_model::plan::PlanItem;
use serde_json::Value;

use super::{Failure, Run};
use crate::{
    canonical::hash,
    kinds::{self, Kind},
};

impl Run<'_> {
    pub(super) async fn delete(&self, item: &PlanItem) -> Result<(), Failure> {
        let kind = kinds::of(item.object.kind);
        let target = self.target();
        let call_failed = |error| Failure::call(target, error);
        let known = self.entry(item).id_on(target).map(Arc::from).or_else(|| item.target_id.clone());
        let Some(id) = known else { return self.forget(item).await };

        self.refuse_own(item)?;
        self.refuse_what_is_on_the_source(kind, item).await?;
        let Some(form) = self.current_form(kind, &id).await.map_err(call_failed)? else {
            return self.forget(item).await;
        };
        let left = kind.retired(&form);
        let is_deleted_already = left.as_ref() == Some(&form);
        if !is_deleted_already {
            if item.target_hash.as_ref().is_some_and(|planned| !kind.is_still(&form, planned)) {
                return Err(Failure::changed_since(target));
            }
            if let Err(error) = kind.delete(self.target_client(), &id).await {
                // A deletion may answer with an error and still have worked.
                let has_worked = error.may_have_taken_effect()
                    && self.current_form(kind, &id).await.map_err(call_failed)? == left;
                if !has_worked {
                    return Err(call_failed(error));
                }
            }
        }
        let Some(left) = left else { return self.forget(item).await };
        // It is still there, and known again should it come back.
        let mut entry = self.entry(item);
        entry.agree_on(Some(hash(&left)));
        self.save_done(entry, None).await
    }

    /// A listing that left the object out, for whatever reason, is not enough: it is looked for by its id as well.
    async fn refuse_what_is_on_the_source(&self, kind: &dyn Kind, item: &PlanItem) -> Result<(), Failure> {
        let source = self.source;
        let entry = self.entry(item);
        let Some(id) = entry.id_on(source) else { return Ok(()) };
        match kind.is_there(self.source_client(), id).await {
            Ok(false) => Ok(()),
            Ok(true) => Err(Failure::item(
                format!("it is still in {source}, whose listing did not show it; nothing was deleted"),
                format!(
                    "Look at it in {source}. The next sync compares again, and deletes it once it is gone there."
                ),
            )),
            Err(error) => Err(Failure::call(source, error).saying(format!(
                "nobody can tell whether it is gone from {source}, and nothing was deleted"
            ))),
        }
    }

    /// What the target has now.
    async fn current_form(&self, kind: &dyn Kind, id: &str) -> Result<Option<Value>, ApiError> {
        let current = kind.read(self.target_client(), id).await?;
        Ok(current.map(|current| self.state().keys.canonical(kind, &current.raw).form))
    }

    async fn forget(&self, item: &PlanItem) -> Result<(), Failure> {
        let keys = std::slice::from_ref(&item.object);
        self.ctx.ledger.remove(&self.ctx.lease, self.ctx.pair_id, keys).await?;
        self.state().entries.remove(&item.object);
        Ok(())
    }
}
