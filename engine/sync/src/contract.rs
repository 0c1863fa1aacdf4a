//! What every [`LedgerStore`] keeps to. A store's own tests hand in a fixture and unwrap the result.

use farshore_model::{
    PairId, PlanId, Timestamp,
    group::Side,
    kind::{ObjectKey, ObjectKind},
    ledger::{CreateIntent, LedgerEntry},
    sync_run::OutcomeState,
};
use serde_json::json;
use uuid::Uuid;

use crate::ledger::{Carried, LedgerError, LedgerStore, PendingWatermarks, SyncLease, Watermarks};

/// A store without entries and watermarks for its two pairs, a lease that is current, and one of the same
/// holder that was taken over.
#[derive(Clone, Copy)]
pub struct LedgerFixture<'a> {
    pub store: &'a dyn LedgerStore,
    pub pair: PairId,
    pub other_pair: PairId,
    pub lease: SyncLease,
    pub lost_lease: SyncLease,
}

#[derive(Debug, thiserror::Error)]
pub enum Broken {
    #[error("the store answered with an error where it should not")]
    Store(#[from] LedgerError),
    #[error("{0}")]
    Promise(String),
}

/// The whole contract, on one fixture.
pub async fn ledger_store(fixture: &LedgerFixture<'_>) -> Result<(), Broken> {
    starts_empty(fixture).await?;
    gives_back_what_was_put(fixture).await?;
    replaces_by_pair_kind_and_key(fixture).await?;
    notes_a_release_on_one_side_alone(fixture).await?;
    keeps_pairs_apart(fixture).await?;
    forgets_what_is_removed(fixture).await?;
    keeps_watermarks_as_they_are(fixture).await?;
    refuses_a_lost_lease(fixture).await
}

async fn starts_empty(fixture: &LedgerFixture<'_>) -> Result<(), Broken> {
    same("entries of an unknown pair", &fixture.store.load(fixture.pair).await?, &Vec::new())?;
    same(
        "watermarks of an unknown pair",
        &fixture.store.watermarks(fixture.pair).await?,
        &Watermarks::default(),
    )
}

async fn gives_back_what_was_put(fixture: &LedgerFixture<'_>) -> Result<(), Broken> {
    let entries = [full_entry(fixture.pair), bare_entry(fixture.pair)];
    fixture.store.put(&fixture.lease, &[]).await?;
    fixture.store.put(&fixture.lease, &entries).await?;
    same("entries after a put", &loaded(fixture, fixture.pair).await?, &sorted(entries.to_vec()))
}

async fn replaces_by_pair_kind_and_key(fixture: &LedgerFixture<'_>) -> Result<(), Broken> {
    let mut changed = full_entry(fixture.pair);
    changed.intent = None;
    changed.name = "renamed, with a 'quote' and an ümlaut".into();
    changed.secondary_id = Some("77".into());
    changed.activation = None;
    changed.last_outcome = Some(OutcomeState::Failed);
    fixture.store.put(&fixture.lease, std::slice::from_ref(&changed)).await?;
    let expected = sorted(vec![changed, bare_entry(fixture.pair)]);
    same("entries after a second put", &loaded(fixture, fixture.pair).await?, &expected)
}

async fn notes_a_release_on_one_side_alone(fixture: &LedgerFixture<'_>) -> Result<(), Broken> {
    let before = loaded(fixture, fixture.pair).await?;
    let held = full_entry(fixture.pair);
    let mut on_both = held.clone();
    on_both.set_awaits_release_on(Side::Secondary, true);
    fixture.store.put(&fixture.lease, std::slice::from_ref(&on_both)).await?;
    let unknown = ObjectKey { kind: ObjectKind::Jobs, key: "never seen".into() };
    let keys = [unknown, on_both.object.clone()];
    fixture.store.mark_released(&fixture.lease, fixture.pair, Side::Secondary, &keys).await?;
    let entries = loaded(fixture, fixture.pair).await?;
    let found = entries.iter().find(|entry| entry.object == held.object);
    same("an entry that was released on the secondary side", &found, &Some(&held))?;
    fixture.store.mark_released(&fixture.lease, fixture.pair, Side::Primary, &keys).await?;
    let released = LedgerEntry { awaits_release_on_primary: false, ..held };
    let entries = loaded(fixture, fixture.pair).await?;
    let found = entries.iter().find(|entry| entry.object == released.object);
    same("an entry that was released on both sides", &found, &Some(&released))?;
    fixture.store.put(&fixture.lease, &before).await?;
    same("entries as before", &loaded(fixture, fixture.pair).await?, &before)
}

async fn keeps_pairs_apart(fixture: &LedgerFixture<'_>) -> Result<(), Broken> {
    let twin = bare_entry(fixture.other_pair);
    fixture.store.put(&fixture.lease, std::slice::from_ref(&twin)).await?;
    same("entries of the other pair", &loaded(fixture, fixture.other_pair).await?, &vec![twin.clone()])?;
    fixture.store.remove(&fixture.lease, fixture.other_pair, &[twin.object]).await?;
    same(
        "entries of the other pair after a removal",
        &loaded(fixture, fixture.other_pair).await?,
        &Vec::new(),
    )?;
    same("number of entries of the first pair", &loaded(fixture, fixture.pair).await?.len(), &2)
}

async fn forgets_what_is_removed(fixture: &LedgerFixture<'_>) -> Result<(), Broken> {
    let unknown = ObjectKey { kind: ObjectKind::Jobs, key: "never seen".into() };
    let gone = full_entry(fixture.pair).object;
    fixture.store.remove(&fixture.lease, fixture.pair, &[unknown, gone]).await?;
    same("entries after a removal", &loaded(fixture, fixture.pair).await?, &vec![bare_entry(fixture.pair)])
}

async fn keeps_watermarks_as_they_are(fixture: &LedgerFixture<'_>) -> Result<(), Broken> {
    let pending = PendingWatermarks {
        plan_id: PlanId(Uuid::from_u128(0xabc)),
        primary_ms: 1_700_000_000_001,
        secondary_ms: 1_700_000_000_002,
    };
    for watermarks in [
        Watermarks { primary_ms: Some(1), pending: Some(pending), ..Watermarks::default() },
        Watermarks {
            primary_ms: Some(1_700_000_000_001),
            secondary_ms: Some(3),
            pending: None,
            carried: vec![Carried {
                from: Timestamp(1),
                until: Timestamp(2),
                primary_ms: 3,
                secondary_ms: 4,
            }],
        },
    ] {
        fixture.store.set_watermarks(&fixture.lease, fixture.pair, &watermarks).await?;
        same("watermarks", &fixture.store.watermarks(fixture.pair).await?, &watermarks)?;
    }
    let untouched = fixture.store.watermarks(fixture.other_pair).await?;
    same("watermarks of the other pair", &untouched, &Watermarks::default())
}

async fn refuses_a_lost_lease(fixture: &LedgerFixture<'_>) -> Result<(), Broken> {
    let LedgerFixture { store, pair, lost_lease, .. } = fixture;
    let before = (loaded(fixture, *pair).await?, store.watermarks(*pair).await?);
    lease_lost("put", store.put(lost_lease, &[full_entry(*pair)]).await)?;
    let keys = [full_entry(*pair).object];
    lease_lost("mark_released", store.mark_released(lost_lease, *pair, Side::Primary, &keys).await)?;
    lease_lost("remove", store.remove(lost_lease, *pair, &[bare_entry(*pair).object]).await)?;
    lease_lost("set_watermarks", store.set_watermarks(lost_lease, *pair, &Watermarks::default()).await)?;
    let foreign = SyncLease { owner: Uuid::from_u128(0xdead), ..fixture.lease };
    lease_lost("put of another owner", store.put(&foreign, &[full_entry(*pair)]).await)?;
    let after = (loaded(fixture, *pair).await?, store.watermarks(*pair).await?);
    same("what a lost lease tried to write", &after, &before)
}

async fn loaded(fixture: &LedgerFixture<'_>, pair: PairId) -> Result<Vec<LedgerEntry>, Broken> {
    Ok(sorted(fixture.store.load(pair).await?))
}

fn sorted(mut entries: Vec<LedgerEntry>) -> Vec<LedgerEntry> {
    entries.sort_by(|left, right| left.object.cmp(&right.object));
    entries
}

fn full_entry(pair_id: PairId) -> LedgerEntry {
    LedgerEntry {
        pair_id,
        object: ObjectKey { kind: ObjectKind::Jobs, key: "1111:42".into() },
        name: "Nightly load".into(),
        primary_id: Some("42".into()),
        secondary_id: None,
        base_hash: Some("ab".repeat(32)),
        filled_in_hash: Some("cd".repeat(32)),
        activation: Some(json!({"max_concurrent_runs": 4, "pause": {"schedule": "UNPAUSED"}})),
        awaits_release_on_primary: true,
        awaits_release_on_secondary: false,
        intent: Some(CreateIntent {
            side: Side::Secondary,
            mark: "0198".to_owned(),
            at: Timestamp(1_700_000_000_000_001),
        }),
        last_outcome: Some(OutcomeState::Succeeded),
        last_error: Some("line one\nline two".to_owned()),
        agreed_at: Some(Timestamp(1_700_000_000_000_002)),
    }
}

fn bare_entry(pair_id: PairId) -> LedgerEntry {
    LedgerEntry {
        pair_id,
        object: ObjectKey { kind: ObjectKind::Notebooks, key: "/Shared/Größe / 100 %".into() },
        name: "/Shared/Größe / 100 %".into(),
        primary_id: None,
        secondary_id: None,
        base_hash: None,
        filled_in_hash: None,
        activation: None,
        awaits_release_on_primary: false,
        awaits_release_on_secondary: false,
        intent: None,
        last_outcome: None,
        last_error: None,
        agreed_at: None,
    }
}

fn same<T: PartialEq + std::fmt::Debug>(what: &str, found: &T, expected: &T) -> Result<(), Broken> {
    if found == expected {
        return Ok(());
    }
    Err(Broken::Promise(format!("{what}: expected {expected:?}, found {found:?}")))
}

fn lease_lost(what: &str, answer: Result<(), LedgerError>) -> Result<(), Broken> {
    match answer {
        Err(LedgerError::LeaseLost) => Ok(()),
        Ok(()) => Err(Broken::Promise(format!("{what} with a lost lease was accepted"))),
        Err(error) => Err(error.into()),
    }
}
