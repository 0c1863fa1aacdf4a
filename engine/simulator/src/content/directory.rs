//! Who else works here: colleagues, the groups of everybody, and the machines.

use serde_json::json;

use super::roles::ROLES;
use crate::seed;
use crate::state::State;
use crate::state::directory::{self, Resource, ResourceKind};
use crate::state::tree;

/// Mailboxes and names beyond those of the roles that own notebooks.
const COLLEAGUES: [(&str, &str); 16] = [
    ("accounts-payable@farshore.example", "Accounts payable"),
    ("actuary@farshore.example", "Pricing actuary"),
    ("analytics-engineer@farshore.example", "Analytics engineer"),
    ("campaign-manager@farshore.example", "Campaign manager"),
    ("capital-reporting@farshore.example", "Capital reporting"),
    ("claims-adjuster@farshore.example", "Claims adjuster"),
    ("cloud-engineer@farshore.example", "Cloud engineer"),
    ("compliance-officer@farshore.example", "Compliance officer"),
    ("data-steward@farshore.example", "Data steward"),
    ("fraud-investigator@farshore.example", "Fraud investigator"),
    ("internal-auditor@farshore.example", "Internal auditor"),
    ("ml-engineer@farshore.example", "Machine-learning engineer"),
    ("security-engineer@farshore.example", "Security engineer"),
    ("streaming-engineer@farshore.example", "Streaming engineer"),
    ("tax-analyst@farshore.example", "Tax analyst"),
    ("treasury-analyst@farshore.example", "Treasury analyst"),
];

/// The machines, by the name that a person gave them.
pub(super) const MACHINES: [&str; 4] =
    ["pipeline-runner", "report-gateway", "release-pipeline", "quality-probe"];

struct Group {
    name: &'static str,
    /// Names of mailboxes, of machines and of groups that come before this one.
    members: &'static [&'static str],
    may: &'static [&'static str],
}

const GROUPS: [Group; 8] = [
    Group {
        name: "data-engineering",
        members: &["ingestion-engineer", "streaming-engineer", "analytics-engineer", "pipeline-runner"],
        may: &["allow-cluster-create"],
    },
    Group {
        name: "data-platform",
        members: &["platform-operator", "cloud-engineer", "security-engineer", "release-pipeline"],
        may: &["allow-cluster-create", "allow-instance-pool-create"],
    },
    Group { name: "data-science", members: &["data-scientist", "ml-engineer", "actuary"], may: &[] },
    Group {
        name: "finance",
        members: &["finance-controller", "accounts-payable", "tax-analyst", "treasury-analyst"],
        may: &[],
    },
    Group { name: "claims", members: &["claims-analyst", "claims-adjuster", "fraud-investigator"], may: &[] },
    Group { name: "risk", members: &["risk-modeller", "capital-reporting"], may: &[] },
    Group {
        name: "analytics",
        members: &[
            "bi-developer",
            "customer-insights",
            "campaign-manager",
            "report-gateway",
            "finance",
            "claims",
            "risk",
        ],
        may: &[],
    },
    Group {
        name: "auditors",
        members: &["internal-auditor", "compliance-officer", "data-steward", "quality-probe"],
        may: &[],
    },
];

/// The application id of a machine: the same in every region, as identities of an account are.
pub(super) fn application_id(machine: &str) -> String {
    let (high, low) = (seed::of_text(machine), seed::mix(seed::of_text(machine)));
    let hex = format!("{high:016x}{low:016x}");
    let part = |from: usize, to: usize| hex.get(from..to).unwrap_or_default();
    format!("{}-{}-4{}-a{}-{}", part(0, 8), part(8, 12), part(13, 16), part(17, 20), part(20, 32))
}

pub(super) fn add(state: &mut State) {
    let mut ids = Vec::new();
    for (mailbox, name) in ROLES.into_iter().chain(COLLEAGUES) {
        let short = mailbox.split('@').next().unwrap_or(mailbox);
        ids.push((short, directory::add_user(state, mailbox, name)));
        tree::make_directory(state, &tree::home_of(mailbox));
    }
    for machine in MACHINES {
        ids.push((machine, directory::add_service_principal(state, &application_id(machine), machine)));
    }
    for group in &GROUPS {
        let id = state.next_number().to_string();
        let members = ids.iter().filter(|(name, _)| group.members.contains(name));
        let members = members.map(|(_, id)| json!({"value": id})).collect();
        let may = group.may.iter().map(|name| json!({"value": name})).collect();
        let mut fields: Resource =
            directory::resource([("displayName", group.name.into()), ("members", members)]);
        if !group.may.is_empty() {
            fields.insert("entitlements".into(), may);
        }
        directory::put(state, ResourceKind::Groups, &id, fields);
        ids.push((group.name, id));
    }
}
