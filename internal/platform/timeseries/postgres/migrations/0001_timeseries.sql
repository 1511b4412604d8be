-- A series is a workspace, a metric and dimensions; n stands for it in the keys below.
CREATE TABLE timeseries_series (
  n          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  workspace  uuid             NOT NULL,
  metric     text COLLATE "C" NOT NULL,
  dimensions text COLLATE "C" NOT NULL, -- as Dimensions.Text writes them
  UNIQUE (workspace, metric, dimensions)
);

-- What the points of a series come to in each quarter of an hour. Rows are
-- updated while their slot lasts: room is left in each page for that.
CREATE TABLE timeseries_slots (
  series bigint           NOT NULL,
  slot   timestamptz      NOT NULL,
  count  bigint           NOT NULL,
  sum    double precision NOT NULL,
  min    double precision NOT NULL,
  max    double precision NOT NULL,
  PRIMARY KEY (series, slot)
) WITH (fillfactor = 80);

-- Slots come roughly in the order of time, so retention finds old ones by ranges of pages.
CREATE INDEX timeseries_slots_time ON timeseries_slots USING brin (slot) WITH (pages_per_range = 32, autosummarize = on);

-- How far retention went; one row.
CREATE TABLE timeseries_kept (
  one    boolean     PRIMARY KEY DEFAULT true CHECK (one),
  points timestamptz NOT NULL DEFAULT 'epoch',
  slots  timestamptz NOT NULL DEFAULT 'epoch'
);

INSERT INTO timeseries_kept DEFAULT VALUES;
