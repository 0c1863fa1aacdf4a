//! Who works here: mailboxes of roles.

use crate::state::State;
use crate::state::directory;
use crate::state::tree;

/// The mailbox and the name of each role.
pub(super) const ROLES: [(&str, &str); 8] = [
    ("finance-controller@farshore.example", "Finance controller"),
    ("claims-analyst@farshore.example", "Claims analyst"),
    ("risk-modeller@farshore.example", "Risk modeller"),
    ("customer-insights@farshore.example", "Customer insights"),
    ("ingestion-engineer@farshore.example", "Ingestion engineer"),
    ("data-scientist@farshore.example", "Data scientist"),
    ("bi-developer@farshore.example", "BI developer"),
    ("platform-operator@farshore.example", "Platform operator"),
];

pub(super) fn add(state: &mut State) {
    for (mailbox, name) in ROLES {
        directory::add_user(state, mailbox, name);
        tree::make_directory(state, &tree::home_of(mailbox));
    }
}
