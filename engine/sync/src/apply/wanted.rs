//! What an item is to reach.

use farshore_model::plan::PlanItem;
use serde_json::Value;

use super::{Failure, Run, cannot_be_carried};
use crate::{
    body::Body,
    canonical::hash,
    kinds::{self, Kind},
};

/// What is to be on the target: as the plan says, or, for a kind whose content no plan carries, as it was just
/// read from the source.
pub(super) struct Wanted {
    /// Canonical.
    pub(super) form: Value,
    /// Of the form. None where the plan did not read the content and nothing was loaded either.
    pub(super) hash: Option<String>,
    pub(super) body: Body,
    pub(super) activation: Option<Value>,
}

impl Run<'_> {
    pub(super) fn planned(&self, item: &PlanItem) -> Wanted {
        Wanted {
            form: item.desired.clone().unwrap_or(Value::Null),
            hash: item.source_hash.clone(),
            body: Body::default(),
            activation: item.activation.clone(),
        }
    }

    /// What is planned, with its content read from the source.
    pub(super) async fn loaded(&self, kind: &dyn Kind, item: &PlanItem) -> Result<Wanted, Failure> {
        let planned = self.planned(item);
        if !kind.has_content() {
            return Ok(planned);
        }
        let id = item.source_id.as_deref().unwrap_or(&item.object.key);
        let loaded = kind.load(self.source_client(), id, &planned.form).await;
        let loaded = loaded.map_err(|error| Failure::call(self.source, error))?;
        let canonical = self.source_keys.canonical(kind, &loaded.raw);
        if !canonical.problems.is_empty() {
            return Err(cannot_be_carried(item.object.kind, Some(&canonical.problems.join("; "))));
        }
        let form_hash = hash(&canonical.form);
        if planned.hash.is_some_and(|planned| planned != form_hash) {
            return Err(Failure::changed_since(self.source));
        }
        let activation = planned.activation.or_else(|| self.source_keys.activation(kind, &loaded.raw));
        Ok(Wanted { form: canonical.form, hash: Some(form_hash), body: loaded.body, activation })
    }

    /// The id on the target of what the item's object is a part of.
    pub(super) fn owner_id(&self, item: &PlanItem) -> Option<String> {
        let owner = kinds::of(item.object.kind).belongs_to(&item.object.key)?;
        self.state().entries.get(&owner)?.id_on(self.target()).map(str::to_owned)
    }
}
