//! Numbers, which some servers write as texts.

use serde::{Deserialize, Deserializer, de};
use serde_json::Value;

/// The number that a value is, or that it says as a text.
pub(crate) fn of(value: &Value) -> Option<i64> {
    value.as_i64().or_else(|| value.as_str()?.trim().parse().ok())
}

/// A field that is a number, or says one as a text; None when it is null.
pub(crate) fn deserialize<'de, D: Deserializer<'de>, N: TryFrom<i64>>(
    deserializer: D,
) -> Result<Option<N>, D::Error> {
    match Value::deserialize(deserializer)? {
        Value::Null => Ok(None),
        value => match of(&value).and_then(|number| N::try_from(number).ok()) {
            Some(number) => Ok(Some(number)),
            None => Err(de::Error::custom(format!("{value} is not such a number"))),
        },
    }
}
