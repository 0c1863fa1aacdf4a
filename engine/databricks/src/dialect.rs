//! What of the API a workspace knows. The newest versions are younger than some workspaces; what one has answered once
//! is not asked again.

use std::sync::OnceLock;

use crate::{ApiError, ErrorKind, call::Endpoint};

/// How the paths of an API begin in the version that is spoken here, and in the one before, which takes and answers
/// the same as far as it is used.
const GENERATIONS: [(&str, &str); 2] =
    [("/api/2.2/jobs/", "/api/2.1/jobs/"), ("/api/2.1/clusters/", "/api/2.0/clusters/")];

/// What one workspace has shown to know; empty while it has shown nothing.
#[derive(Debug, Default)]
pub(crate) struct Dialect {
    generations: [OnceLock<Generation>; GENERATIONS.len()],
    exports_as_kept: OnceLock<bool>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Generation {
    Newest,
    Before,
}

/// A call to an API that has two versions.
pub(crate) struct Versioned<'a> {
    answered: &'a OnceLock<Generation>,
    /// The path in the version before.
    pub(crate) path_before: String,
}

impl Dialect {
    /// None of an endpoint that has always been the same.
    pub(crate) fn of(&self, endpoint: &Endpoint) -> Option<Versioned<'_>> {
        GENERATIONS.iter().zip(&self.generations).find_map(|((newest, before), answered)| {
            let operation = endpoint.path.strip_prefix(newest)?;
            Some(Versioned { answered, path_before: format!("{before}{operation}") })
        })
    }

    /// Whether an export takes the format `AUTO`, once that is known.
    pub(crate) fn exports_as_kept(&self) -> Option<bool> {
        self.exports_as_kept.get().copied()
    }

    /// An export in the format `AUTO` was answered, or one in another format after that was refused.
    pub(crate) fn note_export(&self, is_as_kept: bool) {
        // The first one to find out is as right as any other.
        let _ = self.exports_as_kept.set(is_as_kept);
    }
}

impl Versioned<'_> {
    /// Which version has answered, once one has.
    pub(crate) fn answered(&self) -> Option<Generation> {
        self.answered.get().copied()
    }

    pub(crate) fn note(&self, generation: Generation) {
        let _ = self.answered.set(generation);
    }
}

/// Whether this is how one says that nobody answers under such a path: no workspace says so of an object that it lacks.
pub(crate) fn is_unknown_path(error: &ApiError) -> bool {
    let names_an_object = |code: &str| code.ends_with("_DOES_NOT_EXIST");
    match error.kind() {
        ErrorKind::FeatureDisabled => error.code() == Some("ENDPOINT_NOT_FOUND"),
        ErrorKind::NotDatabricks => error.status() == Some(404),
        ErrorKind::NotFound => error.status() == Some(404) && !error.code().is_some_and(names_an_object),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_api_has_its_own_versions_and_the_first_that_answers_stays() {
        let dialect = Dialect::default();
        let of = |path: &'static str| dialect.of(&Endpoint::read(path));
        assert_eq!(of("/api/2.2/jobs/runs/get").unwrap().path_before, "/api/2.1/jobs/runs/get");
        assert!(of("/api/2.0/workspace/list").is_none());
        of("/api/2.2/jobs/list").unwrap().note(Generation::Before);
        of("/api/2.2/jobs/list").unwrap().note(Generation::Newest);
        assert_eq!(of("/api/2.2/jobs/create").unwrap().answered(), Some(Generation::Before));
        assert_eq!(of("/api/2.1/clusters/list").unwrap().answered(), None);
    }
}
