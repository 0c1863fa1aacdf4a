use farshore_control::store::{AuditStore, StoreError};
use farshore_model::{
    AuditId,
    audit::{AuditEntry, AuditState},
    view::AuditFilter,
};

use crate::{
    database::TestDatabase,
    fixtures::{after, id},
};

on_both_engines!(
    an_entry_is_completed_once,
    an_unknown_entry_cannot_be_completed,
    pages_are_newest_first_and_filtered,
);

fn entry(number: u128, actor: &str, action: &str) -> AuditEntry {
    AuditEntry {
        id: AuditId(id(number)),
        began_at: after(i64::try_from(number).unwrap()),
        actor_name: actor.to_owned(),
        actor_role: "admin".to_owned(),
        action: action.to_owned(),
        subject: "the group „Größe“".to_owned(),
        subject_path: Some("/groups/1".to_owned()),
        state: AuditState::Begun,
        completed_at: None,
        detail: None,
    }
}

async fn an_entry_is_completed_once(db: TestDatabase) {
    let begun = entry(1, "Ada Admin", "pair_workspaces");
    db.store.begin_audit(&begun).await.unwrap();
    assert_eq!(db.store.audit_page(&AuditFilter::default(), 10).await.unwrap(), (vec![begun.clone()], 1));

    db.store.complete_audit(begun.id, AuditState::Failed, Some("it hung"), after(5)).await.unwrap();
    db.store.complete_audit(begun.id, AuditState::Succeeded, None, after(6)).await.unwrap();
    let completed = AuditEntry {
        state: AuditState::Failed,
        completed_at: Some(after(5)),
        detail: Some("it hung".to_owned()),
        ..begun
    };
    assert_eq!(db.store.audit_page(&AuditFilter::default(), 10).await.unwrap(), (vec![completed], 1));
}

async fn an_unknown_entry_cannot_be_completed(db: TestDatabase) {
    let answer = db.store.complete_audit(AuditId(id(1)), AuditState::Succeeded, None, after(5)).await;
    assert!(matches!(answer, Err(StoreError::NotFound)), "{answer:?}");
}

async fn pages_are_newest_first_and_filtered(db: TestDatabase) {
    for number in 1..=7 {
        let actor = if number % 2 == 0 { "Olga 100%" } else { "Ada_Admin" };
        let action = if number > 5 { "request_failover" } else { "sign_in" };
        db.store.begin_audit(&entry(number, actor, action)).await.unwrap();
    }
    let page = async |action: Option<&str>, actor: Option<&str>, page: u32| {
        let filter = AuditFilter { action: action.map(str::to_owned), actor: actor.map(str::to_owned), page };
        let (entries, count) = db.store.audit_page(&filter, 3).await.unwrap();
        (entries.iter().map(|entry| entry.id.0.as_u128()).collect::<Vec<_>>(), count)
    };
    assert_eq!(page(None, None, 0).await, (vec![7, 6, 5], 7));
    assert_eq!(page(None, None, 1).await, (vec![7, 6, 5], 7));
    assert_eq!(page(None, None, 3).await, (vec![1], 7));
    assert_eq!(page(None, None, 9).await, (vec![], 7));
    assert_eq!(page(Some("request_failover"), None, 1).await, (vec![7, 6], 2));
    assert_eq!(page(Some("request"), None, 1).await, (vec![], 0));
    assert_eq!(page(None, Some("OLGA"), 1).await, (vec![6, 4, 2], 3));
    assert_eq!(page(Some("sign_in"), Some("ada"), 1).await, (vec![5, 3, 1], 3));
    // A wildcard is a letter like any other.
    assert_eq!(page(None, Some("%"), 1).await, (vec![6, 4, 2], 3));
    assert_eq!(page(None, Some("a_a"), 1).await, (vec![7, 5, 3], 4));
    assert_eq!(page(None, Some("\\"), 1).await, (vec![], 0));
}
