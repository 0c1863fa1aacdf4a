-- What is failed over, and the wizard that sets it up.

CREATE TABLE departments (
    id UUID PRIMARY KEY NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    rpo_ms BIGINT,
    rto_ms BIGINT,
    version BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    CONSTRAINT departments_name_key UNIQUE (name)
);

CREATE TABLE workspaces (
    id UUID PRIMARY KEY NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    host TEXT NOT NULL,
    org_id TEXT NOT NULL,
    cloud TEXT NOT NULL,
    region TEXT NOT NULL,
    -- Encrypted, and bound to this row.
    credential BYTEA NOT NULL,
    version BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    CONSTRAINT workspaces_org_id_key UNIQUE (org_id)
);

CREATE TABLE workspace_health (
    workspace_id UUID PRIMARY KEY NOT NULL REFERENCES workspaces (id),
    state TEXT NOT NULL,
    checked_at BIGINT NOT NULL,
    since BIGINT NOT NULL,
    error TEXT COLLATE "C"
);

CREATE TABLE failover_groups (
    id UUID PRIMARY KEY NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    strategy TEXT NOT NULL,
    department_id UUID REFERENCES departments (id),
    primary_region TEXT NOT NULL,
    active_region TEXT NOT NULL,
    sync_interval_ms BIGINT,
    smoke_job TEXT,
    suspension TEXT,
    version BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    CONSTRAINT failover_groups_name_key UNIQUE (name)
);

CREATE TABLE workspace_pairs (
    id UUID PRIMARY KEY NOT NULL,
    group_id UUID NOT NULL REFERENCES failover_groups (id),
    primary_id UUID NOT NULL REFERENCES workspaces (id),
    secondary_id UUID NOT NULL REFERENCES workspaces (id),
    replication_point BIGINT,
    created_at BIGINT NOT NULL,
    CONSTRAINT workspace_pairs_sides_key UNIQUE (primary_id, secondary_id)
);

CREATE INDEX workspace_pairs_by_group ON workspace_pairs (group_id);

CREATE TABLE readiness (
    group_id UUID PRIMARY KEY NOT NULL REFERENCES failover_groups (id),
    checks TEXT NOT NULL,
    evaluated_at BIGINT NOT NULL
);

CREATE TABLE pairings (
    id UUID PRIMARY KEY NOT NULL,
    primary_side TEXT,
    secondary_side TEXT,
    group_name TEXT,
    sync_interval_ms BIGINT,
    smoke_job TEXT,
    version BIGINT NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE TABLE pairing_credentials (
    pairing_id UUID NOT NULL REFERENCES pairings (id) ON DELETE CASCADE,
    side TEXT NOT NULL,
    -- Encrypted, and bound to this row.
    credential BYTEA NOT NULL,
    PRIMARY KEY (pairing_id, side)
);
