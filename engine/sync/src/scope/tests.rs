use serde_json::json;

use super::*;

#[test]
fn a_star_stands_for_any_text() {
    for (pattern, text, is_fitting) in [
        ("*", "", true),
        ("*", "anything", true),
        ("tmp *", "tmp 1", true),
        ("tmp *", "a tmp 1", false),
        ("*@x.example", "ann@x.example", true),
        ("*@x.example", "ann@y.example", false),
        ("a*b*c", "a--b--c", true),
        ("a*b*c", "a--c--b", false),
        ("a*a", "a", false),
        ("**", "x", true),
        ("*ab*ab", "ab", false),
        ("[x]", "[x]", true),
        ("", "", true),
        ("", "x", false),
    ] {
        assert_eq!(fits_pattern(pattern, text), is_fitting, "{pattern:?} and {text:?}");
    }
}

#[test]
fn a_path_is_itself_and_what_is_below_it() {
    assert!(lies_in("/a/b", "/a/b") && lies_in("/a/b/c", "/a/b") && lies_in("/a", "/"));
    assert!(!lies_in("/a/bc", "/a/b") && !lies_in("/a", "/a/b"));
    assert!(lies_in("dbfs:/x/y.jar", "/x"));
    assert!(!lies_in("arn:aws:iam::1:instance-profile/x", "/"), "what is no path lies nowhere");
}

fn settings(filters: Vec<(Option<ObjectKind>, FilterBy, bool)>) -> ReplicationSettings {
    let filter = |(kind, by, is_included)| ScopeFilter { kind, by, is_included };
    ReplicationSettings {
        filters: filters.into_iter().map(filter).collect(),
        ..ReplicationSettings::default()
    }
}

fn owned(owner: &str) -> FilterBy {
    FilterBy::Owner { pattern: owner.to_owned() }
}

#[test]
fn the_first_filter_that_fits_decides() {
    let job = |owner: &str, tags: serde_json::Value| {
        let raw = json!({"creator_user_name": owner, "settings": {"tags": tags}});
        Listed::new("1".to_owned(), "nightly".to_owned(), None, raw)
    };
    let tagged = FilterBy::Tag { key: "dr".to_owned(), value: "yes".to_owned() };
    let settings = settings(vec![
        (None, tagged, true),
        (Some(ObjectKind::Jobs), owned("ann*"), false),
        (None, owned("ann*"), true),
    ]);
    let is_out = |job: &Listed| Scope::of(&settings).is_filtered_out(ObjectKind::Jobs, job);
    assert!(is_out(&job("ann@x.example", json!({}))));
    assert!(!is_out(&job("ann@x.example", json!({"dr": "yes"}))));
    assert!(is_out(&job("ann@x.example", json!({"dr": "no"}))));
    assert!(!is_out(&job("bob@x.example", json!({}))), "none fits");
    let policy = Listed::new("1".to_owned(), "p".to_owned(), None, json!({}));
    assert!(
        !Scope::of(&settings).is_filtered_out(ObjectKind::ClusterPolicies, &policy),
        "nobody tells its owner"
    );
}

#[test]
fn an_excluded_kind_is_listed_only_for_what_refers_to_it() {
    let unlisted = |excluded: &[ObjectKind]| {
        let mut settings = ReplicationSettings::default();
        settings.handling.extend(excluded.iter().map(|kind| (*kind, Handling::Excluded)));
        Scope::of(&settings).unlisted()
    };
    let (clusters, jobs) = (ObjectKind::Clusters, ObjectKind::Jobs);
    assert_eq!(unlisted(&[clusters]), BTreeSet::new(), "jobs run on them");
    assert_eq!(unlisted(&[jobs, clusters]), BTreeSet::from([jobs, clusters]));
    assert_eq!(unlisted(&[ObjectKind::DbfsFiles]), BTreeSet::from([ObjectKind::DbfsFiles]));
}
