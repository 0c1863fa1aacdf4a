//! Giving back what was held: from the ledger and the side's own workspace alone.

/// What releasing one kind of object did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReleaseReport {
    pub changed: u32,
    /// In force before this call.
    pub already: u32,
    /// What could not be released, by name, and why.
    pub problems: Vec<(String, String)>,
}
