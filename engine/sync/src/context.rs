//! What a sync, a fence or a release works with.

use std::sync::Arc;

use farshore_databricks::WorkspaceClient;
use farshore_model::{
    Clock, GroupId, IdSource, PairId, group::Side, region_map::RegionMap,
    replication_settings::ReplicationSettings,
};

use crate::ledger::{LedgerStore, SyncLease};

/// One pair, both of its workspaces, and the right to write about it.
#[derive(Clone)]
pub struct PairContext {
    pub pair_id: PairId,
    pub group_id: GroupId,
    pub primary: WorkspaceEnd,
    pub secondary: WorkspaceEnd,
    pub ledger: Arc<dyn LedgerStore>,
    pub lease: SyncLease,
    pub clock: Arc<dyn Clock>,
    pub ids: Arc<dyn IdSource>,
    pub options: SyncOptions,
    /// What a person has decided about the group.
    pub settings: Arc<ReplicationSettings>,
}

impl PairContext {
    pub const fn end(&self, side: Side) -> &WorkspaceEnd {
        match side {
            Side::Primary => &self.primary,
            Side::Secondary => &self.secondary,
        }
    }

    /// The same pair, seen from one side alone.
    pub fn side(&self, side: Side) -> SideContext {
        SideContext {
            pair_id: self.pair_id,
            other_pairs: Vec::new(),
            side,
            end: self.end(side).clone(),
            ledger: Arc::clone(&self.ledger),
            lease: self.lease,
            clock: Arc::clone(&self.clock),
            ids: Arc::clone(&self.ids),
            region_map: self.settings.region_map.clone(),
        }
    }
}

/// One side of a pair without the other one: a failover must not need the region that is lost.
#[derive(Clone)]
pub struct SideContext {
    pub pair_id: PairId,
    /// Other pairs that have the same workspace on the same side, because it is replicated to several regions.
    /// What is put to rest or released in it is noted for them as well: their syncs read it, too.
    pub other_pairs: Vec<PairId>,
    pub side: Side,
    pub end: WorkspaceEnd,
    pub ledger: Arc<dyn LedgerStore>,
    pub lease: SyncLease,
    pub clock: Arc<dyn Clock>,
    pub ids: Arc<dyn IdSource>,
    /// What the two regions call differently: what is held is in the words of the secondary side.
    pub region_map: RegionMap,
}

impl SideContext {
    /// Every pair that this side belongs to.
    pub(crate) fn pairs(&self) -> impl Iterator<Item = PairId> + Send + '_ {
        std::iter::once(self.pair_id).chain(self.other_pairs.iter().copied())
    }
}

#[derive(Clone, Debug)]
pub struct WorkspaceEnd {
    pub client: WorkspaceClient,
    /// The workspace's own id, of which the keys of objects first seen there are made.
    pub org_id: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SyncOptions {
    /// Objects of one kind that are listed, read or written at the same time on one workspace.
    pub max_in_flight: usize,
    /// What changed so shortly before the last look is read again: a change may take a while to show in a
    /// listing, and a workspace tells its time to the second.
    pub clock_margin_ms: i64,
    /// How long an access control list may stay unverified: no listing tells when one has changed.
    pub rotation_ms: i64,
    /// How many of them one sync loads in turn at most, unless more are overdue.
    pub most_in_turn: usize,
}

impl Default for SyncOptions {
    fn default() -> Self {
        Self { max_in_flight: 16, clock_margin_ms: 30_000, rotation_ms: 6 * 3_600_000, most_in_turn: 2_000 }
    }
}
