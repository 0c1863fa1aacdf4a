//! Making a plan: list both sides, settle what a crash has left, compare, and note what was learnt.

mod noted;

pub(crate) use noted::noted;

use std::collections::{BTreeMap, BTreeSet};

use farshore_model::{
    PlanId,
    group::Side,
    kind::{ObjectKey, ObjectKind},
    ledger::LedgerEntry,
    plan::{PlanCounts, PlanItem, SyncPlan},
};
use futures::future;
use serde_json::json;

use crate::{
    canonical, carried,
    context::PairContext,
    error::PlanError,
    id_map::{Entries, SideKeys, match_with_others},
    inventory::{Inventory, KnownUntil, ListFailed, Look, list_all, named},
    kinds::{self, Listed},
    ledger::{PendingWatermarks, Watermarks},
    observe::{choose_to_load, load, see, see_and_forget},
    places,
    planner::{self, Inputs, Objects, Planned, Seen, Unlisted, is_group},
    policy::SyncPolicy,
    recovery::settle_intents,
    rotation,
    scope::{self, Scope},
};

/// How far the clocks of the panel and of a workspace that does not tell its time may be apart.
const UNTOLD_CLOCK_MARGIN_MS: i64 = 2 * 60 * 1_000;
/// How the libraries of clusters are called among what is not replicated.
const OMITTED_LIBRARIES: &str = "CLUSTER_LIBRARIES";
/// Entries that are written in one transaction.
const CHUNK: usize = 500;

