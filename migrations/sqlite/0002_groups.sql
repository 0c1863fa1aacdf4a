-- What is failed over, and the wizard that sets it up.

CREATE TABLE departments (
    id BLOB PRIMARY KEY NOT NULL,
    name TEXT NOT NULL,
    rpo_ms INTEGER,
    rto_ms INTEGER,
    version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    CONSTRAINT departments_name_key UNIQUE (name)
) STRICT;

CREATE TABLE workspaces (
    id BLOB PRIMARY KEY NOT NULL,
    name TEXT NOT NULL,
    host TEXT NOT NULL,
    org_id TEXT NOT NULL,
    cloud TEXT NOT NULL,
    region TEXT NOT NULL,
    -- Encrypted, and bound to this row.
    credential BLOB NOT NULL,
    version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    CONSTRAINT workspaces_org_id_key UNIQUE (org_id)
) STRICT;

CREATE TABLE workspace_health (
    workspace_id BLOB PRIMARY KEY NOT NULL REFERENCES workspaces (id),
    state TEXT NOT NULL,
    checked_at INTEGER NOT NULL,
    since INTEGER NOT NULL,
    error TEXT
) STRICT;

CREATE TABLE failover_groups (
    id BLOB PRIMARY KEY NOT NULL,
    name TEXT NOT NULL,
    strategy TEXT NOT NULL,
    department_id BLOB REFERENCES departments (id),
    primary_region TEXT NOT NULL,
    active_region TEXT NOT NULL,
    sync_interval_ms INTEGER,
    smoke_job TEXT,
    suspension TEXT,
    version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    CONSTRAINT failover_groups_name_key UNIQUE (name)
) STRICT;

CREATE TABLE workspace_pairs (
    id BLOB PRIMARY KEY NOT NULL,
    group_id BLOB NOT NULL REFERENCES failover_groups (id),
    primary_id BLOB NOT NULL REFERENCES workspaces (id),
    secondary_id BLOB NOT NULL REFERENCES workspaces (id),
    replication_point INTEGER,
    created_at INTEGER NOT NULL,
    CONSTRAINT workspace_pairs_sides_key UNIQUE (primary_id, secondary_id)
) STRICT;

CREATE INDEX workspace_pairs_by_group ON workspace_pairs (group_id);

CREATE TABLE readiness (
    group_id BLOB PRIMARY KEY NOT NULL REFERENCES failover_groups (id),
    checks TEXT NOT NULL,
    evaluated_at INTEGER NOT NULL
) STRICT;

CREATE TABLE pairings (
    id BLOB PRIMARY KEY NOT NULL,
    primary_side TEXT,
    secondary_side TEXT,
    group_name TEXT,
    sync_interval_ms INTEGER,
    smoke_job TEXT,
    version INTEGER NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE pairing_credentials (
    pairing_id BLOB NOT NULL REFERENCES pairings (id) ON DELETE CASCADE,
    side TEXT NOT NULL,
    -- Encrypted, and bound to this row.
    credential BLOB NOT NULL,
    PRIMARY KEY (pairing_id, side)
) STRICT;
