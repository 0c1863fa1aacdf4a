//! The server of Farshore: the only place where concrete types are chosen. Configuration, sign-in, HTTP, the
//! demo's simulators and the commands of the binary `farshore`.

#[allow(unused_qualifications, reason = "utoipa writes them in front of parameter types")]
pub mod api;
pub mod commands;
mod demo;
mod http;
mod login;
mod serve;
mod system;
mod vault;
