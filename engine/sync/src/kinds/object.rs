//! One object, as it is listed, compared, read and written.

use std::sync::Arc;

use farshore_model::kind::ObjectKind;
use serde_json::Value;

use crate::body::Body;

/// How an object is recognised on the other side before the ledger knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Naming {
    /// The path is the object: it is key, name and id in one.
    Path,
    /// The workspace keeps names unique.
    UniqueName,
    /// Several objects may have one name.
    AnyName,
    /// It is a part of another object, and named after that.
    Part,
}

/// What a workspace adds of its own to what it is given. Where it may be something, what was written is read once more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Added {
    Nothing,
    /// Settings, as a job's queue or a user's names.
    Settings,
    /// Grants that nobody can take away, as that of a person on their home. They are there from the beginning, so that a
    /// new list is as it was given.
    Grants,
}

/// One object of a workspace.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Listed {
    pub(crate) id: Arc<str>,
    pub(crate) name: Arc<str>,
    /// An id that the object has in every workspace that knows it.
    pub(crate) universal_id: Option<String>,
    /// Our mark, when the object was created by us and still has it.
    pub(crate) mark: Option<String>,
    /// As the workspace tells it; one for all that have it alike.
    pub(crate) raw: Arc<Value>,
    /// Of what lies in the tree, the number by which its access control list is known.
    pub(crate) object_id: Option<i64>,
    /// What is known of what the listing leaves out.
    pub(crate) untouched: Untouched,
    /// The object of the same side that this one is a part of, by kind and id.
    pub(crate) part_of: Option<(ObjectKind, Arc<str>)>,
}

/// What a listing proves of what it leaves out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Untouched {
    /// It is as it was when this side was last verified.
    pub(crate) since_verified: bool,
    /// If one of these last applications has carried it, it is as it was then.
    pub(crate) since_carried: Applications,
}

/// Some of the last applications of a plan, by their places among them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Applications(u8);

impl Applications {
    pub(crate) const NONE: Self = Self(0);

    pub(crate) fn insert(&mut self, place: usize) {
        self.0 |= Self::bit(place);
    }

    pub(crate) fn contains(self, place: usize) -> bool {
        self.0 & Self::bit(place) != 0
    }

    pub(crate) const fn is_any(self) -> bool {
        self.0 != 0
    }

    fn bit(place: usize) -> u8 {
        u32::try_from(place).ok().and_then(|place| 1_u8.checked_shl(place)).unwrap_or(0)
    }
}

impl Untouched {
    /// It may have changed.
    pub(crate) const NO: Self = Self { since_verified: false, since_carried: Applications::NONE };
}

impl Listed {
    /// An object that stands by itself, and of which the listing says everything.
    pub(crate) fn new(
        id: impl Into<Arc<str>>,
        name: impl Into<Arc<str>>,
        mark: Option<String>,
        raw: impl Into<Arc<Value>>,
    ) -> Self {
        Self {
            id: id.into(),
            name: name.into(),
            universal_id: None,
            mark,
            raw: raw.into(),
            object_id: None,
            untouched: Untouched::NO,
            part_of: None,
        }
    }
}

/// An object without what only its own side means.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Canonical {
    /// The object *in its passive form*, its ids replaced by keys: what is written to a passive side, and
    /// what is compared.
    pub(crate) form: Value,
    /// Why it cannot be carried over as it is.
    pub(crate) problems: Vec<String>,
}

/// An object with what its listing leaves out.
#[derive(Clone, Debug, Default)]
pub(crate) struct Loaded {
    /// As the workspace tells it, with what the content adds to the canonical form: a notebook's hash.
    pub(crate) raw: Value,
    /// What is written beside the form: a notebook's source.
    pub(crate) body: Body,
}

/// What is to be written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Write<'a> {
    /// The canonical form with the ids of the side that is written.
    pub(crate) form: &'a Value,
    /// Of a kind with content, what was loaded beside the form.
    pub(crate) body: &'a Body,
    /// The id, on the side that is written, of the object that this one is a part of.
    pub(crate) owner_id: Option<&'a str>,
    /// Of a group, the ids of the members that it keeps whoever else belongs to it: see [`Kind::keeps`](super::Kind::keeps).
    pub(crate) kept: &'a [String],
    /// Whether the libraries of clusters are compared and written.
    pub(crate) has_libraries: bool,
}
