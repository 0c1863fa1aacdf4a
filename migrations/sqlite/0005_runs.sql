-- Runbook runs with their journals, and the fences that outlive them.

CREATE TABLE runs (
    id BLOB PRIMARY KEY NOT NULL,
    -- The runbook engine knows a group by its id alone, hence no foreign key.
    group_id BLOB NOT NULL,
    kind TEXT NOT NULL,
    mode TEXT NOT NULL,
    -- Follows from the kind.
    is_exclusive INTEGER NOT NULL,
    state TEXT NOT NULL,
    -- Follows from the state.
    is_open INTEGER NOT NULL,
    is_drivable INTEGER NOT NULL,
    -- The number of the last journal entry.
    seq INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    changed_at INTEGER NOT NULL
) STRICT;

-- A group has at most one open run of an exclusive kind.
CREATE UNIQUE INDEX runs_group_id_key ON runs (group_id) WHERE is_exclusive AND is_open;
CREATE INDEX runs_by_group ON runs (group_id, created_at);
CREATE INDEX runs_to_drive ON runs (changed_at, id) WHERE is_drivable;

CREATE TABLE run_journal (
    run_id BLOB NOT NULL REFERENCES runs (id),
    seq INTEGER NOT NULL,
    at INTEGER NOT NULL,
    event TEXT NOT NULL,
    PRIMARY KEY (run_id, seq)
) STRICT;

CREATE TABLE fences (
    id BLOB PRIMARY KEY NOT NULL,
    group_id BLOB NOT NULL REFERENCES failover_groups (id),
    pair_id BLOB NOT NULL REFERENCES workspace_pairs (id),
    workspace_id BLOB NOT NULL REFERENCES workspaces (id),
    run_id BLOB NOT NULL REFERENCES runs (id),
    opened_at INTEGER NOT NULL,
    closed_at INTEGER,
    attempts INTEGER NOT NULL,
    last_attempt_at INTEGER,
    last_error TEXT,
    report TEXT,
    CONSTRAINT fences_run_id_pair_id_key UNIQUE (run_id, pair_id)
) STRICT;

CREATE INDEX fences_by_group ON fences (group_id, opened_at);