/// Compares both sides and says what would make the other side equal to `source`. Workspaces are only read;
/// the ledger learns which objects are equal, which clusters run, and what became of interrupted creates.
///
/// # Errors
/// Whenever a listing is not complete, or a notebook cannot be read for a reason that is not its own: then
/// there is no plan at all.
pub async fn make_plan(
    ctx: &PairContext,
    source: Side,
    plan_id: PlanId,
    policy: &SyncPolicy,
) -> Result<SyncPlan, PlanError> {
    let target = source.other();
    let scope = Scope::of(&ctx.settings);
    let policy = &policy.with_drift(ctx.settings.on_drift);
    let mut watermarks = ctx.ledger.watermarks(ctx.pair_id).await?;
    let loaded = ctx.ledger.load(ctx.pair_id).await?;
    let mut entries: Entries = loaded.into_iter().map(|entry| (entry.object.clone(), entry)).collect();

    let listing_began_at = ctx.clock.now();
    let (mut inventory_here, mut inventory_there) =
        future::try_join(list_side(ctx, source, &watermarks), list_side(ctx, target, &watermarks)).await?;

    let named = named([&inventory_here, &inventory_there], &entries);
    future::try_join(
        find_on_side(ctx, source, &watermarks, &mut inventory_here, &named),
        find_on_side(ctx, target, &watermarks, &mut inventory_there, &named),
    )
    .await?;
    inventory_there.leave_out_what_is_missing();

    carried::trust(&mut inventory_here, &entries, &watermarks);
    carried::trust(&mut inventory_there, &entries, &watermarks);

    let mut learnt = settle_intents(&mut entries, source, &inventory_here, listing_began_at);
    learnt.extend(settle_intents(&mut entries, target, &inventory_there, listing_began_at));
    put(ctx, &learnt).await?;

    // What one side does not offer cannot be compared, and is not missing either.
    let mut out_of_scope = inventory_here.unavailable.clone();
    out_of_scope.extend(inventory_there.unavailable.clone());
    let lacks_profiles = out_of_scope.contains_key(&ObjectKind::InstanceProfiles);
    // Why it is excluded says more.
    out_of_scope.retain(|kind, _| !scope.is_excluded(*kind));

    let lacks_libraries = inventory_here.lacks_libraries || inventory_there.lacks_libraries;
    if lacks_libraries && let Some(clusters) = inventory_here.objects.get(&ObjectKind::Clusters) {
        let names: Vec<String> = clusters.iter().map(|cluster| cluster.name.to_string()).collect();
        if !names.is_empty() {
            inventory_here.omitted.insert(OMITTED_LIBRARIES.to_owned(), names);
        }
    }

    let org_of = |side: Side| ctx.end(side).org_id.as_str();
    let mut matched = match_with_others(
        (&inventory_here, source, org_of(source)),
        (&inventory_there, target, org_of(target)),
        &entries,
        &ctx.settings.region_map,
        &|kind: ObjectKind, object: &Listed| scope.is_of_others(kind, object),
    );
    if lacks_profiles {
        matched.source.note_unoffered(ObjectKind::InstanceProfiles);
        matched.target.note_unoffered(ObjectKind::InstanceProfiles);
    }
    if lacks_libraries {
        matched.source.leave_out_libraries();
        matched.target.leave_out_libraries();
    }
    let apart =
        scope.apart((&inventory_here, &matched.source), (&inventory_there, &matched.target), &entries);
    matched.source.set_apart(apart.clone());
    matched.target.set_apart(apart);
    let is_all_in_scope = ctx.settings.filters.is_empty() && scope.excluded().next().is_none();
    let look_at = |inventory: &mut Inventory, keys: &SideKeys| {
        if is_all_in_scope { see_and_forget(inventory, keys) } else { see(inventory, keys) }
    };
    let mut here = look_at(&mut inventory_here, &matched.source);
    let mut there = look_at(&mut inventory_there, &matched.target);
    let left_out = scope.set_aside(
        scope::Side { inventory: &inventory_here, keys: &matched.source, objects: &mut here },
        scope::Side { inventory: &inventory_there, keys: &matched.target, objects: &mut there },
        &entries,
    );
    for (side, unlisted) in [(source, &inventory_here.unlisted), (target, &inventory_there.unlisted)] {
        let is_told = |folder: &str| {
            let key = ObjectKey { kind: ObjectKind::Folders, key: folder.into() };
            here.contains_key(&key) || there.contains_key(&key) || scope.leaves_out_all_in(folder)
        };
        if let Some((_, answer)) = unlisted.iter().find(|(folder, _)| !is_told(folder)) {
            let what = ObjectKind::Folders.plural();
            return Err(PlanError::List { side, what, source: answer.clone() });
        }
    }
    places::count_anew(&mut here, &matched.source);
    places::count_anew(&mut there, &matched.target);
    let mut in_turn = if policy.is_source_in_force {
        rotation::in_turn(&entries, listing_began_at, &ctx.options)
    } else {
        rotation::all(&entries)
    };
    in_turn.extend(carried::due(&entries, &watermarks, listing_began_at, ctx.options.most_in_turn));
    let to_load = choose_to_load(&entries, source, &mut here, &mut there, &in_turn);
    let most = ctx.options.max_in_flight;
    future::try_join(
        load(&ctx.end(source).client, source, &mut here, to_load.here, &matched.source, most),
        load(&ctx.end(target).client, target, &mut there, to_load.there, &matched.target, most),
    )
    .await?;

    // What planning does not need would be in memory beside the plan.
    let (own, ambiguous) = (matched.target.own().clone(), std::mem::take(&mut matched.ambiguous));
    drop(matched);
    let planned = planner::plan(Inputs {
        source,
        policy,
        scope,
        entries: &entries,
        here: &here,
        there: &there,
        left_out: &left_out,
        ambiguous: &ambiguous,
        own: &own,
        is_source_half_blind: inventory_here.is_half_blind,
        is_own_untold: inventory_here.is_own_untold || inventory_there.is_own_untold,
        out_of_scope: &out_of_scope,
        unlisted: Unlisted { here: &inventory_here.unlisted, there: &inventory_there.unlisted },
        omitted_here: &inventory_here.omitted,
        omitted_there: &inventory_there.omitted,
    });
    note(ctx, source, &entries, &planned, &here).await?;
    let until_ms = |side: Side| {
        let inventory = if side == source { &inventory_here } else { &inventory_there };
        inventory.began_at_ms.unwrap_or(listing_began_at.as_ms() - UNTOLD_CLOCK_MARGIN_MS)
    };
    let pending = PendingWatermarks {
        plan_id,
        primary_ms: until_ms(Side::Primary),
        secondary_ms: until_ms(Side::Secondary),
    };
    carried::forget_what_was_read(&mut watermarks, &entries);
    note_watermarks(ctx, watermarks, pending, &planned).await?;

    let mentioned: BTreeSet<&ObjectKey> = planned.items.iter().map(|item| &item.object).collect();
    let unchanged = planned.agreed.keys().filter(|key| !mentioned.contains(key)).count();
    let unchanged = u32::try_from(unchanged).unwrap_or(u32::MAX);
    Ok(SyncPlan {
        id: plan_id,
        group_id: ctx.group_id,
        pair_id: ctx.pair_id,
        source,
        created_at: ctx.clock.now(),
        listing_began_at,
        counts: PlanCounts::of(&planned.items, unchanged),
        hash: hash(source, &planned.items),
        items: planned.items,
    })
}

