use farshore_control::store::{PersonStore, StoreError, StoredPerson};
use farshore_model::{Role, UserId};

use crate::{
    database::TestDatabase,
    fixtures::{actor, id},
};

on_both_engines!(persons_are_read_back, a_login_is_taken_once);

fn person(number: u128, name: &str, role: Role) -> StoredPerson {
    StoredPerson {
        actor: actor(number, name, role),
        login: format!("login {number}"),
        password_hash: (number == 1).then(|| "$argon2id$v=19$…".to_owned()),
    }
}

async fn persons_are_read_back(db: TestDatabase) {
    let people: Vec<StoredPerson> = Role::ALL
        .into_iter()
        .zip(1..)
        .map(|(role, number)| person(number, &format!("person {number}"), role))
        .collect();
    for person in people.iter().rev() {
        db.store.insert_person(person).await.unwrap();
    }
    assert_eq!(db.store.persons().await.unwrap(), people);
    assert_eq!(db.store.person(people[1].actor.id).await.unwrap().as_ref(), Some(&people[1]));
    assert_eq!(db.store.person_by_login("login 3").await.unwrap().as_ref(), Some(&people[2]));
    assert_eq!(db.store.person_by_login("LOGIN 3").await.unwrap(), None);
    assert_eq!(db.store.person(UserId(id(9))).await.unwrap(), None);
}

async fn a_login_is_taken_once(db: TestDatabase) {
    let ada = person(1, "Ada", Role::Admin);
    db.store.insert_person(&ada).await.unwrap();
    let twin = StoredPerson { login: ada.login.clone(), ..person(2, "Twin", Role::Viewer) };
    let refused = db.store.insert_person(&twin).await;
    assert!(matches!(refused, Err(StoreError::Taken("login"))), "{refused:?}");
    assert_eq!(db.store.persons().await.unwrap(), [ada]);
}
