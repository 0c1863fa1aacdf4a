//! Types of columns that both engines keep as TEXT.

use serde::{Serialize, de::DeserializeOwned};
use sqlx::{Database, Decode, Encode, Type, encode::IsNull, error::BoxDynError};

/// A value as JSON.
#[derive(Clone, Debug)]
pub(crate) struct Json<T>(pub(crate) T);

/// A word of a closed list: a type whose JSON is one string, kept without its quotes so that SQL can name it.
#[derive(Clone, Debug)]
pub(crate) struct Word<T>(pub(crate) T);

/// The value does not have the shape that its column type promises.
#[derive(Debug, thiserror::Error)]
#[error("{0} is not a word")]
struct NotAWord(serde_json::Value);

macro_rules! text_column {
    ($name:ident, $to_text:expr, $from_text:expr) => {
        impl<DB: Database, T> Type<DB> for $name<T>
        where
            String: Type<DB>,
        {
            fn type_info() -> DB::TypeInfo {
                <String as Type<DB>>::type_info()
            }

            fn compatible(column: &DB::TypeInfo) -> bool {
                <String as Type<DB>>::compatible(column)
            }
        }

        impl<'q, DB: Database, T: Serialize> Encode<'q, DB> for $name<T>
        where
            String: Encode<'q, DB>,
        {
            fn encode_by_ref(&self, buffer: &mut DB::ArgumentBuffer) -> Result<IsNull, BoxDynError> {
                let text: Result<String, BoxDynError> = $to_text(&self.0);
                text?.encode(buffer)
            }
        }

        impl<'r, DB: Database, T: DeserializeOwned> Decode<'r, DB> for $name<T>
        where
            &'r str: Decode<'r, DB>,
        {
            fn decode(value: DB::ValueRef<'r>) -> Result<Self, BoxDynError> {
                $from_text(<&str as Decode<'r, DB>>::decode(value)?).map(Self)
            }
        }
    };
}

text_column!(Json, json_text, json_value);
text_column!(Word, word_text, word_value);

fn json_text<T: Serialize>(value: &T) -> Result<String, BoxDynError> {
    Ok(serde_json::to_string(value)?)
}

fn json_value<T: DeserializeOwned>(text: &str) -> Result<T, BoxDynError> {
    Ok(serde_json::from_str(text)?)
}

fn word_text<T: Serialize>(value: &T) -> Result<String, BoxDynError> {
    match serde_json::to_value(value)? {
        serde_json::Value::String(word) => Ok(word),
        other => Err(NotAWord(other).into()),
    }
}

fn word_value<T: DeserializeOwned>(text: &str) -> Result<T, BoxDynError> {
    Ok(serde_json::from_value(serde_json::Value::String(text.to_owned()))?)
}

/// A count from a BIGINT. The store writes none that does not fit.
pub(crate) fn count(stored: i64) -> u32 {
    u32::try_from(stored.max(0)).unwrap_or(u32::MAX)
}
