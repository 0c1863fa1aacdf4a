//! Who is behind a request: the session cookie of a browser, or, in the demo, a bearer token that names a
//! persona.

mod guard;
mod identity;
mod origin;
pub(crate) mod password;
mod session_store;
mod sign_in;

pub(crate) use guard::require_sign_in;
pub(crate) use identity::{Identity, identify};
pub(crate) use origin::refuse_foreign_origin;
pub(crate) use session_store::session_layer;
pub(crate) use sign_in::{sign_in, sign_out};
