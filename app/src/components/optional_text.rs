//! Text that may be left out.

use std::borrow::Cow;

/// A prop that takes `"words"`, a `String`, or an `Option` of either. Not reactive: what changes lies inside a
/// closure that renders the component again, or is a signal where a component says so.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OptionalText(Option<Cow<'static, str>>);

impl OptionalText {
    /// The text, if there is any; an empty one counts as none.
    pub fn into_option(self) -> Option<Cow<'static, str>> {
        self.0.filter(|text| !text.is_empty())
    }

    pub fn is_some(&self) -> bool {
        self.0.as_ref().is_some_and(|text| !text.is_empty())
    }
}

impl From<&'static str> for OptionalText {
    fn from(text: &'static str) -> Self {
        Self(Some(Cow::Borrowed(text)))
    }
}

impl From<String> for OptionalText {
    fn from(text: String) -> Self {
        Self(Some(Cow::Owned(text)))
    }
}

impl From<Option<&'static str>> for OptionalText {
    fn from(text: Option<&'static str>) -> Self {
        Self(text.map(Cow::Borrowed))
    }
}

impl From<Option<String>> for OptionalText {
    fn from(text: Option<String>) -> Self {
        Self(text.map(Cow::Owned))
    }
}
