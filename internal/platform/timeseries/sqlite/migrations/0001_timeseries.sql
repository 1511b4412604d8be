-- A series is a workspace, a metric and dimensions; n stands for it in the keys below.
CREATE TABLE timeseries_series (
  n          INTEGER PRIMARY KEY,
  workspace  BLOB    NOT NULL,
  metric     TEXT    NOT NULL,
  dimensions TEXT    NOT NULL, -- as Dimensions.Text writes them
  UNIQUE (workspace, metric, dimensions)
) STRICT;

-- The key is also what a point is known by, so that adding it twice adds it
-- once, and the order in which a series is read.
CREATE TABLE timeseries_points (
  series INTEGER NOT NULL,
  at     INTEGER NOT NULL, -- Unix milliseconds
  id     BLOB    NOT NULL,
  value  REAL    NOT NULL,
  PRIMARY KEY (series, at, id)
) STRICT, WITHOUT ROWID;

-- What the points of a series come to in each quarter of an hour.
CREATE TABLE timeseries_slots (
  series INTEGER NOT NULL,
  slot   INTEGER NOT NULL, -- its beginning in Unix milliseconds
  count  INTEGER NOT NULL,
  sum    REAL    NOT NULL,
  min    REAL    NOT NULL,
  max    REAL    NOT NULL,
  PRIMARY KEY (series, slot)
) STRICT, WITHOUT ROWID;

-- How far retention went, in Unix milliseconds; one row.
CREATE TABLE timeseries_kept (
  points INTEGER NOT NULL,
  slots  INTEGER NOT NULL
) STRICT;

INSERT INTO timeseries_kept (points, slots) VALUES (0, 0);
