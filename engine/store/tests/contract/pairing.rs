use farshore_control::store::{PairingStore, SealedCredential, StoreError};
use farshore_model::{
    PairingId,
    group::{Side, SmokeJob},
    pairing::{Pairing, PairingSide},
    workspace::{CheckState, Cloud, ConnectionCheck, ConnectionReport},
};

use crate::{
    database::TestDatabase,
    fixtures::{T0, after, id},
};

on_both_engines!(
    a_wizard_is_left_and_resumed,
    a_credential_is_kept_for_its_side,
    a_stale_edit_is_refused_and_keeps_no_credential,
    a_removed_wizard_leaves_nothing,
);

fn pairing(number: u128) -> Pairing {
    Pairing {
        id: PairingId(id(number)),
        primary: None,
        secondary: None,
        group_name: None,
        sync_interval_ms: None,
        smoke_job: None,
        version: 1,
        created_at: after(i64::try_from(number).unwrap()),
    }
}

fn side() -> PairingSide {
    let check = ConnectionCheck {
        name: "reach".to_owned(),
        title: "The workspace answers".to_owned(),
        state: CheckState::Attention,
        detail: "in 1.2 s".to_owned(),
        remedy: None,
    };
    PairingSide {
        name: "Sales east".to_owned(),
        host: "https://adb-1.example.net".to_owned(),
        report: ConnectionReport {
            checks: vec![check],
            org_id: Some("1".to_owned()),
            user_name: None,
            cloud: Some(Cloud::Azure),
            region: None,
            tested_at: T0,
        },
        cloud: Some(Cloud::Azure),
        region: Some("westeurope".to_owned()),
    }
}

async fn a_wizard_is_left_and_resumed(db: TestDatabase) {
    let first = pairing(1);
    db.store.insert_pairing(&first).await.unwrap();
    db.store.insert_pairing(&pairing(2)).await.unwrap();
    let edited = Pairing {
        primary: Some(side()),
        group_name: Some("Sales".to_owned()),
        sync_interval_ms: Some(60_000),
        smoke_job: Some(SmokeJob { key: "1:2".to_owned(), name: "Smoke".to_owned() }),
        ..first.clone()
    };
    assert_eq!(db.store.update_pairing(&edited, None).await.unwrap(), 2);
    let stored = Pairing { version: 2, ..edited };
    assert_eq!(db.store.pairing(first.id).await.unwrap(), Some(stored.clone()));
    assert_eq!(db.store.pairings().await.unwrap(), [pairing(2), stored]);
    assert_eq!(db.store.pairing(PairingId(id(9))).await.unwrap(), None);
}

async fn a_credential_is_kept_for_its_side(db: TestDatabase) {
    let mut wizard = pairing(1);
    db.store.insert_pairing(&wizard).await.unwrap();
    assert_eq!(db.store.pairing_credential(wizard.id, Side::Primary).await.unwrap(), None);
    for sealed in [vec![1, 2, 3], vec![0, 255, 0]] {
        let sealed = SealedCredential(sealed);
        wizard.version = db.store.update_pairing(&wizard, Some((Side::Primary, &sealed))).await.unwrap();
        assert_eq!(db.store.pairing_credential(wizard.id, Side::Primary).await.unwrap(), Some(sealed));
        assert_eq!(db.store.pairing_credential(wizard.id, Side::Secondary).await.unwrap(), None);
    }
}

async fn a_stale_edit_is_refused_and_keeps_no_credential(db: TestDatabase) {
    let first = pairing(1);
    db.store.insert_pairing(&first).await.unwrap();
    db.store.update_pairing(&first, None).await.unwrap();
    let sealed = SealedCredential(vec![1]);
    let stale = db.store.update_pairing(&first, Some((Side::Primary, &sealed))).await;
    assert!(matches!(stale, Err(StoreError::Stale)), "{stale:?}");
    assert_eq!(db.store.pairing_credential(first.id, Side::Primary).await.unwrap(), None);
    let unknown = db.store.update_pairing(&pairing(9), Some((Side::Primary, &sealed))).await;
    assert!(matches!(unknown, Err(StoreError::NotFound)), "{unknown:?}");
}

async fn a_removed_wizard_leaves_nothing(db: TestDatabase) {
    let first = pairing(1);
    db.store.insert_pairing(&first).await.unwrap();
    db.store.update_pairing(&first, Some((Side::Secondary, &SealedCredential(vec![1])))).await.unwrap();
    db.store.remove_pairing(first.id).await.unwrap();
    db.store.remove_pairing(first.id).await.unwrap();
    assert_eq!(db.store.pairings().await.unwrap(), []);
    assert_eq!(db.store.pairing_credential(first.id, Side::Secondary).await.unwrap(), None);
}
