//! A form that was posted to the address of its own page, which shows what came of it.

/// Names and values, in the order of the page. A still page whose form has rows reads them itself: a server function
/// takes a fixed number of fields.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PostedForm(pub Vec<(String, String)>);

impl PostedForm {
    /// The value of a field; None: the form has no such field.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.0.iter().find_map(|(field, value)| (field == name).then_some(value.as_str()))
    }

    /// The value of a field without the space around it; empty where the form has no such field.
    pub(crate) fn trimmed(&self, name: &str) -> String {
        self.text(name).unwrap_or_default().trim().to_owned()
    }
}
