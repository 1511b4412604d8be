-- Accounts are what their streams in the event log fold to.
CREATE TABLE auth_accounts (
    id      BLOB PRIMARY KEY,
    email   TEXT NOT NULL UNIQUE, -- normalised
    name    TEXT NOT NULL,
    created INTEGER NOT NULL,     -- Unix ms, as every time here
    seq     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Argon2id, PHC string format.
CREATE TABLE auth_credentials (
    account BLOB PRIMARY KEY,
    hash    TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- What identifies a person in the log is sealed under these. Deleting a row erases it.
CREATE TABLE auth_personal_keys (
    account BLOB PRIMARY KEY,
    key     BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- Tokens are here as SHA-256 only.
CREATE TABLE auth_sessions (
    family   BLOB PRIMARY KEY,
    id       BLOB NOT NULL UNIQUE,
    account  BLOB NOT NULL,
    current  BLOB NOT NULL,
    previous BLOB NOT NULL,
    salt     BLOB NOT NULL,
    started  INTEGER NOT NULL,
    rotated  INTEGER NOT NULL,
    expires  INTEGER NOT NULL,
    ended    INTEGER               -- NULL while it is good
) STRICT, WITHOUT ROWID;
CREATE INDEX auth_sessions_account ON auth_sessions (account, started);
CREATE INDEX auth_sessions_expires ON auth_sessions (expires);

CREATE TABLE auth_signing_keys (
    id          TEXT PRIMARY KEY,
    predecessor TEXT NOT NULL UNIQUE,
    seed        BLOB NOT NULL,
    created     INTEGER NOT NULL,
    active      INTEGER NOT NULL,
    retires     INTEGER NOT NULL,
    expires     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