async fn list_side(ctx: &PairContext, side: Side, watermarks: &Watermarks) -> Result<Inventory, PlanError> {
    let until = known_until(ctx, side, watermarks);
    let unlisted = Scope::of(&ctx.settings).unlisted();
    let listed = list_all(&ctx.end(side).client, ctx.options.max_in_flight, until, &unlisted).await;
    listed.map_err(|ListFailed { what, source }| PlanError::List { side, what, source })
}

async fn find_on_side(
    ctx: &PairContext,
    side: Side,
    watermarks: &Watermarks,
    inventory: &mut Inventory,
    named: &BTreeMap<ObjectKind, BTreeSet<String>>,
) -> Result<(), PlanError> {
    let until = known_until(ctx, side, watermarks);
    let look = Look::new(&ctx.end(side).client, ctx.options.max_in_flight, until);
    let found = inventory.find(&look, named).await;
    found.map_err(|ListFailed { what, source }| PlanError::List { side, what, source })
}

fn known_until(ctx: &PairContext, side: Side, watermarks: &Watermarks) -> KnownUntil {
    let verified_ms = watermarks.on(side).map(|until_ms| until_ms - ctx.options.clock_margin_ms);
    let mut carried_ms = [None; carried::MOST_ASKED_ABOUT];
    for (moment, (_, carried)) in carried_ms.iter_mut().zip(carried::last_ones(watermarks)) {
        // What has not changed since then has not changed since a later moment either.
        *moment =
            Some(carried.on(side)).filter(|at_ms| verified_ms.is_none_or(|verified_ms| verified_ms < *at_ms));
    }
    KnownUntil { verified_ms, carried_ms }
}

/// Writes into the ledger what the look alone has shown.
async fn note(
    ctx: &PairContext,
    source: Side,
    entries: &Entries,
    planned: &Planned,
    here: &Objects,
) -> Result<(), PlanError> {
    let is_loaded = |key: &ObjectKey| here.get(key).is_some_and(Seen::is_loaded);
    let noted = noted((ctx.pair_id, source), entries, planned, &is_loaded, ctx.clock.now());
    put(ctx, &noted).await?;
    let forgotten: Vec<_> = planned.forgotten.iter().cloned().collect();
    if !forgotten.is_empty() {
        ctx.ledger.remove(&ctx.lease, ctx.pair_id, &forgotten).await?;
    }
    Ok(())
}

async fn put(ctx: &PairContext, entries: &[LedgerEntry]) -> Result<(), PlanError> {
    for chunk in entries.chunks(CHUNK) {
        ctx.ledger.put(&ctx.lease, chunk).await?;
    }
    Ok(())
}

/// Up to the beginning of this listing, the content of every object is either equal on both sides or the
/// business of an item: once the items are done, nothing older has to be looked at again.
async fn note_watermarks(
    ctx: &PairContext,
    mut watermarks: Watermarks,
    pending: PendingWatermarks,
    planned: &Planned,
) -> Result<(), PlanError> {
    let plan_id = pending.plan_id;
    watermarks.pending = Some(pending);
    let is_open = |item: &PlanItem| kinds::of(item.object.kind).has_content() && !is_group(item);
    if !planned.items.iter().any(is_open) {
        watermarks.promote(plan_id);
    }
    ctx.ledger.set_watermarks(&ctx.lease, ctx.pair_id, &watermarks).await?;
    Ok(())
}

/// Of what decides; not of names, reasons and shown changes, not of what is merely observed, and not of ids and
/// times of the plan itself.
pub(crate) fn hash(source: Side, items: &[PlanItem]) -> String {
    let mut hash = canonical::Hash::default();
    hash.text("{\"items\":[");
    for (place, item) in items.iter().enumerate() {
        hash.text(if place == 0 { "" } else { "," });
        hash.value(&json!([
            item.object.to_string(),
            item.action,
            item.source_id,
            item.target_id,
            item.desired,
            item.activation.as_ref().filter(|_| !kinds::of(item.object.kind).is_activation_observed()),
            item.source_hash,
            item.target_hash,
        ]));
    }
    hash.text("],\"source\":");
    hash.value(&json!(source));
    hash.text("}");
    hash.finish()
}
