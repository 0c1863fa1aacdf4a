//! The settings of a sync without a panel, from a file.

use std::path::Path;

use farshore_model::replication_settings::ReplicationSettings;
use serde_json::{Map, Value};

use super::Failed;

/// What the file says; without one, what holds while nobody has decided anything.
pub(super) fn read(path: Option<&Path>) -> Result<ReplicationSettings, Failed> {
    let Some(path) = path else { return Ok(ReplicationSettings::default()) };
    let unusable =
        |why: String| format!("the settings in {} cannot be used: {why}; nothing was done", path.display());
    let text = std::fs::read_to_string(path).map_err(|error| unusable(error.to_string()))?;
    Ok(parse(&text).map_err(unusable)?)
}

fn parse(text: &str) -> Result<ReplicationSettings, String> {
    let mut given: Map<String, Value> = serde_json::from_str(text).map_err(|error| error.to_string())?;
    // The API answers them with their version.
    if let Some(Value::Object(settings)) = given.remove("settings") {
        given = settings;
    }
    // A name that is mistyped would leave something as it is by default, which deletes or overwrites.
    let known = serde_json::to_value(ReplicationSettings::default()).map_err(|error| error.to_string())?;
    if let Some(name) = given.keys().find(|name| known.get(name).is_none()) {
        let names: Vec<&String> = known.as_object().into_iter().flat_map(Map::keys).collect();
        return Err(format!("there is no setting {name:?}, only {names:?}"));
    }
    let settings: ReplicationSettings =
        serde_json::from_value(Value::Object(given)).map_err(|error| error.to_string())?;
    settings.check().map_err(|error| error.to_string())?;
    Ok(settings)
}

#[cfg(test)]
mod tests {
    use farshore_model::replication_settings::OnDrift;

    use super::*;

    #[test]
    fn the_documentation_shows_settings_that_can_be_used() {
        let page = include_str!("../../../../docs/command-line.md");
        let (_, rest) = page.split_once("```json\n").unwrap();
        let settings = parse(rest.split_once("```").unwrap().0).unwrap();
        assert_eq!(
            (settings.region_map.rules.len(), settings.filters.len(), settings.handling.len()),
            (1, 1, 1)
        );
    }

    #[test]
    fn settings_are_read_as_the_api_has_them_and_a_mistyped_one_is_told() {
        assert_eq!(parse("{}").unwrap(), ReplicationSettings::default());
        assert_eq!(parse(r#"{"on_drift": "ask"}"#).unwrap().on_drift, OnDrift::Ask);
        let answered = parse(r#"{"settings": {"on_drift": "keep"}, "version": 3}"#).unwrap();
        assert_eq!(answered.on_drift, OnDrift::Keep);
        for (text, why) in [
            (r#"{"regoin_map": {}}"#, "\"regoin_map\""),
            (r#"{"on_drift": "sometimes"}"#, "sometimes"),
            (r#"{"brake": {"most_objects": 1, "most_percent": 101}}"#, "101"),
            ("[]", "map"),
        ] {
            let error = parse(text).unwrap_err();
            assert!(error.contains(why), "{text}: {error}");
        }
    }
}
