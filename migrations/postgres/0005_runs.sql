-- Runbook runs with their journals, and the fences that outlive them.

CREATE TABLE runs (
    id UUID PRIMARY KEY NOT NULL,
    -- The runbook engine knows a group by its id alone, hence no foreign key.
    group_id UUID NOT NULL,
    kind TEXT NOT NULL,
    mode TEXT NOT NULL,
    -- Follows from the kind.
    is_exclusive BOOLEAN NOT NULL,
    state TEXT NOT NULL,
    -- Follows from the state.
    is_open BOOLEAN NOT NULL,
    is_drivable BOOLEAN NOT NULL,
    -- The number of the last journal entry.
    seq BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL
);

-- A group has at most one open run of an exclusive kind.
CREATE UNIQUE INDEX runs_group_id_key ON runs (group_id) WHERE is_exclusive AND is_open;
CREATE INDEX runs_by_group ON runs (group_id, created_at);
CREATE INDEX runs_to_drive ON runs (changed_at, id) WHERE is_drivable;

CREATE TABLE run_journal (
    run_id UUID NOT NULL REFERENCES runs (id),
    seq BIGINT NOT NULL,
    at BIGINT NOT NULL,
    event TEXT NOT NULL,
    PRIMARY KEY (run_id, seq)
);

CREATE TABLE fences (
    id UUID PRIMARY KEY NOT NULL,
    group_id UUID NOT NULL REFERENCES failover_groups (id),
    pair_id UUID NOT NULL REFERENCES workspace_pairs (id),
    workspace_id UUID NOT NULL REFERENCES workspaces (id),
    run_id UUID NOT NULL REFERENCES runs (id),
    opened_at BIGINT NOT NULL,
    closed_at BIGINT,
    attempts BIGINT NOT NULL,
    last_attempt_at BIGINT,
    last_error TEXT,
    report TEXT,
    CONSTRAINT fences_run_id_pair_id_key UNIQUE (run_id, pair_id)
);

CREATE INDEX fences_by_group ON fences (group_id, opened_at);
