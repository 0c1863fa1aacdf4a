-- What of a group is replicated and how, and which workspaces need no counterpart.

-- No row: nobody has decided anything, and everything is as it is by default.
CREATE TABLE group_settings (
    group_id BLOB PRIMARY KEY NOT NULL REFERENCES failover_groups (id),
    settings TEXT NOT NULL,
    version INTEGER NOT NULL
) STRICT;

CREATE TABLE standalone_workspaces (
    id BLOB PRIMARY KEY NOT NULL,
    name TEXT NOT NULL,
    -- Its address or its workspace id.
    address TEXT NOT NULL,
    reason TEXT NOT NULL,
    said_by TEXT NOT NULL,
    said_at INTEGER NOT NULL,
    version INTEGER NOT NULL,
    CONSTRAINT standalone_workspaces_address_key UNIQUE (address)
) STRICT;
