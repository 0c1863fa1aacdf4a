//! The use-cases of Farshore: what people and workers may do. Each takes the actor first, authorises itself
//! against the role matrix, writes the beginning to the audit list, acts through store traits, and completes
//! the audit entry. The interface and the API both come in here, and nothing else writes.

pub mod store;
