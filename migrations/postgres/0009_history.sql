-- The ledger as a list that is searched, what happened to each object, and syncs about some objects alone.

CREATE INDEX ledger_entries_by_name ON ledger_entries (pair_id, kind, name, object_key);
CREATE INDEX sync_outcomes_by_object ON sync_outcomes (kind, object_key, recorded_at);

-- How many objects the run is about; NULL: all.
ALTER TABLE sync_runs ADD COLUMN only_objects BIGINT;

CREATE TABLE sync_run_objects (
    sync_run_id UUID NOT NULL REFERENCES sync_runs (id),
    kind TEXT NOT NULL,
    object_key TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (sync_run_id, kind, object_key)
);
