//! The object ledger: for each object of a pair its ids on both sides, what both sides last agreed on, what
//! is held back, and what last happened to it.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{PairId, Timestamp, group::Side, kind::ObjectKey, sync_run::OutcomeState};

#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LedgerEntry {
    pub pair_id: PairId,
    pub object: ObjectKey,
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub name: Arc<str>,
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub primary_id: Option<Arc<str>>,
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub secondary_id: Option<Arc<str>>,
    /// Hash of the canonical form that both sides last had in common.
    pub base_hash: Option<String>,
    /// Hash of the canonical form of the side that was written, where that side adds settings of its own to what it is
    /// given: it stands for the same as `base_hash`.
    #[serde(default)]
    pub filled_in_hash: Option<String>,
    /// What the object does where it is active, as last seen there: a job's concurrency and pause state, a
    /// pool's min-idle, whether a cluster was running. Put in force by a failover.
    pub activation: Option<Value>,
    /// The object was put to rest on that side by a fence or a sync, and was not given back there since: while
    /// it is passive there, that says nothing about what it is to do. Committed before it is put to rest,
    /// taken back after it was released; an object that is not passive awaits nothing, whatever is noted here.
    #[serde(default)]
    pub awaits_release_on_primary: bool,
    #[serde(default)]
    pub awaits_release_on_secondary: bool,
    /// Set, and committed, before a create goes out, and cleared by its answer: an object with this mark may
    /// exist on `side` although its id is not known here.
    pub intent: Option<CreateIntent>,
    pub last_outcome: Option<OutcomeState>,
    pub last_error: Option<String>,
    /// When both sides were last known to be equal.
    pub agreed_at: Option<Timestamp>,
}

impl LedgerEntry {
    /// Both sides have this form in common.
    pub fn agree_on(&mut self, base_hash: Option<String>) {
        if self.base_hash != base_hash {
            self.filled_in_hash = None;
        }
        self.base_hash = base_hash;
    }

    /// The hash by which a form is compared: that of the form in common, where a side has only added to it.
    pub fn compared<'a>(&'a self, hash: &'a str) -> &'a str {
        let is_filled_in = self.filled_in_hash.as_deref() == Some(hash);
        self.base_hash.as_deref().filter(|_| is_filled_in).unwrap_or(hash)
    }

    pub fn id_on(&self, side: Side) -> Option<&str> {
        match side {
            Side::Primary => self.primary_id.as_deref(),
            Side::Secondary => self.secondary_id.as_deref(),
        }
    }

    pub fn set_id_on(&mut self, side: Side, id: Option<Arc<str>>) {
        match side {
            Side::Primary => self.primary_id = id,
            Side::Secondary => self.secondary_id = id,
        }
    }

    pub const fn awaits_release_on(&self, side: Side) -> bool {
        match side {
            Side::Primary => self.awaits_release_on_primary,
            Side::Secondary => self.awaits_release_on_secondary,
        }
    }

    pub const fn set_awaits_release_on(&mut self, side: Side, awaits: bool) {
        match side {
            Side::Primary => self.awaits_release_on_primary = awaits,
            Side::Secondary => self.awaits_release_on_secondary = awaits,
        }
    }
}

#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CreateIntent {
    pub side: Side,
    pub mark: String,
    pub at: Timestamp,
}
