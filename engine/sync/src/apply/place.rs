//! Objects that follow one another, between their place among those that syncs see to and their position on the target.

use std::sync::Arc;

use farshore_databricks::ApiError;
use farshore_model::kind::ObjectKind;
use serde_json::Value;

use super::Run;
use crate::{
    inventory::{KnownUntil, Look},
    kinds::{self, Listed},
    places::{self, Places},
};

impl Run<'_> {
    /// The object as the target has it now, at its place.
    pub(super) async fn read_on_target(
        &self,
        kind: ObjectKind,
        id: &str,
    ) -> Result<Option<Listed>, ApiError> {
        let Some(mut current) = kinds::of(kind).read(self.target_client(), id).await? else {
            return Ok(None);
        };
        if kinds::of(kind).is_ordered() {
            let place = self.places(kind).await?.place_of(id);
            places::put(Arc::make_mut(&mut current.raw), u64::try_from(place).unwrap_or(u64::MAX));
        }
        Ok(Some(current))
    }

    /// The form with the position that gives the object its place. `id` is its own, where it is there already.
    pub(super) async fn placed(
        &self,
        kind: ObjectKind,
        id: Option<&str>,
        mut form: Value,
    ) -> Result<Value, ApiError> {
        if kinds::of(kind).is_ordered() {
            let place = usize::try_from(places::position(&form)).unwrap_or(usize::MAX);
            let position = self.places(kind).await?.position_for(id, place);
            places::put(&mut form, u64::try_from(position).unwrap_or(u64::MAX));
        }
        Ok(form)
    }

    /// What the target has now: every write moves others.
    async fn places(&self, kind: ObjectKind) -> Result<Places, ApiError> {
        let look = Look::new(self.target_client(), self.ctx.options.max_in_flight, KnownUntil::default());
        let listed = kinds::of(kind).list(&look).await?;
        Ok(Places::of(kind, &listed, &self.state().keys))
    }
}
