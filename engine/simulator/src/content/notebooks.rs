//! Some three hundred notebooks in nested folders.

use super::DAY_MS;
use super::domains::{DOMAINS, Domain};
use super::roles::ROLES;
use super::sources::{self, Subject};
use crate::seed::{self, Picker};
use crate::state::State;
use crate::state::tree::{self, Language, Node, NodeKind};

/// The folder of each step of a pipeline, with the languages that its notebooks are written in, in turn.
const LAYERS: [(&str, &str, [Language; 3]); 4] = [
    ("01 Bronze", "land", [Language::Python, Language::Python, Language::Scala]),
    ("02 Silver", "conform", [Language::Sql, Language::Python, Language::Scala]),
    ("03 Gold", "publish", [Language::Sql, Language::Sql, Language::Python]),
    ("04 Checks", "check", [Language::Python, Language::Sql, Language::R]),
];

const SHARED: [(&str, &[&str]); 5] = [
    (
        "Libraries/Connections",
        &["secrets", "jdbc sources", "object storage", "message bus", "service accounts"],
    ),
    ("Libraries/Quality", &["expectations", "row counts", "schema drift", "freshness", "duplicates"]),
    ("Libraries/Time", &["working days", "fiscal calendar", "time zones"]),
    (
        "Runbooks",
        &["late delivery", "replay a day", "rebuild a table", "rotate a secret", "pause the platform"],
    ),
    ("Training", &["delta basics", "joins that scale", "streaming", "first job", "reading plans"]),
];

const STUDIES: [&str; 8] = [
    "seasonality",
    "outliers",
    "feature candidates",
    "back test",
    "reconciliation",
    "sample review",
    "segment drift",
    "what changed",
];

/// The path of the notebook of a domain's entity in one layer.
pub(super) fn production_path(domain: &Domain, layer: usize, entity: usize) -> String {
    let (folder, verb, _) =
        LAYERS.get(layer).copied().unwrap_or(("01 Bronze", "land", [Language::Python; 3]));
    let entity = domain.entities.get(entity).map_or("reference_data", |entity| entity.0);
    format!("/Production/{}/{folder}/{verb}_{entity}", domain.title)
}

pub(super) fn add(state: &mut State) {
    for domain in &DOMAINS {
        for (layer, (_, _, languages)) in LAYERS.iter().enumerate() {
            for (index, entity) in domain.entities.iter().enumerate() {
                let path = production_path(domain, layer, index);
                let language = languages.get(index % 3).copied().unwrap_or(Language::Python);
                put(state, &path, language, &Subject::new(domain, *entity, layer));
            }
        }
    }
    let mut turn = 0;
    for (folder, names) in SHARED {
        for name in names {
            turn += 1;
            let language = if turn % 4 == 0 { Language::Scala } else { Language::Python };
            let subject = Subject::of(turn, turn % 4);
            put(state, &format!("/Shared/{folder}/{name}"), language, &subject);
        }
    }
    for domain in &DOMAINS {
        for (index, entity) in domain.entities.iter().enumerate().filter(|(index, _)| index % 2 == 0) {
            let path = format!("/Shared/Dashboards/{}/{} overview", domain.title, entity.0.replace('_', " "));
            put(state, &path, Language::Sql, &Subject::new(domain, *entity, 2 + index % 2));
        }
    }
    for (index, (mailbox, _)) in ROLES.iter().enumerate() {
        for (number, study) in STUDIES.iter().enumerate() {
            let languages = [Language::Python, Language::R, Language::Sql];
            let language = languages.get((index + number) % 3).copied().unwrap_or(Language::Python);
            let folder = if number % 2 == 0 { "Experiments" } else { "Analyses/2026" };
            let path = format!("{}/{folder}/{study}", tree::home_of(mailbox));
            put(state, &path, language, &Subject::of(index * 8 + number, number % 4));
        }
    }
}

fn put(state: &mut State, path: &str, language: Language, subject: &Subject) {
    tree::make_directory(state, tree::parent_of(path));
    // Of the path alone: both ends of a comparison can be rebuilt.
    let mut picker = Picker::new(seed::of_text(path));
    let source = sources::write(language, subject, &mut picker);
    let created_ms = state.now_ms - (60 + picker.below(340) as i64) * DAY_MS;
    let modified_ms = created_ms + picker.below(55) as i64 * DAY_MS;
    let kind = NodeKind::notebook(language, source);
    let object_id = state.next_number();
    state.tree.put(path, Node { object_id, created_ms, modified_ms, kind });
}
