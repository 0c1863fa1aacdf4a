//! The believable company of the demo: an insurer's data platform, with roles instead of persons.

use serde_json::Value;

use crate::state::State;

pub(crate) mod bulk;
mod clusters;
pub(crate) mod demo_change;
mod directory;
mod domains;
mod files;
mod grants;
mod jobs;
mod notebooks;
mod policies;
mod pools;
mod roles;
mod sources;

#[cfg(test)]
mod tests;

/// A day, for times in the past.
const DAY_MS: i64 = 86_400_000;

/// Fills a new workspace. The same region always gets the same content.
pub(crate) fn fill(state: &mut State) {
    directory::add(state);
    let policies = policies::add(state);
    let pools = pools::add(state);
    let clusters = clusters::add(state, &pools, &policies);
    notebooks::add(state);
    jobs::add(state, &pools, &policies, &clusters);
    files::add(state);
    grants::add(state);
    state.touch();
}

/// The fields of a JSON object that is written as a literal.
fn fields(object: Value) -> serde_json::Map<String, Value> {
    match object {
        Value::Object(fields) => fields,
        _ => serde_json::Map::new(),
    }
}
