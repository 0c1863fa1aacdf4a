//! Deleting what the source does not have any more.

use farshore_model::plan::PlanItem;

use super::{Failure, Run};
use crate::kinds;

impl Run<'_> {
    pub(super) async fn delete(&self, item: &PlanItem) -> Result<(), Failure> {
        let kind = kinds::of(item.object.kind);
        let target = self.target();
        let call_failed = |error| Failure::call(target, error);
        let known = self.entry(item).id_on(target).map(str::to_owned).or_else(|| item.target_id.clone());
        let Some(id) = known else { return self.forget(item).await };

        if let Some(current) = kind.read(self.target_client(), &id).await.map_err(call_failed)? {
            let current_hash = self.hash_of(kind, &current);
            if item.target_hash.as_ref().is_some_and(|planned| *planned != current_hash) {
                return Err(Failure::changed_since(target));
            }
            if let Err(error) = kind.delete(self.target_client(), &id).await {
                // A deletion may answer with an error and still have worked.
                let is_gone = error.may_have_taken_effect()
                    && kind.read(self.target_client(), &id).await.map_err(call_failed)?.is_none();
                if !is_gone {
                    return Err(call_failed(error));
                }
            }
        }
        self.forget(item).await
    }

    async fn forget(&self, item: &PlanItem) -> Result<(), Failure> {
        let keys = std::slice::from_ref(&item.object);
        self.ctx.ledger.remove(&self.ctx.lease, self.ctx.pair_id, keys).await?;
        self.state().entries.remove(&item.object);
        Ok(())
    }
}
