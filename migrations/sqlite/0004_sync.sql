-- Plans, their application, and what is known of each object.

CREATE TABLE sync_plans (
    id BLOB PRIMARY KEY NOT NULL,
    group_id BLOB NOT NULL REFERENCES failover_groups (id),
    pair_id BLOB NOT NULL REFERENCES workspace_pairs (id),
    source TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    listing_began_at INTEGER NOT NULL,
    counts TEXT NOT NULL,
    kinds TEXT NOT NULL,
    hash TEXT NOT NULL
) STRICT;

CREATE TABLE sync_plan_items (
    plan_id BLOB NOT NULL REFERENCES sync_plans (id),
    item_index INTEGER NOT NULL,
    -- What items are filtered by, beside the whole item.
    kind TEXT NOT NULL,
    action TEXT NOT NULL,
    name TEXT NOT NULL,
    item TEXT NOT NULL,
    PRIMARY KEY (plan_id, item_index)
) STRICT;

CREATE TABLE sync_runs (
    id BLOB PRIMARY KEY NOT NULL,
    group_id BLOB NOT NULL REFERENCES failover_groups (id),
    pair_id BLOB NOT NULL REFERENCES workspace_pairs (id),
    source TEXT NOT NULL,
    started_by TEXT NOT NULL,
    requested_by TEXT,
    state TEXT NOT NULL,
    is_applied_at_once INTEGER NOT NULL,
    plan_id BLOB REFERENCES sync_plans (id),
    choices TEXT NOT NULL,
    is_held_recorded INTEGER NOT NULL,
    total INTEGER NOT NULL,
    done INTEGER NOT NULL,
    failed INTEGER NOT NULL,
    message TEXT,
    created_at INTEGER NOT NULL,
    apply_began_at INTEGER,
    ended_at INTEGER
) STRICT;

-- A pair has at most one run that is not final.
CREATE UNIQUE INDEX sync_runs_pair_id_key ON sync_runs (pair_id)
    WHERE state IN ('planning', 'planned', 'applying');
CREATE INDEX sync_runs_by_group ON sync_runs (group_id, created_at);
CREATE INDEX sync_runs_by_pair ON sync_runs (pair_id, created_at);

CREATE TABLE sync_outcomes (
    sync_run_id BLOB NOT NULL REFERENCES sync_runs (id),
    item_index INTEGER NOT NULL,
    kind TEXT NOT NULL,
    object_key TEXT NOT NULL,
    name TEXT NOT NULL,
    action TEXT NOT NULL,
    state TEXT NOT NULL,
    error TEXT,
    remedy TEXT,
    recorded_at INTEGER NOT NULL,
    PRIMARY KEY (sync_run_id, item_index)
) STRICT;

CREATE INDEX sync_outcomes_by_state ON sync_outcomes (sync_run_id, state);

-- The sync engine knows a pair by its id alone, hence no foreign key.
CREATE TABLE ledger_entries (
    pair_id BLOB NOT NULL,
    kind TEXT NOT NULL,
    object_key TEXT NOT NULL,
    name TEXT NOT NULL,
    primary_id TEXT,
    secondary_id TEXT,
    base_hash TEXT,
    activation TEXT,
    intent TEXT,
    last_outcome TEXT,
    last_error TEXT,
    agreed_at INTEGER,
    PRIMARY KEY (pair_id, kind, object_key)
) STRICT;

CREATE TABLE ledger_watermarks (
    pair_id BLOB PRIMARY KEY NOT NULL,
    watermarks TEXT NOT NULL
) STRICT;
