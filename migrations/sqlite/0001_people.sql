-- Who signs in, what they did, and their sessions.
--
-- The files of this folder and of ../postgres have the same names and make the same tables; only the names of
-- the column types differ. Ids are UUIDs; times are microseconds since 1970; words of closed lists and JSON
-- values are TEXT. What is sorted or searched sorts by bytes on both engines (COLLATE "C" over there).

CREATE TABLE persons (
    id BLOB PRIMARY KEY NOT NULL,
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    login TEXT NOT NULL,
    password_hash TEXT,
    CONSTRAINT persons_login_key UNIQUE (login)
) STRICT;

CREATE TABLE sessions (
    id TEXT PRIMARY KEY NOT NULL,
    data TEXT NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;

CREATE INDEX sessions_by_expiry ON sessions (expires_at);

CREATE TABLE audit_entries (
    id BLOB PRIMARY KEY NOT NULL,
    began_at INTEGER NOT NULL,
    actor_name TEXT NOT NULL,
    actor_role TEXT NOT NULL,
    action TEXT NOT NULL,
    subject TEXT NOT NULL,
    subject_path TEXT,
    state TEXT NOT NULL,
    completed_at INTEGER,
    detail TEXT
) STRICT;

CREATE INDEX audit_entries_by_time ON audit_entries (began_at, id);
