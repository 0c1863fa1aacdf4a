use farshore_control::store::{SealedCredential, StoreError, WorkspaceStore};
use farshore_model::{
    WorkspaceId,
    workspace::{Reachability, WorkspaceHealth},
};

use crate::{
    database::TestDatabase,
    fixtures::{T0, after, id, keep_paired},
};

on_both_engines!(workspaces_are_read_back_by_name, a_credential_is_replaced_by_version, the_last_look_stays,);

async fn workspaces_are_read_back_by_name(db: TestDatabase) {
    let sales = keep_paired(&db.store, 100, "Sales").await;
    let ads = keep_paired(&db.store, 200, "ads").await;
    let names: Vec<String> =
        db.store.workspaces().await.unwrap().into_iter().map(|workspace| workspace.name).collect();
    assert_eq!(names, ["ads east", "ads west", "Sales east", "Sales west"]);
    for (workspace, credential) in sales.workspaces.iter().chain(&ads.workspaces) {
        assert_eq!(db.store.workspace(workspace.id).await.unwrap().as_ref(), Some(workspace));
        assert_eq!(db.store.credential(workspace.id).await.unwrap().as_ref(), Some(credential));
    }
    assert_eq!(db.store.workspace(WorkspaceId(id(9))).await.unwrap(), None);
    assert_eq!(db.store.credential(WorkspaceId(id(9))).await.unwrap(), None);
}

async fn a_credential_is_replaced_by_version(db: TestDatabase) {
    let sales = keep_paired(&db.store, 100, "Sales").await;
    let (workspace, _) = &sales.workspaces[0];
    let renewed = SealedCredential(vec![9; 300]);
    assert_eq!(db.store.replace_credential(workspace.id, 1, &renewed).await.unwrap(), 2);
    let stale = db.store.replace_credential(workspace.id, 1, &SealedCredential(vec![1])).await;
    assert!(matches!(stale, Err(StoreError::Stale)), "{stale:?}");
    let unknown = db.store.replace_credential(WorkspaceId(id(9)), 1, &renewed).await;
    assert!(matches!(unknown, Err(StoreError::NotFound)), "{unknown:?}");
    assert_eq!(db.store.credential(workspace.id).await.unwrap(), Some(renewed));
    assert_eq!(db.store.workspace(workspace.id).await.unwrap().unwrap().version, 2);
}

async fn the_last_look_stays(db: TestDatabase) {
    let sales = keep_paired(&db.store, 100, "Sales").await;
    assert_eq!(db.store.health().await.unwrap(), []);
    let mut health = WorkspaceHealth {
        workspace_id: sales.workspaces[0].0.id,
        state: Reachability::Reachable,
        checked_at: T0,
        since: T0,
        error: None,
        remedy: None,
    };
    db.store.put_health(std::slice::from_ref(&health)).await.unwrap();
    health.state = Reachability::Unreachable;
    health.checked_at = after(5);
    health.error = Some("it hangs".to_owned());
    health.remedy = Some("wait".to_owned());
    db.store.put_health(std::slice::from_ref(&health)).await.unwrap();
    assert_eq!(db.store.health().await.unwrap(), [health.clone()]);

    let nowhere = WorkspaceHealth { workspace_id: WorkspaceId(id(9)), ..health.clone() };
    let newer = WorkspaceHealth { checked_at: after(6), ..health.clone() };
    let refused = db.store.put_health(&[newer, nowhere]).await;
    assert!(matches!(refused, Err(StoreError::NotFound)), "{refused:?}");
    assert_eq!(db.store.health().await.unwrap(), [health], "all of them or none");
}
