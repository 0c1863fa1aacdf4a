//! A form that was posted to the address of its own page, which shows what came of it.

use std::collections::HashMap;

/// Values by the names of their fields. A still page whose form has rows reads them itself: a server function takes a
/// fixed number of fields.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PostedForm(HashMap<String, String>);

impl FromIterator<(String, String)> for PostedForm {
    /// In the order of the page: of several fields of one name the first one counts.
    fn from_iter<Fields: IntoIterator<Item = (String, String)>>(fields: Fields) -> Self {
        let mut values = HashMap::new();
        for (name, value) in fields {
            values.entry(name).or_insert(value);
        }
        Self(values)
    }
}

impl PostedForm {
    /// The value of a field; None: the form has no such field.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// The value of a field without the space around it; empty where the form has no such field.
    pub(crate) fn trimmed(&self, name: &str) -> String {
        self.text(name).unwrap_or_default().trim().to_owned()
    }
}
