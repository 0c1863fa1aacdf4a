//! What a reading server function answers with.

use std::marker::PhantomData;

use serde::{Deserialize, Serialize, de::DeserializeOwned};

/// A `T` as JSON text. Everything between the server function and the view handles the text alone, so that the
/// WASM holds that machinery, and the code that takes a `T` apart, once.
#[derive(Serialize, Deserialize)]
#[serde(transparent, bound = "")]
pub struct Written<T> {
    json: String,
    #[serde(skip)]
    kind: PhantomData<fn() -> T>,
}

impl<T> Written<T> {
    pub fn into_json(self) -> String {
        self.json
    }
}

#[cfg(feature = "ssr")]
impl<T: Serialize> Written<T> {
    /// Fails only for a `T` that JSON cannot hold.
    pub(super) fn of(value: &T) -> super::ApiResult<Self> {
        match serde_json::to_string(value) {
            Ok(json) => Ok(Self { json, kind: PhantomData }),
            Err(_) => Err(unreadable()),
        }
    }
}

/// The `T` again.
pub fn read<T: DeserializeOwned>(json: &str) -> super::ApiResult<T> {
    super::lean_json::from_str(json).map_err(|_| unreadable())
}

fn unreadable() -> super::ApiProblem {
    use leptos::server_fn::error::{FromServerFnError, ServerFnErrorErr};

    super::ApiProblem::from_server_fn_error(ServerFnErrorErr::Deserialization(String::new()))
}
