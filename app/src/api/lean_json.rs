//! Takes a value out of JSON with little code.
//!
//! `serde_json` puts the whole reading of text into every type that it reads: braces, commas, white space, and
//! structs written as arrays. In the browser that was a fifth of the WASM. Here the text is read once into a
//! tree, and what is left for a type is to pick its fields out of a map.

use std::fmt;

use serde::{
    de::{
        self, DeserializeOwned, DeserializeSeed, Deserializer, EnumAccess, IntoDeserializer, MapAccess,
        SeqAccess, VariantAccess, Visitor, value::StringDeserializer,
    },
    forward_to_deserialize_any,
};
use serde_json::{Map, Value};

/// The text is no JSON, or describes something else. What exactly differs interests nobody in the browser: the
/// page and the server are of different versions. A longer error would have to be formatted for every type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Unreadable;

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the text describes something else than expected")
    }
}

impl std::error::Error for Unreadable {}

impl de::Error for Unreadable {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self
    }
}

/// The `T` that the text describes.
pub(super) fn from_str<T: DeserializeOwned>(text: &str) -> Result<T, Unreadable> {
    T::deserialize(Tree(serde_json::from_str(text).map_err(|_| Unreadable)?))
}

struct Tree(Value);

impl<'de> Deserializer<'de> for Tree {
    type Error = Unreadable;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        match self.0 {
            Value::Null => visitor.visit_unit(),
            Value::Bool(value) => visitor.visit_bool(value),
            Value::Number(number) => match (number.as_i64(), number.as_u64(), number.as_f64()) {
                (Some(number), ..) => visitor.visit_i64(number),
                (_, Some(number), _) => visitor.visit_u64(number),
                (.., Some(number)) => visitor.visit_f64(number),
                (None, None, None) => Err(Unreadable),
            },
            Value::String(text) => visitor.visit_string(text),
            Value::Array(items) => visitor.visit_seq(Items(items.into_iter())),
            Value::Object(fields) => visitor.visit_map(Fields::new(fields)),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        if self.0.is_null() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Unreadable> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        match self.0 {
            Value::Array(items) => visitor.visit_seq(Items(items.into_iter())),
            _ => Err(Unreadable),
        }
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Unreadable> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        match self.0 {
            Value::Object(fields) => visitor.visit_map(Fields::new(fields)),
            _ => Err(Unreadable),
        }
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Unreadable> {
        self.deserialize_map(visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Unreadable> {
        match self.0 {
            Value::String(name) => visitor.visit_enum(Variant { name, content: None }),
            Value::Object(fields) => match fields.into_iter().next() {
                Some((name, content)) => visitor.visit_enum(Variant { name, content: Some(content) }),
                None => Err(Unreadable),
            },
            _ => Err(Unreadable),
        }
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 char str string bytes byte_buf unit unit_struct tuple_struct
        identifier ignored_any
    }
}

struct Items(std::vec::IntoIter<Value>);

impl<'de> SeqAccess<'de> for Items {
    type Error = Unreadable;

    fn next_element_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, Unreadable> {
        self.0.next().map(|item| seed.deserialize(Tree(item))).transpose()
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.0.len())
    }
}

struct Fields {
    rest: serde_json::map::IntoIter,
    value: Option<Value>,
}

impl Fields {
    fn new(fields: Map<String, Value>) -> Self {
        Self { rest: fields.into_iter(), value: None }
    }

    fn next_name(&mut self) -> Option<StringDeserializer<Unreadable>> {
        let (name, value) = self.rest.next()?;
        self.value = Some(value);
        Some(name.into_deserializer())
    }
}

impl<'de> MapAccess<'de> for Fields {
    type Error = Unreadable;

    fn next_key_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, Unreadable> {
        self.next_name().map(|name| seed.deserialize(name)).transpose()
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, Unreadable> {
        seed.deserialize(Tree(self.value.take().unwrap_or_default()))
    }
}

struct Variant {
    name: String,
    content: Option<Value>,
}

impl<'de> EnumAccess<'de> for Variant {
    type Error = Unreadable;
    type Variant = Content;

    fn variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<(S::Value, Content), Unreadable> {
        let name: StringDeserializer<Unreadable> = self.name.into_deserializer();
        Ok((seed.deserialize(name)?, Content(self.content)))
    }
}

struct Content(Option<Value>);

impl Content {
    fn tree(self) -> Result<Tree, Unreadable> {
        self.0.map(Tree).ok_or(Unreadable)
    }
}

impl<'de> VariantAccess<'de> for Content {
    type Error = Unreadable;

    fn unit_variant(self) -> Result<(), Unreadable> {
        Ok(())
    }

    fn newtype_variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<S::Value, Unreadable> {
        seed.deserialize(self.tree()?)
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Unreadable> {
        self.tree()?.deserialize_seq(visitor)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Unreadable> {
        self.tree()?.deserialize_map(visitor)
    }
}

#[cfg(test)]
mod tests {
    use farshore_model::{
        DurationMs, GroupId, RunId, Timestamp,
        run::{RunState, RunbookKind},
        view::{ActionAvailability, RunSummary, Topic},
    };
    use serde::{Deserialize, Serialize};
    use serde_json::json;

    use super::*;

    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    enum Shape {
        Nothing,
        One(u32),
        Two(i64, f64),
        Named { flag: bool, text: Option<String> },
    }

    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    struct Everything {
        shapes: Vec<Shape>,
        pairs: Vec<(String, Topic)>,
        result: Result<RunSummary, ActionAvailability>,
        free: Value,
        nothing: Option<DurationMs>,
        #[serde(default)]
        left_out: bool,
    }

    #[test]
    fn reads_what_serde_json_writes() {
        let summary = RunSummary {
            id: RunId(Default::default()),
            group_id: GroupId(Default::default()),
            group_name: "Ä \"quoted\"".to_owned(),
            kind: RunbookKind::Failover,
            state: RunState::CompletedWithExceptions,
            requested_by: String::new(),
            requested_at: Timestamp(i64::MAX),
            ended_at: None,
            current_step: Some("x".to_owned()),
            is_waiting_for_person: false,
        };
        let everything = Everything {
            shapes: vec![
                Shape::Nothing,
                Shape::One(7),
                Shape::Two(-1, 0.5),
                Shape::Named { flag: true, text: None },
            ],
            pairs: vec![
                ("a".to_owned(), Topic::Overview),
                ("b".to_owned(), Topic::Group(GroupId(Default::default()))),
            ],
            result: Ok(summary),
            free: json!({"a": [1, null, {"b": 2.5}], "c": "d"}),
            nothing: None,
            left_out: false,
        };
        let text = serde_json::to_string(&everything).expect("writable");
        assert_eq!(from_str::<Everything>(&text).expect("readable"), everything);
        let mut tree: Value = serde_json::from_str(&text).expect("a tree");
        tree["unknown"] = json!(1);
        tree.as_object_mut().expect("an object").remove("left_out");
        assert_eq!(from_str::<Everything>(&tree.to_string()).expect("readable"), everything);
    }

    #[test]
    fn another_shape_is_an_error() {
        assert!(from_str::<Vec<u32>>("{}").is_err());
        assert!(from_str::<ActionAvailability>("[\"a\", null]").is_err());
        assert!(from_str::<Shape>("\"Other\"").is_err());
        assert!(from_str::<Shape>("\"One\"").is_err());
        assert!(from_str::<u32>("1 2").is_err());
    }
}
