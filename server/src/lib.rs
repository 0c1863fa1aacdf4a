//! The server of Farshore: the only place where concrete types are chosen. Configuration, sign-in, HTTP, the
//! demo's simulators and the commands of the binary `farshore`.

pub mod api;
pub mod commands;
mod demo;
mod http;
mod login;
mod serve;
mod system;
mod vault;
