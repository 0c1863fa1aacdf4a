//! What groups were a moment ago, for a workspace whose lists of groups lag behind.

use std::collections::{BTreeMap, VecDeque};

use super::Resource;

#[derive(Debug, Clone)]
struct PastGroup {
    id: String,
    /// Until when it was so.
    until_ms: i64,
    /// `None` when it was not there.
    resource: Option<Resource>,
}

/// The latest changes, oldest first.
#[derive(Debug, Clone, Default)]
pub(super) struct PastGroups(VecDeque<PastGroup>);

impl PastGroups {
    /// Keeps what a group was, as long as lists lag that far behind; nothing when they do not.
    pub(super) fn remember(&mut self, id: &str, before: Option<Resource>, now_ms: i64, lag_ms: i64) {
        while self.0.front().is_some_and(|past| now_ms - past.until_ms > lag_ms) {
            self.0.pop_front();
        }
        if lag_ms > 0 {
            self.0.push_back(PastGroup { id: id.to_owned(), until_ms: now_ms, resource: before });
        }
    }

    /// The groups as they were at that moment.
    pub(super) fn undo(
        &self,
        mut groups: BTreeMap<String, Resource>,
        then_ms: i64,
    ) -> BTreeMap<String, Resource> {
        for past in self.0.iter().rev().take_while(|past| past.until_ms > then_ms) {
            match &past.resource {
                Some(resource) => groups.insert(past.id.clone(), resource.clone()),
                None => groups.remove(&past.id),
            };
        }
        groups
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn named(name: &str) -> Resource {
        Resource::from_iter([("displayName".to_owned(), json!(name))])
    }

    #[test]
    fn a_list_of_before_shows_neither_what_came_nor_what_changed_since() {
        let mut past = PastGroups::default();
        past.remember("new", None, 100, 50);
        past.remember("old", Some(named("before")), 120, 50);
        let now = BTreeMap::from([("new".to_owned(), named("new")), ("old".to_owned(), named("after"))]);
        let then = past.undo(now.clone(), 90);
        assert_eq!(then, BTreeMap::from([("old".to_owned(), named("before"))]));
        assert_eq!(past.undo(now.clone(), 110).keys().collect::<Vec<_>>(), ["new", "old"]);
        assert_eq!(past.undo(now.clone(), 120), now);
        past.remember("old", None, 1_000, 50);
        assert_eq!(past.0.len(), 1, "what no list can show any more is forgotten");
        past.remember("old", None, 2_000, 0);
        assert!(past.0.is_empty());
    }
}
