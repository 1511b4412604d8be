-- A stream and its newest seq. n stands for it in the key of its events;
-- changed is the place of its last change among all streams' changes.
CREATE TABLE streams (
  n        INTEGER PRIMARY KEY,
  id       BLOB    NOT NULL UNIQUE,
  category TEXT    NOT NULL,
  head     INTEGER NOT NULL,
  changed  INTEGER NOT NULL
) STRICT;

CREATE INDEX streams_changed ON streams (category, changed);

-- place is the stream's n times 2^38 plus the seq: one integer key orders all
-- events by stream and seq, and every index holds it.
CREATE TABLE events (
  place   INTEGER PRIMARY KEY,
  id      BLOB    NOT NULL,
  entity  BLOB    NOT NULL,
  scope   BLOB,
  type    TEXT    NOT NULL,
  version INTEGER NOT NULL,
  actor   BLOB,
  at      INTEGER NOT NULL, -- Unix milliseconds
  cause   TEXT,
  data    BLOB    NOT NULL  -- JSON
) STRICT;

CREATE INDEX events_id ON events (id);
CREATE INDEX events_entity ON events (entity);
