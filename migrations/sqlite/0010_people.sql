-- How the users, groups and service principals of the two sides of a pair differ.

CREATE TABLE people_comparisons (
    pair_id BLOB PRIMARY KEY NOT NULL REFERENCES workspace_pairs (id),
    -- Somebody asked for a comparison; NULL: nobody since the last attempt.
    requested_at INTEGER,
    -- The last attempt, whatever came of it.
    tried_at INTEGER,
    -- Of the last that succeeded; an attempt that fails leaves it alone.
    found TEXT,
    -- Of the last attempt; NULL: it succeeded.
    failure TEXT
) STRICT;

-- Of the last comparison that succeeded.
CREATE TABLE people_differences (
    pair_id BLOB NOT NULL REFERENCES people_comparisons (pair_id),
    item_index INTEGER NOT NULL,
    -- What differences are filtered by, beside the whole one: name, field and values in small letters.
    kind TEXT NOT NULL,
    searched TEXT NOT NULL,
    difference TEXT NOT NULL,
    PRIMARY KEY (pair_id, item_index)
) STRICT;
