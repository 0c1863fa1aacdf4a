-- The right to work on one row, whatever table that row is in: a sync run, a run, a fence.
-- A row stays when its lease is given back, because its generation must never be given out again.

CREATE TABLE leases (
    -- Id of the row that is leased.
    holder BLOB PRIMARY KEY NOT NULL,
    -- The process that has the lease; NULL: nobody.
    owner BLOB,
    generation INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;
