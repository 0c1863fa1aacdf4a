//! Objects by path, with folders as ranges of paths.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// Values by paths that start with `/` and do not end with one.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct PathMap<T>(BTreeMap<Arc<str>, T>);

impl<T> Default for PathMap<T> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

impl<T> PathMap<T> {
    pub(crate) fn get(&self, path: &str) -> Option<&T> {
        self.0.get(path)
    }

    pub(crate) fn insert(&mut self, path: Arc<str>, value: T) {
        self.0.insert(path, value);
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&Arc<str>, &T)> {
        self.0.iter()
    }

    pub(crate) fn values(&self) -> impl Iterator<Item = &T> {
        self.0.values()
    }

    pub(crate) fn values_mut(&mut self) -> impl Iterator<Item = &mut T> {
        self.0.values_mut()
    }

    pub(crate) fn remove(&mut self, path: &str) -> Option<T> {
        self.0.remove(path)
    }

    /// What lies directly in a folder, by name.
    pub(crate) fn children(&self, folder: &str) -> Vec<(&str, &T)> {
        let prefix = inside(folder);
        let mut children = Vec::new();
        let mut from = Bound::Excluded(prefix.clone());
        // What lies deeper is jumped over, so that a folder costs what is in it and not what is below it.
        'jumps: loop {
            let lower = (from.as_ref().map(String::as_str), Bound::Unbounded);
            for (path, value) in self.0.range::<str, _>(lower) {
                let Some(name) = path.strip_prefix(prefix.as_str()) else { break 'jumps };
                if let Some((name, _)) = name.split_once('/') {
                    // `0` follows `/`: the first path that is not in that folder.
                    from = Bound::Included(format!("{prefix}{name}0"));
                    continue 'jumps;
                }
                children.push((path.as_ref(), value));
            }
            break;
        }
        children
    }

    /// Everything below a folder, by path.
    pub(crate) fn below(&self, folder: &str) -> impl Iterator<Item = (&str, &T)> {
        let prefix = inside(folder);
        let lower = (Bound::Excluded(prefix.as_str()), Bound::Unbounded);
        let from = self.0.range::<str, _>(lower);
        from.map(|(path, value)| (path.as_ref(), value))
            .take_while(move |(path, _)| path.starts_with(&prefix))
    }
}

/// What the paths of everything in a folder start with.
fn inside(folder: &str) -> String {
    if folder == "/" { "/".to_owned() } else { format!("{folder}/") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_lists_what_is_in_it_and_not_what_is_below() {
        let mut map = PathMap::default();
        for path in ["/", "/a", "/a b", "/a/x", "/a/x/file", "/a-file", "/a0", "/b", "/b/file"] {
            map.insert(path.into(), ());
        }
        let names = |folder| map.children(folder).into_iter().map(|(path, ())| path).collect::<Vec<_>>();
        assert_eq!(names("/"), ["/a", "/a b", "/a-file", "/a0", "/b"]);
        assert_eq!(names("/a"), ["/a/x"]);
        assert_eq!(names("/a/x"), ["/a/x/file"]);
        assert!(names("/a b").is_empty());
        assert_eq!(map.below("/a").map(|(path, ())| path).collect::<Vec<_>>(), ["/a/x", "/a/x/file"]);
    }
}
