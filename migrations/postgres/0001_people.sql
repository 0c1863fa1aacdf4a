-- Who signs in, what they did, and their sessions.
--
-- The files of this folder and of ../sqlite have the same names and make the same tables; only the names of
-- the column types differ. Ids are UUIDs; times are microseconds since 1970; words of closed lists and JSON
-- values are TEXT. What is sorted or searched sorts by bytes on both engines (hence COLLATE "C").

CREATE TABLE persons (
    id UUID PRIMARY KEY NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    role TEXT NOT NULL,
    login TEXT NOT NULL,
    password_hash TEXT,
    CONSTRAINT persons_login_key UNIQUE (login)
);

CREATE TABLE sessions (
    id TEXT PRIMARY KEY NOT NULL,
    data TEXT NOT NULL,
    expires_at BIGINT NOT NULL
);

CREATE INDEX sessions_by_expiry ON sessions (expires_at);

CREATE TABLE audit_entries (
    id UUID PRIMARY KEY NOT NULL,
    began_at BIGINT NOT NULL,
    actor_name TEXT COLLATE "C" NOT NULL,
    actor_role TEXT NOT NULL,
    action TEXT NOT NULL,
    subject TEXT NOT NULL,
    subject_path TEXT,
    state TEXT NOT NULL,
    completed_at BIGINT,
    detail TEXT
);

CREATE INDEX audit_entries_by_time ON audit_entries (began_at, id);
