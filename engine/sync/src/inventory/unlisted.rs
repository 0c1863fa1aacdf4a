//! Folders of which a workspace does not tell what is in them. What that is, nobody knows: it is neither gone nor new.

use std::collections::BTreeMap;

use farshore_databricks::{ApiError, ErrorKind};

/// Where there are more of them on one side, it is the workspace that fails and not its folders.
const MOST: usize = 10;

/// By their paths, with what the workspace answered.
#[derive(Clone, Debug, Default)]
pub(crate) struct UnlistedFolders(BTreeMap<String, ApiError>);

impl UnlistedFolders {
    /// Notes one.
    ///
    /// # Errors
    /// The answer itself, where it is none about this folder alone.
    pub(crate) fn note(&mut self, folder: String, answer: ApiError) -> Result<(), ApiError> {
        if self.0.len() >= MOST || !is_of_one_folder(&answer) {
            return Err(answer);
        }
        self.0.insert(folder, answer);
        Ok(())
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &ApiError)> {
        self.0.iter().map(|(folder, answer)| (folder.as_str(), answer))
    }

    /// Why nobody knows what is in the folder, if so.
    pub(crate) fn why(&self, folder: &str) -> Option<&ApiError> {
        self.0.get(folder)
    }

    /// Whether the path lies in one of them, at whatever depth.
    pub(crate) fn hide(&self, path: &str) -> bool {
        let lies_in =
            |folder: &String| path.strip_prefix(folder.as_str()).is_some_and(|below| below.starts_with('/'));
        self.0.keys().any(lies_in)
    }
}

/// Whether the workspace answers, and refuses or fails at this. What else goes wrong would go wrong everywhere.
fn is_of_one_folder(answer: &ApiError) -> bool {
    use ErrorKind::{Forbidden, HalfAnswer, Invalid, NotFound, Server, TimedOut, TooLarge};
    matches!(answer.kind(), Forbidden | HalfAnswer | Invalid | NotFound | Server | TimedOut | TooLarge)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(kind: ErrorKind) -> ApiError {
        ApiError::new(kind, "workspace/list", "no")
    }

    #[test]
    fn only_what_lies_in_a_folder_is_hidden_by_it() {
        let mut unlisted = UnlistedFolders::default();
        assert!(unlisted.is_empty() && !unlisted.hide("/a/b"));
        unlisted.note("/a".to_owned(), answer(ErrorKind::Forbidden)).unwrap();
        assert!(unlisted.hide("/a/b") && unlisted.hide("/a/b/c"));
        assert!(!unlisted.hide("/a") && !unlisted.hide("/ab") && !unlisted.hide("/b/a/c"));
        assert!(unlisted.why("/a").is_some() && unlisted.why("/a/b").is_none());
    }

    #[test]
    fn what_fails_everywhere_is_no_affair_of_a_folder() {
        let mut unlisted = UnlistedFolders::default();
        for kind in [ErrorKind::Unreachable, ErrorKind::Unauthenticated, ErrorKind::Throttled] {
            unlisted.note("/a".to_owned(), answer(kind)).unwrap_err();
        }
        assert!(unlisted.is_empty());
        for number in 0..MOST {
            unlisted.note(format!("/{number}"), answer(ErrorKind::Server)).unwrap();
        }
        unlisted.note("/one too many".to_owned(), answer(ErrorKind::Server)).unwrap_err();
    }
}
