use farshore_control::store::StoreError;

use crate::{
    database::TestDatabase,
    fixtures::{T0, after},
};

on_both_engines!(
    a_session_lasts_until_it_expires,
    an_id_is_created_once,
    a_saved_session_replaces_the_one_before,
    expired_sessions_are_deleted,
);

async fn a_session_lasts_until_it_expires(db: TestDatabase) {
    db.store.create_session("one", r#"{"a":"\u0000"}"#, after(10)).await.unwrap();
    assert_eq!(db.store.load_session("one", after(9)).await.unwrap().as_deref(), Some(r#"{"a":"\u0000"}"#));
    assert_eq!(db.store.load_session("one", after(10)).await.unwrap(), None);
    assert_eq!(db.store.load_session("two", T0).await.unwrap(), None);
}

async fn an_id_is_created_once(db: TestDatabase) {
    db.store.create_session("one", "mine", after(10)).await.unwrap();
    let refused = db.store.create_session("one", "yours", after(20)).await;
    assert!(matches!(refused, Err(StoreError::Taken("session"))), "{refused:?}");
    assert_eq!(db.store.load_session("one", T0).await.unwrap().as_deref(), Some("mine"));
}

async fn a_saved_session_replaces_the_one_before(db: TestDatabase) {
    db.store.save_session("one", "first", after(10)).await.unwrap();
    db.store.save_session("one", "second", after(20)).await.unwrap();
    assert_eq!(db.store.load_session("one", after(15)).await.unwrap().as_deref(), Some("second"));
    db.store.delete_session("one").await.unwrap();
    db.store.delete_session("one").await.unwrap();
    assert_eq!(db.store.load_session("one", T0).await.unwrap(), None);
}

async fn expired_sessions_are_deleted(db: TestDatabase) {
    for (id, ms) in [("one", 10), ("two", 20), ("three", 30)] {
        db.store.create_session(id, "data", after(ms)).await.unwrap();
    }
    assert_eq!(db.store.delete_expired_sessions(after(20)).await.unwrap(), 2);
    assert_eq!(db.store.delete_expired_sessions(after(20)).await.unwrap(), 0);
    assert!(db.store.load_session("three", T0).await.unwrap().is_some());
}
