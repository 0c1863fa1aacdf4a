-- What pages show of a row without reading more than the row.

-- What to do about the error.
ALTER TABLE workspace_health ADD COLUMN remedy TEXT;

-- How often a suspended sync was due.
ALTER TABLE sync_runs ADD COLUMN occurrences BIGINT NOT NULL DEFAULT 1;

-- What a list shows of the run, replaced with every entry of its journal. NULL: none was written since.
ALTER TABLE runs ADD COLUMN outline TEXT;
