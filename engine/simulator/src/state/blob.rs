//! Bytes that are shared rather than copied.

use std::sync::{Arc, OnceLock};

use axum::body::Bytes;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Where the bytes lie in the file of contents beside the state file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Place {
    pub(crate) at: u64,
    pub(crate) size_bytes: u64,
}

/// The content of a notebook or a file. Clones share the bytes and the place that they were stored at.
#[derive(Debug, Clone)]
pub(crate) struct Blob(Arc<Stored>);

#[derive(Debug)]
struct Stored {
    bytes: Bytes,
    place: OnceLock<Place>,
}

/// As the state file has it: the place of long content, short content itself in base64.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Written {
    Apart(Place),
    Inline(String),
}

impl Blob {
    pub(crate) fn new(bytes: impl Into<Bytes>) -> Self {
        Self(Arc::new(Stored { bytes: bytes.into(), place: OnceLock::new() }))
    }

    /// Bytes that lie in the file of contents already.
    pub(crate) fn stored(bytes: Bytes, place: Place) -> Self {
        Self(Arc::new(Stored { bytes, place: OnceLock::from(place) }))
    }

    pub(crate) fn bytes(&self) -> &Bytes {
        &self.0.bytes
    }

    pub(crate) fn len(&self) -> usize {
        self.0.bytes.len()
    }

    pub(crate) fn place(&self) -> Option<Place> {
        self.0.place.get().copied()
    }

    /// Remembers where the bytes were stored, for every clone.
    pub(crate) fn is_stored_at(&self, place: Place) {
        self.0.place.get_or_init(|| place);
    }
}

impl PartialEq for Blob {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || self.0.bytes == other.0.bytes
    }
}

impl Eq for Blob {}

impl Serialize for Blob {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let written = match self.place() {
            Some(place) => Written::Apart(place),
            None => Written::Inline(STANDARD.encode(self.bytes())),
        };
        written.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Blob {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Written::deserialize(deserializer)? {
            // The bytes follow when the file of contents is read.
            Written::Apart(place) => Ok(Self::stored(Bytes::new(), place)),
            Written::Inline(text) => STANDARD.decode(text).map(Self::new).map_err(serde::de::Error::custom),
        }
    }
}
