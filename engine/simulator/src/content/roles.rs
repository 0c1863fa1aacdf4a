//! The roles that write notebooks in their homes.

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
