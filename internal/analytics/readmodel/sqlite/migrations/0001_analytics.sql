-- Who may see what, and what the columns mean: a row for each workspace.
CREATE TABLE analytics_workspaces (
  workspace BLOB    PRIMARY KEY,
  version   INTEGER NOT NULL, -- generation and seq, as readmodel.Version
  frame     TEXT    NOT NULL  -- JSON of readmodel.Frame
) STRICT, WITHOUT ROWID;

-- Where each task stands. Times are Unix milliseconds, NULL where there is none.
CREATE TABLE analytics_tasks (
  workspace BLOB    NOT NULL,
  task      BLOB    NOT NULL,
  version   INTEGER NOT NULL,
  project   BLOB    NOT NULL,
  col       BLOB    NOT NULL,
  assignees BLOB    NOT NULL, -- the ids one after another
  state     TEXT    NOT NULL,
  created   INTEGER NOT NULL,
  started   INTEGER,
  completed INTEGER,
  gone      INTEGER NOT NULL,
  counted   INTEGER NOT NULL, -- whether it is part of the flow
  PRIMARY KEY (workspace, task)
) STRICT, WITHOUT ROWID;

CREATE INDEX analytics_tasks_counted ON analytics_tasks (workspace, col, assignees) WHERE counted = 1;

-- People who want no usage to be recorded.
CREATE TABLE analytics_opted_out (
  user BLOB PRIMARY KEY
) STRICT, WITHOUT ROWID;
