//! Global init scripts: they run on every cluster that starts, one after the other in their order.

use async_trait::async_trait;
use base64::{Engine, engine::general_purpose::STANDARD};
use farshore_databricks::{ApiError, ErrorKind, WorkspaceClient};
use serde_json::{Map, Value, json};

use super::{Canonical, Kind, Listed, Loaded, Naming, Write, every, found};
use crate::{
    body::Body,
    canonical::{hash, hash_bytes, into_map, only, text},
    inventory::Look,
    references::KeyLookup,
};

/// The fields of a script's canonical form; the last one is missing until the script was read.
const FIELDS: [&str; 4] = ["name", "enabled", POSITION, "script_sha256"];
const POSITION: &str = "position";
/// More scripts than any workspace has.
const MOST_SCRIPTS: u64 = 1_000;

pub(crate) struct InitScripts;

#[async_trait]
impl Kind for InitScripts {
    fn naming(&self) -> Naming {
        Naming::UniqueName
    }

    fn has_marks(&self) -> bool {
        // Only a name, and a text that is nobody else's business.
        false
    }

    fn has_content(&self) -> bool {
        true
    }

    fn is_ordered(&self) -> bool {
        true
    }

    /// Wherever it is by now: writing another script moves this one.
    fn is_still(&self, form: &Value, planned_hash: &str) -> bool {
        let mut form = into_map(form.clone());
        let mut is_planned_at = |position: u64| {
            form.insert(POSITION.to_owned(), Value::from(position));
            hash(&Value::Object(form.clone())) == planned_hash
        };
        (0..MOST_SCRIPTS).any(&mut is_planned_at)
    }

    async fn list(&self, look: &Look<'_>) -> Result<Vec<Listed>, ApiError> {
        let mut scripts = every(look.client.list_global_init_scripts().await?, listed)?;
        for script in &mut scripts {
            script.untouched = look.untouched_since(script.raw.get("updated_at").and_then(Value::as_i64));
        }
        Ok(scripts)
    }

    async fn read(&self, client: &WorkspaceClient, id: &str) -> Result<Option<Listed>, ApiError> {
        let Some(raw) = found(client.get_global_init_script(id).await)? else { return Ok(None) };
        let Some(script) = listed(raw) else { return Ok(None) };
        let content = decoded(&script.raw)?;
        Ok(Some(Listed { raw: with_content(&script.raw, &content).into(), ..script }))
    }

    fn canonical(&self, raw: &Value, _keys: &dyn KeyLookup) -> Canonical {
        let mut form = only(raw, &FIELDS);
        form.entry("enabled").or_insert(Value::Bool(false));
        Canonical { form: Value::Object(form), problems: Vec::new() }
    }

    async fn load(&self, client: &WorkspaceClient, id: &str, listed: &Value) -> Result<Loaded, ApiError> {
        let mut raw = client.get_global_init_script(id).await?;
        let content = decoded(&raw)?;
        // Where it is among all of its side says nothing to the other one.
        if let Some(place) = listed.get(POSITION) {
            raw[POSITION] = place.clone();
        }
        Ok(Loaded { raw: with_content(&raw, &content), body: content.into() })
    }

    async fn create(
        &self,
        target: &WorkspaceClient,
        _key: &str,
        write: Write<'_>,
        _mark: &str,
    ) -> Result<String, ApiError> {
        // There is no place for a mark, but the name is one.
        target.create_global_init_script(&settings(write.form, write.body)).await
    }

    async fn update(
        &self,
        target: &WorkspaceClient,
        current: &Listed,
        write: Write<'_>,
    ) -> Result<(), ApiError> {
        target.update_global_init_script(&current.id, &settings(write.form, write.body)).await
    }

    async fn delete(&self, target: &WorkspaceClient, id: &str) -> Result<(), ApiError> {
        target.delete_global_init_script(id).await
    }
}

fn listed(raw: Value) -> Option<Listed> {
    let id = text(&raw, "script_id")?.to_owned();
    let name = text(&raw, "name").unwrap_or(&id).to_owned();
    Some(Listed::new(id, name, None, raw))
}

fn decoded(raw: &Value) -> Result<Vec<u8>, ApiError> {
    let unreadable = || {
        ApiError::new(ErrorKind::HalfAnswer, "global-init-scripts", "the answer contains no readable script")
    };
    STANDARD.decode(text(raw, "script").ok_or_else(unreadable)?).map_err(|_| unreadable())
}

fn with_content(raw: &Value, content: &[u8]) -> Value {
    let mut script = only(raw, &FIELDS);
    script.insert("script_sha256".to_owned(), Value::from(hash_bytes(content)));
    Value::Object(script)
}

/// What the API takes.
fn settings(form: &Value, content: &Body) -> Value {
    let mut settings: Map<String, Value> = only(form, &["name", "enabled", POSITION]);
    settings.insert("script".to_owned(), json!(STANDARD.encode(content.held().unwrap_or_default())));
    Value::Object(settings)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kinds::nothing;

    fn form(position: u64, script: &[u8]) -> Value {
        let raw = json!({
            "script_id": "A1", "name": "agent", "position": position, "enabled": true, "created_at": 5,
            "updated_by": "a@b.c",
        });
        InitScripts.canonical(&with_content(&raw, script), &nothing).form
    }

    #[test]
    fn name_state_place_and_text_make_a_script() {
        let expected = json!({
            "name": "agent", "enabled": true, "position": 2, "script_sha256": hash_bytes(b"#!/bin/sh"),
        });
        assert_eq!(form(2, b"#!/bin/sh"), expected);
        assert_ne!(form(1, b"#!/bin/sh"), expected);
    }

    #[test]
    fn a_script_that_others_have_moved_is_still_the_same_and_an_edited_one_is_not() {
        let planned = hash(&form(2, b"#!/bin/sh"));
        assert!(InitScripts.is_still(&form(0, b"#!/bin/sh"), &planned));
        assert!(!InitScripts.is_still(&form(2, b"#!/bin/bash"), &planned));
    }
}
