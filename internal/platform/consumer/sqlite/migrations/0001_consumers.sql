-- One row for each consumer. generation counts its replays; resetting is 1
-- while one has begun and the effects of the one before are not dropped;
-- cursor is a place in the order of the log's changes before which all is handled.
CREATE TABLE consumers (
  name       TEXT    PRIMARY KEY,
  generation INTEGER NOT NULL,
  resetting  INTEGER NOT NULL,
  cursor     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- How far a stream is handled. A row of an earlier generation counts as none.
CREATE TABLE consumer_checkpoints (
  consumer   TEXT    NOT NULL,
  stream     BLOB    NOT NULL,
  generation INTEGER NOT NULL,
  seq        INTEGER NOT NULL,
  PRIMARY KEY (consumer, stream)
) STRICT, WITHOUT ROWID;

-- Events that could not be handled.
CREATE TABLE consumer_aside (
  consumer TEXT    NOT NULL,
  stream   BLOB    NOT NULL,
  seq      INTEGER NOT NULL,
  event    BLOB    NOT NULL,
  type     TEXT    NOT NULL,
  reason   TEXT    NOT NULL,
  tries    INTEGER NOT NULL,
  at       INTEGER NOT NULL, -- Unix milliseconds
  PRIMARY KEY (consumer, stream, seq)
) STRICT, WITHOUT ROWID;
